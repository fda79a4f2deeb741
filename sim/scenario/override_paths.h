/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paths that a document's values have, or could have: names for --set and --vary. */
#ifndef SIM_SCENARIO_OVERRIDE_PATHS_H
#define SIM_SCENARIO_OVERRIDE_PATHS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "sim/scenario/policy_registry.h"

struct known_path {
	char *path;
	/*
	 * The end of the path may stand for it. Not so for a VM's parameter that only vm_defaults
	 * sets, nor for one of vm_defaults that every VM sets itself.
	 */
	bool by_ending;
	/* The axis that the parameter is of, but of another policy than the selected one; or NULL.
	 */
	const struct policy_kind *elsewhere;
};

struct known_paths {
	struct known_path *list;
	int nr;
	bool failed; /* memory ran out */
	const struct policy_registry *policies;
};

/* All parameters that document has or leaves at their defaults. For known_paths_free(). */
void known_paths_collect(struct known_paths *paths, const cJSON *document,
			 const struct policy_registry *policies);
void known_paths_free(struct known_paths *paths);

/* path, or its end from the beginning of one of its parts on, is ending. */
bool path_ends_with(const char *path, const char *ending);

/* The value at path, NULL if there is none. */
cJSON *path_find(const cJSON *document, const char *path);
/* The part of path before its last one, to buffer; "" if there is only one. */
void path_parent(const char *path, char *buffer, size_t size);
/* The last part of path: behind its last dot. */
const char *path_last(const char *path);
/*
 * Put value, which then belongs to document, at path; objects on the way are made. Returns false,
 * and value stays the caller's, if something on the way is no object, or without memory.
 */
bool path_set(cJSON *document, const char *path, cJSON *value);

/* The policy of that kind that document selects; NULL if there is no such policy. */
const struct oversub_policy *document_policy(const cJSON *document, const struct policy_kind *axis,
					     const struct policy_registry *policies);

#endif
