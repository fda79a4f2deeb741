/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of replications as simulations give them: positive, skewed, and correlated in pairs. */
#ifndef TESTS_VALIDATION_COVERAGE_NOISE_H
#define TESTS_VALIDATION_COVERAGE_NOISE_H

#include "sim/engine/random.h"

enum noise_kind { NOISE_LOGNORMAL, NOISE_GAMMA };

struct noise {
	enum noise_kind kind;
	double base_cv, other_cv; /* coefficients of variation, > 0 */
	double correlation; /* 0 to below 1, of the logarithms if lognormal; gamma: less if cvs
			       differ */
};

/* The random stream of a trial of something that has a name of its own. */
void noise_stream(struct sim_stream *stream, const char *name, uint32_t trial);

/* Draw n pairs, both with mean 1. */
void noise_pairs(const struct noise *noise, struct sim_stream *stream, double *base, double *other,
		 int n);

#endif
