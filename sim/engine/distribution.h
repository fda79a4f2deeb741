/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Durations drawn from a distribution.
 *
 * Floating point ends here: sim_variate_ns() is the one place where a variate becomes an integer
 * number of ns, and that rounding hides the last bit in which libm's variants differ.
 */
#ifndef SIM_ENGINE_DISTRIBUTION_H
#define SIM_ENGINE_DISTRIBUTION_H

#include <stdint.h>

#include <oversub/param.h>

#include "sim/engine/empirical.h"
#include "sim/engine/random.h"

enum sim_distribution_kind {
	SIM_CONSTANT,	 /* always mean */
	SIM_EXPONENTIAL, /* mean */
	SIM_LOGNORMAL,	 /* median, sigma; clamped at max */
	SIM_UNIFORM,	 /* min, max */
	SIM_GAMMA,	 /* mean, shape; an integer shape makes it Erlang */
	SIM_PARETO,	 /* min, shape; clamped at max */
	SIM_BIMODAL,	 /* short_ns or, with long_probability, long_ns */
	SIM_EMPIRICAL,	 /* as measured */
	SIM_DISTRIBUTION_KINDS,
};

/*
 * A distribution and its parameters; those that the kind does not name are ignored. Plain data:
 * may be copied, owns nothing. The loader has checked the ranges; 0 bytes are the constant 0.
 *
 * Truncation is by clamping: a variate above max becomes max. That keeps one draw per variate,
 * and puts the cut-off probability on max itself. sim_distribution_mean() allows for it.
 */
struct sim_distribution {
	enum sim_distribution_kind kind;
	int64_t mean_ns;   /* constant, exponential, gamma: >= 0 */
	int64_t median_ns; /* lognormal: > 0 */
	double sigma;	   /* lognormal: standard deviation of the logarithm, >= 0 */
	int64_t min_ns;	   /* uniform: >= 0; pareto: scale, > 0 */
	int64_t max_ns;	  /* uniform: >= min; lognormal: 0 means 50 medians; pareto: 0 means none */
	double shape;	  /* gamma: > 0; pareto: tail index, > 0 */
	int64_t short_ns; /* bimodal: >= 0 */
	int64_t long_ns;  /* bimodal: >= 0 */
	double long_probability; /* bimodal: 0 .. 1 */
	/* empirical: outlives all copies, and belongs to others; NULL is the constant 0. */
	const struct sim_empirical *empirical;
};

/*
 * For each kind: its name and its parameters as fields of struct sim_distribution, so that loader,
 * help and schema know both from here. JSON keys: mean, median, sigma, min, max, shape, short,
 * long, probability. What was measured is no table of parameters: who fills in `empirical` reads
 * it.
 */
struct sim_distribution_type {
	const char *name; /* "constant", "exponential", "lognormal", ... */
	const char *help; /* one sentence */
	const struct oversub_param *params;
};

extern const struct sim_distribution_type sim_distribution_types[SIM_DISTRIBUTION_KINDS];

/* No variate is longer than this, whatever its distribution: about 36 years. */
#define SIM_VARIATE_MAX_NS (INT64_C(1) << 60)

/* One variate: ns, rounded up or down by chance so that means are kept, 0 .. SIM_VARIATE_MAX_NS. */
int64_t sim_variate_ns(const struct sim_distribution *distribution, struct sim_stream *stream);

/* What the variates average to, ns, after clamping at max; INFINITY if it has no mean. */
double sim_distribution_mean(const struct sim_distribution *distribution);

#endif
