/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of param_json.h that knows nothing of parameters: places, messages, names, trees. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/param_json.h"

static void append(struct json_reader *reader, const char *format, const char *separator,
		   const char *key, int index)
{
	size_t left = sizeof(reader->path) - reader->length;
	int length = key ? snprintf(reader->path + reader->length, left, format, separator, key)
			 : snprintf(reader->path + reader->length, left, "[%d]", index);

	reader->length += (size_t)length < left ? (size_t)length : left - 1;
}

size_t json_enter(struct json_reader *reader, const char *key)
{
	size_t length = reader->length;

	append(reader, "%s%s", length ? "." : "", key, 0);
	return length;
}

size_t json_enter_index(struct json_reader *reader, int index)
{
	size_t length = reader->length;

	append(reader, NULL, NULL, NULL, index);
	return length;
}

void json_leave(struct json_reader *reader, size_t length)
{
	reader->length = length;
	reader->path[length] = '\0';
}

enum oversub_status json_fail(struct json_reader *reader, const char *format, ...)
{
	char message[768];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return oversub_fail(reader->error, OVERSUB_BAD_INPUT, "%s: %s%s%s", reader->file,
			    reader->path, reader->length ? ": " : "", message);
}

enum oversub_status json_no_memory(struct json_reader *reader)
{
	return oversub_fail(reader->error, OVERSUB_FAILED, "%s: out of memory", reader->file);
}

const char *json_value_text(const cJSON *value, char *buffer)
{
	if (cJSON_IsString(value)) {
		int cut = strlen(value->valuestring) > 40;

		snprintf(buffer, JSON_VALUE_TEXT_MAX, "\"%.40s%s\"", value->valuestring,
			 cut ? "..." : "");
	} else if (cJSON_IsNumber(value)) {
		snprintf(buffer, JSON_VALUE_TEXT_MAX, "%.17g", value->valuedouble);
	} else {
		snprintf(buffer, JSON_VALUE_TEXT_MAX, "%s",
			 cJSON_IsTrue(value)	 ? "true"
			 : cJSON_IsFalse(value)	 ? "false"
			 : cJSON_IsObject(value) ? "an object"
			 : cJSON_IsArray(value)	 ? "an array"
						 : "null");
	}
	return buffer;
}

static enum oversub_status expect(struct json_reader *reader, const cJSON *value, bool right,
				  const char *what)
{
	char text[JSON_VALUE_TEXT_MAX];

	if (right)
		return OVERSUB_OK;
	return json_fail(reader, "expected %s, not %s", what, json_value_text(value, text));
}

enum oversub_status json_expect_object(struct json_reader *reader, const cJSON *value)
{
	return expect(reader, value, cJSON_IsObject(value), "an object { ... }");
}

enum oversub_status json_expect_array(struct json_reader *reader, const cJSON *value)
{
	return expect(reader, value, cJSON_IsArray(value), "an array [ ... ]");
}

enum oversub_status json_expect_string(struct json_reader *reader, const cJSON *value)
{
	return expect(reader, value, cJSON_IsString(value), "a string");
}

enum oversub_status json_expect_name(struct json_reader *reader, const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_-");

	if (length && length < 64 && !name[length] && *name != '-')
		return OVERSUB_OK;
	return json_fail(reader,
			 "\"%.40s\" is not a name: 1 to 63 letters, digits, '_' and '-', not "
			 "beginning with '-'",
			 name);
}

/* ---- Names that would have been right ----------------------------------------------------- */

/* Levenshtein distance; only names of ordinary length are compared. */
static size_t edit_distance(const char *a, const char *b)
{
	enum { LONGEST = 63 };
	size_t row[LONGEST + 1];
	size_t length_a = strlen(a);
	size_t length_b = strlen(b);

	if (length_a > LONGEST || length_b > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= length_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[length_b];
}

void json_names_add(struct json_names *names, const char *right)
{
	size_t distance = edit_distance(names->wrong, right);
	size_t near_enough = strlen(right) / 3 + 1;
	size_t used = strlen(names->list), wrong_length = strlen(names->wrong);

	/* A name whose beginning was written is near, however long its end. */
	if (wrong_length >= 3 && !strncmp(names->wrong, right, wrong_length))
		distance = 1;
	if (distance <= near_enough && (!names->nearest || distance < names->distance)) {
		names->nearest = right;
		names->distance = distance;
	}
	snprintf(names->list + used, sizeof(names->list) - used, "%s%s", used ? ", " : "", right);
}

const char *json_names_text(const struct json_names *names, char *buffer)
{
	if (names->nearest)
		snprintf(buffer, 512, "; did you mean \"%s\"?", names->nearest);
	else if (*names->list)
		snprintf(buffer, 512, "; known: %s", names->list);
	else
		snprintf(buffer, 512, "; there are none");
	return buffer;
}

/* ---- Trees -------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorting keeps an object of a million keys harmless. */
static enum oversub_status check_keys(struct json_reader *reader, const cJSON *object)
{
	const char **keys = malloc((size_t)cJSON_GetArraySize(object) * sizeof(*keys) + 1);
	enum oversub_status status = OVERSUB_OK;
	size_t nr = 0;

	if (!keys)
		return json_no_memory(reader);
	for (const cJSON *child = object->child; child; child = child->next)
		keys[nr++] = child->string;
	qsort(keys, nr, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < nr && !status; i++) {
		if (!strcmp(keys[i - 1], keys[i])) {
			json_enter(reader, keys[i]);
			status = json_fail(reader, "the key is there twice");
		}
	}
	free(keys);
	return status;
}

enum oversub_status json_check_tree(struct json_reader *reader, const cJSON *value, int max_depth)
{
	enum oversub_status status = OVERSUB_OK;
	int index = 0;

	if (cJSON_IsNumber(value) && !isfinite(value->valuedouble))
		return json_fail(reader, "the number is too large");
	if (!cJSON_IsObject(value) && !cJSON_IsArray(value))
		return OVERSUB_OK;
	if (!max_depth)
		return json_fail(reader, "nested too deeply");
	if (cJSON_IsObject(value))
		status = check_keys(reader, value);
	for (const cJSON *child = value->child; child && !status; child = child->next) {
		size_t place = cJSON_IsObject(value) ? json_enter(reader, child->string)
						     : json_enter_index(reader, index++);

		status = json_check_tree(reader, child, max_depth - 1);
		if (!status)
			json_leave(reader, place);
	}
	return status;
}
