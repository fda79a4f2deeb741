/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course of a wait in a bounded number of steps. */
#ifndef SIM_EXPLAIN_WAIT_STEPS_H
#define SIM_EXPLAIN_WAIT_STEPS_H

#include "sim/explain/wait.h"

/* Go on with the last step of wait, if it is of the same kind as step, or add step. */
void wait_steps_add(struct explain_wait *wait, const struct wait_step *step);
/* The step in progress, to which yields belong; NULL at the very beginning. */
struct wait_step *wait_steps_last(struct explain_wait *wait);
/* a and b overlap, are for the same kind of thing, and mostly for the same task. */
bool wait_steps_alike(const struct explain_wait *a, const struct explain_wait *b);
/*
 * Fold the shortest steps of wait into their neighbours until there are at most nr >= 1, and no
 * shorter ones than ns.
 */
void wait_steps_shorten(struct explain_wait *wait, int nr, int64_t ns);

#endif
