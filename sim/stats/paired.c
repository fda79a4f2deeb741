/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include "sim/stats/paired.h"

/* Means, and the moments of the means: what n values let them vary. */
struct moments {
	size_t n;
	double base, other;
	double base_variance, other_variance, covariance;
	double quantile; /* of Student's distribution, at the upper end of the interval */
};

/* A mean over pairs and its variance. */
struct residual {
	double mean, variance;
};

/* Of other - ratio * base, without a copy and without cancellation. */
static struct residual residual_of(const double *base, const double *other, size_t n, double ratio)
{
	struct residual residual = {0, NAN};
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		residual.mean += (other[i] - ratio * base[i] - residual.mean) / (double)(i + 1);
	for (size_t i = 0; i < n; i++) {
		double deviation = other[i] - ratio * base[i] - residual.mean;

		squares += deviation * deviation;
	}
	if (n >= 2)
		residual.variance = squares / (double)(n - 1) / (double)n;
	return residual;
}

static struct moments moments_of(const double *base, const double *other, size_t n, double upper)
{
	struct moments m = {
		.n = n, .base = gsl_stats_mean(base, 1, n), .other = gsl_stats_mean(other, 1, n)};

	if (n < 2)
		return m;
	m.base_variance = gsl_stats_variance_m(base, 1, n, m.base) / (double)n;
	m.other_variance = gsl_stats_variance_m(other, 1, n, m.other) / (double)n;
	m.covariance = gsl_stats_covariance_m(base, 1, other, 1, n, m.base, m.other) / (double)n;
	m.quantile = gsl_cdf_tdist_Pinv(upper, (double)(n - 1));
	return m;
}

/* ---- Difference ----------------------------------------------------------------------------- */

static bool all_the_same(const struct moments *m, double error)
{
	return error <= 16 * DBL_EPSILON * (fabs(m->base) + fabs(m->other));
}

static double p_of_no_difference(const struct moments *m, double mean, double error, double width)
{
	double least = all_the_same(m, error) ? pow(2, 1 - (double)m->n) : 0;

	if (all_the_same(m, fabs(mean)))
		return 1;
	error = fmax(error, width / m->quantile);
	if (error == 0)
		return least;
	return fmax(least, 2 * gsl_cdf_tdist_Q(fabs(mean) / error, (double)(m->n - 1)));
}

static void fill_difference(struct sim_paired *paired, const struct moments *m, double variance,
			    double width)
{
	double error = sqrt(variance), unpaired = m->base_variance + m->other_variance;

	paired->difference.sd = error * sqrt((double)m->n);
	paired->difference.half_width = fmax(m->quantile * error, width);
	paired->p = p_of_no_difference(m, paired->difference.mean, error, width);
	if (unpaired > 0)
		paired->variance_reduction = 1 - variance / unpaired;
}

/* ---- Ratio ---------------------------------------------------------------------------------- */

/* Fieller's bounds of the ratio of the true means, if the base's is not 0 for certain enough. */
static void bound_ratio(const struct moments *m, double residual, double *low, double *high)
{
	/* In units of the base's mean, squared. */
	double unit = m->quantile * m->quantile / (m->base * m->base);
	double uncertain = unit * m->base_variance, ratio = m->other / m->base;
	double determinant = m->base_variance * m->other_variance - m->covariance * m->covariance;
	double root = sqrt(fmax(0, unit * (residual - unit * determinant)));
	double middle = ratio - unit * m->covariance;

	*low = (middle - root) / (1 - uncertain);
	*high = (middle + root) / (1 - uncertain);
}

/*
 * The same if the base's mean may be 0: then the ratio may be as large as you like. It has a lower
 * bound if it cannot be negative, and other's mean is not 0 for certain enough.
 */
static void bound_ratio_below(const struct moments *m, bool one_sign, double *low, double *high)
{
	double t2 = m->quantile * m->quantile;
	double a = m->base * m->base - t2 * m->base_variance;
	double b = m->base * m->other - t2 * m->covariance;
	double c = m->other * m->other - t2 * m->other_variance;

	*high = INFINITY;
	*low = -INFINITY;
	if (one_sign && c > 0 && a < 0)
		*low = (b - sqrt(b * b - a * c)) / a;
}

/* Whether no two values have different signs. */
static bool has_one_sign(const double *base, const double *other, size_t n)
{
	double least = fmin(gsl_stats_min(base, 1, n), gsl_stats_min(other, 1, n));
	double greatest = fmax(gsl_stats_max(base, 1, n), gsl_stats_max(other, 1, n));

	return least >= 0 || greatest <= 0;
}

/* Means are not known better than values are. Coarse values are times, which are positive. */
static void widen(const struct moments *m, const struct sim_resolution *resolution, double *low,
		  double *high)
{
	double base = resolution->base / 2, other = resolution->other / 2;

	if (m->base <= 0 || m->other < 0 || (base == 0 && other == 0))
		return;
	*low = fmin(*low, (m->other - other) / (m->base + base));
	*high = base < m->base ? fmax(*high, (m->other + other) / (m->base - base)) : INFINITY;
}

static void fill_relative(struct sim_relative *relative, const struct moments *m, bool one_sign,
			  double residual, const struct sim_resolution *resolution)
{
	double sign = m->base < 0 ? -1 : 1, low, high;

	if (m->base * m->base > m->quantile * m->quantile * m->base_variance)
		bound_ratio(m, residual, &low, &high);
	else
		bound_ratio_below(m, one_sign, &low, &high);
	widen(m, resolution, &low, &high);
	if (one_sign)
		low = fmax(low, 0);
	relative->low = sign > 0 ? low - 1 : 1 - high;
	relative->high = sign > 0 ? high - 1 : 1 - low;
}

/* ---- Both ----------------------------------------------------------------------------------- */

struct sim_paired sim_paired_of(const double *base, const double *other, size_t n,
				const struct sim_resolution *resolution)
{
	return sim_paired_at(base, other, n, resolution, 0.975);
}

struct sim_paired sim_paired_at(const double *base, const double *other, size_t n,
				const struct sim_resolution *resolution, double upper)
{
	const struct sim_resolution exact = {0, 0}, *width = resolution ? resolution : &exact;
	struct sim_paired paired = {
		.difference = {.n = n, .mean = NAN, .sd = NAN, .half_width = NAN},
		.relative = {.n = n, .mean = NAN, .low = NAN, .high = NAN},
		.p = NAN,
		.variance_reduction = NAN,
	};
	struct residual difference = residual_of(base, other, n, 1);
	struct moments m;

	if (n == 0)
		return paired;
	m = moments_of(base, other, n, upper);
	paired.difference.mean = difference.mean;
	if (m.base != 0)
		paired.relative.mean = difference.mean / fabs(m.base);
	if (n < 2)
		return paired;
	fill_difference(&paired, &m, difference.variance, (width->base + width->other) / 2);
	if (m.base != 0)
		fill_relative(&paired.relative, &m, has_one_sign(base, other, n),
			      residual_of(base, other, n, m.other / m.base).variance, width);
	return paired;
}
