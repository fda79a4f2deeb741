/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays that grow, text put together piece by piece, bitmaps, and names that were mistyped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/base/bitmap.h"
#include "sim/base/suggest.h"
#include "sim/base/text.h"

/* ---- Arrays --------------------------------------------------------------------------------- */

static void an_array_keeps_what_was_added_however_long_it_grows(void **state)
{
	int64_t *numbers = NULL;
	int nr = 0;

	for (int i = 0; i < 1000; i++) {
		int64_t *number = array_add(numbers, nr);

		assert_non_null(number);
		assert_int_equal(*number, 0);
		*number = i * i;
	}
	assert_int_equal(nr, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i * i);
	free(numbers);
}

static void elements_may_be_dropped_at_the_end(void **state)
{
	int *numbers = NULL;
	size_t nr = 0;

	for (int i = 0; i < 20; i++)
		*(int *)array_add(numbers, nr) = 7;
	nr = 8;
	for (int i = 0; i < 20; i++)
		assert_int_equal(*(int *)array_add(numbers, nr), 0);
	assert_int_equal(nr, 28);
	assert_int_equal(numbers[7], 7);
	free(numbers);
}

static void an_array_reaches_an_index_with_zeroes_between(void **state)
{
	int *numbers = NULL;
	int nr = 0;

	assert_true(array_reach(numbers, nr, 3));
	assert_int_equal(nr, 4);
	numbers[3] = 7;
	assert_true(array_reach(numbers, nr, 2));
	assert_int_equal(nr, 4);
	assert_true(array_reach(numbers, nr, 100));
	assert_int_equal(nr, 101);
	assert_int_equal(numbers[3], 7);
	for (int i = 4; i <= 100; i++)
		assert_int_equal(numbers[i], 0);
	free(numbers);
}

static void an_array_larger_than_memory_stays_as_it_was(void **state)
{
	int64_t *numbers = NULL;
	size_t nr = 0;

	assert_non_null(array_add(numbers, nr));
	assert_false(array_reach(numbers, nr, SIZE_MAX / 16));
	assert_int_equal(nr, 1);
	assert_int_equal(numbers[0], 0);
	free(numbers);
}

/* ---- Text ----------------------------------------------------------------------------------- */

static void a_bounded_text_is_cut_at_its_end(void **state)
{
	char buffer[12];
	struct text text = TEXT_IN(buffer);

	assert_string_equal(buffer, "");
	text_add(&text, "%s %d", "vm", 7);
	assert_string_equal(buffer, "vm 7");
	assert_false(text.cut);
	text_add(&text, ": halted");
	assert_string_equal(buffer, "vm 7: halte");
	assert_true(text.cut);
	text_add(&text, "more");
	assert_string_equal(buffer, "vm 7: halte");
	assert_int_equal(text.used, 11);
}

static void a_separator_stands_between_parts_only(void **state)
{
	char buffer[64];
	struct text text = TEXT_IN(buffer);

	for (int i = 0; i < 3; i++)
		text_join(&text, ", ", "%d", i);
	assert_string_equal(buffer, "0, 1, 2");
}

static void a_text_grows_and_is_handed_over(void **state)
{
	struct text text = {0};
	char *taken;

	for (int i = 0; i < 1000; i++)
		text_add(&text, "%03d", i);
	taken = text_take(&text);
	assert_int_equal(strlen(taken), 3000);
	assert_memory_equal(taken + 3 * 456, "456", 3);
	free(taken);
	taken = text_take(&text);
	assert_string_equal(taken, "");
	free(taken);
}

static void a_text_takes_a_whole_stream_and_knows_when_it_is_too_much(void **state)
{
	FILE *stream = tmpfile();
	struct text all = {0}, some = {0};

	assert_non_null(stream);
	for (int i = 0; i < 100000; i++)
		fputc('a' + i % 26, stream);
	rewind(stream);
	text_read(&all, stream, 100000);
	assert_false(all.cut);
	assert_int_equal(all.used, 100000);
	assert_int_equal(strlen(all.at), 100000);
	assert_int_equal(all.at[99999], 'a' + 99999 % 26);
	rewind(stream);
	text_read(&some, stream, 99999);
	assert_int_equal(some.used, 100000);
	fclose(stream);
	free(all.at);
	free(some.at);
}

/* ---- Bitmaps -------------------------------------------------------------------------------- */

static void a_bitmap_finds_its_bits_across_words(void **state)
{
	uint64_t bits[3] = {0}, odd[3];

	memset(odd, 0xaa, sizeof(odd));
	assert_int_equal(bitmap_words(129), 3);
	assert_int_equal(bitmap_first(bits, NULL, 0, 192), -1);
	bitmap_set(bits, 64, true);
	bitmap_set(bits, 131, true);
	assert_true(bitmap_test(bits, 64));
	assert_false(bitmap_test(bits, 63));
	assert_int_equal(bitmap_first(bits, NULL, 0, 192), 64);
	assert_int_equal(bitmap_first(bits, odd, 0, 192), 131);
	assert_int_equal(bitmap_first(bits, NULL, 65, 131), -1);
	assert_int_equal(bitmap_next(bits, 65, 192), 131);
	assert_int_equal(bitmap_next(bits, 132, 192), 192);
	assert_int_equal(bitmap_weight(bits, 64, 132), 2);
	assert_int_equal(bitmap_weight(bits, 64, 131), 1);
	assert_int_equal(bitmap_weight(NULL, 5, 131), 126);
	bitmap_set(bits, 64, false);
	assert_int_equal(bitmap_first(bits, NULL, 0, 192), 131);
}

/* ---- Suggestions ---------------------------------------------------------------------------- */

static const char *meant_by(const char *wrong)
{
	static const char *const names[] = {"compare", "check", "explain", "list-metrics", "run"};
	struct suggestion suggestion = {.wrong = wrong};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		suggest(&suggestion, names[i]);
	return suggestion.nearest;
}

static void the_nearest_name_is_suggested(void **state)
{
	assert_string_equal(meant_by("comapre"), "compare");
	assert_string_equal(meant_by("chekc"), "check");
	assert_string_equal(meant_by("rum"), "run");
}

static void the_beginning_of_a_name_is_near_it(void **state)
{
	assert_string_equal(meant_by("li"), "list-metrics");
	assert_string_equal(meant_by("expl"), "explain");
}

static void nothing_is_suggested_for_what_is_far_from_all(void **state)
{
	assert_null(meant_by("frobnicate"));
	assert_null(meant_by(""));
	assert_null(meant_by("a name that is much longer than any that a person would ever give to "
			     "anything"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_keeps_what_was_added_however_long_it_grows),
		cmocka_unit_test(elements_may_be_dropped_at_the_end),
		cmocka_unit_test(an_array_reaches_an_index_with_zeroes_between),
		cmocka_unit_test(an_array_larger_than_memory_stays_as_it_was),
		cmocka_unit_test(a_bounded_text_is_cut_at_its_end),
		cmocka_unit_test(a_separator_stands_between_parts_only),
		cmocka_unit_test(a_text_grows_and_is_handed_over),
		cmocka_unit_test(a_text_takes_a_whole_stream_and_knows_when_it_is_too_much),
		cmocka_unit_test(a_bitmap_finds_its_bits_across_words),
		cmocka_unit_test(the_nearest_name_is_suggested),
		cmocka_unit_test(the_beginning_of_a_name_is_near_it),
		cmocka_unit_test(nothing_is_suggested_for_what_is_far_from_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
