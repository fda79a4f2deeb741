/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wake-ups (try_to_wake_up). A task that is still queued goes on where it is. Any other gets a CPU,
 * and is enqueued there at once, or, if that CPU is far or has nothing queued, by that CPU itself
 * when an IPI tells it to look at its wake list.
 */
#include <stddef.h>

#include "models/host/cosched_internal.h"

/* Enqueue task on its CPU; whatever runs on by does it. */
static void activate(struct host_task *task, struct pcpu *by)
{
	struct pcpu *cpu = task->cpu;
	uint64_t now = (uint64_t)host_now(task->host);

	if (!task->se.on_rq)
		host_link_to_front(&cpu->tasks, &task->link);
	if (task->state == TASK_NEW)
		eevdf_start(&cpu->rq, &task->se, now);
	else
		eevdf_wake(&cpu->rq, &task->se, false, now);
	task->state = TASK_RUNNING;
	if (task->host->trace)
		host_trace_wakeup(by, task);
	if (task->host->cosched)
		host_cosched_woken(task, by);
	if (task->ops->queued)
		task->ops->queued(task);
	pcpu_after_operation(cpu, by != cpu);
}

/* ---- Wake lists -------------------------------------------------------------------------- */

/* ttwu_queue_cond() */
static bool leave_it_to(const struct pcpu *cpu, const struct pcpu *waker)
{
	if (cpu->llc != waker->llc)
		return true;
	return cpu != waker && !cpu->rq.nr_running;
}

static void add_to_wake_list(struct host_task *task)
{
	struct pcpu *cpu = task->cpu;

	task->wake_next = NULL;
	if (cpu->wake_list) {
		cpu->wake_list_last->wake_next = task;
		cpu->wake_list_last = task;
		return;
	}
	cpu->wake_list = task;
	cpu->wake_list_last = task;
	pcpu_send_interrupt(cpu, PCPU_CALL, cpu->host->config.costs.ipi_flight_ns);
	/* It does not count as idle any more. */
	pcpu_after_operation(cpu, true);
}

void pcpu_activate_wake_list(struct pcpu *cpu)
{
	struct host_task *task = cpu->wake_list;

	cpu->wake_list = NULL;
	while (task) {
		struct host_task *next = task->wake_next;

		activate(task, cpu);
		task = next;
	}
}

/* ---- Waking ------------------------------------------------------------------------------ */

/* A task that executes did not wake task itself: an interrupt does it, and so does an idle CPU. */
static void interrupt_waker(struct pcpu *waker, const struct host_task *task)
{
	if (!waker->curr) {
		if (task->cpu == waker)
			pcpu_leave_idle(waker);
	} else if (waker->curr->executing) {
		pcpu_send_interrupt(waker, PCPU_RESCHEDULE, 0);
	}
}

bool host_wake(struct host_task *task, struct pcpu *waker)
{
	if (task->state != TASK_SLEEPING)
		return false;
	if (!waker)
		waker = task->cpu;
	task->state = TASK_RUNNING;
	task->waking = true;
	task->runnable_since = host_now(task->host);

	if (task->se.on_rq) {
		activate(task, waker);
	} else {
		struct pcpu *cpu = host_select_cpu(task, waker);

		if (task->host->cosched)
			cpu = host_cosched_place(task, cpu);
		host_move_task(task, cpu, waker);
		if (leave_it_to(task->cpu, waker))
			add_to_wake_list(task);
		else
			activate(task, waker);
	}
	interrupt_waker(waker, task);
	return true;
}

void host_task_start(struct host_task *task)
{
	struct pcpu *cpu = host_select_first_cpu(task);

	if (task->host->cosched)
		cpu = host_cosched_place(task, cpu);
	if (!host_move_task(task, cpu, cpu))
		cpu = task->cpu;
	task->runnable_since = host_now(task->host);
	activate(task, cpu);
	if (pcpu_need_resched(cpu))
		interrupt_waker(cpu, task);
}
