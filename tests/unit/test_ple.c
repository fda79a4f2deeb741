/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "models/kvm/ple.h"

static struct ple_config defaults(enum ple_type type)
{
	struct ple_config config;

	oversub_param_defaults(ple_params, &config);
	config.type = type;
	return config;
}

static void the_window_doubles_at_every_exit_until_a_real_switch(void **state)
{
	struct ple_config config = defaults(PLE_INTEL);
	struct ple_limits limits = ple_limits(&config, false);
	uint32_t window = ple_initial_window(&limits);

	assert_int_equal(window, 4096);
	window = ple_window_after_exit(&limits, window);
	assert_int_equal(window, 8192);
	window = ple_window_after_exit(&limits, window);
	assert_int_equal(window, 16384);
	/* A yield after which the yielder was picked again. */
	window = ple_window_after_load(&limits, window, false);
	assert_int_equal(window, 16384);
	window = ple_window_after_load(&limits, window, true);
	assert_int_equal(window, 4096);
}

static void growth_is_computed_wide_and_limited(void **state)
{
	struct ple_config config = defaults(PLE_INTEL);
	struct ple_limits limits = ple_limits(&config, false);

	assert_int_equal(ple_grow(&limits, UINT32_C(0x80000000)), UINT32_MAX);
	config.ple_window_grow = 5000; /* not below the base: added */
	limits = ple_limits(&config, false);
	assert_int_equal(ple_grow(&limits, 4096), 9096);
}

static void a_factor_of_zero_returns_to_the_base_even_above_the_maximum(void **state)
{
	struct ple_config config = defaults(PLE_INTEL);
	struct ple_limits limits;

	config.ple_window_max = 1000;
	limits = ple_limits(&config, false);
	assert_int_equal(ple_initial_window(&limits), 4096);
	assert_int_equal(ple_grow(&limits, 4096), 1000);
	config.ple_window_grow = 0;
	limits = ple_limits(&config, false);
	assert_int_equal(ple_grow(&limits, 4096), 4096);
}

static void a_subtracting_shrink_wraps_and_amd_keeps_sixteen_bits(void **state)
{
	struct ple_config config = defaults(PLE_AMD);
	struct ple_limits limits;

	config.pause_filter_count_shrink = 5000;
	limits = ple_limits(&config, false);
	assert_int_equal(ple_shrink(&limits, 3000), 63536);

	config = defaults(PLE_INTEL);
	config.ple_window_shrink = 5000;
	limits = ple_limits(&config, false);
	assert_int_equal(ple_shrink(&limits, 4096), UINT32_MAX - 903);
}

static void amd_counts_are_bounded(void **state)
{
	struct ple_config config = defaults(PLE_AMD);
	struct ple_limits limits = ple_limits(&config, false);
	uint32_t window = ple_initial_window(&limits);

	assert_int_equal(window, 3000);
	for (int i = 0; i < 10; i++)
		window = ple_window_after_exit(&limits, window);
	assert_int_equal(window, 65535);
}

static void a_window_lasts_its_ticks_rounded_down(void **state)
{
	struct ple_config config = defaults(PLE_INTEL);
	struct ple_limits limits = ple_limits(&config, false);

	assert_int_equal(ple_window_ns(&limits, 4096, 2500000), 1638);
	assert_int_equal(ple_window_ns(&limits, 4096, 3000000), 1365);
	assert_int_equal(ple_window_ns(&limits, UINT32_MAX, 2500000), 1717986918);
	config = defaults(PLE_AMD);
	limits = ple_limits(&config, false);
	assert_int_equal(ple_window_ns(&limits, 3000, 2500000), 66000); /* 3000 x 55 cycles */
}

static void only_amd_exits_from_user_mode(void **state)
{
	struct ple_config config = defaults(PLE_INTEL);
	struct ple_limits intel = ple_limits(&config, false), amd;

	config = defaults(PLE_AMD);
	amd = ple_limits(&config, false);
	assert_true(ple_want_kernel(&intel, 0, false));
	assert_true(ple_want_kernel(&amd, 0, false));
	assert_false(ple_want_kernel(&amd, 3, false));
	assert_false(ple_want_kernel(&amd, 0, true));
}

static void without_a_detector_there_are_no_exits(void **state)
{
	struct ple_config config = defaults(PLE_INTEL);

	assert_true(ple_limits(&config, false).exits);
	assert_false(ple_limits(&config, true).exits);
	config.ple_gap = 0;
	assert_false(ple_limits(&config, false).exits);
	config = defaults(PLE_AMD);
	config.pause_filter_count = 0;
	assert_false(ple_limits(&config, false).exits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_doubles_at_every_exit_until_a_real_switch),
		cmocka_unit_test(growth_is_computed_wide_and_limited),
		cmocka_unit_test(a_factor_of_zero_returns_to_the_base_even_above_the_maximum),
		cmocka_unit_test(a_subtracting_shrink_wraps_and_amd_keeps_sixteen_bits),
		cmocka_unit_test(amd_counts_are_bounded),
		cmocka_unit_test(a_window_lasts_its_ticks_rounded_down),
		cmocka_unit_test(only_amd_exits_from_user_mode),
		cmocka_unit_test(without_a_detector_there_are_no_exits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
