/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/measured_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/engine/distribution.h"
#include "sim/scenario/json_text.h"
#include "sim/scenario/units.h"

#define SEPARATORS " \t\r,"

enum { MAX_COLUMNS = 2, MAX_BYTES = 8 << 20 };

struct measured_file {
	const char *name;
	int line;
	cJSON *array;
	int columns; /* of each line so far; 0: there was none */
	int nr;
	struct oversub_error *error;
};

static enum oversub_status fail(const struct measured_file *file, const char *what,
				const char *text)
{
	return oversub_fail(file->error, OVERSUB_BAD_INPUT, "%s:%d: %s: \"%.40s\"", file->name,
			    file->line, what, text);
}

/* A duration as a document may say it: a string where a number would lose digits. */
static cJSON *duration(const char *text)
{
	int64_t ns;
	char unit[UNITS_TEXT_MAX], *end;

	if (!units_parse_duration(text, &ns)) {
		double value = strtod(text, &end);

		if (end == text || *end || !(value >= 0 && value <= (double)SIM_VARIATE_MAX_NS))
			return NULL;
		ns = llround(value);
	}
	if (ns > SIM_VARIATE_MAX_NS)
		return NULL;
	return ns < INT64_C(1) << 53 ? cJSON_CreateNumber((double)ns)
				     : cJSON_CreateString(units_format_duration(ns, unit));
}

static enum oversub_status add_quantile(struct measured_file *file, const char *probability,
					cJSON *value)
{
	char *end;
	double p = strtod(probability, &end);
	cJSON *pair = cJSON_CreateArray();

	cJSON_AddItemToArray(pair, cJSON_CreateNumber(p));
	cJSON_AddItemToArray(pair, value);
	cJSON_AddItemToArray(file->array, pair);
	if (end == probability || *end || !isfinite(p))
		return fail(file, "expected the probability of a quantile, 0 to 1", probability);
	return OVERSUB_OK;
}

static enum oversub_status read_line(struct measured_file *file, char *line)
{
	char *columns[MAX_COLUMNS], *rest = line, *column;
	int nr = 0;
	cJSON *value;

	line[strcspn(line, "#")] = '\0';
	while ((column = strsep(&rest, SEPARATORS))) {
		if (!*column)
			continue;
		if (nr == MAX_COLUMNS)
			return fail(file, "more than a probability and a duration", column);
		columns[nr++] = column;
	}
	if (!nr)
		return OVERSUB_OK;
	if (file->columns && file->columns != nr)
		return fail(file, "the lines before have another number of columns", columns[0]);
	file->columns = nr;
	if (file->nr++ == MEASURED_MAX)
		return fail(file, "more than 65536 lines; leave some out, or give quantiles",
			    columns[0]);
	value = duration(columns[nr - 1]);
	if (!value)
		return fail(file, "expected a duration, ns or with a unit (ns, us, ms, s)",
			    columns[nr - 1]);
	if (nr == 2)
		return add_quantile(file, columns[0], value);
	cJSON_AddItemToArray(file->array, value);
	return OVERSUB_OK;
}

enum oversub_status measured_file_read(const char *name, cJSON **array, bool *is_quantiles,
				       struct oversub_error *error)
{
	struct measured_file file = {.name = name, .array = cJSON_CreateArray(), .error = error};
	char *text = NULL, *rest, *line;
	size_t size;
	enum oversub_status status = json_text_read(name, MAX_BYTES, &text, &size, error);

	rest = text;
	while (!status && (line = strsep(&rest, "\n"))) {
		file.line++;
		status = read_line(&file, line);
	}
	free(text);
	if (!status && !file.nr)
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "%s: there is no duration in it",
				      name);
	if (status) {
		cJSON_Delete(file.array);
		return status;
	}
	*array = file.array;
	*is_quantiles = file.columns == 2;
	return OVERSUB_OK;
}
