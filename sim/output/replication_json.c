/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/output/replication_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/output/json_writer.h"

/* ---- Writing -------------------------------------------------------------------------------- */

/* write as one line of text, for free(). */
static char *one_line(const struct replication_result *result,
		      void (*write)(struct json_writer *writer,
				    const struct replication_result *result))
{
	struct json_writer writer;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	bool bad;

	if (!stream)
		return NULL;
	json_start(&writer, stream);
	json_object(&writer, NULL, true);
	write(&writer, result);
	json_end(&writer);
	bad = ferror(stream);
	if (!fclose(stream) && !bad)
		return text;
	free(text);
	return NULL;
}

static void write_names(struct json_writer *writer, const struct replication_result *result)
{
	json_array(writer, "metrics", true);
	for (size_t i = 0; i < result->nr_metrics; i++) {
		json_array(writer, NULL, true);
		json_string(writer, NULL, result->metrics[i].scope);
		json_string(writer, NULL, result->metrics[i].name);
		json_string(writer, NULL, result->metrics[i].unit);
		json_end(writer);
	}
	json_end(writer);
	json_array(writer, "histograms", true);
	for (size_t i = 0; i < result->nr_histograms; i++) {
		json_array(writer, NULL, true);
		json_string(writer, NULL, result->histograms[i].scope);
		json_string(writer, NULL, result->histograms[i].name);
		json_end(writer);
	}
	json_end(writer);
}

/* 128 bits, of which at most 96 are in use: 10^15 values of 2^42 ns. */
static void add_wide(struct text *text, __int128 value)
{
	const int64_t ten18 = INT64_C(1000000000000000000);

	if (value >= ten18)
		text_add(text, " %" PRId64 "%018" PRId64, (int64_t)(value / ten18),
			 (int64_t)(value % ten18));
	else
		text_add(text, " %" PRId64, (int64_t)value);
}

static void write_histogram(struct json_writer *writer, const struct sim_histogram *histogram)
{
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;
	struct text text = {0};
	char *whole;

	text_add(&text, "%" PRIu64 " %" PRId64 " %" PRId64, histogram->count, histogram->min,
		 histogram->max);
	add_wide(&text, histogram->sum);
	while (sim_histogram_next(histogram, &bucket))
		text_add(&text, " %d %" PRIu64, bucket.index, bucket.count);
	whole = text_take(&text);
	/* A null is no histogram: what cannot be written is not read. */
	json_string(writer, NULL, whole);
	free(whole);
}

static void write_wide(struct json_writer *writer, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	json_string(writer, key, text);
}

static void write_values(struct json_writer *writer, const struct replication_result *result)
{
	write_wide(writer, "events", result->events);
	write_wide(writer, "simulated_ns", (uint64_t)result->simulated_ns);
	json_number(writer, "wall_s", result->wall_s);
	json_array(writer, "values", true);
	for (size_t i = 0; i < result->nr_metrics; i++)
		json_number(writer, NULL, result->metrics[i].value);
	json_end(writer);
	json_array(writer, "histograms", true);
	for (size_t i = 0; i < result->nr_histograms; i++)
		write_histogram(writer, &result->histograms[i].histogram);
	json_end(writer);
}

char *replication_names(const struct replication_result *result)
{
	return one_line(result, write_names);
}

char *replication_values(const struct replication_result *result)
{
	return one_line(result, write_values);
}

/* ---- Reading -------------------------------------------------------------------------------- */

static const cJSON *get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* The next number of a text of numbers; false: there is none, or it is above most. */
static bool next_number(const char **text, uint64_t most, uint64_t *value)
{
	char *end;

	while (**text == ' ')
		(*text)++;
	if (**text < '0' || **text > '9')
		return false;
	*value = strtoull(*text, &end, 10);
	*text = end;
	return *value <= most;
}

/* The same for a sum. */
static bool next_wide(const char **text, __int128 *value)
{
	int digits = 0;

	while (**text == ' ')
		(*text)++;
	for (*value = 0; **text >= '0' && **text <= '9' && digits < 38; (*text)++, digits++)
		*value = *value * 10 + (**text - '0');
	return digits > 0;
}

static bool read_histogram(const char *text, struct sim_histogram *histogram)
{
	uint64_t min, max, index, count;

	sim_histogram_reset(histogram);
	if (!text || !next_number(&text, UINT64_MAX, &histogram->count) ||
	    !next_number(&text, INT64_MAX, &min) || !next_number(&text, INT64_MAX, &max) ||
	    !next_wide(&text, &histogram->sum))
		return false;
	histogram->min = (int64_t)min;
	histogram->max = (int64_t)max;
	while (next_number(&text, SIM_HISTOGRAM_BUCKETS - 1, &index)) {
		if (!next_number(&text, UINT32_MAX, &count))
			return false;
		histogram->bucket[index] = (uint32_t)count;
	}
	return !*text;
}

static bool read_metrics(const cJSON *names, const cJSON *values, struct replication_result *result)
{
	const cJSON *name, *value = values ? values->child : NULL;

	cJSON_ArrayForEach(name, names)
	{
		const char *scope = cJSON_GetStringValue(cJSON_GetArrayItem(name, 0));
		const char *what = cJSON_GetStringValue(cJSON_GetArrayItem(name, 1));
		const char *unit = cJSON_GetStringValue(cJSON_GetArrayItem(name, 2));

		if (!scope || !what || !unit || !value)
			return false;
		result_add(result, scope, what, unit,
			   cJSON_IsNumber(value) ? value->valuedouble : NAN);
		value = value->next;
	}
	return cJSON_IsArray(names) && !value;
}

static bool read_histograms(const cJSON *names, const cJSON *values,
			    struct replication_result *result)
{
	const cJSON *name, *value = values ? values->child : NULL;
	struct sim_histogram histogram;

	cJSON_ArrayForEach(name, names)
	{
		const char *scope = cJSON_GetStringValue(cJSON_GetArrayItem(name, 0));
		const char *what = cJSON_GetStringValue(cJSON_GetArrayItem(name, 1));

		if (!scope || !what || !value ||
		    !read_histogram(cJSON_GetStringValue(value), &histogram))
			return false;
		result_add_histogram(result, scope, what, &histogram);
		value = value->next;
	}
	return cJSON_IsArray(names) && !value;
}

static bool read_wide(const cJSON *object, const char *key, uint64_t *value)
{
	const char *text = cJSON_GetStringValue(get(object, key));

	return text && next_number(&text, UINT64_MAX, value) && !*text;
}

enum oversub_status replication_read(const cJSON *names, const cJSON *values,
				     struct replication_result *result, struct oversub_error *error)
{
	const cJSON *wall = get(values, "wall_s");
	uint64_t simulated;
	bool good;

	*result =
		(struct replication_result){.wall_s = cJSON_IsNumber(wall) ? wall->valuedouble : 0};
	good = read_wide(values, "events", &result->events) &&
	       read_wide(values, "simulated_ns", &simulated) && simulated <= INT64_MAX &&
	       read_metrics(get(names, "metrics"), get(values, "values"), result) &&
	       read_histograms(get(names, "histograms"), get(values, "histograms"), result);
	if (good && !result->failed) {
		result->simulated_ns = (int64_t)simulated;
		return OVERSUB_OK;
	}
	good = result->failed;
	result_free(result);
	return good ? oversub_fail(error, OVERSUB_FAILED, "out of memory reading a replication")
		    : oversub_fail(error, OVERSUB_BAD_INPUT, "it is no replication of this format");
}
