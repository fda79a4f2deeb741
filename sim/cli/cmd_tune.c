/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub tune SCENARIO: a race of candidates, and the confirmation of who wins it. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/destination.h"
#include "sim/cli/message.h"
#include "sim/cli/simulate.h"
#include "sim/cli/sweep_plan.h"
#include "sim/cli/tune_goal.h"
#include "sim/output/files.h"
#include "sim/output/json_writer.h"
#include "sim/report/format.h"
#include "sim/stats/paired.h"

enum { FIRST_REPLICATIONS = 2, FINALISTS = 4 };
/* What the seed of the confirmation is away from that of the race. */
static const uint64_t fresh_seed = 1000003;

struct candidate {
	size_t run; /* of the plan */
	struct tune_score score;
};

struct tune {
	const struct cli_options *options;
	struct tune_goal goal;
	struct sweep_plan plan;
	struct candidate *candidates; /* the best first; owned */
	size_t nr_left;		      /* that are still in the race */
	size_t most;		      /* replications of one that is in it to the end */
	struct destination destination;
	struct keeper keeper;
	struct run_info run;
	struct scenario *plain;	    /* without any --vary; owned */
	struct scenario *finals[2]; /* the scenario as it is, and the best; owned */
	struct aggregate confirmed[2];
	struct scenario **racing; /* those of a round; owned array */
	bool begun;		  /* this command has written into its journal */
};

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the candidates");
}

/* ---- The race ---------------------------------------------------------------------------------
 */

static enum oversub_status scored(void *context, size_t i, struct aggregate *aggregate,
				  struct oversub_error *error)
{
	struct tune *tune = context;

	tune_score_of(&tune->goal, aggregate, &tune->candidates[i].score);
	aggregate_free(aggregate);
	return OVERSUB_OK;
}

static int by_score(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = tune_score_order(&x->score, &y->score);

	/* Whatever is equal stays in the order of the plan, so that the answer is one. */
	return order ? order : x->run < y->run ? -1 : x->run > y->run;
}

static size_t replications_of(const struct tune *tune, int round)
{
	size_t nr = FIRST_REPLICATIONS;

	while (round-- > 0 && nr < tune->most)
		nr *= 2;
	return nr < tune->most ? nr : tune->most;
}

/* Simulate scenarios, of which the journal has what earlier rounds have run. */
static enum oversub_status run_some(struct tune *tune, struct simulation *simulation,
				    struct oversub_error *error)
{
	struct cli_options options = *tune->options;
	enum oversub_status status;

	options.resume |= tune->begun;
	status = keeper_open(&tune->keeper, &tune->destination, &options, simulation->scenarios,
			     simulation->nr_points, KEEPER_AND_OTHERS, error);
	if (!status && !tune->begun && !options.quiet)
		keeper_tell(&tune->keeper);
	tune->begun = true;
	simulation->options = tune->options;
	simulation->keeper = &tune->keeper;
	simulation->context = tune;
	if (!status)
		status = simulate(simulation, error);
	keeper_close(&tune->keeper);
	run_info_add(&tune->run, &simulation->run);
	return status;
}

static enum oversub_status run_round(struct tune *tune, size_t replications,
				     struct oversub_error *error)
{
	struct simulation simulation = {
		.scenarios = tune->racing, .nr_points = tune->nr_left, .point_done = scored};
	enum oversub_status status;

	for (size_t i = 0; i < tune->nr_left; i++) {
		tune->racing[i] = tune->plan.runs[tune->candidates[i].run];
		tune->racing[i]->run.replications = (int64_t)replications;
	}
	status = run_some(tune, &simulation, error);
	if (!status)
		qsort(tune->candidates, tune->nr_left, sizeof(*tune->candidates), by_score);
	return status;
}

static enum oversub_status race(struct tune *tune, struct oversub_error *error)
{
	const size_t most = tune->most;
	enum oversub_status status = OVERSUB_OK;
	size_t replications = 0;

	tune->nr_left = tune->plan.nr_runs;
	for (int round = 0; !status && (tune->nr_left > 1 || replications < most); round++) {
		size_t nr = tune->nr_left;

		replications = nr <= FINALISTS ? most : replications_of(tune, round);
		status = run_round(tune, replications, error);
		if (status)
			return status;
		tune->nr_left = nr <= FINALISTS ? 1 : (nr + 1) / 2;
		if (!tune->options->quiet)
			printf("%zu candidate%s x %zu replications: best %.6g%s\n", nr,
			       nr == 1 ? "" : "s", replications, tune->candidates[0].score.value,
			       tune->candidates[0].score.violation > 0 ? ", beyond a limit" : "");
		if (nr <= FINALISTS)
			break;
	}
	return status;
}

/* ---- The confirmation ------------------------------------------------------------------------ */

/* scenario on a seed of its own, with so many replications. */
static enum oversub_status renew(const struct tune *tune, const struct scenario *scenario,
				 int64_t replications, struct scenario **renewed,
				 struct oversub_error *error)
{
	char seed[64], reps[64];
	struct scenario_override list[] = {{"run.seed", seed}, {"run.replications", reps}};
	struct scenario_overrides overrides = {
		.list = list, .nr = 2, .policies = &tune->options->policies};

	snprintf(seed, sizeof(seed), "\"%" PRIu64 "\"",
		 scenario->run.seed > INT64_MAX - fresh_seed ? scenario->run.seed - fresh_seed
							     : scenario->run.seed + fresh_seed);
	snprintf(reps, sizeof(reps), "%" PRId64, replications);
	return scenario_from_json(scenario->json, scenario->file, &overrides, renewed, error);
}

static enum oversub_status kept(void *context, size_t i, struct aggregate *aggregate,
				struct oversub_error *error)
{
	struct tune *tune = context;

	tune->confirmed[i] = *aggregate;
	aggregate_drop_histograms(&tune->confirmed[i]);
	return OVERSUB_OK;
}

static enum oversub_status confirm(struct tune *tune, struct oversub_error *error)
{
	const struct scenario *best = tune->plan.runs[tune->candidates[0].run];
	int64_t replications = 2 * best->run.replications;
	struct simulation simulation = {
		.scenarios = tune->finals, .nr_points = 2, .point_done = kept};
	enum oversub_status status =
		renew(tune, tune->plain, replications, &tune->finals[0], error);

	if (!status)
		status = renew(tune, best, replications, &tune->finals[1], error);
	return status ? status : run_some(tune, &simulation, error);
}

/* ---- What comes out ---------------------------------------------------------------------------
 */

static struct sim_paired gain_of(const struct tune *tune)
{
	const struct tune_metric *metric = &tune->goal.metric;
	const struct aggregate_metric *before =
		aggregate_find(&tune->confirmed[0], metric->scope, metric->name);
	const struct aggregate_metric *after =
		aggregate_find(&tune->confirmed[1], metric->scope, metric->name);

	return sim_paired_of(before->values, after->values, tune->confirmed[0].nr_replications,
			     NULL);
}

static void write_metric(struct json_writer *writer, const struct tune *tune, const char *key,
			 const struct tune_metric *metric)
{
	json_object(writer, key, true);
	json_string(writer, "scope", metric->scope);
	json_string(writer, "name", metric->name);
	for (int i = 0; i < 2; i++) {
		const struct aggregate_metric *found =
			aggregate_find(&tune->confirmed[i], metric->scope, metric->name);

		json_object(writer, i ? "best" : "as_it_is", true);
		json_number(writer, "mean", found ? found->interval.mean : NAN);
		json_number(writer, "ci95", found ? found->interval.half_width : NAN);
		json_end(writer);
	}
	json_end(writer);
}

static void write_tune(FILE *stream, const void *context)
{
	const struct tune *tune = context;
	struct sim_paired gain = gain_of(tune);
	struct json_writer writer;

	json_start(&writer, stream);
	json_object(&writer, NULL, false);
	json_string(&writer, "oversub", OVERSUB_VERSION);
	json_string(&writer, "scenario", tune->plan.runs[0]->name);
	json_bool(&writer, "minimise", tune->goal.minimise);
	json_array(&writer, "candidates", false);
	for (size_t i = 0; i < tune->plan.nr_runs; i++) {
		const struct candidate *candidate = &tune->candidates[i];
		char *label =
			sweep_grid_label(&tune->plan.grid, tune->plan.first_point[candidate->run]);

		json_object(&writer, NULL, true);
		json_string(&writer, "values", label);
		json_number(&writer, "value", candidate->score.value);
		json_number(&writer, "beyond_limits", candidate->score.violation);
		json_integer(&writer, "replications",
			     tune->plan.runs[candidate->run]->run.replications);
		json_end(&writer);
		free(label);
	}
	json_end(&writer);
	json_object(&writer, "confirmation", false);
	json_integer(&writer, "replications", tune->finals[1]->run.replications);
	write_metric(&writer, tune, "metric", &tune->goal.metric);
	json_number(&writer, "change", gain.relative.mean);
	json_number(&writer, "low", gain.relative.low);
	json_number(&writer, "high", gain.relative.high);
	json_array(&writer, "limits", false);
	for (size_t i = 0; i < tune->goal.nr_limits; i++)
		write_metric(&writer, tune, NULL, &tune->goal.limits[i].metric);
	json_end(&writer);
	json_end(&writer);
	json_value(&writer, "best", tune->plan.runs[tune->candidates[0].run]->json);
	json_end(&writer);
	json_finish(&writer);
}

static void show_limit(const struct tune *tune, const struct tune_limit *limit)
{
	const struct aggregate_metric *found =
		aggregate_find(&tune->confirmed[1], limit->metric.scope, limit->metric.name);
	double mean = found ? found->interval.mean : NAN;

	printf("  %s:%s %.4g +-%.2g, %s %g: %s\n", limit->metric.scope, limit->metric.name, mean,
	       found ? found->interval.half_width : NAN,
	       limit->at_least ? ">=" : "<=", limit->bound,
	       (limit->at_least ? mean >= limit->bound : mean <= limit->bound) ? "kept"
									       : "not kept");
}

static void show(const struct tune *tune)
{
	struct sim_paired gain = gain_of(tune);
	struct format_buffer change, interval;
	size_t point = tune->plan.first_point[tune->candidates[0].run];
	const struct sweep_design *design = &tune->plan.grid.design;

	if (tune->candidates[0].score.violation > 0)
		message_note("no candidate keeps all limits; this one comes closest");
	printf("best:");
	for (size_t a = 0; a < tune->plan.grid.nr_axes; a++)
		if (strcmp(tune->plan.grid.axes[a].path, SWEEP_DESIGN_PATH) != 0)
			printf(" %s=%s", tune->plan.grid.axes[a].path,
			       sweep_grid_value(&tune->plan.grid, point, a));
	for (size_t k = 0; k < design->nr_factors; k++)
		printf(" %s=%s", design->factors[k].path,
		       sweep_design_value(design, sweep_grid_row(&tune->plan.grid, point), k));
	printf("\non a fresh seed, %" PRId64 " replications: %s:%s %s %s against the scenario as "
	       "it is\n",
	       tune->finals[1]->run.replications, tune->goal.metric.scope, tune->goal.metric.name,
	       format_signed_percent(gain.relative.mean, &change),
	       format_change_interval(&gain.relative, &interval));
	for (size_t i = 0; i < tune->goal.nr_limits; i++)
		show_limit(tune, &tune->goal.limits[i]);
	printf("%s/tune.json\n", tune->destination.path);
}

/* ---- All
 * ---------------------------------------------------------------------------------------*/

/* Whether any axis is a range without a number of values. */
static bool has_range(const struct cli_options *options)
{
	struct sweep_range range;

	for (int i = 0; i < options->nr_vary; i++) {
		const char *equals = strchr(options->vary[i], '=');

		if (equals && sweep_range_is(equals + 1) &&
		    !sweep_range_parse(equals + 1, "", &range, NULL) && !range.nr)
			return true;
	}
	return false;
}

/* What candidates are compared with. A policy that they have may lack what is set for others. */
static enum oversub_status load_plain(struct tune *tune, struct oversub_error *error)
{
	struct scenario_overrides overrides = cli_overrides(tune->options);

	overrides.drop_inapplicable = true;
	return scenario_load(tune->options->arguments[0], &overrides, &tune->plain, error);
}

static enum oversub_status prepare(struct tune *tune, struct oversub_error *error)
{
	static const struct destination_files files = {OUTPUT_JOURNAL, "tune.json"};
	struct cli_options options = *tune->options;
	enum oversub_status status = tune_goal_parse(&options, &tune->goal, error);

	if (!options.design && has_range(&options))
		options.design = "lhs:32";
	if (!status && !options.nr_vary)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "tune needs at least one --vary PATH=LOW..HIGH or "
				      "PATH=V1,V2,...");
	if (!status && options.warmup_auto)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "tune takes no --warmup auto: all candidates have one "
				      "warm-up, give its time");
	if (!status && (options.shard.of || options.until.target > 0 || options.json))
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "tune takes no --shard, --until or --json");
	if (!status)
		status = sweep_plan_make(&tune->plan, &options, error);
	if (!status)
		status = sweep_plan_find_runs(&tune->plan, error);
	if (!status)
		status = tune_goal_check(&tune->goal, tune->plan.runs[0], error);
	if (!status)
		status = load_plain(tune, error);
	if (!status)
		status = destination_choose(&tune->destination, tune->options,
					    tune->plan.scenarios[0]->name, "-tune", &files, error);
	if (status)
		return status;
	tune->most = (size_t)tune->plan.runs[0]->run.replications;
	tune->candidates = calloc(tune->plan.nr_runs, sizeof(*tune->candidates));
	tune->racing = calloc(tune->plan.nr_runs, sizeof(struct scenario *));
	if (!tune->candidates || !tune->racing)
		return out_of_memory(error);
	for (size_t i = 0; i < tune->plan.nr_runs; i++)
		tune->candidates[i].run = i;
	return OVERSUB_OK;
}

static enum oversub_status tune_scenario(struct tune *tune, struct oversub_error *error)
{
	enum oversub_status status = prepare(tune, error);

	if (!status && !tune->options->quiet)
		sweep_plan_show_notes(&tune->plan, tune->options);
	if (!status)
		status = race(tune, error);
	if (!status)
		status = confirm(tune, error);
	if (!status)
		status = output_file_write(tune->destination.work, "tune.json", write_tune, tune,
					   error);
	if (!status)
		status = destination_finish(&tune->destination, error);
	if (!status && !tune->options->quiet)
		show(tune);
	return status;
}

enum oversub_status cmd_tune(const struct cli_options *options, struct oversub_error *error)
{
	struct tune tune = {.options = options};
	enum oversub_status status = tune_scenario(&tune, error);

	for (int i = 0; i < 2; i++) {
		scenario_free(tune.finals[i]);
		aggregate_free(&tune.confirmed[i]);
	}
	scenario_free(tune.plain);
	tune_goal_free(&tune.goal);
	free(tune.candidates);
	free(tune.racing);
	sweep_plan_free(&tune.plan);
	destination_free(&tune.destination);
	return status;
}
