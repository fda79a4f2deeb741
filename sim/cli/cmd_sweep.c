/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub sweep SCENARIO --vary PATH=V1,V2,...: a grid of variants. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/destination.h"
#include "sim/cli/message.h"
#include "sim/cli/simulate.h"
#include "sim/cli/sweep_plan.h"
#include "sim/cli/warmup.h"
#include "sim/output/csv.h"
#include "sim/output/files.h"
#include "sim/output/result_directory.h"
#include "sim/report/summary.h"
#include "sim/report/summary_sweep.h"
#include "sim/output/sweep_json.h"

struct sweep {
	const struct cli_options *options;
	struct sweep_plan plan;
	struct destination destination;
	bool begun;	/* destination has its sweep.json */
	size_t nr_done; /* points that were run and written */
	struct simulation simulation;
};

static enum oversub_status choose_directory(struct sweep *sweep, struct oversub_error *error)
{
	const struct cli_options *options = sweep->options;

	if (options->force && options->resume)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--force replaces earlier results and --resume keeps them: "
				    "give one of them");
	return destination_choose(&sweep->destination, options, sweep->plan.scenarios[0]->name,
				  "-sweep", error);
}

static void write_grid(FILE *stream, const void *context)
{
	const struct sweep *sweep = context;

	sweep_json_write(stream, &sweep->plan.grid, sweep->plan.scenarios, NULL);
}

static void write_csv(FILE *stream, const void *context)
{
	const struct sweep *sweep = context;
	const struct sweep_grid *grid = &sweep->plan.grid;
	const char **texts = calloc(grid->nr_axes, sizeof(*texts));

	if (!texts)
		return;
	for (size_t a = 0; a < grid->nr_axes; a++)
		texts[a] = grid->axes[a].path;
	csv_write_header(stream, texts, grid->nr_axes);
	for (size_t i = 0; i < grid->nr_points; i++) {
		for (size_t a = 0; a < grid->nr_axes; a++)
			texts[a] = sweep_grid_value(grid, i, a);
		csv_write_point(stream, texts, grid->nr_axes,
				sweep->plan.scenarios[i]->chosen[OVERSUB_CANDIDATE].policy->name,
				sweep->plan.scenarios[i]->chosen[OVERSUB_SCHED].policy->name,
				&sweep->plan.aggregates[i]);
	}
	free(texts);
}

/* Once there is something to write: make room for it, and say what it belongs to. */
static enum oversub_status begin(struct sweep *sweep, struct oversub_error *error)
{
	enum oversub_status status = output_directory_create(sweep->destination.path, error);

	if (status)
		return status;
	if (sweep->options->force)
		output_directory_clear(sweep->destination.path);
	sweep->begun = true;
	return output_file_write(sweep->destination.path, "sweep.json", write_grid, sweep, error);
}

static enum oversub_status write_point(struct sweep *sweep, size_t point,
				       struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	char name[SWEEP_POINT_NAME];
	char *path;

	if (!sweep->begun)
		status = begin(sweep, error);
	if (status)
		return status;
	path = output_path(sweep->destination.path,
			   sweep_point_directory(point, sweep->plan.grid.nr_points, name));
	if (!path)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = result_directory_write(path, sweep->plan.scenarios[point],
					&sweep->plan.aggregates[point], NULL, error);
	free(path);
	sweep->nr_done += !status;
	return status;
}

/* Write a point and keep its metrics for the end. */
static enum oversub_status point_done(void *context, size_t point, struct aggregate *aggregate,
				      struct oversub_error *error)
{
	struct sweep *sweep = context;
	enum oversub_status status = OVERSUB_OK;

	sweep->plan.aggregates[point] = *aggregate;
	if (sweep->destination.path)
		status = write_point(sweep, point, error);
	aggregate_drop_histograms(&sweep->plan.aggregates[point]);
	return status;
}

static enum oversub_status finish(struct sweep *sweep, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	if (!sweep->destination.path)
		return OVERSUB_OK;
	if (!sweep->begun)
		status = begin(sweep, error);
	if (!status)
		status = output_file_write(sweep->destination.path, "sweep.csv", write_csv, sweep,
					   error);
	if (!status)
		status = result_directory_write_run(sweep->destination.path, &sweep->simulation.run,
						    error);
	return status;
}

static void show(const struct sweep *sweep)
{
	const struct sweep_plan *plan = &sweep->plan;
	const struct scenario *first = plan->scenarios[0];
	struct aggregate total = {.events = sweep->simulation.run.events,
				  .simulated_ns = sweep->simulation.run.simulated_ns};

	if (sweep->options->json) {
		sweep_json_write(stdout, &plan->grid, plan->scenarios, plan->aggregates);
		return;
	}
	if (sweep->options->quiet)
		return;
	printf("%s  %zu point%s x %lld rep%s, seed %llu\n", first->name, plan->grid.nr_points,
	       plan->grid.nr_points == 1 ? "" : "s", (long long)first->run.replications,
	       first->run.replications == 1 ? "" : "s", (unsigned long long)first->run.seed);
	summary_write_sweep(stdout, &plan->grid, plan->aggregates);
	if (plan->nr_todo)
		summary_write_tail(stdout, &total, sweep->simulation.run.wall_s, NULL);
	if (sweep->destination.path)
		printf("%s/sweep.csv   next: oversub plot %s\n", sweep->destination.path,
		       sweep->destination.path);
}

static enum oversub_status run_points(struct sweep *sweep, struct oversub_error *error)
{
	enum oversub_status status;

	sweep->simulation = (struct simulation){
		.options = sweep->options,
		.scenarios = sweep->plan.scenarios,
		.points = sweep->plan.todo,
		.nr_points = sweep->plan.nr_todo,
		.context = sweep,
		.point_done = point_done,
	};
	if (!sweep->options->quiet && sweep->plan.nr_todo < sweep->plan.grid.nr_points)
		message_note("%zu of %zu points are there already",
			     sweep->plan.grid.nr_points - sweep->plan.nr_todo,
			     sweep->plan.grid.nr_points);
	status = simulate(&sweep->simulation, error);
	if (status && sweep->nr_done)
		message_note("%zu of %zu points are complete in %s; --resume runs the rest",
			     sweep->nr_done + sweep->plan.grid.nr_points - sweep->plan.nr_todo,
			     sweep->plan.grid.nr_points, sweep->destination.path);
	return status;
}

/* One for all points, which are to be compared: so all are looked at, even if some are there. */
static enum oversub_status choose_warmup(struct sweep *sweep, struct oversub_error *error)
{
	const struct sweep_grid *grid = &sweep->plan.grid;

	for (size_t a = 0; sweep->options->warmup_auto && a < grid->nr_axes; a++)
		if (!strcmp(grid->axes[a].path, "run.warmup"))
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "--warmup auto sets run.warmup, which --vary varies: "
					    "leave one of them out");
	return warmup_choose(sweep->options, sweep->plan.scenarios, grid->nr_points, error);
}

static enum oversub_status sweep_scenario(struct sweep *sweep, struct oversub_error *error)
{
	enum oversub_status status = sweep_plan_make(&sweep->plan, sweep->options, error);

	if (!status)
		status = choose_directory(sweep, error);
	if (!status)
		status = choose_warmup(sweep, error);
	if (!status && sweep->options->resume && sweep->destination.path)
		status = sweep_plan_resume(&sweep->plan, sweep->destination.path, error);
	if (status)
		return status;
	if (!sweep->options->quiet)
		sweep_plan_show_notes(&sweep->plan, sweep->options);
	status = run_points(sweep, error);
	if (!status)
		status = finish(sweep, error);
	if (!status)
		show(sweep);
	return status;
}

enum oversub_status cmd_sweep(const struct cli_options *options, struct oversub_error *error)
{
	struct sweep sweep = {.options = options};
	enum oversub_status status = sweep_scenario(&sweep, error);

	sweep_plan_free(&sweep.plan);
	destination_free(&sweep.destination);
	return status;
}
