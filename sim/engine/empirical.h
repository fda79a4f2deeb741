/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Distributions that were measured: samples, of which each is as likely as the others, or
 * quantiles, between which the inverse of the distribution function is a straight line. Constant
 * once made, so any number of threads may draw from one.
 */
#ifndef SIM_ENGINE_EMPIRICAL_H
#define SIM_ENGINE_EMPIRICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/engine/random.h"

struct sim_empirical;

/*
 * Of nr >= 1 samples, ns, each >= 0, in any order. They are copied. NULL: no memory. For
 * sim_empirical_free().
 */
struct sim_empirical *sim_empirical_samples(const double *values, size_t nr);
/*
 * Of nr >= 2 quantiles: values[i] ns, not below the one before, are reached with probability
 * probabilities[i], 0 .. 1, above the one before. Below the first and above the last probability
 * the first and the last value stand. Both are copied. NULL: no memory. For sim_empirical_free().
 */
struct sim_empirical *sim_empirical_quantiles(const double *probabilities, const double *values,
					      size_t nr);
/* empirical may be NULL. */
void sim_empirical_free(struct sim_empirical *empirical);

/* One variate, ns, before it is rounded; takes one draw. */
double sim_empirical_variate(const struct sim_empirical *empirical, struct sim_stream *stream);
/* What the variates average to, ns. */
double sim_empirical_mean(const struct sim_empirical *empirical);

#endif
