/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over replications, with the confidence they deserve. */
#ifndef SIM_STATS_INTERVAL_H
#define SIM_STATS_INTERVAL_H

#include <stddef.h>

/* A mean with its 95 % confidence interval, mean - half_width .. mean + half_width. */
struct sim_interval {
	size_t n;	   /* values it was made from */
	double mean;	   /* NAN if n == 0 */
	double sd;	   /* sample standard deviation (n - 1); NAN if n < 2 */
	double half_width; /* of the Student interval; NAN if n < 2 */
};

/* The interval of n independent values, one a replication; values may be NULL if n == 0. */
struct sim_interval sim_interval_of(const double *values, size_t n);

/*
 * Jain's fairness index of n values >= 0: 1 if all are equal, 1/n if one has everything; 1 if all
 * are 0, NAN if n == 0.
 */
double sim_jain_index(const double *values, size_t n);

#endif
