/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A schema cannot say everything that the loader checks (references, sums, ranges of strings with
 * units); whatever it refuses, the loader refuses as well, but not the other way round.
 *
 * cJSON's functions pass NULL on, so running out of memory is noticed once, at the end.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sim/scenario/param_json.h"
#include "sim/scenario/scenario_internal.h"
#include "sim/scenario/scenario_vm.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/sections.h"
#include "sim/scenario/workload_json.h"

#define RATE_PATTERN	 "^[0-9]+(\\.[0-9]+)? */s$"
#define DURATION_PATTERN "^[0-9]+(\\.[0-9]+)? *(ns|us|ms|s)$"
#define INTEGER_PATTERN	 "^-?[0-9]+$"
#define NAME_PATTERN	 "^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$"
#define CGROUP_PATTERN	 "^[A-Za-z0-9_][A-Za-z0-9_/-]*$"

/* ---- Small schemas ------------------------------------------------------------------------ */

static cJSON *type(const char *name)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddStringToObject(schema, "type", name);
	return schema;
}

static cJSON *string_pattern(const char *pattern)
{
	cJSON *schema = type("string");

	cJSON_AddStringToObject(schema, "pattern", pattern);
	return schema;
}

static cJSON *reference(const char *definition)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddStringToObject(schema, "$ref", definition);
	return schema;
}

static cJSON *constant(const char *value)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddStringToObject(schema, "const", value);
	return schema;
}

/* { "anyOf": [] }, or another word for it; the list is at *list. */
static cJSON *choice_of(const char *word, cJSON **list)
{
	cJSON *schema = cJSON_CreateObject();

	*list = cJSON_AddArrayToObject(schema, word);
	return schema;
}

static cJSON *either(cJSON *a, cJSON *b)
{
	cJSON *list;
	cJSON *schema = choice_of("anyOf", &list);

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
	case OVERSUB_PARAM_REAL:
		schema = type("number");
		cJSON_AddNumberToObject(schema, "minimum", param->real_min);
		cJSON_AddNumberToObject(schema, "maximum", param->real_max);
		break;
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

static void add_sections(cJSON *properties, const struct param_section *sections)
{
	for (; sections->params; sections++) {
		if (sections->key)
			cJSON_AddItemToObject(properties, sections->key,
					      table_schema(sections->params));
		else
			add_table(properties, sections->params);
	}
}

static cJSON *sections_schema(const struct param_section *sections)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	add_sections(properties, sections);
	return schema;
}

/* ---- Policies ----------------------------------------------------------------------------- */

static cJSON *policy_schema(const struct scenario_axis *axis,
			    const struct policy_registry *policies, int policy)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	cJSON_AddStringToObject(schema, "description", axis->help(policies, policy));
	cJSON_AddItemToObject(properties, "policy", constant(axis->name(policies, policy)));
	add_table(properties, axis->params(policies, policy));
	if (strcmp(axis->name(policies, policy), axis->default_name) != 0)
		require(schema, "policy");
	return schema;
}

static cJSON *axis_schema(const struct scenario_axis *axis, const struct policy_registry *policies)
{
	cJSON *list;
	cJSON *schema = choice_of("anyOf", &list);

	for (int policy = 0; axis->name(policies, policy); policy++)
		cJSON_AddItemToArray(list, policy_schema(axis, policies, policy));
	return schema;
}

/* The axes that are in that section of the document. */
static void add_axes(cJSON *properties, const char *section, const struct policy_registry *policies)
{
	for (int i = 0; i < SCENARIO_AXES; i++)
		if (!strcmp(scenario_axes[i].section, section))
			cJSON_AddItemToObject(properties, scenario_axes[i].key,
					      axis_schema(&scenario_axes[i], policies));
}

static cJSON *yield_schema(const struct policy_registry *policies)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	add_axes(properties, "yield", policies);
	return schema;
}

/* ---- Workloads ---------------------------------------------------------------------------- */

static cJSON *distribution_schema(void)
{
	cJSON *list;
	cJSON *schema = choice_of("anyOf", &list);

	cJSON_AddItemToArray(list, whole_number(sim_distribution_types[SIM_CONSTANT].params));
	for (int kind = 0; kind < SIM_DISTRIBUTION_KINDS; kind++) {
		const struct sim_distribution_type *distribution = &sim_distribution_types[kind];
		cJSON *params = table_schema(distribution->params);
		cJSON *properties;
		cJSON *object = closed_object(&properties);

		for (const struct oversub_param *param = distribution->params; param->name; param++)
			if (distribution_param_required(kind, param))
				require(params, param->name);
		cJSON_AddStringToObject(params, "description", distribution->help);
		cJSON_AddItemToObject(properties, distribution->name, params);
		require(object, distribution->name);
		cJSON_AddItemToArray(list, object);
	}
	return schema;
}

static cJSON *at_least(int minimum)
{
	cJSON *schema = type("integer");

	cJSON_AddNumberToObject(schema, "minimum", minimum);
	return schema;
}

static cJSON *argument_schema(enum op_argument argument)
{
	cJSON *schema;

	switch (argument) {
	case OP_ARGUMENT_DISTRIBUTION: return reference("#/$defs/distribution");
	case OP_ARGUMENT_COUNT: return either(at_least(1), constant("forever"));
	case OP_ARGUMENT_TARGET: return either(at_least(0), choices(op_target_names));
	case OP_ARGUMENT_PERIOD: return either(type("integer"), string_pattern(DURATION_PATTERN));
	case OP_ARGUMENT_TRUE:
		schema = cJSON_CreateObject();
		cJSON_AddTrueToObject(schema, "const");
		return schema;
	default: return string_pattern(NAME_PATTERN);
	}
}

static cJSON *op_schema(const struct op_description *op, enum workload_runner runner,
			const char *program)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	cJSON_AddStringToObject(schema, "description", op->help);
	cJSON_AddItemToObject(properties, op->name, argument_schema(op->argument));
	add_table(properties, op->params[runner]);
	require(schema, op->name);
	if (op->has_body) {
		cJSON_AddItemToObject(properties, "body", reference(program));
		require(schema, "body");
	}
	return schema;
}

static cJSON *program_schema(enum workload_runner runner)
{
	cJSON *list;
	cJSON *ops = choice_of("anyOf", &list);

	for (int kind = 0; kind < OP_KINDS; kind++) {
		const struct op_description *op = &op_descriptions[kind];

		if (op->name && op->params[runner])
			cJSON_AddItemToArray(list, op_schema(op, runner,
							     runner == WORKLOAD_OF_HOST
								     ? "#/$defs/host_program"
								     : "#/$defs/program"));
	}
	return array_of(ops, 1);
}

/* { key: value }, and nothing else. */
static cJSON *only(const char *key, cJSON *value)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	cJSON_AddItemToObject(properties, key, value);
	require(schema, key);
	return schema;
}

static cJSON *arrival_schema(void)
{
	cJSON *list;
	cJSON *schema = choice_of("anyOf", &list);
	cJSON *number = type("number");

	cJSON_AddNumberToObject(number, "minimum", SOURCE_MIN_RATE);
	cJSON_AddNumberToObject(number, "maximum", SOURCE_MAX_RATE);
	cJSON_AddItemToArray(list, only("interarrival", reference("#/$defs/distribution")));
	cJSON_AddItemToArray(list, only("rate", either(number, string_pattern(RATE_PATTERN))));
	return schema;
}

/* "KIND" or { "kind": "KIND" } or { } */
static cJSON *lock_schema(void)
{
	cJSON *properties;
	cJSON *object = closed_object(&properties);

	add_sections(properties, scenario_lock_sections);
	return either(choices(lock_kind_names), object);
}

/* [0, 2, "4-7"] */
static cJSON *cpus_schema(void)
{
	cJSON *number = type("integer");

	cJSON_AddNumberToObject(number, "minimum", 0);
	return array_of(either(number, string_pattern("^[0-9]+(-[0-9]+)?$")), 1);
}

static cJSON *workload_schema(bool on_host)
{
	cJSON *properties, *class_properties;
	cJSON *schema = closed_object(&properties);
	cJSON *class = closed_object(&class_properties);

	cJSON_AddItemToObject(class_properties, "program",
			      reference(on_host ? "#/$defs/host_program" : "#/$defs/program"));
	require(class, "program");
	add_sections(class_properties,
		     on_host ? scenario_host_class_sections : scenario_guest_class_sections);
	if (on_host) {
		cJSON_AddItemToObject(class_properties, "cpus", cpus_schema());
		cJSON_AddItemToObject(class_properties, "cgroup", string_pattern(CGROUP_PATTERN));
		cJSON_AddItemToObject(class_properties, "emulator_of",
				      string_pattern(NAME_PATTERN));
	}
	cJSON_AddItemToObject(properties, "locks", named_objects(lock_schema()));
	cJSON_AddItemToObject(properties, "events", array_of(string_pattern(NAME_PATTERN), 0));
	cJSON_AddItemToObject(properties, "barriers",
			      named_objects(whole_number(&scenario_barrier_param)));
	cJSON_AddItemToObject(properties, "arrivals", named_objects(arrival_schema()));
	cJSON_AddItemToObject(properties, "threads", named_objects(class));
	require(schema, "threads");
	if (on_host)
		cJSON_AddItemToObject(properties, "costs", table_schema(thread_params));
	return schema;
}

/* ---- The document ------------------------------------------------------------------------- */

static cJSON *pin_schema(void)
{
	cJSON *list, *properties;
	cJSON *schema = choice_of("anyOf", &list);
	cJSON *pool = closed_object(&properties);

	cJSON_AddItemToObject(properties, "pool", cpus_schema());
	require(pool, "pool");
	cJSON_AddItemToArray(list, constant("1:1"));
	cJSON_AddItemToArray(list, array_of(cpus_schema(), 1));
	cJSON_AddItemToArray(list, pool);
	return schema;
}

static cJSON *vm_schema(void)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	add_sections(properties, scenario_vm_sections);
	cJSON_AddItemToObject(properties, "workload", string_pattern(NAME_PATTERN));
	cJSON_AddItemToObject(properties, "pin", pin_schema());
	cJSON_AddItemToObject(properties, "cgroup", string_pattern(CGROUP_PATTERN));
	return schema;
}

static cJSON *cgroup_schema(void)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	add_sections(properties, scenario_cgroup_sections);
	cJSON_AddItemToObject(properties, "children", named_objects(reference("#/$defs/cgroup")));
	return schema;
}

static cJSON *host_schema(const struct policy_registry *policies)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);

	add_sections(properties, scenario_host_sections);
	add_axes(properties, "host", policies);
	cJSON_AddItemToObject(properties, "cgroups", named_objects(reference("#/$defs/cgroup")));
	return schema;
}

static cJSON *definitions(void)
{
	cJSON *list = cJSON_CreateObject();

	cJSON_AddItemToObject(list, "distribution", distribution_schema());
	cJSON_AddItemToObject(list, "program", program_schema(WORKLOAD_OF_VM));
	cJSON_AddItemToObject(list, "host_program", program_schema(WORKLOAD_OF_HOST));
	cJSON_AddItemToObject(list, "vm", vm_schema());
	cJSON_AddItemToObject(list, "cgroup", cgroup_schema());
	return list;
}

cJSON *scenario_schema(const struct policy_registry *policies)
{
	cJSON *properties;
	cJSON *schema = closed_object(&properties);
	cJSON *version = cJSON_CreateObject();

	cJSON_AddStringToObject(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	cJSON_AddStringToObject(schema, "title", "oversub scenario");
	cJSON_AddNumberToObject(version, "const", SCENARIO_VERSION);
	cJSON_AddItemToObject(properties, "oversub_scenario", version);
	require(schema, "oversub_scenario");
	cJSON_AddItemToObject(properties, "title", type("string"));
	cJSON_AddItemToObject(properties, "description", type("string"));
	cJSON_AddItemToObject(properties, "host", host_schema(policies));
	cJSON_AddItemToObject(properties, "yield", yield_schema(policies));
	cJSON_AddItemToObject(properties, "vm_defaults", reference("#/$defs/vm"));
	cJSON_AddItemToObject(properties, "vms", named_objects(reference("#/$defs/vm")));
	cJSON_AddItemToObject(properties, "workloads", named_objects(workload_schema(false)));
	cJSON_AddItemToObject(properties, "host_workload", workload_schema(true));
	cJSON_AddItemToObject(properties, "run", sections_schema(scenario_run_sections));
	cJSON_AddItemToObject(schema, "$defs", definitions());
	return schema;
}
