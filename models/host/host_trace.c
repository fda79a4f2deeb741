/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace records, and those of the scheduler's tracepoints. */
#include "models/host/host_internal.h"

/* prio of a task as the kernel shows it: 120 is nice 0, and idle too. */
static int prio(const struct host_task *task)
{
	return 120 + (task ? task->se.nice : 0);
}

static const char *comm(const struct host_task *task)
{
	return task ? task->comm : TRACE_IDLE_COMM;
}

static int pid(const struct host_task *task)
{
	return task ? task->pid : 0;
}

void host_trace_record(const struct pcpu *cpu, const struct host_task *by,
		       struct trace_record record)
{
	record.time = host_now(cpu->host);
	record.cpu = cpu->index;
	record.comm = comm(by);
	record.pid = pid(by);
	trace_write(cpu->host->trace, &record);
}

void host_trace_switch(struct pcpu *cpu, const struct host_task *prev, const struct host_task *next)
{
	bool runs_on = !prev || eevdf_task_runnable(&prev->se) || host_task_throttled(prev) ||
		       prev->cosched.detached;

	host_trace(cpu, cpu->curr, sched_switch, .prev_prio = prio(prev),
		   .prev_state = runs_on ? TRACE_STATE_RUNNING : TRACE_STATE_INTERRUPTIBLE,
		   .next_comm = comm(next), .next_pid = pid(next), .next_prio = prio(next),
		   .throttled = prev && host_task_throttled(prev));
}

void host_trace_wakeup(struct pcpu *by, const struct host_task *task)
{
	host_trace(by, by->curr, sched_wakeup, .comm = task->comm, .pid = task->pid,
		   .prio = prio(task), .target_cpu = task->cpu->index);
}

void host_trace_yield_resolved(struct pcpu *cpu, const struct host_task *nominee,
			       const struct host_task *next, bool displaced)
{
	host_trace(cpu, cpu->curr, yield_resolved, .nominee_comm = nominee->comm,
		   .nominee_pid = nominee->pid, .honoured = !displaced && next == nominee,
		   .next_pid = displaced ? -1 : pid(next));
}

void host_trace_migrate(struct pcpu *by, const struct host_task *task, const struct pcpu *to)
{
	host_trace(by, by->curr, sched_migrate_task, .comm = task->comm, .pid = task->pid,
		   .prio = prio(task), .orig_cpu = task->cpu->index, .dest_cpu = to->index);
}
