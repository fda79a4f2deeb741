/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What co-scheduling policies may know of a vCPU besides what its thread does. */
#include "models/kvm/vcpu.h"

static const struct vcpu *vcpu_of(const struct host_task *task)
{
	return vcpu_of_task((struct host_task *)task);
}

unsigned int vcpu_published_critical(const struct host_task *task)
{
	struct oversub_guest_hint hint;

	return vcpu_read_hint(&vcpu_of(task)->dy, &hint) ? hint.critical : 0;
}

bool vcpu_in_critical_code(const struct host_task *task)
{
	const struct vcpu *vcpu = vcpu_of(task);
	struct oversub_guest_hint truth = {.waits_for = -1};

	if (vcpu->dy.pir_not_empty || vcpu_interrupt_deliverable(vcpu))
		return true;
	/* Whoever spins is in a function that waits, not in one that is waited for. */
	if (vcpu->action.kind == GUEST_SPIN || !vcpu->vm->guest_ops->hint)
		return false;
	vcpu->vm->guest_ops->hint(vcpu, &truth);
	return truth.critical > 0;
}
