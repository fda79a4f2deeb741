/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub help [COMMAND | scenario | man] */
#include <stdio.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/help.h"
#include "sim/cli/help_text.h"

enum oversub_status cmd_help(const struct cli_options *options, struct oversub_error *error)
{
	const char *name = options->nr_arguments ? options->arguments[0] : NULL;
	const struct command *command;

	if (!name) {
		help_overview(stdout, options->commands);
	} else if (!strcmp(name, "scenario")) {
		fputs(help_text("scenario"), stdout);
	} else if (!strcmp(name, "man")) {
		help_man(stdout, options->commands);
	} else {
		command = command_find(options->commands, name, error);
		if (!command)
			return OVERSUB_BAD_INPUT;
		help_command(stdout, command);
	}
	return OVERSUB_OK;
}
