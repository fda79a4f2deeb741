/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a cooperating guest lets the host know: two words per vCPU in memory that both see
 * (models/kvm/README.md, Paravirtual features). The guest writes them when they change, and a
 * spinner looks again and again for whom it waits; once a vCPU has left the guest they stay as they
 * are, however old.
 */
#include "models/kvm/vcpu.h"

void vcpu_publish_hint(struct vcpu *vcpu)
{
	struct oversub_guest_hint hint = {.waits_for = -1};

	if (!vcpu->vm->guest_ops->hint)
		return;
	vcpu->vm->guest_ops->hint(vcpu, &hint);
	if (hint.waits_for == vcpu->hint.waits_for && hint.critical == vcpu->hint.critical)
		return;
	vcpu->hint = hint;
	vcpu->hint_debt_ns += vcpu->vm->config.costs.guest_hint_ns;
}

bool vcpu_read_hint(const struct oversub_vcpu *dy, struct oversub_guest_hint *hint)
{
	const struct vcpu *vcpu = vcpu_of_dy((struct oversub_vcpu *)dy);

	if (!vcpu->vm->config.guest_hint || !vcpu->vm->guest_ops->hint)
		return false;
	*hint = vcpu->hint;
	/* A pause loop watches what it waits for, and keeps up with it. */
	if (vcpu_executing(vcpu) && vcpu->action.kind == GUEST_SPIN)
		vcpu->vm->guest_ops->hint(vcpu, hint);
	return true;
}
