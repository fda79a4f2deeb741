/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/dry_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/run/experiment.h"
#include "sim/run/world.h"

/* As many runs are tried for so long of simulated time. */
enum { SAMPLES = 16 };
static const int64_t sample_ns = 10000000;

static int64_t length_of(const struct scenario *scenario)
{
	return scenario->run.warmup_ns + scenario->run.measure_ns;
}

/* What a simulated ns of scenario costs, in s. */
static enum oversub_status cost_of(struct scenario *scenario, double *cost,
				   struct oversub_error *error)
{
	const struct run_config saved = scenario->run;
	struct replication_result result = {0};
	struct world_options options = {0};
	enum oversub_status status;

	if (scenario->run.measure_ns > sample_ns)
		scenario->run.measure_ns = sample_ns;
	scenario->run.warmup_ns = 0;
	status = world_run(scenario, 0, &options, &result, error);
	if (!status)
		*cost = result.wall_s / (double)scenario->run.measure_ns;
	scenario->run = saved;
	result_free(&result);
	return status;
}

static void list_points(const struct sweep_plan *plan)
{
	for (size_t i = 0; i < plan->grid.nr_points; i++) {
		char *label = sweep_grid_label(&plan->grid, i);

		printf("%5zu  %s", i, label ? label : "");
		if (plan->same_as[i] != i)
			printf("  (as %zu)", plan->same_as[i]);
		putchar('\n');
		free(label);
	}
}

enum oversub_status dry_run(const struct sweep_plan *plan, const struct cli_options *options,
			    struct oversub_error *error)
{
	unsigned int jobs = options->jobs ? (unsigned int)options->jobs : experiment_default_jobs();
	size_t nr = plan->nr_runs < SAMPLES ? plan->nr_runs : SAMPLES;
	double cost = 0, simulated = 0, seconds;
	int64_t replications = 0;

	for (size_t i = 0; i < nr; i++) {
		size_t which = nr > 1 ? i * (plan->nr_runs - 1) / (nr - 1) : 0;
		enum oversub_status status;
		double one;

		status = cost_of(plan->runs[which], &one, error);
		if (status)
			return status;
		cost += one / (double)nr;
	}
	for (size_t i = 0; i < plan->nr_runs; i++) {
		simulated +=
			(double)length_of(plan->runs[i]) * (double)plan->runs[i]->run.replications;
		replications += plan->runs[i]->run.replications;
	}
	if (!options->quiet)
		list_points(plan);
	seconds = cost * simulated / jobs;
	printf("%zu points, %zu of them different, %" PRId64 " replications, %.3g s simulated: "
	       "about %.2g s with %u job%s\n",
	       plan->grid.nr_points, plan->nr_runs, replications, simulated / 1e9, seconds, jobs,
	       jobs == 1 ? "" : "s");
	return OVERSUB_OK;
}
