/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one replication of a scenario yields: a flat list of metrics and a few histograms. Sweeps,
 * comparisons, CSV and JSON all work on this list without knowing what a metric means.
 *
 * Every replication of a scenario yields the same metrics in the same order, so replications are
 * combined by index. A value that does not exist (a percentile of nothing) is NAN.
 */
#ifndef SIM_RUN_RESULT_H
#define SIM_RUN_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>

#include "sim/stats/histogram.h"

/* Version of result.json and of the meaning of the names in it. */
#define RESULT_FORMAT 2

/*
 * scope: "host", "vm.NAME" (all VMs of one entry of "vms" together), or "host_threads".
 * name: without spaces, e.g. "requests_per_s", "tlb_flush.p99"; metric.h has the list.
 */
struct result_metric {
	char *scope;
	char *name;
	const char *unit; /* "ns", "1/s", "fraction", "ratio", "count"; static */
	double value;
};

struct result_histogram {
	char *scope;
	char *name; /* "request.chunk", "ipi_response", "tlb_flush", "lock_wait", ... */
	struct sim_histogram histogram; /* ns */
};

/* Equal slices of the measured window, of which series have a value each; even. */
enum { RESULT_SLICES = 400 };

/* How much of something there was in each slice. Not for files: it says how long to warm up. */
struct result_series {
	char *scope;
	const char *quantity; /* "requests/s"; static */
	double values[RESULT_SLICES];
};

struct replication_result {
	struct result_metric *metrics;
	size_t nr_metrics;
	struct result_histogram *histograms;
	size_t nr_histograms;
	struct result_series *series;
	size_t nr_series;
	uint64_t events;      /* fired by the engine, warm-up included */
	int64_t simulated_ns; /* warm-up included */
	double wall_s;	      /* of this replication; goes to run.json only */
	bool failed;	      /* memory ran out while something was appended */
};

/* Append; scope and name are copied. Running out of memory is remembered as failed. */
void result_add(struct replication_result *result, const char *scope, const char *name,
		const char *unit, double value);
void result_add_histogram(struct replication_result *result, const char *scope, const char *name,
			  const struct sim_histogram *histogram);
/* values has RESULT_SLICES elements. */
void result_add_series(struct replication_result *result, const char *scope, const char *quantity,
		       const double *values);
/* The metric, NULL if there is none. */
const struct result_metric *result_find(const struct replication_result *result, const char *scope,
					const char *name);
/* Free what result points to and leave it empty. */
void result_free(struct replication_result *result);

#endif
