/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What policies need to see, in words; and which of it the VMs of a scenario never show. */
#ifndef SIM_SCENARIO_POLICY_NEEDS_H
#define SIM_SCENARIO_POLICY_NEEDS_H

#include "sim/scenario/scenario.h"

/* Room for what policy_needs_text() writes. */
enum { POLICY_NEEDS_TEXT_MAX = 256 };
/* "preemption flags, EOIs" for needs, enum oversub_needs and oversub_cosched_needs; to buffer. */
const char *policy_needs_text(uint32_t needs, char buffer[POLICY_NEEDS_TEXT_MAX]);

/*
 * Note what the chosen policies need and the hardware or configuration of some VM never reveals:
 * then they decide without it, which is right, but may not be what was meant.
 */
enum oversub_status scenario_note_needs(struct scenario *scenario, struct oversub_error *error);

#endif
