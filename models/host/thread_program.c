/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ops of a plain host thread's program do: without the kernel, and in system calls. */
#include <assert.h>

#include "models/host/thread.h"
#include "sim/base/container_of.h"

static struct host_thread *thread_of_waiter(struct exec_waiter *waiter)
{
	return container_of(waiter, struct host_thread, waiter);
}

/* The wait of a thread for an event or barrier is over. */
static void wake_waiter(struct host_thread *waker, struct exec_waiter *waiter)
{
	sim_histogram_record(&waker->all->instance.stats.sync_wait,
			     host_thread_now(waker) - waiter->since);
	host_thread_wake(thread_of_waiter(waiter), waker->task.cpu);
}

static void begin_lock(struct host_thread *thread)
{
	struct host_threads *all = thread->all;
	struct sync_lock *lock = &all->instance.locks[thread->op->object];

	switch (lock_try(lock, &thread->waiter, &all->error)) {
	case LOCK_TAKEN: workload_count_lock(&all->instance, false, 0); break;
	case LOCK_BUSY:
		lock_wait(lock, &thread->waiter, host_thread_now(thread));
		thread->step = STEP_SPIN;
		thread->remaining_ns = thread->op->yield_after
					       ? thread->op->yield_after * all->config.spin_ns
					       : INT64_MAX;
		break;
	case LOCK_ERROR: host_threads_fail(all, OVERSUB_BAD_INPUT); break;
	}
}

static void unlock(struct host_thread *thread)
{
	struct host_threads *all = thread->all;
	struct sync_lock *lock = &all->instance.locks[thread->op->object];
	struct exec_waiter *next;
	enum oversub_status status = lock_release(lock, &thread->waiter, &next, &all->error);

	if (status)
		host_threads_fail(all, status);
	else if (next && next->executing)
		/* It goes on by itself, once this thread has done what it does in this instant. */
		sim_schedule(all->host->engine, &thread_of_waiter(next)->completion,
			     host_thread_now(thread));
}

/* Returns who is to be woken, or NULL. */
static struct exec_waiter *signal_event(struct host_thread *thread)
{
	struct host_threads *all = thread->all;
	struct sync_event *event = &all->instance.events[thread->op->object];
	struct exec_waiter *waiter;
	enum oversub_status status =
		event_wake(event, host_thread_now(thread), &waiter, &all->error);

	if (status)
		host_threads_fail(all, status);
	return waiter;
}

/* What needs no system call is done here at once: the step is then still STEP_NEXT. */
void host_thread_begin_op(struct host_thread *thread)
{
	struct workload_instance *instance = &thread->all->instance;
	const struct op *op = thread->op;

	switch (op->kind) {
	case OP_RUN:
		thread->remaining_ns = program_draw_ns(&thread->program, op);
		thread->step = STEP_RUN;
		break;
	case OP_LOCK: begin_lock(thread); break;
	case OP_UNLOCK: unlock(thread); break;
	case OP_WAIT:
		/* Like sem_wait(): a signal that is there is consumed without the kernel. */
		if (instance->events[op->object].backlog.nr > 0)
			event_wait(&instance->events[op->object], &thread->waiter,
				   host_thread_now(thread));
		else
			thread->step = STEP_SYSCALL;
		break;
	case OP_WAKE:
		if (!instance->events[op->object].waiters.first)
			signal_event(thread);
		else
			thread->step = STEP_SYSCALL;
		break;
	case OP_TAKE:
		if (instance->sources[op->object].backlog.nr) {
			source_take(&instance->sources[op->object], &thread->waiter,
				    host_thread_now(thread));
			program_took(&thread->program, thread->waiter.arrival);
		} else {
			thread->step = STEP_SYSCALL;
		}
		break;
	case OP_TIMER:
		thread->expiry = program_next_expiry(op, host_thread_now(thread));
		thread->step = STEP_SYSCALL;
		break;
	case OP_SERVE:
		if (thread->all->service->has_work(thread)) {
			thread->remaining_ns = thread->all->service->begin(thread);
			thread->step = STEP_RUN;
		} else {
			thread->step = STEP_SYSCALL;
		}
		break;
	default: /* sleep, yield, barrier; others have been refused */
		thread->step = STEP_SYSCALL;
		break;
	}
}

/* ---- System calls ------------------------------------------------------------------------- */

static void sleep_until(struct host_thread *thread, int64_t time)
{
	int64_t now = host_thread_now(thread);

	sim_schedule(thread->all->host->engine, &thread->alarm, time > now ? time : now);
}

/* The last to arrive wakes the others; false: it is not the last. */
static bool pass_barrier(struct host_thread *thread)
{
	struct sync_barrier *barrier = &thread->all->instance.barriers[thread->op->object];
	struct waiter_queue released;
	struct exec_waiter *waiter;

	if (!barrier_arrive(barrier, &thread->waiter, host_thread_now(thread), &released))
		return false;
	while ((waiter = waiter_queue_pop(&released)))
		wake_waiter(thread, waiter);
	return true;
}

/* The kernel's part of op. Returns true if the thread must sleep. */
bool host_thread_syscall(struct host_thread *thread)
{
	struct workload_instance *instance = &thread->all->instance;
	const struct op *op = thread->op;
	struct exec_waiter *waiter;

	switch (op->kind) {
	case OP_SLEEP:
		sleep_until(thread,
			    host_thread_now(thread) + program_draw_ns(&thread->program, op));
		return true;
	case OP_TIMER: sleep_until(thread, thread->expiry); return true;
	case OP_WAIT:
		return !event_wait(&instance->events[op->object], &thread->waiter,
				   host_thread_now(thread));
	case OP_WAKE:
		waiter = signal_event(thread);
		if (waiter)
			wake_waiter(thread, waiter);
		return false;
	case OP_BARRIER: return !pass_barrier(thread);
	/* Whoever has work wakes it, and if it came just now the next op finds it. */
	case OP_SERVE: return !thread->all->service->has_work(thread);
	case OP_TAKE:
		if (!source_take(&instance->sources[op->object], &thread->waiter,
				 host_thread_now(thread)))
			return true;
		program_took(&thread->program, thread->waiter.arrival);
		return false;
	default: assert(!"an op without a system call"); return false;
	}
}
