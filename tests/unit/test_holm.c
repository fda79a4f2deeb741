/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "sim/stats/holm.h"

static void holm_multiplies_the_smallest_most_and_never_decreases(void **state)
{
	static const double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
	static const double expected[] = {0.03, 0.06, NAN, 0.06, 0.02};
	double adjusted[5];

	assert_true(sim_holm(p, NULL, adjusted, 5));
	for (int i = 0; i < 5; i++)
		if (isnan(expected[i]))
			assert_true(isnan(adjusted[i]));
		else
			assert_float_equal(adjusted[i], expected[i], 1e-12);
}

static void holm_copes_with_ties_zero_and_one(void **state)
{
	double p[] = {0, 0.5, 0.5, 1};

	assert_true(sim_holm(p, NULL, p, 4));
	assert_float_equal(p[0], 0, 0);
	assert_float_equal(p[1], 1, 1e-12);
	assert_float_equal(p[2], 1, 1e-12);
	assert_float_equal(p[3], 1, 0);
}

static void a_heavy_test_takes_more_of_the_risk(void **state)
{
	/* Weights 1/2 and three times 1/6: 2 p for the first, 6 p for the first of the others. */
	static const double p[] = {0.02, 0.012, 0.01, 0.5};
	static const double weights[] = {3, 1, 1, 1};
	double adjusted[4];

	assert_true(sim_holm(p, weights, adjusted, 4));
	/* In order of p / weight: the first, 0.04; the third, 0.01 x 3; the second; the last. */
	assert_float_equal(adjusted[0], 0.04, 1e-12);
	assert_float_equal(adjusted[2], 0.04, 1e-12);
	assert_float_equal(adjusted[1], 0.04, 1e-12);
	assert_float_equal(adjusted[3], 0.5, 1e-12);
}

static void nothing_to_correct_is_no_error(void **state)
{
	double p[] = {NAN};

	assert_true(sim_holm(p, NULL, p, 0));
	assert_true(sim_holm(p, NULL, p, 1));
	assert_true(isnan(p[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holm_multiplies_the_smallest_most_and_never_decreases),
		cmocka_unit_test(holm_copes_with_ties_zero_and_one),
		cmocka_unit_test(a_heavy_test_takes_more_of_the_risk),
		cmocka_unit_test(nothing_to_correct_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
