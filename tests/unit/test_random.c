/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/engine/random.h"

static uint64_t first_word(uint64_t seed, uint32_t replication, const char *entity,
			   const char *purpose)
{
	struct sim_stream stream;

	sim_stream_init(&stream, seed, replication, entity, purpose);
	return sim_stream_next(&stream);
}

static void the_generator_is_xoshiro256_plus_plus(void **state)
{
	/* From state 1, 2, 3, 4; the first by hand: rotl(1 + 4, 23) + 1. */
	static const uint64_t expected[] = {41943041, 58720359, 3588806011781223, 3591011842654386};
	struct sim_stream stream;

	sim_stream_init(&stream, 1, 0, "", "");
	for (int i = 0; i < 4; i++)
		stream.state[i] = (uint64_t)i + 1;
	for (int i = 0; i < 4; i++)
		assert_true(sim_stream_next(&stream) == expected[i]);
}

static void the_same_name_gives_the_same_stream(void **state)
{
	struct sim_stream a, b, in_between;

	sim_stream_init(&a, 7, 3, "vm0/vcpu1", "hold");
	sim_stream_init(&in_between, 7, 3, "vm0/vcpu0", "hold");
	sim_stream_next(&in_between);
	sim_stream_init(&b, 7, 3, "vm0/vcpu1", "hold");
	for (int i = 0; i < 100; i++)
		assert_true(sim_stream_next(&a) == sim_stream_next(&b));
}

static void every_part_of_the_name_counts(void **state)
{
	uint64_t base = first_word(7, 3, "vm0", "hold");

	assert_true(base != first_word(8, 3, "vm0", "hold"));
	assert_true(base != first_word(7, 4, "vm0", "hold"));
	assert_true(base != first_word(7, 3, "vm1", "hold"));
	assert_true(base != first_word(7, 3, "vm0", "think"));
	assert_true(base != first_word(3, 7, "vm0", "hold"));
	assert_true(base != first_word(7, 3, "vm0h", "old"));
	assert_true(base != first_word(7, 3, "hold", "vm0"));
	assert_true(first_word(0, 0, "", "") != first_word(0, 0, "", "\1"));
}

static int compare_words(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void neighbouring_names_give_unrelated_streams(void **state)
{
	enum { STREAMS = 20000 };
	uint64_t *words = malloc(STREAMS * sizeof(*words));
	char entity[32];
	double ones = 0;

	for (int i = 0; i < STREAMS; i++) {
		snprintf(entity, sizeof(entity), "vm%d/vcpu%d", i / 100 % 10, i % 100);
		words[i] =
			first_word((uint64_t)(i / 10000), (uint32_t)(i / 1000 % 10), entity, "x");
		if (i)
			ones += __builtin_popcountll(words[i] ^ words[i - 1]);
	}
	/* Half of the bits differ: 32 of 64, with a standard error of 4 / sqrt(20000). */
	assert_true(fabs(ones / (STREAMS - 1) - 32) < 5 * 4 / sqrt(STREAMS));
	qsort(words, STREAMS, sizeof(*words), compare_words);
	for (int i = 1; i < STREAMS; i++)
		assert_true(words[i] != words[i - 1]);
	free(words);
}

static void uniform_numbers_fill_the_unit_interval(void **state)
{
	struct sim_stream stream;
	int counts[10] = {0};

	sim_stream_init(&stream, 1, 0, "test", "uniform");
	for (int i = 0; i < 100000; i++) {
		double u = sim_stream_uniform(&stream);

		assert_true(u >= 0 && u < 1);
		counts[(int)(u * 10)]++;
	}
	for (int i = 0; i < 10; i++)
		assert_true(abs(counts[i] - 10000) < 500); /* five standard errors */
}

static void numbers_below_n_are_equally_likely(void **state)
{
	struct sim_stream stream;
	int counts[7] = {0};

	sim_stream_init(&stream, 1, 0, "test", "below");
	for (int i = 0; i < 70000; i++)
		counts[sim_stream_below(&stream, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_true(abs(counts[i] - 10000) < 500);
	assert_int_equal(sim_stream_below(&stream, 1), 0);
}

static void numbers_below_a_huge_n_have_no_bias(void **state)
{
	/* With n = 3 x 2^62 a plain modulus would make the lowest third twice as likely. */
	const uint64_t third = UINT64_C(1) << 62;
	struct sim_stream stream;
	int counts[3] = {0};

	sim_stream_init(&stream, 1, 0, "test", "below");
	for (int i = 0; i < 30000; i++)
		counts[sim_stream_below(&stream, 3 * third) / third]++;
	for (int i = 0; i < 3; i++)
		assert_true(abs(counts[i] - 10000) < 500);
}

static void gsl_draws_from_the_same_stream(void **state)
{
	struct sim_stream direct, through_gsl;

	sim_stream_init(&direct, 1, 0, "test", "gsl");
	sim_stream_init(&through_gsl, 1, 0, "test", "gsl");
	for (int i = 0; i < 100; i++) {
		assert_true(gsl_rng_get(sim_stream_rng(&through_gsl)) == sim_stream_next(&direct));
		assert_true(gsl_rng_uniform(sim_stream_rng(&through_gsl)) ==
			    sim_stream_uniform(&direct));
	}
}

static void gsl_can_allocate_the_generator_too(void **state)
{
	gsl_rng *a = gsl_rng_alloc(&sim_rng_xoshiro256pp);
	gsl_rng *b;

	gsl_rng_set(a, 42);
	b = gsl_rng_clone(a);
	assert_string_equal(gsl_rng_name(a), "xoshiro256++");
	for (int i = 0; i < 10; i++)
		assert_true(gsl_rng_get(a) == gsl_rng_get(b));
	gsl_rng_free(a);
	gsl_rng_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_generator_is_xoshiro256_plus_plus),
		cmocka_unit_test(the_same_name_gives_the_same_stream),
		cmocka_unit_test(every_part_of_the_name_counts),
		cmocka_unit_test(neighbouring_names_give_unrelated_streams),
		cmocka_unit_test(uniform_numbers_fill_the_unit_interval),
		cmocka_unit_test(numbers_below_n_are_equally_likely),
		cmocka_unit_test(numbers_below_a_huge_n_have_no_bias),
		cmocka_unit_test(gsl_draws_from_the_same_stream),
		cmocka_unit_test(gsl_can_allocate_the_generator_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
