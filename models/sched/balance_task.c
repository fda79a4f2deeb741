/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/sched/balance_task.h"

#define MIGRATION_COST_NS 500000 /* sysctl_sched_migration_cost */

struct balance_cpu balance_cpu_of(const struct eevdf_rq *rq, bool tracked)
{
	struct balance_cpu cpu = {
		.capacity = BALANCE_CAPACITY,
		.nr = rq->nr_running,
		.h_nr = rq->root.h_nr_runnable,
	};

	if (tracked) {
		cpu.load = rq->root.pelt.avg.load_avg;
		cpu.util = rq->root.pelt.avg.util_avg;
		cpu.runnable = rq->root.pelt.avg.runnable_avg;
		cpu.util_est = rq->root.pelt.avg.util_est;
	} else {
		cpu.load = eevdf_scale_load_down(rq->root.load);
		cpu.util = rq->nr_running ? BALANCE_CAPACITY : 0;
		cpu.runnable = (uint64_t)BALANCE_CAPACITY * cpu.h_nr;
	}
	return cpu;
}

bool balance_is_ineligible(const struct eevdf_entity *task, const struct eevdf_rq *to)
{
	return to->nr_running && !eevdf_vruntime_eligible(task->queue, task->vruntime);
}

bool balance_is_cache_hot(const struct topology_level *level, const struct eevdf_entity *task,
			  const struct eevdf_rq *to, int64_t now)
{
	/* Threads of a core share their caches. */
	if (level->kind == TOPOLOGY_SMT)
		return false;
	if (to->nr_running && task->queue->next == task)
		return true;
	return now - (int64_t)task->exec_start < MIGRATION_COST_NS;
}

uint64_t balance_task_util(const struct eevdf_entity *task)
{
	uint64_t expected = task->avg.util_est & ~PELT_UTIL_EST_FRESH;

	return task->avg.util_avg > expected ? task->avg.util_avg : expected;
}

struct placement_loads placement_loads_of(struct eevdf_entity *task, const struct eevdf_rq *waker,
					  const struct eevdf_rq *prev, uint64_t jiffies)
{
	struct placement_loads loads = {
		.task = (int64_t)eevdf_task_h_load(task, jiffies),
		.waker = (int64_t)waker->root.pelt.avg.load_avg,
		.waker_capacity = BALANCE_CAPACITY,
		.prev_capacity = BALANCE_CAPACITY,
	};

	/* The sleeper is still part of it. */
	loads.prev = (int64_t)prev->root.pelt.avg.load_avg - loads.task;
	return loads;
}
