/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distributions that were measured: what is drawn from them, and how a scenario gets them. */
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
#include <unistd.h>

#include "scenario_text.h"
#include "sim/engine/distribution.h"
#include "world_value.h"

enum { DRAWS = 200000 };

static double drawn_mean(const struct sim_distribution *distribution)
{
	struct sim_stream stream;
	double sum = 0;

	sim_stream_init(&stream, 1, 0, "test", "draw");
	for (int i = 0; i < DRAWS; i++)
		sum += (double)sim_variate_ns(distribution, &stream);
	return sum / DRAWS;
}

/* ---- Draws ---------------------------------------------------------------------------------- */

static void each_sample_is_as_likely_and_nothing_else_is_drawn(void **state)
{
	static const double values[] = {30, 10, 1000, 10};
	struct sim_empirical *samples = sim_empirical_samples(values, 4);
	struct sim_distribution d = {.kind = SIM_EMPIRICAL, .empirical = samples};
	struct sim_stream stream;
	int of_10 = 0, of_30 = 0;

	sim_stream_init(&stream, 1, 0, "test", "draw");
	for (int i = 0; i < DRAWS; i++) {
		int64_t ns = sim_variate_ns(&d, &stream);

		assert_true(ns == 10 || ns == 30 || ns == 1000);
		of_10 += ns == 10;
		of_30 += ns == 30;
	}
	assert_true(abs(of_10 - DRAWS / 2) < DRAWS / 100);
	assert_true(abs(of_30 - DRAWS / 4) < DRAWS / 100);
	assert_true(sim_distribution_mean(&d) == 262.5);
	assert_true(fabs(drawn_mean(&d) / 262.5 - 1) < 0.02);
	sim_empirical_free(samples);
}

static void the_order_of_samples_changes_nothing(void **state)
{
	static const double up[] = {1, 2, 3}, down[] = {3, 2, 1};
	struct sim_empirical *a = sim_empirical_samples(up, 3), *b = sim_empirical_samples(down, 3);
	struct sim_stream x, y;

	sim_stream_init(&x, 1, 0, "test", "draw");
	sim_stream_init(&y, 1, 0, "test", "draw");
	for (int i = 0; i < 1000; i++)
		assert_true(sim_empirical_variate(a, &x) == sim_empirical_variate(b, &y));
	sim_empirical_free(a);
	sim_empirical_free(b);
}

/*
 * Half of all evenly from 1 to 10 us, half from 10 to 100 us; a tenth at each end is cut off:
 * 0.1 * 1 + 0.4 * 5.5 + 0.4 * 55 + 0.1 * 100 = 34.3.
 */
static void quantiles_are_joined_by_straight_lines(void **state)
{
	static const double p[] = {0.1, 0.5, 0.9}, us[] = {1000, 10000, 100000};
	struct sim_empirical *quantiles = sim_empirical_quantiles(p, us, 3);
	struct sim_distribution d = {.kind = SIM_EMPIRICAL, .empirical = quantiles};
	struct sim_stream stream;
	int least = 0, below_median = 0, most = 0;

	assert_true(fabs(sim_distribution_mean(&d) - 34300) < 1e-6);
	assert_true(fabs(drawn_mean(&d) / 34300 - 1) < 0.01);
	sim_stream_init(&stream, 2, 0, "test", "draw");
	for (int i = 0; i < DRAWS; i++) {
		int64_t ns = sim_variate_ns(&d, &stream);

		assert_in_range(ns, 1000, 100000);
		least += ns == 1000;
		below_median += ns < 10000;
		most += ns == 100000;
	}
	assert_true(abs(least - DRAWS / 10) < DRAWS / 100);
	assert_true(abs(below_median - DRAWS / 2) < DRAWS / 100);
	assert_true(abs(most - DRAWS / 10) < DRAWS / 100);
	sim_empirical_free(quantiles);
}

/* ---- Documents ------------------------------------------------------------------------------ */

#define RUN_OF(distribution)                                                                       \
	"{'oversub_scenario':1,'host':{'cpus':1},'vms':{'v':{'workload':'w'}},"                    \
	" 'workloads':{'w':{'threads':{'t':{'program':[{'loop':'forever','body':["                 \
	"   {'request':'r','body':[{'run':{'empirical':" distribution "}}]}]}]}}}},"               \
	" 'run':{'warmup':'1ms','measure':'200ms'}}"

static const struct cJSON *empirical_of(const struct scenario *scenario)
{
	const cJSON *node = scenario->json;
	static const char *const keys[] = {"workloads", "w", "threads", "t", "program"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		node = cJSON_GetObjectItemCaseSensitive(node, keys[i]);
	node = cJSON_GetObjectItemCaseSensitive(node->child, "body")->child;
	node = cJSON_GetObjectItemCaseSensitive(node, "body")->child;
	return cJSON_GetObjectItemCaseSensitive(node, "run")->child;
}

static struct scenario *scenario_with(const char *text)
{
	struct scenario *scenario;
	struct oversub_error error;

	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	return scenario;
}

static double mean_in(const struct scenario *scenario)
{
	return sim_distribution_mean(&scenario->workloads[0].classes[0].ops[2].duration);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* In a directory of the test's own. */
static int enter_directory(void **state)
{
	char *name = strdup("/tmp/oversub-test-XXXXXX");

	*state = name;
	return mkdtemp(name) && !chdir(name) ? 0 : -1;
}

static int leave_directory(void **state)
{
	int failed = unlink("measured.txt") | chdir("/") | rmdir(*state);

	free(*state);
	return failed;
}

static void a_vm_takes_as_long_as_was_measured(void **state)
{
	/* 55 us on average: half 10 us, half 100 us. */
	struct replication_result result = world_of(RUN_OF("{'samples':['10us',100000]}"), NULL);

	assert_true(fabs(world_value(&result, "vm.v", "requests_per_s") / (1e9 / 55000) - 1) <
		    0.05);
	result_free(&result);
}

static void a_file_has_samples_with_or_without_a_unit(void **state)
{
	struct scenario *scenario;

	write_file("measured.txt", "# from bpftrace\n1000\n2.5us  # odd\n\n2499.6\r\n");
	scenario = scenario_with(RUN_OF("{'file':'measured.txt'}"));
	assert_true(fabs(mean_in(scenario) - 2000) < 1e-6);
	scenario_free(scenario);
}

static void a_file_of_two_columns_has_quantiles(void **state)
{
	struct scenario *scenario;

	write_file("measured.txt", "0 0\n0.5, 10us\n1\t30us\n");
	scenario = scenario_with(RUN_OF("{'file':'measured.txt'}"));
	assert_true(fabs(mean_in(scenario) - 12500) < 1e-6);
	scenario_free(scenario);
}

static void what_the_file_said_stays_in_the_document_of_a_result(void **state)
{
	struct scenario *scenario, *again;
	struct oversub_error error;

	write_file("measured.txt", "1us\n2us\n");
	scenario = scenario_with(RUN_OF("{'file':'measured.txt'}"));
	write_file("measured.txt", "5us\n");
	assert_int_equal(scenario_from_json(scenario->json, "scenario.json", NULL, &again, &error),
			 OVERSUB_OK);
	assert_true(mean_in(again) == 1500);
	assert_string_equal(
		cJSON_GetObjectItemCaseSensitive(empirical_of(again), "from")->valuestring,
		"measured.txt");
	scenario_free(scenario);
	scenario_free(again);
}

static void refused(const char *text, const char *message)
{
	struct scenario *scenario;
	struct oversub_error error = {""};

	assert_int_equal(load_text(text, NULL, &scenario, &error), OVERSUB_BAD_INPUT);
	if (!strstr(error.message, message))
		fail_msg("no \"%s\" in: %s", message, error.message);
}

static void what_is_no_distribution_is_refused_with_its_place(void **state)
{
	refused(RUN_OF("{}"), "run.empirical: expected one of");
	refused(RUN_OF("{'samples':[1],'file':'x'}"), "run.empirical: expected one of");
	refused(RUN_OF("{'samples':[]}"), "run.empirical.samples: there is no sample");
	refused(RUN_OF("{'samples':[-1]}"), "samples[0]: -1 is out of range");
	refused(RUN_OF("{'quantiles':[[0.5,1]]}"), "quantiles: expected two quantiles or more");
	refused(RUN_OF("{'quantiles':[[0.5,1],[0.5,2]]}"),
		"quantiles[1]: the probability 0.5 is not above the one before, 0.5");
	refused(RUN_OF("{'quantiles':[[0.5,2],[0.6,1]]}"),
		"quantiles[1]: the duration is below the one before, of 2 ns");
	refused(RUN_OF("{'quantiles':[[0.5,2],[1.5,3]]}"),
		"quantiles[1]: 1.5 is out of range 0..1");
	write_file("measured.txt", "1us\n\n1parsec\n");
	refused(RUN_OF("{'file':'measured.txt'}"),
		"run.empirical.file: measured.txt:3: expected a duration");
	write_file("measured.txt", "1us\n0.5 2us\n");
	refused(RUN_OF("{'file':'measured.txt'}"),
		"measured.txt:2: the lines before have another number of columns");
	refused(RUN_OF("{'file':'nowhere.txt'}"), "run.empirical.file: nowhere.txt: no such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sample_is_as_likely_and_nothing_else_is_drawn),
		cmocka_unit_test(the_order_of_samples_changes_nothing),
		cmocka_unit_test(quantiles_are_joined_by_straight_lines),
		cmocka_unit_test(a_vm_takes_as_long_as_was_measured),
		cmocka_unit_test(a_file_has_samples_with_or_without_a_unit),
		cmocka_unit_test(a_file_of_two_columns_has_quantiles),
		cmocka_unit_test(what_the_file_said_stays_in_the_document_of_a_result),
		cmocka_unit_test(what_is_no_distribution_is_refused_with_its_place),
	};

	return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
