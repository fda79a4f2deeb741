/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/simulate.h"

#include <stdlib.h>

#include "sim/cli/signals.h"
#include "sim/cli/progress.h"
#include "sim/run/world.h"

/* What the callbacks need. */
struct supervisor {
	struct simulation *simulation;
	struct progress progress;
};

static size_t point_of(const struct simulation *simulation, size_t i)
{
	return simulation->points ? simulation->points[i] : i;
}

static double elapsed_s(const struct progress *progress)
{
	struct progress copy = *progress;

	copy.shown = false;
	return progress_end(&copy);
}

static enum oversub_status point_done(void *context, size_t i, struct aggregate *aggregate,
				      struct oversub_error *error)
{
	struct supervisor *supervisor = context;
	struct simulation *simulation = supervisor->simulation;

	simulation->run.events += aggregate->events;
	simulation->run.simulated_ns += aggregate->simulated_ns;
	simulation->run.busy_s += aggregate->wall_s;
	simulation->run.wall_s = elapsed_s(&supervisor->progress);
	return simulation->point_done(simulation->context, point_of(simulation, i), aggregate,
				      error);
}

static void show_progress(void *context, int64_t done_ns, int64_t total_ns)
{
	struct supervisor *supervisor = context;

	progress_show(&supervisor->progress, done_ns, total_ns);
}

/* The points as the experiment wants them; NULL without memory. */
static struct experiment_point *make_points(const struct simulation *simulation)
{
	struct experiment_point *points = calloc(simulation->nr_points + 1, sizeof(*points));

	for (size_t i = 0; points && i < simulation->nr_points; i++) {
		const struct scenario *scenario = simulation->scenarios[point_of(simulation, i)];

		points[i].scenario = scenario;
		points[i].number = point_of(simulation, i);
		points[i].simulated_ns = scenario->run.warmup_ns + scenario->run.measure_ns;
		points[i].nr_replications = (uint32_t)scenario->run.replications;
	}
	return points;
}

enum oversub_status simulate(struct simulation *simulation, struct oversub_error *error)
{
	const struct cli_options *cli = simulation->options;
	struct supervisor supervisor = {.simulation = simulation};
	struct experiment_point *points = make_points(simulation);
	struct experiment_options options = {
		.run = world_run,
		.jobs = cli->jobs ? (unsigned int)cli->jobs : experiment_default_jobs(),
		.trace = simulation->trace,
		.check_invariants = cli->check_invariants,
		.context = &supervisor,
		.point_done = point_done,
		.progress = show_progress,
	};
	enum oversub_status status;
	int interrupted;

	if (!points)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	simulation->run = (struct run_info){.argc = cli->argc,
					    .argv = cli->typed,
					    .started = time(NULL),
					    .jobs = options.jobs,
					    .policies = &cli->policies};
	options.cancel_fd = interrupt_open();
	progress_start(&supervisor.progress, cli->quiet);
	status = experiment_run(points, simulation->nr_points, &options, &interrupted, error);
	simulation->run.wall_s = progress_end(&supervisor.progress);
	interrupt_close(options.cancel_fd);
	free(points);
	return status;
}
