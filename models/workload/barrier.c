/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "models/workload/barrier.h"

void barrier_init(struct sync_barrier *barrier, const struct workload_barrier *description)
{
	*barrier = (struct sync_barrier){.description = description};
}

bool barrier_arrive(struct sync_barrier *barrier, struct exec_waiter *waiter, int64_t now,
		    struct waiter_queue *released)
{
	struct exec_waiter *other;

	assert(waiter->state == WAITER_IDLE);
	*released = (struct waiter_queue){0};
	if (barrier->waiters.length + 1 < barrier->description->parties) {
		waiter->state = WAITER_BARRIER;
		waiter->barrier = barrier;
		waiter->since = now;
		waiter_queue_push(&barrier->waiters, waiter);
		return false;
	}
	while ((other = waiter_queue_pop(&barrier->waiters))) {
		other->state = WAITER_IDLE;
		waiter_queue_push(released, other);
	}
	return true;
}
