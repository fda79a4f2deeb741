/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replication of a scenario written inside a test, and its metrics. */
#ifndef TESTS_UNIT_WORLD_VALUE_H
#define TESTS_UNIT_WORLD_VALUE_H

#include "sim/run/result.h"

/*
 * The first replication of text, as load_text() takes it, with overrides "PATH=VALUE" until a
 * NULL; all invariants are checked on the way. The test fails if that does. For result_free().
 */
struct replication_result world_of(const char *text, const char *const *sets);
/* The metric of result; the test fails if there is none. NAN: it has no value. */
double world_value(const struct replication_result *result, const char *scope, const char *name);

#endif
