/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many replications of one or more scenarios, on as many threads as there are CPUs for them.
 *
 * A point is one scenario; a run has one point, a sweep one for each of its combinations. Workers
 * take (point, replication) pairs in order, points first to last; the replications of a point are
 * combined in their own order once all of them are done. So nothing in a result depends on the
 * number of workers. The first failure, or a cancellation, ends all that is still running.
 */
#ifndef SIM_RUN_EXPERIMENT_H
#define SIM_RUN_EXPERIMENT_H

#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>

#include "sim/trace/trace.h"
#include "sim/run/aggregate.h"
#include "sim/run/world.h"

/* More workers than this are refused by whoever reads the number. */
#define EXPERIMENT_MAX_JOBS 1024

struct experiment_point {
	const struct scenario *scenario; /* constant while the experiment runs */
	int64_t simulated_ns;		 /* of one replication with its warm-up, for progress */
	uint32_t nr_replications;	 /* >= 1 */
	size_t number;			 /* what messages call it */
};

/* What runs a replication: world_run(), or a stand-in in tests. */
typedef enum oversub_status experiment_run_fn(const struct scenario *scenario, uint32_t replication,
					      const struct world_options *options,
					      struct replication_result *result,
					      struct oversub_error *error);

struct experiment_options {
	experiment_run_fn *run;
	unsigned int jobs;	  /* worker threads; 0: one for each online CPU */
	struct trace_sink *trace; /* gets replication 0 of point 0; may be NULL */
	bool check_invariants;	  /* see struct world_options */
	int cancel_fd;		  /* readable when the user wants to stop; -1: none */

	void *context; /* of the callbacks, which run in the calling thread */
	/*
	 * A point is complete. *aggregate is the callee's to free. Points may come in any order.
	 * Anything but OVERSUB_OK ends the experiment with that.
	 */
	enum oversub_status (*point_done)(void *context, size_t point, struct aggregate *aggregate,
					  struct oversub_error *error);
	/* Called several times a second with simulated ns done and in all; may be NULL. */
	void (*progress)(void *context, int64_t done_ns, int64_t total_ns);
};

/*
 * Run all replications of all points. The first failure is reported with the point and replication
 * that it belongs to; *cancelled (may be NULL) tells a cancellation,
 * which returns OVERSUB_FAILED, from a failure.
 */
enum oversub_status experiment_run(const struct experiment_point *points, size_t nr_points,
				   const struct experiment_options *options, bool *cancelled,
				   struct oversub_error *error);

/* The number of workers that 0 stands for: CPUs this process may run on. */
unsigned int experiment_default_jobs(void);

#endif
