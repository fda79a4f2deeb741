/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A schema cannot say everything that the loader checks (references, sums, ranges of strings with
 * units); whatever it refuses, the loader refuses as well, but not the other way round.
 *
 * cJSON's functions pass NULL on, so running out of memory is noticed once, at the end.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/param_json.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/policy_registry.h"
#include "sim/scenario/scenario_parts.h"

#define RATE_PATTERN	  "^[0-9]+(\\.[0-9]+)? */s$"
#define DURATION_PATTERN  "^[0-9]+(\\.[0-9]+)? *(ns|us|ms|s)$"
#define INTEGER_PATTERN	  "^-?[0-9]+$"
#define NAME_PATTERN	  "^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$"
#define REFERENCE_PATTERN "^\\$[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$"
#define CGROUP_PATTERN	  "^[A-Za-z0-9_][A-Za-z0-9_/-]*$"

static const char *const program_definitions[WORKLOAD_RUNNERS] = {
	[WORKLOAD_OF_VM] = "#/$defs/program",
	[WORKLOAD_OF_HOST] = "#/$defs/host_program",
};

static cJSON *object_schema(const struct grammar_object *object,
			    const struct policy_registry *policies);

/* ---- Small schemas ------------------------------------------------------------------------ */

/* { word: text } */
static cJSON *saying(const char *word, const char *text)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddStringToObject(schema, word, text);
	return schema;
}

static cJSON *type(const char *name)
{
	return saying("type", name);
}

static cJSON *string_pattern(const char *pattern)
{
	cJSON *schema = type("string");

	cJSON_AddStringToObject(schema, "pattern", pattern);
	return schema;
}

static cJSON *at_least(int minimum)
{
	cJSON *schema = type("integer");

	cJSON_AddNumberToObject(schema, "minimum", minimum);
	return schema;
}

static cJSON *number_between(double minimum, double maximum)
{
	cJSON *schema = type("number");

	cJSON_AddNumberToObject(schema, "minimum", minimum);
	cJSON_AddNumberToObject(schema, "maximum", maximum);
	return schema;
}

/* { "anyOf": [] }; the list is at *list. */
static cJSON *any_of(cJSON **list)
{
	cJSON *schema = cJSON_CreateObject();

	*list = cJSON_AddArrayToObject(schema, "anyOf");
	return schema;
}

static cJSON *either(cJSON *a, cJSON *b)
{
	cJSON *list;
	cJSON *schema = any_of(&list);

	cJSON_AddItemToArray(list, a);
	cJSON_AddItemToArray(list, b);
	return schema;
}

static cJSON *array_of(cJSON *items, int min_items)
{
	cJSON *schema = type("array");

	cJSON_AddNumberToObject(schema, "minItems", min_items);
	cJSON_AddItemToObject(schema, "items", items);
	return schema;
}

/* schema, or "$NAME" of a parameter of the workload. */
static cJSON *or_reference(cJSON *schema)
{
	return either(schema, string_pattern(REFERENCE_PATTERN));
}

/* All of properties may be references, but a program. */
static void allow_references(cJSON *properties)
{
	int nr = cJSON_GetArraySize(properties);

	/* Each is taken from the front and put at the end. */
	while (nr--) {
		cJSON *schema = cJSON_DetachItemFromArray(properties, 0);
		char name[64];

		snprintf(name, sizeof(name), "%s", schema->string);
		if (strcmp(name, "program") != 0)
			schema = or_reference(schema);
		cJSON_AddItemToObject(properties, name, schema);
	}
}

/* An object with the properties that are added to *properties, and no others. */
static cJSON *closed_object(cJSON **properties)
{
	cJSON *schema = type("object");

	cJSON_AddFalseToObject(schema, "additionalProperties");
	*properties = cJSON_AddObjectToObject(schema, "properties");
	return schema;
}

/* An object whose keys are names and whose values all hold against schema. */
static cJSON *named_objects(cJSON *values)
{
	cJSON *schema = type("object");

	cJSON_AddItemToObject(schema, "propertyNames", string_pattern(NAME_PATTERN));
	cJSON_AddItemToObject(schema, "additionalProperties", values);
	return schema;
}

static void require(cJSON *schema, const char *key)
{
	cJSON *list = cJSON_GetObjectItemCaseSensitive(schema, "required");

	if (!list)
		list = cJSON_AddArrayToObject(schema, "required");
	cJSON_AddItemToArray(list, cJSON_CreateString(key));
}

/* ---- Parameters --------------------------------------------------------------------------- */

/* A bound that a double does not hold is left out. */
static void add_bound(cJSON *schema, const char *word, int64_t bound)
{
	if (bound > -(INT64_C(1) << 53) && bound < INT64_C(1) << 53)
		cJSON_AddNumberToObject(schema, word, (double)bound);
}

static cJSON *whole_number(const struct oversub_param *param)
{
	bool is_duration = param->type == OVERSUB_PARAM_DURATION;
	cJSON *number = type("integer");

	add_bound(number, "minimum", param->min);
	add_bound(number, "maximum", param->max);
	return either(number, string_pattern(is_duration ? DURATION_PATTERN : INTEGER_PATTERN));
}

/* Names; those that look like numbers may be written as numbers. */
static cJSON *choices(const char *const *names)
{
	cJSON *schema = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(schema, "enum");

	for (; *names; names++) {
		cJSON_AddItemToArray(list, cJSON_CreateString(*names));
		if (!(*names)[strspn(*names, "0123456789")])
			cJSON_AddItemToArray(list, cJSON_CreateRaw(*names));
	}
	return schema;
}

static cJSON *param_schema(const struct oversub_param *param)
{
	char text[PARAM_RANGE_TEXT_MAX];
	cJSON *schema;

	switch (param->type) {
	case OVERSUB_PARAM_BOOL: schema = type("boolean"); break;
	case OVERSUB_PARAM_ENUM: schema = choices(param->choices); break;
	case OVERSUB_PARAM_REAL: schema = number_between(param->real_min, param->real_max); break;
	default: schema = whole_number(param); break;
	}
	if (param->help)
		cJSON_AddStringToObject(schema, "description", param->help);
	if (param->type == OVERSUB_PARAM_BOOL)
		cJSON_AddBoolToObject(schema, "default", param->def != 0);
	else if (param->type == OVERSUB_PARAM_REAL)
		cJSON_AddNumberToObject(schema, "default", param->real_def);
	else
		cJSON_AddStringToObject(schema, "default",
					param_default_text(param, text, sizeof(text)));
	return schema;
}

static void add_table(cJSON *properties, const struct oversub_param *table)
{
	for (; table->name; table++)
		cJSON_AddItemToObject(properties, table->name, param_schema(table));
}

static cJSON *table_schema(const struct oversub_param *table)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	add_table(properties, table);
	return schema;
}

/* ---- Policies ----------------------------------------------------------------------------- */

static cJSON *policy_schema(const struct policy_kind *axis, const struct oversub_policy *policy)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	cJSON_AddStringToObject(schema, "description", policy->help);
	cJSON_AddItemToObject(properties, "policy", saying("const", policy->name));
	add_table(properties, policy_params(policy));
	if (strcmp(policy->name, axis->default_name) != 0)
		require(schema, "policy");
	return schema;
}

static cJSON *axis_schema(const struct policy_kind *axis, const struct policy_registry *policies)
{
	const struct oversub_policy *policy;
	cJSON *list;
	cJSON *schema = any_of(&list);

	for (int i = 0; (policy = policy_registry_at(policies, axis->kind, i)); i++)
		cJSON_AddItemToArray(list, policy_schema(axis, policy));
	return schema;
}

/* ---- Workloads ---------------------------------------------------------------------------- */

static cJSON *distribution_schema(void)
{
	cJSON *list;
	cJSON *schema = any_of(&list);

	cJSON_AddItemToArray(
		list, or_reference(whole_number(sim_distribution_types[SIM_CONSTANT].params)));
	for (int kind = 0; kind < SIM_DISTRIBUTION_KINDS; kind++) {
		const struct sim_distribution_type *distribution = &sim_distribution_types[kind];
		cJSON *params = table_schema(distribution->params);
		cJSON *properties;
		cJSON *object = closed_object(&properties);

		for (const struct oversub_param *param = distribution->params; param->name; param++)
			if (distribution_param_required(kind, param))
				require(params, param->name);
		if (kind == SIM_EMPIRICAL) {
			cJSON_Delete(params);
			params = object_schema(&grammar_empirical, NULL);
		} else
			allow_references(cJSON_GetObjectItemCaseSensitive(params, "properties"));
		cJSON_AddStringToObject(params, "description", distribution->help);
		cJSON_AddItemToObject(properties, distribution->name, params);
		require(object, distribution->name);
		cJSON_AddItemToArray(list, object);
	}
	return schema;
}

static cJSON *argument_schema(enum op_argument argument)
{
	cJSON *schema;

	switch (argument) {
	case OP_ARGUMENT_DISTRIBUTION: return saying("$ref", "#/$defs/distribution");
	case OP_ARGUMENT_COUNT: return either(at_least(1), saying("const", "forever"));
	case OP_ARGUMENT_TARGET: return either(at_least(0), choices(op_target_names));
	case OP_ARGUMENT_PERIOD: return either(type("integer"), string_pattern(DURATION_PATTERN));
	case OP_ARGUMENT_TRUE:
		schema = cJSON_CreateObject();
		cJSON_AddTrueToObject(schema, "const");
		return schema;
	default: return string_pattern(NAME_PATTERN);
	}
}

static cJSON *op_schema(const struct op_description *op, enum workload_runner runner)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	cJSON_AddStringToObject(schema, "description", op->help);
	cJSON_AddItemToObject(properties, op->name, argument_schema(op->argument));
	add_table(properties, op->params[runner]);
	if (runner == WORKLOAD_OF_VM)
		allow_references(properties);
	require(schema, op->name);
	if (op->has_body) {
		cJSON_AddItemToObject(properties, "body",
				      saying("$ref", program_definitions[runner]));
		require(schema, "body");
	}
	return schema;
}

static cJSON *program_schema(enum workload_runner runner)
{
	cJSON *list;
	cJSON *ops = any_of(&list);

	for (int kind = 0; kind < OP_KINDS; kind++) {
		const struct op_description *op = &op_descriptions[kind];

		if (op->name && op->params[runner])
			cJSON_AddItemToArray(list, op_schema(op, runner));
	}
	return array_of(ops, 1);
}

/* ---- Values of single kinds --------------------------------------------------------------- */

/* [0, 2, "4-7"] */
static cJSON *cpus_schema(void)
{
	return array_of(either(at_least(0), string_pattern("^[0-9]+(-[0-9]+)?$")), 1);
}

static cJSON *pin_schema(void)
{
	cJSON *list;
	cJSON *schema = any_of(&list);

	cJSON_AddItemToArray(list, saying("const", "1:1"));
	cJSON_AddItemToArray(list, array_of(cpus_schema(), 1));
	cJSON_AddItemToArray(list, object_schema(&grammar_pool, NULL));
	return schema;
}

static cJSON *duration_schema(void)
{
	return whole_number(sim_distribution_types[SIM_CONSTANT].params);
}

/* [ [ 0.5, "10us" ], ... ] */
static cJSON *quantiles_schema(void)
{
	cJSON *pair = array_of(either(number_between(0, 1), duration_schema()), 2);

	cJSON_AddNumberToObject(pair, "maxItems", 2);
	return array_of(pair, 2);
}

static cJSON *version_schema(void)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddNumberToObject(schema, "const", SCENARIO_VERSION);
	return schema;
}

/* ---- Objects ------------------------------------------------------------------------------ */

/* The object, or a reference to where it is defined. */
static cJSON *object_or_reference(const struct grammar_object *object,
				  const struct policy_registry *policies)
{
	char path[64];

	if (!object->definition)
		return object_schema(object, policies);
	snprintf(path, sizeof(path), "#/$defs/%s", object->definition);
	return saying("$ref", path);
}

static cJSON *member_schema(const struct grammar_member *member,
			    const struct policy_registry *policies)
{
	switch (member->kind) {
	case GRAMMAR_END: break;
	case GRAMMAR_PARAMS: return table_schema(member->params);
	case GRAMMAR_OBJECT: return object_or_reference(member->object, policies);
	case GRAMMAR_MAP: return named_objects(object_or_reference(member->object, policies));
	case GRAMMAR_POLICY: return axis_schema(&policy_kinds[member->number], policies);
	case GRAMMAR_PROGRAM: return saying("$ref", program_definitions[member->number]);
	case GRAMMAR_VERSION: return version_schema();
	case GRAMMAR_TEXT:
	case GRAMMAR_FILE: return type("string");
	case GRAMMAR_NAMES: return array_of(string_pattern(NAME_PATTERN), 0);
	case GRAMMAR_NAME: return string_pattern(NAME_PATTERN);
	case GRAMMAR_CGROUP: return string_pattern(CGROUP_PATTERN);
	case GRAMMAR_CPUS: return cpus_schema();
	case GRAMMAR_PIN: return pin_schema();
	case GRAMMAR_DISTRIBUTION: return saying("$ref", "#/$defs/distribution");
	case GRAMMAR_SAMPLES: return array_of(duration_schema(), 1);
	case GRAMMAR_QUANTILES: return quantiles_schema();
	case GRAMMAR_VALUES: return named_objects(cJSON_CreateObject());
	case GRAMMAR_VALUE: return cJSON_CreateObject();
	case GRAMMAR_RATE:
		return or_reference(either(number_between(SOURCE_MIN_RATE, SOURCE_MAX_RATE),
					   string_pattern(RATE_PATTERN)));
	}
	return NULL;
}

/* Any one of the members, as an object of its own. */
static cJSON *one_of_schema(const struct grammar_object *object,
			    const struct policy_registry *policies)
{
	cJSON *list, *properties;
	cJSON *schema = any_of(&list);

	for (const struct grammar_member *member = object->members; member->kind; member++) {
		cJSON *alone = closed_object(&properties);

		cJSON_AddItemToObject(properties, member->key, member_schema(member, policies));
		require(alone, member->key);
		cJSON_AddItemToArray(list, alone);
	}
	return schema;
}

static cJSON *members_schema(const struct grammar_object *object,
			     const struct policy_registry *policies)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	for (const struct grammar_member *member = object->members; member->kind; member++) {
		if (member->key)
			cJSON_AddItemToObject(properties, member->key,
					      member_schema(member, policies));
		else
			add_table(properties, member->params);
		if (member->missing)
			require(schema, member->key);
	}
	if (object == &grammar_class[WORKLOAD_OF_VM])
		allow_references(properties);
	return schema;
}

static cJSON *object_schema(const struct grammar_object *object,
			    const struct policy_registry *policies)
{
	const struct oversub_param *instead = object->instead;
	cJSON *value;

	if (object->one_of)
		return one_of_schema(object, policies);
	if (!instead)
		return members_schema(object, policies);
	value = instead->type == OVERSUB_PARAM_ENUM ? choices(instead->choices)
						    : whole_number(instead);
	return object->members->kind ? either(value, members_schema(object, policies)) : value;
}

static cJSON *definitions(const struct policy_registry *policies)
{
	static const struct grammar_object *const objects[] = {&grammar_vm, &grammar_cgroup};
	cJSON *list = cJSON_CreateObject();

	cJSON_AddItemToObject(list, "distribution", distribution_schema());
	for (int runner = 0; runner < WORKLOAD_RUNNERS; runner++)
		cJSON_AddItemToObject(list, strrchr(program_definitions[runner], '/') + 1,
				      program_schema(runner));
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++)
		cJSON_AddItemToObject(list, objects[i]->definition,
				      object_schema(objects[i], policies));
	return list;
}

cJSON *scenario_schema(const struct policy_registry *policies)
{
	cJSON *schema = object_schema(&grammar_document, policies);

	cJSON_AddStringToObject(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	cJSON_AddStringToObject(schema, "title", "oversub scenario");
	cJSON_AddItemToObject(schema, "$defs", definitions(policies));
	return schema;
}
