/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the calling thread of an experiment (experiment.c) and its workers (experiment_worker.c)
 * share. */
#ifndef SIM_RUN_EXPERIMENT_INTERNAL_H
#define SIM_RUN_EXPERIMENT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/run/experiment.h"

/* A replication that a worker is through with. */
struct finished {
	size_t point;
	uint32_t replication;
	struct oversub_error failure; /* "": none */
};

/* The replications of one point while they come in. */
struct point_state {
	struct replication_result *results; /* allocated when the first one starts */
	uint32_t next;			    /* that a worker will look at */
	uint32_t nr_left;		    /* to be run, and not settled: of the calling thread */
};

struct experiment {
	const struct experiment_point *points;
	size_t nr_points;
	const struct experiment_options *options;

	pthread_mutex_t lock; /* of what follows up to the next blank line */
	struct point_state *states;
	size_t next_point;	/* from which the next replication is taken */
	unsigned int nr_active; /* workers that have not ended */
	struct finished *finished;
	size_t nr_finished;
	size_t nr_ahead;	/* replications that were taken and are not settled */
	size_t most_ahead;	/* more would fill the memory if settling is slower than running */
	pthread_cond_t settled; /* nr_ahead has become less, or all is to end */
	enum oversub_status status; /* of the first failure, and what follows about it */
	size_t failed_point;
	uint32_t failed_replication;
	struct oversub_error error;

	atomic_bool cancel;
	atomic_llong progress;
	int wake_fd; /* workers tell the calling thread that something is finished */

	int signal;	  /* that came; 0: none; of the calling thread, as the rest */
	int64_t deadline; /* when patience with the workers ends, ms on the monotonic clock */
};

/* Whether a replication is to be run. */
bool experiment_wants(const struct experiment *experiment, size_t point, uint32_t replication);
/* Room for the results of point; false without memory. */
bool experiment_make_results(struct experiment *experiment, size_t point);
/*
 * Remember the first failure and stop the others, whose ends are then no failures of their own.
 * Called with the lock held.
 */
void experiment_fail(struct experiment *experiment, size_t point, uint32_t replication,
		     enum oversub_status status, const struct oversub_error *error);
/* Start up to nr workers; returns how many there are. */
unsigned int experiment_start_workers(struct experiment *experiment, pthread_t *threads,
				      unsigned int nr);

#endif
