/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/override_paths.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/scenario_vm.h"
#include "sim/scenario/workload_json.h"

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* ---- Walking along a path ----------------------------------------------------------------- */

/* One part of a path: a key, or an index if key is empty. */
struct part {
	char key[128];
	int index;
};

/* Read the first part of *path and go on to the next one. False: ill-formed. */
static bool next_part(const char **path, struct part *part)
{
	size_t length = strcspn(*path, ".[");
	char *end;

	part->key[0] = '\0';
	if (**path == '[') {
		long index = strtol(*path + 1, &end, 10);

		if (*end != ']' || end == *path + 1 || index < 0 || index > INT_MAX)
			return false;
		part->index = (int)index;
		*path = end + 1;
	} else {
		if (!length || length >= sizeof(part->key))
			return false;
		memcpy(part->key, *path, length);
		part->key[length] = '\0';
		*path += length;
	}
	if (**path == '.')
		return *++*path != '\0';
	return !**path || **path == '[';
}

static cJSON *step(const cJSON *node, const struct part *part)
{
	if (part->key[0])
		return cJSON_IsObject(node) ? cJSON_GetObjectItemCaseSensitive(node, part->key)
					    : NULL;
	return cJSON_IsArray(node) ? cJSON_GetArrayItem(node, part->index) : NULL;
}

cJSON *path_find(cJSON *document, const char *path)
{
	struct part part;

	while (document && *path)
		document = next_part(&path, &part) ? step(document, &part) : NULL;
	return document;
}

/* cJSON_ReplaceItemViaPointer() would lose the key. */
static bool replace(cJSON *parent, cJSON *child, const struct part *part, cJSON *value)
{
	if (!part->key[0])
		return cJSON_ReplaceItemViaPointer(parent, child, value);
	return cJSON_ReplaceItemInObjectCaseSensitive(parent, part->key, value);
}

bool path_set(cJSON *document, const char *path, cJSON *value)
{
	struct part part;

	while (next_part(&path, &part)) {
		cJSON *child = step(document, &part);

		if (!*path && child)
			return replace(document, child, &part, value);
		if (!*path)
			return part.key[0] && cJSON_IsObject(document) &&
			       cJSON_AddItemToObject(document, part.key, value);
		if (!child && part.key[0] && cJSON_IsObject(document))
			child = cJSON_AddObjectToObject(document, part.key);
		if (!child)
			return false;
		document = child;
	}
	return false;
}

void path_parent(const char *path, char *buffer, size_t size)
{
	const char *dot = strrchr(path, '.');
	const char *bracket = strrchr(path, '[');
	const char *cut = bracket > dot ? bracket : dot;

	snprintf(buffer, size, "%.*s", cut ? (int)(cut - path) : 0, path);
}

const char *path_last(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

bool path_ends_with(const char *path, const char *ending)
{
	size_t length = strlen(path);
	size_t ending_length = strlen(ending);

	if (ending_length > length || strcmp(path + length - ending_length, ending) != 0)
		return false;
	return ending_length == length || path[length - ending_length - 1] == '.';
}

/* ---- What there is ------------------------------------------------------------------------ */

/* Gathers paths while it walks; the reader is only used for its path. */
struct collector {
	struct json_reader at;
	struct known_paths *paths;
};

static void add(struct collector *collector, const char *key, bool by_ending)
{
	struct known_paths *paths = collector->paths;
	size_t place = collector->at.length;

	if (paths->nr == paths->capacity) {
		int capacity = paths->capacity ? 2 * paths->capacity : 256;
		struct known_path *larger =
			realloc(paths->list, (size_t)capacity * sizeof(*larger));

		if (!larger) {
			paths->failed = true;
			return;
		}
		paths->list = larger;
		paths->capacity = capacity;
	}
	if (key)
		json_enter(&collector->at, key);
	paths->list[paths->nr].path = strdup(collector->at.path);
	paths->list[paths->nr].by_ending = by_ending;
	if (paths->list[paths->nr].path)
		paths->nr++;
	else
		paths->failed = true;
	json_leave(&collector->at, place);
}

static void add_table(struct collector *collector, const struct oversub_param *table)
{
	for (; table->name; table++)
		add(collector, table->name, true);
}

static void add_sections(struct collector *collector, const char *key,
			 const struct param_section *sections)
{
	size_t place = json_enter(&collector->at, key);

	for (; sections->params; sections++) {
		size_t inner = collector->at.length;

		if (sections->key)
			json_enter(&collector->at, sections->key);
		add_table(collector, sections->params);
		json_leave(&collector->at, inner);
	}
	json_leave(&collector->at, place);
}

int document_policy(const cJSON *document, const struct scenario_axis *axis,
		    const struct policy_registry *policies)
{
	const cJSON *object = member(member(document, axis->section), axis->key);
	const cJSON *policy = member(object, "policy");

	if (!policy)
		return scenario_axis_find(axis, policies, axis->default_name);
	return cJSON_IsString(policy) ? scenario_axis_find(axis, policies, policy->valuestring)
				      : -1;
}

static void add_axis(struct collector *collector, const cJSON *document,
		     const struct scenario_axis *axis)
{
	const struct policy_registry *policies = collector->paths->policies;
	int policy = document_policy(document, axis, policies);
	size_t place = json_enter(&collector->at, axis->section);

	json_enter(&collector->at, axis->key);
	add(collector, "policy", true);
	if (policy >= 0)
		add_table(collector, axis->params(policies, policy));
	json_leave(&collector->at, place);
}

/* ---- VMs ---------------------------------------------------------------------------------- */

/* How many VM classes there are, and how many set this parameter themselves. */
static int nr_setting(const cJSON *vms, const char *section, const char *key)
{
	int nr = 0;

	for (const cJSON *vm = vms ? vms->child : NULL; vm; vm = vm->next)
		nr += member(section ? member(vm, section) : vm, key) != NULL;
	return nr;
}

static void add_vm_param(struct collector *collector, const cJSON *vms, const char *section,
			 const char *key)
{
	int setting = nr_setting(vms, section, key);
	size_t place = json_enter(&collector->at, "vm_defaults");

	if (section)
		json_enter(&collector->at, section);
	add(collector, key, setting < cJSON_GetArraySize(vms));
	json_leave(&collector->at, place);
	for (const cJSON *vm = vms ? vms->child : NULL; vm; vm = vm->next) {
		json_enter(&collector->at, "vms");
		json_enter(&collector->at, vm->string);
		if (section)
			json_enter(&collector->at, section);
		add(collector, key, member(section ? member(vm, section) : vm, key) != NULL);
		json_leave(&collector->at, place);
	}
}

static void add_vms(struct collector *collector, const cJSON *document)
{
	const cJSON *vms = member(document, "vms");

	if (!cJSON_IsObject(vms))
		vms = NULL;
	for (const char *const *key = scenario_vm_keys; *key; key++)
		add_vm_param(collector, vms, NULL, *key);
	for (const struct param_section *section = scenario_vm_sections; section->params; section++)
		for (const struct oversub_param *param = section->params; param->name; param++)
			add_vm_param(collector, vms, section->key, param->name);
}

/* ---- Workloads ---------------------------------------------------------------------------- */

static enum workload_runner runner_of(const struct collector *collector)
{
	bool on_host = !strncmp(collector->at.path, "host_workload", strlen("host_workload"));

	return on_host ? WORKLOAD_OF_HOST : WORKLOAD_OF_VM;
}

/* Every scalar below value, and the parameters that its ops leave at their defaults. */
static void add_tree(struct collector *collector, const cJSON *value)
{
	const struct op_description *op =
		cJSON_IsObject(value) ? op_find(value, runner_of(collector)) : NULL;
	const struct oversub_param *param =
		op ? op_params(op, runner_of(collector)) : scenario_no_params;
	int index = 0;

	if (!cJSON_IsObject(value) && !cJSON_IsArray(value)) {
		add(collector, NULL, true);
		return;
	}
	for (const cJSON *child = value->child; child; child = child->next) {
		size_t place = cJSON_IsObject(value) ? json_enter(&collector->at, child->string)
						     : json_enter_index(&collector->at, index++);

		add_tree(collector, child);
		json_leave(&collector->at, place);
	}
	/* A "wait" inside a class named like an op is no op: an op is an element of an array. */
	if (!strchr(collector->at.path, '['))
		return;
	for (; param->name; param++)
		if (!member(value, param->name))
			add(collector, param->name, true);
}

/* The parameters of section that object leaves at their defaults. */
static void add_absent(struct collector *collector, const cJSON *object,
		       const struct param_section *section)
{
	size_t place = collector->at.length;

	if (section->key) {
		object = member(object, section->key);
		json_enter(&collector->at, section->key);
	}
	for (const struct oversub_param *param = section->params; param->name; param++)
		if (!member(object, param->name))
			add(collector, param->name, true);
	json_leave(&collector->at, place);
}

/* Locks that do not say what they are. */
static void add_locks(struct collector *collector, const cJSON *workload)
{
	const cJSON *locks = member(workload, "locks");
	size_t place = json_enter(&collector->at, "locks");

	for (const cJSON *lock = cJSON_IsObject(locks) ? locks->child : NULL; lock;
	     lock = lock->next)
		if (cJSON_IsObject(lock))
			add(collector, lock->string, true);
	json_leave(&collector->at, place);
}

/* The parameters of thread classes that the document leaves at their defaults. */
static void add_classes(struct collector *collector, const cJSON *workload,
			const struct param_section *sections)
{
	const cJSON *threads = member(workload, "threads");
	size_t place = json_enter(&collector->at, "threads");

	for (const cJSON *class = cJSON_IsObject(threads) ? threads->child : NULL; class;
	     class = class->next) {
		size_t inner = json_enter(&collector->at, class->string);

		for (const struct param_section *section = sections; section->params; section++)
			add_absent(collector, class, section);
		json_leave(&collector->at, inner);
	}
	json_leave(&collector->at, place);
}

/* The other way to say how often work arrives: it may be set, if only to be told that there is one.
 */
static void add_sources(struct collector *collector, const cJSON *workload)
{
	const cJSON *sources = member(workload, "arrivals");
	size_t place = json_enter(&collector->at, "arrivals");

	for (const cJSON *source = cJSON_IsObject(sources) ? sources->child : NULL; source;
	     source = source->next) {
		size_t inner = json_enter(&collector->at, source->string);

		for (const char *const *key = source_keys; *key; key++)
			if (!member(source, *key))
				add(collector, *key, true);
		json_leave(&collector->at, inner);
	}
	json_leave(&collector->at, place);
}

/* All parameters of the cgroups in list, an object of the key given. */
static void add_cgroups(struct collector *collector, const cJSON *list, const char *key)
{
	size_t place = json_enter(&collector->at, key);

	for (const cJSON *cgroup = cJSON_IsObject(list) ? list->child : NULL; cgroup;
	     cgroup = cgroup->next) {
		size_t inner = collector->at.length;

		add_sections(collector, cgroup->string, scenario_cgroup_sections);
		json_enter(&collector->at, cgroup->string);
		add_cgroups(collector, member(cgroup, "children"), "children");
		json_leave(&collector->at, inner);
	}
	json_leave(&collector->at, place);
}

static void add_host(struct collector *collector, const cJSON *document)
{
	size_t place;

	add_sections(collector, "host", scenario_host_sections);
	place = json_enter(&collector->at, "host");
	add_cgroups(collector, member(member(document, "host"), "cgroups"), "cgroups");
	json_leave(&collector->at, place);
}

static void add_workloads(struct collector *collector, const cJSON *document)
{
	const cJSON *host = member(document, "host_workload");
	const cJSON *workloads = member(document, "workloads");
	size_t place = json_enter(&collector->at, "workloads");

	for (const cJSON *child = cJSON_IsObject(workloads) ? workloads->child : NULL; child;
	     child = child->next) {
		size_t inner = json_enter(&collector->at, child->string);

		add_tree(collector, child);
		add_locks(collector, child);
		add_classes(collector, child, scenario_guest_class_sections);
		add_sources(collector, child);
		json_leave(&collector->at, inner);
	}
	json_leave(&collector->at, place);
	if (!host)
		return;
	json_enter(&collector->at, "host_workload");
	add_tree(collector, host);
	add_locks(collector, host);
	add_classes(collector, host, scenario_host_class_sections);
	add_sources(collector, host);
	json_enter(&collector->at, "costs");
	for (const struct oversub_param *param = thread_params; param->name; param++)
		if (!member(member(host, "costs"), param->name))
			add(collector, param->name, true);
	json_leave(&collector->at, place);
}

void known_paths_collect(struct known_paths *paths, const cJSON *document,
			 const struct policy_registry *policies)
{
	struct collector collector = {.paths = paths};

	*paths = (struct known_paths){.policies = policies};
	add(&collector, "title", true);
	add(&collector, "description", true);
	add_host(&collector, document);
	for (int i = 0; i < SCENARIO_AXES; i++)
		add_axis(&collector, document, &scenario_axes[i]);
	add_vms(&collector, document);
	add_workloads(&collector, document);
	add_sections(&collector, "run", scenario_run_sections);
}

void known_paths_free(struct known_paths *paths)
{
	for (int i = 0; i < paths->nr; i++)
		free(paths->list[i].path);
	free(paths->list);
}
