/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replay of vectors of format "kvm-conformance", version 1: directed yield, IPI tracking, LAPIC,
 * pause-loop window, halt polling. */
#ifndef TESTS_CONFORMANCE_KVM_REPLAY_H
#define TESTS_CONFORMANCE_KVM_REPLAY_H

#include "tests/conformance/replay.h"

/*
 * Replay the vector at path. A difference is not an error: it is counted in *result, which is
 * filled from zero. Returns OVERSUB_BAD_INPUT if the file is no such vector.
 */
enum oversub_status kvm_replay(const char *path, struct conformance_result *result,
			       struct oversub_error *error);

#endif
