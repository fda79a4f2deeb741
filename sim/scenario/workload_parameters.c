/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/workload_parameters.h"

#include <stdio.h>
#include <string.h>

#include "sim/scenario/override_paths.h"

const char *workload_reference(const cJSON *value)
{
	return cJSON_IsString(value) && value->valuestring[0] == '$' ? value->valuestring + 1
								     : NULL;
}

static bool refers(const cJSON *tree, const char *name)
{
	const char *reference = workload_reference(tree);

	if (reference)
		return !strcmp(reference, name);
	for (const cJSON *child = tree->child; child; child = child->next)
		if (refers(child, name))
			return true;
	return false;
}

static const char *name_of(const void *context, int index)
{
	const cJSON *item = cJSON_GetArrayItem(context, index);

	return item ? item->string : NULL;
}

static enum oversub_status no_parameter(struct json_reader *reader, const cJSON *values,
					const char *name)
{
	struct json_names names;
	char text[JSON_NAMES_TEXT_MAX];

	json_names_find(&names, name, name_of, values);
	return json_fail(reader, "\"$%.64s\": the workload has no such parameter%s", name,
			 json_names_text(&names, text));
}

/* The child of parent that refers to a parameter becomes its value; child is the new one then. */
static enum oversub_status put(struct json_reader *reader, cJSON *parent, cJSON **child,
			       const cJSON *values)
{
	const char *name = workload_reference(*child);
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(values, name);
	cJSON *own;

	if (!value)
		return no_parameter(reader, values, name);
	own = cJSON_Duplicate(value, true);
	if (!own)
		return json_no_memory(reader);
	/* The key of the parameter is not that of the value. */
	cJSON_free(own->string);
	own->string = (*child)->string;
	(*child)->string = NULL;
	cJSON_ReplaceItemViaPointer(parent, *child, own);
	*child = own;
	return OVERSUB_OK;
}

static enum oversub_status put_below(struct json_reader *reader, cJSON *parent, const cJSON *values)
{
	enum oversub_status status = OVERSUB_OK;
	int index = 0;

	for (cJSON *child = parent->child; child && !status; child = child->next) {
		size_t place = cJSON_IsObject(parent) ? json_enter(reader, child->string)
						      : json_enter_index(reader, index++);

		status = workload_reference(child) ? put(reader, parent, &child, values)
						   : put_below(reader, child, values);
		if (!status)
			json_leave(reader, place);
	}
	return status;
}

static enum oversub_status check_used(struct json_reader *reader, const cJSON *workload,
				      const cJSON *values)
{
	for (const cJSON *value = values ? values->child : NULL; value; value = value->next) {
		bool used = false;

		for (const cJSON *part = workload->child; part && !used; part = part->next)
			used = strcmp(part->string, "parameters") != 0 &&
			       refers(part, value->string);
		if (used)
			continue;
		json_enter(reader, "parameters");
		json_enter(reader, value->string);
		return json_fail(reader, "no value of the workload is \"$%.64s\"", value->string);
	}
	return OVERSUB_OK;
}

enum oversub_status workload_substitute(struct json_reader *reader, const cJSON *workload,
					const cJSON *values, cJSON **copy)
{
	enum oversub_status status = check_used(reader, workload, values);
	cJSON *own = cJSON_Duplicate(workload, true);

	*copy = NULL;
	if (!own)
		return json_no_memory(reader);
	for (cJSON *part = own->child; part && !status; part = part->next) {
		size_t place = json_enter(reader, part->string);

		if (strcmp(part->string, "parameters") != 0)
			status = put_below(reader, part, values);
		if (!status)
			json_leave(reader, place);
	}
	if (status)
		cJSON_Delete(own);
	else
		*copy = own;
	return status;
}

void workload_blame_parameter(struct json_reader *reader, const cJSON *workload, const char *path)
{
	size_t length = strlen(path), used = strlen(reader->error->message);
	const char *below = reader->wrong, *name;

	if (length && strncmp(below, path, length) != 0)
		return;
	below += length + (length && below[length] == '.');
	name = workload_reference(path_find(workload, below));
	if (!name)
		return;
	snprintf(reader->error->message + used, sizeof(reader->error->message) - used,
		 " (it is the parameter \"%.64s\")", name);
	snprintf(reader->wrong, sizeof(reader->wrong), "%.300s%sparameters.%.64s", path,
		 length ? "." : "", name);
}
