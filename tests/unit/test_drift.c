/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A warm-up that was too short is said; one that was not, is not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "sim/engine/random.h"
#include "sim/report/summary_notes.h"
#include "sim/run/drift.h"
#include "sim/run/world.h"
#include "tests/unit/scenario_text.h"

enum { REPLICATIONS = 10, CLASSES = 4 };

/* Drifts of some classes over replications: normal, the first class with a mean of its own. */
static struct aggregate make_aggregate(double mean_of_first, double sd, gsl_rng *random)
{
	struct aggregate aggregate = {.nr_replications = REPLICATIONS};

	for (int c = 0; c < CLASSES; c++) {
		for (int k = 0; k < 2; k++) {
			char scope[16];
			struct aggregate_metric *metric;

			snprintf(scope, sizeof(scope), "vm.c%d", c);
			metric = aggregate_add_metric(
				&aggregate, scope, k ? "drift.cpu" : "drift.requests", "fraction");
			for (int r = 0; r < REPLICATIONS; r++)
				metric->values[r] =
					(c ? 0 : mean_of_first) + gsl_ran_gaussian(random, sd);
			aggregate_compute(metric, REPLICATIONS);
		}
	}
	return aggregate;
}

/* In how many of 1000 runs something is said to drift. */
static int alarms(double mean_of_first)
{
	struct sim_stream stream;
	int count = 0;

	sim_stream_init(&stream, 1, 0, "test", "drift");
	for (int i = 0; i < 1000; i++) {
		struct aggregate aggregate =
			make_aggregate(mean_of_first, 0.02, sim_stream_rng(&stream));
		struct drift worst;
		size_t found;

		assert_int_equal(drift_find(&aggregate, 1, &found, &worst, NULL), OVERSUB_OK);
		count += found > 0;
		aggregate_free(&aggregate);
	}
	return count;
}

static void one_false_alarm_in_twenty_whatever_the_number_of_classes(void **state)
{
	int count = alarms(0);

	/* 50, and three standard errors more; fewer, as a drift below half a percent is none. */
	assert_true(count <= 71);
}

static void a_drift_of_three_errors_is_mostly_found(void **state)
{
	assert_true(alarms(0.03) > 800);
}

static void replications_that_agree_exactly_drift_only_if_it_matters(void **state)
{
	struct aggregate aggregate;
	struct sim_stream stream;
	struct drift worst;
	size_t found;

	sim_stream_init(&stream, 1, 0, "test", "drift");
	aggregate = make_aggregate(0.004, 0, sim_stream_rng(&stream));
	assert_int_equal(drift_find(&aggregate, 1, &found, &worst, NULL), OVERSUB_OK);
	assert_int_equal(found, 0);
	aggregate_free(&aggregate);
	aggregate = make_aggregate(-0.006, 0, sim_stream_rng(&stream));
	assert_int_equal(drift_find(&aggregate, 1, &found, &worst, NULL), OVERSUB_OK);
	assert_int_equal(found, 2);
	assert_string_equal(worst.scope, "vm.c0");
	assert_float_equal(worst.mean, -0.006, 1e-12);
	aggregate_free(&aggregate);
}

static void the_note_says_who_which_way_and_how_far(void **state)
{
	struct aggregate aggregates[2];
	struct sim_stream stream;
	FILE *stream_out;
	char *text;
	size_t size;

	sim_stream_init(&stream, 1, 0, "test", "drift");
	aggregates[0] = make_aggregate(0, 0, sim_stream_rng(&stream));
	aggregates[1] = make_aggregate(0.12, 0, sim_stream_rng(&stream));
	stream_out = open_memstream(&text, &size);
	summary_write_drift(stream_out, aggregates, 2);
	fclose(stream_out);
	assert_non_null(strstr(text, "! warm-up: point 1, vm.c0 requests/s is 12.0% higher in the "
				     "second half than in the first"));
	assert_non_null(strstr(text, "--warmup auto"));
	free(text);
	stream_out = open_memstream(&text, &size);
	summary_write_drift(stream_out, aggregates, 1);
	fclose(stream_out);
	assert_string_equal(text, "");
	free(text);
	aggregate_free(&aggregates[0]);
	aggregate_free(&aggregates[1]);
}

static char *placement_note(const char *cpus, double second)
{
	struct aggregate aggregate = {.nr_replications = 2};
	struct aggregate_metric *metric =
		aggregate_add_metric(&aggregate, "host", "migrations_per_s", "1/s");
	struct scenario *scenario;
	char text[256], *note;
	size_t size;
	FILE *stream;

	snprintf(text, sizeof(text),
		 "{'oversub_scenario':1,'host':{'cpus':%s},'vms':{'a':{'vcpus':4,'workload':'w'}},"
		 "'workloads':{'w':{'threads':{'t':{'program':[{'run':'1ms'}]}}}}}",
		 cpus);
	assert_int_equal(load_text(text, NULL, &scenario, NULL), OVERSUB_OK);
	metric->values[0] = 0;
	metric->values[1] = second;
	stream = open_memstream(&note, &size);
	summary_write_placement(stream, scenario, &aggregate);
	fclose(stream);
	scenario_free(scenario);
	aggregate_free(&aggregate);
	return note;
}

static void one_placement_a_replication_is_said(void **state)
{
	char *all = placement_note("2", 0), *half = placement_note("2", 3);
	char *enough = placement_note("4", 0), *none = placement_note("1", 0);

	assert_non_null(strstr(all, "! placement did not change within any replication"));
	assert_non_null(strstr(all, "more replications are worth more than longer ones"));
	assert_non_null(strstr(half, "within 1 of 2 replications"));
	assert_string_equal(enough, ""); /* a CPU for each vCPU */
	assert_string_equal(none, "");	 /* no choice */
	free(all);
	free(half);
	free(enough);
	free(none);
}

/* One thread serves a request of 1 ms, ten times in each of two bursts: at once, and after 60 ms.
 */
static void a_world_tells_its_halves_apart(void **state)
{
	static const char text[] =
		"{'oversub_scenario':1,'host':{'cpus':1,'costs':{'context_switch_ns':0}},"
		"'host_workload':{'costs':{'syscall_ns':0},'threads':{'t':{'program':["
		"{'loop':10,'body':[{'request':'r','body':[{'run':'1ms'}]}]},"
		"{'sleep':'60ms'},"
		"{'loop':20,'body':[{'request':'r','body':[{'run':'1ms'}]}]}]}}},"
		"'run':{'warmup':'0ms','measure':'100ms','replications':1,'seed':1}}";
	struct scenario *scenario;
	struct replication_result result;

	assert_int_equal(load_text(text, NULL, &scenario, NULL), OVERSUB_OK);
	assert_int_equal(world_run(scenario, 0, NULL, &result, NULL), OVERSUB_OK);
	/* 10 in the first half, 20 in the second: 10 more, of 15. */
	assert_float_equal(result_find(&result, "host_threads", "drift.requests")->value, 10 / 15.0,
			   1e-9);
	assert_float_equal(result_find(&result, "host_threads", "drift.cpu")->value, 10 / 15.0,
			   0.01);
	assert_int_equal(result.nr_series, 2);
	result_free(&result);
	scenario_free(scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_false_alarm_in_twenty_whatever_the_number_of_classes),
		cmocka_unit_test(a_drift_of_three_errors_is_mostly_found),
		cmocka_unit_test(replications_that_agree_exactly_drift_only_if_it_matters),
		cmocka_unit_test(the_note_says_who_which_way_and_how_far),
		cmocka_unit_test(one_placement_a_replication_is_said),
		cmocka_unit_test(a_world_tells_its_halves_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
