/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/stats/sequential.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include "sim/stats/paired.h"

/* Probability below the upper end of an interval at a look. */
static const double upper_probability = 0.98;

size_t sim_sequential_next(size_t n, size_t cap)
{
	size_t next = n ? n + (n + 1) / 2 : SIM_SEQUENTIAL_FIRST;

	return next < cap ? next : cap;
}

double sim_sequential_half_width(const double *values, size_t n)
{
	if (n < 2)
		return NAN;
	return gsl_cdf_tdist_Pinv(upper_probability, (double)(n - 1)) * gsl_stats_sd(values, 1, n) /
	       sqrt((double)n);
}

double sim_sequential_change(const double *base, const double *other, size_t n)
{
	struct sim_relative change =
		sim_paired_at(base, other, n, NULL, upper_probability).relative;

	if (n < 2 || isnan(change.mean))
		return INFINITY;
	return fmax(change.mean - change.low, change.high - change.mean);
}
