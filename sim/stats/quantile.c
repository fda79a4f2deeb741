/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "sim/stats/quantile.h"

/* Probability below the upper end of a two-sided 95 % interval. */
static const double upper_probability = 0.975;

bool sim_quantile_exists(const struct sim_histogram *histogram, double percentile)
{
	/* A hair is allowed for: 0.1 % of 10000 comes out a bit below 10. */
	return (100 - percentile) / 100 * (double)histogram->count >=
	       SIM_QUANTILE_MIN_BEYOND - 1e-6;
}

double sim_quantile_value(const struct sim_histogram *histogram, double percentile)
{
	return sim_quantile_exists(histogram, percentile)
		       ? sim_histogram_percentile(histogram, percentile)
		       : NAN;
}

/*
 * Standard error of the share of values that are at most value, with each replication's deviation
 * from the common share weighted by how many values it has.
 */
static double error_of_share(const struct sim_histogram *const *replications, size_t n,
			     double value)
{
	double below = 0, all = 0, squares = 0;

	for (size_t i = 0; i < n; i++) {
		below += sim_histogram_below(replications[i], value);
		all += (double)replications[i]->count;
	}
	for (size_t i = 0; i < n; i++) {
		double deviation = sim_histogram_below(replications[i], value) -
				   below / all * (double)replications[i]->count;

		squares += deviation * deviation;
	}
	return sqrt((double)n / (double)(n - 1) * squares) / all;
}

struct sim_quantile sim_quantile_of(const struct sim_histogram *merged,
				    const struct sim_histogram *const *replications, size_t n,
				    double percentile)
{
	struct sim_quantile quantile = {sim_quantile_value(merged, percentile), NAN};
	double reach, width;

	if (isnan(quantile.value) || n < 2)
		return quantile;
	reach = 100 * gsl_cdf_tdist_Pinv(upper_probability, (double)(n - 1)) *
		error_of_share(replications, n, quantile.value);
	if (percentile + reach >= 100) {
		quantile.half_width = INFINITY;
		return quantile;
	}
	quantile.half_width = fmax(
		sim_histogram_percentile(merged, percentile + reach) - quantile.value,
		quantile.value - sim_histogram_percentile(merged, fmax(percentile - reach, 0)));
	width = sim_histogram_resolution(quantile.value);
	quantile.half_width = fmax(quantile.half_width, width / 2);
	return quantile;
}
