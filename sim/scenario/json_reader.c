/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of param_json.h that knows nothing of parameters: places, messages, names, trees. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/param_json.h"

/* Returns how long the path was before. */
__attribute__((format(printf, 2, 3))) static size_t append(struct json_reader *reader,
							   const char *format, ...)
{
	size_t before = reader->length, left = sizeof(reader->path) - before, length;
	va_list arguments;

	va_start(arguments, format);
	length = (size_t)vsnprintf(reader->path + before, left, format, arguments);
	va_end(arguments);
	reader->length += length < left ? length : left - 1;
	return before;
}

size_t json_enter(struct json_reader *reader, const char *key)
{
	return append(reader, "%s%s", reader->length ? "." : "", key);
}

size_t json_enter_index(struct json_reader *reader, int index)
{
	return append(reader, "[%d]", index);
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
	memcpy(reader->wrong, reader->path, reader->length + 1);
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

void json_names_add(struct json_names *names, const char *right)
{
	size_t used = strlen(names->list);

	suggest(&names->suggestion, right);
	snprintf(names->list + used, sizeof(names->list) - used, "%s%s", used ? ", " : "", right);
}

const char *json_names_text(const struct json_names *names, char *buffer)
{
	if (names->suggestion.nearest)
		snprintf(buffer, JSON_NAMES_TEXT_MAX, "; did you mean \"%s\"?",
			 names->suggestion.nearest);
	else if (*names->list)
		snprintf(buffer, JSON_NAMES_TEXT_MAX, "; known: %s", names->list);
	else
		snprintf(buffer, JSON_NAMES_TEXT_MAX, "; there are none");
	return buffer;
}

int json_names_find(struct json_names *names, const char *wanted, json_name_fn *name_of,
		    const void *context)
{
	const char *name;

	*names = (struct json_names){.suggestion.wrong = wanted};
	for (int i = 0; (name = name_of(context, i)); i++) {
		if (!strcmp(name, wanted))
			return i;
		json_names_add(names, name);
	}
	return -1;
}

enum oversub_status json_read_name(struct json_reader *reader, const cJSON *value,
				   const char *missing, json_name_fn *name_of, const void *context,
				   int *index)
{
	enum oversub_status status = json_expect_string(reader, value);
	struct json_names names;
	char text[JSON_NAMES_TEXT_MAX];

	if (status)
		return status;
	*index = json_names_find(&names, value->valuestring, name_of, context);
	if (*index >= 0)
		return OVERSUB_OK;
	return json_fail(reader, "%s \"%.64s\"%s", missing, value->valuestring,
			 json_names_text(&names, text));
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
