/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HLT: polling, sleeping and waking up again (kvm_vcpu_halt, kvm_vcpu_block; kvm.md 1.3, 5.1). */
#include "models/kvm/vcpu.h"

#include <assert.h>

bool vcpu_runnable(const struct vcpu *vcpu)
{
	const struct lapic *lapic = &vcpu->lapic;

	if (vcpu->dy.pv_unhalted || vcpu->lapic_timer_pending)
		return true;
	if (!vcpu->action.interrupts)
		return false;
	return lapic_deliverable(lapic) >= 0 || vcpu->dy.pir_not_empty;
}

/* The halt is over, with or without sleep. */
static void finish(struct vcpu *vcpu)
{
	uint64_t duration = (uint64_t)(vcpu_now(vcpu) - vcpu->halt_start);

	vcpu->dy.pv_unhalted = false;
	vcpu->halt_poll_ns =
		halt_poll_end(&vcpu->vm->config.halt_poll, vcpu->halt_poll_ns, duration);
	vcpu_account(vcpu, VCPU_EXIT);
	vcpu_prepare_entry(vcpu, vcpu->entry_cost);
}

static void begin_block(struct vcpu *vcpu)
{
	vcpu_account(vcpu, VCPU_EXIT);
	vcpu_lump(vcpu, VCPU_BLOCKING, vcpu->vm->config.costs.halt_block_ns);
}

/* The conditions under which the poll loop makes another turn. */
static bool may_poll(const struct vcpu *vcpu)
{
	return pcpu_single_task(vcpu->task.cpu) && !pcpu_need_resched(vcpu->task.cpu);
}

void vcpu_halt(struct vcpu *vcpu)
{
	vcpu->halt_start = vcpu_now(vcpu);
	vcpu->halt_poll_ns = halt_poll_begin(&vcpu->vm->config.halt_poll, vcpu->halt_poll_ns);
	if (vcpu_runnable(vcpu)) {
		finish(vcpu);
	} else if (vcpu->halt_poll_ns > 0 && may_poll(vcpu)) {
		vcpu_account(vcpu, VCPU_POLL);
		vcpu_lump(vcpu, VCPU_POLLING, vcpu->halt_poll_ns);
		vcpu->task.executing = true;
		vcpu->task.polls = true;
	} else {
		begin_block(vcpu);
	}
}

/* Stop polling without changing the phase; the caller goes on. */
static void end_poll(struct vcpu *vcpu)
{
	vcpu->task.executing = false;
	vcpu->task.polls = false;
	sim_cancel(vcpu->vm->host->engine, &vcpu->completion);
}

void vcpu_poll_again(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->task.cpu;

	if (pcpu_interrupt_pending(cpu))
		pcpu_handle_interrupts(cpu);
	if (vcpu_runnable(vcpu)) {
		end_poll(vcpu);
		finish(vcpu);
	} else if (!may_poll(vcpu)) {
		end_poll(vcpu);
		begin_block(vcpu);
	}
}

void vcpu_poll_timeout(struct vcpu *vcpu)
{
	end_poll(vcpu);
	begin_block(vcpu);
}

void vcpu_block(struct vcpu *vcpu)
{
	struct pcpu *cpu = vcpu->task.cpu;

	if (pcpu_interrupt_pending(cpu))
		pcpu_handle_interrupts(cpu);
	/* What arrived since the last look at it counts as a successful poll. */
	if (vcpu_runnable(vcpu)) {
		finish(vcpu);
		return;
	}
	vcpu->dy.blocking = true;
	vcpu->rcuwait = true;
	vcpu->resume = RESUME_HALT;
	if (!pcpu_schedule(cpu, PCPU_BLOCK))
		assert(!"a task that blocks loses its CPU");
}

void vcpu_unblock(struct vcpu *vcpu)
{
	if (!vcpu_runnable(vcpu)) {
		vcpu_block(vcpu);
		return;
	}
	vcpu->dy.blocking = false;
	vcpu->rcuwait = false;
	finish(vcpu);
}
