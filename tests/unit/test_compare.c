/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paired comparison, with numbers that can be checked by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/report/comparison.h"
#include "sim/report/summary_sweep.h"
#include "sim/run/compare.h"
#include "sim/run/regret.h"

/* An aggregate with one metric of n values. */
static struct aggregate named(const char *scope, const char *name, const double *values, size_t n)
{
	struct aggregate aggregate = {.nr_replications = n};
	struct aggregate_metric *metric = aggregate_add_metric(&aggregate, scope, name, "1/s");

	memcpy(metric->values, values, n * sizeof(*values));
	aggregate_compute(metric, n);
	return aggregate;
}

static struct aggregate with_values(const double *values, size_t n)
{
	return named("vm.db", "requests_per_s", values, n);
}

static const double base_values[] = {10, 20, 30, 40};
static const double other_values[] = {12, 21, 33, 42};

static void differences_are_taken_pair_by_pair(void **state)
{
	struct aggregate base = with_values(base_values, 4), other = with_values(other_values, 4);
	struct compare_side a = {"a", "1", &base}, b = {"b", "1", &other};
	const struct compared_metric *metric;
	struct comparison comparison;

	assert_int_equal(compare_results(&a, &b, 1, &comparison, NULL), OVERSUB_OK);
	assert_int_equal(comparison.nr_pairs, 4);
	assert_int_equal(comparison.nr_metrics, 1);
	metric = &comparison.metrics[0];
	assert_float_equal(metric->base, 25, 1e-12);
	assert_float_equal(metric->other, 27, 1e-12);
	/* differences 2 1 3 2: mean 2, sd 0.8165, t(0.975, 3) = 3.18245 */
	assert_float_equal(metric->paired.difference.mean, 2, 1e-12);
	assert_float_equal(metric->paired.difference.half_width, 1.299228, 1e-5);
	assert_float_equal(metric->paired.relative.mean, 0.08, 1e-12);
	/* The base is uncertain, too: 166.667 against a mean of 25 leaves much open above. */
	assert_true(metric->paired.relative.low > 0 && metric->paired.relative.low < 0.04);
	assert_true(metric->paired.relative.high > 0.1);
	/* variances 166.667 and 174, of the difference 0.6667 */
	assert_float_equal(metric->paired.variance_reduction, 1 - 0.666667 / (166.666667 + 174),
			   1e-6);
	assert_true(metric->paired.p < 0.05);
	comparison_free(&comparison);
	aggregate_free(&base);
	aggregate_free(&other);
}

static void different_seeds_cannot_be_paired(void **state)
{
	struct aggregate base = with_values(base_values, 4), other = with_values(other_values, 4);
	struct compare_side a = {"out/a", "1", &base}, b = {"out/b", "2", &other};
	struct comparison comparison;
	struct oversub_error error;

	assert_int_equal(compare_results(&a, &b, 1, &comparison, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "out/a was run with seed 1 and out/b with seed 2"));
	aggregate_free(&base);
	aggregate_free(&other);
}

static void only_the_common_replications_are_paired(void **state)
{
	struct aggregate base = with_values(base_values, 4), other = with_values(other_values, 3);
	struct compare_side a = {"a", "1", &base}, b = {"b", "1", &other};
	struct comparison comparison;

	assert_int_equal(compare_results(&a, &b, 1, &comparison, NULL), OVERSUB_OK);
	assert_int_equal(comparison.nr_pairs, 3);
	assert_int_equal(comparison.nr_base, 4);
	assert_int_equal(comparison.nr_other, 3);
	assert_float_equal(comparison.metrics[0].base, 20, 1e-12);
	assert_int_equal(comparison.metrics[0].paired.difference.n, 3);
	comparison_free(&comparison);
	aggregate_free(&base);
	aggregate_free(&other);
}

static void a_value_missing_on_one_side_takes_its_pair_out(void **state)
{
	static const double holed[] = {12, NAN, 33, 42};
	struct aggregate base = with_values(base_values, 4), other = with_values(holed, 4);
	struct compare_side a = {"a", "1", &base}, b = {"b", "1", &other};
	struct comparison comparison;

	assert_int_equal(compare_results(&a, &b, 1, &comparison, NULL), OVERSUB_OK);
	assert_int_equal(comparison.metrics[0].paired.difference.n, 3);
	assert_float_equal(comparison.metrics[0].base, 80.0 / 3, 1e-12);
	comparison_free(&comparison);
	aggregate_free(&base);
	aggregate_free(&other);
}

static void results_without_a_common_metric_are_refused(void **state)
{
	struct aggregate base = with_values(base_values, 4), other = {.nr_replications = 4};
	struct compare_side a = {"a", "1", &base}, b = {"b", "1", &other};
	struct comparison comparison;
	struct oversub_error error;

	aggregate_add_metric(&other, "vm.web", "requests_per_s", "1/s");
	assert_int_equal(compare_results(&a, &b, 1, &comparison, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "no metric in common"));
	aggregate_free(&base);
	aggregate_free(&other);
}

/* ---- Significance --------------------------------------------------------------------------- */

static void a_quantile_that_moves_by_one_bucket_is_not_sure_to_have_moved(void **state)
{
	/* From 1 ms on, buckets are 8.192 us wide and more. */
	static const double before[] = {1048576, 1048576, 1048576, 1048576, 1048576, 1048576};
	static const double after[] = {1064960, 1064960, 1064960, 1064960, 1064960, 1064960};
	struct aggregate base = named("vm.db", "lock_wait.p99", before, 6);
	struct aggregate other = named("vm.db", "lock_wait.p99", after, 6);
	struct compare_side a = {"a", "1", &base}, b = {"b", "1", &other};
	struct comparison comparison;
	const struct compared_metric *metric;

	assert_int_equal(compare_results(&a, &b, 1, &comparison, NULL), OVERSUB_OK);
	metric = &comparison.metrics[0];
	assert_float_equal(metric->paired.difference.half_width, 16384, 1e-9);
	assert_true(metric->paired.relative.low <= 1e-12);
	assert_true(metric->paired.p >= 0.05 - 1e-12);
	comparison_free(&comparison);
	aggregate_free(&base);
	aggregate_free(&other);
}

/* Two metrics of a comparison of a with others, all of them shown. */
static void correct(struct comparison *comparisons, size_t nr, const char *pattern,
		    size_t *nr_tests)
{
	struct comparison_filter filter = {
		.metrics = &pattern, .nr_metrics = pattern != NULL, .all = !pattern};
	struct comparison_view views[4];

	for (size_t i = 0; i < nr; i++)
		views[i] = (struct comparison_view){&comparisons[i], false};
	assert_int_equal(comparison_correct(views, nr, &filter, nr_tests, NULL), OVERSUB_OK);
}

static void all_rows_of_all_others_share_the_risk_of_a_false_alarm(void **state)
{
	struct aggregate base = named("vm.db", "jain", base_values, 4);
	struct aggregate other = named("vm.db", "jain", other_values, 4);
	struct compare_side a = {"a", "1", &base};
	struct compare_side others[] = {{"b", "1", &other}, {"c", "1", &other}};
	struct comparison comparisons[2];
	size_t nr_tests;

	for (int i = 0; i < 2; i++) {
		struct aggregate *both[] = {&base, &other};
		struct aggregate_metric *metric =
			aggregate_add_metric(both[i], "vm.db", "stacking", "fraction");

		memcpy(metric->values, i ? other_values : base_values, sizeof(base_values));
		aggregate_compute(metric, 4);
	}
	assert_int_equal(compare_results(&a, others, 2, comparisons, NULL), OVERSUB_OK);
	assert_true(isnan(comparisons[0].metrics[0].p_holm));
	correct(comparisons, 2, NULL, &nr_tests);
	assert_int_equal(nr_tests, 4);
	for (int i = 0; i < 2; i++)
		for (int m = 0; m < 2; m++) {
			const struct compared_metric *metric = &comparisons[i].metrics[m];

			assert_float_equal(metric->p_holm, 4 * metric->paired.p, 1e-12);
		}
	/* What is not shown takes none of it. */
	correct(comparisons, 2, "jain", &nr_tests);
	assert_int_equal(nr_tests, 2);
	assert_float_equal(comparisons[0].metrics[0].p_holm, 2 * comparisons[0].metrics[0].paired.p,
			   1e-12);
	for (int i = 0; i < 2; i++)
		comparison_free(&comparisons[i]);
	aggregate_free(&base);
	aggregate_free(&other);
}

static void throughput_has_half_of_the_risk_however_many_others_there_are(void **state)
{
	struct compare_test tests[11] = {{.p = 0.02, .primary = true}};
	size_t nr_tests;

	for (int i = 1; i < 11; i++)
		tests[i].p = 0.02;
	assert_int_equal(compare_correct(tests, 11, &nr_tests, NULL), OVERSUB_OK);
	assert_int_equal(nr_tests, 11);
	assert_float_equal(tests[0].p_holm, 0.04, 1e-12);
	assert_true(tests[0].significant);
	/* Then the ten have all of it. */
	assert_float_equal(tests[1].p_holm, 0.2, 1e-12);
	assert_false(tests[1].significant);
}

static void what_is_the_same_everywhere_is_no_test(void **state)
{
	struct aggregate base = with_values(base_values, 4);
	struct compare_side a = {"a", "1", &base}, b = {"b", "1", &base};
	struct comparison comparison;
	size_t nr_tests;

	assert_int_equal(compare_results(&a, &b, 1, &comparison, NULL), OVERSUB_OK);
	correct(&comparison, 1, NULL, &nr_tests);
	assert_int_equal(nr_tests, 0);
	assert_true(isnan(comparison.metrics[0].p_holm));
	assert_false(comparison.metrics[0].significant);
	comparison_free(&comparison);
	aggregate_free(&base);
}

/* ---- Regret --------------------------------------------------------------------------------- */

/* The regret in a metric that was 100, 110, 120 with the oracle and 80, 90, 100 without. */
static bool regret_in(const char *scope, const char *name, struct regret *regret)
{
	static const double oracle_values[] = {100, 110, 120}, values[] = {80, 90, 100};
	struct aggregate oracle = named(scope, name, oracle_values, 3);
	struct aggregate other = named(scope, name, values, 3);
	struct compare_side a = {"oracle", "1", &oracle}, b = {"b", "1", &other};
	struct comparison comparison;
	bool counts;

	assert_int_equal(compare_results(&a, &b, 1, &comparison, NULL), OVERSUB_OK);
	counts = regret_of(comparison_find(&comparison, scope, name), regret);
	comparison_free(&comparison);
	aggregate_free(&oracle);
	aggregate_free(&other);
	return counts;
}

static void regret_is_throughput_lost_and_time_waited_longer(void **state)
{
	struct regret regret;

	assert_true(regret_in("vm.db", "requests_per_s", &regret));
	assert_float_equal(regret.lost, 20, 1e-12);
	assert_float_equal(regret.relative.mean, 20 / 110.0, 1e-12);
	assert_true(regret.relative.low > 0.13 && regret.relative.low < 20 / 110.0);
	assert_true(regret.relative.high > 20 / 110.0 && regret.relative.high < 0.26);
	assert_float_equal(regret.half_width, 0, 1e-12);
	/* Shorter waits than the oracle's are no loss. */
	assert_true(regret_in("vm.db", "tlb_flush.p99", &regret));
	assert_float_equal(regret.lost, -20, 1e-12);
	assert_true(regret_in("vm.db", "lock_wait.mean", &regret));
	assert_true(regret_in("vm.db", "ipi_response.p99", &regret));
	assert_false(regret_in("vm.db", "ple_exits_per_s", &regret));
	assert_false(regret_in("host_threads", "lock_wait.p99", &regret));
}

static char *sweep_summary(const char *second)
{
	static const double first_values[] = {80, 90, 100}, second_values[] = {100, 110, 120};
	struct aggregate aggregates[2] = {with_values(first_values, 3),
					  with_values(second_values, 3)};
	struct sweep_grid grid = {0};
	char axis[64], *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	snprintf(axis, sizeof(axis), "yield.candidate.policy=mainline,%s", second);
	assert_int_equal(sweep_grid_add(&grid, axis, NULL), OVERSUB_OK);
	summary_write_sweep(stream, &grid, aggregates);
	fclose(stream);
	sweep_grid_free(&grid);
	for (int i = 0; i < 2; i++)
		aggregate_free(&aggregates[i]);
	return text;
}

static void a_sweep_over_an_oracle_tells_the_regret_of_the_others(void **state)
{
	char *with = sweep_summary("oracle"), *without = sweep_summary("v3");
	const char *regret = strstr(with, "regret:");

	assert_non_null(regret);
	assert_non_null(strstr(regret, "    0  mainline   db  +18.2% [+14.8, +23.5]"));
	assert_null(strstr(regret, "    1  oracle"));
	assert_null(strstr(without, "regret"));
	free(with);
	free(without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_taken_pair_by_pair),
		cmocka_unit_test(different_seeds_cannot_be_paired),
		cmocka_unit_test(only_the_common_replications_are_paired),
		cmocka_unit_test(a_value_missing_on_one_side_takes_its_pair_out),
		cmocka_unit_test(results_without_a_common_metric_are_refused),
		cmocka_unit_test(a_quantile_that_moves_by_one_bucket_is_not_sure_to_have_moved),
		cmocka_unit_test(all_rows_of_all_others_share_the_risk_of_a_false_alarm),
		cmocka_unit_test(throughput_has_half_of_the_risk_however_many_others_there_are),
		cmocka_unit_test(what_is_the_same_everywhere_is_no_test),
		cmocka_unit_test(regret_is_throughput_lost_and_time_waited_longer),
		cmocka_unit_test(a_sweep_over_an_oracle_tells_the_regret_of_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
