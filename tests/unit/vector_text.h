/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replaying a conformance vector that a test has as text; the replayers read files. */
#ifndef TESTS_UNIT_VECTOR_TEXT_H
#define TESTS_UNIT_VECTOR_TEXT_H

#include <oversub/error.h>

#include "tests/conformance/replay.h"

/* kvm_replay() and its like. */
typedef enum oversub_status vector_replay_fn(const char *path, struct conformance_result *result,
					     struct oversub_error *error);

/* Let replay read text from a file that is gone afterwards. error may be NULL. */
enum oversub_status replay_vector_text(vector_replay_fn *replay, const char *text,
				       struct conformance_result *result,
				       struct oversub_error *error);

#endif
