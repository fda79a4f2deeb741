/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a candidate policy hears, sees and may do: the callbacks of real vCPUs, what stays silent
 * for a policy that has not asked for it, leaving the CPU without a target, and what guests
 * publish.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vcpu_world.h"

/* The pause loop of 4096 ticks at 2.5 GHz. */
#define WINDOW_NS 1638

/* ---- A policy that writes down what it hears ------------------------------------------------ */

struct spy_params {
	int64_t sleep_ns; /* > 0: on_spin sleeps */
	int64_t yields;	  /* bool: on_spin yields to nobody in particular */
	int64_t waives;	  /* bool: in on_exit */
};

static const struct oversub_param spy_params[] = {
	OVERSUB_DURATION(struct spy_params, sleep_ns, 0, 0, 1000000000, ""),
	OVERSUB_BOOL(struct spy_params, yields, 0, ""),
	OVERSUB_BOOL(struct spy_params, waives, 0, ""),
	OVERSUB_PARAM_END,
};

struct spied {
	int resets, spins, ipis, eois;
	int kicks_to[4], masks;	   /* hypercalls */
	int incomplete, late_eois; /* of those */
	bool saw_posted;	   /* a pending-interrupt hint */
	int sched_in, sched_out, preempted, wakes, entries, exits, pause_exits, halts;
	bool saw_flags; /* at an on_spin, of any vCPU */
	bool saw_truth, saw_hint;
	int yielded_outside; /* results of a yield tried from an observer */
	struct oversub_guest_hint hint;
};

static struct spied *spied(const struct oversub_vcpu *vcpu)
{
	return oversub_vcpu_private(vcpu);
}

static struct oversub_vcpu *spy_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct oversub_vm *vm = oversub_vcpu_vm(me);
	const struct spy_params *params = oversub_vm_params(vm);
	struct spied *mine = spied(me);

	mine->spins++;
	for (int i = 0; i < oversub_vm_nr_vcpus(vm); i++) {
		struct oversub_vcpu *vcpu = oversub_vm_vcpu(vm, i);

		mine->saw_flags |= oversub_vcpu_ready(vcpu) || oversub_vcpu_preempted(vcpu) ||
				   oversub_vcpu_preempted_in_kernel(vcpu) ||
				   oversub_vcpu_blocking(vcpu) || oversub_vcpu_dy_runnable(vcpu) ||
				   oversub_vcpu_eligible_for_directed_yield(vcpu) ||
				   oversub_vcpu_cpu(vcpu) >= 0;
		mine->saw_posted |= oversub_vcpu_pending_interrupt_hint(vcpu);
		mine->saw_truth |= oversub_oracle_waits_for(vcpu) || oversub_oracle_could_run(vcpu);
	}
	mine->saw_hint |= oversub_vcpu_guest_hint(me, &mine->hint);
	if (params->sleep_ns)
		oversub_sleep(me, params->sleep_ns);
	if (params->yields)
		oversub_yield(me);
	return NULL;
}

static void spy_reset(struct oversub_vcpu *vcpu)
{
	spied(vcpu)->resets++;
}

static void spy_ipi(const struct oversub_ipi *ipi)
{
	spied(ipi->source)->ipis++;
	spied(ipi->source)->incomplete += ipi->how == OVERSUB_IPI_INCOMPLETE;
}

static void spy_eoi(struct oversub_vcpu *vcpu, int vector, bool pv)
{
	spied(vcpu)->eois++;
	spied(vcpu)->late_eois += pv;
}

static void spy_sched_in(struct oversub_vcpu *vcpu)
{
	assert_false(oversub_vcpu_ready(vcpu));
	spied(vcpu)->sched_in++;
}

static void spy_sched_out(struct oversub_vcpu *vcpu, bool preempted)
{
	assert_int_equal(oversub_vcpu_preempted(vcpu), preempted);
	spied(vcpu)->sched_out++;
	spied(vcpu)->preempted += preempted;
}

static void spy_wake(struct oversub_vcpu *vcpu)
{
	assert_true(oversub_vcpu_ready(vcpu));
	spied(vcpu)->wakes++;
}

static void spy_guest_entry(struct oversub_vcpu *vcpu)
{
	spied(vcpu)->entries++;
}

static void spy_exit(struct oversub_vcpu *vcpu, bool pause)
{
	const struct spy_params *params = oversub_vm_params(oversub_vcpu_vm(vcpu));

	spied(vcpu)->exits++;
	spied(vcpu)->pause_exits += pause;
	spied(vcpu)->yielded_outside +=
		oversub_yield_to(vcpu, oversub_vm_vcpu(oversub_vcpu_vm(vcpu), 1));
	if (params->waives)
		oversub_oracle_waive_cost(vcpu);
}

static void spy_halt(struct oversub_vcpu *vcpu)
{
	spied(vcpu)->halts++;
}

static void spy_hypercall(struct oversub_vcpu *vcpu, enum oversub_hypercall call,
			  struct oversub_vcpu *target)
{
	if (call == OVERSUB_HYPERCALL_KICK_CPU)
		spied(vcpu)->kicks_to[oversub_vcpu_index(target)]++;
	if (call == OVERSUB_HYPERCALL_SEND_IPI)
		spied(vcpu)->masks += !target;
}

static struct oversub_candidate_policy spy(uint32_t needs)
{
	return (struct oversub_candidate_policy){
		OVERSUB_CANDIDATE_POLICY,
		.head.name = "spy",
		.head.help = "Hears all.",
		.head.needs = needs,
		.head.params = spy_params,
		.head.params_size = sizeof(struct spy_params),
		.vcpu_private_size = sizeof(struct spied),
		.wants_ple_exits = true,
		.on_spin = spy_on_spin,
		.vcpu_reset = spy_reset,
		.on_ipi = spy_ipi,
		.on_eoi = spy_eoi,
		.on_sched_in = spy_sched_in,
		.on_sched_out = spy_sched_out,
		.on_wake = spy_wake,
		.on_guest_entry = spy_guest_entry,
		.on_exit = spy_exit,
		.on_halt = spy_halt,
		.on_hypercall = spy_hypercall,
	};
}

#define EVERYTHING                                                                                 \
	(OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_IPI_ALL |                    \
	 OVERSUB_NEEDS_EOI | OVERSUB_NEEDS_GUEST_HINT | OVERSUB_NEEDS_ORACLE)

static struct spied *heard(struct vcpu_world *w, int vcpu)
{
	return spied(&vcpu_of_world(w, vcpu)->dy);
}

static struct spy_params *params_of(struct vcpu_world *w)
{
	return (struct spy_params *)w->policy_params;
}

/* vCPU 0 sends an IPI to 1, which is halted, and spins for a while; 1 and 2 share a CPU. */
static struct vcpu_world *open_chatter(const struct oversub_candidate_policy *policy)
{
	struct vcpu_world *w = vcpu_world_open(3, 2);

	w->candidate_policy = policy;
	w->on_cpu[1] = w->on_cpu[2] = 1;
	w->scripts[0].waits_for = 1;
	SCRIPT(w, 0, WORK(50 * US), SEND_IPI(1, 0xfb), SPIN);
	SCRIPT(w, 1, HALT, KERNEL_WORK(20 * MS));
	SCRIPT(w, 2, WORK(20 * MS));
	w->scripts[1].handler_ns = 30 * US;
	return w;
}

/* ---- News ----------------------------------------------------------------------------------- */

static void a_policy_hears_what_vcpus_do(void **state)
{
	const struct oversub_candidate_policy policy = spy(EVERYTHING);
	struct vcpu_world *w = open_chatter(&policy);

	vcpu_world_start(w);
	vcpu_world_run(w, 60 * MS);
	assert_int_equal(heard(w, 0)->resets, 1);
	assert_int_equal(heard(w, 0)->ipis, 1);
	assert_int_equal(heard(w, 1)->eois, 1);
	assert_int_equal(heard(w, 1)->wakes, 1);
	/* It halts at first and at the end, and in between is run from the beginning. */
	assert_int_equal(heard(w, 1)->halts, 2);
	assert_int_equal(heard(w, 1)->sched_out - heard(w, 1)->preempted, 2);
	assert_int_equal(heard(w, 1)->sched_in, heard(w, 1)->sched_out);
	assert_true(heard(w, 1)->preempted > 0);
	assert_int_equal(heard(w, 0)->pause_exits, w->vm.stats.exits[EXIT_PAUSE]);
	assert_int_equal(heard(w, 0)->spins, w->vm.stats.exits[EXIT_PAUSE]);
	assert_true(heard(w, 0)->pause_exits > 0);
	/* Every exit is followed by an entry, but the last HLT. */
	assert_int_equal(heard(w, 0)->entries, heard(w, 0)->exits);
	vcpu_world_close(w);
}

static void a_policy_hears_of_hypercalls_and_of_each_ipi_that_one_sends(void **state)
{
	for (int needs = 0; needs < 2; needs++) {
		const struct oversub_candidate_policy policy = spy(needs ? EVERYTHING : 0);
		struct vcpu_world *w = vcpu_world_open(4, 4);

		w->candidate_policy = &policy;
		SCRIPT(w, 0, WORK(50 * US),
		       ACTION(.kind = GUEST_HYPERCALL, .hypercall = HYPERCALL_KICK_CPU,
			      .icr.dest = 2),
		       ACTION(.kind = GUEST_HYPERCALL, .hypercall = HYPERCALL_SEND_IPI,
			      .icr.vector = 0xfb, .mask = {0xe}));
		vcpu_world_start(w);
		vcpu_world_run(w, 10 * MS);
		assert_int_equal(heard(w, 0)->kicks_to[2], needs);
		assert_int_equal(heard(w, 0)->masks, needs);
		assert_int_equal(heard(w, 0)->ipis, 3 * needs);
		vcpu_world_close(w);
	}
}

/* Where each was when vCPU 0 last asked. */
struct places {
	int cpu[3];
};

static struct oversub_vcpu *note_places(struct oversub_vcpu *me, bool want_kernel)
{
	struct oversub_vm *vm = oversub_vcpu_vm(me);
	struct places *places = oversub_vm_private(vm);

	for (int i = 0; i < 3; i++)
		places->cpu[i] = oversub_vcpu_cpu(oversub_vm_vcpu(vm, i));
	return NULL;
}

static void a_policy_sees_on_which_cpu_a_vcpu_runs_or_ran_last(void **state)
{
	const struct oversub_candidate_policy policy = {
		OVERSUB_CANDIDATE_POLICY,
		.head.name = "places",
		.head.help = "Looks.",
		.head.needs = OVERSUB_NEEDS_FLAGS,
		.vm_private_size = sizeof(struct places),
		.wants_ple_exits = true,
		.on_spin = note_places,
	};
	struct vcpu_world *w = open_chatter(&policy);
	const struct places *places;

	vcpu_world_start(w);
	assert_int_equal(oversub_vcpu_cpu(&vcpu_of_world(w, 1)->dy), -1);
	vcpu_world_run(w, 10 * MS);
	/* 1 and 2 share a CPU, and only one of them runs on it. */
	places = oversub_vm_private(&w->vm.dy);
	assert_int_equal(places->cpu[0], 0);
	assert_int_equal(places->cpu[1], 1);
	assert_int_equal(places->cpu[2], 1);
	vcpu_world_close(w);
}

static void a_policy_that_needs_nothing_hears_and_sees_nothing(void **state)
{
	const struct oversub_candidate_policy policy = spy(0);
	struct vcpu_world *w = open_chatter(&policy);

	w->kvm_config.guest_hint = true;
	vcpu_world_start(w);
	vcpu_world_run(w, 30 * MS);
	for (int i = 0; i < 3; i++) {
		struct spied only = {.resets = heard(w, i)->resets, .spins = heard(w, i)->spins};

		assert_memory_equal(heard(w, i), &only, sizeof(only));
	}
	assert_true(heard(w, 0)->spins > 0);
	vcpu_world_close(w);
}

static void each_need_opens_one_door(void **state)
{
	static const uint32_t needs[] = {OVERSUB_NEEDS_FLAGS, OVERSUB_NEEDS_IPI_SOFT,
					 OVERSUB_NEEDS_IPI_ALL, OVERSUB_NEEDS_EOI,
					 OVERSUB_NEEDS_ORACLE};

	for (int i = 0; i < 5; i++) {
		const struct oversub_candidate_policy policy = spy(needs[i]);
		struct vcpu_world *w = open_chatter(&policy);

		vcpu_world_start(w);
		vcpu_world_run(w, 30 * MS);
		assert_int_equal(heard(w, 0)->saw_flags, needs[i] == OVERSUB_NEEDS_FLAGS);
		assert_int_equal(heard(w, 0)->exits > 0, needs[i] == OVERSUB_NEEDS_FLAGS);
		assert_int_equal(heard(w, 0)->ipis, needs[i] == OVERSUB_NEEDS_IPI_SOFT ||
							    needs[i] == OVERSUB_NEEDS_IPI_ALL);
		assert_int_equal(heard(w, 1)->eois, needs[i] == OVERSUB_NEEDS_EOI);
		assert_int_equal(heard(w, 0)->saw_truth, needs[i] == OVERSUB_NEEDS_ORACLE);
		vcpu_world_close(w);
	}
}

/*
 * vCPU 0 sends one IPI to vCPU 1, which waits for a CPU that 2 has, and one to vCPU 3, which runs;
 * then it spins. What KVM hears of that: models/kvm/README.md, Interrupts.
 */
static void no_policy_sees_more_than_the_hardware_shows(void **state)
{
	static const struct {
		enum kvm_apicv apicv;
		bool pv_eoi;
		uint32_t needs;
		int ipis, incomplete, eois, late_eois;
		bool posted;
	} cases[] = {
		{KVM_APICV_OFF, false, EVERYTHING, 2, 0, 2, 0, false},
		{KVM_APICV_OFF, true, EVERYTHING, 2, 0, 2, 2, false},
		{KVM_APICV_ON, false, EVERYTHING, 2, 0, 0, 0, true},
		{KVM_APICV_IPIV, false, EVERYTHING, 0, 0, 0, 0, true},
		/* AVIC: hardware sends, but what finds its target without a CPU is completed. */
		{KVM_APICV_AVIC, false, EVERYTHING, 1, 1, 0, 0, false},
		{KVM_APICV_AVIC, false, EVERYTHING & ~OVERSUB_NEEDS_IPI_ALL, 0, 0, 0, 0, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct oversub_candidate_policy policy = spy(cases[i].needs);
		struct vcpu_world *w = vcpu_world_open(4, 3);

		w->candidate_policy = &policy;
		w->kvm_config.apicv = cases[i].apicv;
		w->kvm_config.pv_eoi = cases[i].pv_eoi;
		w->on_cpu[1] = w->on_cpu[2] = 1;
		w->on_cpu[3] = 2;
		SCRIPT(w, 0, WORK(50 * US), SEND_IPI(1, 0xfb), SEND_IPI(3, 0xfb), SPIN);
		SCRIPT(w, 1, WORK(20 * MS));
		SCRIPT(w, 2, WORK(20 * MS));
		SCRIPT(w, 3, WORK(20 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, START_NS);
		w->scripts[0].actions[1] = SEND_IPI(w->vm.vcpus[1].task.on_cpu ? 2 : 1, 0xfb);
		vcpu_world_run(w, 60 * MS);

		assert_int_equal(heard(w, 0)->ipis, cases[i].ipis);
		assert_int_equal(heard(w, 0)->incomplete, cases[i].incomplete);
		assert_int_equal(heard(w, 1)->eois + heard(w, 2)->eois + heard(w, 3)->eois,
				 cases[i].eois);
		assert_int_equal(heard(w, 1)->late_eois + heard(w, 2)->late_eois +
					 heard(w, 3)->late_eois,
				 cases[i].late_eois);
		assert_int_equal(heard(w, 0)->saw_posted, cases[i].posted);
		vcpu_world_close(w);
	}
}

static void only_on_spin_can_yield(void **state)
{
	const struct oversub_candidate_policy policy = spy(EVERYTHING);
	struct vcpu_world *w = open_chatter(&policy);

	vcpu_world_start(w);
	vcpu_world_run(w, 30 * MS);
	assert_true(heard(w, 0)->exits > 0);
	assert_int_equal(heard(w, 0)->yielded_outside, 0);
	assert_int_equal(w->vm.stats.yield.tried, 0);
	vcpu_world_close(w);
}

/* All that it should not do. */
static struct oversub_vcpu *rogue_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	assert_int_equal(oversub_yield_to(me, me), 0);
	assert_int_equal(oversub_yield_to(me, NULL), 0);
	assert_int_equal(oversub_oracle_run(me, oversub_vm_vcpu(oversub_vcpu_vm(me), 1),
					    OVERSUB_ORACLE_PULL),
			 0);
	oversub_account_scan(me, -1000000);
	oversub_explain(me, (enum oversub_reason)1000000);
	oversub_sleep(me, -5);
	return oversub_vm_vcpu(oversub_vcpu_vm(me), 1);
}

static void what_a_policy_claims_does_not_count_but_what_it_did(void **state)
{
	struct oversub_candidate_policy policy = spy(OVERSUB_NEEDS_FLAGS);
	struct vcpu_world *w = open_chatter(&policy);

	policy.on_spin = rogue_on_spin;
	vcpu_world_start(w);
	vcpu_world_run(w, 30 * MS);
	assert_true(w->vm.stats.exits[EXIT_PAUSE] > 0);
	assert_int_equal(w->vm.stats.yield.tried, 0);
	assert_int_equal(w->vm.dy.last_boosted, 0);
	vcpu_world_close(w);
}

/* ---- Leaving without a target --------------------------------------------------------------- */

/* A spinner and a vCPU with work on one CPU. */
static struct vcpu_world *open_pair(const struct oversub_candidate_policy *policy)
{
	struct vcpu_world *w = vcpu_world_open(2, 1);

	w->candidate_policy = policy;
	SCRIPT(w, 0, SPIN);
	SCRIPT(w, 1, KERNEL_WORK(100 * MS));
	return w;
}

/* Parameters are filled with defaults by the start. */
static void start_with(struct vcpu_world *w, struct spy_params params)
{
	vcpu_world_start(w);
	*params_of(w) = params;
}

static void an_undirected_yield_leaves_the_cpu_to_others(void **state)
{
	const struct oversub_candidate_policy policy = spy(0);
	int64_t work[2];

	for (int yields = 0; yields < 2; yields++) {
		struct vcpu_world *w = open_pair(&policy);

		start_with(w, (struct spy_params){.yields = yields});
		vcpu_world_run(w, 60 * MS);
		work[yields] = vcpu_time_in(w, 1, VCPU_WORK);
		assert_int_equal(w->vm.stats.yield.tried, 0);
		assert_int_equal(w->vm.dy.last_boosted, 0);
		vcpu_world_close(w);
	}
	/* Fair all the same: what is forfeited is the rest of a request, again and again. */
	assert_in_range(work[0], 28 * MS, 32 * MS);
	assert_true(work[1] > work[0] + MS);
}

static void a_sleep_frees_the_cpu_for_as_long_as_asked(void **state)
{
	const struct oversub_candidate_policy policy = spy(OVERSUB_NEEDS_FLAGS);
	struct vcpu_world *w = vcpu_world_open(2, 2);

	w->candidate_policy = &policy;
	SCRIPT(w, 0, SPIN);
	SCRIPT(w, 1, WORK(100 * MS));
	start_with(w, (struct spy_params){.sleep_ns = 100 * US});
	vcpu_world_run_until(w, vcpu_is_asleep, 0, 1 * MS);
	assert_int_equal(now_of_world(w), START_NS + WINDOW_NS + 250);
	assert_int_equal(w->host.cpus[0].curr != NULL, 0);
	assert_false(vcpu_of_world(w, 0)->dy.ready);
	assert_false(vcpu_of_world(w, 0)->dy.blocking);
	vcpu_world_run_until(w, vcpu_is_spinning, 0, 1 * MS);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_HALT), 100 * US);
	assert_int_equal(heard(w, 0)->halts, 0);
	assert_int_equal(heard(w, 0)->wakes, 0);
	assert_int_equal(heard(w, 0)->preempted, 0);
	assert_int_equal(heard(w, 0)->sched_out, 1);
	vcpu_world_close(w);
}

static void no_interrupt_ends_a_sleep_early(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		const struct oversub_candidate_policy policy = spy(OVERSUB_NEEDS_FLAGS);
		struct vcpu_world *w = vcpu_world_open(2, 2);

		w->candidate_policy = &policy;
		w->kvm_config.apicv = apicv;
		SCRIPT(w, 0, TIMER_AT(40 * US), SPIN);
		SCRIPT(w, 1, WORK(20 * US), SEND_IPI(0, 0xfb), WORK(100 * MS));
		start_with(w, (struct spy_params){.sleep_ns = 200 * US});
		vcpu_world_run_until(w, vcpu_took_interrupt, 0, 1 * MS);
		assert_int_equal(vcpu_time_in(w, 0, VCPU_HALT), 200 * US);
		vcpu_world_close(w);
	}
}

/* ---- Costs ---------------------------------------------------------------------------------- */

static void an_oracle_can_have_its_exits_for_nothing(void **state)
{
	const struct oversub_candidate_policy policy =
		spy(OVERSUB_NEEDS_ORACLE | OVERSUB_NEEDS_FLAGS);
	struct vcpu_world *w = vcpu_world_open(2, 2);

	w->candidate_policy = &policy;
	SCRIPT(w, 0, SPIN);
	SCRIPT(w, 1, WORK(100 * MS));
	start_with(w, (struct spy_params){.waives = true});
	vcpu_world_run(w, 1 * MS);
	assert_true(heard(w, 0)->pause_exits > 2);
	/* The way to the first entry. */
	assert_int_equal(vcpu_time_in(w, 0, VCPU_EXIT), 250);
	vcpu_world_close(w);
}

static void others_cannot(void **state)
{
	const struct oversub_candidate_policy policy = spy(OVERSUB_NEEDS_FLAGS);
	struct vcpu_world *w = vcpu_world_open(2, 2);

	w->candidate_policy = &policy;
	SCRIPT(w, 0, SPIN);
	SCRIPT(w, 1, WORK(100 * MS));
	start_with(w, (struct spy_params){.waives = true});
	vcpu_world_run_until(w, vcpu_is_spinning, 0, 1 * MS);
	vcpu_world_run(w, now_of_world(w) + WINDOW_NS + 500);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_EXIT), 250 + 500);
	vcpu_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_hears_what_vcpus_do),
		cmocka_unit_test(a_policy_hears_of_hypercalls_and_of_each_ipi_that_one_sends),
		cmocka_unit_test(a_policy_that_needs_nothing_hears_and_sees_nothing),
		cmocka_unit_test(a_policy_sees_on_which_cpu_a_vcpu_runs_or_ran_last),
		cmocka_unit_test(each_need_opens_one_door),
		cmocka_unit_test(no_policy_sees_more_than_the_hardware_shows),
		cmocka_unit_test(only_on_spin_can_yield),
		cmocka_unit_test(what_a_policy_claims_does_not_count_but_what_it_did),
		cmocka_unit_test(an_undirected_yield_leaves_the_cpu_to_others),
		cmocka_unit_test(a_sleep_frees_the_cpu_for_as_long_as_asked),
		cmocka_unit_test(no_interrupt_ends_a_sleep_early),
		cmocka_unit_test(an_oracle_can_have_its_exits_for_nothing),
		cmocka_unit_test(others_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
