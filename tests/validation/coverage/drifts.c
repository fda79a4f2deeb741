/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often a warm-up is called too short that was long enough. */
#include <stdio.h>

#include "sim/run/drift.h"
#include "tests/validation/coverage/coverage.h"
#include "tests/validation/coverage/noise.h"
#include "tests/validation/coverage/queue.h"

enum { TRIALS = 8000, QUICK_TRIALS = 400 };

/* The first half is so much shorter than the second, as if it had been slower. */
struct drift_parameters {
	int classes, replications;
	double transient; /* share of the first half that is lost */
};

/* Half of a window. */
#define HALF_NS 1e9

static double drift_of(const double halves[2], double lost)
{
	double first = halves[0] * (1 - lost);

	return 2 * (halves[1] - first) / (first + halves[1]);
}

static void fill(struct aggregate *aggregate, const struct drift_parameters *parameters,
		 struct sim_stream *stream)
{
	for (int c = 0; c < parameters->classes; c++) {
		struct aggregate_metric *requests, *cpu;
		char scope[16];

		snprintf(scope, sizeof(scope), "vm.c%d", c);
		/* The first pointer is void once the second metric is there. */
		aggregate_add_metric(aggregate, scope, "drift.requests", "fraction");
		aggregate_add_metric(aggregate, scope, "drift.cpu", "fraction");
		requests = &aggregate->metrics[aggregate->nr_metrics - 2];
		cpu = &aggregate->metrics[aggregate->nr_metrics - 1];
		for (int r = 0; r < parameters->replications; r++) {
			struct queue_halves halves = queue_halves_of(HALF_NS, stream);

			requests->values[r] = drift_of(halves.jobs, parameters->transient);
			cpu->values[r] = drift_of(halves.busy, parameters->transient);
		}
		aggregate_compute(requests, (size_t)parameters->replications);
		aggregate_compute(cpu, (size_t)parameters->replications);
	}
}

static bool something_drifts(const struct coverage_case *self, uint32_t trial)
{
	const struct drift_parameters *parameters = self->parameters;
	struct aggregate aggregate = {.nr_replications = (size_t)parameters->replications};
	struct sim_stream stream;
	struct drift worst;
	size_t found;

	noise_stream(&stream, self->quantity, trial);
	fill(&aggregate, parameters, &stream);
	if (drift_find(&aggregate, 1, &found, &worst, NULL))
		found = 0;
	aggregate_free(&aggregate);
	return found > 0;
}

#define PARAMETERS(classes_, replications_, transient_)                                            \
	&(const struct drift_parameters)                                                           \
	{                                                                                          \
		(classes_), (replications_), (transient_)                                          \
	}

const struct coverage_case coverage_drifts[] = {
	{"halves of M/M/1, 1 class, 10 replications", COVERAGE_STARS, TRIALS, QUICK_TRIALS,
	 something_drifts, PARAMETERS(1, 10, 0)},
	{"halves of M/M/1, 4 classes, 5 replications", COVERAGE_STARS, TRIALS, 0, something_drifts,
	 PARAMETERS(4, 5, 0)},
	{"halves of M/M/1, 4 classes, 20 replications", COVERAGE_STARS, TRIALS, 0, something_drifts,
	 PARAMETERS(4, 20, 0)},
	{"the same, a tenth less in the first half", COVERAGE_STARS, 1000, QUICK_TRIALS,
	 something_drifts, PARAMETERS(4, 20, 0.1), .is_control = true},
	{.quantity = NULL},
};
