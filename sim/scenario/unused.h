/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a document declares and nothing in it uses: most often a slip of the pen. */
#ifndef SIM_SCENARIO_UNUSED_H
#define SIM_SCENARIO_UNUSED_H

#include <stdbool.h>

#include "sim/scenario/scenario.h"

/* What a workload declares and its programs name. */
enum workload_object {
	WORKLOAD_LOCK,
	WORKLOAD_EVENT,
	WORKLOAD_BARRIER,
	WORKLOAD_SOURCE,
	WORKLOAD_OBJECTS
};

/* The key of each kind in the document: "locks", "events", "barriers", "arrivals". */
extern const char *const workload_object_keys[WORKLOAD_OBJECTS];

/* The name of number index of a kind; NULL behind the last one. */
const char *workload_object_name(const struct workload *workload, enum workload_object kind,
				 int index);
/* Whether an op of any thread class names it. */
bool workload_object_used(const struct workload *workload, enum workload_object kind, int index);

/*
 * Note locks, events, barriers and sources that no program uses, workloads that no VM runs, cgroups
 * that nobody is in, and a guest scheduler that was turned off and is on all the same.
 * OVERSUB_FAILED without memory.
 */
enum oversub_status scenario_note_unused(struct scenario *scenario, struct oversub_error *error);

#endif
