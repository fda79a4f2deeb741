/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/run/sweep_range.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/units.h"

enum { MAX_VALUES = 100000 };

/* One end, length bytes at text, as a number of what *quantity becomes. */
static bool parse_end(const char *text, size_t length, enum sweep_quantity *quantity, double *value)
{
	char copy[SWEEP_VALUE_MAX], *end;
	int64_t integer;

	if (!length || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (units_parse_duration(copy, &integer)) {
		*quantity = SWEEP_DURATION;
		*value = (double)integer;
		return true;
	}
	if (units_parse_rate(copy, value)) {
		*quantity = SWEEP_RATE;
		return true;
	}
	if (units_parse_integer(copy, &integer)) {
		*quantity = SWEEP_INTEGER;
		*value = (double)integer;
		return true;
	}
	*quantity = SWEEP_REAL;
	*value = strtod(copy, &end);
	return !*end && isfinite(*value) && strchr("+-.0123456789", copy[0]);
}

/* The two ends; *rest becomes what stands behind them. */
static bool parse_ends(const char *text, struct sweep_range *range, const char **rest)
{
	const char *dots = strstr(text, ".."), *second;
	enum sweep_quantity quantity;
	size_t length;

	if (!dots)
		return false;
	second = dots + 2;
	length = strcspn(second, ":");
	*rest = second + length;
	if (!parse_end(text, (size_t)(dots - text), &range->quantity, &range->low) ||
	    !parse_end(second, length, &quantity, &range->high))
		return false;
	/* 1..2.5 and 0..10ms: what is a number without a unit takes the other's. */
	if (range->quantity == SWEEP_INTEGER && (quantity == SWEEP_REAL || range->low == 0))
		range->quantity = quantity;
	else if (range->quantity == SWEEP_REAL && quantity == SWEEP_INTEGER)
		quantity = SWEEP_REAL;
	return range->quantity == quantity;
}

bool sweep_range_is(const char *text)
{
	struct sweep_range range;
	const char *rest;

	return parse_ends(text, &range, &rest);
}

enum oversub_status sweep_range_parse(const char *text, const char *path, struct sweep_range *range,
				      struct oversub_error *error)
{
	const char *rest;
	char *end;

	*range = (struct sweep_range){0};
	if (!parse_ends(text, range, &rest))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--vary %s: %.200s is no range: write LOW..HIGH:N, as in "
				    "1..16:5, or LOW..HIGH:logN",
				    path, text);
	if (!(range->low < range->high))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--vary %s: the range %.200s should begin with the smaller end",
				    path, text);
	if (*rest == ':' && !strncmp(++rest, "log", 3)) {
		range->log = true;
		rest += 3;
	}
	if (range->log && range->low <= 0)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--vary %s: the range %.200s should begin above 0, as its "
				    "values have equal factors between them",
				    path, text);
	if (*rest) {
		range->nr =
			strspn(rest, "0123456789") == strlen(rest) ? strtoull(rest, &end, 10) : 0;
		if (range->nr < 2 || range->nr > MAX_VALUES)
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "--vary %s: %.200s should end with a number of values "
					    "from 2 to %d",
					    path, text, MAX_VALUES);
	}
	return OVERSUB_OK;
}

/* value with so many significant digits. */
static double rounded(double value, int digits)
{
	char text[SWEEP_VALUE_MAX];

	snprintf(text, sizeof(text), "%.*e", digits - 1, value);
	return strtod(text, NULL);
}

/* In the largest unit in which it has no more digits than it needs: 35us, 1.5ms. */
static void write_duration(double ns, char buffer[SWEEP_VALUE_MAX])
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
	size_t unit = 0;

	while (unit < 3 && ns < units[unit].ns)
		unit++;
	if (ns == 0)
		unit = 3;
	/* A duration is a whole number of ns; nothing below one is written. */
	snprintf(buffer, SWEEP_VALUE_MAX, "%.15g%s", nearbyint(ns) / units[unit].ns,
		 units[unit].name);
}

const char *sweep_range_value(const struct sweep_range *range, double fraction, int digits,
			      char buffer[SWEEP_VALUE_MAX])
{
	double value = range->log ? range->low * pow(range->high / range->low, fraction)
				  : range->low + (range->high - range->low) * fraction;

	if (fraction <= 0)
		value = range->low;
	else if (fraction >= 1)
		value = range->high;
	else
		value = fmin(fmax(rounded(value, digits), range->low), range->high);
	switch (range->quantity) {
	case SWEEP_DURATION: write_duration(value, buffer); break;
	case SWEEP_RATE: snprintf(buffer, SWEEP_VALUE_MAX, "%.15g/s", value); break;
	case SWEEP_INTEGER: snprintf(buffer, SWEEP_VALUE_MAX, "%.0f", value); break;
	case SWEEP_REAL: snprintf(buffer, SWEEP_VALUE_MAX, "%.15g", value); break;
	}
	return buffer;
}
