/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plain host thread: the shell that acts out a program on a pCPU.
 *
 * Whenever the thread has its CPU and nothing is in progress, proceed() starts the next segment;
 * complete() is where a segment ends by itself, interrupt() where the host cuts it short. All time
 * goes through host_thread_account().
 */
#include <assert.h>
#include <stdio.h>

#include "models/host/thread.h"
#include "sim/base/container_of.h"

const struct oversub_param thread_params[] = {
	OVERSUB_DURATION(struct thread_config, syscall_ns, 300, 0, 1000000,
			 "Kernel time of a host thread's system call (yield, sleep, wait, wake), "
			 "switches not included."),
	OVERSUB_DURATION(struct thread_config, spin_ns, 50, 1, 1000000,
			 "One pass of a host thread's PAUSE loop while it spins for a lock."),
	OVERSUB_PARAM_END,
};

/* ---- Segments ----------------------------------------------------------------------------- */

/* A PAUSE loop is as fast as ever; all else depends on the CPU. */
static bool depends_on_speed(enum thread_segment segment)
{
	return segment == THREAD_RUNS || segment == THREAD_SYSCALL;
}

/* What remains of the segment and, if it executes, the refill begin now. */
static void schedule_end(struct host_thread *thread)
{
	struct host_task *task = &thread->task;
	int64_t work = thread->remaining_ns + (task->executing ? task->refill_ns : 0);

	sim_schedule(thread->all->host->engine, &thread->completion,
		     host_thread_now(thread) + host_task_duration(task, work));
}

static void begin_segment(struct host_thread *thread, enum thread_segment segment)
{
	host_thread_account(thread);
	thread->segment = segment;
	thread->task.executing = segment == THREAD_RUNS || segment == THREAD_SPINS;
	thread->task.speed = depends_on_speed(segment) ? thread->task.cpu->speed : HOST_FULL_SPEED;
	if (segment == THREAD_SYSCALL)
		thread->remaining_ns = thread->all->config.syscall_ns;
	if (segment != THREAD_SPINS || thread->remaining_ns != INT64_MAX)
		schedule_end(thread);
}

static void begin_interrupt(struct host_thread *thread)
{
	struct host *host = thread->all->host;

	host_thread_account(thread);
	thread->segment = THREAD_INTERRUPT;
	sim_schedule(host->engine, &thread->completion,
		     sim_now(host->engine) + host->config.costs.interrupt_ns);
}

/* Nothing executes any more, but the thread still has its CPU, or is just losing it. */
static void end_segment(struct host_thread *thread)
{
	host_thread_account(thread);
	sim_cancel(thread->all->host->engine, &thread->completion);
	thread->task.executing = false;
	waiter_set_executing(&thread->waiter, false);
}

/* ---- Effects at the end of segments ------------------------------------------------------- */

static bool yield(struct host_thread *thread)
{
	thread->stats.yields++;
	pcpu_yield(thread->task.cpu);
	return pcpu_schedule(thread->task.cpu, PCPU_PREEMPT);
}

/* The effect of a system call. Returns true if the thread has lost its CPU. */
static bool end_syscall(struct host_thread *thread)
{
	thread->in_kernel = true;
	if (thread->spin_yields) {
		thread->spin_yields = false;
		thread->step = STEP_SPIN;
		thread->remaining_ns = thread->op->yield_after * thread->all->config.spin_ns;
		return yield(thread);
	}
	thread->step = STEP_NEXT;
	if (thread->op->kind == OP_YIELD)
		return yield(thread);
	return host_thread_syscall(thread) && pcpu_schedule(thread->task.cpu, PCPU_BLOCK);
}

/* The lock that the thread was spinning for is its own now. */
static bool has_lock(const struct host_thread *thread)
{
	return thread->waiter.state == WAITER_IDLE;
}

static void end_lock_wait(struct host_thread *thread)
{
	workload_count_lock(&thread->all->instance, true,
			    host_thread_now(thread) - thread->waiter.since);
	thread->step = STEP_NEXT;
}

/* ---- The machine -------------------------------------------------------------------------- */

static bool in_kernel_run(const struct host_thread *thread)
{
	return thread->step == STEP_RUN && thread->op->mode == OP_MODE_KERNEL;
}

/* The effect of an interrupt. Returns true if the thread has lost its CPU. */
static bool end_interrupt(struct host_thread *thread)
{
	struct pcpu *cpu = thread->task.cpu;

	pcpu_handle_interrupts(cpu);
	if (in_kernel_run(thread))
		return pcpu_need_resched_in_kernel(cpu) && pcpu_schedule(cpu, PCPU_PREEMPT);
	thread->in_kernel = true;
	return false;
}

/* Back to user mode, where the kernel looks at the resched bits. True: it has lost its CPU. */
static bool leave_kernel(struct host_thread *thread)
{
	thread->in_kernel = false;
	return pcpu_exit_work(thread->task.cpu);
}

/* It comes from the kernel, or was put on the CPU when its group had no time left. */
static bool has_exit_work(const struct host_thread *thread)
{
	return (thread->in_kernel || thread->task.se.throttle_work) && !in_kernel_run(thread);
}

static void end_program(struct host_thread *thread)
{
	struct host_threads *all = thread->all;
	enum oversub_status status = program_error(&thread->program, &all->error);

	if (status) {
		host_threads_fail(all, status);
		return;
	}
	host_thread_account(thread);
	pcpu_schedule(thread->task.cpu, PCPU_EXIT);
}

/* Spin, unless the lock can be had at once. Returns false in that case. */
static bool begin_spin(struct host_thread *thread)
{
	waiter_set_executing(&thread->waiter, true);
	if (has_lock(thread) || lock_poll(&thread->waiter)) {
		waiter_set_executing(&thread->waiter, false);
		end_lock_wait(thread);
		return false;
	}
	begin_segment(thread, THREAD_SPINS);
	return true;
}

/* The thread has its CPU, and no segment is in progress: start one. */
static void proceed(struct host_thread *thread)
{
	while (thread->all->status == OVERSUB_OK) {
		if (thread->step == STEP_SYSCALL) {
			begin_segment(thread, THREAD_SYSCALL);
			return;
		}
		if (pcpu_interrupt_pending(thread->task.cpu)) {
			begin_interrupt(thread);
			return;
		}
		if (has_exit_work(thread) && leave_kernel(thread))
			return;
		if (thread->step == STEP_RUN) {
			begin_segment(thread, THREAD_RUNS);
			return;
		}
		if (thread->step == STEP_SPIN) {
			if (begin_spin(thread))
				return;
			continue;
		}
		thread->op = program_next(&thread->program, host_thread_now(thread));
		if (!thread->op) {
			end_program(thread);
			return;
		}
		host_thread_begin_op(thread);
	}
}

/* The present segment is over. */
static void complete(struct sim_engine *engine, struct sim_event *event)
{
	struct host_thread *thread = container_of(event, struct host_thread, completion);
	bool gone = false;

	end_segment(thread);
	switch (thread->segment) {
	case THREAD_RUNS:
		thread->in_kernel = in_kernel_run(thread);
		thread->step = STEP_NEXT;
		if (thread->op->kind == OP_SERVE) {
			/* By a system call, if it is not in the kernel anyway. */
			thread->in_kernel = true;
			thread->all->service->end(thread);
		}
		break;
	case THREAD_SPINS:
		if (!has_lock(thread)) {
			thread->spin_yields = true;
			thread->step = STEP_SYSCALL;
		}
		break;
	case THREAD_SYSCALL: gone = end_syscall(thread); break;
	case THREAD_INTERRUPT: gone = end_interrupt(thread); break;
	case THREAD_OFF_CPU: assert(!"a segment ends without a CPU"); break;
	}
	if (!gone)
		proceed(thread);
}

/* ---- What the host calls ------------------------------------------------------------------ */

static struct host_thread *thread_of_task(struct host_task *task)
{
	return container_of(task, struct host_thread, task);
}

static void sched_in(struct host_task *task)
{
	proceed(thread_of_task(task));
}

static void sched_out(struct host_task *task, bool runnable)
{
	struct host_thread *thread = thread_of_task(task);

	end_segment(thread);
	thread->segment = THREAD_OFF_CPU;
	thread->asleep = !runnable;
	thread->throttled = host_task_throttled(task);
}

static void unthrottled(struct host_task *task)
{
	struct host_thread *thread = thread_of_task(task);

	host_thread_account(thread);
	thread->throttled = false;
}

static void interrupt(struct host_task *task)
{
	struct host_thread *thread = thread_of_task(task);

	end_segment(thread);
	begin_interrupt(thread);
}

static void speed_changed(struct host_task *task)
{
	struct host_thread *thread = thread_of_task(task);

	if (!depends_on_speed(thread->segment) || !sim_event_pending(&thread->completion))
		return;
	host_thread_account(thread);
	task->speed = task->cpu->speed;
	schedule_end(thread);
}

static void begin(struct host_thread *thread)
{
	host_thread_account(thread);
	thread->asleep = false;
	host_task_start(&thread->task);
}

static void alarm_fires(struct sim_engine *engine, struct sim_event *event)
{
	struct host_thread *thread = container_of(event, struct host_thread, alarm);

	if (thread->task.state == TASK_NEW)
		begin(thread);
	else
		host_thread_wake(thread, NULL);
}

static const struct host_task_ops thread_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
	.interrupt = interrupt,
	.unthrottled = unthrottled,
	.speed_changed = speed_changed,
};

static void trace_request(struct program_thread *program, int request, bool begins, int64_t now,
			  int64_t latency)
{
	struct host_thread *thread = container_of(program, struct host_thread, program);
	const struct host_task *task = &thread->task;
	const char *name = program->instance->workload->requests[request];

	if (begins)
		host_trace(task->cpu, task, request_begin, .request = name, .number = request,
			   .thread = program->index, .vcpu = -1);
	else
		host_trace(task->cpu, task, request_end, .request = name, .number = request,
			   .thread = program->index, .vcpu = -1, .ns = latency);
}

bool host_thread_init(struct host_thread *thread, struct host_threads *all, int class_index,
		      int number, struct eevdf_group *group, const uint64_t *cpus, uint64_t seed,
		      uint32_t replication)
{
	const struct workload_thread_class *class = &all->instance.workload->classes[class_index];

	thread->all = all;
	waiter_init(&thread->waiter, thread->name);
	program_thread_init(&thread->program, &all->instance, class_index, number, seed,
			    replication);
	thread->program.on_request = trace_request;
	if (!host_task_init(&thread->task, all->host, &thread_ops, thread->name, group, cpus,
			    (int)class->nice, class->slice_ns))
		return false;
	thread->task.vm = -1;
	sim_event_init(&thread->completion, SIM_RANK_COMPLETION, thread->task.pid, complete);
	sim_event_init(&thread->alarm, SIM_RANK_TIMER, thread->task.pid, alarm_fires);
	thread->time_since = sim_now(all->host->engine);
	return true;
}

void host_thread_start(struct host_thread *thread)
{
	if (thread->start_ns <= host_thread_now(thread)) {
		begin(thread);
		return;
	}
	thread->asleep = true;
	sim_schedule(thread->all->host->engine, &thread->alarm, thread->start_ns);
}

void host_thread_describe(const struct host_thread *thread, char *text, size_t size)
{
	if (!size)
		return;
	text[0] = '\0';
	if (thread->waiter.state != WAITER_IDLE)
		waiter_describe(&thread->waiter, host_thread_now(thread), text, size);
	else if (sim_event_pending(&thread->alarm))
		snprintf(text, size, "sleeps");
}
