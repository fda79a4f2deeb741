/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest thread: what each op of its program does, step by step. A step function is called when
 * the previous action of the op is complete; thread->step says which step is next.
 */
#include "models/guest/thread_ops.h"

#include "models/guest/guest_cpu.h"
#include "models/workload/barrier.h"
#include "models/workload/workload_event.h"
#include "models/workload/source.h"

static enum op_result do_run(struct guest_thread *thread, struct guest_action *action)
{
	const struct op *op = thread->op;

	if (thread->step > 0)
		return OP_DONE;
	/* On its way to user mode. */
	if (op->mode == OP_MODE_USER && guest_need_resched(thread->cpu, true) &&
	    guest_preemptible(thread->cpu))
		return OP_YIELDS;
	thread->step++;
	*action = (struct guest_action){
		.kind = GUEST_RUN,
		.ns = program_draw_ns(&thread->program, op),
		.kernel = op->mode == OP_MODE_KERNEL,
		.interrupts = op->interrupts && guest_irqs_on(thread),
	};
	return action->ns > 0 ? OP_ACTION : OP_DONE;
}

/* ---- Sleeping and waking -------------------------------------------------------------------- */

static void count_sync_wait(struct guest_thread *thread)
{
	sim_histogram_record(&thread->guest->instance.stats.sync_wait,
			     guest_now(thread->guest) - thread->sleep_start);
}

static enum op_result do_wait(struct guest_thread *thread, struct guest_action *action)
{
	struct sync_event *event = &thread->guest->instance.events[thread->op->object];

	switch (thread->step++) {
	case 0: return guest_system_call(thread, action);
	case 1:
		return event_wait(event, &thread->waiter, guest_now(thread->guest)) ? OP_DONE
										    : OP_SLEEPS;
	default: count_sync_wait(thread); return OP_DONE;
	}
}

static enum op_result do_wake(struct guest_thread *thread, struct guest_action *action)
{
	struct guest *guest = thread->guest;
	struct sync_event *event = &guest->instance.events[thread->op->object];
	struct exec_waiter *waiter;

	switch (thread->step++) {
	case 0: return guest_system_call(thread, action);
	case 1:
		if (event_wake(event, guest_now(guest), &waiter, &guest->error)) {
			guest_fail(guest, OVERSUB_FAILED);
			return OP_DONE;
		}
		return waiter && guest_wake(thread->cpu, guest_thread_of_waiter(waiter), action)
			       ? OP_ACTION
			       : OP_DONE;
	default: return OP_DONE;
	}
}

static enum op_result do_barrier(struct guest_thread *thread, struct guest_action *action)
{
	enum { ENTRY, ARRIVE, RELEASE, RELEASED };
	struct sync_barrier *barrier = &thread->guest->instance.barriers[thread->op->object];

	switch (thread->step) {
	case ENTRY: thread->step = ARRIVE; return guest_system_call(thread, action);
	case ARRIVE:
		if (!barrier_arrive(barrier, &thread->waiter, guest_now(thread->guest),
				    &thread->to_wake)) {
			thread->step = RELEASED;
			return OP_SLEEPS;
		}
		thread->step = RELEASE;
		/* fall through */
	case RELEASE:
		return guest_wake_all(thread->cpu, &thread->to_wake, action) ? OP_ACTION : OP_DONE;
	default: count_sync_wait(thread); return OP_DONE;
	}
}

static enum op_result do_timer(struct guest_thread *thread, struct guest_action *action)
{
	const struct op *op = thread->op;
	int64_t now = guest_now(thread->guest);
	int64_t expiry;

	switch (thread->step++) {
	case 0: return guest_system_call(thread, action);
	case 1:
		if (op->kind == OP_TIMER)
			expiry = program_next_expiry(op, now);
		else
			expiry = now + program_draw_ns(&thread->program, op);
		if (expiry <= now)
			return OP_DONE;
		thread->timer_armed = true;
		thread->wake_at = expiry;
		return guest_timer_add(thread, action) ? OP_ACTION : OP_SLEEPS;
	case 2: return thread->timer_armed ? OP_SLEEPS : OP_DONE;
	default: return OP_DONE;
	}
}

static enum op_result do_io(struct guest_thread *thread, struct guest_action *action)
{
	struct guest *guest = thread->guest;
	bool kick = thread->op->served_by == OP_SERVED_BY_IO_THREAD;

	switch (thread->step++) {
	case 0: return guest_system_call(thread, action);
	case 1:
		*action = (struct guest_action){.kind = GUEST_IO,
						.kernel = true,
						.interrupts = guest_irqs_on(thread),
						.kick = kick};
		return OP_ACTION;
	case 2:
		/* The I/O thread may have been faster than the way back from the kick. */
		if (kick)
			return thread->io_handled ? OP_DONE : OP_SLEEPS;
		thread->io_pending = true;
		sim_schedule(guest->engine, &thread->io_done,
			     guest_now(guest) + program_draw_ns(&thread->program, thread->op));
		return OP_SLEEPS;
	default: return OP_DONE;
	}
}

static enum op_result do_take(struct guest_thread *thread, struct guest_action *action)
{
	struct source_state *source = &thread->guest->instance.sources[thread->op->object];

	if (thread->step++ == 0 && !source_take(source, &thread->waiter, guest_now(thread->guest)))
		return OP_SLEEPS;
	program_took(&thread->program, thread->waiter.arrival);
	return OP_DONE;
}

/* With one thread per CPU there is nobody to yield to. */
static enum op_result do_yield(struct guest_thread *thread, struct guest_action *action)
{
	switch (thread->step++) {
	case 0: return guest_system_call(thread, action);
	case 1:
		if (!guest_preemptible(thread->cpu))
			return OP_DONE;
		guest_sched_yield(thread->cpu);
		return OP_YIELDS;
	default: return OP_DONE;
	}
}

/* ---- The thread ----------------------------------------------------------------------------- */

static op_step_fn *const op_steps[OP_KINDS] = {
	[OP_RUN] = do_run,
	[OP_LOCK] = guest_do_lock,
	[OP_UNLOCK] = guest_do_unlock,
	[OP_SMP_CALL] = guest_do_call,
	[OP_TLB_FLUSH] = guest_do_call,
	[OP_WAIT] = do_wait,
	[OP_WAKE] = do_wake,
	[OP_SLEEP] = do_timer,
	[OP_TIMER] = do_timer,
	[OP_YIELD] = do_yield,
	[OP_BARRIER] = do_barrier,
	[OP_IO] = do_io,
	[OP_TAKE] = do_take,
	[OP_NMI] = guest_do_nmi,
	[OP_RESCHED] = guest_do_resched,
	[OP_IRQ_WORK] = guest_do_irq_work,
	[OP_RCU_EXPEDITED] = guest_do_rcu_expedited,
};

static void go_to_sleep(struct guest_thread *thread)
{
	thread->asleep = true;
	thread->sleep_start = guest_now(thread->guest);
	guest_thread_stops(thread);
}

/* False: the program has ended, or goes round in no time. */
static bool next_op(struct guest_thread *thread)
{
	struct guest *guest = thread->guest;

	thread->op = program_next(&thread->program, guest_now(guest));
	thread->step = 0;
	thread->op_start = guest_now(guest);
	if (thread->op)
		return true;
	if (program_error(&thread->program, &guest->error))
		guest_fail(guest, OVERSUB_BAD_INPUT);
	go_to_sleep(thread);
	return false;
}

bool guest_thread_next(struct guest_thread *thread, struct guest_action *action)
{
	for (;;) {
		if (!thread->op && !next_op(thread))
			return false;
		switch (op_steps[thread->op->kind](thread, action)) {
		case OP_ACTION: return true;
		case OP_DONE: thread->op = NULL; break;
		case OP_SLEEPS:
			if (!guest_irqs_on(thread))
				guest_fail_thread(thread, "sleeps with interrupts off: unlock what "
							  "was locked with irqsave first");
			if (thread->preempt_off && thread->se)
				guest_fail_thread(thread, "sleeps while it holds a spinlock, for "
							  "which the others would spin for ever: "
							  "unlock it first, or make it a mutex");
			go_to_sleep(thread);
			return false;
		case OP_YIELDS: return false;
		case OP_FAILED: return false;
		}
	}
}
