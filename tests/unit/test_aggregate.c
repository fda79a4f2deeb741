/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replications taken together: means, intervals, merged histograms. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sim/run/aggregate.h"

/* Three replications with 10, 12 and 14 requests per second; the second has no p99. */
static void make_replications(struct replication_result *replications)
{
	static const double rate[] = {10, 12, 14};
	struct sim_histogram histogram;

	memset(replications, 0, 3 * sizeof(*replications));
	for (int i = 0; i < 3; i++) {
		result_add(&replications[i], "vm.db", "requests_per_s", "1/s", rate[i]);
		result_add(&replications[i], "vm.db", "smp_call.p99", "ns", i == 1 ? NAN : 100.0);
		result_add(&replications[i], "vm.db", "smp_call.max", "ns", NAN);
		sim_histogram_reset(&histogram);
		sim_histogram_record(&histogram, 100 * (i + 1));
		result_add_histogram(&replications[i], "vm.db", "tlb_flush", &histogram);
		replications[i].events = 1000;
		replications[i].simulated_ns = 5;
	}
}

static void free_replications(struct replication_result *replications)
{
	for (int i = 0; i < 3; i++)
		result_free(&replications[i]);
}

static void a_result_finds_what_was_added(void **state)
{
	struct replication_result result = {0};

	result_add(&result, "host", "jain", "fraction", 0.5);
	assert_non_null(result_find(&result, "host", "jain"));
	assert_float_equal(result_find(&result, "host", "jain")->value, 0.5, 0);
	assert_null(result_find(&result, "vm.db", "jain"));
	assert_false(result.failed);
	result_free(&result);
	assert_int_equal(result.nr_metrics, 0);
}

static void a_metric_has_mean_deviation_and_student_interval(void **state)
{
	struct replication_result replications[3];
	struct aggregate aggregate;
	const struct aggregate_metric *metric;

	make_replications(replications);
	assert_int_equal(aggregate_of(replications, 3, &aggregate, NULL), OVERSUB_OK);
	metric = aggregate_find(&aggregate, "vm.db", "requests_per_s");
	assert_non_null(metric);
	assert_string_equal(metric->unit, "1/s");
	assert_float_equal(metric->interval.mean, 12, 1e-12);
	assert_float_equal(metric->interval.sd, 2, 1e-12);
	/* t(0.975, 2) = 4.30265, over the root of 3 */
	assert_float_equal(metric->interval.half_width, 4.968275, 1e-5);
	assert_float_equal(metric->values[2], 14, 0);
	assert_int_equal(aggregate.events, 3000);
	assert_int_equal(aggregate.simulated_ns, 15);
	aggregate_free(&aggregate);
	free_replications(replications);
}

static void values_that_do_not_exist_are_left_out_of_the_mean(void **state)
{
	struct replication_result replications[3];
	struct aggregate aggregate;
	const struct aggregate_metric *metric;

	make_replications(replications);
	assert_int_equal(aggregate_of(replications, 3, &aggregate, NULL), OVERSUB_OK);
	metric = aggregate_find(&aggregate, "vm.db", "smp_call.p99");
	assert_int_equal(metric->interval.n, 2);
	assert_float_equal(metric->interval.mean, 100, 0);
	assert_true(isnan(metric->values[1]));
	metric = aggregate_find(&aggregate, "vm.db", "smp_call.max");
	assert_int_equal(metric->interval.n, 0);
	assert_true(isnan(metric->interval.mean));
	assert_true(isnan(aggregate_mean(&aggregate, "vm.db", "no_such_metric")));
	aggregate_free(&aggregate);
	free_replications(replications);
}

static void histograms_of_all_replications_are_merged(void **state)
{
	struct replication_result replications[3];
	const struct result_histogram *merged;
	struct aggregate aggregate;

	make_replications(replications);
	assert_int_equal(aggregate_of(replications, 3, &aggregate, NULL), OVERSUB_OK);
	merged = aggregate_find_histogram(&aggregate, "vm.db", "tlb_flush");
	assert_non_null(merged);
	assert_int_equal(merged->histogram.count, 3);
	assert_int_equal(merged->histogram.min, 100);
	assert_int_equal(merged->histogram.max, 300);
	aggregate_drop_histograms(&aggregate);
	assert_null(aggregate_find_histogram(&aggregate, "vm.db", "tlb_flush"));
	assert_non_null(aggregate_find(&aggregate, "vm.db", "smp_call.p99"));
	aggregate_free(&aggregate);
	free_replications(replications);
}

/* 1 .. 1000, 2001 .. 3000 and 4001 .. 5000: p99 of all is far above the mean of the three. */
static void percentiles_are_those_of_all_values_together(void **state)
{
	struct replication_result replications[3] = {{0}};
	const struct aggregate_metric *metric;
	struct sim_histogram histogram;
	struct aggregate aggregate;

	for (int r = 0; r < 3; r++) {
		sim_histogram_reset(&histogram);
		for (int i = 1; i <= 1000; i++)
			sim_histogram_record(&histogram, 2000 * r + i);
		result_add(&replications[r], "vm.db", "smp_call.p99", "ns",
			   sim_histogram_percentile(&histogram, 99));
		result_add(&replications[r], "vm.db", "smp_call.p99.9", "ns", NAN);
		result_add_histogram(&replications[r], "vm.db", "smp_call", &histogram);
	}
	assert_int_equal(aggregate_of(replications, 3, &aggregate, NULL), OVERSUB_OK);
	metric = aggregate_find(&aggregate, "vm.db", "smp_call.p99");
	assert_float_equal(metric->interval.mean, 4970, 64);
	assert_int_equal(metric->interval.n, 3);
	assert_float_equal(metric->values[0], 990, 16);
	metric = aggregate_find(&aggregate, "vm.db", "smp_call.p99.9");
	assert_true(isnan(metric->interval.mean));
	aggregate_free(&aggregate);
	free_replications(replications);
}

static void replications_with_other_metrics_are_refused(void **state)
{
	struct replication_result replications[3];
	struct oversub_error error;
	struct aggregate aggregate;

	make_replications(replications);
	result_add(&replications[1], "host", "jain", "fraction", 1);
	assert_int_equal(aggregate_of(replications, 3, &aggregate, &error), OVERSUB_FAILED);
	assert_non_null(strstr(error.message, "replications 0 and 1"));
	free_replications(replications);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_finds_what_was_added),
		cmocka_unit_test(a_metric_has_mean_deviation_and_student_interval),
		cmocka_unit_test(values_that_do_not_exist_are_left_out_of_the_mean),
		cmocka_unit_test(histograms_of_all_replications_are_merged),
		cmocka_unit_test(percentiles_are_those_of_all_values_together),
		cmocka_unit_test(replications_with_other_metrics_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
