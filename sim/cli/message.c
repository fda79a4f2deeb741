/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/message.h"

#include <stdarg.h>
#include <stdio.h>

#include "sim/cli/command.h"
#include "sim/base/suggest.h"

void message_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("oversub: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}

void message_note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("note: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}

void message_scenario_notes(const struct scenario *scenario)
{
	for (int i = 0; i < scenario->nr_notes; i++)
		message_note("%s", scenario->notes[i]);
}

void message_idle_override(const struct scenario_override *override)
{
	message_note("--set %s=%s changes nothing: it is so already, or nothing uses it",
		     override->path, override->value);
}

int message_unknown_command(const char *name)
{
	struct suggestion suggestion = {.wrong = name};

	for (const struct command *command = commands; command->name; command++)
		suggest(&suggestion, command->name);
	if (suggestion.nearest)
		message_error("there is no command %s; did you mean %s?", name, suggestion.nearest);
	else
		message_error("there is no command %s; see `oversub help`", name);
	return OVERSUB_BAD_INPUT;
}
