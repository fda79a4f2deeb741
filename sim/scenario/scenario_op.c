/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs: an array of ops, with bodies inside them, becomes one flat array of struct op. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/program.h"
#include "sim/scenario/workload_json.h"

struct builder {
	struct json_reader *reader;
	bool on_host;
	struct workload *workload;
	struct workload_thread_class *class;
	int capacity; /* of class->ops */
	int requests; /* open ones */
	int loops;    /* open ones */
};

/* ---- Which op is it? ---------------------------------------------------------------------- */

static const struct op_description *op_named(const char *name)
{
	for (int kind = 0; kind < OP_KINDS; kind++)
		if (op_descriptions[kind].name && !strcmp(op_descriptions[kind].name, name))
			return &op_descriptions[kind];
	return NULL;
}

static const struct oversub_param *op_params(const struct op_description *op)
{
	return op->params ? op->params : scenario_no_params;
}

/* All keys of object belong to op. */
static bool op_fits(const struct op_description *op, const cJSON *object)
{
	for (const cJSON *child = object->child; child; child = child->next)
		if (strcmp(child->string, op->name) != 0 &&
		    !param_find(op_params(op), child->string) &&
		    !(op->has_body && !strcmp(child->string, "body")))
			return false;
	return true;
}

/*
 * "wait" is an op and also a parameter of smp_call: the op is the one to which all other keys
 * belong, so that the order of keys does not matter; if there is none, the first.
 */
const struct op_description *op_find(const cJSON *object)
{
	const struct op_description *first = NULL;

	for (const cJSON *child = object->child; child; child = child->next) {
		const struct op_description *op = op_named(child->string);

		if (op && op_fits(op, object))
			return op;
		if (op && !first)
			first = op;
	}
	return first;
}

static enum oversub_status not_an_op(struct builder *builder, const cJSON *object)
{
	struct json_names names = {.wrong = object->child ? object->child->string : ""};
	char text[512];

	for (int kind = 0; kind < OP_KINDS; kind++)
		if (op_descriptions[kind].name &&
		    (builder->on_host ? op_descriptions[kind].on_host
				      : op_descriptions[kind].in_guest))
			json_names_add(&names, op_descriptions[kind].name);
	return json_fail(builder->reader, "no key of this object is an op%s",
			 json_names_text(&names, text));
}

/* ---- The argument of an op ---------------------------------------------------------------- */

/* Name number index of the objects of a workload that an argument may mean. */
static const char *object_name(const struct workload *workload, const char *argument, int index)
{
	if (!strcmp(argument, "lock"))
		return index < workload->nr_locks ? workload->locks[index].name : NULL;
	if (!strcmp(argument, "event"))
		return index < workload->nr_events ? workload->events[index] : NULL;
	if (!strcmp(argument, "barrier"))
		return index < workload->nr_barriers ? workload->barriers[index].name : NULL;
	return index < workload->nr_sources ? workload->sources[index].name : NULL;
}

static enum oversub_status read_reference(struct builder *builder, const cJSON *value,
					  const char *argument, struct op *op)
{
	enum oversub_status status = json_expect_string(builder->reader, value);
	struct json_names names = {0};
	const char *name;
	char text[512];

	if (status)
		return status;
	names.wrong = value->valuestring;
	for (int i = 0; (name = object_name(builder->workload, argument, i)); i++) {
		if (!strcmp(name, value->valuestring)) {
			op->object = i;
			return OVERSUB_OK;
		}
		json_names_add(&names, name);
	}
	return json_fail(builder->reader, "the workload has no %s \"%.64s\"%s",
			 !strcmp(argument, "source") ? "arrival source" : argument,
			 value->valuestring, json_names_text(&names, text));
}

/* Requests are not declared: the first use of a name makes it. */
static enum oversub_status read_request(struct builder *builder, const cJSON *value, struct op *op)
{
	struct workload *workload = builder->workload;
	enum oversub_status status = json_expect_string(builder->reader, value);
	char **larger;

	if (!status)
		status = json_expect_name(builder->reader, value->valuestring);
	if (status)
		return status;
	for (op->object = 0; op->object < workload->nr_requests; op->object++)
		if (!strcmp(workload->requests[op->object], value->valuestring))
			return OVERSUB_OK;
	larger = realloc(workload->requests, ((size_t)workload->nr_requests + 1) * sizeof(*larger));
	if (!larger)
		return json_no_memory(builder->reader);
	workload->requests = larger;
	larger[op->object] = strdup(value->valuestring);
	if (!larger[op->object])
		return json_no_memory(builder->reader);
	workload->nr_requests++;
	return OVERSUB_OK;
}

static enum oversub_status read_count(struct builder *builder, const cJSON *value, struct op *op)
{
	const struct oversub_param param = {.name = "count",
					    .type = OVERSUB_PARAM_INT,
					    .offset = offsetof(struct op, count),
					    .min = 1,
					    .max = INT64_MAX};

	if (cJSON_IsString(value) && !strcmp(value->valuestring, "forever")) {
		op->count = -1;
		return OVERSUB_OK;
	}
	if (!cJSON_IsNumber(value))
		return json_fail(builder->reader, "expected a number of passes or \"forever\"");
	return json_read_param(builder->reader, value, &param, op);
}

/* A rule by name, or the number of one CPU. */
static enum oversub_status read_target(struct builder *builder, const cJSON *value, struct op *op)
{
	const struct oversub_param cpu = {.name = "cpu",
					  .type = OVERSUB_PARAM_INT,
					  .offset = offsetof(struct op, target_cpu),
					  .min = 0,
					  .max = 1023};
	const struct oversub_param rule = {.name = "target",
					   .type = OVERSUB_PARAM_ENUM,
					   .offset = offsetof(struct op, target),
					   .choices = op_target_names};

	if (!cJSON_IsNumber(value))
		return json_read_param(builder->reader, value, &rule, op);
	op->target = OP_TARGET_CPU;
	return json_read_param(builder->reader, value, &cpu, op);
}

static enum oversub_status read_period(struct builder *builder, const cJSON *value, struct op *op)
{
	const struct oversub_param param = {.name = "period",
					    .type = OVERSUB_PARAM_DURATION,
					    .offset = offsetof(struct op, period_ns),
					    .min = 1,
					    .max = SIM_VARIATE_MAX_NS};

	return json_read_param(builder->reader, value, &param, op);
}

static enum oversub_status read_argument(struct builder *builder, const cJSON *value,
					 const struct op_description *description, struct op *op)
{
	const char *argument = description->argument;

	if (!strcmp(argument, "distribution"))
		return json_read_distribution(builder->reader, value, &op->duration);
	if (!strcmp(argument, "request"))
		return read_request(builder, value, op);
	if (!strcmp(argument, "count"))
		return read_count(builder, value, op);
	if (!strcmp(argument, "target"))
		return read_target(builder, value, op);
	if (!strcmp(argument, "period"))
		return read_period(builder, value, op);
	if (!strcmp(argument, "none")) {
		if (cJSON_IsTrue(value))
			return OVERSUB_OK;
		return json_fail(builder->reader, "expected true: this op has no argument");
	}
	return read_reference(builder, value, argument, op);
}

/* ---- Ops ---------------------------------------------------------------------------------- */

static enum oversub_status append_op(struct builder *builder, const struct op *op)
{
	struct workload_thread_class *class = builder->class;

	if (class->nr_ops == builder->capacity) {
		int capacity = builder->capacity ? 2 * builder->capacity : 16;
		struct op *larger = realloc(class->ops, (size_t)capacity * sizeof(*larger));

		if (!larger)
			return json_no_memory(builder->reader);
		class->ops = larger;
		builder->capacity = capacity;
	}
	class->ops[class->nr_ops++] = *op;
	return OVERSUB_OK;
}

static enum oversub_status read_op(struct builder *builder, const cJSON *object);

static enum oversub_status read_ops(struct builder *builder, const cJSON *array)
{
	enum oversub_status status = json_expect_array(builder->reader, array);
	int index = 0;

	if (!status && !array->child)
		return json_fail(builder->reader, "it has no ops");
	for (const cJSON *child = status ? NULL : array->child; child && !status;
	     child = child->next) {
		size_t place = json_enter_index(builder->reader, index++);

		status = read_op(builder, child);
		if (!status)
			json_leave(builder->reader, place);
	}
	return status;
}

/* The body behind its begin, which is the last op so far, and its end. */
static enum oversub_status read_body(struct builder *builder, const cJSON *object)
{
	struct workload_thread_class *class = builder->class;
	int begin = class->nr_ops - 1;
	bool is_loop = class->ops[begin].kind == OP_LOOP;
	struct op end = {.kind = is_loop ? OP_LOOP_END : OP_REQUEST_END, .jump = begin};
	int *open = is_loop ? &builder->loops : &builder->requests;
	const cJSON *body = cJSON_GetObjectItemCaseSensitive(object, "body");
	enum oversub_status status;
	size_t place;

	if (!body)
		return json_fail(builder->reader, "\"body\": [ ops ] is missing");
	if (*open == PROGRAM_MAX_NESTING)
		return json_fail(builder->reader, "more than %d nested in each other",
				 PROGRAM_MAX_NESTING);
	++*open;
	place = json_enter(builder->reader, "body");
	status = read_ops(builder, body);
	if (status)
		return status;
	json_leave(builder->reader, place);
	--*open;
	end.object = class->ops[begin].object;
	end.probability = 1;
	class->ops[begin].jump = class->nr_ops;
	return append_op(builder, &end);
}

static enum oversub_status check_op(struct builder *builder,
				    const struct op_description *description, const struct op *op)
{
	if (!(builder->on_host ? description->on_host : description->in_guest))
		return json_fail(builder->reader, "threads of %s have no op \"%s\"",
				 builder->on_host ? "the host" : "a VM", description->name);
	if (op->kind == OP_TAKE && !builder->requests)
		return json_fail(builder->reader,
				 "a take must be inside a request, whose latency counts from the "
				 "arrival");
	if (op->kind == OP_RUN && !op->interrupts && op->mode != OP_MODE_KERNEL)
		return json_fail(builder->reader,
				 "only \"mode\": \"kernel\" can run with interrupts off");
	return OVERSUB_OK;
}

static enum oversub_status read_op(struct builder *builder, const cJSON *object)
{
	enum oversub_status status = json_expect_object(builder->reader, object);
	struct param_section sections[] = {{NULL, scenario_no_params, 0}, {NULL, NULL, 0}};
	struct op op = {.object = -1, .probability = 1};
	const struct op_description *description;
	const char *others[] = {NULL, NULL, NULL};
	const cJSON *argument;
	size_t place;

	if (status)
		return status;
	description = op_find(object);
	if (!description)
		return not_an_op(builder, object);
	op.kind = description->kind;
	sections[0].params = op_params(description);
	others[0] = description->name;
	others[1] = description->has_body ? "body" : NULL;
	json_object_defaults(sections, &op);
	status = json_read_object(builder->reader, object, sections, others, &op);
	if (status)
		return status;
	argument = cJSON_GetObjectItemCaseSensitive(object, description->name);
	place = json_enter(builder->reader, description->name);
	status = read_argument(builder, argument, description, &op);
	if (status)
		return status;
	json_leave(builder->reader, place);
	status = check_op(builder, description, &op);
	if (!status)
		status = append_op(builder, &op);
	if (!status && description->has_body)
		status = read_body(builder, object);
	return status;
}

enum oversub_status program_read(struct json_reader *reader, const cJSON *program, bool on_host,
				 struct workload *workload, struct workload_thread_class *class)
{
	struct builder builder = {
		.reader = reader, .on_host = on_host, .workload = workload, .class = class};
	struct oversub_error error;
	enum oversub_status status = read_ops(&builder, program);

	/* Whatever the models' own check finds beyond the above. */
	if (!status && program_check(workload, class, &error))
		status = json_fail(reader, "%.600s", error.message);
	return status;
}
