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
		cmocka_unit_test(jains_index_runs_from_one_nth_to_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
