/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of replications taken together, against a queue whose quantiles are known. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "sim/engine/random.h"
#include "sim/stats/quantile.h"

/* Service takes 1 ms on average; times in an M/M/1 queue are exponential with this mean. */
#define LOAD	     0.7
#define MEAN_TIME_NS (1e6 / (1 - LOAD))

/* Times in system of n jobs that follow each other, from a queue in its steady state. */
static void run_queue(struct sim_histogram *times, int n, gsl_rng *random)
{
	double wait =
		gsl_rng_uniform(random) < LOAD ? gsl_ran_exponential(random, MEAN_TIME_NS) : 0;

	sim_histogram_reset(times);
	for (int i = 0; i < n; i++) {
		double time = wait + gsl_ran_exponential(random, 1e6);

		sim_histogram_record(times, llrint(time));
		wait = fmax(time - gsl_ran_exponential(random, 1e6 / LOAD), 0);
	}
}

/* Percent of intervals of nr replications of n jobs that hold the true percentile. */
static double coverage(int nr, int n, double percentile)
{
	enum { TRIALS = 400 };
	struct sim_histogram *times = calloc((size_t)nr, sizeof(*times));
	const struct sim_histogram **parts = calloc((size_t)nr, sizeof(*parts));
	double truth = -log(1 - percentile / 100) * MEAN_TIME_NS;
	struct sim_stream stream;
	int held = 0;

	sim_stream_init(&stream, 1, 0, "test", "queue");
	for (int trial = 0; trial < TRIALS; trial++) {
		struct sim_histogram merged;
		struct sim_quantile quantile;

		sim_histogram_reset(&merged);
		for (int r = 0; r < nr; r++) {
			run_queue(&times[r], n, sim_stream_rng(&stream));
			sim_histogram_merge(&merged, &times[r]);
			parts[r] = &times[r];
		}
		quantile = sim_quantile_of(&merged, parts, (size_t)nr, percentile);
		assert_false(isnan(quantile.half_width));
		held += fabs(quantile.value - truth) <= quantile.half_width;
	}
	free(times);
	free(parts);
	print_message("p%g of %d replications of %d jobs: %.1f %%\n", percentile, nr, n,
		      100.0 * held / TRIALS);
	return 100.0 * held / TRIALS;
}

static void assert_nominal(double percent)
{
	assert_true(percent >= 93 && percent <= 97);
}

static void intervals_of_a_queue_hold_what_they_promise(void **state)
{
	assert_nominal(coverage(10, 2000, 50));
	assert_nominal(coverage(10, 2000, 99));
}

static void more_replications_do_not_make_them_worse(void **state)
{
	assert_nominal(coverage(40, 1000, 50));
	assert_nominal(coverage(40, 1000, 99));
}

/* n values from 1 us on, 1 us apart. */
static void fill(struct sim_histogram *histogram, int n)
{
	sim_histogram_reset(histogram);
	for (int i = 1; i <= n; i++)
		sim_histogram_record(histogram, 1000 * i);
}

static void a_quantile_needs_ten_values_beyond_it(void **state)
{
	struct sim_histogram h;

	fill(&h, 186);
	assert_true(isnan(sim_quantile_value(&h, 99.9)));
	assert_true(isnan(sim_quantile_value(&h, 99)));
	assert_true(isnan(sim_quantile_of(&h, NULL, 0, 99).value));
	assert_float_equal(sim_quantile_value(&h, 90), 167400, 2000);
	fill(&h, 9999);
	assert_false(sim_quantile_exists(&h, 99.9));
	fill(&h, 10000);
	assert_true(sim_quantile_exists(&h, 99.9));
	fill(&h, 19);
	assert_false(sim_quantile_exists(&h, 50));
	fill(&h, 20);
	assert_true(sim_quantile_exists(&h, 50));
}

static void replications_together_have_quantiles_that_none_has_alone(void **state)
{
	struct sim_histogram parts[10], merged;
	const struct sim_histogram *pointers[10];

	sim_histogram_reset(&merged);
	for (int i = 0; i < 10; i++) {
		fill(&parts[i], 150);
		sim_histogram_merge(&merged, &parts[i]);
		pointers[i] = &parts[i];
	}
	assert_true(isnan(sim_quantile_value(&parts[0], 99)));
	assert_float_equal(sim_quantile_of(&merged, pointers, 10, 99).value, 148500, 2500);
}

/* All replications agree to the ns, yet no more is known than the bucket. */
static void an_interval_is_never_narrower_than_the_bucket(void **state)
{
	struct sim_histogram parts[3], merged;
	const struct sim_histogram *pointers[3];
	struct sim_quantile quantile;

	sim_histogram_reset(&merged);
	for (int i = 0; i < 3; i++) {
		fill(&parts[i], 1000);
		sim_histogram_merge(&merged, &parts[i]);
		pointers[i] = &parts[i];
	}
	quantile = sim_quantile_of(&merged, pointers, 3, 50);
	assert_true(quantile.half_width == 4096 / 2);
	assert_float_equal(quantile.value, 500500, quantile.half_width);
}

static void one_replication_has_no_interval(void **state)
{
	const struct sim_histogram *pointer;
	struct sim_histogram h;

	fill(&h, 1000);
	pointer = &h;
	assert_true(isnan(sim_quantile_of(&h, &pointer, 1, 50).half_width));
	assert_false(isnan(sim_quantile_of(&h, &pointer, 1, 50).value));
}

/* Two replications, one with all long values: nothing is known of where p99 could end. */
static void an_interval_may_have_no_end(void **state)
{
	const struct sim_histogram *pointers[2];
	struct sim_histogram parts[2], merged;

	fill(&parts[0], 1000);
	sim_histogram_reset(&parts[1]);
	for (int i = 0; i < 1000; i++)
		sim_histogram_record(&parts[1], 5000000 + i * 1000);
	pointers[0] = &parts[0];
	pointers[1] = &parts[1];
	merged = parts[0];
	sim_histogram_merge(&merged, &parts[1]);
	assert_true(isinf(sim_quantile_of(&merged, pointers, 2, 99).half_width));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_of_a_queue_hold_what_they_promise),
		cmocka_unit_test(more_replications_do_not_make_them_worse),
		cmocka_unit_test(a_quantile_needs_ten_values_beyond_it),
		cmocka_unit_test(replications_together_have_quantiles_that_none_has_alone),
		cmocka_unit_test(an_interval_is_never_narrower_than_the_bucket),
		cmocka_unit_test(one_replication_has_no_interval),
		cmocka_unit_test(an_interval_may_have_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
