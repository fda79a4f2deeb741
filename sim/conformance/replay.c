/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/conformance/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static enum oversub_status read_line(const char *path, uint64_t number, const char *text,
				     conformance_line callback, void *context,
				     struct oversub_error *error)
{
	enum oversub_status status;
	cJSON *line = cJSON_Parse(text);

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

int64_t conformance_int(const cJSON *object, const char *name, int64_t absent)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	/* Beyond this a double holds no exact integer, and the cast below could overflow. */
	if (!cJSON_IsNumber(item) || item->valuedouble > 0x1p62 || item->valuedouble < -0x1p62)
		return absent;
	return (int64_t)item->valuedouble;
}

const char *conformance_string(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}
