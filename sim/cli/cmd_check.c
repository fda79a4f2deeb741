/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub check SCENARIO...: what is wrong, or what would be simulated. */
#include <stdio.h>

#include "sim/cli/command.h"
#include "sim/cli/idle_settings.h"
#include "sim/cli/message.h"
#include "sim/report/summary.h"

static enum oversub_status check(const char *name, const struct cli_options *options)
{
	struct scenario_overrides overrides = cli_overrides(options);
	struct oversub_error error;
	struct scenario *scenario;
	enum oversub_status status = scenario_load(name, &overrides, &scenario, &error);

	if (status) {
		message_error("%s", error.message);
		return status;
	}
	if (!options->quiet) {
		message_scenario_notes(scenario);
		note_idle_overrides(name, options, scenario);
		summary_write_head(stdout, scenario, (size_t)scenario->run.replications);
		printf("%s: good\n", scenario->file);
	}
	scenario_free(scenario);
	return OVERSUB_OK;
}

enum oversub_status cmd_check(const struct cli_options *options, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < options->nr_arguments; i++) {
		enum oversub_status one = check(options->arguments[i], options);

		status = one > status ? one : status;
	}
	return status;
}
