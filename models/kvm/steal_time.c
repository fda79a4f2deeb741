/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of steal time that changes what a guest does: a byte per vCPU in the guest's memory that
 * says that the vCPU is preempted (kvm_steal_time_set_preempted). It is written only if the last
 * exit was a host interrupt: in the middle of an exit that the guest caused, the host may still
 * access the guest's memory on behalf of a vCPU whose TLB somebody has just left to the host.
 * Before Linux 5.19 nobody had thought of that (report_yielded).
 */
#include "models/kvm/vcpu.h"

#define STEAL_PREEMPTED 1
#define STEAL_FLUSH_TLB 2

void vcpu_report_preempted(struct vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;

	if (!vm->config.steal_time || !(vcpu->at_instruction_boundary || vm->config.report_yielded))
		return;
	vm->stats.reported_preempted++;
	vcpu->steal_preempted |= STEAL_PREEMPTED;
	if (vm->guest_ops->reported_preempted)
		vm->guest_ops->reported_preempted(vcpu);
}

void vcpu_record_steal_time(struct vcpu *vcpu)
{
	/* The flush itself is a microsecond's fraction within the costs of the entry. */
	vcpu->vm->stats.tlb_flushes_at_entry += (vcpu->steal_preempted & STEAL_FLUSH_TLB) != 0;
	vcpu->steal_preempted = 0;
}

bool vcpu_reported_preempted(const struct vcpu *vcpu)
{
	return vcpu->steal_preempted & STEAL_PREEMPTED;
}

bool vcpu_leave_flush_to_host(struct vcpu *vcpu)
{
	if (!vcpu_reported_preempted(vcpu))
		return false;
	vcpu->steal_preempted |= STEAL_FLUSH_TLB;
	return true;
}
