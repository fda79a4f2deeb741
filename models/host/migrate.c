/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a task gets from one CPU to another, whoever decides it, and what may stand against it. */
#include <stddef.h>

#include "models/host/host_internal.h"

struct eevdf_queue *host_queue_on(const struct host_task *task, struct pcpu *cpu)
{
	struct eevdf_group_part *part;

	if (!task->group)
		return &cpu->rq.root;
	part = eevdf_group_part(task->group, &cpu->rq);
	return part ? &part->queue : NULL;
}

bool host_task_throttled_on(const struct host_task *task, struct pcpu *cpu)
{
	const struct eevdf_queue *queue;

	if (!task->host->nr_limited)
		return false;
	queue = host_queue_on(task, cpu);
	return queue && queue->bandwidth.throttle_count;
}

bool host_move_task(struct host_task *task, struct pcpu *cpu, struct pcpu *by)
{
	if (task->cpu == cpu)
		return true;
	eevdf_update_clock(&cpu->rq, (uint64_t)host_now(task->host));
	if (!eevdf_task_set_rq(&task->se, task->group, &cpu->rq))
		return false;
	if (task->host->trace && task->state != TASK_NEW)
		host_trace_migrate(by, task, cpu);
	/* Not cache hot for the balancer. */
	task->se.exec_start = 0;
	task->cpu = cpu;
	task->moved_at = host_now(task->host);
	cpu->stats.migrations += task->ran_on >= 0;
	return true;
}

bool host_pull_task(struct host_task *task, struct pcpu *to)
{
	struct pcpu *from = task->cpu;
	uint64_t now = (uint64_t)host_now(task->host);

	if (!host_task_allows(task, to->index) || host_task_throttled_on(task, to))
		return false;
	eevdf_detach(&from->rq, &task->se, now);
	host_link_remove(&task->link);
	/* Without memory it goes back to where it was. */
	host_move_task(task, to, to);
	host_link_to_front(&task->cpu->tasks, &task->link);
	eevdf_attach(&task->cpu->rq, &task->se, now);
	return task->cpu == to;
}
