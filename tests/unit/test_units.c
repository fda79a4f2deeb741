/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/scenario/units.h"

static void a_duration_is_a_number_and_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{"0ns", 0},
		{"7ns", 7},
		{"40us", 40000},
		{"50ms", 50000000},
		{"2s", 2000000000},
		{"1.5ms", 1500000},
		{"1.5 us", 1500},
		{"0.000000001s", 1},
		{"1.500us", 1500},
		{"2.0ns", 2},
		{"007ms", 7000000},
		{"9223372036854775807ns", INT64_MAX},
		{"9223372036.854775807s", INT64_MAX},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ns = -1;

		assert_true(units_parse_duration(cases[i].text, &ns));
		assert_int_equal(ns, cases[i].ns);
	}
}

static void what_is_not_exactly_a_duration_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"ms",
		"5",
		"-5ms",
		"+5ms",
		"5 m",
		"5MS",
		"5min",
		"5ms ",
		" 5ms",
		".5ms",
		"5.ms",
		"0.5ns",
		"1.0001us",
		"1e3ns",
		"0x5ms",
		"5ms5us",
		"9223372036854775808ns",
		"9223372037s",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ns = -1;

		assert_false(units_parse_duration(cases[i], &ns));
		assert_int_equal(ns, -1);
	}
}

static void a_formatted_duration_is_short_and_reads_back(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{0, "0ns"},
		{1, "1ns"},
		{1500, "1500ns"},
		{40000, "40us"},
		{50000000, "50ms"},
		{2000000000, "2s"},
		{INT64_MAX, "9223372036854775807ns"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[UNITS_TEXT_MAX];
		int64_t ns;

		assert_string_equal(units_format_duration(cases[i].ns, text), cases[i].text);
		assert_true(units_parse_duration(text, &ns));
		assert_int_equal(ns, cases[i].ns);
	}
}

static void a_rate_is_a_number_per_second(void **state)
{
	static const char *const wrong[] = {"",	     "5000", "5000/ms", "/s",	 "-1/s",
					    "1e3/s", "1./s", ".5/s",	"1/s/s", "1/s "};
	double per_s = 7;

	assert_true(units_parse_rate("5000/s", &per_s) && per_s == 5000);
	assert_true(units_parse_rate("0.5 /s", &per_s) && per_s == 0.5);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(units_parse_rate(wrong[i], &per_s));
	assert_true(per_s == 0.5);
}

static void an_integer_is_digits_and_nothing_else(void **state)
{
	static const char *const wrong[] = {
		"", "-", "+1", "1.0", "1 ", " 1", "1e3", "0x1", "9223372036854775808"};
	int64_t value;

	assert_true(units_parse_integer("9223372036854775807", &value));
	assert_int_equal(value, INT64_MAX);
	assert_true(units_parse_integer("-20", &value));
	assert_int_equal(value, -20);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(units_parse_integer(wrong[i], &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_duration_is_a_number_and_a_unit),
		cmocka_unit_test(what_is_not_exactly_a_duration_is_refused),
		cmocka_unit_test(a_formatted_duration_is_short_and_reads_back),
		cmocka_unit_test(a_rate_is_a_number_per_second),
		cmocka_unit_test(an_integer_is_digits_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
