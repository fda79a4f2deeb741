/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interval of a change in per cent, between pairs of replications. */
#include <math.h>

#include "sim/stats/histogram.h"
#include "sim/stats/paired.h"
#include "tests/validation/coverage/coverage.h"
#include "tests/validation/coverage/noise.h"

enum { MAX_REPLICATIONS = 64, TRIALS = 10000, QUICK_TRIALS = 1000 };

struct change_parameters {
	struct noise noise;
	int replications;
	double change; /* true, -0.27 for -27 % */
};

static struct sim_paired draw(const struct coverage_case *self, uint32_t trial)
{
	const struct change_parameters *parameters = self->parameters;
	double base[MAX_REPLICATIONS], other[MAX_REPLICATIONS];
	struct sim_stream stream;

	noise_stream(&stream, self->quantity, trial);
	noise_pairs(&parameters->noise, &stream, base, other, parameters->replications);
	for (int i = 0; i < parameters->replications; i++)
		other[i] *= 1 + parameters->change;
	return sim_paired_of(base, other, (size_t)parameters->replications, NULL);
}

static bool covers(const struct coverage_case *self, struct sim_paired paired)
{
	const struct change_parameters *parameters = self->parameters;

	return paired.relative.low <= parameters->change &&
	       parameters->change <= paired.relative.high;
}

static bool change_is_covered(const struct coverage_case *self, uint32_t trial)
{
	return covers(self, draw(self, trial));
}

/* As if the base's mean were exact. */
static bool covered_over_an_exact_base(const struct coverage_case *self, uint32_t trial)
{
	const struct change_parameters *parameters = self->parameters;
	struct sim_paired paired = draw(self, trial);
	double base = paired.difference.mean / paired.relative.mean;

	return fabs(paired.relative.mean - parameters->change) <=
	       paired.difference.half_width / fabs(base);
}

static bool interval_is_impossible(const struct coverage_case *self, uint32_t trial)
{
	struct sim_paired paired = draw(self, trial);

	return paired.relative.low < -1;
}

/* p < 0.05 exactly where both intervals leave out 0. */
static bool test_and_intervals_disagree(const struct coverage_case *self, uint32_t trial)
{
	struct sim_paired paired = draw(self, trial);
	bool p = paired.p < 0.05;
	bool difference = fabs(paired.difference.mean) > paired.difference.half_width;
	bool relative = paired.relative.low > 0 || paired.relative.high < 0;

	return p != difference || p != relative;
}

/* ---- Rounded values ------------------------------------------------------------------------- */

/*
 * Percentiles that hardly vary, of which only the bucket is known. Where in it they lie differs
 * from sample to sample.
 */
static struct sim_paired draw_rounded(const struct coverage_case *self, uint32_t trial, bool known)
{
	const struct change_parameters *parameters = self->parameters;
	double base[MAX_REPLICATIONS], other[MAX_REPLICATIONS], value;
	struct sim_resolution resolution;
	struct sim_stream stream;

	noise_stream(&stream, self->quantity, trial);
	noise_pairs(&parameters->noise, &stream, base, other, parameters->replications);
	value = 1e6 * (1 + sim_stream_uniform(&stream));
	resolution = (struct sim_resolution){sim_histogram_resolution(value),
					     sim_histogram_resolution(value)};
	for (int i = 0; i < parameters->replications; i++) {
		base[i] = floor(value * base[i] / resolution.base) * resolution.base;
		other[i] = floor(value * (1 + parameters->change) * other[i] / resolution.other) *
			   resolution.other;
	}
	return sim_paired_of(base, other, (size_t)parameters->replications,
			     known ? &resolution : NULL);
}

static bool rounded_change_is_covered(const struct coverage_case *self, uint32_t trial)
{
	return covers(self, draw_rounded(self, trial, true));
}

static bool covered_as_if_not_rounded(const struct coverage_case *self, uint32_t trial)
{
	return covers(self, draw_rounded(self, trial, false));
}

/* ---- Cases ---------------------------------------------------------------------------------- */

#define CHANGE_OF(change_, ...)                                                                    \
	&(const struct change_parameters)                                                          \
	{                                                                                          \
		__VA_ARGS__, (change_)                                                             \
	}
#define CHANGE(text, change, ...)                                                                  \
	{                                                                                          \
		text, COVERAGE_95, TRIALS, QUICK_TRIALS, change_is_covered,                        \
			CHANGE_OF(change, __VA_ARGS__)                                             \
	}
#define ALL_CHANGES(text, ...)                                                                     \
	CHANGE("-77 %, " text, -0.77, __VA_ARGS__), CHANGE("-27 %, " text, -0.27, __VA_ARGS__),    \
		CHANGE("0, " text, 0, __VA_ARGS__), CHANGE("+333 %, " text, 3.33, __VA_ARGS__)
/* A control stays out of quick runs: few trials could not tell. */
#define EXACT_BASE(text, change, ...)                                                              \
	{                                                                                          \
		"base taken as exact: " text, COVERAGE_95, TRIALS, 0, covered_over_an_exact_base,  \
			CHANGE_OF(change, __VA_ARGS__), .is_control = true                         \
	}
#define NEVER(text, function, change, ...)                                                         \
	{                                                                                          \
		text, COVERAGE_NEVER, TRIALS, QUICK_TRIALS, function,                              \
			CHANGE_OF(change, __VA_ARGS__)                                             \
	}

/* Coefficient of variation of base and other, correlation, replications. */
#define ALIKE	 {NOISE_LOGNORMAL, 0.05, 0.05, 0.5}, 10
#define ROUGHER	 {NOISE_LOGNORMAL, 0.05, 0.2, 0.5}, 10
#define SMOOTHER {NOISE_LOGNORMAL, 0.2, 0.05, 0.5}, 10
#define TOGETHER {NOISE_LOGNORMAL, 0.2, 0.2, 0.9}, 10
#define APART	 {NOISE_GAMMA, 0.2, 0.2, 0}, 10
#define NOISY	 {NOISE_GAMMA, 0.5, 0.5, 0.5}, 10
#define FEW	 {NOISE_LOGNORMAL, 0.1, 0.1, 0.5}, 3
#define STEADY	 {NOISE_LOGNORMAL, 2e-4, 2e-4, 0.5}, 10
/* As wait times and counts of rare events are. */
#define WILD {NOISE_LOGNORMAL, 0.3, 1.0, 0}, 10

const struct coverage_case coverage_changes[] = {
	ALL_CHANGES("cv 5 %, 5 %, correlated 0.5", ALIKE),
	ALL_CHANGES("cv 5 %, 20 %, correlated 0.5", ROUGHER),
	ALL_CHANGES("cv 20 %, 5 %, correlated 0.5", SMOOTHER),
	ALL_CHANGES("cv 20 %, 20 %, correlated 0.9", TOGETHER),
	ALL_CHANGES("gamma, cv 20 %, independent", APART),
	ALL_CHANGES("gamma, cv 50 %, correlated 0.5", NOISY),
	ALL_CHANGES("3 replications, cv 10 %", FEW),
	EXACT_BASE("-77 %", -0.77, ALIKE),
	EXACT_BASE("-27 %", -0.27, ALIKE),
	EXACT_BASE("+333 %", 3.33, SMOOTHER),
	EXACT_BASE("+333 %, independent", 3.33, APART),
	/* It may be that no more than a bucket is known; so they cover more often than they say. */
	{"-0.4 %, buckets of 1/64, cv 0.02 %", 0.95, 0.93, 1, TRIALS, QUICK_TRIALS,
	 rounded_change_is_covered, CHANGE_OF(-0.004, STEADY)},
	{"-27 %, buckets of 1/64, cv 0.02 %", 0.95, 0.93, 1, TRIALS, QUICK_TRIALS,
	 rounded_change_is_covered, CHANGE_OF(-0.27, STEADY)},
	{"-0.4 %, buckets taken as exact, cv 0.02 %", COVERAGE_95, TRIALS, QUICK_TRIALS,
	 covered_as_if_not_rounded, CHANGE_OF(-0.004, STEADY), .is_control = true},
	{.quantity = NULL},
};

const struct coverage_case coverage_impossible[] = {
	NEVER("below -100 %: -77 %, cv 30 %, 100 %", interval_is_impossible, -0.77, WILD),
	NEVER("below -100 %: -97 %, cv 30 %, 100 %", interval_is_impossible, -0.97, WILD),
	NEVER("below -100 %: 0, cv 30 %, 100 %", interval_is_impossible, 0, WILD),
	NEVER("p and intervals disagree: 0", test_and_intervals_disagree, 0, ALIKE),
	NEVER("p and intervals disagree: -5 %", test_and_intervals_disagree, -0.05, APART),
	NEVER("p and intervals disagree: +333 %", test_and_intervals_disagree, 3.33, SMOOTHER),
	{.quantity = NULL},
};
