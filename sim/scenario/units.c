/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/units.h"

static const struct {
	const char *name;
	int digits; /* decimal places of one ns in this unit */
	int64_t ns;
} units[] = {
	{"s", 9, INT64_C(1000000000)},
	{"ms", 6, INT64_C(1000000)},
	{"us", 3, INT64_C(1000)},
	{"ns", 0, INT64_C(1)},
};

enum { NR_UNITS = sizeof(units) / sizeof(units[0]) };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* value * 10 + digit, without going over INT64_MAX. */
static bool append_digit(int64_t *value, char digit)
{
	return !__builtin_mul_overflow(*value, 10, value) &&
	       !__builtin_add_overflow(*value, digit - '0', value);
}

static int find_unit(const char *name)
{
	for (int i = 0; i < NR_UNITS; i++)
		if (!strcmp(name, units[i].name))
			return i;
	return -1;
}

/* Read up to places digits of a fraction; more of them must be zeros. Scales value to the end. */
static bool append_fraction(int64_t *value, const char *fraction, size_t length, int places)
{
	for (size_t i = 0; i < length; i++) {
		if (i >= (size_t)places) {
			if (fraction[i] != '0')
				return false;
		} else if (!append_digit(value, fraction[i])) {
			return false;
		}
	}
	for (int i = (int)length; i < places; i++)
		if (!append_digit(value, '0'))
			return false;
	return true;
}

bool units_parse_duration(const char *text, int64_t *ns)
{
	const char *fraction = "";
	size_t fraction_length = 0;
	int64_t value = 0;
	int unit;

	if (!is_digit(*text))
		return false;
	for (; is_digit(*text); text++)
		if (!append_digit(&value, *text))
			return false;
	if (*text == '.') {
		fraction = ++text;
		while (is_digit(*text))
			text++;
		fraction_length = (size_t)(text - fraction);
		if (!fraction_length)
			return false;
	}
	while (*text == ' ')
		text++;
	unit = find_unit(text);
	if (unit < 0 || !append_fraction(&value, fraction, fraction_length, units[unit].digits))
		return false;
	*ns = value;
	return true;
}

bool units_parse_rate(const char *text, double *per_s)
{
	size_t whole = strspn(text, "0123456789"), length = whole;

	if (text[whole] == '.') {
		size_t digits = strspn(text + whole + 1, "0123456789");

		if (!digits)
			return false;
		length += 1 + digits;
	}
	if (!whole || length > 30 || strcmp(text + length + strspn(text + length, " "), "/s") != 0)
		return false;
	*per_s = strtod(text, NULL);
	return true;
}

bool units_parse_integer(const char *text, int64_t *value)
{
	bool negative = *text == '-';
	int64_t magnitude = 0;

	text += negative;
	if (!is_digit(*text))
		return false;
	for (; is_digit(*text); text++)
		if (!append_digit(&magnitude, *text))
			return false;
	if (*text)
		return false;
	*value = negative ? -magnitude : magnitude;
	return true;
}

const char *units_format_duration(int64_t ns, char *buffer)
{
	int unit = 0;

	while (unit < NR_UNITS - 1 && ns % units[unit].ns)
		unit++;
	if (!ns)
		unit = NR_UNITS - 1;
	snprintf(buffer, UNITS_TEXT_MAX, "%" PRId64 "%s", ns / units[unit].ns, units[unit].name);
	return buffer;
}
