/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/context.h"

#include "models/guest/thread_ops.h"
#include "models/guest/tlb.h"

/* ---- Switching; interrupts are off -------------------------------------------------------------
 */

/* Without scheduler: from the thread of cpu to its idle task. */
static void switch_to_idle(struct guest_cpu *cpu, struct guest_action *action)
{
	cpu->context = GUEST_TO_IDLE;
	guest_run_kernel(action, cpu->guest->config.sleep_ns, false);
}

static void switch_to_thread(struct guest_cpu *cpu, struct guest_action *action)
{
	int64_t flush_ns = cpu->lazy ? tlb_leave_lazy(cpu) : 0;

	cpu->context = GUEST_TO_THREAD;
	guest_run_kernel(action, cpu->guest->config.sched_ns + flush_ns, false);
}

/* False: the same goes on. */
static bool schedule(struct guest_cpu *cpu, enum eevdf_block block, struct guest_action *action)
{
	struct guest_thread *previous = cpu->current;
	struct guest_thread *next = guest_sched_pick(cpu, block);

	if (next == previous)
		return false;
	cpu->guest->stats.switches++;
	cpu->current = next;
	vcpu_trace(cpu->vcpu, guest_switch, .vcpu = cpu->index,
		   .next_thread = next ? next->program.index : -1);
	if (previous)
		guest_thread_stops(previous);
	if (next)
		switch_to_thread(cpu, action);
	else
		switch_to_idle(cpu, action);
	return true;
}

bool guest_preempt(struct guest_cpu *cpu, const struct guest_action *saved,
		   struct guest_action *action)
{
	struct guest_thread *thread = cpu->current;

	if (!guest_need_resched(cpu, !saved->kernel) || !guest_preemptible(cpu) ||
	    saved->kind != GUEST_RUN)
		return false;
	if (!schedule(cpu, EEVDF_STAY, action))
		return false;
	thread->interrupted = *saved;
	thread->resumes = true;
	return true;
}

static bool leave_idle(struct guest_cpu *cpu, struct guest_action *action)
{
	if (cpu->rq)
		return schedule(cpu, EEVDF_STAY, action);
	switch_to_thread(cpu, action);
	return true;
}

/* ---- Contexts ------------------------------------------------------------------------------- */

static enum eevdf_block block_of(const struct guest_thread *thread)
{
	if (!thread->asleep)
		return EEVDF_STAY;
	return thread->op ? EEVDF_BLOCK : EEVDF_EXIT;
}

static bool thread_next(struct guest_cpu *cpu, struct guest_action *action)
{
	struct guest_thread *thread = cpu->current;

	if (guest_need_resched(cpu, false) && guest_preemptible(cpu) &&
	    schedule(cpu, EEVDF_STAY, action))
		return true;
	if (thread->resumes) {
		thread->resumes = false;
		*action = thread->interrupted;
		return true;
	}
	if (guest_thread_next(thread, action))
		return true;
	if (cpu->guest->status != OVERSUB_OK)
		return false;
	if (cpu->rq)
		return schedule(cpu, block_of(thread), action);
	switch_to_idle(cpu, action);
	return true;
}

static bool idle_next(struct guest_cpu *cpu, struct guest_action *action)
{
	switch (guest_idle_next(cpu, action)) {
	case IDLE_ACTION: return true;
	case IDLE_AGAIN: break;
	case IDLE_LEAVE: return leave_idle(cpu, action);
	}
	return false;
}

static void count_wakeup(struct guest_thread *thread)
{
	struct guest *guest = thread->guest;

	if (thread->woken_at < 0)
		return;
	sim_histogram_record(&guest->stats.wakeup_wait, guest_now(guest) - thread->woken_at);
	thread->woken_at = -1;
}

bool guest_context_next(struct guest_cpu *cpu, struct guest_action *action)
{
	switch (cpu->context) {
	case GUEST_IN_THREAD: return thread_next(cpu, action);
	case GUEST_TO_IDLE:
		cpu->lazy = true;
		cpu->context = GUEST_IDLE;
		return false;
	case GUEST_IDLE: return idle_next(cpu, action);
	case GUEST_TO_THREAD:
		cpu->context = GUEST_IN_THREAD;
		count_wakeup(cpu->current);
		/* Interrupts are on again. */
		guest_run_kernel(action, 0, true);
		return true;
	}
	return false;
}
