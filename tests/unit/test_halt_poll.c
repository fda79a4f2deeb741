/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "models/kvm/halt_poll.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

static struct halt_poll_config defaults(void)
{
	struct halt_poll_config config;

	oversub_param_defaults(halt_poll_params, &config);
	return config;
}

/* The window after a halt that lasted duration ns. */
static uint32_t halt(const struct halt_poll_config *config, uint32_t window, uint64_t duration)
{
	return halt_poll_end(config, halt_poll_begin(config, window), duration);
}

static void short_halts_grow_the_window_and_long_ones_shrink_it(void **state)
{
	struct halt_poll_config config = defaults();
	uint32_t window = 0;

	window = halt(&config, window, 50 * US);
	assert_int_equal(window, 10000);
	window = halt(&config, window, 50 * US);
	assert_int_equal(window, 20000);
	window = halt(&config, window, 5 * MS);
	assert_int_equal(window, 10000);
	window = halt(&config, window, 5 * MS);
	assert_int_equal(window, 0); /* 5000 is below the start */
}

static void a_halt_within_the_window_keeps_it(void **state)
{
	struct halt_poll_config config = defaults();

	assert_int_equal(halt(&config, 20000, 15 * US), 20000);
	assert_int_equal(halt(&config, 20000, 20 * US), 20000);
}

static void a_long_halt_does_not_start_polling(void **state)
{
	struct halt_poll_config config = defaults();

	assert_int_equal(halt(&config, 0, 5 * MS), 0);
	assert_int_equal(halt(&config, 0, 200 * US), 0); /* exactly the maximum */
}

static void growth_is_clamped_at_the_next_halt_only(void **state)
{
	struct halt_poll_config config = defaults();

	assert_int_equal(halt(&config, 160000, 190 * US), 320000);
	assert_int_equal(halt_poll_begin(&config, 320000), 200000);
}

static void growth_wraps_at_32_bits(void **state)
{
	struct halt_poll_config config = defaults();

	config.halt_poll_ns_grow = UINT32_C(0x80000000);
	assert_int_equal(halt_poll_grow(&config, 20000), 10000); /* wraps to 0, the start wins */
}

static void zero_factors_mean_no_growth_and_full_shrink(void **state)
{
	struct halt_poll_config config = defaults();

	config.halt_poll_ns_grow = 0;
	config.halt_poll_ns_shrink = 0;
	assert_int_equal(halt(&config, 20000, 50 * US), 20000);
	assert_int_equal(halt(&config, 100000, 5 * MS), 0);
}

static void a_maximum_of_zero_ends_polling(void **state)
{
	struct halt_poll_config config = defaults();

	config.halt_poll_ns = 0;
	assert_int_equal(halt_poll_begin(&config, 20000), 0);
	assert_int_equal(halt_poll_end(&config, 20000, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_halts_grow_the_window_and_long_ones_shrink_it),
		cmocka_unit_test(a_halt_within_the_window_keeps_it),
		cmocka_unit_test(a_long_halt_does_not_start_polling),
		cmocka_unit_test(growth_is_clamped_at_the_next_halt_only),
		cmocka_unit_test(growth_wraps_at_32_bits),
		cmocka_unit_test(zero_factors_mean_no_growth_and_full_shrink),
		cmocka_unit_test(a_maximum_of_zero_ends_polling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
