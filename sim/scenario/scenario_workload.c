/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads: their locks, events, barriers, arrivals and thread classes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/workload_check.h"
#include "sim/base/array.h"
#include "sim/base/bitmap.h"
#include "sim/scenario/scenario_parts.h"
#include "sim/scenario/units.h"

/* What is read, and for whom. */
struct part {
	struct workload *workload;
	enum workload_runner runner;
	const struct scenario *scenario;
};

/* ---- CPU lists ---------------------------------------------------------------------------- */

/* 7 or "4-7". */
static bool parse_cpus(const cJSON *value, int64_t *first, int64_t *last)
{
	char text[64];
	char *dash;

	if (cJSON_IsNumber(value)) {
		*first = *last = value->valueint;
		return value->valuedouble == value->valueint;
	}
	if (!cJSON_IsString(value) || strlen(value->valuestring) >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%s", value->valuestring);
	dash = strchr(text, '-');
	if (dash)
		*dash = '\0';
	return units_parse_integer(text, first) &&
	       units_parse_integer(dash ? dash + 1 : text, last) && *first <= *last;
}

struct cpu_list {
	int64_t cpus; /* of the host */
	uint64_t *bits;
};

static enum oversub_status read_cpus(struct json_reader *reader, const cJSON *value, void *context)
{
	const struct cpu_list *list = context;
	char text[JSON_VALUE_TEXT_MAX];
	int64_t first, last;

	if (!parse_cpus(value, &first, &last))
		return json_fail(reader, "expected a CPU number or a range such as \"4-7\", not %s",
				 json_value_text(value, text));
	if (first < 0 || last >= list->cpus)
		return json_fail(reader, "CPU %s is out of range 0..%d",
				 json_value_text(value, text), (int)list->cpus - 1);
	for (int64_t cpu = first; cpu <= last; cpu++)
		bitmap_set(list->bits, (int)cpu, true);
	return OVERSUB_OK;
}

enum oversub_status cpu_list_read(struct json_reader *reader, const cJSON *list, int64_t cpus,
				  uint64_t *bits)
{
	struct cpu_list into = {cpus, bits};

	if (cJSON_IsArray(list) && !list->child)
		return json_fail(reader, "the list of CPUs is empty");
	return json_read_array(reader, list, read_cpus, &into);
}

/* ---- Named objects ------------------------------------------------------------------------ */

/* The name of what was just added, into *copy; NULL: there was no room to add it. */
static enum oversub_status copy_name(struct json_reader *reader, const char *name, char **copy)
{
	if (copy)
		*copy = strdup(name);
	return copy && *copy ? OVERSUB_OK : json_no_memory(reader);
}

/* "KIND", or an object that need not say. */
static enum oversub_status read_lock(struct json_reader *reader, const cJSON *value, void *context)
{
	struct workload *workload = ((const struct part *)context)->workload;
	struct workload_lock *lock = array_add(workload->locks, workload->nr_locks);
	enum oversub_status status = copy_name(reader, value->string, lock ? &lock->name : NULL);
	struct scenario_lock params;

	if (status)
		return status;
	json_object_defaults(&grammar_lock, &params);
	if (cJSON_IsObject(value))
		status = json_read_object(reader, value, &grammar_lock, &params);
	else
		status = json_read_param(reader, value, grammar_lock.instead, &params);
	lock->kind = (enum lock_kind)params.kind;
	return status;
}

static enum oversub_status read_barrier(struct json_reader *reader, const cJSON *value,
					void *context)
{
	struct workload *workload = ((const struct part *)context)->workload;
	struct workload_barrier *barrier = array_add(workload->barriers, workload->nr_barriers);
	enum oversub_status status =
		copy_name(reader, value->string, barrier ? &barrier->name : NULL);
	int64_t parties = 0;

	if (status)
		return status;
	status = json_read_param(reader, value, grammar_barrier.instead, &parties);
	barrier->parties = (int)parties;
	return status;
}

static enum oversub_status read_interarrival(struct json_reader *reader, const cJSON *value,
					     void *context)
{
	struct workload_source *source = context;
	enum oversub_status status = json_read_distribution(reader, value, &source->interarrival);

	if (!status && !(sim_distribution_mean(&source->interarrival) >= 1))
		return json_fail(reader, "its mean is below 1 ns");
	return status;
}

/* Independent arrivals: so many per second, and exponential times between them. */
static enum oversub_status read_rate(struct json_reader *reader, const cJSON *value, void *context)
{
	struct workload_source *source = context;
	double per_s = cJSON_IsNumber(value) ? value->valuedouble : -1;
	char text[JSON_VALUE_TEXT_MAX];

	if (!cJSON_IsNumber(value) &&
	    !(cJSON_IsString(value) && units_parse_rate(value->valuestring, &per_s)))
		return json_fail(reader,
				 "expected a number per second, such as 5000 or \"5000/s\", not %s",
				 json_value_text(value, text));
	if (!(per_s >= SOURCE_MIN_RATE && per_s <= SOURCE_MAX_RATE))
		return json_fail(reader, "%s is out of range %g..%g per second",
				 json_value_text(value, text), SOURCE_MIN_RATE, SOURCE_MAX_RATE);
	source->interarrival =
		(struct sim_distribution){.kind = SIM_EXPONENTIAL, .mean_ns = llround(1e9 / per_s)};
	return OVERSUB_OK;
}

static enum oversub_status read_source(struct json_reader *reader, const cJSON *value,
				       void *context)
{
	struct workload *workload = ((const struct part *)context)->workload;
	struct workload_source *source = array_add(workload->sources, workload->nr_sources);
	enum oversub_status status =
		copy_name(reader, value->string, source ? &source->name : NULL);

	if (!status)
		status = json_read_object(reader, value, &grammar_source, NULL);
	if (status)
		return status;
	if (!value->child)
		return json_fail(reader, "\"interarrival\" or \"rate\" is missing");
	if (value->child->next)
		return json_fail(reader,
				 "%s.interarrival and %s.rate both say how often work arrives; "
				 "leave one of them out",
				 reader->path, reader->path);
	status = json_read_member(reader, value, "interarrival", read_interarrival, source);
	return status ? status : json_read_member(reader, value, "rate", read_rate, source);
}

static enum oversub_status read_event(struct json_reader *reader, const cJSON *event, void *context)
{
	struct workload *workload = ((const struct part *)context)->workload;
	enum oversub_status status = json_expect_string(reader, event);

	if (!status)
		status = json_expect_name(reader, event->valuestring);
	if (status)
		return status;
	for (int i = 0; i < workload->nr_events; i++)
		if (!strcmp(workload->events[i], event->valuestring))
			return json_fail(reader, "\"%.64s\" is there twice", event->valuestring);
	return copy_name(reader, event->valuestring,
			 array_add(workload->events, workload->nr_events));
}

static enum oversub_status read_events(struct json_reader *reader, const cJSON *events,
				       void *context)
{
	return json_read_array(reader, events, read_event, context);
}

/* ---- Thread classes ----------------------------------------------------------------------- */

/* A class that is read. */
struct class_part {
	const struct part *part;
	struct workload_thread_class *class;
};

/* The affinity of host threads is one word: CPUs 0..63. */
static enum oversub_status read_affinity(struct json_reader *reader, const cJSON *list,
					 void *context)
{
	const struct class_part *of = context;
	int64_t cpus = of->part->scenario->host.cpus;

	return cpu_list_read(reader, list, cpus < 64 ? cpus : 64, &of->class->cpus);
}

static enum oversub_status read_cgroup(struct json_reader *reader, const cJSON *path, void *context)
{
	const struct class_part *of = context;

	return cgroup_find(reader, path, of->part->scenario, &of->class->cgroup);
}

static const char *vm_name(const void *context, int index)
{
	const struct scenario *scenario = context;

	return index < scenario->nr_vms ? scenario->vms[index].name : NULL;
}

/* "emulator_of": VMs in whose cgroups the threads are, instead of one of their own or another. */
static enum oversub_status read_emulator(struct json_reader *reader, const cJSON *name,
					 void *context)
{
	const struct class_part *of = context;
	struct workload_thread_class *class = of->class;
	enum oversub_status status;
	int index = -1;

	if (class->cgroup || class->cpu_weight || class->quota_ns)
		return json_fail(reader, "emulator threads are in a cgroup of their VM: they have "
					 "no cgroup, cpu_weight or cpu_max besides");
	status = json_read_name(reader, name, "none of \"vms\" is named", vm_name,
				of->part->scenario, &index);
	class->emulator_of = index + 1;
	/* A VM that is not there has no threads either. */
	if (!status && !of->part->scenario->vms[index].size.count)
		class->count = 0;
	return status;
}

static enum oversub_status read_program(struct json_reader *reader, const cJSON *program,
					void *context)
{
	const struct class_part *of = context;

	return program_read(reader, program, of->part->runner, of->part->workload, of->class);
}

static enum oversub_status read_class_params(struct json_reader *reader, const cJSON *value,
					     const struct grammar_object *type,
					     struct workload_thread_class *class)
{
	struct scenario_thread_class params = {0};
	enum oversub_status status;

	json_object_defaults(type, &params);
	status = json_read_object(reader, value, type, &params);
	class->count = (int)params.count;
	class->per_vcpu = (int)params.per_vcpu;
	if (!status && class->per_vcpu) {
		if (cJSON_HasObjectItem(value, "count"))
			return json_fail(reader, "count and per_vcpu both say how many threads "
						 "there are; leave one of them out");
		class->count = 0;
	}
	class->nice = params.nice;
	class->slice_ns = params.slice_ns;
	class->cpu_weight = params.cpu_weight;
	class->quota_ns = params.cpu_max.quota_ns;
	class->period_ns = params.cpu_max.period_ns;
	class->burst_ns = params.cpu_max.burst_ns;
	return status ? status : json_check_cpu_max(reader, &params.cpu_max);
}

static enum oversub_status read_class(struct json_reader *reader, const cJSON *value, void *context)
{
	const struct part *part = context;
	struct class_part of = {part,
				array_add(part->workload->classes, part->workload->nr_classes)};
	const struct grammar_object *type = &grammar_class[part->runner];
	enum oversub_status status =
		copy_name(reader, value->string, of.class ? &of.class->name : NULL);

	if (!status)
		status = read_class_params(reader, value, type, of.class);
	if (!status)
		status = json_read_member(reader, value, "cpus", read_affinity, &of);
	if (!status)
		status = json_read_member(reader, value, "cgroup", read_cgroup, &of);
	if (!status)
		status = json_read_member(reader, value, "emulator_of", read_emulator, &of);
	if (!status)
		status = json_check_missing(reader, value, type);
	return status ? status : json_read_member(reader, value, "program", read_program, &of);
}

/* Say what is wrong, at the place in the document where it is. */
static enum oversub_status fail_at(struct json_reader *reader, const cJSON *object,
				   const struct workload_fault *fault)
{
	const cJSON *class;
	int op = fault->op;

	if (fault->lock) {
		json_enter(reader, "locks");
		json_enter(reader, fault->lock->name);
	}
	if (fault->class) {
		class = cJSON_GetObjectItemCaseSensitive(
			cJSON_GetObjectItemCaseSensitive(object, "threads"), fault->class->name);
		json_enter(reader, "threads");
		json_enter(reader, fault->class->name);
		json_enter(reader, "program");
		program_enter_op(reader, cJSON_GetObjectItemCaseSensitive(class, "program"), &op);
	}
	return json_fail(reader, "%s", fault->text);
}

enum oversub_status workload_read(struct json_reader *reader, const cJSON *object, const char *name,
				  enum workload_runner runner, const struct scenario *scenario,
				  struct workload *workload)
{
	struct part part = {workload, runner, scenario};
	struct workload_fault fault;
	enum oversub_status status = copy_name(reader, name, &workload->name);

	if (!status)
		status = json_read_map(reader, object, "locks", read_lock, &part);
	if (!status)
		status = json_read_map(reader, object, "barriers", read_barrier, &part);
	if (!status)
		status = json_read_map(reader, object, "arrivals", read_source, &part);
	if (!status)
		status = json_read_member(reader, object, "events", read_events, &part);
	if (!status)
		status = json_read_map(reader, object, "threads", read_class, &part);
	if (!status && !workload->nr_classes)
		return json_fail(reader, "it has no threads");
	if (!status && (workload_is_wrong(workload, runner, &fault) ||
			workload_misuses_locks(workload, &fault)))
		return fail_at(reader, object, &fault);
	return status;
}
