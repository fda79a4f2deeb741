/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many replications of one or more scenarios, on as many threads as there are CPUs for them.
 *
 * A point is one scenario; a run has one point, a sweep one for each of its combinations. Workers
 * take (point, replication) pairs in order, points first to last; the replications of a point are
 * combined in their own order once all of them are done. So nothing in a result depends on the
 * number of workers, nor on which replications were run now and which before. The first failure,
 * unless failures are to be gone on after, or an interruption, ends all that is still running.
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
	int cancel_fd;		  /* a signalfd or the like, readable to stop; -1: none */

	/*
	 * The callbacks run in the calling thread, wanted excepted. Any of them but point_done, and
	 * point_done where nothing but replications counts, may be NULL. What returns anything but
	 * OVERSUB_OK ends the experiment with that.
	 */
	void *context;
	/* Whether a replication is to be run; the same answer each time, from any thread. */
	bool (*wanted)(void *context, size_t point, uint32_t replication);
	/* One that was not wanted, for its point; without it such a point is never complete. */
	enum oversub_status (*recall)(void *context, size_t point, uint32_t replication,
				      struct replication_result *result,
				      struct oversub_error *error);
	/* One has been run; in any order. It counts once settle has returned. */
	enum oversub_status (*replication_done)(void *context, size_t point, uint32_t replication,
						const struct replication_result *result,
						struct oversub_error *error);
	enum oversub_status (*settle)(void *context, struct oversub_error *error);
	/*
	 * One has failed, and the others go on; its point is never complete. NULL: the first
	 * failure ends the experiment.
	 */
	void (*replication_failed)(void *context, size_t point, uint32_t replication,
				   const struct oversub_error *failure);
	/* A point is complete. *aggregate is the callee's to free. Points may come in any order. */
	enum oversub_status (*point_done)(void *context, size_t point, struct aggregate *aggregate,
					  struct oversub_error *error);
	/* Called several times a second with simulated ns done and in all. */
	void (*progress)(void *context, int64_t done_ns, int64_t total_ns);
	/*
	 * The user wants to stop, and some worker does not hear it, or the user has said it twice.
	 * All that was done is settled. Does not return, as workers still use what is the caller's.
	 */
	void (*abandon)(void *context, int signal);
};

/*
 * Run all replications of all points. The first failure is reported with the point and replication
 * that it belongs to. *signal (may be NULL) tells an interruption, which returns OVERSUB_FAILED,
 * from a failure: its number, 0 if there was none.
 */
enum oversub_status experiment_run(const struct experiment_point *points, size_t nr_points,
				   const struct experiment_options *options, int *signal,
				   struct oversub_error *error);

/* The number of workers that 0 stands for: CPUs this process may run on. */
unsigned int experiment_default_jobs(void);

#endif
