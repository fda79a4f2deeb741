/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reports ask of a result: metrics whose names are put together, classes, requests. */
#ifndef SIM_REPORT_MEASURE_H
#define SIM_REPORT_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/run/aggregate.h"
#include "sim/scenario/scenario.h"

enum { MEASURE_NAME_MAX = 256 };

#define MEASURE_HOST_THREADS "host_threads"
#define MEASURE_REQUEST	     "request." /* what the names of the metrics of requests begin with */

/* The metric of scope whose name format makes; NULL if there is none. */
const struct aggregate_metric *measure_find(const struct aggregate *aggregate, const char *scope,
					    const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Its interval; all of it NAN if there is none. */
struct sim_interval measure_interval(const struct aggregate *aggregate, const char *scope,
				     const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Who shares the host: an entry of "vms", or all threads of the host. */
struct measure_class {
	char scope[MEASURE_NAME_MAX]; /* of its metrics */
	char label[MEASURE_NAME_MAX]; /* "db x3" */
	const char *name;	      /* "db"; lives in the scenario */
};

/* The next class of the scenario into *class; *position starts at 0. False if there is none. */
bool measure_next_class(const struct scenario *scenario, const struct aggregate *aggregate,
			int *position, struct measure_class *class);

/* scope as people call it: without "vm.". */
const char *measure_scope_name(const char *scope);

/*
 * The next request that scope has, as "request.NAME", into buffer; *position starts at 0. False if
 * there is none: buffer then has the last one.
 */
bool measure_next_request(const struct aggregate *aggregate, const char *scope, size_t *position,
			  char buffer[MEASURE_NAME_MAX]);

#endif
