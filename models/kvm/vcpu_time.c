/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the time of a vCPU goes, and how it passes: segments of guest mode that can be cut short,
 * and times on the CPU that cannot.
 */
#include "models/kvm/vcpu.h"

/* Split what passed since segment_start into refill, work and spin. */
static void account_segment(struct vcpu *vcpu)
{
	int64_t now = vcpu_now(vcpu);
	int64_t elapsed = now - vcpu->segment_start;
	struct guest_action *action = &vcpu->action;
	int64_t *time_in = vcpu->stats.time_in;

	vcpu->segment_start = now;
	if (action->kind == GUEST_SPIN) {
		time_in[action->idle ? VCPU_GUEST_POLL : VCPU_SPIN] += elapsed;
		action->ns -= action->bounded ? elapsed : 0;
		return;
	}
	if (action->kind == GUEST_HLT) {
		time_in[VCPU_GUEST_POLL] += elapsed;
	} else if (action->spinning) {
		time_in[VCPU_SPIN] += elapsed;
		action->ns -= elapsed;
	} else {
		int64_t refilled;

		action->ns -= host_task_refill(&vcpu->task, elapsed, &refilled);
		time_in[VCPU_REFILL] += refilled;
		time_in[VCPU_WORK] += elapsed - refilled;
	}
}

void vcpu_account(struct vcpu *vcpu, enum vcpu_time next)
{
	int64_t now = vcpu_now(vcpu);

	if (vcpu->task.executing && vcpu->phase == VCPU_IN_GUEST)
		account_segment(vcpu);
	else
		vcpu->stats.time_in[vcpu->time_state] += now - vcpu->time_since;
	vcpu->time_since = now;
	vcpu->time_state = next;
}

bool vcpu_executing(const struct vcpu *vcpu)
{
	return vcpu->phase == VCPU_IN_GUEST && vcpu->task.executing;
}

void vcpu_complete_action(struct vcpu *vcpu)
{
	vcpu->action.kind = GUEST_RUN;
	vcpu->action.ns = 0;
	vcpu->action.spinning = false;
}

void vcpu_stop(struct vcpu *vcpu)
{
	if (!vcpu->task.executing)
		return;
	if (vcpu->phase == VCPU_IN_GUEST)
		vcpu_account(vcpu, VCPU_WORK);
	vcpu->task.executing = false;
	sim_cancel(vcpu->vm->host->engine, &vcpu->completion);
}

void vcpu_spend(struct vcpu *vcpu, enum vcpu_phase phase, int64_t ns)
{
	vcpu->phase = phase;
	sim_schedule(vcpu->vm->host->engine, &vcpu->completion, vcpu_now(vcpu) + ns);
}
