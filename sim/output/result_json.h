/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * result.json: what a scenario and a seed yield, byte for byte, and nothing that the machine or
 * the hour could change (that is run.json).
 *
 *	{ "format": 2, "oversub": "0.1.0", "name": ..., "title": ...,
 *	  "policies": { "candidate": ..., "sched": ... },
 *	  "seed": "1", "replications": 10, "warmup_ns": ..., "measure_ns": ...,
 *	  "events": ..., "simulated_ns": ...,
 *	  "scenario": { the document with all overrides applied },
 *	  "overloaded": [ { "scope", "name": "source.NAME" or "event.NAME" } ],
 *	  "metrics": { SCOPE: { NAME: { "unit", "mean", "ci95", "sd", "values": [ ... ] } } },
 *	  "histograms": { SCOPE: { NAME: { "unit", "count", "min", "mean", "max",
 *	                  "percentiles": { "50": ... }, "buckets": [ [low, high, count] ... ] } } }
 *}
 *
 * ci95 is the half-width; values has one entry a replication; what does not exist is null. Mean and
 * ci95 of a percentile are those of the percentile of all replications' samples together. A
 * percentile beyond which fewer than ten samples lie, of a replication or of all, does not exist.
 * Where arrivals outran service, a metric that is known to be more than it says has
 * "lower_bound": true.
 */
#ifndef SIM_OUTPUT_RESULT_JSON_H
#define SIM_OUTPUT_RESULT_JSON_H

#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include <oversub/error.h>
#include <oversub/policy_head.h>

#include "sim/output/json_writer.h"
#include "sim/run/aggregate.h"

/* What a result says about where it comes from. Strings and document belong to the caller. */
struct result_info {
	const char *name;  /* of the scenario */
	const char *title; /* may be "" */
	const char *seed;  /* decimal */
	/* By enum oversub_policy_kind; NULL for one that files do not mention, policy_named(). */
	const char *policies[OVERSUB_POLICY_KINDS];
	int64_t warmup_ns, measure_ns;
	const cJSON *scenario; /* the document with all overrides applied */
};

/* Write it. Errors stay in the stream. */
void result_json_write(FILE *stream, const struct result_info *info,
		       const struct aggregate *aggregate);

/* Write the names of policies into an object that writer has open. */
void result_json_write_policies(struct json_writer *writer, const struct result_info *info);
/* Write the element "metrics" of an object that writer has open. */
void result_json_write_metrics(struct json_writer *writer, const struct aggregate *aggregate);

/* A result that was read; the strings of info live in json. Histograms are not read. */
struct result_file {
	cJSON *json;
	struct result_info info;
	struct aggregate aggregate;
};

/*
 * Read path, a result.json or a directory with one. OVERSUB_BAD_INPUT if there is none, if it is
 * no result, or one of another format; then *file is empty. Else free it with result_file_free().
 */
enum oversub_status result_json_read(const char *path, struct result_file *file,
				     struct oversub_error *error);
/* The same from text; path is for messages. */
enum oversub_status result_json_parse(const char *text, const char *path, struct result_file *file,
				      struct oversub_error *error);
void result_file_free(struct result_file *file);

#endif
