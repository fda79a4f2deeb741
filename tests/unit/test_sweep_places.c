/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the rows of a sweep's table stand: every row can be told from the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/sweep_places.h"

#define LAG_CREDIT(unit) "{\"policy\":\"lag_credit\",\"credit_unit_ns\":\"" unit "\"}"

/* The titles and the beginnings of all rows in a room, one a line; the caller frees. */
static char *written(const char *const *specs, int room)
{
	struct sweep_places places;
	struct sweep_grid grid = {0};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	for (; *specs; specs++)
		assert_int_equal(sweep_grid_add(&grid, *specs, NULL), OVERSUB_OK);
	assert_true(sweep_places_make(&grid, room, &places));
	sweep_places_write_titles(stream, &places);
	for (size_t i = 0; i < grid.nr_points; i++) {
		fputc('\n', stream);
		sweep_places_write(stream, &places, i, false);
	}
	if (places.own_line)
		sweep_places_write(stream, &places, 0, true);
	fclose(stream);
	sweep_places_free(&places);
	sweep_grid_free(&grid);
	return text;
}

static void assert_written(const char *const *specs, int room, const char *expected)
{
	char *text = written(specs, room);

	assert_string_equal(text, expected);
	free(text);
}

static void objects_are_in_words_as_beside_pictures(void **state)
{
	static const char *const specs[] = {
		"yield.sched={\"policy\":\"mainline\"}," LAG_CREDIT("20us"), "vms.db.count=2",
		NULL};

	assert_written(specs, 45,
		       "point  sched                            count\n"
		       "    0  mainline                         2    \n"
		       "    1  lag_credit, credit_unit_ns 20us  2    ");
}

static void labels_that_differ_at_their_ends_lose_their_middles(void **state)
{
	static const char *const specs[] = {
		"yield.sched={\"policy\":\"mainline\"}," LAG_CREDIT("20us") "," LAG_CREDIT("50us"),
		"vms.db.count=2", NULL};

	assert_written(specs, 34,
		       "point  sched                 count\n"
		       "    0  mainline              2    \n"
		       "    1  lag_credi..t_ns 20us  2    \n"
		       "    2  lag_credi..t_ns 50us  2    ");
}

static void labels_that_differ_in_their_middles_keep_these(void **state)
{
	static const char *const specs[] = {"x={\"beginning\":1,\"a_long_and_equal_end\":100000},"
					    "{\"beginning\":2,\"a_long_and_equal_end\":100000}",
					    NULL};

	assert_written(specs, 27,
		       "point  x                   \n"
		       "    0  beginning 1, ..00000\n"
		       "    1  beginning 2, ..00000");
}

static void what_finds_no_room_has_a_line_of_its_own(void **state)
{
	static const char *const specs[] = {
		"yield.sched=" LAG_CREDIT("20us") "," LAG_CREDIT("50us"), "vms.db.count=2", NULL};

	assert_written(specs, 20,
		       "point\n"
		       "    0  sched lag_credit, credit_unit_ns 20us; count 2\n"
		       "     \n"
		       "    1  sched lag_credit, credit_unit_ns 50us; count 2\n"
		       "          ");
}

static void objects_that_are_alike_in_words_stay_as_they_are(void **state)
{
	static const char *const specs[] = {
		"yield={\"candidate\":{\"policy\":\"none\"}},{\"sched\":{\"policy\":\"none\"}}",
		NULL};

	assert_written(specs, 60,
		       "point  yield                          \n"
		       "    0  {\"candidate\":{\"policy\":\"none\"}}\n"
		       "    1  {\"sched\":{\"policy\":\"none\"}}    ");
}

static void columns_have_names_that_differ(void **state)
{
	static const char *const counts[] = {"vms.db.count=2", "vms.web.count=3", NULL};
	static const char *const policies[] = {"yield.candidate.policy=v3",
					       "yield.sched.policy=mainline", "host.cosched=none",
					       NULL};

	assert_written(counts, 45,
		       "point  db.count  web.count\n"
		       "    0  2         3        ");
	assert_written(policies, 45,
		       "point  candidate  sched     cosched\n"
		       "    0  v3         mainline  none   ");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_in_words_as_beside_pictures),
		cmocka_unit_test(columns_have_names_that_differ),
		cmocka_unit_test(labels_that_differ_at_their_ends_lose_their_middles),
		cmocka_unit_test(labels_that_differ_in_their_middles_keep_these),
		cmocka_unit_test(what_finds_no_room_has_a_line_of_its_own),
		cmocka_unit_test(objects_that_are_alike_in_words_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
