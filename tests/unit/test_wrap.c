/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables on narrow terminals. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/wrap.h"

static void wraps(const char *text, int width, const char *expected)
{
	char *result = NULL;
	size_t size;
	FILE *stream = open_memstream(&result, &size);

	assert_non_null(stream);
	wrap_write(stream, text, width);
	fclose(stream);
	assert_string_equal(result, expected);
	free(result);
}

static void lines_that_fit_stay_as_they_are(void **state)
{
	wraps("a  b\n\n  c\n", 4, "a  b\n\n  c\n");
	wraps("", 10, "");
}

static void a_long_last_column_goes_on_below_itself(void **state)
{
	wraps("  name  one two three four\n", 16, "  name  one two\n        three\n        four\n");
}

static void a_last_column_without_room_has_lines_of_its_own(void **state)
{
	wraps("  a long name      one two three four\n", 20,
	      "  a long name\n      one two three\n      four\n");
}

static void a_word_is_never_broken(void **state)
{
	wraps("abcdefghijkl\n", 5, "abcdefghijkl\n");
	wraps("ab cdefghijkl mn\n", 5, "ab\ncdefghijkl\nmn\n");
}

static void a_pipe_is_no_terminal(void **state)
{
	FILE *stream = tmpfile();

	assert_non_null(stream);
	assert_int_equal(wrap_width(stream), 0);
	fclose(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_fit_stay_as_they_are),
		cmocka_unit_test(a_long_last_column_goes_on_below_itself),
		cmocka_unit_test(a_last_column_without_room_has_lines_of_its_own),
		cmocka_unit_test(a_word_is_never_broken),
		cmocka_unit_test(a_pipe_is_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
