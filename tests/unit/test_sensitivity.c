/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges, designs, and what they say of functions whose answer is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/run/sensitivity.h"
#include "sim/run/sweep.h"

/* ---- Ranges ---------------------------------------------------------------------------------- */

static void assert_values(const char *spec, const char *expected)
{
	struct sweep_grid grid = {0};
	struct oversub_error error = {""};
	char text[512] = "";

	assert_int_equal(sweep_grid_add(&grid, spec, &error), OVERSUB_OK);
	for (size_t i = 0; i < grid.axes[0].nr_values; i++) {
		strcat(text, i ? " " : "");
		strcat(text, grid.axes[0].values[i]);
	}
	assert_string_equal(text, expected);
	sweep_grid_free(&grid);
}

static void values_are_as_a_person_would_write_them(void **state)
{
	assert_values("x=1..16:5", "1 5 8 12 16");
	assert_values("x=1..3:3", "1 2 3");
	assert_values("x=10us..200ms:log9", "10us 34us 120us 410us 1.4ms 4.9ms 17ms 58ms 200ms");
	assert_values("x=1ms..2ms:5", "1ms 1.25ms 1.5ms 1.75ms 2ms");
	assert_values("x=0..10ms:3", "0ns 5ms 10ms");
	assert_values("x=0.5..2:4", "0.5 1 1.5 2");
	assert_values("x=1000/s..9000/s:3", "1000/s 5000/s 9000/s");
	assert_values("x=1..100:log3,500", "1 10 100 500");
	/* Close together: with as many digits as it takes. */
	assert_values("x=8..11:3", "8 10 11");
	assert_values("x=1000us..1001us:3", "1ms 1.0005ms 1.001ms");
	assert_values("x=../y.json,a..b", "../y.json a..b");
}

static void assert_refused(const char *spec, const char *message)
{
	struct sweep_grid grid = {0};
	struct oversub_error error = {""};

	assert_int_equal(sweep_grid_add(&grid, spec, &error), OVERSUB_BAD_INPUT);
	if (!strstr(error.message, message))
		fail_msg("%s: %s", spec, error.message);
	sweep_grid_free(&grid);
}

static void a_wrong_range_is_refused(void **state)
{
	assert_refused("x=1..16", "how many values of 1..16? Write 1..16:5");
	assert_refused("x=16..1:5", "begin with the smaller end");
	assert_refused("x=0..1:log5", "begin above 0");
	assert_refused("x=1..16:1", "number of values from 2");
	assert_refused("x=1..16:many", "number of values from 2");
	assert_refused("x=1..3:5", "is given twice");
}

/* ---- Designs --------------------------------------------------------------------------------- */

static struct sweep_grid make(const char *kind, int nr_factors)
{
	struct sweep_grid grid = {0};
	struct oversub_error error = {""};
	char spec[32];

	assert_int_equal(sweep_design_parse(kind, &grid.design, &error), OVERSUB_OK);
	for (int k = 0; k < nr_factors; k++) {
		snprintf(spec, sizeof(spec), "x%d=0.0..1.0", k);
		assert_int_equal(sweep_grid_add(&grid, spec, &error), OVERSUB_OK);
	}
	assert_int_equal(sweep_grid_close(&grid, &error), OVERSUB_OK);
	return grid;
}

static double x(const struct sweep_grid *grid, size_t row, size_t factor)
{
	return sweep_design_number(&grid->design, row, factor);
}

static void a_latin_hypercube_has_one_value_in_each_part_of_each_range(void **state)
{
	struct sweep_grid grid = make("lhs:50", 3);

	assert_int_equal(grid.nr_points, 50);
	for (size_t k = 0; k < 3; k++) {
		int seen[50] = {0};

		for (size_t i = 0; i < 50; i++)
			seen[(int)(x(&grid, i, k) * 50)]++;
		for (size_t i = 0; i < 50; i++)
			assert_int_equal(seen[i], 1);
	}
	sweep_grid_free(&grid);
}

static void a_list_is_crossed_with_a_design(void **state)
{
	struct sweep_grid grid = {0};
	struct oversub_error error = {""};

	sweep_design_parse("sobol:4", &grid.design, &error);
	assert_int_equal(sweep_grid_add(&grid, "policies=mainline,v3", &error), OVERSUB_OK);
	assert_int_equal(sweep_grid_add(&grid, "a=1..9", &error), OVERSUB_OK);
	assert_int_equal(sweep_grid_add(&grid, "b=1ms..9ms:log", &error), OVERSUB_OK);
	assert_int_equal(sweep_grid_close(&grid, &error), OVERSUB_OK);
	assert_int_equal(grid.nr_points, 2 * 4 * (2 + 2));
	assert_string_equal(grid.axes[1].path, SWEEP_DESIGN_PATH);
	assert_int_equal(sweep_grid_row(&grid, 17), 1);
	sweep_grid_free(&grid);
}

/* The Ishigami function on 0..1, with a = 7 and b = 0.1: what its indices are is known exactly. */
static double ishigami(const struct sweep_grid *grid, size_t row)
{
	double a = M_PI * (2 * x(grid, row, 0) - 1), b = M_PI * (2 * x(grid, row, 1) - 1);
	double c = M_PI * (2 * x(grid, row, 2) - 1);

	return sin(a) + 7 * sin(b) * sin(b) + 0.1 * pow(c, 4) * sin(a);
}

static void sobol_indices_of_the_ishigami_function_are_its(void **state)
{
	static const double first[] = {0.3139, 0.4424, 0}, total[] = {0.5576, 0.4424, 0.2437};
	struct sweep_grid grid = make("sobol:1024", 3);
	double *y = calloc(grid.nr_points, sizeof(*y));
	struct sensitivity found[3];

	for (size_t i = 0; i < grid.nr_points; i++)
		y[i] = ishigami(&grid, i);
	assert_int_equal(sensitivity_estimate(&grid.design, y, found, NULL), OVERSUB_OK);
	for (int k = 0; k < 3; k++) {
		assert_true(fabs(found[k].first.value - first[k]) < 0.03);
		assert_true(fabs(found[k].total.value - total[k]) < 0.03);
		assert_true(found[k].first.low <= first[k] && first[k] <= found[k].first.high);
		assert_true(found[k].total.low <= total[k] && total[k] <= found[k].total.high);
	}
	free(y);
	sweep_grid_free(&grid);
}

static void effects_of_a_plane_are_its_slopes(void **state)
{
	struct sweep_grid grid = make("morris:10", 4);
	double *y = calloc(grid.nr_points, sizeof(*y));
	struct sensitivity found[4];

	assert_int_equal(grid.nr_points, 50);
	for (size_t i = 0; i < grid.nr_points; i++)
		y[i] = 3 * x(&grid, i, 0) - 5 * x(&grid, i, 1) + x(&grid, i, 2) * x(&grid, i, 3);
	assert_int_equal(sensitivity_estimate(&grid.design, y, found, NULL), OVERSUB_OK);
	assert_true(fabs(found[0].first.value - 3) < 1e-3 && found[0].total.value < 1e-3);
	assert_true(fabs(found[1].first.value - 5) < 1e-3 && found[1].total.value < 1e-3);
	/* What depends on another parameter varies. */
	assert_true(found[2].total.value > 0.1);
	free(y);
	sweep_grid_free(&grid);
}

static void a_rank_correlation_sees_any_monotonous_curve(void **state)
{
	struct sweep_grid grid = make("lhs:60", 2);
	double y[60];
	struct sensitivity found[2];

	for (size_t i = 0; i < 60; i++)
		y[i] = -exp(5 * x(&grid, i, 0));
	assert_int_equal(sensitivity_estimate(&grid.design, y, found, NULL), OVERSUB_OK);
	assert_true(fabs(found[0].first.value + 1) < 1e-9);
	assert_true(found[1].first.low < 0 && found[1].first.high > 0);
	assert_true(isnan(found[0].total.value));
	y[7] = NAN;
	assert_int_equal(sensitivity_estimate(&grid.design, y, found, NULL), OVERSUB_BAD_INPUT);
	sweep_grid_free(&grid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_as_a_person_would_write_them),
		cmocka_unit_test(a_wrong_range_is_refused),
		cmocka_unit_test(a_latin_hypercube_has_one_value_in_each_part_of_each_range),
		cmocka_unit_test(a_list_is_crossed_with_a_design),
		cmocka_unit_test(sobol_indices_of_the_ishigami_function_are_its),
		cmocka_unit_test(effects_of_a_plane_are_its_slopes),
		cmocka_unit_test(a_rank_correlation_sees_any_monotonous_curve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
