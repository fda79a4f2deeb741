/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replays the part balance of the format sched-conformance: single decisions of the load balancer
 * and of the placement of tasks, against models/sched/balance.h and placement.h.
 */
#ifndef TESTS_CONFORMANCE_BALANCE_REPLAY_H
#define TESTS_CONFORMANCE_BALANCE_REPLAY_H

#include "tests/conformance/replay.h"

/*
 * Replay the vector at path. A decision that differs in anything is a mismatch: it is counted in
 * *result and does not make the call fail. Returns OVERSUB_BAD_INPUT if the file cannot be read or
 * is no such vector.
 */
enum oversub_status balance_replay(const char *path, struct conformance_result *result,
				   struct oversub_error *error);

#endif
