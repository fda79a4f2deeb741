/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one replication yielded, as text that is read back bit by bit. Names are apart from values:
 * all replications of a scenario, and of most points of a sweep, have the same.
 *
 *	names	{ "metrics": [[scope, name, unit] ...], "histograms": [[scope, name] ...] }
 *	values	{ "events": "...", "simulated_ns": "...", "wall_s": ..., "values": [...],
 *		  "histograms": ["count min max sum bucket count bucket count ..." ...] }
 *
 * What does not exist is null. Series are left out: they say how long to warm up, nothing else.
 */
#ifndef SIM_OUTPUT_REPLICATION_JSON_H
#define SIM_OUTPUT_REPLICATION_JSON_H

#include <cjson/cJSON.h>

#include <oversub/error.h>

#include "sim/run/result.h"

/* The names of result as one line, for free(); NULL without memory. */
char *replication_names(const struct replication_result *result);
/* Its values, likewise. */
char *replication_values(const struct replication_result *result);

/*
 * What they were made from. names must outlive *result, which is for result_free().
 * OVERSUB_BAD_INPUT: they do not belong together, or are no such texts; then *result is empty.
 */
enum oversub_status replication_read(const cJSON *names, const cJSON *values,
				     struct replication_result *result,
				     struct oversub_error *error);

#endif
