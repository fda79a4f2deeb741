/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on lines of limited width. */
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
	wrap_table(stream, text, width);
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

/* What pieces write, each behind ", ". */
static char *fill(struct wrap wrap, const char *const *pieces)
{
	char *result = NULL;
	size_t size;

	wrap.stream = open_memstream(&result, &size);
	assert_non_null(wrap.stream);
	for (int i = 0; pieces[i]; i++)
		wrap_piece(&wrap, i ? ", " : "", "%s", pieces[i]);
	wrap_end(&wrap);
	fclose(wrap.stream);
	return result;
}

static void a_piece_is_never_broken_and_leaves_its_separator_behind(void **state)
{
	const char *const pieces[] = {"one two", "three four", "five", NULL};
	char *text = fill((struct wrap){.width = 20, .indent = 2}, pieces);

	assert_string_equal(text, "one two, three four,\n  five\n");
	free(text);
}

static void a_line_ends_at_a_hundred_columns_unless_told(void **state)
{
	const char *const pieces[] = {
		"0123456789012345678901234567890123456789012345678",
		"0123456789012345678901234567890123456789012345678",
		"x",
		NULL,
	};
	char *text = fill((struct wrap){.width = 0}, pieces);

	assert_int_equal(strcspn(text, "\n"), 101);
	assert_string_equal(text + 101, "\nx\n");
	free(text);
}

static void words_keep_the_blanks_between_them(void **state)
{
	char *result = NULL;
	size_t size;
	struct wrap wrap = {.stream = open_memstream(&result, &size), .width = 12, .indent = 4};

	assert_non_null(wrap.stream);
	wrap_words(&wrap, "one  two three\nfour");
	wrap_end(&wrap);
	fclose(wrap.stream);
	assert_string_equal(result, "one  two\n    three\n");
	free(result);
}

static void a_pipe_is_no_terminal(void **state)
{
	FILE *stream = tmpfile();

	assert_non_null(stream);
	assert_int_equal(wrap_terminal_width(stream), 0);
	fclose(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_fit_stay_as_they_are),
		cmocka_unit_test(a_long_last_column_goes_on_below_itself),
		cmocka_unit_test(a_last_column_without_room_has_lines_of_its_own),
		cmocka_unit_test(a_word_is_never_broken),
		cmocka_unit_test(a_piece_is_never_broken_and_leaves_its_separator_behind),
		cmocka_unit_test(a_line_ends_at_a_hundred_columns_unless_told),
		cmocka_unit_test(words_keep_the_blanks_between_them),
		cmocka_unit_test(a_pipe_is_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
