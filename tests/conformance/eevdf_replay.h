/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays vectors of the format eevdf-conformance against the core of models/sched/eevdf.h. */
#ifndef TESTS_CONFORMANCE_EEVDF_REPLAY_H
#define TESTS_CONFORMANCE_EEVDF_REPLAY_H

#include "tests/conformance/replay.h"

/*
 * Replay the vector at path and compare everything but zero_vruntime after every operation (level
 * 3). Mismatches are counted in *result and do not make the call fail. Returns OVERSUB_BAD_INPUT if
 * the file cannot be read or is no such vector.
 */
enum oversub_status eevdf_replay(const char *path, struct conformance_result *result,
				 struct oversub_error *error);

#endif
