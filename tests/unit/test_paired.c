/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "sim/stats/paired.h"

static void assert_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-6 * (1 + fabs(expected))))
		print_error("%.9g instead of %.9g\n", value, expected);
	assert_true(fabs(value - expected) <= 1e-6 * (1 + fabs(expected)));
}

static struct sim_relative relative_of(const double *base, const double *other, size_t n)
{
	return sim_paired_of(base, other, n, NULL).relative;
}

/* ---- Difference ----------------------------------------------------------------------------- */

static void pairing_removes_what_the_pairs_share(void **state)
{
	const double base[] = {10, 20, 30, 40};
	const double other[] = {11, 22, 31, 42};
	struct sim_paired paired = sim_paired_of(base, other, 4, NULL);

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
	struct sim_paired paired = sim_paired_of(values, values, 3, NULL);

	assert_near(paired.difference.mean, 0);
	assert_near(paired.p, 1);
	assert_near(paired.variance_reduction, 1);
	assert_false(sim_paired_differs(&paired));
}

static void differences_that_are_all_the_same_are_as_sure_as_their_number_makes_them(void **state)
{
	const double base[] = {3, 5, 4, 0.1, 0.2};
	const double other[] = {4, 6, 5, 1.1, 1.2};

	/* One in 2^n that all have this sign, and as many that all have the other. */
	assert_near(sim_paired_of(base, other, 3, NULL).p, 0.25);
	/* 1.1 - 0.1 and 1.2 - 0.2 are 1 up to a rounding. */
	assert_near(sim_paired_of(base, other, 5, NULL).p, 0.0625);
}

static void one_pair_has_no_interval(void **state)
{
	const double base = 3, other = 5;
	struct sim_paired paired = sim_paired_of(&base, &other, 1, NULL);

	assert_near(paired.difference.mean, 2);
	assert_true(isnan(paired.difference.half_width));
	assert_near(paired.relative.mean, 2.0 / 3);
	assert_true(isnan(paired.relative.low));
	assert_true(isnan(paired.relative.high));
	assert_true(isnan(paired.p));
	assert_true(isnan(paired.variance_reduction));
}

static void no_pairs_have_nothing(void **state)
{
	struct sim_paired paired = sim_paired_of(NULL, NULL, 0, NULL);

	assert_int_equal(paired.difference.n, 0);
	assert_int_equal(paired.relative.n, 0);
	assert_true(isnan(paired.difference.mean));
	assert_true(isnan(paired.relative.mean));
	assert_true(isnan(paired.p));
}

/* ---- Relative change ------------------------------------------------------------------------ */

static void a_relative_change_is_fiellers(void **state)
{
	const double base[] = {90, 100, 110}, other[] = {25, 20, 30};
	struct sim_relative relative = relative_of(base, other, 3);

	/*
	 * Means 100 and 25; variances 100 and 25, covariance 25. With q = t(0.975, 2)^2 / 3 =
	 * 6.17094: the roots r of (10000 - 100 q) r^2 - 2 (2500 - 25 q) r + 625 - 25 q = 0.
	 */
	double q = 4.302652729749 * 4.302652729749 / 3;
	double a = 10000 - 100 * q, b = 2500 - 25 * q, c = 625 - 25 * q;

	assert_near(relative.mean, -0.75);
	assert_near(relative.low, (b - sqrt(b * b - a * c)) / a - 1);
	assert_near(relative.high, (b + sqrt(b * b - a * c)) / a - 1);
}

static void values_in_proportion_have_a_change_without_doubt(void **state)
{
	const double base[] = {100, 150, 80, 220}, other[] = {50, 75, 40, 110};
	struct sim_relative relative = relative_of(base, other, 4);

	assert_near(relative.mean, -0.5);
	assert_near(relative.low, -0.5);
	assert_near(relative.high, -0.5);
}

static void what_cannot_be_negative_loses_at_most_all(void **state)
{
	const double base[] = {100, 120, 90, 110}, other[] = {0, 0, 0, 9};
	struct sim_relative relative = relative_of(base, other, 4);

	assert_near(relative.low, -1);
	assert_true(relative.high < -0.9 && relative.high > relative.mean);
}

static void the_interval_excludes_no_change_if_the_test_does(void **state)
{
	const double base[] = {10, 14, 9, 12, 15}, other[] = {11, 17, 9, 14, 19};
	double shifted[5];

	for (int step = 0; step < 60; step++) {
		struct sim_paired paired;

		for (int i = 0; i < 5; i++)
			shifted[i] = other[i] + 0.2 * step - 6;
		paired = sim_paired_of(base, shifted, 5, NULL);
		assert_int_equal(paired.p<0.05, paired.relative.low> 0 || paired.relative.high < 0);
		assert_int_equal(
			paired.p<0.05, fabs(paired.difference.mean)> paired.difference.half_width);
	}
}

static void a_change_of_a_negative_mean_is_over_its_size(void **state)
{
	const double base[] = {-10, -12, -11}, other[] = {-5, -6, -4};
	const double positive[] = {10, 12, 11}, less[] = {5, 6, 4};
	struct sim_relative relative = relative_of(base, other, 3);
	struct sim_relative mirrored = relative_of(positive, less, 3);

	assert_near(relative.mean, 18.0 / 33);
	assert_near(relative.low, -mirrored.high);
	assert_near(relative.high, -mirrored.low);
}

static void a_base_of_nothing_has_no_relative_change(void **state)
{
	const double base[] = {0, 0, 0}, other[] = {5, 6, 4};
	struct sim_paired paired = sim_paired_of(base, other, 3, NULL);

	assert_true(isnan(paired.relative.mean));
	assert_true(isnan(paired.relative.low));
	assert_near(paired.difference.mean, 5);
	assert_true(paired.p < 0.02);
}

static void a_base_that_may_be_nothing_bounds_the_change_from_below_only(void **state)
{
	/* The base's mean of 1 has an interval of -2.2 to 4.2. */
	const double base[] = {0, 0, 0, 4}, other[] = {50, 60, 55, 51}, few[] = {0, 1, 0, 0};
	struct sim_relative relative = relative_of(base, other, 4);

	assert_true(isinf(relative.high));
	assert_true(relative.low > 9 && relative.low < 54);
	relative = relative_of(base, few, 4);
	assert_near(relative.mean, -0.75);
	assert_near(relative.low, -1);
	assert_true(isinf(relative.high));
}

static void a_loss_is_a_change_with_its_sign_turned(void **state)
{
	struct sim_relative loss = sim_relative_negated((struct sim_relative){5, -0.3, -0.5, 0.2});

	assert_int_equal(loss.n, 5);
	assert_near(loss.mean, 0.3);
	assert_near(loss.low, -0.2);
	assert_near(loss.high, 0.5);
	assert_false(signbit(sim_relative_negated((struct sim_relative){2, 0, 0, 0}).mean));
}

/* ---- Resolution ----------------------------------------------------------------------------- */

static void a_difference_is_not_known_better_than_the_values(void **state)
{
	/* Buckets of 16: one less in every replication, or two. */
	const struct sim_resolution resolution = {16, 16};
	const double base[10] = {1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024};
	double one[10], two[10];
	struct sim_paired paired;

	for (int i = 0; i < 10; i++) {
		one[i] = base[i] - 16;
		two[i] = base[i] - 32;
	}
	paired = sim_paired_of(base, one, 10, &resolution);
	assert_near(paired.difference.half_width, 16);
	assert_near(paired.relative.low, 1000.0 / 1032 - 1);
	assert_near(paired.relative.high, 0);
	assert_near(paired.p, 0.05);
	/* Two are more than what rounding can do; to be sure of it is another matter. */
	paired = sim_paired_of(base, two, 10, &resolution);
	assert_true(paired.relative.high < 0);
	assert_true(paired.p > 0.001 && paired.p < 0.01);
}

static void what_varies_more_than_the_resolution_is_as_without(void **state)
{
	const struct sim_resolution resolution = {1, 1};
	const double base[] = {1000, 1100, 900, 1050}, other[] = {1200, 1150, 1010, 1300};
	struct sim_paired exact = sim_paired_of(base, other, 4, NULL);
	struct sim_paired coarse = sim_paired_of(base, other, 4, &resolution);

	assert_near(coarse.p, exact.p);
	assert_near(coarse.difference.half_width, exact.difference.half_width);
	assert_near(coarse.relative.low, exact.relative.low);
	assert_near(coarse.relative.high, exact.relative.high);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairing_removes_what_the_pairs_share),
		cmocka_unit_test(no_difference_is_certain_when_nothing_differs),
		cmocka_unit_test(
			differences_that_are_all_the_same_are_as_sure_as_their_number_makes_them),
		cmocka_unit_test(one_pair_has_no_interval),
		cmocka_unit_test(no_pairs_have_nothing),
		cmocka_unit_test(a_relative_change_is_fiellers),
		cmocka_unit_test(values_in_proportion_have_a_change_without_doubt),
		cmocka_unit_test(what_cannot_be_negative_loses_at_most_all),
		cmocka_unit_test(the_interval_excludes_no_change_if_the_test_does),
		cmocka_unit_test(a_change_of_a_negative_mean_is_over_its_size),
		cmocka_unit_test(a_base_of_nothing_has_no_relative_change),
		cmocka_unit_test(a_base_that_may_be_nothing_bounds_the_change_from_below_only),
		cmocka_unit_test(a_loss_is_a_change_with_its_sign_turned),
		cmocka_unit_test(a_difference_is_not_known_better_than_the_values),
		cmocka_unit_test(what_varies_more_than_the_resolution_is_as_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
