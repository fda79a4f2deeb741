/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checked_run.h"
#include "scenario_text.h"
#include "world_value.h"

#define MAX_SETS 8

static struct scenario *scenario_of(const char *text, const char *const *sets)
{
	struct scenario_override list[MAX_SETS];
	struct scenario_overrides overrides = {.list = list};
	struct scenario *scenario;
	struct oversub_error error = {""};
	char *copies[MAX_SETS];

	for (; sets && sets[overrides.nr]; overrides.nr++) {
		assert_true(overrides.nr < MAX_SETS);
		copies[overrides.nr] = strdup(sets[overrides.nr]);
		assert_int_equal(
			scenario_override_parse(copies[overrides.nr], &list[overrides.nr], &error),
			OVERSUB_OK);
	}
	if (load_text(text, &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	for (int i = 0; i < overrides.nr; i++)
		free(copies[i]);
	return scenario;
}

struct replication_result world_of(const char *text, const char *const *sets)
{
	struct scenario *scenario = scenario_of(text, sets);
	struct replication_result result;
	struct oversub_error error = {""};

	if (world_run(scenario, 0, &checked_run, &result, &error))
		fail_msg("%s", error.message);
	scenario_free(scenario);
	return result;
}

double world_value(const struct replication_result *result, const char *scope, const char *name)
{
	const struct result_metric *metric = result_find(result, scope, name);

	if (!metric)
		fail_msg("no metric %s:%s", scope, name);
	return metric->value;
}
