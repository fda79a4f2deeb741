/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the format sched-conformance; each is replayed by one file. */
#ifndef TESTS_CONFORMANCE_SCHED_REPLAY_PART_H
#define TESTS_CONFORMANCE_SCHED_REPLAY_PART_H

#include "tests/conformance/sched_expect.h"

/* What an operation returned; compared if the line expects it. */
struct sched_outcome {
	uint64_t ret;
};

struct sched_replay_part {
	const char *name;
	/*
	 * A model as the header says; its objects are added to *expect, which lives as long as it.
	 * NULL: the header is incomplete or out of range.
	 */
	void *(*create)(const cJSON *header, struct sched_expect *expect);
	void (*destroy)(void *state);
	/* False: the operation is unknown or its inputs are malformed. */
	bool (*apply)(void *state, const cJSON *operation, struct sched_outcome *outcome);
};

extern const struct sched_replay_part sched_replay_pelt;
extern const struct sched_replay_part sched_replay_group_shares;
extern const struct sched_replay_part sched_replay_propagate;
extern const struct sched_replay_part sched_replay_bandwidth;

#endif
