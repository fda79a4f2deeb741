/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HLT: polling, sleeping and waking up again (kvm_vcpu_halt, kvm_vcpu_block). */
#include "models/kvm/vcpu.h"

#include <assert.h>

/* kvm_vcpu_has_events() */
static bool has_events(struct vcpu *vcpu)
{
	vcpu_sync_posted(vcpu);
	return vcpu->dy.pv_unhalted || (vcpu->nmi_pending && !vcpu->nmi_masked) ||
	       vcpu_interrupt_deliverable(vcpu);
}

/* A reason to leave the poll or block loop, if only to look closer (kvm_vcpu_check_block). */
static bool check_block(struct vcpu *vcpu)
{
	return has_events(vcpu) || vcpu->lapic_timer_pending;
}

/* The loops are left, with or without sleep. */
static void finish(struct vcpu *vcpu)
{
	uint64_t duration = (uint64_t)(vcpu_now(vcpu) - vcpu->halt_start);

	vcpu->halt_poll_ns =
		halt_poll_end(&vcpu->vm->config.halt_poll, vcpu->halt_poll_ns, duration);
	vcpu_account(vcpu, VCPU_EXIT);
	vcpu_inject_timer(vcpu);
	/* A timer interrupt that the guest does not want now leaves it halted. */
	if (!has_events(vcpu)) {
		vcpu_halt(vcpu);
		return;
	}
	vcpu->dy.pv_unhalted = false;
	vcpu_prepare_entry(vcpu, vcpu->entry_cost);
}

static void begin_block(struct vcpu *vcpu)
{
	vcpu_account(vcpu, VCPU_EXIT);
	vcpu_spend(vcpu, VCPU_BLOCKING, vcpu->vm->config.costs.halt_block_ns);
}

/* The conditions under which the poll loop makes another turn. */
static bool may_poll(const struct vcpu *vcpu)
{
	if (vcpu_now(vcpu) >= vcpu->halt_start + vcpu->halt_poll_ns)
		return false;
	return vcpu->vm->config.halt_poll.halt_poll_always ||
	       (pcpu_single_task(vcpu->task.cpu) && !pcpu_need_resched(vcpu->task.cpu));
}

void vcpu_poll(struct vcpu *vcpu)
{
	if (check_block(vcpu)) {
		finish(vcpu);
	} else if (may_poll(vcpu)) {
		vcpu_account(vcpu, VCPU_POLL);
		vcpu_spend(vcpu, VCPU_POLLING,
			   vcpu->halt_start + vcpu->halt_poll_ns - vcpu_now(vcpu));
		vcpu->task.executing = true;
		vcpu->task.polls = true;
	} else {
		begin_block(vcpu);
	}
}

void vcpu_halt(struct vcpu *vcpu)
{
	/* As after any exit. */
	vcpu_inject_timer(vcpu);
	if (vcpu_give_way(vcpu, RESUME_HALT))
		return;
	vcpu->halt_start = vcpu_now(vcpu);
	vcpu->halt_poll_ns = halt_poll_begin(&vcpu->vm->config.halt_poll, vcpu->halt_poll_ns);
	vcpu_poll(vcpu);
}

void vcpu_poll_again(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->task.cpu;

	vcpu->task.executing = false;
	vcpu->task.polls = false;
	sim_cancel(vcpu->vm->host->engine, &vcpu->completion);
	if (pcpu_interrupt_pending(cpu))
		pcpu_handle_interrupts(cpu);
	/* The interrupt may preempt the loop before it takes its turn. */
	if (pcpu_need_resched_in_kernel(cpu)) {
		vcpu->resume = RESUME_POLL;
		if (pcpu_schedule(cpu, PCPU_PREEMPT))
			return;
	}
	vcpu_poll(vcpu);
}

void vcpu_block(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->task.cpu;

	if (pcpu_interrupt_pending(cpu))
		pcpu_handle_interrupts(cpu);
	/* Before the first sleep this counts as a successful poll. */
	if (check_block(vcpu)) {
		vcpu->dy.blocking = false;
		finish(vcpu);
		return;
	}
	vcpu->dy.blocking = true;
	vcpu->resume = RESUME_BLOCK;
	if (!pcpu_schedule(cpu, PCPU_BLOCK))
		assert(!"a task that blocks loses its CPU");
}
