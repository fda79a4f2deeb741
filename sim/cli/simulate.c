/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/simulate.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/cli/memory_limit.h"
#include "sim/cli/message.h"
#include "sim/cli/signals.h"
#include "sim/cli/progress.h"
#include "sim/run/world.h"

/* What the callbacks need. */
struct supervisor {
	struct simulation *simulation;
	struct progress progress;
	uint64_t nr_added; /* replications, of which simulation->nr_kept count */
	uint64_t nr_done;  /* replications, kept or not */
	size_t nr_points;  /* that are complete */
	bool memory_is_used;
};

static double elapsed_s(const struct progress *progress)
{
	struct progress copy = *progress;

	copy.shown = false;
	return progress_end(&copy);
}

/* ---- Replications that are kept -------------------------------------------------------------- */

static bool wanted(void *context, size_t point, uint32_t replication)
{
	const struct simulation *simulation = ((struct supervisor *)context)->simulation;

	return !keeper_skips(simulation->keeper, point, replication);
}

static enum oversub_status recall(void *context, size_t point, uint32_t replication,
				  struct replication_result *result, struct oversub_error *error)
{
	const struct simulation *simulation = ((struct supervisor *)context)->simulation;
	const struct keeper *keeper = simulation->keeper;
	uint64_t id = keeper->ids[point];

	return store_recall(&keeper->store, store_find(&keeper->store, id, replication), result,
			    error);
}

static enum oversub_status replication_done(void *context, size_t point, uint32_t replication,
					    const struct replication_result *result,
					    struct oversub_error *error)
{
	struct supervisor *supervisor = context;
	struct simulation *simulation = supervisor->simulation;
	struct keeper *keeper = simulation->keeper;
	enum oversub_status status = OVERSUB_OK;

	supervisor->nr_done++;
	simulation->run.events += result->events;
	simulation->run.simulated_ns += result->simulated_ns;
	simulation->run.busy_s += result->wall_s;
	if (!keeper)
		return OVERSUB_OK;
	if (!supervisor->nr_added++ && simulation->begin)
		status = simulation->begin(simulation->context, error);
	if (status)
		return status;
	return store_add(&keeper->store, keeper->ids[point], replication, result, error);
}

static enum oversub_status settle(void *context, struct oversub_error *error)
{
	struct supervisor *supervisor = context;
	struct simulation *simulation = supervisor->simulation;
	enum oversub_status status = OVERSUB_OK;

	if (simulation->keeper)
		status = store_sync(&simulation->keeper->store, error);
	if (!status)
		simulation->nr_kept = supervisor->nr_added;
	return status;
}

static void replication_failed(void *context, size_t point, uint32_t replication,
			       const struct oversub_error *failure)
{
	struct simulation *simulation = ((struct supervisor *)context)->simulation;

	simulation->nr_failed++;
	message_error("point %zu, replication %u: %s", point, replication, failure->message);
}

static enum oversub_status point_done(void *context, size_t point, struct aggregate *aggregate,
				      struct oversub_error *error)
{
	struct supervisor *supervisor = context;
	struct simulation *simulation = supervisor->simulation;

	supervisor->nr_points++;
	simulation->run.wall_s = elapsed_s(&supervisor->progress);
	return simulation->point_done(simulation->context, point, aggregate, error);
}

/* ---- Interruptions -------------------------------------------------------------------------- */

static void tell_rest(const struct simulation *simulation)
{
	if (simulation->keeper && !simulation->options->quiet)
		keeper_tell_rest(simulation->keeper, simulation->options, simulation->nr_kept);
}

/* Why SIGALRM came. */
static const char *limit_reached(const struct supervisor *supervisor)
{
	return supervisor->memory_is_used ? "the memory of --max-memory is used up"
					  : "the time of --max-time is over";
}

static void abandon(void *context, int signal)
{
	struct supervisor *supervisor = context;
	struct simulation *simulation = supervisor->simulation;

	progress_end(&supervisor->progress);
	message_error("%s", signal == SIGALRM ? limit_reached(supervisor) : "interrupted");
	tell_rest(simulation);
	if (simulation->abandon)
		simulation->abandon(simulation->context);
	/* Workers go on using what an orderly end would free. */
	_exit(signal == SIGALRM ? OVERSUB_FAILED : 128 + signal);
}

static void show_progress(void *context, int64_t done_ns, int64_t total_ns)
{
	struct supervisor *supervisor = context;

	struct simulation *simulation = supervisor->simulation;

	supervisor->progress.points = supervisor->nr_points;
	supervisor->progress.replications = supervisor->nr_done;
	supervisor->progress.events = simulation->run.events;
	progress_show(&supervisor->progress, done_ns, total_ns);
	if (!supervisor->memory_is_used && memory_limit_exceeded(simulation->options->max_memory)) {
		supervisor->memory_is_used = true;
		kill(getpid(), SIGALRM);
	}
}

/* The points as the experiment wants them; NULL without memory. */
static struct experiment_point *make_points(const struct simulation *simulation)
{
	struct experiment_point *points = calloc(simulation->nr_points + 1, sizeof(*points));

	for (size_t i = 0; points && i < simulation->nr_points; i++) {
		const struct scenario *scenario = simulation->scenarios[i];

		points[i].scenario = scenario;
		points[i].number = i;
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
		.replication_done = replication_done,
		.settle = settle,
		.replication_failed = cli->keep_going ? replication_failed : NULL,
		.point_done = point_done,
		.progress = show_progress,
		.abandon = abandon,
	};
	enum oversub_status status;
	int signal;

	if (!points)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = memory_limit_check(cli->max_memory, simulation->scenarios, simulation->nr_points,
				    options.jobs, error);
	if (status) {
		free(points);
		return status;
	}
	simulation->run = (struct run_info){.argc = cli->argc,
					    .argv = cli->typed,
					    .started = time(NULL),
					    .jobs = options.jobs,
					    .policies = &cli->policies};
	if (simulation->keeper) {
		options.wanted = wanted;
		/* A share completes no point: whoever has all of them does. */
		if (simulation->keeper->shard.of)
			options.point_done = NULL;
		else
			options.recall = recall;
	}
	options.cancel_fd = interrupt_open(cli->max_time_ns);
	progress_start(&supervisor.progress, cli->progress, cli->quiet);
	supervisor.progress.of_points = simulation->nr_points;
	for (size_t i = 0; i < simulation->nr_points; i++)
		supervisor.progress.of_replications += points[i].nr_replications;
	if (simulation->keeper)
		supervisor.progress.of_replications =
			simulation->keeper->nr_wanted - simulation->keeper->nr_found;
	status = experiment_run(points, simulation->nr_points, &options, &signal, error);
	simulation->run.wall_s = progress_end(&supervisor.progress);
	interrupt_close(options.cancel_fd);
	free(points);
	if (signal == SIGALRM)
		oversub_fail(error, OVERSUB_FAILED, "%s", limit_reached(&supervisor));
	else if (signal)
		*cli->ended_by = signal;
	if (status)
		tell_rest(simulation);
	return status;
}
