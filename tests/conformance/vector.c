/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/vector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* A double holds any integer of up to 15 digits. */
#define EXACT_DIGITS	15

#define LATEST_NS	(INT64_C(1) << 53)
#define LONGEST_STEP_NS (INT64_C(3600) * 1000000000)

/* Copy text and put integers that a double cannot hold between quotes. NULL: out of memory. */
static char *quote_long_integers(const char *text)
{
	size_t length = strlen(text);
	/* Two quotes for at least 16 digits each. */
	char *copy = malloc(length + length / 8 + 1);
	bool in_string = false;
	char *to = copy;

	while (copy && *text) {
		size_t digits = in_string ? 0 : strspn(text, "0123456789");
		size_t sign = !in_string && *text == '-';

		if (sign)
			digits = strspn(text + 1, "0123456789");
		if (digits > EXACT_DIGITS && !strchr(".eE", text[sign + digits])) {
			*to++ = '"';
			memcpy(to, text, sign + digits);
			to += sign + digits;
			text += sign + digits;
			*to++ = '"';
			continue;
		}
		if (*text == '"')
			in_string = !in_string;
		/* The character after a backslash ends no string. */
		if (in_string && *text == '\\' && text[1])
			*to++ = *text++;
		*to++ = *text++;
	}
	if (copy)
		*to = 0;
	return copy;
}

static enum oversub_status read_line(const char *path, uint64_t number, const char *text,
				     conformance_line callback, void *context,
				     struct oversub_error *error)
{
	enum oversub_status status;
	char *quoted = quote_long_integers(text);
	cJSON *line = quoted ? cJSON_Parse(quoted) : NULL;

	free(quoted);
	if (cJSON_IsObject(line))
		status = callback(context, number, line, error);
	else
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s:%llu: a conformance vector has one JSON object per line",
				      path, (unsigned long long)number);
	cJSON_Delete(line);
	return status;
}

enum oversub_status conformance_read(const char *path, conformance_line callback, void *context,
				     struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	uint64_t number = 0;

	if (!file)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: cannot open this conformance vector (errno %d)", path,
				    errno);
	while (status == OVERSUB_OK && getline(&text, &size, file) >= 0) {
		number++;
		if (text[strspn(text, " \t\r\n")])
			status = read_line(path, number, text, callback, context, error);
	}
	if (status == OVERSUB_OK && ferror(file))
		status = oversub_fail(error, OVERSUB_FAILED, "%s: reading failed after line %llu",
				      path, (unsigned long long)number);
	free(text);
	fclose(file);
	return status;
}

bool conformance_is_int(const cJSON *item, int64_t *value)
{
	const char *text = cJSON_GetStringValue(item);
	char *end;

	if (cJSON_IsNumber(item)) {
		if (item->valuedouble > 0x1p53 || item->valuedouble < -0x1p53)
			return false;
		*value = (int64_t)item->valuedouble;
		return true;
	}
	if (!text || !*text)
		return false;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return !errno && !*end;
}

int64_t conformance_int(const cJSON *object, const char *name, int64_t absent)
{
	int64_t value;

	if (!conformance_is_int(cJSON_GetObjectItemCaseSensitive(object, name), &value))
		return absent;
	return value;
}

int conformance_index(const cJSON *object, const char *name, int limit)
{
	int64_t index = conformance_int(object, name, -1);

	return index >= 0 && index < limit ? (int)index : -1;
}

bool conformance_time(const cJSON *operation, int64_t *now)
{
	int64_t first = *now == CONFORMANCE_NO_TIME ? 0 : *now;
	int64_t last = *now == CONFORMANCE_NO_TIME ? LATEST_NS : *now + LONGEST_STEP_NS;
	int64_t t = conformance_int(operation, "t", first);

	*now = t;
	return t >= first && t <= last;
}

bool conformance_nice(const cJSON *object, int *nice)
{
	int64_t value = conformance_int(object, "nice", 0);

	*nice = (int)value;
	return value >= -20 && value <= 19;
}

const char *conformance_string(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}
