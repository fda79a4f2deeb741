/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/probe.h"

#include <fnmatch.h>
#include <stdio.h>

#include "sim/run/world.h"

enum { FULL_NAME = 512 };

bool probe_matches(const char *pattern, const char *scope, const char *name)
{
	char full[FULL_NAME];

	snprintf(full, sizeof(full), "%s:%s", scope, name);
	return !fnmatch(pattern, name, 0) || !fnmatch(pattern, full, 0);
}

enum oversub_status probe_metric(struct scenario *scenario, const char *option, const char *pattern,
				 struct oversub_error *error)
{
	const struct run_config saved = scenario->run;
	struct replication_result result = {0};
	struct world_options options = {0};
	enum oversub_status status;
	bool found = false;

	scenario->run.warmup_ns = 0;
	scenario->run.measure_ns = 1000;
	status = world_run(scenario, 0, &options, &result, error);
	scenario->run = saved;
	for (size_t i = 0; i < result.nr_metrics; i++)
		found |= probe_matches(pattern, result.metrics[i].scope, result.metrics[i].name);
	result_free(&result);
	if (status || found)
		return status;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--%s: no metric is called %.200s; `oversub list metrics` has their "
			    "names",
			    option, pattern);
}
