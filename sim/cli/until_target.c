/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/until_target.h"

#include <stdlib.h>
#include <string.h>

enum oversub_status until_parse(const char *text, struct until *until, struct oversub_error *error)
{
	static const char prefix[] = "gain:";
	const char *number = text;
	char *end;

	*until = (struct until){.gain = !strncmp(text, prefix, strlen(prefix))};
	if (until->gain)
		number += strlen(prefix);
	until->target = strtod(number, &end) / 100;
	if (end != number && !strcmp(end, "%") && until->target > 0 && until->target < 1)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--until %.100s: expected a share of the mean such as 1%%, or gain:1%%",
			    text);
}
