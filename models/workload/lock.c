/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "models/workload/lock.h"
#include "models/workload/pv_lock.h"

void lock_init(struct sync_lock *lock, const struct workload_lock *description)
{
	*lock = (struct sync_lock){.description = description, .kind = description->kind};
}

enum lock_result lock_try(struct sync_lock *lock, struct exec_waiter *waiter,
			  struct oversub_error *error)
{
	assert(waiter->state == WAITER_IDLE);
	if (lock->owner == waiter) {
		oversub_fail(error, OVERSUB_BAD_INPUT,
			     "thread %s locks %s, which it holds already; unlock it first",
			     waiter->name, lock->description->name);
		return LOCK_ERROR;
	}
	if (lock->owner)
		return LOCK_BUSY;
	lock->owner = waiter;
	return LOCK_TAKEN;
}

void lock_wait(struct sync_lock *lock, struct exec_waiter *waiter, int64_t now)
{
	bool aside = lock->kind == LOCK_TAS && !waiter->executing;

	assert(lock->owner && waiter->state == WAITER_IDLE);
	if (lock->kind == LOCK_PV) {
		pv_lock_wait(lock, waiter, now);
		return;
	}
	waiter->state = WAITER_LOCK;
	waiter->lock = lock;
	waiter->since = now;
	waiter_queue_push(aside ? &lock->off_cpu : &lock->waiters, waiter);
}

enum oversub_status lock_release(struct sync_lock *lock, struct exec_waiter *waiter,
				 struct exec_waiter **next, struct oversub_error *error)
{
	*next = NULL;
	if (lock->owner != waiter)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "thread %s unlocks %s, which %s%s; lock it first", waiter->name,
				    lock->description->name,
				    lock->owner ? "is held by " : "nobody holds",
				    lock->owner ? lock->owner->name : "");
	if (lock->kind == LOCK_PV) {
		pv_lock_release(lock);
		return OVERSUB_OK;
	}
	*next = waiter_queue_pop(&lock->waiters);
	if (*next)
		(*next)->state = WAITER_IDLE;
	lock->owner = *next;
	return OVERSUB_OK;
}

bool lock_poll(struct exec_waiter *waiter)
{
	if (waiter->state != WAITER_LOCK || waiter->lock->kind == LOCK_PV || waiter->lock->owner)
		return false;
	assert(waiter->executing);
	waiter_queue_remove(waiter);
	waiter->state = WAITER_IDLE;
	waiter->lock->owner = waiter;
	return true;
}
