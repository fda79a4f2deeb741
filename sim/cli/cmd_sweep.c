/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub sweep SCENARIO --vary PATH=V1,V2,...: a grid of variants. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/destination.h"
#include "sim/cli/dry_run.h"
#include "sim/cli/message.h"
#include "sim/cli/simulate.h"
#include "sim/cli/sweep_file.h"
#include "sim/cli/sweep_plan.h"
#include "sim/cli/until.h"
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
	struct keeper keeper;
	bool begun;	   /* destination has its sweep.json */
	size_t nr_renewed; /* points that were there, and not as they had been written */
	struct simulation simulation;
	struct run_info looks; /* what --until has run before */
};

static enum oversub_status choose_directory(struct sweep *sweep, struct oversub_error *error)
{
	static const struct destination_files files = {"sweep.json", "sweep.csv"};

	return destination_choose(&sweep->destination, sweep->options,
				  sweep->plan.scenarios[0]->name, "-sweep", &files, error);
}

static void write_grid(FILE *stream, const void *context)
{
	const struct sweep *sweep = context;

	sweep_json_write(stream, &sweep->plan.grid, sweep->plan.scenarios, sweep->plan.same_as,
			 NULL);
}

/* The columns of the axes: of a design, the number of the row and all its parameters. */
static size_t csv_columns(const struct sweep_grid *grid, const char **texts)
{
	size_t nr = 0;

	for (size_t a = 0; a < grid->nr_axes; a++)
		texts[nr++] = grid->axes[a].path;
	for (size_t k = 0; k < grid->design.nr_factors; k++)
		texts[nr++] = grid->design.factors[k].path;
	return nr;
}

static void csv_values(const struct sweep_grid *grid, size_t point, const char **texts)
{
	for (size_t a = 0; a < grid->nr_axes; a++)
		*texts++ = sweep_grid_value(grid, point, a);
	for (size_t k = 0; k < grid->design.nr_factors; k++)
		*texts++ = sweep_design_value(&grid->design, sweep_grid_row(grid, point), k);
}

/* More points than these are not kept in memory, and their table is nothing to read. */
enum { LARGE_SWEEP = 1000 };

static bool is_large(const struct sweep *sweep)
{
	return sweep->plan.grid.nr_points > LARGE_SWEEP && sweep->destination.path;
}

static void write_rows(FILE *stream, const struct sweep *sweep, size_t point, const char **texts,
		       struct csv_point *columns, const struct aggregate *aggregate)
{
	const struct scenario *scenario = sweep->plan.scenarios[point];
	char seed[24];
	struct result_info info = result_info_of(scenario, seed);

	csv_values(&sweep->plan.grid, point, texts);
	columns->candidate = info.policies[OVERSUB_CANDIDATE];
	columns->sched = info.policies[OVERSUB_SCHED];
	columns->window = scenario->chosen[OVERSUB_WINDOW].policy->name;
	columns->cosched = scenario->chosen[OVERSUB_COSCHED].policy->name;
	columns->scenario = info.name;
	columns->seed = info.seed;
	csv_write_point(stream, columns, aggregate);
}

/* A run's aggregate: as it was kept, or from the journal again; *owned is to be freed. */
static enum oversub_status find_aggregate(const struct sweep *sweep, size_t point, size_t run,
					  const struct aggregate **aggregate,
					  struct aggregate *owned, struct oversub_error *error)
{
	*owned = (struct aggregate){0};
	*aggregate = &sweep->plan.aggregates[point];
	if (!is_large(sweep))
		return OVERSUB_OK;
	*aggregate = owned;
	return keeper_aggregate(&sweep->keeper, run, sweep->plan.runs[run], owned, error);
}

static enum oversub_status write_all_rows(struct sweep *sweep, FILE *stream, const char **texts,
					  const size_t *run_of, struct oversub_error *error)
{
	const struct sweep_grid *grid = &sweep->plan.grid;
	struct csv_point columns = {.varied = texts, .has_more = true};
	enum oversub_status status = OVERSUB_OK;

	columns.nr_varied = csv_columns(grid, texts);
	csv_write_header(stream, &columns);
	for (size_t i = 0; !status && i < grid->nr_points; i++) {
		const struct aggregate *aggregate;
		struct aggregate owned;

		status = find_aggregate(sweep, i, run_of[i], &aggregate, &owned, error);
		if (!status)
			write_rows(stream, sweep, i, texts, &columns, aggregate);
		aggregate_free(&owned);
	}
	return status;
}

static enum oversub_status write_csv(struct sweep *sweep, struct oversub_error *error)
{
	const struct sweep_grid *grid = &sweep->plan.grid;
	const char **texts = calloc(grid->nr_axes + grid->design.nr_factors, sizeof(*texts));
	size_t *run_of = sweep_plan_runs_of_points(&sweep->plan);
	char *path = output_path(sweep->destination.work, "sweep.csv");
	struct output_file file = {NULL};
	enum oversub_status status = OVERSUB_OK;

	if (!texts || !run_of || !path)
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (!status)
		status = output_file_open(&file, path, error);
	if (!status)
		status = write_all_rows(sweep, file.stream, texts, run_of, error);
	if (!status)
		status = output_file_close(&file, error);
	output_file_abandon(&file);
	free(texts);
	free(run_of);
	free(path);
	return status;
}

/* Once there is something to write: say what it belongs to. */
static enum oversub_status begin(void *context, struct oversub_error *error)
{
	struct sweep *sweep = context;

	if (sweep->begun)
		return OVERSUB_OK;
	sweep->begun = true;
	return output_file_write(sweep->destination.work, "sweep.json", write_grid, sweep, error);
}

static enum oversub_status write_point(struct sweep *sweep, size_t point, size_t run,
				       struct oversub_error *error)
{
	const struct scenario *scenario = sweep->plan.scenarios[point];
	enum oversub_status status = begin(sweep, error);
	bool was_there, renewed = false;
	char name[SWEEP_POINT_NAME];
	char *path;

	if (status)
		return status;
	path = output_path(sweep->destination.work,
			   sweep_point_directory(point, sweep->plan.grid.nr_points, name));
	if (!path)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	was_there = !access(path, F_OK);
	status = result_directory_write(path, scenario, &sweep->plan.aggregates[point], NULL,
					&renewed, error);
	/* With fewer replications than before it is another result, and nobody has changed it. */
	if (was_there && renewed && keeper_had_all(&sweep->keeper, run, scenario) &&
	    !keeper_has(&sweep->keeper, run, (uint32_t)scenario->run.replications))
		sweep->nr_renewed++;
	free(path);
	return status;
}

/* Write all points that a run stands for, and keep their metrics for the end. */
static enum oversub_status run_done(void *context, size_t run, struct aggregate *aggregate,
				    struct oversub_error *error)
{
	struct sweep *sweep = context;
	struct sweep_plan *plan = &sweep->plan;
	enum oversub_status status = OVERSUB_OK;

	for (size_t point = plan->first_point[run]; !status && point < plan->grid.nr_points;
	     point = plan->next_same[point]) {
		status = aggregate_copy(aggregate, &plan->aggregates[point], error);
		if (!status && sweep->destination.path)
			status = write_point(sweep, point, run, error);
		if (is_large(sweep))
			aggregate_free(&plan->aggregates[point]);
		else
			aggregate_drop_histograms(&plan->aggregates[point]);
	}
	aggregate_free(aggregate);
	return status;
}

static enum oversub_status finish(struct sweep *sweep, struct oversub_error *error)
{
	const char *work = sweep->destination.work;
	enum oversub_status status;

	if (!work)
		return OVERSUB_OK;
	sweep_points_tidy(work, sweep->plan.grid.nr_points);
	status = begin(sweep, error);
	if (!status)
		status = keeper_refresh(&sweep->keeper, sweep->plan.runs, error);
	if (!status)
		status = write_csv(sweep, error);
	if (!status)
		status = result_directory_write_run(work, &sweep->simulation.run, error);
	if (!status)
		status = destination_finish(&sweep->destination, error);
	if (!status && sweep->nr_renewed)
		message_note("%zu point%s in %s had been changed: written anew from the journal",
			     sweep->nr_renewed, sweep->nr_renewed == 1 ? "" : "s",
			     sweep->destination.path);
	return status;
}

static void show(const struct sweep *sweep)
{
	const struct sweep_plan *plan = &sweep->plan;
	const struct scenario *first = plan->scenarios[0];
	struct aggregate total = {.events = sweep->simulation.run.events,
				  .simulated_ns = sweep->simulation.run.simulated_ns};

	if (sweep->options->json) {
		sweep_json_write(stdout, &plan->grid, plan->scenarios, plan->same_as,
				 plan->aggregates);
		return;
	}
	if (sweep->options->quiet)
		return;
	printf("%s  %zu point%s x %lld rep%s, seed %llu\n", first->name, plan->grid.nr_points,
	       plan->grid.nr_points == 1 ? "" : "s", (long long)first->run.replications,
	       first->run.replications == 1 ? "" : "s", (unsigned long long)first->run.seed);
	if (plan->nr_runs < plan->grid.nr_points)
		printf("%zu of them differ in what they simulate, and were run\n", plan->nr_runs);
	/* Nobody reads hundreds of rows: what a design is for is said by another command. */
	if (!plan->grid.design.kind && !is_large(sweep))
		summary_write_sweep(stdout, &plan->grid, plan->aggregates);
	if (sweep->simulation.run.events)
		summary_write_tail(stdout, &total, sweep->simulation.run.wall_s, NULL);
	if (sweep->destination.path)
		printf("%s/sweep.csv   next: oversub %s %s\n", sweep->destination.path,
		       plan->grid.design.kind ? "sensitivity" : "plot", sweep->destination.path);
}

static enum oversub_status run_points(struct sweep *sweep, struct oversub_error *error)
{
	enum oversub_status status;

	sweep->simulation = (struct simulation){
		.options = sweep->options,
		.scenarios = sweep->plan.runs,
		.nr_points = sweep->plan.nr_runs,
		.keeper = sweep->destination.path ? &sweep->keeper : NULL,
		.context = sweep,
		.begin = begin,
		.point_done = run_done,
	};
	status = simulate(&sweep->simulation, error);
	run_info_add(&sweep->simulation.run, &sweep->looks);
	if (!status && sweep->simulation.nr_failed)
		status = oversub_fail(error, OVERSUB_FAILED,
				      "%" PRIu64 " replications failed; the others are complete",
				      sweep->simulation.nr_failed);
	return status;
}

/* Compared with the run of the first value of the first axis, all else being the same. */
static enum oversub_status run_until(struct sweep *sweep, struct oversub_error *error)
{
	const struct sweep_plan *plan = &sweep->plan;
	size_t *run_of = sweep_plan_runs_of_points(plan);
	size_t *bases = calloc(plan->nr_runs + 1, sizeof(*bases));
	enum oversub_status status;

	if (run_of && bases) {
		for (size_t run = 0; run < plan->nr_runs; run++)
			bases[run] =
				run_of[sweep_grid_first(&plan->grid, plan->first_point[run], 0)];
		status = until_run(sweep->options, &sweep->keeper, plan->runs, plan->nr_runs, bases,
				   &sweep->looks, error);
	} else {
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
	}
	free(run_of);
	free(bases);
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

/* Whether the first axis is a list whose first value the others can be compared with. */
static bool has_bases(const struct sweep_grid *grid)
{
	return grid->axes[0].nr_values > 1 && strcmp(grid->axes[0].path, SWEEP_DESIGN_PATH) != 0;
}

static enum oversub_status sweep_scenario(struct sweep *sweep, struct oversub_error *error)
{
	enum oversub_status status = sweep_plan_make(&sweep->plan, sweep->options, error);

	if (!status && sweep->options->dry_run) {
		if (!sweep->options->quiet)
			sweep_plan_show_notes(&sweep->plan, sweep->options);
		status = sweep_plan_find_runs(&sweep->plan, error);
		return status ? status : dry_run(&sweep->plan, sweep->options, error);
	}
	if (!status)
		status = choose_directory(sweep, error);
	if (!status)
		status = choose_warmup(sweep, error);
	if (!status)
		status = sweep_plan_find_runs(&sweep->plan, error);
	if (!status && sweep->options->until.target > 0)
		status = until_begin(sweep->options, sweep->plan.runs, sweep->plan.nr_runs,
				     has_bases(&sweep->plan.grid), error);
	if (!status)
		status = keeper_open(&sweep->keeper, &sweep->destination, sweep->options,
				     sweep->plan.runs, sweep->plan.nr_runs, KEEPER_THESE_ALONE,
				     error);
	if (status)
		return status;
	if (!sweep->options->quiet)
		sweep_plan_show_notes(&sweep->plan, sweep->options);
	if (!sweep->options->quiet)
		keeper_tell(&sweep->keeper);
	if (sweep->options->until.target > 0)
		status = run_until(sweep, error);
	if (!status)
		status = run_points(sweep, error);
	if (!status && sweep->options->shard.of) {
		keeper_tell_share(&sweep->keeper, sweep->options);
		return OVERSUB_OK;
	}
	if (!status)
		status = finish(sweep, error);
	if (!status)
		show(sweep);
	return status;
}

enum oversub_status cmd_sweep(const struct cli_options *options, struct oversub_error *error)
{
	struct sweep_file file;
	struct sweep sweep = {.options = &file.options};
	enum oversub_status status = sweep_file_read(&file, options, error);

	if (!status)
		status = sweep_scenario(&sweep, error);
	sweep_plan_free(&sweep.plan);
	keeper_close(&sweep.keeper);
	destination_free(&sweep.destination);
	sweep_file_free(&file);
	return status;
}
