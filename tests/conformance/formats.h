/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats of conformance vectors and who replays them. */
#ifndef TESTS_CONFORMANCE_FORMATS_H
#define TESTS_CONFORMANCE_FORMATS_H

#include "tests/conformance/vector.h"

/*
 * Replay the vector at path by the replayer of its format. A difference is not an error: it is
 * counted in *result, which is filled from zero. Returns OVERSUB_BAD_INPUT, with file and line, if
 * the file is no such vector. error may be NULL.
 */
enum oversub_status conformance_replay(const char *path, struct conformance_result *result,
				       struct oversub_error *error);

/*
 * The same for one format each:
 * eevdf-conformance, version 1: one CPU with groups and tasks;
 * kvm-conformance, version 1: directed yield, IPI tracking, LAPIC, pause-loop window, halt polling;
 * sched-conformance, version 1: load tracking, group weights, bandwidth;
 * sched-conformance, version 1, part balance: balancing and placement.
 */
enum oversub_status eevdf_replay(const char *path, struct conformance_result *result,
				 struct oversub_error *error);
enum oversub_status kvm_replay(const char *path, struct conformance_result *result,
			       struct oversub_error *error);
enum oversub_status sched_replay(const char *path, struct conformance_result *result,
				 struct oversub_error *error);
enum oversub_status balance_replay(const char *path, struct conformance_result *result,
				   struct oversub_error *error);

#endif
