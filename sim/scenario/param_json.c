/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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
	size_t used = 0;

	*buffer = '\0';
	for (int i = 0; choices[i] && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", i ? ", " : "",
					 choices[i]);
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

static bool listed(const char *const *list, const char *key)
{
	for (; list && *list; list++)
		if (!strcmp(*list, key))
			return true;
	return false;
}

static enum oversub_status unknown_key(struct json_reader *reader, const char *key,
				       const struct param_section *sections,
				       const char *const *others)
{
	struct json_names names = {.suggestion.wrong = key};
	char text[JSON_NAMES_TEXT_MAX];

	for (; others && *others; others++)
		json_names_add(&names, *others);
	for (; sections->params; sections++) {
		if (sections->key)
			json_names_add(&names, sections->key);
		for (const struct oversub_param *param = sections->params;
		     !sections->key && param->name; param++)
			json_names_add(&names, param->name);
	}
	return json_fail(reader, "unknown key%s", json_names_text(&names, text));
}

/* The member child of an object with these sections; the reader is at child. */
static enum oversub_status read_member(struct json_reader *reader, const cJSON *child,
				       const struct param_section *sections,
				       const char *const *others, void *values)
{
	for (const struct param_section *section = sections; section->params; section++) {
		const struct param_section inner[] = {{NULL, section->params, 0}, {NULL, NULL, 0}};
		void *base = (char *)values + section->offset;
		const struct oversub_param *param;

		if (section->key) {
			if (!strcmp(section->key, child->string))
				return json_read_object(reader, child, inner, NULL, base);
			continue;
		}
		param = param_find(section->params, child->string);
		if (param)
			return json_read_param(reader, child, param, base);
	}
	if (listed(others, child->string))
		return OVERSUB_OK;
	return unknown_key(reader, child->string, sections, others);
}

enum oversub_status json_read_object(struct json_reader *reader, const cJSON *object,
				     const struct param_section *sections,
				     const char *const *others, void *values)
{
	enum oversub_status status = json_expect_object(reader, object);

	for (const cJSON *child = status ? NULL : object->child; child && !status;
	     child = child->next) {
		size_t place = json_enter(reader, child->string);

		status = read_member(reader, child, sections, others, values);
		if (!status)
			json_leave(reader, place);
	}
	return status;
}

void json_object_defaults(const struct param_section *sections, void *values)
{
	for (; sections->params; sections++)
		oversub_param_defaults(sections->params, (char *)values + sections->offset);
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

/* ---- Distributions ------------------------------------------------------------------------ */

bool distribution_param_required(enum sim_distribution_kind kind, const struct oversub_param *param)
{
	if (kind == SIM_LOGNORMAL || kind == SIM_PARETO)
		return param->type == OVERSUB_PARAM_DURATION && strcmp(param->name, "max") != 0;
	return param->type == OVERSUB_PARAM_DURATION;
}

static enum oversub_status check_distribution(struct json_reader *reader, const cJSON *object,
					      const struct sim_distribution *distribution)
{
	const struct oversub_param *param = sim_distribution_types[distribution->kind].params;

	for (; param->name; param++)
		if (distribution_param_required(distribution->kind, param) &&
		    !cJSON_GetObjectItemCaseSensitive(object, param->name))
			return json_fail(reader, "\"%s\" is missing", param->name);
	if (distribution->kind == SIM_UNIFORM && distribution->max_ns < distribution->min_ns)
		return json_fail(reader, "max is below min");
	if (distribution->kind == SIM_PARETO && distribution->max_ns &&
	    distribution->max_ns < distribution->min_ns)
		return json_fail(reader, "max is below min");
	return OVERSUB_OK;
}

static const char *distribution_name(const void *context, int index)
{
	return index < SIM_DISTRIBUTION_KINDS ? sim_distribution_types[index].name : NULL;
}

enum oversub_status json_read_distribution(struct json_reader *reader, const cJSON *value,
					   struct sim_distribution *distribution)
{
	const struct oversub_param *constant = sim_distribution_types[SIM_CONSTANT].params;
	struct param_section sections[] = {{NULL, constant, 0}, {NULL, NULL, 0}};
	char text[JSON_NAMES_TEXT_MAX];
	enum oversub_status status;
	struct json_names names;
	size_t place;
	int kind;

	memset(distribution, 0, sizeof(*distribution));
	if (!cJSON_IsObject(value))
		return json_read_param(reader, value, constant, distribution);
	if (!value->child || value->child->next)
		return json_fail(reader, "expected one key, the name of a distribution");
	place = json_enter(reader, value->child->string);
	kind = json_names_find(&names, value->child->string, distribution_name, NULL);
	if (kind < 0)
		return json_fail(reader, "unknown distribution%s", json_names_text(&names, text));
	sections[0].params = sim_distribution_types[kind].params;
	json_object_defaults(sections, distribution);
	distribution->kind = kind;
	status = json_read_object(reader, value->child, sections, NULL, distribution);
	if (!status)
		status = check_distribution(reader, value->child, distribution);
	if (!status)
		json_leave(reader, place);
	return status;
}
