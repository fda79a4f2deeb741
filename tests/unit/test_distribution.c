/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "sim/engine/distribution.h"

enum { DRAWS = 200000 };

struct moments {
	double mean, error; /* of the mean */
	int64_t min, max;
};

static struct moments draw(const struct sim_distribution *distribution)
{
	struct moments moments = {.min = INT64_MAX};
	struct sim_stream stream;
	double sum = 0, squares = 0;

	sim_stream_init(&stream, 1, 0, "test", "variate");
	for (int i = 0; i < DRAWS; i++) {
		int64_t x = sim_variate_ns(distribution, &stream);

		sum += (double)x;
		squares += (double)x * (double)x;
		moments.min = x < moments.min ? x : moments.min;
		moments.max = x > moments.max ? x : moments.max;
	}
	moments.mean = sum / DRAWS;
	moments.error = sqrt((squares / DRAWS - moments.mean * moments.mean) / DRAWS);
	return moments;
}

static void assert_mean(const struct sim_distribution *distribution, double theory)
{
	struct moments moments = draw(distribution);

	assert_true(fabs(sim_distribution_mean(distribution) - theory) <= 1e-9 * theory);
	assert_true(fabs(moments.mean - theory) <= 4.5 * moments.error);
	assert_true(moments.min >= 0);
}

static void zero_bytes_are_the_constant_zero(void **state)
{
	struct sim_distribution zero;

	memset(&zero, 0, sizeof(zero));
	assert_mean(&zero, 0);
}

static void a_constant_is_exact_beyond_the_precision_of_a_double(void **state)
{
	struct sim_distribution constant = {.kind = SIM_CONSTANT,
					    .mean_ns = (INT64_C(1) << 55) + 1};
	struct sim_stream stream;

	sim_stream_init(&stream, 1, 0, "test", "variate");
	assert_int_equal(sim_variate_ns(&constant, &stream), (INT64_C(1) << 55) + 1);
}

static void exponentials_have_their_mean(void **state)
{
	struct sim_distribution d = {.kind = SIM_EXPONENTIAL, .mean_ns = 40000};

	assert_mean(&d, 40000);
}

/* Rounding to the nearest would cost 4, 1 and 0.5 % of the mean of 1, 2 and 3 ns. */
static void exponentials_of_a_few_ns_keep_their_mean(void **state)
{
	for (int64_t mean = 1; mean <= 5; mean++) {
		struct sim_distribution d = {.kind = SIM_EXPONENTIAL, .mean_ns = mean};

		assert_mean(&d, (double)mean);
	}
}

/* Each of them would be off by tens of standard errors. */
static void other_short_variates_keep_their_mean_too(void **state)
{
	struct sim_distribution gamma = {.kind = SIM_GAMMA, .mean_ns = 1, .shape = 0.5};
	struct sim_distribution lognormal = {.kind = SIM_LOGNORMAL, .median_ns = 1, .sigma = 0.3};
	struct sim_distribution pareto = {.kind = SIM_PARETO, .min_ns = 1, .shape = 4};

	assert_mean(&gamma, 1);
	assert_mean(&lognormal, exp(0.3 * 0.3 / 2));
	assert_mean(&pareto, 4.0 / 3);
}

/* And takes exactly one draw. */
static void rounding_moves_a_variate_by_less_than_one(void **state)
{
	struct sim_distribution d = {.kind = SIM_EXPONENTIAL, .mean_ns = 3};
	struct sim_stream ours, theirs;

	sim_stream_init(&ours, 1, 0, "test", "variate");
	sim_stream_init(&theirs, 1, 0, "test", "variate");
	for (int i = 0; i < 1000; i++) {
		int64_t rounded = sim_variate_ns(&d, &ours);
		double exact = gsl_ran_exponential(sim_stream_rng(&theirs), 3);

		sim_stream_next(&theirs); /* the draw that rounds */
		assert_true(fabs((double)rounded - exact) < 1);
	}
}

static void uniforms_stay_within_their_ends(void **state)
{
	struct sim_distribution d = {.kind = SIM_UNIFORM, .min_ns = 100, .max_ns = 300};
	struct moments moments = draw(&d);

	assert_mean(&d, 200);
	assert_int_equal(moments.min, 100);
	assert_int_equal(moments.max, 300);
}

static void gammas_have_their_mean_whatever_the_shape(void **state)
{
	struct sim_distribution d = {.kind = SIM_GAMMA, .mean_ns = 50000};
	static const double shapes[] = {0.5, 1, 4, 100};

	for (int i = 0; i < 4; i++) {
		d.shape = shapes[i];
		assert_mean(&d, 50000);
		/* The variance is mean^2 / shape. */
		assert_true(fabs(draw(&d).error * sqrt(DRAWS) / (50000 / sqrt(shapes[i])) - 1) <
			    0.05);
	}
}

static void a_lognormal_is_cut_at_fifty_medians(void **state)
{
	struct sim_distribution d = {.kind = SIM_LOGNORMAL, .median_ns = 40000, .sigma = 1.5};

	assert_int_equal(draw(&d).max, 50 * 40000);
	/* exp(mu + sigma^2 / 2) x 0.8664 + 50 medians x 0.00456, from tables of the normal. */
	assert_true(fabs(sim_distribution_mean(&d) / 40000 - 2.896) < 0.003);
	assert_mean(&d, sim_distribution_mean(&d));
}

static void a_lognormal_without_spread_is_its_median(void **state)
{
	struct sim_distribution d = {.kind = SIM_LOGNORMAL, .median_ns = 777};

	assert_mean(&d, 777);
}

static void a_lognormal_may_be_cut_elsewhere(void **state)
{
	struct sim_distribution d = {
		.kind = SIM_LOGNORMAL, .median_ns = 1000, .sigma = 1, .max_ns = 2000};

	assert_int_equal(draw(&d).max, 2000);
	assert_mean(&d, sim_distribution_mean(&d));
}

static void a_pareto_without_end_has_the_textbook_mean(void **state)
{
	struct sim_distribution d = {.kind = SIM_PARETO, .min_ns = 1000, .shape = 3};

	assert_mean(&d, 1500);
	d.shape = 1;
	assert_true(isinf(sim_distribution_mean(&d)));
}

static void a_pareto_is_cut_at_max(void **state)
{
	struct sim_distribution d = {
		.kind = SIM_PARETO, .min_ns = 1000, .shape = 1, .max_ns = 100000};

	assert_mean(&d, 1000 * (1 + log(100)));
	d.shape = 0.5;
	assert_mean(&d, 1000 * (1 + (sqrt(100) - 1) / 0.5));
	assert_int_equal(draw(&d).max, 100000);
	assert_int_equal(draw(&d).min, 1000);
}

static void no_variate_overflows(void **state)
{
	struct sim_distribution d = {.kind = SIM_PARETO, .min_ns = 1000000, .shape = 0.01};

	assert_int_equal(draw(&d).max, SIM_VARIATE_MAX_NS);
}

static void a_bimodal_is_long_with_its_probability(void **state)
{
	struct sim_distribution d = {
		.kind = SIM_BIMODAL, .short_ns = 10, .long_ns = 1010, .long_probability = 0.2};

	assert_mean(&d, 210);
	d.long_probability = 0;
	assert_int_equal(draw(&d).max, 10);
	d.long_probability = 1;
	assert_int_equal(draw(&d).min, 1010);
}

static void every_kind_has_a_table_within_the_struct(void **state)
{
	for (int kind = 0; kind < SIM_DISTRIBUTION_KINDS; kind++) {
		const struct sim_distribution_type *type = &sim_distribution_types[kind];
		struct sim_distribution d = {.kind = (enum sim_distribution_kind)kind};

		assert_non_null(type->name);
		assert_non_null(type->help);
		for (const struct oversub_param *p = type->params; p->name; p++)
			assert_true(p->offset + sizeof(int64_t) <= sizeof(d));
		oversub_param_defaults(type->params, &d);
		assert_int_equal(d.kind, kind);
		assert_true(draw(&d).min >= 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_bytes_are_the_constant_zero),
		cmocka_unit_test(a_constant_is_exact_beyond_the_precision_of_a_double),
		cmocka_unit_test(exponentials_have_their_mean),
		cmocka_unit_test(exponentials_of_a_few_ns_keep_their_mean),
		cmocka_unit_test(other_short_variates_keep_their_mean_too),
		cmocka_unit_test(rounding_moves_a_variate_by_less_than_one),
		cmocka_unit_test(uniforms_stay_within_their_ends),
		cmocka_unit_test(gammas_have_their_mean_whatever_the_shape),
		cmocka_unit_test(a_lognormal_is_cut_at_fifty_medians),
		cmocka_unit_test(a_lognormal_without_spread_is_its_median),
		cmocka_unit_test(a_lognormal_may_be_cut_elsewhere),
		cmocka_unit_test(a_pareto_without_end_has_the_textbook_mean),
		cmocka_unit_test(a_pareto_is_cut_at_max),
		cmocka_unit_test(no_variate_overflows),
		cmocka_unit_test(a_bimodal_is_long_with_its_probability),
		cmocka_unit_test(every_kind_has_a_table_within_the_struct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
