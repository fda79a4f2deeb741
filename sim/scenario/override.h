/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing a document before it is loaded: --set, --vary. */
#ifndef SIM_SCENARIO_OVERRIDE_H
#define SIM_SCENARIO_OVERRIDE_H

#include <cjson/cJSON.h>

#include "sim/scenario/scenario.h"

/*
 * Apply overrides to document in place. For each applied override i, *(full_paths + i) is its full
 * path (for free()), otherwise NULL. Notes go to scenario->notes.
 */
enum oversub_status override_apply(cJSON *document, const char *file,
				   const struct scenario_overrides *overrides,
				   struct scenario *scenario, char **full_paths,
				   struct oversub_error *error);

#endif
