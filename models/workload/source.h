/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open arrivals: work items that arrive at their own pace, whatever the threads do, and wait in
 * order until a thread takes them. Holds no event: the runner arms one for next_arrival, and calls
 * source_arrive() when it fires.
 */
#ifndef MODELS_WORKLOAD_SOURCE_H
#define MODELS_WORKLOAD_SOURCE_H

#include "models/workload/backlog.h"
#include "models/workload/waiter.h"
#include "models/workload/workload.h"
#include "sim/engine/random.h"

struct source_state {
	const struct workload_source *description;
	struct sim_stream stream; /* of interarrival times, purpose "arrival" */
	int64_t next_arrival;	  /* ns */
	struct waiter_queue idle; /* threads that wait for work; empty while work waits */
	struct backlog backlog;	  /* items that nobody has taken */
};

/*
 * Begin at start (ns); the first item arrives one interarrival time later. instance names the
 * stream's entity, with the source's own name.
 */
void source_init(struct source_state *source, const struct workload_source *description,
		 const char *instance, int64_t start, uint64_t seed, uint32_t replication);
void source_fini(struct source_state *source);

/*
 * The item due at next_arrival arrives; next_arrival moves on. *served: the idle thread that got it
 * and is to be woken (its waiter->arrival says when it arrived), or NULL: the item is queued.
 * Fails without memory for the queue or beyond BACKLOG_MAX.
 */
enum oversub_status source_arrive(struct source_state *source, struct exec_waiter **served,
				  struct oversub_error *error);

/*
 * Take the oldest waiting item: true, and waiter->arrival says when it arrived. None there: false,
 * and waiter is queued from now (ns) on and must sleep.
 */
bool source_take(struct source_state *source, struct exec_waiter *waiter, int64_t now);

#endif
