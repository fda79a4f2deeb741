/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glob.h>

#include <cmocka.h>

#include "schema_check.h"
#include "scenario_text.h"
#include "sim/scenario/list.h"
#include "sim/scenario/schema.h"

/* The schema as a user gets it: printed and read again. */
static cJSON *printed_schema(void)
{
	cJSON *schema = scenario_schema(&policy_registry_builtin);
	char *text = cJSON_Print(schema);
	cJSON *parsed = cJSON_Parse(text);

	assert_non_null(parsed);
	cJSON_Delete(schema);
	free(text);
	return parsed;
}

static bool text_holds(const cJSON *schema, const char *text)
{
	char *json = double_quoted(text);
	cJSON *document = cJSON_Parse(json);
	bool holds;

	assert_non_null(document);
	holds = schema_holds(schema, schema, document);
	cJSON_Delete(document);
	free(json);
	return holds;
}

static void every_shipped_scenario_loads_and_holds_against_the_schema(void **state)
{
	cJSON *schema = printed_schema();
	glob_t files;

	assert_int_equal(glob("scenarios/*.json", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct oversub_error error = {""};
		struct scenario *scenario;

		if (scenario_load(files.gl_pathv[i], NULL, &scenario, &error))
			fail_msg("%s", error.message);
		if (!schema_holds(schema, schema, scenario->json))
			fail_msg("%s does not hold against the schema", files.gl_pathv[i]);
		assert_true(*scenario->title);
		scenario_free(scenario);
	}
	globfree(&files);
	cJSON_Delete(schema);
}

static void the_schema_accepts_what_the_loader_accepts(void **state)
{
	cJSON *schema = printed_schema();

	assert_true(text_holds(schema, small_scenario));
	assert_true(text_holds(
		schema, "{ 'oversub_scenario': 1, 'host': { 'hz': 250 }, 'vms': { 'v': {"
			" 'pin': { 'pool': [1, '2-3'] }, 'ple': { 'ple_window': '4096' } } } }"));
	assert_true(text_holds(schema, "{ 'oversub_scenario': 1, 'workloads': { 'w': { 'locks': {"
				       " 'a': {}, 'b': 'tas', 'c': { 'kind': 'queued' } },"
				       " 'threads': { 't': { 'program': [ { 'sleep': 1 } ] } } } } "
				       "}"));
	cJSON_Delete(schema);
}

static void the_schema_refuses_unknown_keys_wrong_types_and_ranges(void **state)
{
	static const char *const wrong[] = {
		"{}",
		"{ 'oversub_scenario': 2 }",
		"{ 'oversub_scenario': 1, 'hosts': {} }",
		"{ 'oversub_scenario': 1, 'host': { 'cpu': 1 } }",
		"{ 'oversub_scenario': 1, 'host': { 'cpus': 0 } }",
		"{ 'oversub_scenario': 1, 'host': { 'cpus': true } }",
		"{ 'oversub_scenario': 1, 'host': { 'hz': 200 } }",
		"{ 'oversub_scenario': 1, 'run': { 'measure': '5 minutes' } }",
		"{ 'oversub_scenario': 1, 'yield': { 'candidate': { 'policy': 'x' } } }",
		"{ 'oversub_scenario': 1, 'yield': { 'candidate': { 'policy': 'mainline',"
		" 'ipi_window_ns': 1 } } }",
		"{ 'oversub_scenario': 1, 'vms': { 'a b': {} } }",
		"{ 'oversub_scenario': 1, 'workloads': { 'w': { 'threads': { 't': {"
		" 'program': [ { 'run': 1, 'body': [] } ] } } } } }",
		"{ 'oversub_scenario': 1, 'workloads': { 'w': { 'threads': { 't': {"
		" 'program': [ { 'run': { 'exponential': {} } } ] } } } } }",
		"{ 'oversub_scenario': 1, 'host_workload': { 'threads': { 't': {"
		" 'program': [ { 'io': 1 } ] } } } }",
		"{ 'oversub_scenario': 1, 'host_workload': { 'threads': { 't': {"
		" 'program': [ { 'lock': 'l', 'irqsave': true } ] } } } }",
		"{ 'oversub_scenario': 1, 'workloads': { 'w': { 'threads': { 't': {"
		" 'program': [ { 'lock': 'l', 'yield_after': 1 } ] } } } } }",
	};
	cJSON *schema = printed_schema();

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (text_holds(schema, wrong[i]))
			fail_msg("accepted: %s", wrong[i]);
	cJSON_Delete(schema);
}

/* ---- Listings ----------------------------------------------------------------------------- */

static void listing_has(void (*list)(FILE *out, const struct policy_registry *policies),
			const char *const *words)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	list(out, &policy_registry_builtin);
	fclose(out);
	for (; *words; words++)
		if (!strstr(text, *words))
			fail_msg("\"%s\" is not listed", *words);
	free(text);
}

static void listings_are_made_from_the_same_tables(void **state)
{
	static const char *const policies[] = {"mainline", "v3", "ipi_window_ns", "lag_credit",
					       NULL};
	static const char *const ops[] = {"tlb_flush", "pages", "lognormal", "tas", NULL};
	static const char *const params[] = {"1..4096 CPUs",	   "ple_window",
					     "vms.NAME.halt_poll", "host_workload.costs",
					     "watchdog",	   NULL};
	static const char *const scenarios[] = {
		"tlb", "dedup-like guests: TLB shootdowns under mmap_lock", "undercommit", NULL};

	listing_has(list_policies, policies);
	listing_has(list_ops, ops);
	listing_has(list_params, params);
	listing_has(list_scenarios, scenarios);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shipped_scenario_loads_and_holds_against_the_schema),
		cmocka_unit_test(the_schema_accepts_what_the_loader_accepts),
		cmocka_unit_test(the_schema_refuses_unknown_keys_wrong_types_and_ranges),
		cmocka_unit_test(listings_are_made_from_the_same_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
