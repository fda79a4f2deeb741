/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a series has reached its level: the marginal standard error rule, MSER (White 1997). */
#ifndef SIM_STATS_MSER_H
#define SIM_STATS_MSER_H

#include <stddef.h>

/* Values that are averaged before the rule looks at them, which makes it MSER-5. */
enum { SIM_MSER_BATCH = 5 };

/*
 * How many of n values at the beginning are better left out: those without which the standard error
 * of the mean of the rest, were they independent, is smallest; of equals the fewest. A multiple of
 * SIM_MSER_BATCH, at most half of n: then the series has not settled. Deviations of a thousandth of
 * the mean do not count.
 */
size_t sim_mser(const double *values, size_t n);

#endif
