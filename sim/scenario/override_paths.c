/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/scenario/override_paths.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/scenario_parts.h"

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

cJSON *path_find(const cJSON *document, const char *path)
{
	struct part part;

	while (document && *path)
		document = next_part(&path, &part) ? step(document, &part) : NULL;
	return (cJSON *)document;
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
	const cJSON *document;
	/* Where values are inherited: nowhere here, below what others inherit, below one of them.
	 */
	enum { OWN, DEFAULTS, HEIR } inheritance;
	const cJSON *heirs; /* of DEFAULTS: an object of them */
	size_t defaults;    /* of DEFAULTS: length of its path */
};

/* Whether the end of the path the walk is at may stand for it. */
static bool goes_by_ending(const struct collector *collector, bool present)
{
	const cJSON *heir = collector->heirs ? collector->heirs->child : NULL;

	if (collector->inheritance != DEFAULTS)
		return present || collector->inheritance == OWN;
	while (heir && path_find(heir, collector->at.path + collector->defaults + 1))
		heir = heir->next;
	return heir != NULL;
}

/* The member key of where the walk is, or this itself if key is NULL; present: it is there. */
static struct known_path *add(struct collector *collector, const char *key, bool present)
{
	struct known_paths *paths = collector->paths;
	size_t place = collector->at.length;
	struct known_path *path = array_add(paths->list, paths->nr);

	if (key)
		json_enter(&collector->at, key);
	if (path) {
		path->path = strdup(collector->at.path);
		path->by_ending = goes_by_ending(collector, present);
	}
	paths->failed |= !path || !path->path;
	json_leave(&collector->at, place);
	return path;
}

static void add_params(struct collector *collector, const struct oversub_param *params,
		       const cJSON *object)
{
	for (; params->name; params++)
		add(collector, params->name, member(object, params->name) != NULL);
}

/* Every value below this one. */
static void add_inside(struct collector *collector, const cJSON *value)
{
	int index = 0;

	for (const cJSON *child = value ? value->child : NULL; child; child = child->next) {
		size_t place = cJSON_IsObject(value) ? json_enter(&collector->at, child->string)
						     : json_enter_index(&collector->at, index++);

		if (!child->child)
			add(collector, NULL, true);
		add_inside(collector, child);
		json_leave(&collector->at, place);
	}
}

static void add_value(struct collector *collector, const char *key, const cJSON *value)
{
	size_t place = json_enter(&collector->at, key);

	add(collector, NULL, value != NULL);
	add_inside(collector, value);
	json_leave(&collector->at, place);
}

static void add_program(struct collector *collector, const cJSON *program,
			enum workload_runner runner)
{
	int index = 0;

	for (const cJSON *child = cJSON_IsArray(program) ? program->child : NULL; child;
	     child = child->next) {
		const struct op_description *op =
			cJSON_IsObject(child) ? op_find(child, runner) : NULL;
		size_t place = json_enter_index(&collector->at, index++);

		if (op) {
			add_value(collector, op->name, member(child, op->name));
			add_params(collector, op_params(op, runner), child);
			json_enter(&collector->at, "body");
			add_program(collector, member(child, "body"), runner);
		}
		json_leave(&collector->at, place);
	}
}

const struct oversub_policy *document_policy(const cJSON *document, const struct policy_kind *axis,
					     const struct policy_registry *policies)
{
	const cJSON *object = member(member(document, axis->section), axis->key);
	const cJSON *policy = member(object, "policy");

	if (!policy)
		return policy_registry_find(policies, axis->kind, axis->default_name);
	return cJSON_IsString(policy)
		       ? policy_registry_find(policies, axis->kind, policy->valuestring)
		       : NULL;
}

/* Parameters of the selected policy, and of others of its axis what that one lacks. */
static void add_policy(struct collector *collector, const struct policy_kind *axis,
		       const cJSON *object)
{
	const struct policy_registry *policies = collector->paths->policies;
	const struct oversub_policy *policy = document_policy(collector->document, axis, policies);
	const struct oversub_policy *other;

	add(collector, "policy", true);
	if (!policy)
		return;
	add_params(collector, policy_params(policy), object);
	for (int i = 0; (other = policy_registry_at(policies, axis->kind, i)); i++)
		for (const struct oversub_param *param = policy_params(other); param->name;
		     param++) {
			struct known_path *path;

			if (param_find(policy_params(policy), param->name))
				continue;
			path = add(collector, param->name, true);
			if (path)
				path->elsewhere = axis;
		}
}

/* ---- Objects ------------------------------------------------------------------------------ */

static void add_object(struct collector *collector, const struct grammar_object *type,
		       const cJSON *object);

/* An object that cannot be what it should without more than one setting. */
static bool is_out_of_reach(const struct grammar_object *type, const cJSON *object)
{
	for (const struct grammar_member *member = type->members; member->kind; member++)
		if (member->missing && !object)
			return true;
	return false;
}

static void add_map(struct collector *collector, const struct grammar_object *type,
		    const cJSON *map)
{
	for (const cJSON *child = cJSON_IsObject(map) ? map->child : NULL; child;
	     child = child->next) {
		size_t place = json_enter(&collector->at, child->string);

		add_object(collector, type, child);
		json_leave(&collector->at, place);
	}
}

/* A member of an object of that type: do others beside it inherit its values, or it theirs? */
static void note_inheritance(struct collector *collector, const struct grammar_object *type,
			     const struct grammar_member *of, const cJSON *object)
{
	if (of->defaults)
		collector->inheritance = HEIR;
	for (const struct grammar_member *other = type->members; other->kind; other++)
		if (other->defaults && of->key && !strcmp(other->defaults, of->key)) {
			collector->inheritance = DEFAULTS;
			collector->heirs = member(object, other->key);
			collector->defaults = collector->at.length;
		}
}

static void add_member(struct collector *collector, const struct grammar_object *type,
		       const struct grammar_member *of, const cJSON *object)
{
	const cJSON *value = of->key ? member(object, of->key) : object;
	size_t place = collector->at.length;
	int inheritance = collector->inheritance;
	struct known_path *path;

	if (of->key)
		json_enter(&collector->at, of->key);
	note_inheritance(collector, type, of, object);
	switch (of->kind) {
	case GRAMMAR_END:
	case GRAMMAR_VERSION: break;
	case GRAMMAR_PARAMS: add_params(collector, of->params, value); break;
	case GRAMMAR_POLICY: add_policy(collector, &policy_kinds[of->number], value); break;
	case GRAMMAR_PROGRAM: add_program(collector, value, of->number); break;
	case GRAMMAR_MAP: add_map(collector, of->object, value); break;
	case GRAMMAR_OBJECT:
		if (!is_out_of_reach(of->object, value))
			add_object(collector, of->object, value);
		break;
	default:
		path = add(collector, NULL, value != NULL);
		if (path && of->by_path && !cJSON_IsString(value))
			path->by_ending = false;
		add_inside(collector, value);
	}
	collector->inheritance = inheritance;
	json_leave(&collector->at, place);
}

static void add_object(struct collector *collector, const struct grammar_object *type,
		       const cJSON *object)
{
	/* A value that stands for an object has no members that could be set. */
	if (type->instead)
		add(collector, NULL, true);
	if (type->instead && !cJSON_IsObject(object))
		return;
	for (const struct grammar_member *member = type->members; member->kind; member++)
		add_member(collector, type, member, object);
}

void known_paths_collect(struct known_paths *paths, const cJSON *document,
			 const struct policy_registry *policies)
{
	struct collector collector = {.paths = paths, .document = document};

	*paths = (struct known_paths){.policies = policies};
	add_object(&collector, &grammar_document, document);
}

void known_paths_free(struct known_paths *paths)
{
	for (int i = 0; i < paths->nr; i++)
		free(paths->list[i].path);
	free(paths->list);
}
