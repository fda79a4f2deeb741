/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The difference of two series that met the same random numbers, pair by pair: in their unit, and
 * relative to the base, with intervals and a test that agree with each other.
 */
#ifndef SIM_STATS_PAIRED_H
#define SIM_STATS_PAIRED_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/stats/interval.h"

/* A change of a mean over |the base's mean|, -0.27 for 27 % less, with its 95 % interval. */
struct sim_relative {
	size_t n;    /* pairs it was made from */
	double mean; /* NAN if n == 0 or the base's mean is 0 */
	/*
	 * NAN if mean is or n < 2. Not symmetric about mean. Never below -1 if no value is
	 * negative. -INFINITY, INFINITY: no bound, as the base's mean may well be 0.
	 */
	double low, high;
};

/* How coarse values are: the width in which all of them look the same. 0: exact. */
struct sim_resolution {
	double base, other; /* in the unit of the values, which are >= 0 unless it is 0 */
};

struct sim_paired {
	/* Of other - base; half_width is at least what resolution leaves open. */
	struct sim_interval difference;
	struct sim_relative relative; /* 0 is outside its interval if p < 0.05 */
	double p;		      /* two-sided, of no difference; NAN if n < 2 */
	double variance_reduction; /* 1 - var(difference) / (var(base) + var(other)): what pairing
				    * won; NAN if n < 2 or nothing varies */
};

/*
 * Compares other[i] with base[i], i < n, where i is the replication. resolution may be NULL: values
 * are exact.
 *
 * The difference is Student's, the relative one Fieller's: the ratios r for which Student's test
 * does not tell other from r * base. So the base's mean counts as uncertain, as it is, and for r =
 * 1 it is the test of no difference. Differences that are all the same say nothing about how much
 * they might vary; then p is not below that of the sign test, 2^(1-n).
 */
struct sim_paired sim_paired_of(const double *base, const double *other, size_t n,
				const struct sim_resolution *resolution);
/* The same with intervals of another confidence: upper, 0.5 .. 1, is the probability below their
 * upper ends, 0.975 for 95 %. */
struct sim_paired sim_paired_at(const double *base, const double *other, size_t n,
				const struct sim_resolution *resolution, double upper);

/*
 * Whether anything differs in any pair. What is the same everywhere, such as 0 of something that is
 * not used, is no test, and takes nothing of the risk of others.
 */
static inline bool sim_paired_differs(const struct sim_paired *paired)
{
	return paired->difference.mean != 0 || paired->difference.sd != 0;
}

/* The same, seen as a loss: more is less. */
static inline struct sim_relative sim_relative_negated(struct sim_relative relative)
{
	/* From 0, or what did not change would be -0. */
	return (struct sim_relative){.n = relative.n,
				     .mean = 0 - relative.mean,
				     .low = 0 - relative.high,
				     .high = 0 - relative.low};
}

#endif
