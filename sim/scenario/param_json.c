/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/units.h"

/*
 * From here on a double, which cJSON keeps numbers in, does not hold every whole number: this one
 * may have been written as the next.
 */
#define FIRST_INEXACT 9007199254740992.0

/* ---- Texts -------------------------------------------------------------------------------- */

/* An INT or DURATION value of param for people. */
static const char *integer_text(const struct oversub_param *param, int64_t value, char *buffer)
{
	if (param->type == OVERSUB_PARAM_DURATION && value > 0)
		return units_format_duration(value, buffer);
	snprintf(buffer, UNITS_TEXT_MAX, "%" PRId64, value);
	return buffer;
}

static void choices_text(const char *const *choices, char *buffer, size_t size)
{
	struct text text = text_in(buffer, size);

	for (; *choices; choices++)
		text_join(&text, ", ", "%s", *choices);
}

/* An upper limit that is nobody's business. */
static bool is_open(const struct oversub_param *param)
{
	return param->type != OVERSUB_PARAM_REAL && param->max >= SIM_VARIATE_MAX_NS;
}

const char *param_range_text(const struct oversub_param *param, char *buffer, size_t size)
{
	char low[UNITS_TEXT_MAX];
	char high[UNITS_TEXT_MAX];

	switch (param->type) {
	case OVERSUB_PARAM_BOOL: snprintf(buffer, size, "true, false"); break;
	case OVERSUB_PARAM_ENUM: choices_text(param->choices, buffer, size); break;
	case OVERSUB_PARAM_REAL:
		snprintf(buffer, size, "%g..%g", param->real_min, param->real_max);
		break;
	case OVERSUB_PARAM_INT:
	case OVERSUB_PARAM_DURATION:
		integer_text(param, param->min, low);
		integer_text(param, param->max, high);
		if (is_open(param))
			snprintf(buffer, size, "%s or more", low);
		else
			snprintf(buffer, size, "%s..%s", low, high);
		break;
	}
	return buffer;
}

const char *param_default_text(const struct oversub_param *param, char *buffer, size_t size)
{
	char text[UNITS_TEXT_MAX];

	switch (param->type) {
	case OVERSUB_PARAM_BOOL: snprintf(buffer, size, "%s", param->def ? "true" : "false"); break;
	case OVERSUB_PARAM_ENUM: snprintf(buffer, size, "%s", param->choices[param->def]); break;
	case OVERSUB_PARAM_REAL: snprintf(buffer, size, "%g", param->real_def); break;
	case OVERSUB_PARAM_INT:
	case OVERSUB_PARAM_DURATION:
		snprintf(buffer, size, "%s", integer_text(param, param->def, text));
		break;
	}
	return buffer;
}

/* ---- One value ---------------------------------------------------------------------------- */

static enum oversub_status wrong_type(struct json_reader *reader, const cJSON *value,
				      const char *expected)
{
	char text[JSON_VALUE_TEXT_MAX];

	return json_fail(reader, "expected %s, not %s", expected, json_value_text(value, text));
}

static enum oversub_status out_of_range(struct json_reader *reader,
					const struct oversub_param *param, const char *value)
{
	char range[PARAM_RANGE_TEXT_MAX];

	return json_fail(reader, "%s is out of range%s %s", value,
			 is_open(param) ? ": it must be" : "",
			 param_range_text(param, range, sizeof(range)));
}

static enum oversub_status read_integer(struct json_reader *reader, const cJSON *value,
					const struct oversub_param *param, int64_t *field)
{
	bool is_duration = param->type == OVERSUB_PARAM_DURATION;
	const char *expected = is_duration ? "a duration: whole ns, or a string such as \"50ms\" "
					     "(ns, us, ms, s)"
					   : "a whole number";
	char text[JSON_VALUE_TEXT_MAX];
	int64_t number;

	if (cJSON_IsNumber(value)) {
		if (value->valuedouble != floor(value->valuedouble))
			return wrong_type(reader, value, expected);
		if (fabs(value->valuedouble) >= FIRST_INEXACT)
			return json_fail(
				reader,
				"%s is not below 2^53 and may have lost digits; write it as a "
				"string",
				json_value_text(value, text));
		number = (int64_t)value->valuedouble;
	} else if (!cJSON_IsString(value) ||
		   !(is_duration ? units_parse_duration(value->valuestring, &number)
				 : units_parse_integer(value->valuestring, &number))) {
		return wrong_type(reader, value, expected);
	}
	if (number < param->min || number > param->max)
		return out_of_range(reader, param,
				    cJSON_IsString(value) ? json_value_text(value, text)
							  : integer_text(param, number, text));
	*field = number;
	return OVERSUB_OK;
}

static enum oversub_status read_real(struct json_reader *reader, const cJSON *value,
				     const struct oversub_param *param, double *field)
{
	char text[JSON_VALUE_TEXT_MAX];

	if (!cJSON_IsNumber(value))
		return wrong_type(reader, value, "a number");
	if (!(value->valuedouble >= param->real_min && value->valuedouble <= param->real_max)) {
		snprintf(text, sizeof(text), "%g", value->valuedouble);
		return out_of_range(reader, param, text);
	}
	*field = value->valuedouble;
	return OVERSUB_OK;
}

static const char *choice_name(const void *context, int index)
{
	return ((const char *const *)context)[index];
}

/* Choices such as "250" may be written as numbers. */
static enum oversub_status read_choice(struct json_reader *reader, const cJSON *value,
				       const struct oversub_param *param, int64_t *field)
{
	char text[JSON_VALUE_TEXT_MAX] = "", known[JSON_NAMES_TEXT_MAX];
	struct json_names names;
	int choice = json_names_find(&names,
				     cJSON_IsString(value)   ? value->valuestring
				     : cJSON_IsNumber(value) ? json_value_text(value, text)
							     : "",
				     choice_name, param->choices);

	if (choice >= 0) {
		*field = choice;
		return OVERSUB_OK;
	}
	names.suggestion.nearest = NULL;
	return json_fail(reader, "%s is not a choice%s", json_value_text(value, text),
			 json_names_text(&names, known));
}

enum oversub_status json_read_param(struct json_reader *reader, const cJSON *value,
				    const struct oversub_param *param, void *values)
{
	void *field = (char *)values + param->offset;

	switch (param->type) {
	case OVERSUB_PARAM_BOOL:
		if (!cJSON_IsBool(value))
			return wrong_type(reader, value, "true or false");
		*(int64_t *)field = cJSON_IsTrue(value);
		return OVERSUB_OK;
	case OVERSUB_PARAM_INT:
	case OVERSUB_PARAM_DURATION: return read_integer(reader, value, param, field);
	case OVERSUB_PARAM_REAL: return read_real(reader, value, param, field);
	case OVERSUB_PARAM_ENUM: return read_choice(reader, value, param, field);
	}
	return OVERSUB_OK;
}

/* ---- Objects ------------------------------------------------------------------------------ */

enum oversub_status json_read_params(struct json_reader *reader, const cJSON *object,
				     const struct oversub_param *params, void *values)
{
	const struct grammar_member members[] = {{NULL, GRAMMAR_PARAMS, params}, {0}};
	const struct grammar_object type = {members};

	return json_read_object(reader, object, &type, values);
}

static enum oversub_status unknown_key(struct json_reader *reader, const char *key,
				       const struct grammar_object *type)
{
	struct json_names names = {.suggestion.wrong = key};
	char text[JSON_NAMES_TEXT_MAX];

	for (const struct grammar_member *member = type->members; member->kind; member++) {
		if (member->key)
			json_names_add(&names, member->key);
		for (const struct oversub_param *param = member->params;
		     !member->key && param->name; param++)
			json_names_add(&names, param->name);
	}
	return json_fail(reader, "unknown key%s", json_names_text(&names, text));
}

static enum oversub_status read_text(struct json_reader *reader, const cJSON *value, char **text)
{
	enum oversub_status status = json_expect_string(reader, value);

	if (status)
		return status;
	free(*text);
	*text = strdup(value->valuestring);
	return *text ? OVERSUB_OK : json_no_memory(reader);
}

/* The member value of an object of that type; the reader is at it. */
static enum oversub_status read_member(struct json_reader *reader, const cJSON *value,
				       const struct grammar_object *type, void *values)
{
	for (const struct grammar_member *member = type->members; member->kind; member++) {
		void *base = (char *)values + member->offset;
		const struct oversub_param *param;

		if (!member->key) {
			param = param_find(member->params, value->string);
			if (param)
				return json_read_param(reader, value, param, base);
			continue;
		}
		if (strcmp(member->key, value->string) != 0)
			continue;
		switch (member->kind) {
		case GRAMMAR_PARAMS: return json_read_params(reader, value, member->params, base);
		case GRAMMAR_OBJECT: return json_read_object(reader, value, member->object, base);
		case GRAMMAR_TEXT: return read_text(reader, value, base);
		default: return OVERSUB_OK;
		}
	}
	return unknown_key(reader, value->string, type);
}

enum oversub_status json_read_object(struct json_reader *reader, const cJSON *object,
				     const struct grammar_object *type, void *values)
{
	enum oversub_status status = json_expect_object(reader, object);

	for (const cJSON *child = status ? NULL : object->child; child && !status;
	     child = child->next) {
		size_t place = json_enter(reader, child->string);

		status = read_member(reader, child, type, values);
		json_leave(reader, place);
	}
	return status;
}

enum oversub_status json_check_missing(struct json_reader *reader, const cJSON *object,
				       const struct grammar_object *type)
{
	for (const struct grammar_member *member = type->members; member->kind; member++)
		if (member->missing && !cJSON_GetObjectItemCaseSensitive(object, member->key))
			return json_fail(reader, "%s", member->missing);
	return OVERSUB_OK;
}

void json_object_defaults(const struct grammar_object *type, void *values)
{
	for (const struct grammar_member *member = type->members; member->kind; member++) {
		void *base = (char *)values + member->offset;

		if (member->kind == GRAMMAR_PARAMS)
			oversub_param_defaults(member->params, base);
		else if (member->kind == GRAMMAR_OBJECT)
			json_object_defaults(member->object, base);
	}
}

enum oversub_status json_read_member(struct json_reader *reader, const cJSON *object,
				     const char *key, json_member_fn *read, void *context)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
	size_t place = json_enter(reader, key);
	enum oversub_status status = value ? read(reader, value, context) : OVERSUB_OK;

	json_leave(reader, place);
	return status;
}

enum oversub_status json_read_array(struct json_reader *reader, const cJSON *array,
				    json_member_fn *read, void *context)
{
	enum oversub_status status = json_expect_array(reader, array);
	int index = 0;

	for (const cJSON *child = status ? NULL : array->child; child && !status;
	     child = child->next) {
		size_t place = json_enter_index(reader, index++);

		status = read(reader, child, context);
		json_leave(reader, place);
	}
	return status;
}

enum oversub_status json_read_map(struct json_reader *reader, const cJSON *object, const char *key,
				  json_member_fn *read, void *context)
{
	const cJSON *map = cJSON_GetObjectItemCaseSensitive(object, key);
	size_t place = json_enter(reader, key);
	enum oversub_status status = map ? json_expect_object(reader, map) : OVERSUB_OK;

	for (const cJSON *child = map && !status ? map->child : NULL; child && !status;
	     child = child->next) {
		size_t inner = json_enter(reader, child->string);

		status = json_expect_name(reader, child->string);
		if (!status)
			status = read(reader, child, context);
		json_leave(reader, inner);
	}
	json_leave(reader, place);
	return status;
}

enum oversub_status json_check_cpu_max(struct json_reader *reader, const struct host_cpu_max *max)
{
	const char *key;
	const char *wrong = host_cpu_max_error(max, &key);

	if (!wrong)
		return OVERSUB_OK;
	json_enter(reader, "cpu_max");
	json_enter(reader, key);
	return json_fail(reader, "%s", wrong);
}
