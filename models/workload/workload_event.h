/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events, which are counting semaphores: a signal wakes the thread that has waited longest, or is
 * remembered for the next one that comes. No clock; the runner puts threads to sleep and wakes
 * them.
 */
#ifndef MODELS_WORKLOAD_WORKLOAD_EVENT_H
#define MODELS_WORKLOAD_WORKLOAD_EVENT_H

#include <oversub/error.h>

#include "models/workload/backlog.h"
#include "models/workload/waiter.h"

struct sync_event {
	const char *name;	/* outlives the event */
	struct backlog backlog; /* signals that are remembered; none while somebody waits */
	struct waiter_queue waiters;
};

/* Without signals, from now (ns) on. Owns memory once a signal is remembered. */
void event_init(struct sync_event *event, const char *name, int64_t now);
void event_fini(struct sync_event *event);
/* Consume a signal: true. None there: false, and waiter is queued from now (ns) on, must sleep. */
bool event_wait(struct sync_event *event, struct exec_waiter *waiter, int64_t now);
/*
 * Signal. *waiter: who consumed the signal and is to be woken, or NULL: it is remembered.
 * OVERSUB_FAILED without memory for it, or if BACKLOG_MAX are remembered already.
 */
enum oversub_status event_wake(struct sync_event *event, int64_t now, struct exec_waiter **waiter,
			       struct oversub_error *error);

#endif
