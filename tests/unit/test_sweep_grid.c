/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid that several --vary span. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/run/sweep.h"

static void two_axes_span_their_product_and_the_last_varies_fastest(void **state)
{
	static const char *const expected[][2] = {{"v3", "1ms"},       {"v3", "5ms"},
						  {"v3", "50ms"},      {"mainline", "1ms"},
						  {"mainline", "5ms"}, {"mainline", "50ms"}};
	struct sweep_grid grid = {0};

	assert_int_equal(sweep_grid_add(&grid, "yield.candidate.policy=v3,mainline", NULL), 0);
	assert_int_equal(sweep_grid_add(&grid, "ipi_window_ns=1ms,5ms,50ms", NULL), 0);
	assert_int_equal(grid.nr_points, 6);
	for (size_t point = 0; point < 6; point++) {
		assert_string_equal(sweep_grid_value(&grid, point, 0), expected[point][0]);
		assert_string_equal(sweep_grid_value(&grid, point, 1), expected[point][1]);
	}
	sweep_grid_free(&grid);
}

static void along_an_axis_all_points_have_the_same_first_one(void **state)
{
	struct sweep_grid grid = {0};

	assert_int_equal(sweep_grid_add(&grid, "a=1,2", NULL), 0);
	assert_int_equal(sweep_grid_add(&grid, "b=1,2,3", NULL), 0);
	for (size_t i = 0; i < grid.nr_points; i++) {
		assert_int_equal(sweep_grid_first(&grid, i, 0), i % 3);
		assert_int_equal(sweep_grid_first(&grid, i, 1), i / 3 * 3);
	}
	sweep_grid_free(&grid);
}

static void a_label_names_the_last_parts_of_the_paths(void **state)
{
	struct sweep_grid grid = {0};
	char *label;

	assert_int_equal(sweep_grid_add(&grid, "yield.candidate.policy=v3,mainline", NULL), 0);
	assert_int_equal(sweep_grid_add(&grid, "vms.db.count=3", NULL), 0);
	label = sweep_grid_label(&grid, 1);
	assert_string_equal(label, "policy=mainline count=3");
	free(label);
	sweep_grid_free(&grid);
}

static void a_label_says_objects_in_words(void **state)
{
	struct sweep_grid grid = {0};
	char *label;

	assert_int_equal(sweep_grid_add(&grid,
					"sched={\"policy\":\"lag_credit\",\"credit_unit_ns\":"
					"\"20us\"},{\"on\":false}",
					NULL),
			 0);
	assert_int_equal(sweep_grid_add(&grid, "vms.db.pin={\"pool\":[\"0-70\",80]}", NULL), 0);
	label = sweep_grid_label(&grid, 0);
	assert_string_equal(label, "sched=lag_credit, credit_unit_ns 20us pin=pool 0-70,80");
	free(label);
	label = sweep_grid_label(&grid, 1);
	assert_string_equal(label, "sched=on off pin=pool 0-70,80");
	free(label);
	sweep_grid_free(&grid);
}

static void commas_inside_json_do_not_separate(void **state)
{
	struct sweep_grid grid = {0};

	assert_int_equal(
		sweep_grid_add(&grid, "a.b=[1,2],{\"c\":[3,4],\"d\":5}, \"x,\\\"y\" ,7", NULL), 0);
	assert_int_equal(grid.nr_points, 4);
	assert_string_equal(sweep_grid_value(&grid, 0, 0), "[1,2]");
	assert_string_equal(sweep_grid_value(&grid, 1, 0), "{\"c\":[3,4],\"d\":5}");
	assert_string_equal(sweep_grid_value(&grid, 2, 0), "\"x,\\\"y\"");
	assert_string_equal(sweep_grid_value(&grid, 3, 0), "7");
	sweep_grid_free(&grid);
}

static void refused(const char *spec, const char *because)
{
	struct sweep_grid grid = {0};
	struct oversub_error error;

	assert_int_equal(sweep_grid_add(&grid, "taken=1", NULL), 0);
	assert_int_equal(sweep_grid_add(&grid, spec, &error), OVERSUB_BAD_INPUT);
	if (!strstr(error.message, because))
		fail_msg("%s: %s", spec, error.message);
	assert_int_equal(grid.nr_axes, 1);
	sweep_grid_free(&grid);
}

static void what_cannot_be_meant_is_refused(void **state)
{
	refused("ipi_window_ns", "write PATH=");
	refused("=1ms", "write PATH=");
	refused("a=", "value number 1 is empty");
	refused("a=1,,2", "value number 2 is empty");
	refused("a=1,2,", "value number 3 is empty");
	refused("a=1,2,1", "given twice");
	refused("a=[1,2", "do not match");
	refused("a=1],2", "do not match");
	refused("a=\"x", "do not match");
	refused("taken=2", "given twice");
}

static void an_absurd_number_of_points_is_refused(void **state)
{
	static const char values[] = "=0,1,2,3,4,5,6,7,8,9";
	struct sweep_grid grid = {0};
	struct oversub_error error;
	char spec[64];

	for (int axis = 0; axis < 5; axis++) {
		spec[0] = (char)('a' + axis);
		strcpy(spec + 1, values);
		assert_int_equal(sweep_grid_add(&grid, spec, NULL), 0);
	}
	assert_int_equal(grid.nr_points, 100000);
	assert_int_equal(sweep_grid_add(&grid, "z=1,2", &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "more than 100000 points"));
	sweep_grid_free(&grid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_axes_span_their_product_and_the_last_varies_fastest),
		cmocka_unit_test(along_an_axis_all_points_have_the_same_first_one),
		cmocka_unit_test(a_label_names_the_last_parts_of_the_paths),
		cmocka_unit_test(a_label_says_objects_in_words),
		cmocka_unit_test(commas_inside_json_do_not_separate),
		cmocka_unit_test(what_cannot_be_meant_is_refused),
		cmocka_unit_test(an_absurd_number_of_points_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
