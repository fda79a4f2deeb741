/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "models/workload/barrier.h"
#include "models/workload/workload_event.h"
#include "models/workload/lock.h"
#include "models/workload/source.h"
#include "models/workload/waiter.h"

void waiter_init(struct exec_waiter *waiter, const char *name)
{
	*waiter = (struct exec_waiter){.name = name};
}

void waiter_queue_push(struct waiter_queue *queue, struct exec_waiter *waiter)
{
	waiter->queue = queue;
	waiter->next = NULL;
	waiter->previous = queue->last;
	if (queue->last)
		queue->last->next = waiter;
	else
		queue->first = waiter;
	queue->last = waiter;
	queue->length++;
}

void waiter_queue_remove(struct exec_waiter *waiter)
{
	struct waiter_queue *queue = waiter->queue;

	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		queue->first = waiter->next;
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	else
		queue->last = waiter->previous;
	queue->length--;
	waiter->next = waiter->previous = NULL;
	waiter->queue = NULL;
}

struct exec_waiter *waiter_queue_pop(struct waiter_queue *queue)
{
	struct exec_waiter *waiter = queue->first;

	if (waiter)
		waiter_queue_remove(waiter);
	return waiter;
}

void waiter_set_executing(struct exec_waiter *waiter, bool executing)
{
	struct sync_lock *lock;

	if (waiter->executing == executing)
		return;
	waiter->executing = executing;
	if (waiter->state != WAITER_LOCK || waiter->lock->kind != LOCK_TAS)
		return;
	lock = waiter->lock;
	waiter_queue_remove(waiter);
	waiter_queue_push(executing ? &lock->waiters : &lock->off_cpu, waiter);
}

void waiter_describe(const struct exec_waiter *waiter, int64_t now, char *text, size_t size)
{
	int64_t waited = now - waiter->since;

	if (size)
		text[0] = '\0';
	switch (waiter->state) {
	case WAITER_IDLE: break;
	case WAITER_LOCK:
		snprintf(text, size, "waits %" PRId64 " ns for lock %s held by %s", waited,
			 waiter->lock->description->name,
			 waiter->lock->owner	 ? waiter->lock->owner->name
			 : waiter->lock->readers ? "readers"
						 : "nobody");
		break;
	case WAITER_EVENT:
		snprintf(text, size, "waits %" PRId64 " ns for event %s", waited,
			 waiter->event->name);
		break;
	case WAITER_BARRIER:
		snprintf(text, size, "waits %" PRId64 " ns at barrier %s (%d of %d arrived)",
			 waited, waiter->barrier->description->name,
			 waiter->barrier->waiters.length, waiter->barrier->description->parties);
		break;
	case WAITER_SOURCE:
		snprintf(text, size, "waits %" PRId64 " ns for an arrival of source %s", waited,
			 waiter->source->description->name);
		break;
	}
}
