/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The replications of one scenario taken together: every metric with its mean and interval, every
 * histogram merged. The order of the replications is theirs, not that in which they finished, so
 * an aggregate does not depend on how many threads ran them.
 */
#ifndef SIM_RUN_AGGREGATE_H
#define SIM_RUN_AGGREGATE_H

#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>

#include "sim/run/result.h"
#include "sim/stats/histogram.h"
#include "sim/stats/interval.h"

struct aggregate_metric {
	char *scope, *name, *unit; /* as in struct result_metric; owned */
	double *values;		   /* one per replication; NAN where there is none; owned */
	/*
	 * Of the values that exist; but mean and half_width of a percentile are those of the
	 * percentile of all replications' samples together, see sim/stats/quantile.h.
	 */
	struct sim_interval interval;
};

struct aggregate {
	size_t nr_replications;
	struct aggregate_metric *metrics;
	size_t nr_metrics;
	struct result_histogram *histograms; /* of all replications together; owned */
	size_t nr_histograms;
	struct result_series
		*series; /* means over them; empty in what was read from a file; owned */
	size_t nr_series;
	uint64_t events;      /* sum over the replications */
	int64_t simulated_ns; /* sum */
	double wall_s;	      /* sum; not a function of scenario and seed */
};

/*
 * Combine nr replications, at least 1. OVERSUB_FAILED if memory runs out or if the replications
 * do not have the same metrics in the same order; then *aggregate is empty.
 */
enum oversub_status aggregate_of(const struct replication_result *replications, size_t nr,
				 struct aggregate *aggregate, struct oversub_error *error);

/*
 * Append a metric whose values are all NAN, for whoever reads an aggregate from a file; strings
 * are copied. NULL if memory ran out. Pointers to other metrics become invalid.
 */
struct aggregate_metric *aggregate_add_metric(struct aggregate *aggregate, const char *scope,
					      const char *name, const char *unit);
/* Compute interval, as of what is no percentile, from the values of metric that are not NAN; nr is
 * their number with NANs. */
void aggregate_compute(struct aggregate_metric *metric, size_t nr);

/* The metric or histogram, NULL if there is none. */
const struct aggregate_metric *aggregate_find(const struct aggregate *aggregate, const char *scope,
					      const char *name);
const struct result_histogram *aggregate_find_histogram(const struct aggregate *aggregate,
							const char *scope, const char *name);
/* The mean of a metric, NAN if there is none. */
double aggregate_mean(const struct aggregate *aggregate, const char *scope, const char *name);

/* *copy becomes the same without its series, of its own memory. OVERSUB_FAILED without memory; then
 * it is empty. */
enum oversub_status aggregate_copy(const struct aggregate *aggregate, struct aggregate *copy,
				   struct oversub_error *error);
/* Give back the histograms, most of the memory, and keep the metrics. */
void aggregate_drop_histograms(struct aggregate *aggregate);
/* Free what aggregate points to and leave it empty. */
void aggregate_free(struct aggregate *aggregate);

#endif
