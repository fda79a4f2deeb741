/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of what varies between replications two other quantities of theirs account for. */
#ifndef SIM_STATS_EXPLAINED_H
#define SIM_STATS_EXPLAINED_H

#include <stddef.h>

/* With fewer replications a regression on two quantities says nothing. */
enum { SIM_EXPLAINED_MIN = 8 };

/*
 * The share of the variance of y that a linear regression on a and b explains, adjusted for the
 * degrees of freedom that it takes, at least 0. Of a quantity that does not vary, only the other
 * counts. NAN with fewer than SIM_EXPLAINED_MIN values, with one that is NAN, or if y does not
 * vary.
 */
double sim_explained(const double *y, const double *a, const double *b, size_t n);

#endif
