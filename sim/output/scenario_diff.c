/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/scenario_diff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 512, VALUE_WIDTH = 60 };

struct diff {
	FILE *stream;
	const char *prefix;
	int nr, max;
};

static void write_value(FILE *stream, const cJSON *value)
{
	char *text;

	if (!value) {
		fputs("(default)", stream);
		return;
	}
	text = cJSON_IsString(value) ? NULL : cJSON_PrintUnformatted(value);
	fprintf(stream, "%.*s%s", VALUE_WIDTH,
		cJSON_IsString(value) ? value->valuestring : (text ? text : "?"),
		text && strlen(text) > VALUE_WIDTH ? "..." : "");
	free(text);
}

static void report(struct diff *diff, const char *path, const cJSON *a, const cJSON *b)
{
	if (diff->nr++ >= diff->max)
		return;
	fprintf(diff->stream, "%s %s: ", diff->prefix, path);
	write_value(diff->stream, a);
	fputs(" -> ", diff->stream);
	write_value(diff->stream, b);
	fputc('\n', diff->stream);
}

/* What differs between two results of the same experiment by nature. */
static bool does_not_count(const char *path)
{
	return !strcmp(path, "title") || !strcmp(path, "description");
}

static void compare(struct diff *diff, const char *path, const cJSON *a, const cJSON *b)
{
	char below[PATH_SIZE];

	if (does_not_count(path) || (a && b && cJSON_Compare(a, b, true)))
		return;
	if (!cJSON_IsObject(a) || !cJSON_IsObject(b)) {
		report(diff, path, a, b);
		return;
	}
	for (const cJSON *child = a->child; child; child = child->next) {
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", child->string);
		compare(diff, below, child, cJSON_GetObjectItemCaseSensitive(b, child->string));
	}
	for (const cJSON *child = b->child; child; child = child->next) {
		if (cJSON_GetObjectItemCaseSensitive(a, child->string))
			continue;
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", child->string);
		compare(diff, below, NULL, child);
	}
}

int scenario_diff(FILE *stream, const char *prefix, const cJSON *a, const cJSON *b, int max)
{
	struct diff diff = {.stream = stream, .prefix = prefix, .max = max};

	compare(&diff, "", a, b);
	if (diff.nr > max)
		fprintf(stream, "%s %d more\n", prefix, diff.nr - max);
	return diff.nr;
}
