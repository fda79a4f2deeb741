/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads: their locks, events, barriers, arrivals and thread classes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/workload_check.h"
#include "sim/scenario/scenario_cgroup.h"
#include "sim/scenario/units.h"
#include "sim/scenario/workload_json.h"

const char *const workload_keys[] = {"locks", "events", "barriers", "arrivals", "threads", NULL};
const char *const host_workload_keys[] = {"locks",   "events", "barriers", "arrivals",
					  "threads", "costs",  NULL};
const char *const source_keys[] = {"interarrival", "rate", NULL};
const char *const guest_class_keys[] = {"program", NULL};
const char *const host_class_keys[] = {"program", "cpus", "cgroup", "emulator_of", NULL};

static const struct param_section no_sections[] = {{NULL, NULL, 0}};

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

enum oversub_status cpu_list_read(struct json_reader *reader, const cJSON *list, int64_t cpus,
				  uint64_t *bits)
{
	enum oversub_status status = json_expect_array(reader, list);
	int index = 0;

	if (!status && !list->child)
		return json_fail(reader, "the list of CPUs is empty");
	for (const cJSON *child = status ? NULL : list->child; child; child = child->next) {
		size_t place = json_enter_index(reader, index++);
		char text[JSON_VALUE_TEXT_MAX];
		int64_t first, last;

		if (!parse_cpus(child, &first, &last))
			return json_fail(reader,
					 "expected a CPU number or a range such as \"4-7\", not %s",
					 json_value_text(child, text));
		if (first < 0 || last >= cpus)
			return json_fail(reader, "CPU %s is out of range 0..%d",
					 json_value_text(child, text), (int)cpus - 1);
		for (int64_t cpu = first; cpu <= last; cpu++)
			bits[cpu / 64] |= UINT64_C(1) << (cpu % 64);
		json_leave(reader, place);
	}
	return status;
}

/* ---- Named objects ------------------------------------------------------------------------ */

/* Reads one member of an object into element number index of one of the workload's arrays. */
typedef enum oversub_status (*read_member)(struct json_reader *reader, const cJSON *value,
					   struct workload *workload, int index,
					   const struct workload_place *where);

static size_t nr_members(const cJSON *object, const char *key)
{
	return (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(object, key));
}

/*
 * Read all members of the object at key, if it is there. count is raised before each, so that
 * workload_free() frees what a failure leaves.
 */
static enum oversub_status read_members(struct json_reader *reader, const cJSON *object,
					const char *key, struct workload *workload, int *count,
					read_member read, const struct workload_place *where)
{
	const cJSON *members = cJSON_GetObjectItemCaseSensitive(object, key);
	enum oversub_status status;
	size_t place, inner;

	if (!members)
		return OVERSUB_OK;
	place = json_enter(reader, key);
	status = json_expect_object(reader, members);
	for (const cJSON *child = members->child; child && !status; child = child->next) {
		status = json_expect_name(reader, child->string);
		if (status)
			return status;
		inner = json_enter(reader, child->string);
		status = read(reader, child, workload, (*count)++, where);
		if (!status)
			json_leave(reader, inner);
	}
	if (!status)
		json_leave(reader, place);
	return status;
}

static enum oversub_status copy_name(struct json_reader *reader, const char *name, char **copy)
{
	*copy = strdup(name);
	return *copy ? OVERSUB_OK : json_no_memory(reader);
}

/* "KIND", or an object that need not say. */
static enum oversub_status read_lock(struct json_reader *reader, const cJSON *value,
				     struct workload *workload, int index,
				     const struct workload_place *where)
{
	enum oversub_status status = copy_name(reader, value->string, &workload->locks[index].name);
	struct scenario_lock lock;

	json_object_defaults(scenario_lock_sections, &lock);
	if (!status && cJSON_IsObject(value))
		status = json_read_object(reader, value, scenario_lock_sections, NULL, &lock);
	else if (!status)
		status = json_read_param(reader, value, scenario_lock_kind, &lock);
	workload->locks[index].kind = (enum lock_kind)lock.kind;
	return status;
}

static enum oversub_status read_barrier(struct json_reader *reader, const cJSON *value,
					struct workload *workload, int index,
					const struct workload_place *where)
{
	enum oversub_status status =
		copy_name(reader, value->string, &workload->barriers[index].name);
	int64_t parties = 0;

	if (!status)
		status = json_read_param(reader, value, &scenario_barrier_param, &parties);
	workload->barriers[index].parties = (int)parties;
	return status;
}

static enum oversub_status read_interarrival(struct json_reader *reader, const cJSON *value,
					     struct workload_source *source)
{
	enum oversub_status status = json_read_distribution(reader, value, &source->interarrival);

	if (!status && !(sim_distribution_mean(&source->interarrival) >= 1))
		return json_fail(reader, "its mean is below 1 ns");
	return status;
}

/* Independent arrivals: so many per second, and exponential times between them. */
static enum oversub_status read_rate(struct json_reader *reader, const cJSON *value,
				     struct workload_source *source)
{
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
				       struct workload *workload, int index,
				       const struct workload_place *where)
{
	struct workload_source *source = &workload->sources[index];
	enum oversub_status status = copy_name(reader, value->string, &source->name);
	const cJSON *interarrival, *rate;
	size_t place;

	if (!status)
		status = json_read_object(reader, value, no_sections, source_keys, NULL);
	if (status)
		return status;
	interarrival = cJSON_GetObjectItemCaseSensitive(value, "interarrival");
	rate = cJSON_GetObjectItemCaseSensitive(value, "rate");
	if (!interarrival && !rate)
		return json_fail(reader, "\"interarrival\" or \"rate\" is missing");
	if (interarrival && rate)
		return json_fail(reader,
				 "%s.interarrival and %s.rate both say how often work arrives; "
				 "leave one of them out",
				 reader->path, reader->path);
	place = json_enter(reader, rate ? "rate" : "interarrival");
	status = rate ? read_rate(reader, rate, source)
		      : read_interarrival(reader, interarrival, source);
	if (!status)
		json_leave(reader, place);
	return status;
}

static enum oversub_status read_events(struct json_reader *reader, const cJSON *object,
				       struct workload *workload)
{
	const cJSON *events = cJSON_GetObjectItemCaseSensitive(object, "events");
	enum oversub_status status = OVERSUB_OK;
	size_t place = json_enter(reader, "events");

	if (events)
		status = json_expect_array(reader, events);
	for (const cJSON *event = status || !events ? NULL : events->child; event;
	     event = event->next) {
		size_t inner = json_enter_index(reader, workload->nr_events);

		status = json_expect_string(reader, event);
		if (!status)
			status = json_expect_name(reader, event->valuestring);
		for (int i = 0; i < workload->nr_events && !status; i++)
			if (!strcmp(workload->events[i], event->valuestring))
				status = json_fail(reader, "\"%.64s\" is there twice",
						   event->valuestring);
		if (!status)
			status = copy_name(reader, event->valuestring,
					   &workload->events[workload->nr_events]);
		if (status)
			return status;
		workload->nr_events++;
		json_leave(reader, inner);
	}
	if (!status)
		json_leave(reader, place);
	return status;
}

/* ---- Thread classes ----------------------------------------------------------------------- */

/* The affinity of host threads is one word: CPUs 0..63. */
static enum oversub_status read_affinity(struct json_reader *reader, const cJSON *value,
					 int64_t cpus, uint64_t *bits)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(value, "cpus");
	enum oversub_status status;
	size_t place;

	if (!list)
		return OVERSUB_OK;
	place = json_enter(reader, "cpus");
	status = cpu_list_read(reader, list, cpus < 64 ? cpus : 64, bits);
	if (!status)
		json_leave(reader, place);
	return status;
}

static enum oversub_status read_cgroup(struct json_reader *reader, const cJSON *value,
				       const struct workload_place *where, int *number)
{
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(value, "cgroup");
	enum oversub_status status;
	size_t place;

	if (!path)
		return OVERSUB_OK;
	place = json_enter(reader, "cgroup");
	status = cgroup_find(reader, path, where->scenario, number);
	if (!status)
		json_leave(reader, place);
	return status;
}

static const char *vm_name(const void *context, int index)
{
	const struct scenario *scenario = context;

	return index < scenario->nr_vms ? scenario->vms[index].name : NULL;
}

/* "emulator_of": VMs in whose cgroups the threads are, instead of one of their own or another. */
static enum oversub_status read_emulator(struct json_reader *reader, const cJSON *value,
					 const struct workload_place *where,
					 struct workload_thread_class *class)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(value, "emulator_of");
	enum oversub_status status;
	int index = -1;
	size_t place;

	if (!name)
		return OVERSUB_OK;
	place = json_enter(reader, "emulator_of");
	if (cJSON_GetObjectItemCaseSensitive(value, "cgroup") || class->cpu_weight ||
	    class->quota_ns)
		return json_fail(reader, "emulator threads are in a cgroup of their VM: they have "
					 "no cgroup, cpu_weight or cpu_max besides");
	status = json_read_name(reader, name, "none of \"vms\" is named", vm_name, where->scenario,
				&index);
	class->emulator_of = index + 1;
	if (!status)
		json_leave(reader, place);
	return status;
}

static enum oversub_status read_class(struct json_reader *reader, const cJSON *value,
				      struct workload *workload, int index,
				      const struct workload_place *where)
{
	struct workload_thread_class *class = &workload->classes[index];
	bool on_host = where->runner == WORKLOAD_OF_HOST;
	const struct param_section *sections =
		on_host ? scenario_host_class_sections : scenario_guest_class_sections;
	const cJSON *program = cJSON_GetObjectItemCaseSensitive(value, "program");
	struct scenario_thread_class params = {0};
	enum oversub_status status = copy_name(reader, value->string, &class->name);
	size_t place;

	json_object_defaults(sections, &params);
	if (!status)
		status = json_read_object(reader, value, sections,
					  on_host ? host_class_keys : guest_class_keys, &params);
	class->count = (int)params.count;
	class->nice = params.nice;
	class->slice_ns = params.slice_ns;
	class->cpu_weight = params.cpu_weight;
	class->quota_ns = params.cpu_max.quota_ns;
	class->period_ns = params.cpu_max.period_ns;
	class->burst_ns = params.cpu_max.burst_ns;
	if (!status)
		status = json_check_cpu_max(reader, &params.cpu_max);
	if (!status && on_host)
		status = read_affinity(reader, value, where->scenario->host.cpus, &class->cpus);
	if (!status && on_host)
		status = read_cgroup(reader, value, where, &class->cgroup);
	if (!status && on_host)
		status = read_emulator(reader, value, where, class);
	if (status)
		return status;
	if (!program)
		return json_fail(reader, "\"program\": [ ops ] is missing");
	place = json_enter(reader, "program");
	status = program_read(reader, program, where->runner, workload, class);
	if (!status)
		json_leave(reader, place);
	return status;
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

/* Room for all that object declares, and never for nothing. */
static enum oversub_status allocate_arrays(struct json_reader *reader, const cJSON *object,
					   struct workload *workload)
{
	workload->locks = calloc(nr_members(object, "locks") + 1, sizeof(*workload->locks));
	workload->barriers =
		calloc(nr_members(object, "barriers") + 1, sizeof(*workload->barriers));
	workload->sources = calloc(nr_members(object, "arrivals") + 1, sizeof(*workload->sources));
	workload->events = calloc(nr_members(object, "events") + 1, sizeof(*workload->events));
	workload->classes = calloc(nr_members(object, "threads") + 1, sizeof(*workload->classes));
	if (workload->locks && workload->barriers && workload->sources && workload->events &&
	    workload->classes)
		return OVERSUB_OK;
	return json_no_memory(reader);
}

enum oversub_status workload_read(struct json_reader *reader, const cJSON *object, const char *name,
				  struct workload_place place, struct workload *workload)
{
	enum oversub_status status = copy_name(reader, name, &workload->name);
	struct workload_fault fault;

	if (!status)
		status = json_read_object(reader, object, no_sections,
					  place.runner == WORKLOAD_OF_HOST ? host_workload_keys
									   : workload_keys,
					  NULL);
	if (!status)
		status = allocate_arrays(reader, object, workload);
	if (!status)
		status = read_members(reader, object, "locks", workload, &workload->nr_locks,
				      read_lock, &place);
	if (!status)
		status = read_members(reader, object, "barriers", workload, &workload->nr_barriers,
				      read_barrier, &place);
	if (!status)
		status = read_members(reader, object, "arrivals", workload, &workload->nr_sources,
				      read_source, &place);
	if (!status)
		status = read_events(reader, object, workload);
	if (!status)
		status = read_members(reader, object, "threads", workload, &workload->nr_classes,
				      read_class, &place);
	if (!status && !workload->nr_classes)
		return json_fail(reader, "it has no threads");
	if (!status && workload_is_wrong(workload, place.runner, &fault))
		return fail_at(reader, object, &fault);
	return status;
}
