/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads in files of their own, with parameters, for VMs of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "models/guest/guest.h"
#include "scenario_text.h"
#include "sim/scenario/override_paths.h"

/* A directory of its own, in which the tests write. */
static char directory[] = "/tmp/test_workload_file.XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[128];
	char *json = double_quoted(text);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(json, file);
	fclose(file);
	free(json);
}

#define PROGRAM                                                                                    \
	"'parameters': { 'hold': { 'default': '3us', 'help': 'how long' },"                        \
	"                'often': { 'default': 0.5, 'help': 'how often' } },"                      \
	"'threads': { 't': { 'per_vcpu': 2, 'program': [ { 'loop': 'forever', 'body': ["           \
	"  { 'run': { 'lognormal': { 'median': '$hold', 'sigma': 1 } } },"                         \
	"  { 'run': '$hold', 'probability': '$often' } ] } ] } }"

static int set_up(void **state)
{
	char path[128];

	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/workloads", directory);
	if (mkdir(path, 0700))
		return -1;
	write_file("workloads/holder.json", "{ 'oversub_workload': 1, 'title': 'T', " PROGRAM " }");
	write_file("workloads/other.json",
		   "{ 'oversub_workload': 1, 'threads': { 't': { 'count': 5, 'program': ["
		   "{ 'loop': 'forever', 'body': [ { 'run': '1us' } ] } ] } } }");
	return 0;
}

static int tear_down(void **state)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

#define SCENARIO(workload)                                                                         \
	"{ 'oversub_scenario': 1, 'vms': { 'a': { 'vcpus': 2, 'workload': 'w' },"                  \
	" 'b': { 'vcpus': 4, 'workload': 'w' } }, 'workloads': { 'w': { " workload " } } }"

static enum oversub_status load(const char *text, const struct scenario_overrides *overrides,
				struct scenario **scenario, struct oversub_error *error)
{
	char path[128];

	write_file("s.json", text);
	snprintf(path, sizeof(path), "%s/s.json", directory);
	return scenario_load(path, overrides, scenario, error);
}

static struct scenario *must_load(const char *text, const char *path, const char *value)
{
	struct scenario_override set = {path, value};
	struct scenario_overrides overrides = {&set, path != NULL};
	struct oversub_error error = {""};
	struct scenario *scenario;

	if (load(text, &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	return scenario;
}

/* Loading fails, and the message has all of the words behind, ended by NULL. */
static void must_fail(const char *text, const char *path, const char *value, ...)
{
	struct scenario_override set = {path, value};
	struct scenario_overrides overrides = {&set, path != NULL};
	struct oversub_error error = {""};
	struct scenario *scenario;
	const char *word;
	va_list words;

	assert_int_equal(load(text, &overrides, &scenario, &error), OVERSUB_BAD_INPUT);
	va_start(words, value);
	while ((word = va_arg(words, const char *)))
		if (!strstr(error.message, word))
			fail_msg("no \"%s\" in: %s", word, error.message);
	va_end(words);
}

static int64_t hold_ns(const struct scenario *scenario)
{
	return scenario->workloads[0].classes[0].ops[2].duration.mean_ns;
}

static void a_scenario_names_a_file_beside_it_and_parameters_have_its_defaults(void **state)
{
	struct scenario *scenario = must_load(SCENARIO("'file': 'holder'"), NULL, NULL);
	const struct op *ops = scenario->workloads[0].classes[0].ops;

	assert_int_equal(ops[1].duration.median_ns, 3000);
	assert_int_equal(hold_ns(scenario), 3000);
	assert_true(ops[2].probability == 0.5);
	scenario_free(scenario);
	scenario = must_load(SCENARIO("'file': 'workloads/holder.json'"), NULL, NULL);
	assert_int_equal(hold_ns(scenario), 3000);
	scenario_free(scenario);
}

static void a_scenario_and_its_overrides_change_parameters(void **state)
{
	struct scenario *scenario = must_load(
		SCENARIO("'file': 'holder', 'parameters': { 'hold': '7us' }"), NULL, NULL);

	assert_int_equal(hold_ns(scenario), 7000);
	scenario_free(scenario);
	scenario = must_load(SCENARIO("'file': 'holder'"), "workloads.w.parameters.hold", "9us");
	assert_int_equal(hold_ns(scenario), 9000);
	scenario_free(scenario);
	/* The end of the path is enough. */
	scenario = must_load(SCENARIO("'file': 'holder'"), "hold", "11us");
	assert_int_equal(hold_ns(scenario), 11000);
	scenario_free(scenario);
}

static void a_program_has_so_many_threads_for_each_vcpu_of_its_vm(void **state)
{
	struct scenario *scenario = must_load(SCENARIO("'file': 'holder'"), NULL, NULL);
	const struct workload *workload = &scenario->workloads[0];

	assert_int_equal(workload_nr_threads(workload, (int)scenario->vms[0].size.vcpus), 4);
	assert_int_equal(workload_nr_threads(workload, (int)scenario->vms[1].size.vcpus), 8);
	scenario_free(scenario);
	must_fail("{ 'oversub_scenario': 1, 'vms': { 'a': { 'workload': 'w' } }, 'workloads': { "
		  "'w': { 'threads': { 't': { 'count': 1, 'per_vcpu': 1, 'program': [ { 'run': 1 } "
		  "] } } } } }",
		  NULL, NULL, "workloads.w.threads.t", "leave one of them out", NULL);
}

static void the_document_of_a_result_needs_no_file(void **state)
{
	struct scenario *scenario = must_load(SCENARIO("'file': 'holder'"), "hold", "9us");
	struct scenario *again;
	struct oversub_error error = {""};

	if (scenario_from_json(scenario->json, "/nowhere/s.json", NULL, &again, &error))
		fail_msg("%s", error.message);
	assert_int_equal(hold_ns(again), 9000);
	scenario_free(again);
	scenario_free(scenario);
}

static void another_file_takes_the_place_of_all_that_the_first_said(void **state)
{
	struct scenario *scenario =
		must_load(SCENARIO("'file': 'holder', 'parameters': { 'hold': '7us' }"),
			  "workloads.w.file", "other");

	assert_int_equal(scenario->workloads[0].classes[0].count, 5);
	assert_null(path_find(scenario->json, "workloads.w.parameters.hold"));
	scenario_free(scenario);
}

static void what_is_wrong_with_a_file_is_said_with_the_file_and_the_path_in_it(void **state)
{
	write_file("workloads/bad.json", "{ 'oversub_workload': 1, 'threads': { 't': { 'program': ["
					 " { 'run': 'soon' } ] } } }");
	must_fail(SCENARIO("'file': 'bad'"), NULL, NULL, "s.json: workloads.w.file:",
		  "/workloads/bad.json: threads.t.program[0].run: ", "soon", NULL);
	write_file("workloads/bad.json", "{ 'oversub_workload': 1, 'threads': { 't': { 'program': ["
					 " { 'run': '$time' } ] } } }");
	must_fail(SCENARIO("'file': 'bad'"), NULL, NULL,
		  "bad.json: threads.t.program[0].run: \"$time\": the workload has no such "
		  "parameter",
		  NULL);
	write_file("workloads/bad.json",
		   "{ 'oversub_workload': 1, 'parameters': { 'x': { 'default': 1, 'help': 'h' } },"
		   " 'threads': { 't': { 'program': [ { 'run': 1 } ] } } }");
	must_fail(SCENARIO("'file': 'bad'"), NULL, NULL,
		  "bad.json: parameters.x: no value of the workload is \"$x\"", NULL);
	write_file("workloads/bad.json", "{ 'threads': { 't': { 'program': [ { 'run': 1 } ] } } }");
	must_fail(SCENARIO("'file': 'bad'"), NULL, NULL, "not a workload", NULL);
	must_fail(SCENARIO("'file': 'nothing-such'"), NULL, NULL, "workloads.w.file",
		  "no workload \"nothing-such\"", "list workloads", NULL);
}

static void a_wrong_parameter_is_said_by_its_name(void **state)
{
	must_fail(SCENARIO("'file': 'holder', 'parameters': { 'hole': 1 }"), NULL, NULL,
		  "s.json: workloads.w.parameters.hole: the file has no such parameter",
		  "did you mean \"hold\"?", NULL);
	must_fail(SCENARIO("'file': 'holder'"), "often", "2", "workloads.w.threads.t.program[0]",
		  "parameter \"often\"", "set by often=2", NULL);
	must_fail(SCENARIO("'file': 'holder', 'locks': {}"), NULL, NULL, "workloads.w.locks",
		  "its file says that", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_scenario_names_a_file_beside_it_and_parameters_have_its_defaults),
		cmocka_unit_test(a_scenario_and_its_overrides_change_parameters),
		cmocka_unit_test(a_program_has_so_many_threads_for_each_vcpu_of_its_vm),
		cmocka_unit_test(the_document_of_a_result_needs_no_file),
		cmocka_unit_test(another_file_takes_the_place_of_all_that_the_first_said),
		cmocka_unit_test(
			what_is_wrong_with_a_file_is_said_with_the_file_and_the_path_in_it),
		cmocka_unit_test(a_wrong_parameter_is_said_by_its_name),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
