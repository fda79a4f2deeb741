/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <gsl/gsl_randist.h>

#include "tests/validation/coverage/noise.h"

static double lognormal(double cv, double normal)
{
	double variance = log1p(cv * cv);

	return exp(sqrt(variance) * normal - variance / 2);
}

static void lognormal_pair(const struct noise *noise, gsl_rng *rng, double *base, double *other)
{
	double correlation = noise->correlation;
	double common = gsl_ran_ugaussian(rng), own = gsl_ran_ugaussian(rng);

	*base = lognormal(noise->base_cv, common);
	*other = lognormal(noise->other_cv,
			   correlation * common + sqrt(1 - correlation * correlation) * own);
}

/* Sums of gamma deviates of one scale are gamma deviates: what both have in common is a summand. */
static void gamma_pair(const struct noise *noise, gsl_rng *rng, double *base, double *other)
{
	double a = 1 / (noise->base_cv * noise->base_cv);
	double b = 1 / (noise->other_cv * noise->other_cv);
	double shared = noise->correlation * fmin(a, b);
	double common = shared > 0 ? gsl_ran_gamma(rng, shared, 1) : 0;

	*base = (common + gsl_ran_gamma(rng, a - shared, 1)) / a;
	*other = (common + gsl_ran_gamma(rng, b - shared, 1)) / b;
}

void noise_stream(struct sim_stream *stream, const char *name, uint32_t trial)
{
	sim_stream_init(stream, 1, trial, name, "coverage");
}

void noise_pairs(const struct noise *noise, struct sim_stream *stream, double *base, double *other,
		 int n)
{
	gsl_rng *rng = sim_stream_rng(stream);

	for (int i = 0; i < n; i++) {
		if (noise->kind == NOISE_LOGNORMAL)
			lognormal_pair(noise, rng, &base[i], &other[i]);
		else
			gamma_pair(noise, rng, &base[i], &other[i]);
	}
}
