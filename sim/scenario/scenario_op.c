/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs: an array of ops, with bodies inside them, becomes one flat array of struct op. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/scenario/scenario_parts.h"

struct builder {
	struct json_reader *reader;
	enum workload_runner runner;
	struct workload *workload;
	struct workload_thread_class *class;
};

/* ---- Which op is it? ---------------------------------------------------------------------- */

static const struct op_description *op_named(const char *name)
{
	for (int kind = 0; kind < OP_KINDS; kind++)
		if (op_descriptions[kind].name && !strcmp(op_descriptions[kind].name, name))
			return &op_descriptions[kind];
	return NULL;
}

const struct oversub_param *op_params(const struct op_description *op, enum workload_runner runner)
{
	return op->params[runner] ? op->params[runner] : op->params[!runner];
}

/* All keys of object belong to op. */
static bool op_fits(const struct op_description *op, enum workload_runner runner,
		    const cJSON *object)
{
	for (const cJSON *child = object->child; child; child = child->next)
		if (strcmp(child->string, op->name) != 0 &&
		    !param_find(op_params(op, runner), child->string) &&
		    !(op->has_body && !strcmp(child->string, "body")))
			return false;
	return true;
}

/*
 * "wait" is an op and also a parameter of smp_call: the op is the one to which all other keys
 * belong, so that the order of keys does not matter; if there is none, the first.
 */
const struct op_description *op_find(const cJSON *object, enum workload_runner runner)
{
	const struct op_description *first = NULL;

	for (const cJSON *child = object->child; child; child = child->next) {
		const struct op_description *op = op_named(child->string);

		if (op && op_fits(op, runner, object))
			return op;
		if (op && !first)
			first = op;
	}
	return first;
}

static enum oversub_status not_an_op(struct builder *builder, const cJSON *object)
{
	struct json_names names = {.suggestion.wrong = object->child ? object->child->string : ""};
	char text[JSON_NAMES_TEXT_MAX];

	for (int kind = 0; kind < OP_KINDS; kind++)
		if (op_descriptions[kind].name && op_descriptions[kind].params[builder->runner])
			json_names_add(&names, op_descriptions[kind].name);
	return json_fail(builder->reader, "no key of this object is an op%s",
			 json_names_text(&names, text));
}

/* ---- The argument of an op ---------------------------------------------------------------- */

struct object_list {
	const struct workload *workload;
	enum op_argument kind;
};

static const char *object_name(const void *context, int index)
{
	const struct object_list *list = context;

	return workload_object_name(list->workload, list->kind, index);
}

static enum oversub_status read_reference(struct builder *builder, const cJSON *value,
					  enum op_argument kind, struct op *op)
{
	const struct object_list list = {builder->workload, kind};
	char missing[64];

	snprintf(missing, sizeof(missing), "the workload has no %s%s",
		 kind == OP_ARGUMENT_SOURCE ? "arrival " : "", op_argument_names[kind]);
	return json_read_name(builder->reader, value, missing, object_name, &list, &op->object);
}

/* Requests are not declared: the first use of a name makes it. */
static enum oversub_status read_request(struct builder *builder, const cJSON *value, struct op *op)
{
	struct workload *workload = builder->workload;
	enum oversub_status status = json_expect_string(builder->reader, value);
	char **request;

	if (!status)
		status = json_expect_name(builder->reader, value->valuestring);
	if (status)
		return status;
	for (op->object = 0; op->object < workload->nr_requests; op->object++)
		if (!strcmp(workload->requests[op->object], value->valuestring))
			return OVERSUB_OK;
	request = array_add(workload->requests, workload->nr_requests);
	if (request)
		*request = strdup(value->valuestring);
	return request && *request ? OVERSUB_OK : json_no_memory(builder->reader);
}

static enum oversub_status read_count(struct builder *builder, const cJSON *value, struct op *op)
{
	const struct oversub_param count =
		OVERSUB_INT(struct op, count, "passes", 1, 1, INT64_MAX, NULL);

	if (cJSON_IsString(value) && !strcmp(value->valuestring, "forever")) {
		op->count = -1;
		return OVERSUB_OK;
	}
	if (!cJSON_IsNumber(value))
		return json_fail(builder->reader, "expected a number of passes or \"forever\"");
	return json_read_param(builder->reader, value, &count, op);
}

/* A rule by name, or the number of one CPU. */
static enum oversub_status read_target(struct builder *builder, const cJSON *value, struct op *op)
{
	const struct oversub_param cpu =
		OVERSUB_INT(struct op, target_cpu, NULL, 0, 0, OVERSUB_MAX_VCPUS - 1, NULL);
	const struct oversub_param rule = OVERSUB_ENUM(struct op, target, op_target_names, 0, NULL);

	if (!cJSON_IsNumber(value))
		return json_read_param(builder->reader, value, &rule, op);
	op->target = OP_TARGET_CPU;
	return json_read_param(builder->reader, value, &cpu, op);
}

static enum oversub_status read_period(struct builder *builder, const cJSON *value, struct op *op)
{
	const struct oversub_param period =
		OVERSUB_DURATION(struct op, period_ns, 1, 1, SIM_VARIATE_MAX_NS, NULL);

	return json_read_param(builder->reader, value, &period, op);
}

static enum oversub_status read_argument(struct builder *builder, const cJSON *value,
					 enum op_argument argument, struct op *op)
{
	switch (argument) {
	case OP_ARGUMENT_DISTRIBUTION:
		return json_read_distribution(builder->reader, value, &op->duration);
	case OP_ARGUMENT_REQUEST: return read_request(builder, value, op);
	case OP_ARGUMENT_COUNT: return read_count(builder, value, op);
	case OP_ARGUMENT_TARGET: return read_target(builder, value, op);
	case OP_ARGUMENT_PERIOD: return read_period(builder, value, op);
	case OP_ARGUMENT_TRUE:
		if (cJSON_IsTrue(value))
			return OVERSUB_OK;
		return json_fail(builder->reader, "expected true: this op has no argument");
	default: return read_reference(builder, value, argument, op);
	}
}

/* ---- Ops ---------------------------------------------------------------------------------- */

static enum oversub_status append_op(struct builder *builder, const struct op *op)
{
	struct op *last = array_add(builder->class->ops, builder->class->nr_ops);

	if (!last)
		return json_no_memory(builder->reader);
	*last = *op;
	return OVERSUB_OK;
}

static enum oversub_status read_op(struct json_reader *reader, const cJSON *object, void *context);

static enum oversub_status read_ops(struct json_reader *reader, const cJSON *array, void *context)
{
	if (cJSON_IsArray(array) && !array->child)
		return json_fail(reader, "it has no ops");
	return json_read_array(reader, array, read_op, context);
}

/* The body behind its begin, which is the last op so far, and its end. */
static enum oversub_status read_body(struct builder *builder, const cJSON *object)
{
	struct workload_thread_class *class = builder->class;
	int begin = class->nr_ops - 1;
	struct op end = {
		.kind = class->ops[begin].kind == OP_LOOP ? OP_LOOP_END : OP_REQUEST_END,
		.object = class->ops[begin].object,
		.probability = 1,
		.jump = begin,
	};
	enum oversub_status status;

	if (!cJSON_GetObjectItemCaseSensitive(object, "body"))
		return json_fail(builder->reader, "\"body\": [ ops ] is missing");
	status = json_read_member(builder->reader, object, "body", read_ops, builder);
	if (status)
		return status;
	class->ops[begin].jump = class->nr_ops;
	return append_op(builder, &end);
}

/* A parameter that would change nothing here is most often meant for another thread. */
static enum oversub_status refuse_foreign_params(struct builder *builder, const cJSON *object,
						 const struct op_description *op)
{
	const struct oversub_param *own = op_params(op, builder->runner);
	const struct oversub_param *other = op_params(op, !builder->runner);

	for (const cJSON *child = object->child; child; child = child->next) {
		if (param_find(own, child->string) || !param_find(other, child->string))
			continue;
		json_enter(builder->reader, child->string);
		return json_fail(builder->reader,
				 "it has no effect here: only threads of %s have it",
				 builder->runner == WORKLOAD_OF_HOST ? "a VM" : "the host");
	}
	return OVERSUB_OK;
}

static enum oversub_status read_op(struct json_reader *reader, const cJSON *object, void *context)
{
	struct builder *builder = context;
	enum oversub_status status = json_expect_object(reader, object);
	struct grammar_member members[] = {{NULL, GRAMMAR_PARAMS}, {NULL, GRAMMAR_NAME}, {0}, {0}};
	const struct grammar_object type = {members};
	struct op op = {.object = -1, .probability = 1, .interrupts = 1};
	const struct op_description *description;
	size_t place;

	if (status)
		return status;
	description = op_find(object, builder->runner);
	if (!description)
		return not_an_op(builder, object);
	op.kind = (enum op_kind)(description - op_descriptions);
	members[0].params = op_params(description, builder->runner);
	members[1].key = description->name;
	if (description->has_body)
		members[2] = (struct grammar_member){"body", GRAMMAR_PROGRAM};
	json_object_defaults(&type, &op);
	status = refuse_foreign_params(builder, object, description);
	if (!status)
		status = json_read_object(reader, object, &type, &op);
	if (status)
		return status;
	place = json_enter(reader, description->name);
	status = read_argument(builder, cJSON_GetObjectItemCaseSensitive(object, description->name),
			       description->argument, &op);
	json_leave(reader, place);
	if (!status && op.kind == OP_RUN && !op.interrupts && op.mode != OP_MODE_KERNEL)
		return json_fail(reader, "only \"mode\": \"kernel\" can run with interrupts off");
	if (!status)
		status = append_op(builder, &op);
	if (!status && description->has_body)
		status = read_body(builder, object);
	return status;
}

enum oversub_status program_read(struct json_reader *reader, const cJSON *program,
				 enum workload_runner runner, struct workload *workload,
				 struct workload_thread_class *class)
{
	struct builder builder = {
		.reader = reader, .runner = runner, .workload = workload, .class = class};

	return read_ops(reader, program, &builder);
}

/* ---- Where an op is ----------------------------------------------------------------------- */

bool program_enter_op(struct json_reader *reader, const cJSON *program, int *op)
{
	int index = 0;

	for (const cJSON *child = program->child; child; child = child->next) {
		const cJSON *body = cJSON_GetObjectItemCaseSensitive(child, "body");
		size_t place = json_enter_index(reader, index++);

		if ((*op)-- == 0)
			return true;
		if (body) {
			json_enter(reader, "body");
			/* Behind the body is its end. */
			if (program_enter_op(reader, body, op) || (*op)-- == 0)
				return true;
		}
		json_leave(reader, place);
	}
	return false;
}
