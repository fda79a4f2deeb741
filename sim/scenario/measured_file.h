/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text files of measured durations. A line is a duration, a sample, or the probability of a
 * quantile and its duration; all lines of a file are alike. Columns are separated by blanks, tabs
 * or a comma; '#' begins a comment, empty lines do not count. A duration is a number of ns, rounded
 * to whole ones, or has a unit: "12500", "12.5us".
 */
#ifndef SIM_SCENARIO_MEASURED_FILE_H
#define SIM_SCENARIO_MEASURED_FILE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include <oversub/error.h>

/* More samples or quantiles no distribution has. */
#define MEASURED_MAX 65536

/*
 * Read file: *is_quantiles says which it is, *array becomes what a document would say instead,
 * [ ns, ... ] or [ [ probability, ns ], ... ], for cJSON_Delete(). Probabilities are numbers;
 * whether they are in order is for the caller to say. OVERSUB_BAD_INPUT: "FILE:LINE: ...".
 */
enum oversub_status measured_file_read(const char *file, cJSON **array, bool *is_quantiles,
				       struct oversub_error *error);

#endif
