/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replications until a mean is known well enough. One looks after 10, 15, 23, ... of them, half as
 * many again each time, and stops at the first look at which the interval is narrow enough. To
 * stop when it looks good is to stop too often when it is wrong, so the interval at a look is one
 * of 96 %: what is reported after stopping then covers in 94 to 96 % of experiments, as measured
 * with normal and uniform values over all of the range in which stopping happens (`make coverage`).
 */
#ifndef SIM_STATS_SEQUENTIAL_H
#define SIM_STATS_SEQUENTIAL_H

#include <stddef.h>

/* Fewer replications say too little of how much they vary. */
enum { SIM_SEQUENTIAL_FIRST = 10 };

/* The number of replications at the next look after n, n == 0: at the first; at most cap. */
size_t sim_sequential_next(size_t n, size_t cap);
/* Half of the interval of the mean of n values at a look, NAN if n < 2. */
double sim_sequential_half_width(const double *values, size_t n);
/*
 * The same of the ratio of the means of other and base, in pairs, less 1: the larger part of
 * Fieller's interval. INFINITY if the base may be 0.
 */
double sim_sequential_change(const double *base, const double *other, size_t n);

#endif
