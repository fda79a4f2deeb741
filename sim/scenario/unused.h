/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a document declares and nothing in it uses: most often a slip of the pen. */
#ifndef SIM_SCENARIO_UNUSED_H
#define SIM_SCENARIO_UNUSED_H

#include <stdbool.h>

#include "sim/scenario/scenario.h"

/*
 * Note locks, events, barriers and sources that no program uses, workloads that no VM runs, cgroups
 * that nobody is in, and a guest scheduler that was turned off and is on all the same.
 * OVERSUB_FAILED without memory.
 */
enum oversub_status scenario_note_unused(struct scenario *scenario, struct oversub_error *error);

#endif
