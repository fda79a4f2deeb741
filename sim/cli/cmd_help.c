/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub help [COMMAND | scenario | man] */
#include <stdio.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/help.h"
#include "sim/cli/message.h"

int cmd_help(int argc, char **argv)
{
	struct cli_options options;
	struct oversub_error error;
	bool helped;
	enum oversub_status status = cli_options_parse(command_find("help"), argc, argv, 0, 1,
						       &options, &helped, &error);

	if (status) {
		message_error("%s", error.message);
	} else if (!helped && options.nr_arguments) {
		const char *name = options.arguments[0];
		const struct command *command = command_find(name);

		if (command)
			help_command(stdout, command);
		else if (!strcmp(name, "scenario"))
			help_scenario(stdout);
		else if (!strcmp(name, "man"))
			help_man(stdout);
		else
			status = (enum oversub_status)message_unknown_command(name);
	} else if (!helped) {
		help_overview(stdout);
	}
	cli_options_free(&options);
	return status;
}
