/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/scenario_cgroup.h"

const char *const scenario_host_keys[] = {"cgroups", "cosched", NULL};
const char *const scenario_cgroup_keys[] = {"children", NULL};

/* Room for one more. NULL: no memory. */
static struct host_cgroup *append(struct scenario *scenario)
{
	struct host_cgroup *larger =
		realloc(scenario->cgroups, ((size_t)scenario->nr_cgroups + 1) * sizeof(*larger));

	if (!larger)
		return NULL;
	scenario->cgroups = larger;
	larger += scenario->nr_cgroups++;
	memset(larger, 0, sizeof(*larger));
	return larger;
}

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
	struct host_cgroup *cgroup = append(scenario);
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
	cgroup = append(scenario);
	if (!cgroup)
		return json_no_memory(reader);
	json_object_defaults(scenario_cgroup_sections, cgroup);
	if (!set_path(scenario, cgroup, MACHINE_SLICE))
		return json_no_memory(reader);
	*number = scenario->nr_cgroups;
	return OVERSUB_OK;
}

enum oversub_status cgroup_find(struct json_reader *reader, const cJSON *value,
				const struct host_cgroup *cgroups, int nr_cgroups, int *number)
{
	enum oversub_status status = json_expect_string(reader, value);
	struct json_names names = {0};
	char text[512];

	if (status)
		return status;
	names.wrong = value->valuestring;
	for (int i = 0; i < nr_cgroups; i++) {
		*number = i + 1;
		if (!strcmp(cgroups[i].path, value->valuestring))
			return OVERSUB_OK;
		json_names_add(&names, cgroups[i].path);
	}
	if (!nr_cgroups)
		return json_fail(reader,
				 "no cgroup has the path \"%.64s\", as there is no "
				 "host.cgroups",
				 value->valuestring);
	return json_fail(reader, "no cgroup of host.cgroups has the path \"%.64s\"%s",
			 value->valuestring, json_names_text(&names, text));
}
