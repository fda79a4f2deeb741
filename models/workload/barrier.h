/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Barriers: the last of a number of threads to arrive releases the others. No clock. */
#ifndef MODELS_WORKLOAD_BARRIER_H
#define MODELS_WORKLOAD_BARRIER_H

#include "models/workload/waiter.h"
#include "models/workload/workload.h"

struct sync_barrier {
	const struct workload_barrier *description; /* name and number of parties */
	struct waiter_queue waiters;		    /* arrived, asleep */
};

/* description must outlive the barrier. */
void barrier_init(struct sync_barrier *barrier, const struct workload_barrier *description);
/*
 * waiter arrives. True: it was the last, goes on, and must wake everybody in *released, in order
 * (waiter_queue_pop()); their waits are over. False: it is queued from now (ns) on and must sleep.
 */
bool barrier_arrive(struct sync_barrier *barrier, struct exec_waiter *waiter, int64_t now,
		    struct waiter_queue *released);

#endif
