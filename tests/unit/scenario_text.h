/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenarios written inside tests: JSON with single quotes where JSON has double ones. */
#ifndef TESTS_UNIT_SCENARIO_TEXT_H
#define TESTS_UNIT_SCENARIO_TEXT_H

#include "sim/scenario/scenario.h"

/* A scenario with one VM "vm" of two vCPUs; its workload "w" has a lock, an event and a barrier. */
extern const char *const small_scenario;

/* text as a document, loaded as the file "test.json". Call as scenario_load(). */
enum oversub_status load_text(const char *text, const struct scenario_overrides *overrides,
			      struct scenario **out, struct oversub_error *error);
/* The same for size raw bytes, which are taken as they are. */
enum oversub_status load_bytes(const char *bytes, size_t size, struct scenario **out,
			       struct oversub_error *error);
/* A copy of text with double quotes; for free(). */
char *double_quoted(const char *text);

#endif
