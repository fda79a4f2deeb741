/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub run SCENARIO: one scenario, all its replications. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/destination.h"
#include "sim/cli/idle_settings.h"
#include "sim/cli/message.h"
#include "sim/cli/simulate.h"
#include "sim/cli/until.h"
#include "sim/cli/warmup.h"
#include "sim/output/files.h"
#include "sim/trace/perf_script.h"
#include "sim/output/result_directory.h"
#include "sim/report/summary.h"

struct run {
	const struct cli_options *options;
	struct scenario *scenario;
	struct destination destination;
	struct keeper keeper;
	struct output_file trace_file;
	struct perf_script script;
	struct simulation simulation;
	struct run_info looks; /* what --until has run before */
	struct aggregate aggregate;
};

static enum oversub_status open_trace(struct run *run, struct oversub_error *error)
{
	enum oversub_status status;

	if (!run->options->trace)
		return OVERSUB_OK;
	if (!strcmp(run->options->trace, "-"))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--trace -: name a file; /dev/stdout with --quiet writes to "
				    "standard output");
	status = output_parent_create(run->options->trace, error);
	if (!status)
		status = output_file_open(&run->trace_file, run->options->trace, error);
	if (status)
		return status;
	perf_script_start(&run->script, run->trace_file.stream);
	run->simulation.trace = &run->script.sink;
	return OVERSUB_OK;
}

static enum oversub_status keep(void *context, size_t point, struct aggregate *aggregate,
				struct oversub_error *error)
{
	struct run *run = context;

	run->aggregate = *aggregate;
	return OVERSUB_OK;
}

static void abandon(void *context)
{
	struct run *run = context;

	output_file_abandon(&run->trace_file);
}

static enum oversub_status run_all(struct run *run, struct oversub_error *error)
{
	enum oversub_status status;

	run->simulation.options = run->options;
	run->simulation.scenarios = &run->scenario;
	run->simulation.nr_points = 1;
	run->simulation.keeper = run->destination.path ? &run->keeper : NULL;
	run->simulation.context = run;
	run->simulation.abandon = abandon;
	run->simulation.point_done = keep;
	status = simulate(&run->simulation, error);
	run_info_add(&run->simulation.run, &run->looks);
	return status;
}

/* A trace may go into the directory, which may then take the place of an earlier one. */
static enum oversub_status write_results(struct run *run, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	if (run->trace_file.stream)
		status = output_file_close(&run->trace_file, error);
	if (!status && run->destination.path)
		status = result_directory_write(run->destination.work, run->scenario,
						&run->aggregate, &run->simulation.run, NULL, error);
	if (!status)
		status = destination_finish(&run->destination, error);
	return status;
}

static void show(const struct run *run)
{
	char seed[24];
	struct result_info info = result_info_of(run->scenario, seed);

	if (run->options->json) {
		result_json_write(stdout, &info, &run->aggregate);
	} else if (!run->options->quiet) {
		summary_write(stdout, run->scenario, &run->aggregate);
		summary_write_tail(stdout, &run->aggregate, run->simulation.run.wall_s,
				   run->destination.path);
	}
}

static enum oversub_status run_scenario(struct run *run, struct oversub_error *error)
{
	static const struct destination_files files = {OUTPUT_JOURNAL, "result.json"};
	const struct cli_options *options = run->options;
	struct scenario_overrides overrides = cli_overrides(options);
	enum oversub_status status =
		scenario_load(options->arguments[0], &overrides, &run->scenario, error);

	if (!status)
		status = destination_choose(&run->destination, options, run->scenario->name, "",
					    &files, error);
	if (status)
		return status;
	if (!options->quiet) {
		message_scenario_notes(run->scenario);
		note_idle_overrides(options->arguments[0], options, run->scenario);
	}
	status = warmup_choose(options, &run->scenario, 1, error);
	if (!status && options->until.target > 0)
		status = until_begin(options, &run->scenario, 1, false, error);
	if (!status)
		status = keeper_open(&run->keeper, &run->destination, options, &run->scenario, 1,
				     KEEPER_THESE_ALONE, error);
	if (!status && !options->quiet)
		keeper_tell(&run->keeper);
	/* After the directory has been cleared of what earlier runs left unfinished. */
	if (!status)
		status = open_trace(run, error);
	if (!status && options->until.target > 0)
		status = until_run(options, &run->keeper, &run->scenario, 1, NULL, &run->looks,
				   error);
	if (!status)
		status = run_all(run, error);
	if (!status && options->shard.of) {
		keeper_tell_share(&run->keeper, options);
		return OVERSUB_OK;
	}
	if (!status)
		status = write_results(run, error);
	if (!status)
		show(run);
	return status;
}

enum oversub_status cmd_run(const struct cli_options *options, struct oversub_error *error)
{
	struct run run = {.options = options};
	enum oversub_status status = run_scenario(&run, error);

	output_file_abandon(&run.trace_file);
	aggregate_free(&run.aggregate);
	scenario_free(run.scenario);
	keeper_close(&run.keeper);
	destination_free(&run.destination);
	return status;
}
