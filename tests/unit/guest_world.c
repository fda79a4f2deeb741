/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/guest/guest_check.h"
#include "models/host/host_check.h"
#include "models/kvm/kvm_check.h"
#include "tests/unit/guest_world.h"
#include "sim/scenario/policy_registry.h"
#include "models/policies/builtin.h"

/* ---- Notes ---------------------------------------------------------------------------------- */

static void note(const struct vcpu *vcpu, int vector, const struct guest_action *action)
{
	struct guest_world *world = container_of(vcpu->vm, struct guest_world, vm);

	if (world->nr_notes == WORLD_NOTES)
		return;
	world->notes[world->nr_notes++] = (struct world_note){
		.time = sim_now(&world->engine),
		.vcpu = vcpu->index,
		.vector = vector,
		.action = *action,
	};
}

static void noting_next(struct vcpu *vcpu, struct guest_action *action)
{
	guest_vcpu_ops.next(vcpu, action);
	note(vcpu, -1, action);
}

static void noting_interrupt(struct vcpu *vcpu, uint8_t vector)
{
	note(vcpu, vector, &vcpu->action);
	guest_vcpu_ops.interrupt(vcpu, vector);
}

static void noting_nmi(struct vcpu *vcpu)
{
	note(vcpu, GUEST_VECTOR_NMI, &vcpu->action);
	guest_vcpu_ops.nmi(vcpu);
}

static void spin_begins(struct vcpu *vcpu)
{
	guest_vcpu_ops.spin_begins(vcpu);
}

static struct vcpu *waits_for(const struct vcpu *vcpu)
{
	return guest_vcpu_ops.waits_for(vcpu);
}

static void reported_preempted(struct vcpu *vcpu)
{
	guest_vcpu_ops.reported_preempted(vcpu);
}

static enum vcpu_wait wait_kind(const struct vcpu *vcpu)
{
	return guest_vcpu_ops.wait_kind(vcpu);
}

static bool needs(const struct vcpu *vcpu, const struct vcpu *other)
{
	return guest_vcpu_ops.needs(vcpu, other);
}

static const struct vcpu_guest_ops noting_ops = {
	.next = noting_next,
	.interrupt = noting_interrupt,
	.nmi = noting_nmi,
	.spin_begins = spin_begins,
	.waits_for = waits_for,
	.wait_kind = wait_kind,
	.needs = needs,
	.reported_preempted = reported_preempted,
	.hint = guest_hint,
};

int guest_world_count_interrupts(const struct guest_world *world, int vcpu, int vector)
{
	int count = 0;

	for (int i = 0; i < world->nr_notes; i++)
		count += world->notes[i].vector == vector &&
			 (vcpu < 0 || world->notes[i].vcpu == vcpu);
	return count;
}

int guest_world_count_actions(const struct guest_world *world, int vcpu,
			      enum guest_action_kind kind)
{
	int count = 0;

	for (int i = 0; i < world->nr_notes; i++)
		count += world->notes[i].vector < 0 && world->notes[i].action.kind == kind &&
			 (vcpu < 0 || world->notes[i].vcpu == vcpu);
	return count;
}

int guest_world_find_interrupt(const struct guest_world *world, int vcpu, int vector, int from)
{
	while (from < world->nr_notes &&
	       (world->notes[from].vcpu != vcpu || world->notes[from].vector != vector))
		from++;
	return from;
}

int guest_world_next_note(const struct guest_world *world, int vcpu, int index)
{
	do
		index++;
	while (index < world->nr_notes && world->notes[index].vcpu != vcpu);
	return index;
}

/* ---- Life ----------------------------------------------------------------------------------- */

struct guest_world *guest_world_open(int nr_vcpus)
{
	struct guest_world *world = test_calloc(1, sizeof(*world));

	oversub_param_defaults(host_params, &world->host_config);
	oversub_param_defaults(host_costs_params, &world->host_config.costs);
	oversub_param_defaults(kvm_params, &world->kvm_config);
	oversub_param_defaults(kvm_costs_params, &world->kvm_config.costs);
	oversub_param_defaults(ple_params, &world->kvm_config.ple);
	oversub_param_defaults(halt_poll_params, &world->kvm_config.halt_poll);
	oversub_param_defaults(guest_params, &world->config);
	world->host_config.cpus = nr_vcpus;
	world->nr_vcpus = nr_vcpus;
	for (int i = 0; i < nr_vcpus; i++)
		world->affinity[i] = UINT64_C(1) << i;
	world->candidate = "none";
	world->lock = (struct workload_lock){"l", LOCK_QUEUED};
	world->barrier = (struct workload_barrier){"b", 0};
	world->source = (struct workload_source){"s", {.kind = SIM_CONSTANT, .mean_ns = 100000}};
	world->names[0] = (char *)"unit";
	world->workload = (struct workload){
		.name = (char *)"test",
		.locks = &world->lock,
		.nr_locks = 1,
		.events = world->names,
		.nr_events = 1,
		.barriers = &world->barrier,
		.nr_barriers = 1,
		.sources = &world->source,
		.nr_sources = 1,
		.requests = world->names,
		.nr_requests = 1,
		.classes = world->classes,
	};
	return world;
}

void guest_world_add(struct guest_world *world, struct op *ops, int nr_ops)
{
	int index = world->workload.nr_classes++;
	struct op *copy = test_malloc((size_t)nr_ops * sizeof(*copy));

	memcpy(copy, ops, (size_t)nr_ops * sizeof(*copy));

	world->classes[index] = (struct workload_thread_class){
		.name = (char *)"t", .count = 1, .ops = copy, .nr_ops = nr_ops};
	world->barrier.parties++;
}

static const struct oversub_candidate_policy *find_policy(const char *name)
{
	const struct oversub_policy *policy =
		policy_registry_find(&policy_registry_builtin, OVERSUB_CANDIDATE, name);

	if (!policy)
		fail_msg("no policy %s", name);
	return (const void *)policy;
}

enum oversub_status guest_world_try_start(struct guest_world *world)
{
	struct kvm_vm_params params = {
		.name = "vm0",
		.nr_vcpus = world->nr_vcpus,
		.cpu_weight = 100,
		.cpu_max = world->cpu_max,
		.cpus = world->affinities,
		.policy = find_policy(world->candidate),
		.policy_params = world->policy_params,
		.guest_ops = &noting_ops,
	};
	enum oversub_status status;

	if (params.policy->head.params)
		oversub_param_defaults(params.policy->head.params, world->policy_params);
	for (int i = 0; i < world->nr_vcpus; i++)
		world->affinities[i] = world->affinity[i] ? &world->affinity[i] : NULL;
	sim_engine_init(&world->engine, 0);
	if (host_init(&world->host, &world->engine, &world->host_config, &sched_mainline, NULL, 1,
		      0, &world->error) ||
	    kvm_vm_init(&world->vm, &world->host, &world->kvm_config, &params, &world->error))
		fail_msg("%s", world->error.message);
	status = guest_init(&world->guest, &world->vm, &world->workload, &world->config, 1, 0,
			    &world->error);
	if (status == OVERSUB_OK) {
		guest_start(&world->guest);
		kvm_vm_start(&world->vm);
	}
	return status;
}

void guest_world_start(struct guest_world *world)
{
	if (guest_world_try_start(world))
		fail_msg("%s", world->error.message);
}

static void check_invariants(const struct guest_world *world)
{
	int64_t elapsed = sim_now(&world->engine);
	struct oversub_error error;

	if (host_check(&world->host, elapsed, &error) ||
	    kvm_vm_check(&world->vm, elapsed, &error) || guest_check(&world->guest, &error))
		fail_msg("at %lld ns: %s", (long long)elapsed, error.message);
}

void guest_world_run(struct guest_world *world, int64_t until)
{
	sim_run(&world->engine, until);
	check_invariants(world);
}

void guest_world_close(struct guest_world *world)
{
	guest_fini(&world->guest);
	kvm_vm_fini(&world->vm);
	host_fini(&world->host);
	sim_engine_fini(&world->engine);
	for (int i = 0; i < world->workload.nr_classes; i++)
		test_free(world->classes[i].ops);
	test_free(world);
}
