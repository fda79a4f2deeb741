/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A quantile of all values of several replications together, with the confidence it deserves.
 *
 * Values within a replication depend on each other, replications do not. So the share of values
 * below the quantile is estimated over replications, as a ratio of two means (Woodruff 1952, with
 * the replications as clusters), and its Student interval is carried over to the values by the
 * quantiles at its ends. Unlike a mean of each replication's quantile, this has no bias that stays
 * as replications are added.
 */
#ifndef SIM_STATS_QUANTILE_H
#define SIM_STATS_QUANTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/stats/histogram.h"

/* A quantile with fewer values beyond it is as good as the maximum, and is not told. */
enum { SIM_QUANTILE_MIN_BEYOND = 10 };

struct sim_quantile {
	double value; /* ns; NAN if fewer than SIM_QUANTILE_MIN_BEYOND values lie beyond it */
	/*
	 * Of the 95 % interval, to the farther of its two ends, but at least half the bucket's
	 * width; NAN without a value or with fewer than 2 replications, INFINITY if the upper end
	 * is beyond all values.
	 */
	double half_width;
};

/* Whether enough values lie beyond a percentile (0 .. 100) to tell it from the maximum. */
bool sim_quantile_exists(const struct sim_histogram *histogram, double percentile);

/* The quantile of one histogram, ns; NAN if it does not exist. */
double sim_quantile_value(const struct sim_histogram *histogram, double percentile);

/*
 * The quantile of all values: merged holds those of all n replications, replications[i] those of
 * one. Reads only.
 */
struct sim_quantile sim_quantile_of(const struct sim_histogram *merged,
				    const struct sim_histogram *const *replications, size_t n,
				    double percentile);

#endif
