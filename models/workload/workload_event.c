/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "models/workload/workload_event.h"

void event_init(struct sync_event *event, const char *name, int64_t now)
{
	*event = (struct sync_event){.name = name};
	backlog_init(&event->backlog, now);
}

void event_fini(struct sync_event *event)
{
	backlog_fini(&event->backlog);
}

bool event_wait(struct sync_event *event, struct exec_waiter *waiter, int64_t now)
{
	assert(waiter->state == WAITER_IDLE);
	if (event->backlog.nr > 0) {
		backlog_pop(&event->backlog, now);
		return true;
	}
	waiter->state = WAITER_EVENT;
	waiter->event = event;
	waiter->since = now;
	waiter_queue_push(&event->waiters, waiter);
	return false;
}

enum oversub_status event_wake(struct sync_event *event, int64_t now, struct exec_waiter **waiter,
			       struct oversub_error *error)
{
	*waiter = waiter_queue_pop(&event->waiters);
	if (*waiter) {
		(*waiter)->state = WAITER_IDLE;
		backlog_pass(&event->backlog, now);
	} else if (!backlog_push(&event->backlog, now)) {
		return oversub_fail(error, OVERSUB_FAILED,
				    "%u signals of event %s wait, and there is no room for more: "
				    "threads that wait for it are too slow, or there are none",
				    event->backlog.nr, event->name);
	}
	return OVERSUB_OK;
}
