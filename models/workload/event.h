/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events, which are counting semaphores: a signal wakes the thread that has waited longest, or is
 * remembered for the next one that comes. No clock; the runner puts threads to sleep and wakes
 * them.
 */
#ifndef MODELS_WORKLOAD_EVENT_H
#define MODELS_WORKLOAD_EVENT_H

#include "models/workload/waiter.h"

struct sync_event {
	const char *name; /* outlives the event */
	int64_t signals;  /* remembered; 0 while somebody waits */
	struct waiter_queue waiters;
};

void event_init(struct sync_event *event, const char *name);
/* Consume a signal: true. None there: false, and waiter is queued from now (ns) on, must sleep. */
bool event_wait(struct sync_event *event, struct exec_waiter *waiter, int64_t now);
/* Signal. Returns the waiter that consumed the signal and is to be woken, or NULL. */
struct exec_waiter *event_wake(struct sync_event *event);

#endif
