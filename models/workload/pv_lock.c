/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/workload/pv_lock.h"

#include <assert.h>

static bool in_queue(const struct exec_waiter *waiter)
{
	return waiter->queue == &waiter->lock->waiters;
}

static bool runs(const struct exec_waiter *waiter)
{
	const struct pv_lock_ops *ops = waiter->lock->pv_ops;

	return waiter->pv_state == PV_RUNNING && !(ops->preempted && ops->preempted(waiter));
}

/* waiter spins in the queue: does it have to give up because its predecessor has? */
static void look_at_predecessor(struct exec_waiter *waiter)
{
	if (waiter->previous && !runs(waiter->previous))
		waiter->lock->pv_ops->hurry(waiter);
}

/* waiter goes to the end of the queue. */
static void join(struct sync_lock *lock, struct exec_waiter *waiter)
{
	waiter_queue_push(&lock->waiters, waiter);
	waiter->pv_state = PV_RUNNING;
	waiter->pv_hashed = false;
	lock->pv_ops->restart(waiter);
	look_at_predecessor(waiter);
}

/* The head, which executes, claims the lock: those who steal queue up. */
static void claim(struct sync_lock *lock)
{
	struct exec_waiter *waiter = lock->stealers.first;

	lock->pending = true;
	lock->pv_ops->restart(lock->waiters.first);
	while (waiter) {
		struct exec_waiter *next = waiter->next;

		if (lock->pv_ops->spins(waiter)) {
			waiter_queue_remove(waiter);
			join(lock, waiter);
		}
		waiter = next;
	}
}

static struct exec_waiter *spinning_stealer(const struct sync_lock *lock)
{
	struct exec_waiter *waiter = lock->stealers.first;

	while (waiter && !lock->pv_ops->spins(waiter))
		waiter = waiter->next;
	return waiter;
}

/* The head has got the lock and left the queue: what becomes of the next one? */
static void promote(struct sync_lock *lock)
{
	struct exec_waiter *head = lock->waiters.first;

	if (!head) {
		/* Without a queue there is nothing to steal from. */
		head = spinning_stealer(lock);
		if (!head)
			return;
		waiter_queue_remove(head);
		join(lock, head);
		claim(lock);
	} else if (head->pv_state == PV_HALTED) {
		head->pv_state = PV_HASHED;
		head->pv_hashed = true;
		lock->slow = true;
	} else if (lock->pv_ops->spins(head)) {
		claim(lock);
	}
}

static void take(struct sync_lock *lock, struct exec_waiter *waiter)
{
	bool head = in_queue(waiter);

	waiter_queue_remove(waiter);
	waiter->state = WAITER_IDLE;
	lock->owner = waiter;
	lock->pv_ops->grant(waiter);
	if (head) {
		lock->pending = false;
		promote(lock);
	}
}

void pv_lock_wait(struct sync_lock *lock, struct exec_waiter *waiter, int64_t now)
{
	waiter->state = WAITER_LOCK;
	waiter->lock = lock;
	waiter->since = now;
	waiter->pv_state = PV_RUNNING;
	waiter_queue_push(&lock->stealers, waiter);
}

void pv_lock_spins(struct exec_waiter *waiter)
{
	struct sync_lock *lock = waiter->lock;

	if (!in_queue(waiter)) {
		if (!lock->owner) {
			take(lock, waiter);
			return;
		}
		if (!lock->pending && lock->waiters.first)
			return;
		waiter_queue_remove(waiter);
		join(lock, waiter);
	}
	if (waiter->previous || lock->pending)
		return;
	claim(lock);
	if (!lock->owner)
		take(lock, waiter);
}

bool pv_lock_gives_up(struct exec_waiter *waiter)
{
	struct sync_lock *lock = waiter->lock;

	assert(in_queue(waiter) && waiter->pv_state == PV_RUNNING);
	if (waiter->previous) {
		waiter->pv_state = PV_HALTED;
	} else {
		assert(lock->pending && lock->owner);
		if (!waiter->pv_hashed)
			lock->slow = true;
		waiter->pv_hashed = true;
		/* It was kicked, but somebody stole the lock: nobody would kick it again. */
		if (!lock->slow) {
			lock->pv_ops->restart(waiter);
			return false;
		}
		lock->pending = false;
		waiter->pv_state = PV_HASHED;
	}
	if (waiter->next && waiter->next->pv_state == PV_RUNNING)
		lock->pv_ops->hurry(waiter->next);
	return true;
}

void pv_lock_wakes(struct exec_waiter *waiter)
{
	waiter->pv_state = PV_RUNNING;
	waiter->lock->pv_ops->restart(waiter);
	look_at_predecessor(waiter);
}

void pv_lock_preempted(struct exec_waiter *waiter)
{
	struct exec_waiter *next = in_queue(waiter) ? waiter->next : NULL;

	if (next && next->pv_state == PV_RUNNING)
		waiter->lock->pv_ops->hurry(next);
}

void pv_lock_release(struct sync_lock *lock)
{
	struct exec_waiter *next = lock->pending ? lock->waiters.first : NULL;

	lock->to_kick = lock->slow ? lock->waiters.first : NULL;
	lock->slow = false;
	lock->owner = NULL;
	if (!next)
		next = spinning_stealer(lock);
	if (next)
		take(lock, next);
}
