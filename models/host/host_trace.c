/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace records of the scheduler's tracepoints. */
#include "models/host/host_internal.h"

#define IDLE_COMM "swapper"

/* prio of a task as the kernel shows it: 120 is nice 0, and idle too. */
static int prio(const struct host_task *task)
{
	return 120 + (task ? task->se.nice : 0);
}

static const char *comm(const struct host_task *task)
{
	return task ? task->comm : IDLE_COMM;
}

static int pid(const struct host_task *task)
{
	return task ? task->pid : 0;
}

/* A record of kind by what runs on cpu. */
static struct trace_record record_on(const struct pcpu *cpu, enum trace_kind kind)
{
	return (struct trace_record){
		.time = host_now(cpu->host),
		.kind = kind,
		.cpu = cpu->index,
		.comm = comm(cpu->curr),
		.pid = pid(cpu->curr),
	};
}

void host_trace_switch(struct pcpu *cpu, const struct host_task *prev, const struct host_task *next)
{
	struct trace_record record = record_on(cpu, TRACE_SCHED_SWITCH);
	bool runs_on = !prev || eevdf_task_runnable(&prev->se) || host_task_throttled(prev) ||
		       prev->cosched.detached;

	record.arg[0] = prio(prev);
	record.arg[1] = runs_on ? TRACE_STATE_RUNNING : TRACE_STATE_INTERRUPTIBLE;
	record.arg[2] = pid(next);
	record.arg[3] = prio(next);
	record.arg[4] = prev && host_task_throttled(prev);
	record.text = comm(next);
	trace_write(cpu->host->trace, &record);
}

void host_trace_wakeup(struct pcpu *by, const struct host_task *task)
{
	struct trace_record record = record_on(by, TRACE_SCHED_WAKEUP);

	record.arg[0] = task->pid;
	record.arg[1] = prio(task);
	record.arg[2] = task->cpu->index;
	record.text = task->comm;
	trace_write(by->host->trace, &record);
}

void host_trace_yield_resolved(struct pcpu *cpu, const struct host_task *nominee,
			       const struct host_task *next, bool displaced)
{
	struct trace_record record = record_on(cpu, TRACE_YIELD_RESOLVED);

	record.arg[0] = nominee->pid;
	record.arg[1] = !displaced && next == nominee;
	record.arg[2] = displaced ? -1 : pid(next);
	record.text = nominee->comm;
	trace_write(cpu->host->trace, &record);
}

void host_trace_unthrottle(struct pcpu *cpu, const struct host_task *task)
{
	struct trace_record record = record_on(cpu, TRACE_UNTHROTTLE);

	record.arg[0] = task->pid;
	record.arg[1] = cpu->index;
	record.text = task->comm;
	trace_write(cpu->host->trace, &record);
}

void host_trace_co_stop(const struct host_task *task, bool stopped)
{
	struct trace_record record = record_on(task->cpu, TRACE_CO_STOP);

	record.arg[0] = task->pid;
	record.arg[1] = stopped;
	record.text = task->comm;
	trace_write(task->host->trace, &record);
}

void host_trace_migrate(struct pcpu *by, const struct host_task *task, const struct pcpu *to)
{
	struct trace_record record = record_on(by, TRACE_SCHED_MIGRATE);

	record.arg[0] = task->pid;
	record.arg[1] = prio(task);
	record.arg[2] = task->cpu->index;
	record.arg[3] = to->index;
	record.text = task->comm;
	trace_write(by->host->trace, &record);
}
