/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The threads of a core slow each other down. How fast a CPU is depends only on whether another one
 * of its core is idle or not; as that changes, the task that runs is told, and splits its segment.
 *
 * A task at less than full speed does a fraction of a ns of its work in each ns. What a segment of
 * whole ns does beyond whole ns of work is kept for the next one: nothing is lost or won by
 * splitting.
 */
#include "models/host/host_internal.h"

int64_t host_task_duration(const struct host_task *task, int64_t work_ns)
{
	__int128 work = (__int128)work_ns * HOST_FULL_SPEED - task->work_ahead;

	if (task->speed == HOST_FULL_SPEED || work_ns <= 0)
		return work_ns;
	return (int64_t)((work + task->speed - 1) / task->speed);
}

int64_t host_task_work(struct host_task *task, int64_t elapsed_ns)
{
	__int128 work = (__int128)elapsed_ns * task->speed + task->work_ahead;

	if (task->speed == HOST_FULL_SPEED)
		return elapsed_ns;
	task->work_ahead = (int64_t)(work % HOST_FULL_SPEED);
	return (int64_t)(work / HOST_FULL_SPEED);
}

int64_t host_task_refill(struct host_task *task, int64_t elapsed_ns, int64_t *refilled_ns)
{
	int64_t owed = task->refill_ns;
	int64_t until_paid = host_task_duration(task, owed);
	int64_t work = host_task_work(task, elapsed_ns);

	if (work < owed) {
		task->refill_ns -= work;
		*refilled_ns = elapsed_ns;
		return 0;
	}
	task->refill_ns = 0;
	*refilled_ns = until_paid;
	return work - owed;
}

static void set_speed(struct pcpu *cpu, int64_t speed)
{
	struct host_task *task = cpu->curr;

	if (cpu->speed == speed)
		return;
	cpu->speed = speed;
	if (task && task->ops->speed_changed)
		task->ops->speed_changed(task);
}

void host_core_changed(struct pcpu *cpu)
{
	struct host *host = cpu->host;
	int first = topology_first(cpu->index, host->topology.smt);
	int end = topology_end(&host->topology, cpu->index, host->topology.smt);
	int nr_busy = 0;

	for (int i = first; i < end; i++)
		nr_busy += host->cpus[i].state != PCPU_IDLE;
	for (int i = first; i < end; i++) {
		bool is_busy = host->cpus[i].state != PCPU_IDLE;

		set_speed(&host->cpus[i],
			  nr_busy > is_busy ? host->config.smt_speed : HOST_FULL_SPEED);
	}
}
