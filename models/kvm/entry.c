/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way back to the guest: the resched bits first (xfer_to_guest_mode_handle_work). */
#include "models/kvm/vcpu.h"

bool vcpu_give_way(struct vcpu *vcpu, enum vcpu_resume resume)
{
	struct pcpu *cpu = vcpu->task.cpu;

	if (pcpu_interrupt_pending(cpu))
		pcpu_handle_interrupts(cpu);
	if (!pcpu_exit_work_pending(cpu))
		return false;
	vcpu->resume = resume;
	return pcpu_exit_work(cpu);
}

/* The second half of the exit; a timer that was early is waited for meanwhile. */
void vcpu_begin_entry(struct vcpu *vcpu)
{
	int64_t wait = vcpu->timer_wait_until ? vcpu_wait_for_timer(vcpu) : 0;

	vcpu_spend(vcpu, VCPU_ENTERING, wait > vcpu->entry_cost ? wait : vcpu->entry_cost);
}

void vcpu_prepare_entry(struct vcpu *vcpu, int64_t cost)
{
	vcpu->entry_cost = cost;
	vcpu_inject_timer(vcpu);
	if (!vcpu_give_way(vcpu, RESUME_ENTRY))
		vcpu_begin_entry(vcpu);
}
