/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/suggest.h"
#include "sim/base/text.h"
#include "sim/scenario/json_text.h"
#include "sim/scenario/override.h"
#include "sim/scenario/override_paths.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/scenario_internal.h"
#include "sim/scenario/workload_file.h"

enum oversub_status scenario_override_parse(char *text, struct scenario_override *override,
					    struct oversub_error *error)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "\"%.200s\": expected PATH=VALUE, such as vms.db.count=4",
				    text);
	*equals = '\0';
	override->path = text;
	override->value = equals + 1;
	return OVERSUB_OK;
}

/* ---- Which value is meant ----------------------------------------------------------------- */

static bool is_top_level(const char *path)
{
	size_t length = strcspn(path, ".[");

	for (const struct grammar_member *member = grammar_document.members; member->kind; member++)
		if (strlen(member->key) == length && !strncmp(member->key, path, length))
			return true;
	return false;
}

/* path is that of an object with parameters, whether or not the document has it: "host.costs". */
static bool is_section(const struct known_paths *paths, const char *path)
{
	size_t length = strlen(path);

	for (int i = 0; i < paths->nr; i++)
		if (!strncmp(paths->list[i].path, path, length) &&
		    paths->list[i].path[length] == '.')
			return true;
	return false;
}

static bool is_known(const struct known_paths *paths, const char *path)
{
	for (int i = 0; i < paths->nr; i++)
		if (!paths->list[i].elsewhere && !strcmp(paths->list[i].path, path))
			return true;
	return false;
}

/* path may stand for this one. */
static bool is_meant(const struct known_path *known, const char *path)
{
	return known->by_ending && !known->elsewhere && path_ends_with(known->path, path);
}

static enum oversub_status ambiguous(const struct known_paths *paths, const char *ending,
				     const char *file, struct oversub_error *error)
{
	char buffer[700];
	struct text list = TEXT_IN(buffer);
	int more = 0;

	for (int i = 0; i < paths->nr; i++) {
		const char *path = paths->list[i].path;

		if (!is_meant(&paths->list[i], ending))
			continue;
		if (list.used + strlen(path) + 3 > sizeof(buffer))
			more++;
		else
			text_join(&list, ", ", "%s", path);
	}
	if (more)
		text_add(&list, " or %d more", more);
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s: \"%.100s\" may mean %s; write more of the path", file, ending,
			    buffer);
}

static enum oversub_status unknown(const struct known_paths *paths, const char *path,
				   const char *file, struct oversub_error *error)
{
	/* A wrong parent is compared as a whole, a mere ending with endings. */
	bool dotted = strchr(path, '.') != NULL;
	struct suggestion suggestion = {.wrong = path};
	const char *nearest = NULL;

	/* Parameters of policies that are not selected come last. */
	for (int elsewhere = 0; elsewhere <= !dotted; elsewhere++)
		for (int i = 0; i < paths->nr; i++) {
			const char *right = paths->list[i].path;
			const char *before = suggestion.nearest;

			if ((paths->list[i].elsewhere != NULL) != elsewhere)
				continue;
			suggest(&suggestion, dotted ? right : path_last(right));
			if (suggestion.nearest != before)
				nearest = right;
		}
	if (nearest)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: no parameter \"%.200s\"; did you mean \"%s\"?", file, path,
				    nearest);
	return oversub_fail(
		error, OVERSUB_BAD_INPUT,
		"%s: no parameter \"%.200s\"; `oversub list params` shows what there is", file,
		path);
}

/*
 * The full path that path stands for, into *full_path for free(). A path that is known or there is
 * itself; then the end of exactly one known path; then a new key of something that is there, which
 * the loader judges.
 */
static enum oversub_status resolve(const cJSON *document, const struct known_paths *paths,
				   const char *path, const char *file, char **full_path,
				   struct oversub_error *error)
{
	char parent[JSON_PATH_MAX];
	const char *match = NULL;

	path_parent(path, parent, sizeof(parent));
	if (is_known(paths, path) || path_find(document, path) || is_section(paths, path) ||
	    (!*parent && is_top_level(path)))
		match = path;
	for (int i = 0; i < paths->nr && match != path; i++) {
		if (!is_meant(&paths->list[i], path))
			continue;
		if (match && strcmp(match, paths->list[i].path) != 0)
			return ambiguous(paths, path, file, error);
		match = paths->list[i].path;
	}
	if (!match && is_top_level(path) && path_find(document, parent))
		match = path;
	if (!match)
		return unknown(paths, path, file, error);
	*full_path = strdup(match);
	return *full_path ? OVERSUB_OK : oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

enum oversub_status scenario_resolve_path(const cJSON *document, const char *file,
					  const struct policy_registry *policies, const char *path,
					  char **full_path, struct oversub_error *error)
{
	enum oversub_status status;
	struct known_paths paths;

	*full_path = NULL;
	known_paths_collect(&paths, document, policies ? policies : &policy_registry_builtin);
	status = paths.failed ? oversub_fail(error, OVERSUB_FAILED, "out of memory")
			      : resolve(document, &paths, path, file, full_path, error);
	known_paths_free(&paths);
	return status;
}

/* ---- Policies ----------------------------------------------------------------------------- */

/* A change of path changes which policy or workload is meant, so it comes before the others. */
static bool selects(const char *path)
{
	if (workload_file_path(path))
		return true;
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
		if (!strcmp(path, policy_kinds[i].path) ||
		    (strcmp(path, "policy") != 0 &&
		     path_ends_with(policy_kinds[i].selection, path)))
			return true;
	return !strcmp(path, "yield");
}

/* Names of the policies of axis that have a parameter of that name, into buffer; which "" if none.
 */
static const char *policies_with(const struct policy_kind *axis,
				 const struct policy_registry *policies, const char *param,
				 char *buffer, size_t size)
{
	struct text names = text_in(buffer, size);
	const struct oversub_policy *policy;

	for (int i = 0; (policy = policy_registry_at(policies, axis->kind, i)); i++)
		if (param_find(policy_params(policy), param))
			text_join(&names, ", ", "%s", policy->name);
	return buffer;
}

/* Leave out what the document says for parameters that the newly selected policy lacks. */
static enum oversub_status drop_old_params(cJSON *document, const struct policy_kind *axis,
					   struct scenario *scenario, struct oversub_error *error)
{
	cJSON *object = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(document, axis->section), axis->key);
	const struct oversub_policy *policy = document_policy(document, axis, scenario->policies);
	enum oversub_status status = OVERSUB_OK;
	char names[128];
	cJSON *next;

	if (!policy || !cJSON_IsObject(object))
		return OVERSUB_OK;
	for (cJSON *child = object->child; child && !status; child = next) {
		next = child->next;
		if (!strcmp(child->string, "policy") ||
		    param_find(policy_params(policy), child->string) ||
		    !*policies_with(axis, scenario->policies, child->string, names, sizeof(names)))
			continue;
		status = scenario_note(scenario, error,
				       "%s.%s is left out: policy \"%s\" does not have it",
				       axis->path, child->string, policy->name);
		cJSON_Delete(cJSON_DetachItemViaPointer(object, child));
	}
	return status;
}

/* ---- Applying ----------------------------------------------------------------------------- */

/* What the text of a value means: JSON, or else a string. Long integers keep their digits so. */
static cJSON *parse_value(const char *text)
{
	bool is_long = strlen(text) > 15 && !text[strspn(text, "-0123456789")];
	cJSON *value =
		is_long ? NULL : cJSON_ParseWithLengthOpts(text, strlen(text) + 1, NULL, true);

	return value ? value : cJSON_CreateString(text);
}

static enum oversub_status set(cJSON *document, const char *file, const char *path,
			       const char *text, struct oversub_error *error)
{
	cJSON *value;

	if (!json_text_is_utf8(text))
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: the value is not UTF-8", path);
	value = parse_value(text);
	if (!value)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (path_set(document, path, value))
		return OVERSUB_OK;
	cJSON_Delete(value);
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s: %.200s cannot be set: something on the way there is not an object",
			    file, path);
}

struct application {
	cJSON *document;
	const char *file;
	const struct scenario_overrides *overrides;
	struct scenario *scenario;
	struct oversub_error *error;
};

/*
 * A parameter that the selected policy lacks and another one of its axis has: *drop is set if that
 * is to be noted only, otherwise it is an error.
 */
static enum oversub_status refuse_elsewhere(struct application *to, const struct known_path *path,
					    bool *drop)
{
	const struct policy_kind *axis = path->elsewhere;
	const struct policy_registry *policies = to->scenario->policies;
	const char *selected = document_policy(to->document, axis, policies)->name;
	char names[128];

	*drop = to->overrides->drop_inapplicable;
	if (*drop)
		return scenario_note(to->scenario, to->error,
				     "%s is left out: policy \"%s\" does not have it", path->path,
				     selected);
	return oversub_fail(
		to->error, OVERSUB_BAD_INPUT,
		"%s: %.200s: policy \"%s\" does not have it; those that do: %s", to->file,
		path->path, selected,
		policies_with(axis, policies, path_last(path->path), names, sizeof(names)));
}

static const struct known_path *find_elsewhere(const struct known_paths *paths, const char *path)
{
	for (int i = 0; i < paths->nr; i++)
		if (paths->list[i].elsewhere && path_ends_with(paths->list[i].path, path))
			return &paths->list[i];
	return NULL;
}

static enum oversub_status apply(struct application *to, const struct scenario_override *override,
				 char **full_path)
{
	const struct known_path *elsewhere;
	struct known_paths paths;
	enum oversub_status status;
	bool drop = false;

	known_paths_collect(&paths, to->document, to->scenario->policies);
	if (paths.failed) {
		status = oversub_fail(to->error, OVERSUB_FAILED, "out of memory");
	} else {
		status = resolve(to->document, &paths, override->path, to->file, full_path,
				 to->error);
		elsewhere = find_elsewhere(&paths, override->path);
		if (elsewhere && (status || !is_known(&paths, *full_path)))
			status = refuse_elsewhere(to, elsewhere, &drop);
	}
	known_paths_free(&paths);
	if (status || drop) {
		free(*full_path);
		*full_path = NULL;
		return status;
	}
	status = set(to->document, to->file, *full_path, override->value, to->error);
	if (status || strncmp(*full_path, "workloads", strlen("workloads")) != 0)
		return status;
	if (workload_file_path(*full_path))
		workload_file_forget(to->document, *full_path);
	return workload_files_embed(to->document, to->file, to->error);
}

enum oversub_status override_apply(cJSON *document, const char *file,
				   const struct scenario_overrides *overrides,
				   struct scenario *scenario, char **full_paths,
				   struct oversub_error *error)
{
	struct application to = {document, file, overrides, scenario, error};
	enum oversub_status status = OVERSUB_OK;

	if (!cJSON_IsObject(document))
		return OVERSUB_OK;
	for (int i = 0; i < overrides->nr && !status; i++) {
		const char *path = overrides->list[i].path;

		if (!selects(path))
			continue;
		status = apply(&to, &overrides->list[i], &full_paths[i]);
		if (status || strcmp(path_last(path), "policy") != 0)
			continue;
		if (policy_kind_around(full_paths[i]))
			status = drop_old_params(document, policy_kind_around(full_paths[i]),
						 scenario, error);
	}
	for (int i = 0; i < overrides->nr && !status; i++)
		if (!selects(overrides->list[i].path))
			status = apply(&to, &overrides->list[i], &full_paths[i]);
	return status;
}
