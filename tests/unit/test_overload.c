/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open systems: what waits is counted, and a backlog that grows without end is told from others. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/output/result_directory.h"
#include "sim/output/result_json.h"
#include "sim/report/summary.h"
#include "sim/run/overload.h"
#include "sim/run/world.h"
#include "tests/unit/scenario_text.h"

enum { REPLICATIONS = 3 };

static struct aggregate run(const struct scenario *scenario, uint32_t first)
{
	struct replication_result results[REPLICATIONS];
	struct aggregate aggregate;
	struct oversub_error error = {""};

	for (uint32_t r = 0; r < REPLICATIONS; r++)
		if (world_run(scenario, first + r, NULL, &results[r], &error))
			fail_msg("%s", error.message);
	if (aggregate_of(results, REPLICATIONS, &aggregate, &error))
		fail_msg("%s", error.message);
	for (int r = 0; r < REPLICATIONS; r++)
		result_free(&results[r]);
	return aggregate;
}

static struct scenario *scenario_of(const char *text)
{
	struct scenario *scenario;
	struct oversub_error error = {""};

	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	return scenario;
}

/* ---- Telling -------------------------------------------------------------------------------- */

/* M/M/1 with a mean service time of 100 us, 20,000 of them in a window of 200 ms. */
static struct scenario *mm1(const char *interarrival)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "{'oversub_scenario':1,'host':{'cpus':1},'host_workload':{'arrivals':{'in':"
		 "{'interarrival':{'exponential':{'mean':'%s'}}}},'threads':{'server':{'program':["
		 "{'loop':'forever','body':[{'request':'r','body':[{'take':'in'},{'run':"
		 "{'exponential':{'mean':'10us'}}}]}]}]}}},"
		 "'run':{'warmup':'20ms','measure':'200ms','seed':1}}",
		 interarrival);
	return scenario_of(text);
}

/* In how many of nr experiments the queue is said to grow. */
static int said_to_grow(const char *interarrival, int nr)
{
	struct scenario *scenario = mm1(interarrival);
	int said = 0;

	for (int i = 0; i < nr; i++) {
		struct aggregate aggregate = run(scenario, (uint32_t)(i * REPLICATIONS));

		said += overload_in(&aggregate, "host_threads");
		aggregate_free(&aggregate);
	}
	scenario_free(scenario);
	return said;
}

static void a_queue_that_keeps_up_is_not_said_to_grow(void **state)
{
	/* At 1 % twelve is beyond chance (p < 0.001), and increments that cancel make it rarer. */
	assert_in_range(said_to_grow("16us", 100), 0, 4);
	assert_in_range(said_to_grow("13us", 100), 0, 4);
}

static void a_queue_that_falls_behind_is(void **state)
{
	assert_int_equal(said_to_grow("9us", 20), 20);
	assert_int_equal(said_to_grow("5us", 5), 5);
}

/* ---- Counting ------------------------------------------------------------------------------- */

static double mean(const struct aggregate *aggregate, const char *scope, const char *name)
{
	const struct aggregate_metric *metric = aggregate_find(aggregate, scope, name);

	if (!metric)
		fail_msg("no metric %s:%s", scope, name);
	return metric->interval.mean;
}

/* Two vCPUs, each busy for 100 us with an item, and an item every 25 us. */
#define DESK                                                                                       \
	"{'oversub_scenario':1,'host':{'cpus':2},'vms':{'web':{'vcpus':2,'workload':'w'}},"        \
	"'workloads':{'w':{'arrivals':{'net':{'interarrival':'25us'}},'threads':{'t':{'count':2,"  \
	"'program':[{'loop':'forever','body':[{'request':'get','body':[{'take':'net'},"            \
	"{'run':'100us'}]}]}]}}}},'run':{'warmup':'50ms','measure':'200ms','seed':1}}"

static void items_that_nobody_takes_are_waits_that_have_not_ended(void **state)
{
	struct scenario *scenario = scenario_of(DESK);
	struct aggregate aggregate = run(scenario, 0);
	struct overload overload;
	size_t position = 0;
	double left = mean(&aggregate, "vm.web", "source.net.backlog");

	assert_true(fabs(mean(&aggregate, "vm.web", "source.net.offered_per_s") - 40000) < 10);
	assert_true(fabs(mean(&aggregate, "vm.web", "source.net.served_per_s") - 20000) < 500);
	/* Half of 250 ms' arrivals; the oldest has waited for half of the time. */
	assert_true(fabs(left - 5000) < 200);
	assert_true(fabs(mean(&aggregate, "vm.web", "source.net.backlog_mean") - 3000) < 200);
	assert_true(fabs(mean(&aggregate, "vm.web", "source.net.backlog_oldest") - 125e6) < 5e6);
	assert_true(mean(&aggregate, "vm.web", "unfinished_waits") >= left);
	assert_true(mean(&aggregate, "vm.web", "unfinished_oldest") > 120e6);
	assert_true(overload_next(&aggregate, &position, &overload));
	assert_string_equal(overload.scope, "vm.web");
	assert_string_equal(overload.name, "source.net");
	assert_false(overload_next(&aggregate, &position, &overload));
	aggregate_free(&aggregate);
	scenario_free(scenario);
}

static void signals_that_nobody_waits_for_are_a_backlog_too(void **state)
{
	struct scenario *scenario = scenario_of(
		"{'oversub_scenario':1,'host':{'cpus':2},'vms':{'web':{'vcpus':2,'workload':'w'}},"
		"'workloads':{'w':{'events':['mail'],'threads':{'post':{'program':[{'loop':"
		"'forever','body':[{'timer':'50us'},{'wake':'mail'}]}]},'reader':{'program':["
		"{'loop':'forever','body':[{'wait':'mail'},{'run':'100us'}]}]}}}},"
		"'run':{'warmup':'50ms','measure':'200ms','seed':1}}");
	struct aggregate aggregate = run(scenario, 0);
	struct overload overload;
	size_t position = 0;

	assert_true(overload_next(&aggregate, &position, &overload));
	assert_string_equal(overload.name, "event.mail");
	assert_true(fabs(overload.offered - 20000) < 100);
	assert_true(overload.served < 10100);
	assert_true(mean(&aggregate, "vm.web", "unfinished_waits") > 2000);
	aggregate_free(&aggregate);
	scenario_free(scenario);
}

/* An event that nobody ever waits for is no queue. */
static void signals_that_no_program_waits_for_are_not(void **state)
{
	struct scenario *scenario =
		scenario_of("{'oversub_scenario':1,'vms':{'a':{'workload':'w'}},'workloads':{'w':{'"
			    "events':['e'],"
			    "'threads':{'t':{'program':[{'loop':'forever','body':[{'timer':'50us'},"
			    "{'wake':'e'}]}]}}}},'run':{'warmup':'5ms','measure':'20ms'}}");
	struct aggregate aggregate = run(scenario, 0);

	assert_int_equal(scenario->nr_notes, 1);
	assert_non_null(strstr(scenario->notes[0], "no program waits for it"));
	assert_false(overload_in(&aggregate, "vm.a"));
	assert_true(mean(&aggregate, "vm.a", "unfinished_waits") == 0);
	aggregate_free(&aggregate);
	scenario_free(scenario);
}

/* ---- Saying --------------------------------------------------------------------------------- */

static char *written(const struct scenario *scenario, const struct aggregate *aggregate, bool json)
{
	char seed[24];
	struct result_info info = result_info_of(scenario, seed);
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (json)
		result_json_write(stream, &info, aggregate);
	else
		summary_write(stream, scenario, aggregate);
	fclose(stream);
	return text;
}

static const cJSON *at(const cJSON *json, const char *const *keys)
{
	for (; *keys; keys++)
		json = cJSON_GetObjectItemCaseSensitive(json, *keys);
	return json;
}

static void latencies_of_survivors_are_marked_as_lower_bounds(void **state)
{
	struct scenario *scenario = scenario_of(DESK);
	struct aggregate aggregate = run(scenario, 0);
	char *text = written(scenario, &aggregate, false);
	cJSON *json;

	assert_non_null(strstr(text, " >="));
	assert_non_null(strstr(text, "! arrivals outrun service at source.net of web"));
	free(text);
	text = written(scenario, &aggregate, true);
	json = cJSON_Parse(text);
	assert_non_null(json);
	assert_true(
		cJSON_IsTrue(at(json, (const char *const[]){"metrics", "vm.web", "request.get.p99",
							    "lower_bound", NULL})));
	/* What is no latency is what it is. */
	assert_non_null(
		at(json, (const char *const[]){"metrics", "vm.web", "requests_per_s", NULL}));
	assert_null(at(json, (const char *const[]){"metrics", "vm.web", "requests_per_s",
						   "lower_bound", NULL}));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "overloaded")), 1);
	cJSON_Delete(json);
	free(text);
	aggregate_free(&aggregate);
	scenario_free(scenario);
}

static void nothing_is_marked_where_service_keeps_up(void **state)
{
	struct scenario *scenario = mm1("20us");
	struct aggregate aggregate = run(scenario, 0);
	char *text = written(scenario, &aggregate, false);

	assert_null(strstr(text, ">="));
	assert_null(strstr(text, "outrun"));
	free(text);
	text = written(scenario, &aggregate, true);
	assert_null(strstr(text, "lower_bound"));
	free(text);
	aggregate_free(&aggregate);
	scenario_free(scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_that_keeps_up_is_not_said_to_grow),
		cmocka_unit_test(a_queue_that_falls_behind_is),
		cmocka_unit_test(items_that_nobody_takes_are_waits_that_have_not_ended),
		cmocka_unit_test(signals_that_nobody_waits_for_are_a_backlog_too),
		cmocka_unit_test(signals_that_no_program_waits_for_are_not),
		cmocka_unit_test(latencies_of_survivors_are_marked_as_lower_bounds),
		cmocka_unit_test(nothing_is_marked_where_service_keeps_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
