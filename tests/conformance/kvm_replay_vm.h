/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A VM for replay: vCPUs with a candidate policy, a clock that is set by hand, scripted yields. */
#ifndef TESTS_CONFORMANCE_KVM_REPLAY_VM_H
#define TESTS_CONFORMANCE_KVM_REPLAY_VM_H

#include "models/kvm/directed_yield.h"
#include "models/policies/candidate_v3.h"
#include "tests/conformance/kvm_replay_part.h"

/* Parameters of whichever policy the VM has: the pure ones read a prefix of their own type. */
union kvm_replay_params {
	struct candidate_v3_params v3;
	max_align_t other[32];
};

struct kvm_replay_vm {
	struct oversub_vm vm;
	struct oversub_vcpu *vcpus; /* vm.nr_vcpus */
	struct oversub_vcpu **pointers;
	union kvm_replay_params params;
	uint64_t now;
	void *script; /* of yield_to */
};

/*
 * A VM of nr vCPUs with default parameters of the registered policy name. yield_to may be NULL if
 * nobody spins. False for want of memory; then destroy is harmless, as on a zeroed struct.
 */
bool kvm_replay_vm_create(struct kvm_replay_vm *replay_vm, int nr, enum kvm_vendor vendor,
			  const char *policy, const struct directed_yield_ops *ops);
void kvm_replay_vm_destroy(struct kvm_replay_vm *replay_vm);
/* vm->ops->now of these VMs. */
uint64_t kvm_replay_vm_now(const struct oversub_vm *vm);
/* The tracking context of a vCPU under policy v3. */
struct ipi_track *kvm_replay_vm_track(const struct kvm_replay_vm *replay_vm, int index);

#endif
