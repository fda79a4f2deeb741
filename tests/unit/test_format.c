/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes in per cent, as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "sim/report/format.h"

static void assert_interval(double mean, double low, double high, const char *expected)
{
	const struct sim_relative change = {10, mean, low, high};
	struct format_buffer buffer;

	assert_string_equal(format_change_interval(&change, &buffer), expected);
}

static void what_is_as_far_on_both_sides_is_one_number(void **state)
{
	assert_interval(0.123, 0.1009, 0.1452, "+-2.2%");
	assert_interval(-0.5, -0.5, -0.5, "+-0.0%");
	assert_interval(5, 3, 7, "+-200%");
}

static void what_is_not_has_both_ends(void **state)
{
	assert_interval(0.122, 0.101, 0.145, "[+10.1, +14.5]");
	assert_interval(-0.978, -0.991, -0.946, "[-99.1, -94.6]");
	assert_interval(3.3, 1.852, 12.345, "[+185, +1234]");
	assert_interval(-0.97, -1, -0.9, "[-100, -90.0]");
}

static void an_end_that_does_not_exist_is_left_open(void **state)
{
	assert_interval(2, -1, INFINITY, "[-100, ...]");
	assert_interval(2, -INFINITY, INFINITY, "[..., ...]");
	assert_interval(NAN, NAN, NAN, "");
	assert_interval(0.5, NAN, NAN, "");
}

static void no_number_is_too_long(void **state)
{
	const struct sim_relative change = {10, 1e300, 1e299, 3e300};
	struct format_buffer buffer;

	assert_true(strlen(format_change_interval(&change, &buffer)) < sizeof(buffer.text));
	assert_true(strlen(format_signed_percent(change.mean, &buffer)) < sizeof(buffer.text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_as_far_on_both_sides_is_one_number),
		cmocka_unit_test(what_is_not_has_both_ends),
		cmocka_unit_test(an_end_that_does_not_exist_is_left_open),
		cmocka_unit_test(no_number_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
