/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrivals that outrun service: the backlog of a source or an event grew, as far as can be told
 * from the replications. Latencies then depend on how long the run was, and those that are
 * known, of what was served, are a lower bound.
 */
#ifndef SIM_RUN_OVERLOAD_H
#define SIM_RUN_OVERLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/run/aggregate.h"

enum { OVERLOAD_NAME_MAX = 128 };

struct overload {
	const char *scope;	      /* of aggregate */
	char name[OVERLOAD_NAME_MAX]; /* "source.net", "event.mail" */
	double offered, served;	      /* per second; all of means over the replications */
	double backlog;		      /* at the end */
	double oldest;		      /* ns, at the end; the largest of all replications */
};

/*
 * The next overloaded source or event; *position starts at 0. False if there is none. A backlog
 * grows if its growth in the second half of the window is more than nothing in a one-sided test
 * at 1 %, more than a few items, and more than 0.1 % of what arrives.
 */
bool overload_next(const struct aggregate *aggregate, size_t *position, struct overload *overload);

/* Whether scope has one. */
bool overload_in(const struct aggregate *aggregate, const char *scope);
/* Whether the metric is a latency of requests of a scope that has one: a lower bound. */
bool overload_bounds(const struct aggregate *aggregate, const char *scope, const char *metric,
		     const char *unit);

#endif
