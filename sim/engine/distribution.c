/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/engine/distribution.h"

/* Where a lognormal is cut off if nobody says; the advice for lock hold times. */
enum { LOGNORMAL_DEFAULT_MAX_MEDIANS = 50 };

#define DURATION(key_, field_, min_, max_, help_)                                                  \
	{                                                                                          \
		.name = key_, .type = OVERSUB_PARAM_DURATION,                                      \
		.offset = offsetof(struct sim_distribution, field_), .unit = "ns", .def = (min_),  \
		.min = (min_), .max = (max_), .help = (help_)                                      \
	}
#define REAL(key_, field_, def_, min_, max_, help_)                                                \
	{                                                                                          \
		.name = key_, .type = OVERSUB_PARAM_REAL,                                          \
		.offset = offsetof(struct sim_distribution, field_), .real_def = (def_),           \
		.real_min = (min_), .real_max = (max_), .help = (help_)                            \
	}
#define MEAN(help_) DURATION("mean", mean_ns, 0, SIM_VARIATE_MAX_NS, help_)

static const struct oversub_param constant_params[] = {
	MEAN("the value"),
	OVERSUB_PARAM_END,
};

static const struct oversub_param exponential_params[] = {
	MEAN("mean"),
	OVERSUB_PARAM_END,
};

static const struct oversub_param lognormal_params[] = {
	DURATION("median", median_ns, 1, SIM_VARIATE_MAX_NS, "median"),
	REAL("sigma", sigma, 1.0, 0, 10, "standard deviation of the logarithm"),
	DURATION("max", max_ns, 0, SIM_VARIATE_MAX_NS,
		 "longer values become this; 0 means 50 medians"),
	OVERSUB_PARAM_END,
};

static const struct oversub_param uniform_params[] = {
	DURATION("min", min_ns, 0, SIM_VARIATE_MAX_NS, "lower end"),
	DURATION("max", max_ns, 0, SIM_VARIATE_MAX_NS, "upper end, not below min"),
	OVERSUB_PARAM_END,
};

static const struct oversub_param gamma_params[] = {
	MEAN("mean"),
	REAL("shape", shape, 1.0, 1e-3, 1e6, "shape; an integer makes it Erlang"),
	OVERSUB_PARAM_END,
};

static const struct oversub_param pareto_params[] = {
	DURATION("min", min_ns, 1, SIM_VARIATE_MAX_NS, "smallest value"),
	REAL("shape", shape, 1.5, 1e-3, 1e6, "tail index; at most 1 has no mean without max"),
	DURATION("max", max_ns, 0, SIM_VARIATE_MAX_NS, "longer values become this; 0 means none"),
	OVERSUB_PARAM_END,
};

static const struct oversub_param bimodal_params[] = {
	DURATION("short", short_ns, 0, SIM_VARIATE_MAX_NS, "the short value"),
	DURATION("long", long_ns, 0, SIM_VARIATE_MAX_NS, "the long value"),
	REAL("probability", long_probability, 0.0, 0, 1, "probability of the long value"),
	OVERSUB_PARAM_END,
};

static const struct oversub_param empirical_params[] = {
	OVERSUB_PARAM_END,
};

const struct sim_distribution_type sim_distribution_types[SIM_DISTRIBUTION_KINDS] = {
	[SIM_CONSTANT] = {"constant", "always the same", constant_params},
	[SIM_EXPONENTIAL] = {"exponential", "without memory", exponential_params},
	[SIM_LOGNORMAL] = {"lognormal", "skewed, clamped at max", lognormal_params},
	[SIM_UNIFORM] = {"uniform", "evenly between min and max", uniform_params},
	[SIM_GAMMA] = {"gamma", "gamma or Erlang, by mean and shape", gamma_params},
	[SIM_PARETO] = {"pareto", "heavy tail, clamped at max", pareto_params},
	[SIM_BIMODAL] = {"bimodal", "one of two values", bimodal_params},
	[SIM_EMPIRICAL] = {"empirical", "as measured", empirical_params},
};

/* Where variates are clamped, ns. */
static double upper_limit(const struct sim_distribution *d)
{
	double limit = (double)SIM_VARIATE_MAX_NS;

	if (d->kind == SIM_LOGNORMAL)
		limit = d->max_ns ? (double)d->max_ns
				  : LOGNORMAL_DEFAULT_MAX_MEDIANS * (double)d->median_ns;
	else if (d->kind == SIM_PARETO && d->max_ns)
		limit = (double)d->max_ns;
	return fmin(limit, (double)SIM_VARIATE_MAX_NS);
}

/* One variate before clamping and rounding. */
static double variate(const struct sim_distribution *d, struct sim_stream *stream)
{
	gsl_rng *rng = sim_stream_rng(stream);

	switch (d->kind) {
	case SIM_CONSTANT: return (double)d->mean_ns;
	case SIM_EXPONENTIAL: return gsl_ran_exponential(rng, (double)d->mean_ns);
	case SIM_LOGNORMAL: return gsl_ran_lognormal(rng, log((double)d->median_ns), d->sigma);
	case SIM_UNIFORM: return gsl_ran_flat(rng, (double)d->min_ns, (double)d->max_ns);
	case SIM_GAMMA: return gsl_ran_gamma(rng, d->shape, (double)d->mean_ns / d->shape);
	case SIM_PARETO: return gsl_ran_pareto(rng, d->shape, (double)d->min_ns);
	case SIM_BIMODAL:
		return (double)(gsl_ran_bernoulli(rng, d->long_probability) ? d->long_ns
									    : d->short_ns);
	case SIM_EMPIRICAL: return d->empirical ? sim_empirical_variate(d->empirical, stream) : 0;
	case SIM_DISTRIBUTION_KINDS: break;
	}
	assert(!"unknown kind of distribution");
	return 0;
}

/*
 * Up or down by chance, so that the mean is kept: rounding to the nearest costs an exponential of
 * 1 ns 4 % of its mean. It takes one draw more, whatever came out, so that two runs that draw the
 * same variates go on to draw the same.
 */
static int64_t round_by_chance(double value, struct sim_stream *stream)
{
	return (int64_t)floor(value + sim_stream_uniform(stream));
}

int64_t sim_variate_ns(const struct sim_distribution *distribution, struct sim_stream *stream)
{
	double value;

	/* A constant must not lose bits above 2^53, nor time in floating point. */
	if (distribution->kind == SIM_CONSTANT)
		return distribution->mean_ns;
	value = fmin(fmax(variate(distribution, stream), 0), upper_limit(distribution));
	return round_by_chance(value, stream);
}

/* E[min(X, limit)]: the part below limit by the partial expectation, the rest at limit. */
static double lognormal_mean(const struct sim_distribution *d)
{
	double mu = log((double)d->median_ns);
	double limit = upper_limit(d);
	double z;

	if (d->sigma == 0)
		return fmin((double)d->median_ns, limit);
	z = (log(limit) - mu) / d->sigma;
	return exp(mu + d->sigma * d->sigma / 2) * gsl_cdf_ugaussian_P(z - d->sigma) +
	       limit * gsl_cdf_ugaussian_Q(z);
}

/* E[min(X, max)]: min, and the integral of P(X > x) = (min / x)^shape from min to max. */
static double pareto_mean(const struct sim_distribution *d)
{
	double low = (double)d->min_ns;
	double high = (double)d->max_ns;

	if (!d->max_ns)
		return d->shape > 1 ? low * d->shape / (d->shape - 1) : INFINITY;
	if (high <= low)
		return high;
	if (d->shape == 1)
		return low + low * log(high / low);
	return low + low * (pow(high / low, 1 - d->shape) - 1) / (1 - d->shape);
}

double sim_distribution_mean(const struct sim_distribution *distribution)
{
	const struct sim_distribution *d = distribution;

	switch (d->kind) {
	case SIM_CONSTANT:
	case SIM_EXPONENTIAL:
	case SIM_GAMMA: return (double)d->mean_ns;
	case SIM_LOGNORMAL: return lognormal_mean(d);
	case SIM_UNIFORM: return ((double)d->min_ns + (double)d->max_ns) / 2;
	case SIM_PARETO: return pareto_mean(d);
	case SIM_BIMODAL:
		return (double)d->short_ns +
		       d->long_probability * ((double)d->long_ns - (double)d->short_ns);
	case SIM_EMPIRICAL: return d->empirical ? sim_empirical_mean(d->empirical) : 0;
	case SIM_DISTRIBUTION_KINDS: break;
	}
	assert(!"unknown kind of distribution");
	return NAN;
}
