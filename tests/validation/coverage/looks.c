/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is reported after one has looked again and again until it was narrow enough. */
#include <math.h>

#include "sim/stats/sequential.h"
#include "tests/validation/coverage/coverage.h"
#include "tests/validation/coverage/noise.h"

enum { CAP = 1000, TRIALS = 10000, QUICK_TRIALS = 1000 };

struct look_parameters {
	struct noise noise;
	double target; /* half-width, relative to the mean */
	bool change;   /* of the ratio of both, else of the mean of the first */
};

/* The mean of base is 1, that of other as well. */
static bool last_look_covers(const struct coverage_case *self, uint32_t trial)
{
	const struct look_parameters *parameters = self->parameters;
	double base[CAP], other[CAP], width, mean, sum[2];
	struct sim_stream stream;
	size_t n = 0;

	noise_stream(&stream, self->quantity, trial);
	noise_pairs(&parameters->noise, &stream, base, other, CAP);
	do {
		n = sim_sequential_next(n, CAP);
		sum[0] = sum[1] = 0;
		for (size_t i = 0; i < n; i++) {
			sum[0] += base[i];
			sum[1] += other[i];
		}
		mean = parameters->change ? sum[1] / sum[0] : sum[0] / (double)n;
		width = parameters->change ? sim_sequential_change(base, other, n)
					   : sim_sequential_half_width(base, n);
	} while (n < CAP && width > parameters->target * (parameters->change ? 1 : mean));
	return fabs(mean - 1) <= width;
}

#define LOOKS(text, kind_, cv_, target_, change_)                                                  \
	{                                                                                          \
		text, COVERAGE_95, TRIALS, QUICK_TRIALS, last_look_covers,                         \
			&(const struct look_parameters)                                            \
		{                                                                                  \
			{.kind = (kind_), .base_cv = (cv_), .other_cv = (cv_)}, (target_),         \
				(change_)                                                          \
		}                                                                                  \
	}

const struct coverage_case coverage_looks[] = {
	LOOKS("--until 5%, lognormal, cv 5 %", NOISE_LOGNORMAL, 0.05, 0.05, false),
	LOOKS("--until 5%, lognormal, cv 10 %", NOISE_LOGNORMAL, 0.1, 0.05, false),
	LOOKS("--until 5%, lognormal, cv 20 %", NOISE_LOGNORMAL, 0.2, 0.05, false),
	LOOKS("--until 5%, gamma, cv 30 %", NOISE_GAMMA, 0.3, 0.05, false),
	LOOKS("--until gain:5%, lognormal, cv 10 %", NOISE_LOGNORMAL, 0.1, 0.05, true),
	LOOKS("--until gain:5%, lognormal, cv 20 %", NOISE_LOGNORMAL, 0.2, 0.05, true),
	{.quantity = NULL},
};
