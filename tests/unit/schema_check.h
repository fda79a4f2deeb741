/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Enough of a JSON Schema validator for the words that scenario_schema() uses. */
#ifndef TESTS_UNIT_SCHEMA_CHECK_H
#define TESTS_UNIT_SCHEMA_CHECK_H

#include <stdbool.h>

#include <cjson/cJSON.h>

/* value holds against schema, whose references are looked up in root. Unknown words fail. */
bool schema_holds(const cJSON *root, const cJSON *schema, const cJSON *value);

#endif
