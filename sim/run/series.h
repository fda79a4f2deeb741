/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each class of VMs, and the host threads, did in each of many equal slices of the measured
 * window: whether the window began after the warm-up can be seen of that.
 */
#ifndef SIM_RUN_SERIES_H
#define SIM_RUN_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/run/result.h"

struct world;

enum series_quantity { SERIES_REQUESTS, SERIES_CPU_TIME, SERIES_QUANTITIES };

/* Part of a world; zero bytes are one that has not begun. */
struct series {
	int64_t begin, length; /* ns, of the window */
	int nr_rows;	       /* classes of VMs in the order of the scenario, then host threads */
	int nr_done;	       /* slices */
	double *last;	       /* per row and quantity: what the counts stood at; owned */
	double *values;	       /* per row, quantity and slice; owned */
};

/* Begin a window of length ns, > 0, now, with all counts at 0. False without memory. */
bool series_begin(struct series *series, const struct world *world, int64_t length);
/* When the next slice ends, ns; INT64_MAX if there is none. */
int64_t series_next(const struct series *series);
/* The next slices end now. Accounts of time are brought up to date. */
void series_sample(struct series *series, struct world *world);
/* What a row (see nr_rows) did of quantity in the second half of the window, less the first, over
 * half of all; NAN if there is nothing. */
double series_drift(const struct series *series, int row, enum series_quantity quantity);
/* Append row to result, under scope. */
void series_add(const struct series *series, int row, const char *scope,
		struct replication_result *result);
void series_fini(struct series *series);

/* "requests/s", "CPU time" */
extern const char *const series_quantity_names[SERIES_QUANTITIES];

#endif
