/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The intervals of percentiles, of the times in a queue. */
#include <math.h>
#include <stdlib.h>

#include "sim/stats/interval.h"
#include "sim/stats/quantile.h"
#include "tests/validation/coverage/coverage.h"
#include "tests/validation/coverage/noise.h"
#include "tests/validation/coverage/queue.h"

enum { MAX_REPLICATIONS = 64, TRIALS = 6000, QUICK_TRIALS = 150 };

struct quantile_parameters {
	double percentile;
	int replications, jobs; /* jobs in each */
};

/* Draw all replications. */
static void draw(const struct coverage_case *self, uint32_t trial, struct sim_histogram *parts,
		 const struct sim_histogram **pointers, struct sim_histogram *merged)
{
	const struct quantile_parameters *parameters = self->parameters;
	struct sim_stream stream;

	noise_stream(&stream, self->quantity, trial);
	sim_histogram_reset(merged);
	for (int r = 0; r < parameters->replications; r++) {
		queue_times(&parts[r], parameters->jobs, &stream);
		sim_histogram_merge(merged, &parts[r]);
		pointers[r] = &parts[r];
	}
}

static double truth(const struct quantile_parameters *parameters)
{
	return -log(1 - parameters->percentile / 100) * QUEUE_TIME_NS;
}

static bool quantile_is_covered(const struct coverage_case *self, uint32_t trial)
{
	const struct quantile_parameters *parameters = self->parameters;
	struct sim_histogram *parts = calloc(MAX_REPLICATIONS, sizeof(*parts)), merged;
	const struct sim_histogram *pointers[MAX_REPLICATIONS];
	struct sim_quantile quantile;

	draw(self, trial, parts, pointers, &merged);
	quantile = sim_quantile_of(&merged, pointers, (size_t)parameters->replications,
				   parameters->percentile);
	free(parts);
	return fabs(quantile.value - truth(parameters)) <= quantile.half_width;
}

/* As it was: the interval of the mean of each replication's percentile. */
static bool mean_is_covered(const struct coverage_case *self, uint32_t trial)
{
	const struct quantile_parameters *parameters = self->parameters;
	struct sim_histogram *parts = calloc(MAX_REPLICATIONS, sizeof(*parts)), merged;
	const struct sim_histogram *pointers[MAX_REPLICATIONS];
	double values[MAX_REPLICATIONS];
	struct sim_interval interval;

	draw(self, trial, parts, pointers, &merged);
	for (int r = 0; r < parameters->replications; r++)
		values[r] = sim_histogram_percentile(&parts[r], parameters->percentile);
	free(parts);
	interval = sim_interval_of(values, (size_t)parameters->replications);
	return fabs(interval.mean - truth(parameters)) <= interval.half_width;
}

#define PARAMETERS(percentile_, replications_, jobs_)                                              \
	&(const struct quantile_parameters)                                                        \
	{                                                                                          \
		(percentile_), (replications_), (jobs_)                                            \
	}

const struct coverage_case coverage_quantiles[] = {
	{"p50 of M/M/1, 10 x 2000 jobs", COVERAGE_95, TRIALS / 2, QUICK_TRIALS, quantile_is_covered,
	 PARAMETERS(50, 10, 2000)},
	{"p50 of M/M/1, 40 x 1000 jobs", COVERAGE_95, TRIALS / 2, 0, quantile_is_covered,
	 PARAMETERS(50, 40, 1000)},
	{"p99 of M/M/1, 5 x 5000 jobs", COVERAGE_95, TRIALS, 0, quantile_is_covered,
	 PARAMETERS(99, 5, 5000)},
	{"p99 of M/M/1, 10 x 2000 jobs", COVERAGE_95, TRIALS, QUICK_TRIALS, quantile_is_covered,
	 PARAMETERS(99, 10, 2000)},
	{"p99 of M/M/1, 40 x 1000 jobs", COVERAGE_95, TRIALS, 0, quantile_is_covered,
	 PARAMETERS(99, 40, 1000)},
	{"a mean of p99s, 40 x 2000 jobs", COVERAGE_95, 1000, 0, mean_is_covered,
	 PARAMETERS(99, 40, 2000), .is_control = true},
	{.quantity = NULL},
};
