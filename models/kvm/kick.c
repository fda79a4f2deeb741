/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a vCPU is made to notice something, wherever it is. */
#include "models/kvm/vcpu.h"

bool vcpu_wake(struct vcpu *vcpu, struct pcpu *from)
{
	if (!vcpu->dy.blocking || !host_wake(&vcpu->task, from))
		return false;
	vcpu_account(vcpu, VCPU_STEAL);
	vcpu->dy.ready = true;
	directed_yield_wake(&vcpu->dy);
	return true;
}

void vcpu_kick(struct vcpu *vcpu, struct pcpu *from)
{
	if (vcpu_wake(vcpu, from))
		return;
	if (vcpu->phase == VCPU_POLLING) {
		vcpu_look(vcpu);
	} else if (vcpu->phase == VCPU_IN_GUEST && !vcpu->kicked) {
		vcpu->kicked = true;
		pcpu_kick(vcpu->task.cpu);
	}
}

void vcpu_notify_after(struct vcpu *vcpu, int64_t ns)
{
	/* One that is still in flight comes first, and does what both are for. */
	if (!sim_event_pending(&vcpu->notification))
		sim_schedule(vcpu->vm->host->engine, &vcpu->notification, vcpu_now(vcpu) + ns);
}

enum oversub_cosched_target vcpu_cosched_state(const struct vcpu *vcpu)
{
	if (vcpu->task.on_cpu)
		return OVERSUB_TARGET_RUNNING;
	return vcpu->task.state == TASK_RUNNING ? OVERSUB_TARGET_PREEMPTED : OVERSUB_TARGET_ASLEEP;
}
