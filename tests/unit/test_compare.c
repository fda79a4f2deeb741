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

#include "sim/output/summary_sweep.h"
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
	assert_float_equal(metric->relative, 0.08, 1e-12);
	assert_float_equal(metric->relative_half_width, 1.299228 / 25, 1e-6);
	/* variances 166.667 and 174, of the difference 0.6667 */
	assert_float_equal(metric->paired.variance_reduction, 1 - 0.666667 / (166.666667 + 174),
			   1e-6);
	assert_true(metric->significant);
	assert_false(comparison.corrected);
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

static void holm_multiplies_the_smallest_most_and_never_decreases(void **state)
{
	static const double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
	static const double expected[] = {0.03, 0.06, NAN, 0.06, 0.02};
	double adjusted[5];

	compare_holm(p, adjusted, 5);
	for (int i = 0; i < 5; i++)
		if (isnan(expected[i]))
			assert_true(isnan(adjusted[i]));
		else
			assert_float_equal(adjusted[i], expected[i], 1e-12);
}

static void holm_copes_with_ties_zero_and_one(void **state)
{
	double p[] = {0, 0.5, 0.5, 1};

	compare_holm(p, p, 4);
	assert_float_equal(p[0], 0, 0);
	assert_float_equal(p[1], 1, 1e-12);
	assert_float_equal(p[2], 1, 1e-12);
	assert_float_equal(p[3], 1, 0);
}

static void several_others_share_the_risk_of_a_false_alarm(void **state)
{
	struct aggregate base = with_values(base_values, 4), other = with_values(other_values, 4);
	struct compare_side a = {"a", "1", &base};
	struct compare_side others[] = {{"b", "1", &other}, {"c", "1", &other}};
	struct comparison comparisons[2];

	assert_int_equal(compare_results(&a, others, 2, comparisons, NULL), OVERSUB_OK);
	for (int i = 0; i < 2; i++) {
		const struct compared_metric *metric = &comparisons[i].metrics[0];

		assert_true(comparisons[i].corrected);
		assert_float_equal(metric->p_holm, 2 * metric->paired.p, 1e-12);
		comparison_free(&comparisons[i]);
	}
	aggregate_free(&base);
	aggregate_free(&other);
}

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
	assert_float_equal(regret.relative, 20 / 110.0, 1e-12);
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
	assert_non_null(strstr(regret, "    0  mainline   db    +18.2% +-0.0%"));
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
		cmocka_unit_test(holm_multiplies_the_smallest_most_and_never_decreases),
		cmocka_unit_test(holm_copes_with_ties_zero_and_one),
		cmocka_unit_test(several_others_share_the_risk_of_a_false_alarm),
		cmocka_unit_test(regret_is_throughput_lost_and_time_waited_longer),
		cmocka_unit_test(a_sweep_over_an_oracle_tells_the_regret_of_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
