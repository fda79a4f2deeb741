/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "sim/engine/random.h"
#include "sim/stats/histogram.h"

static const double percentiles[] = {0.1, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100};
enum { PERCENTILES = sizeof(percentiles) / sizeof(percentiles[0]) };

static void it_fits_in_ten_kibibytes(void **state)
{
	assert_true(sizeof(struct sim_histogram) <= 10 * 1024);
}

static void an_empty_histogram_answers_politely(void **state)
{
	struct sim_histogram h;
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;

	sim_histogram_reset(&h);
	assert_int_equal(h.count, 0);
	assert_true(isnan(sim_histogram_mean(&h)));
	assert_int_equal(sim_histogram_percentile(&h, 50), 0);
	assert_false(sim_histogram_next(&h, &bucket));
	assert_false(sim_histogram_next(&h, &bucket));
}

static void small_values_are_exact(void **state)
{
	struct sim_histogram h;

	sim_histogram_reset(&h);
	for (int64_t value = 0; value < 128; value++)
		sim_histogram_record(&h, value);
	assert_int_equal(sim_histogram_percentile(&h, 50), 63);
	assert_int_equal(sim_histogram_percentile(&h, 0), 0);
	assert_int_equal(sim_histogram_percentile(&h, 100), 127);
	assert_true(sim_histogram_mean(&h) == 63.5);
}

static void ranks_are_not_rounded_up_by_floating_point(void **state)
{
	struct sim_histogram h;

	sim_histogram_reset(&h);
	for (int i = 0; i < 999; i++)
		sim_histogram_record(&h, 1);
	sim_histogram_record(&h, 100);
	assert_true(sim_histogram_percentile(&h, 99.9) == 1);
	assert_true(sim_histogram_percentile(&h, 99.91) == 100);
}

static void every_value_lies_in_its_bucket_and_buckets_are_narrow(void **state)
{
	for (int bit = 0; bit < 42; bit++) {
		for (int64_t delta = -1; delta <= 1; delta++) {
			int64_t value = (INT64_C(1) << bit) + delta;
			struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
			struct sim_histogram h;

			sim_histogram_reset(&h);
			sim_histogram_record(&h, value);
			assert_true(sim_histogram_next(&h, &bucket));
			assert_true(bucket.low <= value && value <= bucket.high);
			assert_true((bucket.high - bucket.low) * 64 <= bucket.low || value < 64 ||
				    bucket.high == INT64_MAX);
			assert_false(sim_histogram_next(&h, &bucket));
		}
	}
}

static void values_beyond_the_range_share_the_last_bucket(void **state)
{
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
	struct sim_histogram h;

	sim_histogram_reset(&h);
	sim_histogram_record(&h, INT64_C(1) << 42);
	sim_histogram_record(&h, INT64_C(1) << 50);
	assert_true(sim_histogram_next(&h, &bucket));
	assert_int_equal(bucket.count, 2);
	assert_int_equal(bucket.high, INT64_MAX);
	assert_int_equal(h.max, INT64_C(1) << 50);
	/* Its two values lie where the values of other buckets do: evenly between their ends. */
	assert_true(sim_histogram_percentile(&h, 99) > 0x1.fp49);
	assert_true(sim_histogram_percentile(&h, 100) == 0x1p50);
	assert_true(sim_histogram_mean(&h) == 0x1p41 + 0x1p49);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void percentiles_match_sorted_values_to_a_64th(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		size_t n = (size_t)(1 + seed * seed * 50);
		int64_t *values = malloc(n * sizeof(*values));
		struct sim_histogram h;
		struct sim_stream random;

		print_message("seed %u\n", (unsigned int)seed);
		sim_stream_init(&random, seed, 0, "test", "values");
		sim_histogram_reset(&h);
		for (size_t i = 0; i < n; i++) {
			values[i] = (int64_t)(sim_stream_next(&random) >>
					      (23 + sim_stream_below(&random, 40)));
			sim_histogram_record(&h, values[i]);
		}
		qsort(values, n, sizeof(*values), compare);
		assert_int_equal(h.min, values[0]);
		assert_int_equal(h.max, values[n - 1]);
		for (int i = 0; i < PERCENTILES; i++) {
			size_t rank = (size_t)ceil(percentiles[i] * (double)n / 100 - 1e-9);
			int64_t exact = values[rank ? rank - 1 : 0];
			double found = sim_histogram_percentile(&h, percentiles[i]);

			assert_true(fabs(found - (double)exact) <= (double)exact / 64);
		}
		free(values);
	}
}

/* 100000, 100001 ... 199999: the true percentiles are known, and no bucket's edges. */
static void percentiles_have_no_bias_within_their_bucket(void **state)
{
	struct sim_histogram h;
	double bias = 0, worst = 0;

	sim_histogram_reset(&h);
	for (int64_t value = 100000; value < 200000; value++)
		sim_histogram_record(&h, value);
	for (int p = 1; p < 100; p++) {
		double off = sim_histogram_percentile(&h, p) - (100000 + 1000 * p - 0.5);

		bias += off / 99;
		worst = fmax(worst, fabs(off));
	}
	/* A bucket is 1024 or 2048 wide; its upper edge would be 700 too much on average. */
	assert_true(fabs(bias) < 1);
	assert_true(worst < 1);
}

static void values_below_are_the_inverse_of_percentiles(void **state)
{
	struct sim_histogram h;
	struct sim_stream random;

	sim_stream_init(&random, 1, 0, "test", "values");
	sim_histogram_reset(&h);
	for (int i = 0; i < 5000; i++)
		sim_histogram_record(&h, 1000 + (int64_t)sim_stream_below(&random, 100000));
	for (int p = 1; p < 100; p++)
		assert_float_equal(sim_histogram_below(&h, sim_histogram_percentile(&h, p)), 50 * p,
				   1);
	assert_true(sim_histogram_below(&h, 999) == 0);
	assert_true(sim_histogram_below(&h, 1e6) == 5000);
	/* Where buckets are exact, so is the count. */
	sim_histogram_reset(&h);
	for (int64_t value = 0; value < 128; value++)
		sim_histogram_record(&h, value);
	assert_true(sim_histogram_below(&h, 63) == 64);
	assert_true(sim_histogram_below(&h, 63.9) == 64);
}

static void the_resolution_is_the_width_of_the_bucket(void **state)
{
	for (int64_t value = 1; value < INT64_C(1) << 40; value += 1 + value / 7) {
		struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
		struct sim_histogram h;
		sim_histogram_reset(&h);
		sim_histogram_record(&h, value);
		assert_true(sim_histogram_next(&h, &bucket));
		assert_true(sim_histogram_resolution((double)value) ==
			    (double)(bucket.high - bucket.low + 1));
	}
}

static void a_merge_equals_recording_everything_in_one(void **state)
{
	struct sim_histogram parts[2], whole;
	struct sim_histogram_bucket a = SIM_HISTOGRAM_BEGIN, b = SIM_HISTOGRAM_BEGIN;
	struct sim_stream random;

	sim_stream_init(&random, 1, 0, "test", "values");
	sim_histogram_reset(&parts[0]);
	sim_histogram_reset(&parts[1]);
	sim_histogram_reset(&whole);
	for (int i = 0; i < 5000; i++) {
		int64_t value =
			(int64_t)(sim_stream_next(&random) >> (20 + sim_stream_below(&random, 40)));

		sim_histogram_record(&parts[i % 2], value);
		sim_histogram_record(&whole, value);
	}
	sim_histogram_merge(&parts[0], &parts[1]);
	assert_int_equal(parts[0].count, whole.count);
	assert_int_equal(parts[0].min, whole.min);
	assert_int_equal(parts[0].max, whole.max);
	assert_true(sim_histogram_mean(&parts[0]) == sim_histogram_mean(&whole));
	while (sim_histogram_next(&whole, &a)) {
		assert_true(sim_histogram_next(&parts[0], &b));
		assert_int_equal(a.index, b.index);
		assert_int_equal(a.cumulative, b.cumulative);
	}
	assert_int_equal(a.cumulative, whole.count);
}

static void merging_an_empty_histogram_changes_nothing(void **state)
{
	struct sim_histogram h = {0}, empty = {0}; /* zero bytes are an empty one */

	sim_histogram_record(&h, 5);
	sim_histogram_merge(&h, &empty);
	assert_int_equal(h.min, 5);
	sim_histogram_merge(&empty, &h);
	assert_int_equal(empty.min, 5);
	assert_int_equal(h.max, 5);
	assert_int_equal(h.count, 1);
}

static void a_full_bucket_stays_full(void **state)
{
	struct sim_histogram h;

	sim_histogram_reset(&h);
	sim_histogram_record(&h, 3);
	h.bucket[3] = UINT32_MAX;
	sim_histogram_record(&h, 3);
	assert_int_equal(h.bucket[3], UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_fits_in_ten_kibibytes),
		cmocka_unit_test(an_empty_histogram_answers_politely),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(ranks_are_not_rounded_up_by_floating_point),
		cmocka_unit_test(every_value_lies_in_its_bucket_and_buckets_are_narrow),
		cmocka_unit_test(values_beyond_the_range_share_the_last_bucket),
		cmocka_unit_test(percentiles_match_sorted_values_to_a_64th),
		cmocka_unit_test(percentiles_have_no_bias_within_their_bucket),
		cmocka_unit_test(values_below_are_the_inverse_of_percentiles),
		cmocka_unit_test(the_resolution_is_the_width_of_the_bucket),
		cmocka_unit_test(a_merge_equals_recording_everything_in_one),
		cmocka_unit_test(merging_an_empty_histogram_changes_nothing),
		cmocka_unit_test(a_full_bucket_stays_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
