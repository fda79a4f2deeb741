/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --until says: how well something is to be known. */
#ifndef SIM_CLI_UNTIL_TARGET_H
#define SIM_CLI_UNTIL_TARGET_H

#include <stdbool.h>

#include <oversub/error.h>

struct until {
	bool gain;     /* of the change against the first value of the first axis, in points */
	double target; /* half-width, 0.01 for 1 % of the mean; 0: --until was not given */
};

/* Read "1%", or "gain:1%". OVERSUB_BAD_INPUT if text is neither. */
enum oversub_status until_parse(const char *text, struct until *until, struct oversub_error *error);

#endif
