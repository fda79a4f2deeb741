/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interval of a mean over replications. */
#include <math.h>

#include "sim/stats/interval.h"
#include "tests/validation/coverage/coverage.h"
#include "tests/validation/coverage/noise.h"

enum { MAX_REPLICATIONS = 64, TRIALS = 10000, QUICK_TRIALS = 2000 };

struct mean_parameters {
	struct noise noise;
	int replications;
};

static bool mean_is_covered(const struct coverage_case *self, uint32_t trial)
{
	const struct mean_parameters *parameters = self->parameters;
	double values[MAX_REPLICATIONS], unused[MAX_REPLICATIONS];
	struct sim_interval interval;
	struct sim_stream stream;

	noise_stream(&stream, self->quantity, trial);
	noise_pairs(&parameters->noise, &stream, values, unused, parameters->replications);
	interval = sim_interval_of(values, (size_t)parameters->replications);
	return fabs(interval.mean - 1) <= interval.half_width;
}

#define MEAN(text, replications_, kind_, cv_)                                                      \
	{                                                                                          \
		text, COVERAGE_95, TRIALS, QUICK_TRIALS, mean_is_covered,                          \
			&(const struct mean_parameters)                                            \
		{                                                                                  \
			{.kind = (kind_), .base_cv = (cv_), .other_cv = (cv_)}, (replications_)    \
		}                                                                                  \
	}

const struct coverage_case coverage_means[] = {
	MEAN("mean of 3, lognormal, cv 5 %", 3, NOISE_LOGNORMAL, 0.05),
	MEAN("mean of 5, gamma, cv 20 %", 5, NOISE_GAMMA, 0.2),
	MEAN("mean of 10, lognormal, cv 5 %", 10, NOISE_LOGNORMAL, 0.05),
	MEAN("mean of 10, lognormal, cv 20 %", 10, NOISE_LOGNORMAL, 0.2),
	MEAN("mean of 20, gamma, cv 50 %", 20, NOISE_GAMMA, 0.5),
	{.quantity = NULL},
};
