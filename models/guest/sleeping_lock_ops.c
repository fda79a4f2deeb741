/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock and unlock ops of guest threads, for mutex and rwsem: who spins, who sleeps, and who is
 * woken. Whom a lock goes to is decided in models/workload/sleeping_lock.c.
 */
#include "models/workload/sleeping_lock.h"

#include "models/guest/thread_ops.h"

/* ---- What the locks ask --------------------------------------------------------------------- */

static bool spins(struct exec_waiter *waiter)
{
	return guest_spins_now(guest_thread_of_waiter(waiter));
}

/* vcpu_is_preempted() */
static bool reported_preempted(struct exec_waiter *waiter)
{
	return vcpu_reported_preempted(guest_cpu_of_waiter(waiter)->vcpu);
}

/* owner_on_cpu() */
static bool runs(struct exec_waiter *waiter)
{
	const struct guest_thread *thread = guest_thread_of_waiter(waiter);

	return thread->cpu->context == GUEST_IN_THREAD && thread->cpu->current == thread &&
	       !thread->asleep && !reported_preempted(waiter);
}

static void spin_over(struct exec_waiter *waiter)
{
	guest_spin_over(guest_cpu_of_waiter(waiter));
}

static void bound(struct exec_waiter *waiter, int64_t ns)
{
	guest_bound_spin(guest_cpu_of_waiter(waiter), ns);
}

const struct sleeping_lock_ops guest_sleeping_lock_ops = {
	.spins = spins,
	.runs = runs,
	.reported_preempted = reported_preempted,
	.spin_over = spin_over,
	.bound = bound,
};

void guest_thread_stops(struct guest_thread *thread)
{
	sleeping_lock_stops(&thread->waiter, guest_now(thread->guest));
}

/* ---- Waking --------------------------------------------------------------------------------- */

/* Whom the operation on lock wakes: the list is this CPU's own (wake_q). */
static void collect_to_wake(struct guest_thread *thread, struct sync_lock *lock)
{
	struct exec_waiter *waiter;

	thread->first_to_wake = lock->to_wake;
	lock->to_wake = NULL;
	while ((waiter = waiter_queue_pop(&lock->granted)))
		waiter_queue_push(&thread->to_wake, waiter);
}

/* OP_DONE: all are awake. */
static enum op_result wake_next(struct guest_thread *thread, struct guest_action *action)
{
	struct exec_waiter *waiter = thread->first_to_wake;

	thread->first_to_wake = NULL;
	if (waiter && guest_wake(thread->cpu, guest_thread_of_waiter(waiter), action))
		return OP_ACTION;
	return guest_wake_all(thread->cpu, &thread->to_wake, action) ? OP_ACTION : OP_DONE;
}

/* ---- Lock ----------------------------------------------------------------------------------- */

enum lock_step { LOCK_TRY, LOCK_WAITS, LOCK_WAKES };

static enum op_result acquired(struct guest_thread *thread, struct guest_action *action,
			       bool contended)
{
	struct guest *guest = thread->guest;
	struct sync_lock *lock = &guest->instance.locks[thread->op->object];
	int64_t waited = contended ? guest_now(guest) - thread->waiter.since : 0;

	workload_count_lock(&guest->instance, contended, waited);
	guest_trace_lock(thread->cpu, lock);
	if (contended)
		guest_trace_lock_wait(thread, lock, false, waited);
	collect_to_wake(thread, lock);
	thread->step = LOCK_WAKES;
	return wake_next(thread, action);
}

static enum op_result wait_for_lock(struct guest_thread *thread, struct guest_action *action,
				    enum sleeping_result how)
{
	/* Others may have taken it when this one left the spinners. */
	guest_trace_lock(thread->cpu, &thread->guest->instance.locks[thread->op->object]);
	switch (how) {
	case SLEEPING_TAKEN: return acquired(thread, action, true);
	case SLEEPING_SPIN:
		guest_begin_spin(thread->cpu, action, GUEST_WAIT_LOCK);
		return OP_ACTION;
	case SLEEPING_SLEEP: thread->guest->stats.lock_sleeps++; return OP_SLEEPS;
	}
	return OP_FAILED;
}

enum op_result guest_do_sleeping_lock(struct guest_thread *thread, struct guest_action *action)
{
	struct guest *guest = thread->guest;
	struct exec_waiter *waiter = &thread->waiter;
	struct sync_lock *lock = &guest->instance.locks[thread->op->object];
	int64_t now = guest_now(guest);

	switch ((enum lock_step)thread->step) {
	case LOCK_TRY:
		waiter->lock_mode = (int)thread->op->lock_mode;
		if (sleeping_lock_check(lock, waiter, true, &guest->error)) {
			guest_fail(guest, OVERSUB_BAD_INPUT);
			return OP_FAILED;
		}
		if (sleeping_lock_try(lock, waiter))
			return acquired(thread, action, false);
		thread->step = LOCK_WAITS;
		guest_trace_lock_wait(thread, lock, true, 0);
		return wait_for_lock(thread, action, sleeping_lock_wait(lock, waiter, now));
	case LOCK_WAITS:
		if (thread->cpu->wait.kind == GUEST_WAIT_LOCK)
			guest_end_spin(thread->cpu);
		return wait_for_lock(thread, action, sleeping_lock_continue(lock, waiter, now));
	case LOCK_WAKES: return wake_next(thread, action);
	}
	return OP_FAILED;
}

/* ---- Unlock --------------------------------------------------------------------------------- */

enum op_result guest_do_sleeping_unlock(struct guest_thread *thread, struct guest_action *action)
{
	struct guest *guest = thread->guest;
	struct sync_lock *lock = &guest->instance.locks[thread->op->object];

	if (thread->step++ == 0) {
		if (sleeping_lock_check(lock, &thread->waiter, false, &guest->error)) {
			guest_fail(guest, OVERSUB_BAD_INPUT);
			return OP_FAILED;
		}
		sleeping_lock_release(lock, &thread->waiter, guest_now(guest));
		guest_trace_lock(thread->cpu, lock);
		collect_to_wake(thread, lock);
	}
	return wake_next(thread, action);
}
