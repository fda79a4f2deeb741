/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of sim/scenario share and nobody else needs. */
#ifndef SIM_SCENARIO_SCENARIO_INTERNAL_H
#define SIM_SCENARIO_SCENARIO_INTERNAL_H

#include "sim/scenario/scenario.h"

/* Append a note. Returns OVERSUB_FAILED without memory. */
enum oversub_status scenario_note(struct scenario *scenario, struct oversub_error *error,
				  const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * The file that a name or path means, for free(). OVERSUB_BAD_INPUT if there is none.
 */
enum oversub_status scenario_find(const char *path_or_name, char **file,
				  struct oversub_error *error);

#endif
