/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which values two scenario documents differ. */
#ifndef SIM_REPORT_SCENARIO_DIFF_H
#define SIM_REPORT_SCENARIO_DIFF_H

#include <stdio.h>

#include <cjson/cJSON.h>

/*
 * Write a line "PREFIX PATH: A -> B" for each value in which a and b differ, "(default)" or
 * "(none)" for one that is not there, up to max lines and then how many more. "title" and
 * "description" do not count. Returns the number of differences.
 */
int scenario_diff(FILE *stream, const char *prefix, const cJSON *a, const cJSON *b, int max);

#endif
