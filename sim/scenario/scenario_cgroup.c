/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/scenario/scenario_cgroup.h"

const char *const scenario_host_keys[] = {"cgroups", "cosched", NULL};
const char *const scenario_cgroup_keys[] = {"children", NULL};

/* Its path: that of its parent, a slash, and its name. False: no memory. */
static bool set_path(const struct scenario *scenario, struct host_cgroup *cgroup, const char *name)
{
	const char *above = cgroup->parent ? scenario->cgroups[cgroup->parent - 1].path : "";

	if (asprintf(&cgroup->path, "%s%s%s", above, *above ? "/" : "", name) < 0)
		cgroup->path = NULL;
	return cgroup->path != NULL;
}

/* The reader is at object, a cgroup below number parent. */
static enum oversub_status read_cgroup(struct json_reader *reader, const cJSON *object, int parent,
				       struct scenario *scenario)
{
	struct host_cgroup *cgroup = array_add(scenario->cgroups, scenario->nr_cgroups);
	enum oversub_status status;

	if (!cgroup)
		return json_no_memory(reader);
	cgroup->parent = parent;
	json_object_defaults(scenario_cgroup_sections, cgroup);
	if (!set_path(scenario, cgroup, object->string))
		return json_no_memory(reader);
	status = json_read_object(reader, object, scenario_cgroup_sections, scenario_cgroup_keys,
				  cgroup);
	return status ? status : json_check_cpu_max(reader, &cgroup->cpu_max);
}

/* The reader is at list, the object of the cgroups below number parent. */
static enum oversub_status read_children(struct json_reader *reader, const cJSON *list, int parent,
					 struct scenario *scenario)
{
	enum oversub_status status = json_expect_object(reader, list);

	for (const cJSON *child = status ? NULL : list->child; child && !status;
	     child = child->next) {
		const cJSON *children = cJSON_GetObjectItemCaseSensitive(child, "children");
		size_t place;

		status = json_expect_name(reader, child->string);
		if (status)
			return status;
		place = json_enter(reader, child->string);
		status = read_cgroup(reader, child, parent, scenario);
		if (!status && children) {
			size_t inner = json_enter(reader, "children");

			status = read_children(reader, children, scenario->nr_cgroups, scenario);
			if (!status)
				json_leave(reader, inner);
		}
		if (!status)
			json_leave(reader, place);
	}
	return status;
}

enum oversub_status scenario_read_cgroups(struct json_reader *reader, const cJSON *document,
					  struct scenario *scenario)
{
	const cJSON *host = cJSON_GetObjectItemCaseSensitive(document, "host");
	const cJSON *cgroups = cJSON_GetObjectItemCaseSensitive(host, "cgroups");
	enum oversub_status status;
	size_t place;

	if (!cgroups)
		return OVERSUB_OK;
	place = json_enter(reader, "host");
	json_enter(reader, "cgroups");
	status = read_children(reader, cgroups, 0, scenario);
	if (!status)
		json_leave(reader, place);
	return status;
}

/* systemd's machine.slice, under a name that a scenario can use to give it another weight. */
#define MACHINE_SLICE "machine"

enum oversub_status cgroup_add_machine_slice(struct json_reader *reader, struct scenario *scenario,
					     int *number)
{
	struct host_cgroup *cgroup;

	for (int i = 0; i < scenario->nr_cgroups; i++) {
		if (strcmp(scenario->cgroups[i].path, MACHINE_SLICE) != 0)
			continue;
		*number = i + 1;
		return OVERSUB_OK;
	}
	cgroup = array_add(scenario->cgroups, scenario->nr_cgroups);
	if (!cgroup)
		return json_no_memory(reader);
	json_object_defaults(scenario_cgroup_sections, cgroup);
	if (!set_path(scenario, cgroup, MACHINE_SLICE))
		return json_no_memory(reader);
	*number = scenario->nr_cgroups;
	return OVERSUB_OK;
}

static const char *cgroup_path(const void *context, int index)
{
	const struct scenario *scenario = context;

	return index < scenario->nr_cgroups ? scenario->cgroups[index].path : NULL;
}

enum oversub_status cgroup_find(struct json_reader *reader, const cJSON *value,
				const struct scenario *scenario, int *number)
{
	int index;
	enum oversub_status status =
		json_read_name(reader, value, "no cgroup of host.cgroups has the path", cgroup_path,
			       scenario, &index);

	if (!status)
		*number = index + 1;
	return status;
}
