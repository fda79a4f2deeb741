/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/host/host_check.h"
#include "models/kvm/kvm_check.h"
#include "tests/unit/vcpu_world.h"
#include "sim/scenario/policy_registry.h"
#include "models/policies/builtin.h"

/* ---- The guest ------------------------------------------------------------------------------ */

static struct vcpu_script *script_of(const struct vcpu *vcpu)
{
	struct vcpu_world *world = container_of(vcpu->vm, struct vcpu_world, vm);

	return &world->scripts[vcpu->index];
}

/* The handler of vcpu has run: those who wait for it go on. */
static void release_waiters(struct vcpu *vcpu)
{
	struct vcpu_world *world = container_of(vcpu->vm, struct vcpu_world, vm);

	for (int i = 0; i < world->nr_vcpus; i++) {
		struct vcpu_script *script = &world->scripts[i];
		struct vcpu *waiter = &vcpu->vm->vcpus[i];

		if (script->waits_for != vcpu->index)
			continue;
		if (!script->handler_step && waiter->action.kind == GUEST_SPIN) {
			script->waits_for = -1;
			vcpu_end_spin(waiter, 0);
		}
	}
}

/* True: action is the handler's. */
static bool handler_next(struct vcpu *vcpu, struct guest_action *action)
{
	struct vcpu_script *script = script_of(vcpu);

	switch (script->handler_step) {
	case 1:
		if (script->nr_taken <= SCRIPT_TAKEN)
			script->taken[script->nr_taken - 1].begun = sim_now(vcpu->vm->host->engine);
		*action = ACTION(.kind = GUEST_EOI, .kernel = true);
		script->handler_step = 2;
		return true;
	case 2:
		*action = IRQS_OFF(script->handler_ns);
		script->handler_step = 3;
		return true;
	case 3:
		script->handler_step = 0;
		release_waiters(vcpu);
		*action = script->saved;
		/* A halt that was interrupted before it began is over, as after sti; hlt. */
		if (action->kind == GUEST_HLT)
			*action = KERNEL_WORK(0);
		return true;
	default: return false;
	}
}

/* True: action is the NMI handler's, or what it interrupted. */
static bool nmi_next(struct vcpu *vcpu, struct guest_action *action)
{
	struct vcpu_script *script = script_of(vcpu);

	switch (script->nmi_step) {
	case 1:
		if (script->nr_nmis <= SCRIPT_TAKEN)
			script->nmis[script->nr_nmis - 1].begun = sim_now(vcpu->vm->host->engine);
		*action = IRQS_OFF(script->handler_ns);
		script->nmi_step = 2;
		return true;
	case 2:
		script->nmi_step = 0;
		vcpu_nmi_done(vcpu);
		*action = script->nmi_saved;
		if (action->kind == GUEST_HLT)
			*action = KERNEL_WORK(0);
		return true;
	default: return false;
	}
}

static void next(struct vcpu *vcpu, struct guest_action *action)
{
	struct vcpu_script *script = script_of(vcpu);

	if (nmi_next(vcpu, action))
		return;
	if (handler_next(vcpu, action))
		return;
	if (script->at == script->nr) {
		*action = HALT;
		return;
	}
	script->began[script->at] = sim_now(vcpu->vm->host->engine);
	*action = script->actions[script->at++];
}

static void interrupt(struct vcpu *vcpu, uint8_t vector)
{
	struct vcpu_script *script = script_of(vcpu);

	assert_int_equal(script->handler_step, 0);
	assert_true(vcpu->action.interrupts);
	if (script->nr_taken < SCRIPT_TAKEN)
		script->taken[script->nr_taken] = (struct script_taken){
			.vector = vector, .injected = sim_now(vcpu->vm->host->engine)};
	script->nr_taken++;
	script->saved = vcpu->action;
	script->handler_step = 1;
}

static void nmi(struct vcpu *vcpu)
{
	struct vcpu_script *script = script_of(vcpu);

	assert_int_equal(script->nmi_step, 0);
	if (script->nr_nmis < SCRIPT_TAKEN)
		script->nmis[script->nr_nmis].injected = sim_now(vcpu->vm->host->engine);
	script->nr_nmis++;
	script->nmi_saved = vcpu->action;
	script->nmi_step = 1;
}

static void spin_begins(struct vcpu *vcpu)
{
}

static struct vcpu *waits_for(const struct vcpu *vcpu)
{
	const struct vcpu_script *script = script_of(vcpu);

	if (script->handler_step || script->waits_for < 0 || vcpu->action.kind != GUEST_SPIN)
		return NULL;
	return &vcpu->vm->vcpus[script->waits_for];
}

static enum vcpu_wait wait_kind(const struct vcpu *vcpu)
{
	return waits_for(vcpu) ? script_of(vcpu)->wait : VCPU_WAIT_OTHER;
}

static bool needs(const struct vcpu *vcpu, const struct vcpu *other)
{
	const struct vcpu *next = waits_for(vcpu);

	for (int hops = 1; next && next != other && hops < vcpu->vm->nr_vcpus; hops++) {
		enum vcpu_wait wait = wait_kind(vcpu);

		if (next->action.interrupts && (wait == VCPU_WAIT_CSD || wait == VCPU_WAIT_TLB))
			return false;
		vcpu = next;
		next = waits_for(vcpu);
	}
	return next == other;
}

static const struct vcpu_guest_ops scripted_ops = {
	.next = next,
	.interrupt = interrupt,
	.nmi = nmi,
	.spin_begins = spin_begins,
	.waits_for = waits_for,
	.wait_kind = wait_kind,
	.needs = needs,
};

/* ---- Life ----------------------------------------------------------------------------------- */

struct vcpu_world *vcpu_world_open(int nr_vcpus, int cpus)
{
	struct vcpu_world *world = test_calloc(1, sizeof(*world));

	oversub_param_defaults(host_params, &world->host_config);
	oversub_param_defaults(host_costs_params, &world->host_config.costs);
	oversub_param_defaults(kvm_params, &world->kvm_config);
	oversub_param_defaults(kvm_costs_params, &world->kvm_config.costs);
	oversub_param_defaults(ple_params, &world->kvm_config.ple);
	oversub_param_defaults(halt_poll_params, &world->kvm_config.halt_poll);
	world->host_config.cpus = cpus;
	world->host_config.cgroup_layout = HOST_LAYOUT_NONE;
	world->host_config.costs.cache_refill_ns = 0;
	world->kvm_config.halt_poll.halt_poll_ns = 0;
	world->candidate = "none";
	world->nr_vcpus = nr_vcpus;
	for (int i = 0; i < nr_vcpus; i++) {
		world->on_cpu[i] = i % cpus;
		world->scripts[i].waits_for = -1;
	}
	return world;
}

void vcpu_world_script(struct vcpu_world *world, int vcpu, const struct guest_action *actions,
		       int nr)
{
	struct vcpu_script *script = &world->scripts[vcpu];

	assert_true(nr <= SCRIPT_ACTIONS);
	memcpy(script->actions, actions, (size_t)nr * sizeof(*actions));
	script->nr = nr;
}

static const struct oversub_candidate_policy *find_policy(const char *name)
{
	const struct oversub_policy *policy =
		policy_registry_find(&policy_registry_builtin, OVERSUB_CANDIDATE, name);

	if (!policy)
		fail_msg("no policy %s", name);
	return (const void *)policy;
}

static void pause_here(struct sim_engine *engine, struct sim_event *event)
{
}

void vcpu_world_start(struct vcpu_world *world)
{
	struct kvm_vm_params params = {
		.name = "vm0",
		.nr_vcpus = world->nr_vcpus,
		.cpu_weight = 100,
		.cpus = world->affinities,
		.policy = world->candidate_policy ? world->candidate_policy
						  : find_policy(world->candidate),
		.policy_params = world->policy_params,
		.window = world->window_policy,
		.window_params = world->window_params,
		.guest_ops = &scripted_ops,
	};

	if (params.policy->head.params)
		oversub_param_defaults(params.policy->head.params, world->policy_params);
	for (int i = 0; i < world->nr_vcpus; i++) {
		world->affinity[i] = UINT64_C(1) << world->on_cpu[i];
		world->affinities[i] = &world->affinity[i];
	}
	sim_engine_init(&world->engine, 0);
	sim_event_init(&world->pause, SIM_RANK_CONTROL, 0, pause_here);
	if (host_init(&world->host, &world->engine, &world->host_config, &sched_mainline, NULL, 1,
		      0, &world->error) ||
	    kvm_vm_init(&world->vm, &world->host, &world->kvm_config, &params, &world->error))
		fail_msg("%s", world->error.message);
	kvm_vm_start(&world->vm);
}

static void check_accounts(struct vcpu_world *world)
{
	int64_t now = sim_now(&world->engine);

	kvm_vm_account(&world->vm);
	for (int i = 0; i < world->nr_vcpus; i++) {
		const struct vcpu *vcpu = &world->vm.vcpus[i];
		int64_t sum = 0;

		for (int t = 0; t < VCPU_TIMES; t++)
			sum += vcpu->stats.time_in[t];
		assert_int_equal(sum, now);
	}
	host_account(&world->host);
	for (int i = 0; i < world->host.nr_cpus; i++) {
		const struct pcpu *cpu = &world->host.cpus[i];

		assert_int_equal(cpu->stats.time_in[PCPU_IDLE] + cpu->stats.time_in[PCPU_SWITCH] +
					 cpu->stats.time_in[PCPU_BUSY],
				 now);
	}
}

void vcpu_world_close(struct vcpu_world *world)
{
	check_accounts(world);
	kvm_vm_fini(&world->vm);
	host_fini(&world->host);
	sim_engine_fini(&world->engine);
	test_free(world);
}

/* ---- Running -------------------------------------------------------------------------------- */

static void check_invariants(const struct vcpu_world *world)
{
	int64_t now = sim_now(&world->engine);
	struct oversub_error error;

	if (host_check(&world->host, now, &error) ||
	    kvm_vm_check(&world->vm, now - world->counted_from, &error))
		fail_msg("at %lld ns: %s", (long long)now, error.message);
}

void vcpu_world_run(struct vcpu_world *world, int64_t until)
{
	sim_schedule(&world->engine, &world->pause, until);
	assert_int_not_equal(sim_run(&world->engine, until), SIM_ZERO_TIME_LOOP);
	check_invariants(world);
}

void vcpu_world_run_until(struct vcpu_world *world, vcpu_condition *condition, int vcpu,
			  int64_t limit)
{
	while (!condition(&world->vm.vcpus[vcpu])) {
		int64_t time = sim_next_time(&world->engine);

		if (time > limit)
			fail_msg("vCPU %d does not get there by %lld ns", vcpu, (long long)limit);
		vcpu_world_run(world, time);
	}
}

bool vcpu_is_preempted(const struct vcpu *vcpu)
{
	return vcpu->dy.preempted;
}

bool vcpu_is_asleep(const struct vcpu *vcpu)
{
	return vcpu->task.state == TASK_SLEEPING;
}

bool vcpu_is_polling(const struct vcpu *vcpu)
{
	return vcpu->phase == VCPU_POLLING;
}

bool vcpu_is_in_guest(const struct vcpu *vcpu)
{
	return vcpu_executing(vcpu);
}

bool vcpu_is_spinning(const struct vcpu *vcpu)
{
	return vcpu_executing(vcpu) && vcpu->action.kind == GUEST_SPIN;
}

bool vcpu_has_yielded(const struct vcpu *vcpu)
{
	return vcpu->boosted != NULL;
}

bool vcpu_took_interrupt(const struct vcpu *vcpu)
{
	const struct vcpu_script *script = script_of(vcpu);

	return script->nr_taken > 0 && script->taken[0].begun > 0;
}

struct vcpu *vcpu_of_world(struct vcpu_world *world, int vcpu)
{
	return &world->vm.vcpus[vcpu];
}

int64_t injection_to_handler(const struct vcpu_world *world)
{
	const struct kvm_costs *costs = &world->kvm_config.costs;
	bool software = world->kvm_config.apicv == KVM_APICV_OFF;

	return costs->guest_interrupt_ns + (software ? costs->software_injection_ns : 0);
}

int64_t now_of_world(const struct vcpu_world *world)
{
	return sim_now(&world->engine);
}

int64_t vcpu_time_in(struct vcpu_world *world, int vcpu, enum vcpu_time state)
{
	kvm_vm_account(&world->vm);
	return world->vm.vcpus[vcpu].stats.time_in[state];
}

uint64_t exits_of_world(const struct vcpu_world *world, enum exit_reason reason)
{
	return world->vm.stats.exits[reason];
}
