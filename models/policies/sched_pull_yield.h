/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and private state of sched policy pull_yield. A scenario sets the parameters by their
 * names. */
#ifndef MODELS_POLICIES_SCHED_PULL_YIELD_H
#define MODELS_POLICIES_SCHED_PULL_YIELD_H

#include <oversub/policy.h>

struct pull_yield_params {
	int64_t migrate_core_ns; /* what a migration costs by distance */
	int64_t migrate_llc_ns;
	int64_t migrate_node_ns;
	int64_t migrate_numa_ns;
	int64_t max_pulls_per_ms;
	int64_t numa_limit; /* enum oversub_distance - 1: the farthest that is pulled from */
	int64_t min_residency_ns;
	int64_t min_surplus; /* tasks */
	int64_t refuse;	     /* bool */
	int64_t pay;	     /* bool */
};

/* Private bytes of a run queue. */
struct pull_yield_rq {
	uint64_t window_start; /* clock when the present window of 1 ms began */
	int64_t pulls;	       /* in it, to this run queue */
};

#endif
