/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/message.h"

#include <stdarg.h>
#include <stdio.h>

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
