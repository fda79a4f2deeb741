/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts group_shares and propagate: load tracking on a machine with groups. */
#include "tests/conformance/sched_fields.h"
#include "tests/conformance/sched_machine.h"
#include "tests/conformance/sched_replay_part.h"

static void *create(const cJSON *header, struct sched_expect *expect)
{
	const struct sched_machine_fields fields = {
		.queue = sched_queue_load_fields,
		.group_entity = sched_entity_load_fields,
		.task = sched_entity_load_fields,
		.group = sched_group_load_fields,
	};

	return sched_machine_create(header, EEVDF_WEIGHT_PELT, &fields, expect);
}

static void destroy(void *state)
{
	sched_machine_destroy(state);
}

static bool apply(void *state, const cJSON *line, struct sched_outcome *outcome)
{
	return sched_machine_play(state, sched_machine_operations, line, outcome);
}

const struct sched_replay_part sched_replay_group_shares = {"group_shares", create, destroy, apply};
const struct sched_replay_part sched_replay_propagate = {"propagate", create, destroy, apply};
