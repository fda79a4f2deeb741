/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIZE sizeof(((struct format_buffer *)0)->text)

static const char *nothing(struct format_buffer *buffer)
{
	strcpy(buffer->text, "-");
	return buffer->text;
}

/* Three significant digits without an exponent, then the unit. */
static const char *three_digits(double number, const char *unit, struct format_buffer *buffer)
{
	double size = fabs(number);
	int decimals = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;

	snprintf(buffer->text, SIZE, "%.*f%s", decimals, number, unit);
	return buffer->text;
}

const char *format_ns(double ns, struct format_buffer *buffer)
{
	double size = fabs(ns);

	if (!isfinite(ns))
		return nothing(buffer);
	if (size < 999.5) {
		snprintf(buffer->text, SIZE, "%.0fns", ns);
		return buffer->text;
	}
	if (size < 999.5e3)
		return three_digits(ns / 1e3, "us", buffer);
	if (size < 999.5e6)
		return three_digits(ns / 1e6, "ms", buffer);
	return three_digits(ns / 1e9, "s", buffer);
}

const char *format_short(double number, struct format_buffer *buffer)
{
	double size = fabs(number);

	if (!isfinite(number))
		return nothing(buffer);
	if (number == 0)
		return strcpy(buffer->text, "0");
	if (size < 999.5)
		return three_digits(number, "", buffer);
	if (size < 999.5e3)
		return three_digits(number / 1e3, "k", buffer);
	if (size < 999.5e6)
		return three_digits(number / 1e6, "M", buffer);
	return three_digits(number / 1e9, "G", buffer);
}

const char *format_grouped(double number, struct format_buffer *buffer)
{
	char digits[24];
	size_t length, used = 0;

	if (!isfinite(number) || fabs(number) >= 1e15)
		return format_short(number, buffer);
	if (number == 0)
		return strcpy(buffer->text, "0");
	if (fabs(number) < 99.95)
		return three_digits(number, "", buffer);
	snprintf(digits, sizeof(digits), "%.0f", fabs(number));
	length = strlen(digits);
	if (number < 0)
		buffer->text[used++] = '-';
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			buffer->text[used++] = ' ';
		buffer->text[used++] = digits[i];
	}
	buffer->text[used] = '\0';
	return buffer->text;
}

const char *format_percent(double fraction, struct format_buffer *buffer)
{
	double percent = 100 * fraction;

	if (!isfinite(fraction))
		return nothing(buffer);
	snprintf(buffer->text, SIZE, "%.*f%%", fabs(percent) < 99.95 ? 1 : 0, percent);
	return buffer->text;
}

const char *format_signed_percent(double fraction, struct format_buffer *buffer)
{
	double percent = 100 * fraction;

	if (!isfinite(fraction))
		return nothing(buffer);
	snprintf(buffer->text, SIZE, fabs(percent) < 99.95 ? "%+.1f%%" : "%+.0f%%", percent);
	return buffer->text;
}

/* "1.1" from 0.011: the digits that format_signed_percent() would show, without sign. */
static const char *percent_digits(double fraction, struct format_buffer *buffer)
{
	double percent = 100 * fabs(fraction);

	snprintf(buffer->text, SIZE, "%.*f", percent < 99.95 ? 1 : 0, percent);
	return buffer->text;
}

static const char *bound(double fraction, struct format_buffer *buffer)
{
	char digits[SIZE];

	if (!isfinite(fraction))
		return strcpy(buffer->text, "...");
	strcpy(digits, percent_digits(fraction, buffer));
	snprintf(buffer->text, SIZE, "%c%.*s", fraction < 0 ? '-' : '+', (int)SIZE - 2, digits);
	return buffer->text;
}

const char *format_change_interval(const struct sim_relative *change, struct format_buffer *buffer)
{
	struct format_buffer low, high;

	buffer->text[0] = '\0';
	if (isnan(change->low) || isnan(change->high) || isnan(change->mean))
		return buffer->text;
	if (isfinite(change->high - change->low) &&
	    !strcmp(percent_digits(change->mean - change->low, &low),
		    percent_digits(change->high - change->mean, &high)))
		snprintf(buffer->text, SIZE, "+-%.*s%%", (int)SIZE - 4, high.text);
	else
		snprintf(buffer->text, SIZE, "[%.*s, %.*s]", (int)SIZE / 2 - 3,
			 bound(change->low, &low), (int)SIZE / 2 - 3, bound(change->high, &high));
	return buffer->text;
}

const char *format_ratio(double ratio, struct format_buffer *buffer)
{
	if (!isfinite(ratio))
		return nothing(buffer);
	snprintf(buffer->text, SIZE, "%.2f", ratio);
	return buffer->text;
}

const char *format_relative_width(double mean, double half_width, struct format_buffer *buffer)
{
	buffer->text[0] = '\0';
	if (isfinite(half_width) && isfinite(mean) && mean != 0)
		snprintf(buffer->text, SIZE, "+-%.*f%%", half_width < 0.9995 * fabs(mean) ? 1 : 0,
			 100 * half_width / fabs(mean));
	return buffer->text;
}

const char *format_short_width(double mean, double half_width, struct format_buffer *buffer)
{
	buffer->text[0] = '\0';
	if (isnan(half_width) || !isfinite(mean) || mean == 0)
		return buffer->text;
	if (isinf(half_width))
		return strcpy(buffer->text, "+-?");
	if (half_width > 0.99 * fabs(mean))
		return strcpy(buffer->text, "+->99%");
	snprintf(buffer->text, SIZE, "+-%.0f%%", ceil(100 * half_width / fabs(mean)));
	return buffer->text;
}

const char *format_value(double value, const char *unit, struct format_buffer *buffer)
{
	if (!strcmp(unit, "ns"))
		return format_ns(value, buffer);
	if (!strcmp(unit, "fraction"))
		return format_percent(value, buffer);
	if (!strcmp(unit, "ratio"))
		return format_ratio(value, buffer);
	if (!strcmp(unit, "1/s") && isfinite(value)) {
		format_short(value, buffer);
		strncat(buffer->text, "/s", SIZE - strlen(buffer->text) - 1);
		return buffer->text;
	}
	return format_short(value, buffer);
}

const char *format_bound(const char *text, bool is_bound, struct format_buffer *buffer)
{
	snprintf(buffer->text, SIZE, "%s%s", is_bound && strcmp(text, "-") ? ">=" : "", text);
	return buffer->text;
}
