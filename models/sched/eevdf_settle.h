/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine whose tasks have been queued on their CPUs at one instant is made one that has run them
 * for minutes: load averages, what the queues have published of them, the weights of groups that
 * follow from these, and where in its request each entity is.
 *
 * Every task counts as one that always wants its CPU. What sleeps shows that soon: the averages of
 * a sleeper decay by half every 32 ms, and its groups are weighed anew whenever it comes or goes.
 * Those of a task that never sleeps are not, see eevdf_settle.c.
 *
 * The tasks must be queued, and none may be running yet: all are in the trees.
 */
#ifndef MODELS_SCHED_EEVDF_SETTLE_H
#define MODELS_SCHED_EEVDF_SETTLE_H

#include "models/sched/eevdf.h"

/* A random number, uniform in 0 .. n - 1, n >= 1. */
typedef uint64_t eevdf_settle_draw(void *context, uint64_t n);

/*
 * Split the shares of group over the CPUs as all its queues are up to date and have told what their
 * loads are. First of the groups below, then of those above.
 */
void eevdf_settle_group(struct eevdf_group *group);
/*
 * Then: the averages on all levels of one CPU, and the requests. draw says how far they have got.
 */
void eevdf_settle_rq(struct eevdf_rq *rq, eevdf_settle_draw *draw, void *context);

#endif
