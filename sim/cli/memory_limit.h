/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --max-memory: a refusal of what will need more, and an end for what does all the same. */
#ifndef SIM_CLI_MEMORY_LIMIT_H
#define SIM_CLI_MEMORY_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>

#include "sim/scenario/scenario.h"

/* Read "500M", "4G" or bytes. OVERSUB_BAD_INPUT if text is none of them. */
enum oversub_status memory_limit_parse(const char *text, int64_t *bytes,
				       struct oversub_error *error);
/*
 * OVERSUB_BAD_INPUT if so many jobs at once on the largest of nr scenarios would need more than
 * bytes, by what worlds of that size were measured to need; 0: there is no limit.
 */
enum oversub_status memory_limit_check(int64_t bytes, struct scenario *const *scenarios, size_t nr,
				       unsigned int jobs, struct oversub_error *error);
/* Whether this program now occupies more than bytes; false where nothing tells. */
bool memory_limit_exceeded(int64_t bytes);

#endif
