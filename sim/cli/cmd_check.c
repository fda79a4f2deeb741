/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub check SCENARIO...: what is wrong, or what would be simulated. */
#include <limits.h>
#include <stdio.h>

#include "sim/cli/command.h"
#include "sim/cli/idle_settings.h"
#include "sim/cli/message.h"
#include "sim/report/summary.h"

static enum oversub_status check(const char *name, const struct cli_options *options)
{
	struct scenario_overrides overrides = {.list = options->overrides,
					       .nr = options->nr_overrides,
					       .policies = &options->policies};
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

int cmd_check(int argc, char **argv)
{
	struct cli_options options;
	struct oversub_error error;
	bool helped;
	enum oversub_status status = cli_options_parse(command_find("check"), argc, argv, 1,
						       INT_MAX, &options, &helped, &error);

	if (status)
		message_error("%s", error.message);
	for (int i = 0; !helped && i < options.nr_arguments; i++) {
		enum oversub_status one = check(options.arguments[i], &options);

		status = one > status ? one : status;
	}
	cli_options_free(&options);
	return status;
}
