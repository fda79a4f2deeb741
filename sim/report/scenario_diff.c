/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/scenario_diff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 512, VALUE_WIDTH = 30 };

struct diff {
	FILE *stream;
	const char *prefix;
	int nr, max;
};

/* What only one has is no default of the other's: a VM, a workload. */
static bool is_own(const char *path)
{
	return !strncmp(path, "vms", 3) || !strncmp(path, "workloads", 9) ||
	       !strncmp(path, "host_workload", 13);
}

static void write_value(FILE *stream, const char *path, const cJSON *value)
{
	char *text;

	if (!value) {
		fputs(is_own(path) ? "(none)" : "(default)", stream);
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
	write_value(diff->stream, path, a);
	fputs(" -> ", diff->stream);
	write_value(diff->stream, path, b);
	fputc('\n', diff->stream);
}

/* What differs between two results of the same experiment by nature. */
static bool does_not_count(const char *path)
{
	return !strcmp(path, "title") || !strcmp(path, "description");
}

/* Objects are told by what is in them, also one that the other leaves at its defaults. */
static bool may_descend(const char *path, const cJSON *a, const cJSON *b)
{
	if (a && b)
		return cJSON_IsObject(a) && cJSON_IsObject(b);
	return cJSON_IsObject(a ? a : b) && (a ? a : b)->child && !is_own(path);
}

static void compare(struct diff *diff, const char *path, const cJSON *a, const cJSON *b)
{
	char below[PATH_SIZE];

	if (does_not_count(path) || (a && b && cJSON_Compare(a, b, true)))
		return;
	if (!may_descend(path, a, b)) {
		report(diff, path, a, b);
		return;
	}
	for (const cJSON *child = a ? a->child : NULL; child; child = child->next) {
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", child->string);
		compare(diff, below, child, cJSON_GetObjectItemCaseSensitive(b, child->string));
	}
	for (const cJSON *child = b ? b->child : NULL; child; child = child->next) {
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
