/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What run queues and tasks of eevdf.h are to the balancer of balance.h and to placement.h: the
 * same on a host and in a guest. Pure.
 */
#ifndef MODELS_SCHED_BALANCE_TASK_H
#define MODELS_SCHED_BALANCE_TASK_H

#include "models/sched/balance.h"
#include "models/sched/eevdf.h"
#include "models/sched/placement.h"

/*
 * rq, by its load averages (tracked: EEVDF_WEIGHT_PELT), else by what is queued at present: its
 * load is the weight there, and it is used wholly or not at all. Whether it idles, and since when,
 * is left to the caller.
 */
struct balance_cpu balance_cpu_of(const struct eevdf_rq *rq, bool tracked);

/* task, queued elsewhere, could not run there at once on its merits either; a reason to leave it
 * where it is, unless nothing is queued on to. */
bool balance_is_ineligible(const struct eevdf_entity *task, const struct eevdf_rq *to);
/* It has run so lately (500 us), or is about to, that its caches are worth keeping (task_hot). */
bool balance_is_cache_hot(const struct topology_level *level, const struct eevdf_entity *task,
			  const struct eevdf_rq *to, int64_t now);
/* How much of a CPU task uses, or is expected to, in 1/1024; of tracked load. */
uint64_t balance_task_util(const struct eevdf_entity *task);

/*
 * What placement_affine_load() looks at, of tracked load: task, which sleeps, is waked by what runs
 * on waker and ran on prev; jiffies as for eevdf_task_h_load(). CPUs are whole.
 */
struct placement_loads placement_loads_of(struct eevdf_entity *task, const struct eevdf_rq *waker,
					  const struct eevdf_rq *prev, uint64_t jiffies);

#endif
