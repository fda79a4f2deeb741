/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replays vectors of the format sched-conformance: load tracking, group weights and bandwidth
 * against the core of models/host.
 */
#ifndef TESTS_CONFORMANCE_SCHED_REPLAY_H
#define TESTS_CONFORMANCE_SCHED_REPLAY_H

#include "tests/conformance/replay.h"

/*
 * Replay the vector at path and compare everything that it mentions after every operation (level
 * 3). Mismatches are counted in *result and do not make the call fail. Returns OVERSUB_BAD_INPUT if
 * the file cannot be read or is no such vector.
 */
enum oversub_status sched_replay(const char *path, struct conformance_result *result,
				 struct oversub_error *error);

#endif
