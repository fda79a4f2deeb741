/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "sim/stats/interval.h"

static void assert_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-6 * (1 + fabs(expected))))
		print_error("%.9g instead of %.9g\n", value, expected);
	assert_true(fabs(value - expected) <= 1e-6 * (1 + fabs(expected)));
}

static void five_values_have_the_textbook_interval(void **state)
{
	const double values[] = {1, 2, 3, 4, 5};
	struct sim_interval interval = sim_interval_of(values, 5);

	assert_int_equal(interval.n, 5);
	assert_near(interval.mean, 3);
	assert_near(interval.sd, sqrt(2.5));
	/* Student's t for 4 degrees of freedom and 97.5 %: 2.7764451. */
	assert_near(interval.half_width, 2.7764451052 * sqrt(2.5 / 5));
}

static void one_value_has_no_interval(void **state)
{
	const double value = 42;
	struct sim_interval interval = sim_interval_of(&value, 1);

	assert_near(interval.mean, 42);
	assert_true(isnan(interval.sd));
	assert_true(isnan(interval.half_width));
}

static void no_values_have_no_mean(void **state)
{
	struct sim_interval interval = sim_interval_of(NULL, 0);

	assert_int_equal(interval.n, 0);
	assert_true(isnan(interval.mean));
	assert_true(isnan(interval.half_width));
}

static void equal_values_have_an_interval_of_width_zero(void **state)
{
	const double values[] = {7, 7, 7};

	assert_near(sim_interval_of(values, 3).half_width, 0);
}

static void pairing_removes_what_the_pairs_share(void **state)
{
	const double base[] = {10, 20, 30, 40};
	const double other[] = {11, 22, 31, 42};
	struct sim_paired paired = sim_paired_of(base, other, 4);

	/* Differences 1, 2, 1, 2: mean 1.5, sd sqrt(1/3); t for 3 degrees: 3.1824463. */
	assert_near(paired.difference.mean, 1.5);
	assert_near(paired.difference.sd, sqrt(1.0 / 3));
	assert_near(paired.difference.half_width, 3.1824463053 * sqrt(1.0 / 12));
	/* Variances: base 500/3, other 521/3. */
	assert_near(paired.variance_reduction, 1 - 1.0 / 1021);
	/* t = 5.19615 with 3 degrees of freedom. */
	assert_true(paired.p > 0.0138 && paired.p < 0.0139);
}

static void no_difference_is_certain_when_nothing_differs(void **state)
{
	const double values[] = {3, 5, 4};
	struct sim_paired paired = sim_paired_of(values, values, 3);

	assert_near(paired.difference.mean, 0);
	assert_near(paired.p, 1);
	assert_near(paired.variance_reduction, 1);
}

static void a_constant_difference_is_certain_too(void **state)
{
	const double base[] = {3, 5, 4};
	const double other[] = {4, 6, 5};

	assert_near(sim_paired_of(base, other, 3).p, 0);
}

static void one_pair_has_no_interval(void **state)
{
	const double base = 3, other = 5;
	struct sim_paired paired = sim_paired_of(&base, &other, 1);

	assert_near(paired.difference.mean, 2);
	assert_true(isnan(paired.difference.half_width));
	assert_true(isnan(paired.p));
	assert_true(isnan(paired.variance_reduction));
}

static void jains_index_runs_from_one_nth_to_one(void **state)
{
	const double equal[] = {2, 2, 2, 2};
	const double hog[] = {0, 8, 0, 0};
	const double uneven[] = {1, 3};
	const double nothing[] = {0, 0};

	assert_near(sim_jain_index(equal, 4), 1);
	assert_near(sim_jain_index(hog, 4), 0.25);
	assert_near(sim_jain_index(uneven, 2), 0.8);
	assert_near(sim_jain_index(nothing, 2), 1);
	assert_true(isnan(sim_jain_index(NULL, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_values_have_the_textbook_interval),
		cmocka_unit_test(one_value_has_no_interval),
		cmocka_unit_test(no_values_have_no_mean),
		cmocka_unit_test(equal_values_have_an_interval_of_width_zero),
		cmocka_unit_test(pairing_removes_what_the_pairs_share),
		cmocka_unit_test(no_difference_is_certain_when_nothing_differs),
		cmocka_unit_test(a_constant_difference_is_certain_too),
		cmocka_unit_test(one_pair_has_no_interval),
		cmocka_unit_test(jains_index_runs_from_one_nth_to_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
