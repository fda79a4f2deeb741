/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What share of a variance two quantities account for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include <gsl/gsl_randist.h>

#include "sim/engine/random.h"
#include "sim/stats/explained.h"

enum { N = 4000 };

static double y[N], a[N], b[N];

/* y = 2 a - b + noise, whose variance is that of the rest: half of it is explained. */
static void make(double weight_b)
{
	struct sim_stream stream;
	gsl_rng *rng;

	sim_stream_init(&stream, 1, 0, "test", "explained");
	rng = sim_stream_rng(&stream);
	for (int i = 0; i < N; i++) {
		a[i] = gsl_ran_ugaussian(rng);
		b[i] = weight_b * gsl_ran_ugaussian(rng);
		y[i] = 7 + 2 * a[i] - b[i] + gsl_ran_gaussian(rng, sqrt(4 + weight_b * weight_b));
	}
}

static void the_share_is_that_of_the_regression(void **state)
{
	make(1);
	assert_float_equal(sim_explained(y, a, b, N), 0.5, 0.03);
}

static void a_quantity_that_does_not_vary_explains_nothing(void **state)
{
	make(0);
	assert_float_equal(sim_explained(y, a, b, N), 0.5, 0.03);
	assert_float_equal(sim_explained(y, b, a, N), 0.5, 0.03);
	assert_true(sim_explained(y, b, b, N) == 0);
}

static void noise_explains_nothing_once_adjusted(void **state)
{
	double sum = 0;

	make(1);
	/* y against values of other replications: ten at a time, two regressors would seem 2/9. */
	for (int i = 0; i + 30 < N; i += 10)
		sum += sim_explained(&y[i], &a[i + 10], &b[i + 20], 10) / (N / 10.0);
	assert_true(sum < 0.15);
}

static void few_replications_say_nothing(void **state)
{
	make(1);
	assert_true(isnan(sim_explained(y, a, b, SIM_EXPLAINED_MIN - 1)));
	assert_true(isnan(sim_explained(b, a, y, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_share_is_that_of_the_regression),
		cmocka_unit_test(a_quantity_that_does_not_vary_explains_nothing),
		cmocka_unit_test(noise_explains_nothing_once_adjusted),
		cmocka_unit_test(few_replications_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
