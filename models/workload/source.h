/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open arrivals: work items that arrive at their own pace, whatever the threads do, and wait in
 * order until a thread takes them. Holds no event: the runner arms one for next_arrival, and calls
 * source_arrive() when it fires.
 */
#ifndef MODELS_WORKLOAD_SOURCE_H
#define MODELS_WORKLOAD_SOURCE_H

#include "models/workload/waiter.h"
#include "models/workload/workload.h"
#include "sim/engine/random.h"

struct source_state {
	const struct workload_source *description;
	struct sim_stream stream; /* of interarrival times, purpose "arrival" */
	int64_t next_arrival;	  /* ns */
	uint64_t arrivals;	  /* all so far */
	struct waiter_queue idle; /* threads that wait for work; empty while work waits */

	/* Arrival times of the items nobody has taken: a ring that doubles when it is full. */
	int64_t *pending;
	uint32_t capacity; /* a power of two */
	uint32_t head;
	uint32_t nr_pending;
};

enum {
	SOURCE_INITIAL_CAPACITY = 1024,
	/* More waiting items than this end the run: nobody serves them. */
	SOURCE_MAX_PENDING = 1 << 24,
};

/*
 * Begin at start (ns); the first item arrives one interarrival time later. instance names the
 * stream's entity, with the source's own name. OVERSUB_FAILED without memory.
 */
enum oversub_status source_init(struct source_state *source,
				const struct workload_source *description, const char *instance,
				int64_t start, uint64_t seed, uint32_t replication,
				struct oversub_error *error);
void source_fini(struct source_state *source);

/*
 * The item due at next_arrival arrives; next_arrival moves on. *served: the idle thread that got it
 * and is to be woken (its waiter->arrival says when it arrived), or NULL: the item is queued.
 * Fails without memory for the queue or beyond SOURCE_MAX_PENDING.
 */
enum oversub_status source_arrive(struct source_state *source, struct exec_waiter **served,
				  struct oversub_error *error);

/*
 * Take the oldest waiting item: true, and waiter->arrival says when it arrived. None there: false,
 * and waiter is queued from now (ns) on and must sleep.
 */
bool source_take(struct source_state *source, struct exec_waiter *waiter, int64_t now);

#endif
