/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must always be true of a run queue, for --check-invariants and tests. */
#ifndef MODELS_SCHED_EEVDF_CHECK_H
#define MODELS_SCHED_EEVDF_CHECK_H

#include <oversub/error.h>

#include "models/sched/eevdf.h"

/* Called for each task that is queued on the run queue, the running one included. */
typedef enum oversub_status eevdf_check_task(void *context, const struct eevdf_entity *task,
					     struct oversub_error *error);

/*
 * Recompute from its entities, on every level of rq, what the queues keep as sums and order: the
 * order of the tree and what its nodes know of their subtrees, the weighted vruntimes, the weights,
 * the loads, the numbers of tasks, the running chain, and the buddies. OVERSUB_FAILED with the
 * first thing that is not so. task may be NULL.
 */
enum oversub_status eevdf_check(const struct eevdf_rq *rq, eevdf_check_task *task, void *context,
				struct oversub_error *error);

#endif
