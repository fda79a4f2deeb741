/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/scripted_vm.h"
#include "sim/scenario/policy_registry.h"

#include <assert.h>
#include <string.h>

static int scripted_yield(struct oversub_vcpu *me, struct oversub_vcpu *target)
{
	struct scripted_vm *scripted = (struct scripted_vm *)me->vm;

	assert(scripted->nr_tries < SCRIPTED_TRIES);
	scripted->tries[scripted->nr_tries++] = target->index;
	return scripted->results[target->index];
}

static uint64_t scripted_now(const struct oversub_vm *vm)
{
	return ((const struct scripted_vm *)vm)->now;
}

static bool scripted_hint(const struct oversub_vcpu *vcpu, struct oversub_guest_hint *hint)
{
	const struct scripted_vm *scripted = (const struct scripted_vm *)vcpu->vm;

	if (scripted->publishes)
		*hint = (struct oversub_guest_hint){scripted->waits_for[vcpu->index], 0};
	return scripted->publishes;
}

static const struct directed_yield_ops scripted_ops = {
	.guest_hint = scripted_hint,
	.yield_to = scripted_yield,
	.now = scripted_now,
};

static const struct oversub_candidate_policy *find_policy(const char *name)
{
	const struct oversub_policy *policy =
		policy_registry_find(&policy_registry_builtin, OVERSUB_CANDIDATE, name);

	assert(policy);
	return (const void *)policy;
}

void scripted_vm_open(struct scripted_vm *scripted, const char *name, int nr)
{
	const struct oversub_candidate_policy *policy = find_policy(name);
	void *params = policy->head.params_size == sizeof(scripted->v3) ? (void *)&scripted->v3
									: (void *)scripted->params;

	memset(scripted, 0, sizeof(*scripted));
	assert(nr <= SCRIPTED_VCPUS);
	for (int i = 0; i < nr; i++) {
		scripted->vcpus[i].vm = &scripted->vm;
		scripted->vcpus[i].index = i;
		scripted->vcpus[i].cpu = -1;
		scripted->pointers[i] = &scripted->vcpus[i];
		scripted->results[i] = 1;
		scripted->waits_for[i] = -1;
	}
	scripted->vm.vendor = KVM_VENDOR_INTEL;
	scripted->vm.nr_vcpus = nr;
	scripted->vm.vcpus = scripted->pointers;
	scripted->vm.ops = &scripted_ops;
	sim_stream_init(&scripted->random, 1, 0, "vm", "policy");
	scripted->vm.random = &scripted->random;
	if (policy->head.params)
		oversub_param_defaults(policy->head.params, params);
	if (directed_yield_attach(&scripted->vm, policy, params, NULL) != OVERSUB_OK)
		assert(!"enough memory");
}

void scripted_vm_close(struct scripted_vm *scripted)
{
	directed_yield_detach(&scripted->vm);
}

void scripted_vm_flags(struct scripted_vm *scripted, int index, const char *letters)
{
	struct oversub_vcpu *vcpu = &scripted->vcpus[index];

	vcpu->ready = strchr(letters, 'r');
	vcpu->preempted = strchr(letters, 'p');
	vcpu->preempted_in_kernel = strchr(letters, 'k');
	vcpu->blocking = strchr(letters, 'b');
	vcpu->request_event = strchr(letters, 'E');
	vcpu->in_spin_loop = strchr(letters, 's');
	vcpu->dy_eligible = strchr(letters, 'd');
}

void *scripted_vm_params(struct scripted_vm *scripted)
{
	return (void *)scripted->vm.params;
}

int scripted_vm_spin(struct scripted_vm *scripted, int me, bool want_kernel)
{
	struct oversub_vcpu *boosted;

	scripted->nr_tries = 0;
	boosted = directed_yield_begin(&scripted->vcpus[me], want_kernel);
	if (!boosted)
		return -1;
	directed_yield_finish(&scripted->vcpus[me], boosted);
	return boosted->index;
}

void scripted_vm_ipi(struct scripted_vm *scripted, int from, int to, uint8_t vector)
{
	directed_yield_ipi(&(struct oversub_ipi){
		.source = &scripted->vcpus[from],
		.target = &scripted->vcpus[to],
		.accepted = 1,
		.vector = vector,
		.fixed = true,
	});
}

struct ipi_track *scripted_vm_track(const struct scripted_vm *scripted, int index)
{
	struct candidate_v3_vcpu *state = oversub_vcpu_private(&scripted->vcpus[index]);

	return &state->track;
}

bool scripted_vm_is_receiver(const struct scripted_vm *scripted, int from, int to)
{
	return ipi_track_is_receiver(&scripted->v3.tracking, scripted_vm_track(scripted, from), to,
				     scripted->now);
}
