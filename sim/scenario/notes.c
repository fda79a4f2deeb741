/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user should be told although nothing is wrong: a list that whoever notices adds to. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/scenario/scenario_internal.h"

enum oversub_status scenario_note(struct scenario *scenario, struct oversub_error *error,
				  const char *format, ...)
{
	char text[512];
	va_list arguments;
	char **note = array_add(scenario->notes, scenario->nr_notes);

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (note)
		*note = strdup(text);
	return note && *note ? OVERSUB_OK : oversub_fail(error, OVERSUB_FAILED, "out of memory");
}
