/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub explain RUN: simulate one replication of a result again, and say where the time went. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cli/command.h"
#include "sim/cli/message.h"
#include "sim/explain/explain.h"
#include "sim/explain/report.h"
#include "sim/explain/verify.h"
#include "sim/output/files.h"
#include "sim/output/result_json.h"
#include "sim/output/sweep_json.h"
#include "sim/run/sweep.h"
#include "sim/run/world.h"

enum { DEFAULT_TOP = 5 };

struct explain_command {
	const struct cli_options *options;
	char *path;		   /* of the result directory; NULL: a scenario was named; owned */
	struct result_file stored; /* of path */
	struct scenario *scenario;
	struct replication_result result;
	struct explain *explain;
	char check[200]; /* what came of the comparison with stored */
};

/* ---- What to explain ------------------------------------------------------------------------ */

/* The directory of the point that --point names. */
static enum oversub_status choose_point(struct explain_command *command, const char *directory,
					struct oversub_error *error)
{
	const struct cli_options *options = command->options;
	char name[SWEEP_POINT_NAME];
	struct sweep_grid grid;
	enum oversub_status status = sweep_json_read(directory, &grid, error);
	size_t nr_points;

	if (status)
		return status;
	nr_points = grid.nr_points;
	sweep_grid_free(&grid);
	if (!cli_given(options, CLI_POINT))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s is a sweep: choose one of its %zu points with --point 0 to "
				    "%zu",
				    directory, nr_points, nr_points - 1);
	if ((size_t)options->point >= nr_points)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--point %" PRId64 ": %s has the points 0 to %zu",
				    options->point, directory, nr_points - 1);
	sweep_point_directory((size_t)options->point, nr_points, name);
	command->path = output_path(directory, name);
	return command->path ? OVERSUB_OK : oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

static enum oversub_status choose_directory(struct explain_command *command,
					    struct oversub_error *error)
{
	const struct cli_options *options = command->options;
	const char *argument = options->arguments[0];

	if (!output_exists(argument, "result.json") && output_exists(argument, "sweep.json"))
		return choose_point(command, argument, error);
	if (cli_given(options, CLI_POINT))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--point is for sweeps, and %s is none", argument);
	command->path = strdup(argument);
	return command->path ? OVERSUB_OK : oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

/* A directory is a result, anything else a scenario. */
static enum oversub_status load(struct explain_command *command, struct oversub_error *error)
{
	const struct cli_options *options = command->options;
	const char *argument = options->arguments[0];
	struct scenario_overrides overrides = cli_overrides(options);
	enum oversub_status status;
	struct stat info;

	if (stat(argument, &info) || !S_ISDIR(info.st_mode)) {
		if (cli_given(options, CLI_POINT))
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "--point is for sweeps, and %s is no directory",
					    argument);
		return scenario_load(argument, &overrides, &command->scenario, error);
	}
	status = choose_directory(command, error);
	if (!status)
		status = result_json_read(command->path, &command->stored, error);
	if (status)
		return status;
	if (!cJSON_IsObject(command->stored.info.scenario))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: its result.json has no \"scenario\"", command->path);
	return scenario_from_json(command->stored.info.scenario, command->path, &overrides,
				  &command->scenario, error);
}

static enum oversub_status check_replication(const struct explain_command *command,
					     struct oversub_error *error)
{
	int64_t number = command->options->replication;
	int64_t nr = command->scenario->run.replications;

	if (number <= nr)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--replication %" PRId64 ": there are %" PRId64 ", numbered from 1",
			    number, nr);
}

/* ---- Simulating ----------------------------------------------------------------------------- */

static enum oversub_status simulate_again(struct explain_command *command,
					  struct oversub_error *error)
{
	struct scenario *scenario = command->scenario;
	const struct cli_options *options = command->options;
	struct explain_options explain_options = {
		.measure_start = scenario->run.warmup_ns,
		.ipi_flight_ns = scenario->host.costs.ipi_flight_ns,
		.top = cli_given(options, CLI_TOP) ? (int)options->top : DEFAULT_TOP,
	};
	struct world_options world_options = {.trace_warmup = true};
	enum oversub_status status;

	if (cli_given(options, CLI_MEASURE))
		scenario->run.measure_ns = options->measure_ns;
	command->explain = explain_new(&explain_options);
	if (!command->explain)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	world_options.trace = explain_sink(command->explain);
	status = world_run(scenario, (uint32_t)(options->replication - 1), &world_options,
			   &command->result, error);
	if (status)
		return status;
	return explain_finish(command->explain, scenario->run.warmup_ns + scenario->run.measure_ns,
			      error);
}

/* A result is a function of scenario and seed: if it comes out otherwise, the program differs. */
static void check(struct explain_command *command)
{
	const struct cli_options *options = command->options;
	struct verification verification;

	if (!command->path) {
		snprintf(command->check, sizeof(command->check),
			 "there is no result to compare with");
		return;
	}
	if (options->nr_overrides || cli_given(options, CLI_MEASURE)) {
		snprintf(command->check, sizeof(command->check),
			 "changed, so not compared with the result");
		return;
	}
	verification = verify_metrics(&command->stored.aggregate,
				      (uint32_t)(options->replication - 1), &command->result);
	if (!verification.differ) {
		snprintf(command->check, sizeof(command->check),
			 "all %zu metrics are those of the result", verification.compared);
		return;
	}
	snprintf(command->check, sizeof(command->check),
		 "%zu of %zu metrics are NOT those of the result", verification.differ,
		 verification.compared);
	message_note("%s was made by another oversub or plug-in: %s %s was %.6g, and is %.6g now; "
		     "what is "
		     "explained is the run as this program makes it",
		     command->path, verification.first->scope, verification.first->name,
		     verification.first->values[options->replication - 1], verification.now);
}

static void show(const struct explain_command *command)
{
	const struct explain_subject subject = {
		.name = command->path ? command->stored.info.name : command->scenario->name,
		.origin = command->check,
		.replication = (uint32_t)(command->options->replication - 1),
		.scenario = command->scenario,
		.metrics = &command->result,
	};

	if (command->options->json) {
		report_json(stdout, &subject, command->explain);
		return;
	}
	report_totals(stdout, &subject, command->explain);
	report_waits(stdout, explain_result(command->explain));
}

static enum oversub_status explain_run(struct explain_command *command, struct oversub_error *error)
{
	enum oversub_status status = load(command, error);

	if (!status)
		status = check_replication(command, error);
	if (!status)
		status = simulate_again(command, error);
	if (status)
		return status;
	check(command);
	show(command);
	return OVERSUB_OK;
}

enum oversub_status cmd_explain(const struct cli_options *options, struct oversub_error *error)
{
	struct explain_command command = {.options = options};
	enum oversub_status status = explain_run(&command, error);

	explain_free(command.explain);
	result_free(&command.result);
	result_file_free(&command.stored);
	scenario_free(command.scenario);
	free(command.path);
	return status;
}
