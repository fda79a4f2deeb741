/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An M/M/1 queue in its steady state, whose times in system are exponential. */
#ifndef TESTS_VALIDATION_COVERAGE_QUEUE_H
#define TESTS_VALIDATION_COVERAGE_QUEUE_H

#include "sim/engine/random.h"
#include "sim/stats/histogram.h"

#define QUEUE_LOAD	 0.7
#define QUEUE_SERVICE_NS 1e6
/* Mean time in system. */
#define QUEUE_TIME_NS (QUEUE_SERVICE_NS / (1 - QUEUE_LOAD))

/* Times in system of n jobs that follow each other, ns, into times, which is emptied. */
void queue_times(struct sim_histogram *times, int n, struct sim_stream *stream);

/* Jobs that end, and time that they are served for, ns, in each half of length ns. */
struct queue_halves {
	double jobs[2], busy[2];
};
struct queue_halves queue_halves_of(double length, struct sim_stream *stream);

#endif
