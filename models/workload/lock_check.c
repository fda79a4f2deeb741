/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/workload/lock_check.h"

static enum oversub_status broken(const struct sync_lock *lock, const struct exec_waiter *waiter,
				  const char *what, struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "lock %s: %s %s", lock->description->name,
			    waiter ? waiter->name : "it", what);
}

static enum oversub_status check_queue(const struct sync_lock *lock,
				       const struct waiter_queue *queue,
				       struct oversub_error *error)
{
	const struct exec_waiter *previous = NULL;
	int length = 0;

	for (const struct exec_waiter *waiter = queue->first; waiter; waiter = waiter->next) {
		if (waiter->queue != queue || waiter->previous != previous)
			return broken(lock, waiter, "is linked wrongly in its queue", error);
		if (waiter == lock->owner && queue != &lock->granted)
			return broken(lock, waiter, "waits for itself", error);
		if (waiter->state != WAITER_LOCK || waiter->lock != lock)
			return broken(lock, waiter, "is in its queue and waits for something else",
				      error);
		previous = waiter;
		length++;
	}
	if (queue->last != previous || queue->length != length)
		return broken(lock, NULL, "has another number of waiters than it says", error);
	return OVERSUB_OK;
}

/* A lock that is free and has somebody who could take it in this very moment. */
static enum oversub_status check_progress(const struct sync_lock *lock, struct oversub_error *error)
{
	if (lock->readers < 0)
		return broken(lock, NULL, "has fewer than no readers", error);
	if (lock->readers && lock->owner)
		return broken(lock, lock->owner, "holds it beside readers", error);
	if (lock->owner || lock->readers)
		return OVERSUB_OK;
	if ((lock->kind == LOCK_QUEUED || lock->kind == LOCK_TAS) && lock->waiters.first)
		return broken(lock, lock->waiters.first, "waits although it is free", error);
	return OVERSUB_OK;
}

enum oversub_status lock_check(const struct sync_lock *lock, struct oversub_error *error)
{
	const struct waiter_queue *queues[] = {&lock->waiters, &lock->off_cpu, &lock->stealers,
					       &lock->spinners};
	enum oversub_status status = OVERSUB_OK;

	for (size_t i = 0; status == OVERSUB_OK && i < sizeof(queues) / sizeof(*queues); i++)
		status = check_queue(lock, queues[i], error);
	return status == OVERSUB_OK ? check_progress(lock, error) : status;
}
