/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/kvm_replay_vm.h"
#include "sim/scenario/policy_registry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct oversub_candidate_policy *find_policy(const char *name)
{
	const struct oversub_policy *policy =
		policy_registry_find(&policy_registry_builtin, OVERSUB_CANDIDATE, name);

	return (const void *)policy;
}

bool kvm_replay_vm_create(struct kvm_replay_vm *replay_vm, int nr, enum kvm_vendor vendor,
			  const char *policy_name, const struct directed_yield_ops *ops)
{
	const struct oversub_candidate_policy *policy = find_policy(policy_name);

	assert(policy && policy->head.params_size <= sizeof(replay_vm->params));
	memset(replay_vm, 0, sizeof(*replay_vm));
	replay_vm->vcpus = calloc((size_t)nr, sizeof(*replay_vm->vcpus));
	replay_vm->pointers = calloc((size_t)nr, sizeof(*replay_vm->pointers));
	if (!replay_vm->vcpus || !replay_vm->pointers)
		return false;
	for (int i = 0; i < nr; i++) {
		replay_vm->vcpus[i].vm = &replay_vm->vm;
		replay_vm->vcpus[i].index = i;
		replay_vm->vcpus[i].cpu = -1;
		replay_vm->pointers[i] = &replay_vm->vcpus[i];
	}
	replay_vm->vm.vendor = vendor;
	replay_vm->vm.nr_vcpus = nr;
	replay_vm->vm.vcpus = replay_vm->pointers;
	replay_vm->vm.ops = ops;
	replay_vm->vm.context = replay_vm;
	oversub_param_defaults(policy->head.params, &replay_vm->params);
	return directed_yield_attach(&replay_vm->vm, policy, &replay_vm->params, NULL) ==
	       OVERSUB_OK;
}

void kvm_replay_vm_destroy(struct kvm_replay_vm *replay_vm)
{
	if (replay_vm->vm.policy)
		directed_yield_detach(&replay_vm->vm);
	free(replay_vm->vcpus);
	free(replay_vm->pointers);
}

uint64_t kvm_replay_vm_now(const struct oversub_vm *vm)
{
	const struct kvm_replay_vm *replay_vm = vm->context;

	return replay_vm->now;
}

struct ipi_track *kvm_replay_vm_track(const struct kvm_replay_vm *replay_vm, int index)
{
	struct candidate_v3_vcpu *state = oversub_vcpu_private(&replay_vm->vcpus[index]);

	return &state->track;
}
