/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ops of guest threads that send IPIs for their own sake. */
#include "models/guest/thread_ops.h"

/* ---- Calls on other CPUs -------------------------------------------------------------------- */

static enum op_result begin_call(struct guest_thread *thread)
{
	struct guest *guest = thread->guest;
	const struct op *op = thread->op;
	bool flush = op->kind == OP_TLB_FLUSH;
	int target = program_draw_target(&thread->program, op, thread->cpu->index, guest->nr_cpus);

	if (!guest_irqs_on(thread)) {
		guest_fail_thread(thread,
				  "calls other CPUs with interrupts off, which can deadlock: "
				  "unlock what was locked with irqsave first");
		return OP_FAILED;
	}
	if (target == PROGRAM_TARGET_NONE && !flush)
		return OP_DONE;
	/* A flush without other CPUs still flushes here: it is its own only target. */
	if (target == PROGRAM_TARGET_NONE)
		target = thread->cpu->index;
	else if (target == PROGRAM_TARGET_OTHERS)
		target = -1;
	thread->preempt_off++;
	call_begin(thread->cpu, op, target);
	return OP_ACTION;
}

enum op_result guest_do_call(struct guest_thread *thread, struct guest_action *action)
{
	struct guest_stats *stats = &thread->guest->stats;
	int64_t latency;

	if (thread->step++ == 0) {
		enum op_result result = begin_call(thread);

		if (result != OP_ACTION)
			return result;
	}
	if (call_next(thread->cpu, action))
		return OP_ACTION;
	thread->preempt_off--;
	latency = guest_now(thread->guest) - thread->op_start;
	if (thread->op->kind == OP_TLB_FLUSH)
		sim_histogram_record(&stats->tlb_flush, latency);
	else if (thread->op->wait)
		sim_histogram_record(&stats->smp_call, latency);
	return OP_DONE;
}

/* As the watchdog and perf send them: to one CPU, or with a shorthand to all others. */
enum op_result guest_do_nmi(struct guest_thread *thread, struct guest_action *action)
{
	struct lapic_message icr;
	int target;

	if (thread->step++ > 0)
		return OP_DONE;
	target = program_draw_target(&thread->program, thread->op, thread->cpu->index,
				     thread->guest->nr_cpus);
	if (target == PROGRAM_TARGET_NONE)
		return OP_DONE;
	if (target == PROGRAM_TARGET_OTHERS) {
		icr = lapic_unicast(thread->cpu->index, 0, GUEST_VECTOR_NMI);
		icr.shorthand = LAPIC_ALL_BUT_SELF;
	} else {
		icr = guest_unicast(thread->cpu, target, GUEST_VECTOR_NMI);
	}
	icr.delivery = LAPIC_NMI;
	guest_write_icr(action, icr, guest_irqs_on(thread));
	return OP_ACTION;
}

/* ---- IPIs that nobody waits for ------------------------------------------------------------- */

/*
 * The next CPU that an op with a target is for, in the order of CPUs if it is for all others; -1 if
 * there is none left. thread->step is 0 before the first.
 */
static int next_target(struct guest_thread *thread)
{
	int nr_cpus = thread->guest->nr_cpus, self = thread->cpu->index;
	int target;

	if (thread->step == 0) {
		target = program_draw_target(&thread->program, thread->op, self, nr_cpus);
		thread->step = 1;
		thread->cursor = target == PROGRAM_TARGET_OTHERS ? 0 : nr_cpus;
		if (target != PROGRAM_TARGET_OTHERS)
			return target < 0 ? -1 : target;
	}
	if (thread->cursor == self)
		thread->cursor++;
	return thread->cursor < nr_cpus ? thread->cursor++ : -1;
}

/* As resched_curr() does for a thread that should run there (smp_send_reschedule). */
enum op_result guest_do_resched(struct guest_thread *thread, struct guest_action *action)
{
	struct guest *guest = thread->guest;
	int target;

	while ((target = next_target(thread)) >= 0) {
		if (guest_poke(&guest->cpus[target])) {
			guest->stats.ipis_avoided++;
			continue;
		}
		guest->stats.reschedules++;
		guest_write_icr(action, guest_unicast(thread->cpu, target, GUEST_VECTOR_RESCHEDULE),
				guest_irqs_on(thread));
		return OP_ACTION;
	}
	return OP_DONE;
}

/* Here: an interrupt of its own. There: by way of the list of calls, without waiting. */
enum op_result guest_do_irq_work(struct guest_thread *thread, struct guest_action *action)
{
	struct guest_cpu *cpu = thread->cpu;
	struct lapic_message icr;

	if (thread->op->target != OP_TARGET_SELF)
		return guest_do_call(thread, action);
	if (thread->step++ > 0)
		return OP_DONE;
	cpu->irq_work_ns = thread->op->function_ns;
	icr = lapic_unicast(cpu->index, cpu->vcpu->lapic.id, GUEST_VECTOR_IRQ_WORK);
	icr.shorthand = LAPIC_SELF;
	guest_write_icr(action, icr, guest_irqs_on(thread));
	return OP_ACTION;
}

/* ---- Expedited grace periods ---------------------------------------------------------------- */

/* In an extended quiescent state, as far as RCU can see from outside. */
static bool is_quiescent(const struct guest_cpu *cpu)
{
	return cpu->context == GUEST_IDLE && cpu->frame.step == FRAME_NONE;
}

/* The next call of the burst, each to one CPU. False: all are made. */
static bool next_call(struct guest_thread *thread)
{
	struct guest *guest = thread->guest;

	for (; thread->cursor < guest->nr_cpus; thread->cursor++) {
		struct guest_cpu *target = &guest->cpus[thread->cursor];

		if (target == thread->cpu || is_quiescent(target))
			continue;
		thread->cursor++;
		thread->answers_due++;
		thread->preempt_off++;
		call_begin(thread->cpu, thread->op, target->index);
		return true;
	}
	return false;
}

/*
 * synchronize_rcu_expedited(): every call uses the one csd of its CPU for calls without waiting, so
 * the next one spins until the CPU before has taken its own. Then the caller sleeps until all have
 * answered. (In the kernel a worker thread does all that.)
 */
enum op_result guest_do_rcu_expedited(struct guest_thread *thread, struct guest_action *action)
{
	enum { ENTRY, BEGIN, CALL, NEXT, WAITS };

	switch (thread->step) {
	case ENTRY:
		if (!guest_irqs_on(thread) || (thread->preempt_off && thread->se)) {
			guest_fail_thread(thread, "waits for a grace period while it holds a "
						  "spinlock: unlock it first");
			return OP_FAILED;
		}
		thread->step = BEGIN;
		return guest_system_call(thread, action);
	case BEGIN:
		thread->cursor = 0;
		thread->answers_due = 0;
		thread->step = NEXT;
		/* fall through */
	case NEXT:
		while (next_call(thread)) {
			thread->step = CALL;
			if (call_next(thread->cpu, action))
				return OP_ACTION;
			thread->preempt_off--;
			thread->step = NEXT;
		}
		thread->step = WAITS;
		return thread->answers_due ? OP_SLEEPS : OP_DONE;
	case CALL:
		if (call_next(thread->cpu, action))
			return OP_ACTION;
		thread->preempt_off--;
		thread->step = NEXT;
		return guest_do_rcu_expedited(thread, action);
	default: return OP_DONE;
	}
}
