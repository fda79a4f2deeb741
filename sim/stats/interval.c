/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include "sim/stats/interval.h"

/* Probability below the upper end of a two-sided 95 % interval. */
static const double upper_probability = 0.975;

/* From the first two moments of n values. */
static struct sim_interval make_interval(size_t n, double mean, double sd)
{
	struct sim_interval interval = {.n = n, .mean = mean, .sd = sd, .half_width = NAN};

	if (n >= 2)
		interval.half_width = gsl_cdf_tdist_Pinv(upper_probability, (double)(n - 1)) * sd /
				      sqrt((double)n);
	return interval;
}

struct sim_interval sim_interval_of(const double *values, size_t n)
{
	double mean = n ? gsl_stats_mean(values, 1, n) : NAN;
	double sd = n >= 2 ? gsl_stats_sd_m(values, 1, n, mean) : NAN;

	return make_interval(n, mean, sd);
}

/* Mean and standard deviation of the differences, in one pass each and without a copy. */
static struct sim_interval difference_of(const double *base, const double *other, size_t n)
{
	double mean = 0, squares = 0;

	if (n == 0)
		return make_interval(0, NAN, NAN);
	for (size_t i = 0; i < n; i++)
		mean += (other[i] - base[i] - mean) / (double)(i + 1);
	for (size_t i = 0; i < n; i++) {
		double deviation = other[i] - base[i] - mean;

		squares += deviation * deviation;
	}
	return make_interval(n, mean, n >= 2 ? sqrt(squares / (double)(n - 1)) : NAN);
}

/* Two-sided probability of a mean at least so far from 0, if the true one is 0. */
static double p_of_no_difference(const struct sim_interval *difference)
{
	double error = difference->sd / sqrt((double)difference->n);

	if (difference->n < 2)
		return NAN;
	if (error == 0)
		return difference->mean == 0 ? 1 : 0;
	return 2 * gsl_cdf_tdist_Q(fabs(difference->mean) / error, (double)(difference->n - 1));
}

struct sim_paired sim_paired_of(const double *base, const double *other, size_t n)
{
	struct sim_paired paired = {.difference = difference_of(base, other, n),
				    .variance_reduction = NAN};

	paired.p = p_of_no_difference(&paired.difference);
	if (n >= 2) {
		double unpaired = gsl_stats_variance(base, 1, n) + gsl_stats_variance(other, 1, n);
		double sd = paired.difference.sd;

		if (unpaired > 0)
			paired.variance_reduction = 1 - sd * sd / unpaired;
	}
	return paired;
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
