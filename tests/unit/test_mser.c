/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a series has reached its level. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include <gsl/gsl_randist.h>

#include "sim/engine/random.h"
#include "sim/stats/mser.h"

enum { N = 400 };

/* 100 with noise, and a start that is lower by depth and fades with time constant tau. */
static void make_series(double *values, double depth, double tau, double noise, uint64_t seed)
{
	struct sim_stream stream;

	sim_stream_init(&stream, seed, 0, "test", "series");
	for (int i = 0; i < N; i++)
		values[i] = 100 - depth * exp(-i / tau) +
			    gsl_ran_gaussian(sim_stream_rng(&stream), noise);
}

static void a_level_series_loses_little(void **state)
{
	double values[N], lost = 0;

	for (uint64_t seed = 1; seed <= 50; seed++) {
		make_series(values, 0, 1, 5, seed);
		lost += (double)sim_mser(values, N) / 50;
	}
	/* Known of the rule: noise alone costs some values, a small part of them on average. */
	assert_true(lost < N / 10);
}

static void a_slow_start_is_left_out(void **state)
{
	double values[N], found = 0;

	for (uint64_t seed = 1; seed <= 50; seed++) {
		make_series(values, 30, 20, 3, seed);
		found += (double)sim_mser(values, N) / 50;
	}
	/* What is left of the dip after 3 time constants is half of the noise; after 6, nothing. */
	assert_true(found > 2.5 * 20 && found < 6 * 20);
}

static void a_step_is_found_to_the_batch(void **state)
{
	double values[N];

	for (int i = 0; i < N; i++)
		values[i] = i < 100 ? 50 : 100 + i % 2;
	assert_int_equal(sim_mser(values, N), 100);
}

static void what_never_settles_yields_half(void **state)
{
	double values[N];

	for (int i = 0; i < N; i++)
		values[i] = i;
	assert_int_equal(sim_mser(values, N), N / 2);
}

static void a_constant_needs_no_warmup_even_with_jitter(void **state)
{
	double values[N];

	for (int i = 0; i < N; i++)
		values[i] = 7;
	assert_int_equal(sim_mser(values, N), 0);
	/* One part in 100,000, and in the shape of a slow start. */
	make_series(values, 0.001, 50, 0, 1);
	assert_int_equal(sim_mser(values, N), 0);
	for (int i = 0; i < N; i++)
		values[i] = 0;
	assert_int_equal(sim_mser(values, N), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_level_series_loses_little),
		cmocka_unit_test(a_slow_start_is_left_out),
		cmocka_unit_test(a_step_is_found_to_the_batch),
		cmocka_unit_test(what_never_settles_yields_half),
		cmocka_unit_test(a_constant_needs_no_warmup_even_with_jitter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
