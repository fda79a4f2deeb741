/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many tests at once, without more false alarms than one test has. */
#ifndef SIM_STATS_HOLM_H
#define SIM_STATS_HOLM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Holm's step-down correction of n p-values with weights: if every hypothesis is true, one of the
 * adjusted values is below x with a probability of at most x, however the tests depend on each
 * other. adjusted[i] belongs to p[i]; both may be the same array. NANs stay NAN and do not count.
 * weights[i] > 0 says how much of the risk test i may take, compared with the others; NULL: all
 * the same. False if memory ran out; then adjusted is not written.
 */
bool sim_holm(const double *p, const double *weights, double *adjusted, size_t n);

#endif
