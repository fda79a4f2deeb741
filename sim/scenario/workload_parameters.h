/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters of workloads: a value "$NAME" anywhere in a workload stands for the member NAME of its
 * "parameters".
 */
#ifndef SIM_SCENARIO_WORKLOAD_PARAMETERS_H
#define SIM_SCENARIO_WORKLOAD_PARAMETERS_H

#include <cjson/cJSON.h>

#include "sim/scenario/param_json.h"

/* The name behind the '$' if value refers to a parameter, else NULL. */
const char *workload_reference(const cJSON *value);
/*
 * A copy of workload without references, for cJSON_Delete(); values are the parameters' values by
 * name (NULL: there are none). The reader is at workload. OVERSUB_BAD_INPUT for a reference to
 * nothing, and for a parameter that nothing refers to; the latter is said at "parameters".
 */
enum oversub_status workload_substitute(struct json_reader *reader, const cJSON *workload,
					const cJSON *values, cJSON **copy);
/*
 * Reading the copy failed at reader->wrong: if workload, at path, has a reference there, add to
 * the message which parameter was wrong, and make it the wrong one.
 */
void workload_blame_parameter(struct json_reader *reader, const cJSON *workload, const char *path);

#endif
