/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "models/workload/event.h"

void event_init(struct sync_event *event, const char *name)
{
	*event = (struct sync_event){.name = name};
}

bool event_wait(struct sync_event *event, struct exec_waiter *waiter, int64_t now)
{
	assert(waiter->state == WAITER_IDLE);
	if (event->signals > 0) {
		event->signals--;
		return true;
	}
	waiter->state = WAITER_EVENT;
	waiter->event = event;
	waiter->since = now;
	waiter_queue_push(&event->waiters, waiter);
	return false;
}

struct exec_waiter *event_wake(struct sync_event *event)
{
	struct exec_waiter *waiter = waiter_queue_pop(&event->waiters);

	if (waiter)
		waiter->state = WAITER_IDLE;
	else
		event->signals++;
	return waiter;
}
