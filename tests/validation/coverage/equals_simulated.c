/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "sim/run/experiment.h"
#include "sim/scenario/scenario.h"
#include "tests/validation/coverage/equals.h"

static void check(enum oversub_status status, const struct oversub_error *error)
{
	if (!status)
		return;
	fprintf(stderr, "coverage: %s\n", error->message);
	exit(1);
}

static enum oversub_status keep_result(void *context, size_t point, struct aggregate *aggregate,
				       struct oversub_error *error)
{
	*(struct aggregate *)context = *aggregate;
	*aggregate = (struct aggregate){0};
	return OVERSUB_OK;
}

/* So many replications of the system, with random numbers of their own. */
static struct aggregate simulate(uint32_t trial, size_t replications)
{
	struct aggregate all = {0};
	struct scenario *scenario;
	struct oversub_error error;
	struct experiment_point point;
	const struct experiment_options options = {
		.run = world_run, .cancel_fd = -1, .context = &all, .point_done = keep_result};

	check(scenario_load("tests/validation/coverage/null.json", NULL, &scenario, &error),
	      &error);
	scenario->run.seed = trial + 1;
	point = (struct experiment_point){.scenario = scenario,
					  .simulated_ns = scenario->run.warmup_ns +
							  scenario->run.measure_ns,
					  .nr_replications = (uint32_t)replications};
	check(experiment_run(&point, 1, &options, NULL, &error), &error);
	scenario_free(scenario);
	return all;
}

/* Replications first to first + n of all, as if they were all that there are. */
static void take(const struct aggregate *all, size_t first, size_t n, struct aggregate *side)
{
	*side = (struct aggregate){.nr_replications = n};
	for (size_t m = 0; m < all->nr_metrics; m++) {
		const struct aggregate_metric *from = &all->metrics[m];
		struct aggregate_metric *metric =
			aggregate_add_metric(side, from->scope, from->name, from->unit);

		if (!metric)
			exit(1);
		for (size_t i = 0; i < n; i++)
			metric->values[i] = from->values[first + i];
		aggregate_compute(metric, n);
	}
}

void equals_simulated(uint32_t trial, struct aggregate *sides, size_t nr, size_t replications)
{
	struct aggregate all = simulate(trial, nr * replications);

	for (size_t s = 0; s < nr; s++)
		take(&all, s * replications, replications, &sides[s]);
	aggregate_free(&all);
}
