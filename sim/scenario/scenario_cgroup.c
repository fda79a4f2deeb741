/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/scenario/scenario_parts.h"

/* Its path: that of its parent, a slash, and its name. False: no memory. */
static bool set_path(const struct scenario *scenario, struct host_cgroup *cgroup, const char *name)
{
	const char *above = cgroup->parent ? scenario->cgroups[cgroup->parent - 1].path : "";

	if (asprintf(&cgroup->path, "%s%s%s", above, *above ? "/" : "", name) < 0)
		cgroup->path = NULL;
	return cgroup->path != NULL;
}

/* A new cgroup below number parent; NULL: no memory. */
static struct host_cgroup *add_cgroup(struct scenario *scenario, int parent, const char *name)
{
	struct host_cgroup *cgroup = array_add(scenario->cgroups, scenario->nr_cgroups);

	if (!cgroup)
		return NULL;
	cgroup->parent = parent;
	json_object_defaults(&grammar_cgroup, cgroup);
	return set_path(scenario, cgroup, name) ? cgroup : NULL;
}

/* Whose children are read. */
struct parent {
	struct scenario *scenario;
	int number;
};

static enum oversub_status read_cgroup(struct json_reader *reader, const cJSON *object,
				       void *context)
{
	const struct parent *parent = context;
	struct scenario *scenario = parent->scenario;
	struct host_cgroup *cgroup = add_cgroup(scenario, parent->number, object->string);
	struct parent self = {scenario, scenario->nr_cgroups};
	enum oversub_status status;

	if (!cgroup)
		return json_no_memory(reader);
	status = json_read_object(reader, object, &grammar_cgroup, cgroup);
	if (!status)
		status = json_check_cpu_max(reader, &cgroup->cpu_max);
	if (!status)
		status = json_read_map(reader, object, "children", read_cgroup, &self);
	return status;
}

enum oversub_status scenario_read_cgroups(struct json_reader *reader, const cJSON *document,
					  struct scenario *scenario)
{
	const cJSON *host = cJSON_GetObjectItemCaseSensitive(document, "host");
	size_t place = json_enter(reader, "host");
	struct parent root = {scenario, 0};
	enum oversub_status status = json_read_map(reader, host, "cgroups", read_cgroup, &root);

	json_leave(reader, place);
	return status;
}

/* systemd's machine.slice, under a name that a scenario can use to give it another weight. */
#define MACHINE_SLICE "machine"

enum oversub_status cgroup_add_machine_slice(struct json_reader *reader, struct scenario *scenario,
					     int *number)
{
	for (int i = 0; i < scenario->nr_cgroups; i++) {
		if (strcmp(scenario->cgroups[i].path, MACHINE_SLICE) != 0)
			continue;
		*number = i + 1;
		return OVERSUB_OK;
	}
	if (!add_cgroup(scenario, 0, MACHINE_SLICE))
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
