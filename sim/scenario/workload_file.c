/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/workload_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/engine/distribution.h"
#include "sim/scenario/data_directory.h"
#include "sim/scenario/json_text.h"
#include "sim/scenario/override_paths.h"
#include "sim/scenario/scenario_internal.h"
#include "sim/scenario/scenario_parts.h"
#include "sim/scenario/workload_parameters.h"

static cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* ---- Which file --------------------------------------------------------------------------- */

static bool is_path(const char *name)
{
	size_t length = strlen(name);

	return strchr(name, '/') || (length > 5 && !strcmp(name + length - 5, ".json"));
}

static bool is_file(const char *path)
{
	struct stat info;

	return !stat(path, &info) && !S_ISDIR(info.st_mode);
}

/* Number index of the places where name may be, into path; false behind the last one. */
static bool candidate(const char *name, const char *beside, int index, char *path)
{
	const char *slash = beside ? strrchr(beside, '/') : NULL;
	const char *suffix = is_path(name) ? "" : ".json";
	const char *folder = is_path(name) ? "" : "workloads/";
	char directory[SCENARIO_PATH_MAX];

	if (index == 0 && *name == '/')
		snprintf(path, SCENARIO_PATH_MAX, "%s", name);
	else if (index <= 1)
		snprintf(path, SCENARIO_PATH_MAX, "%.*s%s%.255s%s",
			 slash ? (int)(slash - beside + 1) : 0, beside ? beside : "",
			 index ? folder : "", name, suffix);
	else if (scenario_directory(index - 2, directory))
		snprintf(path, SCENARIO_PATH_MAX, "%.3000s/%s%.255s%s", directory, folder, name,
			 suffix);
	else
		return false;
	return true;
}

static bool find(const char *name, const char *beside, char *path)
{
	for (int i = 0; candidate(name, beside, i, path); i++)
		if (is_file(path))
			return true;
	return false;
}

/* ---- Reading and checking one ------------------------------------------------------------- */

static enum oversub_status check_version(struct json_reader *reader, const cJSON *version,
					 void *context)
{
	(void)context;
	if (!cJSON_IsNumber(version) || version->valuedouble != WORKLOAD_FILE_VERSION)
		return json_fail(reader, "this program reads version %d", WORKLOAD_FILE_VERSION);
	return OVERSUB_OK;
}

/* A parameter of the file: into the object of defaults. */
static enum oversub_status read_declaration(struct json_reader *reader, const cJSON *declaration,
					    void *defaults)
{
	struct workload_declaration about = {0};
	enum oversub_status status =
		json_read_object(reader, declaration, &grammar_declaration, &about);
	const cJSON *value = member(declaration, "default");

	free(about.help);
	free(about.source);
	if (!status)
		status = json_check_missing(reader, declaration, &grammar_declaration);
	if (status)
		return status;
	if (!cJSON_AddItemToObject(defaults, declaration->string, cJSON_Duplicate(value, true)))
		return json_no_memory(reader);
	return OVERSUB_OK;
}

/* With its defaults the workload is one that a VM can run. */
static enum oversub_status check_program(struct json_reader *reader, const cJSON *file,
					 const cJSON *defaults)
{
	struct measurements measurements = {0};
	struct workload workload = {0};
	cJSON *copy = NULL;
	enum oversub_status status = workload_substitute(reader, file, defaults, &copy);

	reader->measurements = &measurements;
	if (!status) {
		status = workload_read(reader, copy, "file", WORKLOAD_OF_VM, NULL, &workload);
		if (status)
			workload_blame_parameter(reader, file, "");
	}
	workload_free(&workload);
	for (int i = 0; i < measurements.nr; i++)
		sim_empirical_free(measurements.list[i]);
	free(measurements.list);
	cJSON_Delete(copy);
	return status;
}

static enum oversub_status check(const char *path, const cJSON *file, struct oversub_error *error)
{
	struct json_reader reader = {.file = path, .error = error};
	struct workload_about about = {0};
	cJSON *defaults = cJSON_CreateObject();
	enum oversub_status status = json_expect_object(&reader, file);

	if (!status)
		status = json_check_tree(&reader, file, SCENARIO_MAX_DEPTH);
	if (!status)
		status = json_check_missing(&reader, file, &grammar_workload_file);
	if (!status)
		status = json_read_member(&reader, file, "oversub_workload", check_version, NULL);
	if (!status)
		status = json_read_object(&reader, file, &grammar_workload_file, &about);
	if (!status)
		status = json_read_map(&reader, file, "parameters", read_declaration, defaults);
	if (!status)
		status = check_program(&reader, file, defaults);
	free(about.title);
	free(about.description);
	free(about.source);
	free(about.fitted);
	cJSON_Delete(defaults);
	return status;
}

enum oversub_status workload_file_read(const char *name, const char *beside, cJSON **workload,
				       struct oversub_error *error)
{
	char path[SCENARIO_PATH_MAX];
	enum oversub_status status;
	char *text;
	size_t size;

	*workload = NULL;
	if (!find(name, beside, path))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "no workload \"%.100s\"; `oversub list workloads` shows what "
				    "there is",
				    name);
	status = json_text_read(path, SCENARIO_MAX_BYTES, &text, &size, error);
	if (status)
		return status;
	status = json_text_parse(path, text, size, SCENARIO_MAX_DEPTH, workload, error);
	free(text);
	if (!status)
		status = check(path, *workload, error);
	if (status) {
		cJSON_Delete(*workload);
		*workload = NULL;
	}
	return status;
}

/* ---- Into a document ---------------------------------------------------------------------- */

static const char *declared_name(const void *context, int index)
{
	const cJSON *item = cJSON_GetArrayItem(context, index);

	return item ? item->string : NULL;
}

/* Beside its file a workload says only parameters, and only those that the file declares. */
static enum oversub_status check_use(struct json_reader *reader, const cJSON *use,
				     const cJSON *file)
{
	const cJSON *values = member(use, "parameters"), *declared = member(file, "parameters");
	struct json_names names;
	char text[JSON_NAMES_TEXT_MAX];

	for (const cJSON *child = use->child; child; child = child->next)
		if (strcmp(child->string, "file") != 0 &&
		    strcmp(child->string, "parameters") != 0) {
			json_enter(reader, child->string);
			return json_fail(reader, "its file says that; beside \"file\" there can "
						 "only be \"parameters\"");
		}
	if (!values)
		return OVERSUB_OK;
	json_enter(reader, "parameters");
	if (json_expect_object(reader, values))
		return OVERSUB_BAD_INPUT;
	for (const cJSON *value = values->child; value; value = value->next)
		if (json_names_find(&names, value->string, declared_name, declared) < 0) {
			json_enter(reader, value->string);
			return json_fail(reader, "the file has no such parameter%s",
					 json_names_text(&names, text));
		}
	return OVERSUB_OK;
}

static bool add_copy(cJSON *object, const cJSON *value, const char *key)
{
	return cJSON_AddItemToObject(object, key, cJSON_Duplicate(value, true));
}

/* Values of all parameters, in the order of the file. */
static bool add_parameters(cJSON *use, const cJSON *declared)
{
	cJSON *given = cJSON_DetachItemFromObjectCaseSensitive(use, "parameters");
	cJSON *all = cJSON_AddObjectToObject(use, "parameters");
	bool done = all != NULL;

	for (const cJSON *each = declared ? declared->child : NULL; each && done;
	     each = each->next) {
		const cJSON *value = member(given, each->string);

		done = add_copy(all, value ? value : member(each, "default"), each->string);
	}
	cJSON_Delete(given);
	return done;
}

static enum oversub_status embed(struct json_reader *reader, cJSON *use, const cJSON *file)
{
	enum oversub_status status = check_use(reader, use, file);
	bool done;

	if (status)
		return status;
	done = add_parameters(use, member(file, "parameters"));
	for (const struct grammar_member *part = grammar_workload[WORKLOAD_OF_VM].members;
	     part->kind && done; part++)
		if (member(file, part->key) && !member(use, part->key))
			done = add_copy(use, member(file, part->key), part->key);
	return done ? OVERSUB_OK : json_no_memory(reader);
}

static enum oversub_status embed_file(struct json_reader *reader, cJSON *use)
{
	const cJSON *name = member(use, "file");
	size_t place = json_enter(reader, "file");
	struct oversub_error wrong;
	cJSON *file;
	enum oversub_status status = json_expect_string(reader, name);

	if (status)
		return status;
	status = workload_file_read(name->valuestring, reader->file, &file, &wrong);
	if (status == OVERSUB_BAD_INPUT)
		return json_fail(reader, "%s", wrong.message);
	if (status)
		return oversub_fail(reader->error, status, "%s", wrong.message);
	json_leave(reader, place);
	status = embed(reader, use, file);
	cJSON_Delete(file);
	return status;
}

enum oversub_status workload_files_embed(cJSON *document, const char *file,
					 struct oversub_error *error)
{
	struct json_reader reader = {.file = file, .error = error};
	const cJSON *workloads = member(document, "workloads");
	enum oversub_status status = OVERSUB_OK;

	json_enter(&reader, "workloads");
	for (cJSON *use = cJSON_IsObject(workloads) ? workloads->child : NULL; use && !status;
	     use = use->next) {
		size_t place = json_enter(&reader, use->string);

		if (member(use, "file") && !member(use, "threads"))
			status = embed_file(&reader, use);
		json_leave(&reader, place);
	}
	return status;
}

bool workload_file_path(const char *path)
{
	const char *name = path + strlen("workloads.");
	const char *dot;

	if (strncmp(path, "workloads.", strlen("workloads.")) != 0)
		return false;
	dot = strchr(name, '.');
	return dot && !strcmp(dot, ".file");
}

void workload_file_forget(cJSON *document, const char *path)
{
	char parent[JSON_PATH_MAX];
	cJSON *use, *next;

	path_parent(path, parent, sizeof(parent));
	use = path_find(document, parent);
	for (cJSON *child = use ? use->child : NULL; child; child = next) {
		next = child->next;
		if (strcmp(child->string, "file") != 0)
			cJSON_Delete(cJSON_DetachItemViaPointer(use, child));
	}
}
