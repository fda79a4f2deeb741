/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest thread: what each op of its program does, step by step. A step function is called when
 * the previous action of the op is complete; thread->step says which step is next.
 */
#include "models/guest/thread_ops.h"

#include "models/guest/guest_cpu.h"
#include "models/workload/barrier.h"
#include "models/workload/event.h"
#include "models/workload/source.h"

static enum op_result run_kernel(struct guest_thread *thread, struct guest_action *action,
				 int64_t ns)
{
	guest_run_kernel(action, ns, guest_irqs_on(thread));
	return OP_ACTION;
}

static enum op_result system_call(struct guest_thread *thread, struct guest_action *action)
{
	return run_kernel(thread, action, thread->guest->config.syscall_ns);
}

static enum op_result do_run(struct guest_thread *thread, struct guest_action *action)
{
	const struct op *op = thread->op;

	if (thread->step++ > 0)
		return OP_DONE;
	*action = (struct guest_action){
		.kind = GUEST_RUN,
		.ns = program_draw_ns(&thread->program, op),
		.kernel = op->mode == OP_MODE_KERNEL,
		.interrupts = op->interrupts && guest_irqs_on(thread),
	};
	return action->ns > 0 ? OP_ACTION : OP_DONE;
}

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
	call_begin(thread->cpu, op, target);
	if (flush)
		guest->stats.tlb_flushes++;
	else
		guest->stats.smp_calls++;
	return OP_ACTION;
}

static enum op_result do_call(struct guest_thread *thread, struct guest_action *action)
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
	latency = guest_now(thread->guest) - thread->op_start;
	if (thread->op->kind == OP_TLB_FLUSH) {
		stats->tlb_flushes_remote += thread->cpu->call.nr_queued > 0;
		sim_histogram_record(&stats->tlb_flush, latency);
	} else if (thread->op->wait) {
		sim_histogram_record(&stats->smp_call, latency);
	}
	return OP_DONE;
}

/* As the watchdog and perf send them: to one CPU, or with a shorthand to all others. */
static enum op_result do_nmi(struct guest_thread *thread, struct guest_action *action)
{
	int target = program_draw_target(&thread->program, thread->op, thread->cpu->index,
					 thread->guest->nr_cpus);
	struct lapic_message icr;

	if (thread->step++ > 0 || target == PROGRAM_TARGET_NONE)
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

/* ---- Sleeping and waking -------------------------------------------------------------------- */

enum op_result guest_wake_remote(struct guest_thread *thread, struct guest_action *action,
				 struct exec_waiter *waiter)
{
	struct guest_thread *target = guest_thread_of_waiter(waiter);

	guest_wake_thread(target);
	thread->guest->stats.reschedules++;
	/* With the target's run queue locked. */
	guest_write_icr(action,
			guest_unicast(thread->cpu, target->cpu->index, GUEST_VECTOR_RESCHEDULE),
			false);
	return OP_ACTION;
}

static void count_sync_wait(struct guest_thread *thread)
{
	sim_histogram_record(&thread->guest->instance.stats.sync_wait,
			     guest_now(thread->guest) - thread->sleep_start);
}

static enum op_result do_wait(struct guest_thread *thread, struct guest_action *action)
{
	struct sync_event *event = &thread->guest->instance.events[thread->op->object];

	switch (thread->step++) {
	case 0: return system_call(thread, action);
	case 1:
		return event_wait(event, &thread->waiter, guest_now(thread->guest)) ? OP_DONE
										    : OP_SLEEPS;
	default: count_sync_wait(thread); return OP_DONE;
	}
}

static enum op_result do_wake(struct guest_thread *thread, struct guest_action *action)
{
	struct sync_event *event = &thread->guest->instance.events[thread->op->object];
	struct exec_waiter *waiter;

	switch (thread->step++) {
	case 0: return system_call(thread, action);
	case 1:
		waiter = event_wake(event);
		return waiter ? guest_wake_remote(thread, action, waiter) : OP_DONE;
	default: return OP_DONE;
	}
}

static enum op_result do_barrier(struct guest_thread *thread, struct guest_action *action)
{
	enum { ENTRY, ARRIVE, RELEASE, RELEASED };
	struct sync_barrier *barrier = &thread->guest->instance.barriers[thread->op->object];
	struct exec_waiter *waiter;

	switch (thread->step) {
	case ENTRY: thread->step = ARRIVE; return system_call(thread, action);
	case ARRIVE:
		if (!barrier_arrive(barrier, &thread->waiter, guest_now(thread->guest),
				    &thread->to_wake)) {
			thread->step = RELEASED;
			return OP_SLEEPS;
		}
		thread->step = RELEASE;
		/* fall through */
	case RELEASE:
		waiter = waiter_queue_pop(&thread->to_wake);
		return waiter ? guest_wake_remote(thread, action, waiter) : OP_DONE;
	default: count_sync_wait(thread); return OP_DONE;
	}
}

static enum op_result do_timer(struct guest_thread *thread, struct guest_action *action)
{
	const struct op *op = thread->op;
	int64_t now = guest_now(thread->guest);
	enum kvm_lapic_timer timer = (enum kvm_lapic_timer)thread->guest->vm->config.lapic_timer;
	int64_t expiry;

	switch (thread->step++) {
	case 0: return system_call(thread, action);
	case 1:
		if (op->kind == OP_TIMER)
			expiry = program_next_expiry(op, now);
		else
			expiry = now + program_draw_ns(&thread->program, op);
		if (expiry <= now)
			return OP_DONE;
		thread->timer_armed = true;
		thread->wake_at = expiry;
		if (timer == KVM_TIMER_PERIODIC)
			return OP_SLEEPS;
		*action = (struct guest_action){.kind = GUEST_TIMER_ARM,
						.timer = timer,
						.ns = expiry,
						.kernel = true,
						.interrupts = guest_irqs_on(thread)};
		return OP_ACTION;
	case 2: return thread->timer_armed && timer != KVM_TIMER_PERIODIC ? OP_SLEEPS : OP_DONE;
	default: return OP_DONE;
	}
}

static enum op_result do_io(struct guest_thread *thread, struct guest_action *action)
{
	struct guest *guest = thread->guest;

	switch (thread->step++) {
	case 0: return system_call(thread, action);
	case 1:
		*action = (struct guest_action){
			.kind = GUEST_IO, .kernel = true, .interrupts = guest_irqs_on(thread)};
		return OP_ACTION;
	case 2:
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

/* One thread per CPU: there is nobody to yield to. */
static enum op_result do_yield(struct guest_thread *thread, struct guest_action *action)
{
	return thread->step++ == 0 ? system_call(thread, action) : OP_DONE;
}

/* ---- The thread ----------------------------------------------------------------------------- */

static op_step_fn *const op_steps[OP_KINDS] = {
	[OP_RUN] = do_run,	 [OP_LOCK] = guest_do_lock, [OP_UNLOCK] = guest_do_unlock,
	[OP_SMP_CALL] = do_call, [OP_TLB_FLUSH] = do_call,  [OP_WAIT] = do_wait,
	[OP_WAKE] = do_wake,	 [OP_SLEEP] = do_timer,	    [OP_TIMER] = do_timer,
	[OP_YIELD] = do_yield,	 [OP_BARRIER] = do_barrier, [OP_IO] = do_io,
	[OP_TAKE] = do_take,	 [OP_NMI] = do_nmi,
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
			go_to_sleep(thread);
			return false;
		case OP_FAILED: return false;
		}
	}
}
