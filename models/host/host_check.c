/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/host/host_check.h"

#include <inttypes.h>

#include "sim/base/bitmap.h"
#include "models/sched/eevdf_check.h"
#include "models/host/host_internal.h"

static enum oversub_status broken(const struct pcpu *cpu, const char *what,
				  struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "CPU %d: %s", cpu->index, what);
}

static enum oversub_status task_broken(const struct host_task *task, const char *what,
				       struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "task %s: %s", task->comm, what);
}

/* ---- Tasks ---------------------------------------------------------------------------------- */

static enum oversub_status check_queued(void *context, const struct eevdf_entity *entity,
					struct oversub_error *error)
{
	const struct pcpu *cpu = context;
	const struct host_task *task = host_task_of((struct eevdf_entity *)entity);

	if (task->cpu != cpu)
		return task_broken(task, "is queued on another CPU than it says", error);
	if (task->on_cpu != (task == cpu->curr))
		return task_broken(task, "is the running task of its CPU, or says so, but not both",
				   error);
	if (entity->delayed == (task->state == TASK_RUNNING))
		return task_broken(task, "is queued, and neither runnable nor a delayed sleeper",
				   error);
	if (task->cpus && !bitmap_test(task->cpus, cpu->index))
		return task_broken(task, "is queued on a CPU that its affinity excludes", error);
	return OVERSUB_OK;
}

static bool is_on_wake_list(const struct host_task *task)
{
	const struct host_task *waiting = task->cpu->wake_list;

	while (waiting && waiting != task)
		waiting = waiting->wake_next;
	return waiting == task;
}

enum oversub_status host_check_task(const struct host_task *task, struct oversub_error *error)
{
	bool runnable = task->state == TASK_RUNNING;

	if (task->on_cpu && !runnable)
		return task_broken(task, "is on a CPU, but not runnable", error);
	if (task->executing && !task->on_cpu)
		return task_broken(task, "executes without a CPU", error);
	if (runnable && !task->se.on_rq && !task->se.limbo && !task->cosched.detached &&
	    !is_on_wake_list(task))
		return task_broken(
			task, "is runnable, but neither queued, parked, stopped nor being woken",
			error);
	return OVERSUB_OK;
}

/* ---- CPUs ----------------------------------------------------------------------------------- */

/* Somebody could run and nobody does: then the CPU is about to look. */
static bool sleeps_beside_work(const struct pcpu *cpu)
{
	/* A co-scheduling policy may have wanted just that. */
	if (cpu->host->cosched && cpu->host->cosched->policy->pick)
		return false;
	return !cpu->curr && cpu->rq.root.h_nr_runnable > 0 && !sim_event_pending(&cpu->switched) &&
	       cpu->ipi_count == 0;
}

static enum oversub_status check_running(const struct pcpu *cpu, struct oversub_error *error)
{
	const struct host_task *curr = cpu->curr;

	if (cpu->rq.curr != (curr ? &curr->se : NULL))
		return broken(cpu, "runs another task than its run queue says", error);
	if (curr && !curr->on_cpu)
		return task_broken(curr, "runs, but does not say so", error);
	if ((cpu->state == PCPU_BUSY && !curr) || (cpu->state == PCPU_IDLE && curr))
		return broken(cpu, "is accounted as busy without a task, or as idle with one",
			      error);
	if (curr && curr->executing && cpu->state != PCPU_BUSY)
		return task_broken(curr, "executes during a context switch", error);
	if (sleeps_beside_work(cpu))
		return broken(cpu, "idles beside a runnable task, and nothing will wake it", error);
	return OVERSUB_OK;
}

static enum oversub_status check_bitmaps(const struct pcpu *cpu, struct oversub_error *error)
{
	const struct host *host = cpu->host;
	bool idle = !cpu->curr && !cpu->rq.nr_running && !cpu->wake_list;

	if (idle != bitmap_test(host->idle_cpus, cpu->index))
		return broken(cpu, "is idle or in the set of idle CPUs, but not both", error);
	if ((cpu->rq.nr_running >= 2) != bitmap_test(host->overloaded_cpus, cpu->index))
		return broken(cpu, "is overloaded or in the set of such CPUs, but not both", error);
	return OVERSUB_OK;
}

static enum oversub_status check_time(const struct pcpu *cpu, int64_t elapsed,
				      struct oversub_error *error)
{
	int64_t total = host_now(cpu->host) - cpu->state_since;

	for (int i = 0; i < PCPU_STATES; i++)
		total += cpu->stats.time_in[i];
	if (total == elapsed)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_FAILED,
			    "CPU %d: its states sum to %" PRId64 " ns of %" PRId64, cpu->index,
			    total, elapsed);
}

enum oversub_status host_check(const struct host *host, int64_t elapsed,
			       struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; status == OVERSUB_OK && i < host->nr_cpus; i++) {
		struct pcpu *cpu = &host->cpus[i];

		status = eevdf_check(&cpu->rq, check_queued, cpu, error);
		if (status == OVERSUB_OK)
			status = check_running(cpu, error);
		if (status == OVERSUB_OK)
			status = check_bitmaps(cpu, error);
		if (status == OVERSUB_OK)
			status = check_time(cpu, elapsed, error);
	}
	return status;
}
