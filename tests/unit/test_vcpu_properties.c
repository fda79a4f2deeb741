/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random VMs on random hosts: no wake-up and no interrupt is ever lost, every ns is in one state,
 * and the counters agree with each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/guest_world.h"
#include "tests/unit/random_program.h"
#include "sim/scenario/policy_registry.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

enum { MAX_VMS = 4, MAX_VCPUS = 6, WORLDS = 100, PASSES = 4 };

/* All programs have ended by then, ns; those that are starved never end. */
#define END	      (20000 * MS)
#define END_IF_CREDIT (1000 * MS)

/* A VM with its guest and what the guest runs. */
struct any_vm {
	struct kvm_vm vm;
	struct guest guest;
	struct workload workload;
	struct workload_thread_class classes[MAX_VCPUS];
	struct op ops[MAX_VCPUS][RANDOM_PROGRAM_OPS];
	struct workload_lock lock;
	struct workload_barrier barrier;
	char *names[1];

	/* When the statistics began: what had been started and was not finished. */
	uint64_t in_service, nominated, pausing;
};

struct any_world {
	uint64_t seed;
	struct sim_stream dice;
	struct sim_engine engine;
	struct host host;
	struct host_config host_config;
	struct kvm_config kvm_config;
	struct guest_config guest_config;
	const struct oversub_candidate_policy *candidate;
	const struct oversub_sched_policy *sched;
	max_align_t candidate_params[64], sched_params[64];
	struct any_vm vms[MAX_VMS];
	int nr_vms;
	int64_t start; /* ns; of the statistics */
};

static int64_t below(struct any_world *w, int limit)
{
	return (int64_t)sim_stream_below(&w->dice, (uint64_t)limit);
}

/* ---- Set-up --------------------------------------------------------------------------------- */

static void choose_host(struct any_world *w)
{
	struct host_config *config = &w->host_config;

	oversub_param_defaults(host_params, config);
	oversub_param_defaults(host_costs_params, &config->costs);
	config->cpus = below(w, 5) + 1;
	config->hz = below(w, 4);
	config->preempt = below(w, 3);
	config->hrtick = below(w, 2);
	config->cgroup_layout = below(w, 3);
	config->llc_cpus = below(w, 3);
	config->skew_tick = below(w, 2);
	config->group_weights = below(w, 2);
	if (below(w, 4) == 0)
		memset(&config->costs, 0, sizeof(config->costs));
	config->costs.cstate_exit_ns = 30000 * below(w, 2);
	config->costs.cstate_after_ns = 50000 * below(w, 2);
}

static void choose_kvm(struct any_world *w)
{
	struct kvm_config *config = &w->kvm_config;

	oversub_param_defaults(kvm_params, config);
	oversub_param_defaults(kvm_costs_params, &config->costs);
	oversub_param_defaults(ple_params, &config->ple);
	oversub_param_defaults(halt_poll_params, &config->halt_poll);
	config->apicv = below(w, 4);
	config->x2apic = below(w, 4);
	config->lapic_timer = below(w, 3);
	config->timer_advance = 1000 * below(w, 2);
	config->device_delivery = below(w, 2);
	config->device_trigger = below(w, 2);
	config->pv_eoi = below(w, 2);
	config->pv_unhalt = below(w, 2);
	config->steal_time = below(w, 2);
	config->pv_tlb_flush = below(w, 2);
	config->pv_send_ipi = below(w, 2);
	config->pv_sched_yield = below(w, 2);
	config->report_yielded = below(w, 2);
	config->cpu_pm = below(w, 4) == 0;
	if (config->cpu_pm)
		config->pv_unhalt = 0;
	config->ple.type = below(w, 2);
	if (kvm_config_check(config, NULL, NULL))
		config->ple.type = PLE_AUTO;
	config->ple.pause_filter_count = 30 << below(w, 7);
	config->halt_poll.halt_poll_ns *= below(w, 2);
	config->halt_poll.halt_poll_always = below(w, 2);
	if (below(w, 4) == 0)
		memset(&config->costs, 0, sizeof(config->costs));
}

static const void *any_policy(struct any_world *w, enum oversub_policy_kind kind)
{
	int nr = 0;

	while (policy_registry_at(&policy_registry_builtin, kind, nr))
		nr++;
	return policy_registry_at(&policy_registry_builtin, kind, below(w, nr));
}

static void choose_policies(struct any_world *w)
{
	w->candidate = any_policy(w, OVERSUB_CANDIDATE);
	if (w->candidate->head.params)
		oversub_param_defaults(w->candidate->head.params, w->candidate_params);
	w->sched = any_policy(w, OVERSUB_SCHED);
	if (w->sched->head.params)
		oversub_param_defaults(w->sched->head.params, w->sched_params);
}

static void make_workload(struct any_world *w, struct any_vm *any, int nr_vcpus)
{
	static const enum lock_kind kinds[] = {LOCK_TAS, LOCK_QUEUED, LOCK_PV};

	any->names[0] = (char *)"unit";
	any->lock = (struct workload_lock){"l", kinds[below(w, w->kvm_config.pv_unhalt ? 3 : 2)]};
	any->barrier = (struct workload_barrier){"b", nr_vcpus};
	any->workload = (struct workload){
		.name = (char *)"any",
		.locks = &any->lock,
		.nr_locks = 1,
		.events = any->names,
		.nr_events = 1,
		.barriers = &any->barrier,
		.nr_barriers = 1,
		.classes = any->classes,
		.nr_classes = nr_vcpus,
	};
	for (int i = 0; i < nr_vcpus; i++)
		any->classes[i] = (struct workload_thread_class){
			.name = (char *)"t",
			.count = 1,
			.ops = any->ops[i],
			.nr_ops = random_program(&w->dice, nr_vcpus, PASSES, any->ops[i]),
		};
}

static void add_vm(struct any_world *w)
{
	struct any_vm *any = &w->vms[w->nr_vms];
	int nr_vcpus = (int)below(w, MAX_VCPUS - 1) + 2;
	struct kvm_vm_params params = {
		.name = "vm",
		.index = w->nr_vms,
		.nr_vcpus = nr_vcpus,
		.cpu_weight = 50 + below(w, 200),
		.policy = w->candidate,
		.policy_params = w->candidate_params,
		.guest_ops = &guest_vcpu_ops,
	};
	struct oversub_error error;

	w->nr_vms++;
	make_workload(w, any, nr_vcpus);
	if (kvm_vm_init(&any->vm, &w->host, &w->kvm_config, &params, &error) ||
	    guest_init(&any->guest, &any->vm, &any->workload, &w->guest_config, w->seed, 0, &error))
		fail_msg("%s", error.message);
}

static struct any_world *open_world(uint64_t seed)
{
	struct any_world *w = test_calloc(1, sizeof(*w));
	struct oversub_error error;
	int nr_vms;

	w->seed = seed;
	sim_stream_init(&w->dice, seed, 0, "test", "vcpu");
	choose_host(w);
	choose_kvm(w);
	choose_policies(w);
	oversub_param_defaults(guest_params, &w->guest_config);
	w->guest_config.pv_wait_sees_preempted = below(w, 2);
	sim_engine_init(&w->engine, 0);
	if (host_init(&w->host, &w->engine, &w->host_config, w->sched, w->sched_params, seed, 0,
		      &error))
		fail_msg("%s", error.message);
	nr_vms = (int)below(w, MAX_VMS) + 1;
	while (w->nr_vms < nr_vms)
		add_vm(w);
	for (int i = 0; i < w->nr_vms; i++) {
		guest_start(&w->vms[i].guest);
		kvm_vm_start(&w->vms[i].vm);
	}
	return w;
}

static void close_world(struct any_world *w)
{
	for (int i = 0; i < w->nr_vms; i++) {
		guest_fini(&w->vms[i].guest);
		kvm_vm_fini(&w->vms[i].vm);
	}
	host_fini(&w->host);
	sim_engine_fini(&w->engine);
	test_free(w);
}

/* ---- Claims --------------------------------------------------------------------------------- */

static uint64_t in_service(const struct kvm_vm *vm)
{
	uint64_t sum = 0;

	for (int i = 0; i < vm->nr_vcpus; i++)
		for (int word = 0; word < 4; word++)
			sum += (uint64_t)__builtin_popcountll(vm->vcpus[i].lapic.isr.word[word]);
	return sum;
}

static uint64_t nominated(const struct any_world *w, const struct kvm_vm *vm)
{
	uint64_t sum = 0;

	for (int i = 0; i < w->host.nr_cpus; i++)
		sum += w->host.cpus[i].nominee && w->host.cpus[i].nominee_stats == &vm->stats.yield;
	return sum;
}

/* Pause-loop exits that have not come to on_spin yet. */
static uint64_t pausing(const struct kvm_vm *vm)
{
	uint64_t sum = 0;

	for (int i = 0; i < vm->nr_vcpus; i++)
		sum += vm->vcpus[i].phase == VCPU_EXITING && vm->vcpus[i].exit_reason == EXIT_PAUSE;
	return sum;
}

/* The warm-up is over. */
static void begin_statistics(struct any_world *w)
{
	w->start = sim_now(&w->engine);
	host_reset_stats(&w->host);
	for (int i = 0; i < w->nr_vms; i++) {
		kvm_vm_reset_stats(&w->vms[i].vm);
		guest_reset_stats(&w->vms[i].guest);
		w->vms[i].in_service = in_service(&w->vms[i].vm);
		w->vms[i].nominated = nominated(w, &w->vms[i].vm);
		w->vms[i].pausing = pausing(&w->vms[i].vm);
	}
}

static void check_times(struct any_world *w)
{
	int64_t passed = sim_now(&w->engine) - w->start;

	for (int i = 0; i < w->nr_vms; i++) {
		struct kvm_vm *vm = &w->vms[i].vm;

		kvm_vm_account(vm);
		for (int v = 0; v < vm->nr_vcpus; v++) {
			int64_t sum = 0;

			for (int t = 0; t < VCPU_TIMES; t++) {
				assert_true(vm->vcpus[v].stats.time_in[t] >= 0);
				sum += vm->vcpus[v].stats.time_in[t];
			}
			assert_int_equal(sum, passed);
		}
	}
	host_account(&w->host);
	for (int i = 0; i < w->host.nr_cpus; i++) {
		int64_t sum = 0;

		for (int s = 0; s < PCPU_STATES; s++)
			sum += w->host.cpus[i].stats.time_in[s];
		assert_int_equal(sum, passed);
	}
}

/* Every exit has one kind of wait and one end of its chain, and every taken yield one verdict. */
static void check_hints(const struct hint_stats *hint)
{
	struct hint_counts sum = {0};
	uint64_t ends = 0, verdicts = 0;

	for (int i = 0; i < VCPU_WAITS; i++) {
		const struct hint_counts *wait = &hint->by_wait[i];

		assert_true(wait->right <= wait->taken && wait->taken <= wait->exits);
		assert_true(wait->right <= wait->had_right && wait->had_right <= wait->exits);
		sum.exits += wait->exits;
		sum.had_right += wait->had_right;
		sum.taken += wait->taken;
		sum.right += wait->right;
	}
	for (int i = 0; i < CHAIN_ENDS; i++)
		ends += hint->ends[i];
	for (int i = 0; i < HINT_VERDICTS; i++)
		verdicts += hint->verdicts[i];
	assert_memory_equal(&sum, &hint->all, sizeof(sum));
	assert_int_equal(ends, hint->all.exits);
	assert_int_equal(verdicts, hint->all.taken);
	assert_int_equal(hint->verdicts[HINT_RIGHT], hint->all.right);
	assert_int_equal(hint->ends[CHAIN_FIRST] + hint->ends[CHAIN_SECOND] +
				 hint->ends[CHAIN_DEEPER],
			 hint->all.had_right);
	assert_int_equal(hint->by_wait[VCPU_WAIT_OTHER].had_right, 0);
	assert_true(hint->hops >= hint->all.had_right);
	assert_true(hint->irqs_off <= hint->all.had_right - hint->ends[CHAIN_FIRST]);
}

static void check_counters(const struct any_world *w, const struct any_vm *any)
{
	const struct kvm_stats *stats = &any->vm.stats;
	const struct yield_stats *yield = &stats->yield;
	const struct hint_stats *hint = &stats->hint;
	uint64_t reasons = 0;

	assert_int_equal(yield->tried, yield->taken + yield->refused + yield->esrch);
	assert_int_equal(yield->taken, yield->same_rq + yield->cross_rq);
	assert_int_equal(yield->taken + any->nominated,
			 yield->honoured + yield->futile + nominated(w, &any->vm));
	assert_true(yield->for_nothing <= yield->futile);
	assert_int_equal(hint->all.exits + pausing(&any->vm),
			 stats->exits[EXIT_PAUSE] + any->pausing);
	assert_int_equal(hint->all.taken, yield->taken);
	for (int i = 0; i < OVERSUB_REASONS; i++)
		reasons += stats->taken_by_reason[i];
	assert_int_equal(reasons, yield->taken);
	check_hints(hint);
	assert_true(hint->verdicts[HINT_STALE] + hint->verdicts[HINT_POLLUTED] <=
		    stats->taken_by_reason[OVERSUB_REASON_IPI_RECEIVER]);
	assert_int_equal(stats->interrupts_injected + any->in_service,
			 stats->eois + in_service(&any->vm));
	if (!w->candidate->wants_ple_exits)
		assert_int_equal(stats->exits[EXIT_PAUSE], 0);
	if (w->kvm_config.apicv != KVM_APICV_OFF) {
		assert_int_equal(stats->exits[EXIT_EOI_WRITE], 0);
		assert_int_equal(stats->exits[EXIT_INTERRUPT_WINDOW], 0);
	}
}

/* What the flags of a vCPU may say together, whatever it does (models/kvm/README.md, Flags). */
static void check_flags(const struct vcpu *vcpu)
{
	const struct oversub_vcpu *dy = &vcpu->dy;
	const struct host_task *task = &vcpu->task;

	assert_true(!dy->preempted || dy->ready);
	assert_true(!dy->preempted || !dy->blocking);
	assert_true(!dy->preempted || task->state == TASK_RUNNING);
	assert_true(!dy->blocking || vcpu->phase == VCPU_OFF_CPU);
	assert_true(!(dy->ready && dy->blocking) || task->state == TASK_RUNNING);
	assert_true(!dy->in_spin_loop || vcpu->boosted || dy->leave != DIRECTED_YIELD_STAY);
	assert_true(!dy->dy_eligible || dy->in_spin_loop);
	assert_true(!dy->pid_on || dy->pir_not_empty);
	if (vcpu->phase != VCPU_OFF_CPU)
		assert_false(dy->ready || dy->preempted || dy->blocking || dy->scheduled_out ||
			     dy->in_spin_loop);
	/* In the guest all that was accepted is visible, or its notification is on its way. */
	if (vcpu_executing(vcpu) && dy->pid_on)
		assert_true(sim_event_pending(&vcpu->notification));
}

static bool credits_lag(const struct any_world *w)
{
	return strcmp(w->sched->head.name, "lag_credit") == 0;
}

/*
 * Spinners that credit each other's lag can keep a CPU for ever: who is starved by that policy has
 * lost nothing but his turn.
 */
static bool starved(const struct any_world *w)
{
	bool waits = false;

	for (int i = 0; i < w->nr_vms; i++)
		for (int v = 0; v < w->vms[i].vm.nr_vcpus; v++)
			waits |= w->vms[i].vm.vcpus[v].dy.ready;
	return waits && credits_lag(w);
}

static void check_end(struct any_world *w, struct any_vm *any)
{
	int count;
	int64_t oldest;

	assert_int_equal(any->guest.status, OVERSUB_OK);
	for (int i = 0; i < any->vm.nr_vcpus; i++) {
		char text[200];
		int next;

		if (any->guest.threads[i].program.state == PROGRAM_ENDED)
			continue;
		guest_describe_wait(&any->guest, i, text, sizeof(text), &next);
		fail_msg("seed %llu: %s", (unsigned long long)w->seed, text);
	}
	guest_unfinished_waits(&any->guest, sim_now(&w->engine), &count, &oldest);
	assert_int_equal(count, 0);
	for (int i = 0; i < any->vm.nr_vcpus; i++) {
		struct vcpu *vcpu = &any->vm.vcpus[i];

		if (w->kvm_config.cpu_pm)
			assert_int_equal(vcpu->action.kind, GUEST_HLT);
		else
			assert_int_equal(vcpu->task.state, TASK_SLEEPING);
		assert_int_equal(lapic_deliverable(&vcpu->lapic), -1);
		assert_false(vcpu->dy.pir_not_empty);
	}
}

/* ---- Runs ----------------------------------------------------------------------------------- */

static void run_world(uint64_t seed)
{
	struct any_world *w = open_world(seed);
	int64_t warm = below(w, 3000) * US;
	int64_t end = credits_lag(w) ? END_IF_CREDIT : END;
	int64_t time;

	/* Look at every so many events, and at the end of a random warm-up. */
	for (int64_t step = 0; (time = sim_next_time(&w->engine)) < end; step++) {
		if (warm >= 0 && time > warm) {
			sim_run(&w->engine, warm);
			begin_statistics(w);
			warm = -1;
		}
		assert_int_not_equal(sim_run(&w->engine, time), SIM_ZERO_TIME_LOOP);
		for (int i = 0; i < w->nr_vms; i++)
			check_flags(&w->vms[i].vm.vcpus[step % w->vms[i].vm.nr_vcpus]);
	}
	check_times(w);
	for (int i = 0; i < w->nr_vms; i++) {
		if (!starved(w))
			check_end(w, &w->vms[i]);
		check_counters(w, &w->vms[i]);
	}
	close_world(w);
}

static void nothing_is_lost_in_any_world(void **state)
{
	for (uint64_t seed = 1; seed <= WORLDS; seed++) {
		print_message("seed %llu\r", (unsigned long long)seed);
		run_world(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_in_any_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
