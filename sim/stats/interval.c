/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include "sim/stats/interval.h"

/* Probability below the upper end of a two-sided 95 % interval. */
static const double upper_probability = 0.975;

struct sim_interval sim_interval_of(const double *values, size_t n)
{
	struct sim_interval interval = {.n = n, .mean = NAN, .sd = NAN, .half_width = NAN};

	if (n >= 1)
		interval.mean = gsl_stats_mean(values, 1, n);
	if (n >= 2) {
		interval.sd = gsl_stats_sd_m(values, 1, n, interval.mean);
		interval.half_width = gsl_cdf_tdist_Pinv(upper_probability, (double)(n - 1)) *
				      interval.sd / sqrt((double)n);
	}
	return interval;
}

double sim_jain_index(const double *values, size_t n)
{
	double sum = 0, squares = 0;

	if (n == 0)
		return NAN;
	for (size_t i = 0; i < n; i++) {
		sum += values[i];
		squares += values[i] * values[i];
	}
	return squares > 0 ? sum * sum / ((double)n * squares) : 1;
}
