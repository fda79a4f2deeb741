/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/command.h"

#include <string.h>

#include "sim/base/suggest.h"

const struct command *command_find(const struct command *table, const char *name,
				   struct oversub_error *error)
{
	struct suggestion suggestion = {.wrong = name};

	for (const struct command *command = table; command->name; command++) {
		if (!strcmp(command->name, name))
			return command;
		suggest(&suggestion, command->name);
	}
	if (suggestion.nearest)
		oversub_fail(error, OVERSUB_BAD_INPUT, "there is no command %s; did you mean %s?",
			     name, suggestion.nearest);
	else
		oversub_fail(error, OVERSUB_BAD_INPUT, "there is no command %s; see `oversub help`",
			     name);
	return NULL;
}
