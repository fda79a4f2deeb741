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

const char *const thread_time_names[THREAD_TIMES] = {
	[THREAD_WORK] = "work",	    [THREAD_SPIN] = "spin",   [THREAD_REFILL] = "refill",
	[THREAD_KERNEL] = "kernel", [THREAD_STEAL] = "steal", [THREAD_THROTTLED] = "throttled",
	[THREAD_SLEEP] = "sleep",
};

const struct oversub_param thread_params[] = {
	OVERSUB_DURATION(struct thread_config, syscall_ns, 300, 0, 1000000,
			 "Kernel time of a host thread's system call (yield, sleep, wait, wake), "
			 "switches not included."),
	OVERSUB_DURATION(struct thread_config, spin_ns, 50, 1, 1000000,
			 "One pass of a host thread's PAUSE loop while it spins for a lock."),
	OVERSUB_PARAM_END,
};

static int64_t now_of(const struct host_thread *thread)
{
	return sim_now(thread->all->host->engine);
}

static struct host_thread *thread_of_waiter(struct exec_waiter *waiter)
{
	return container_of(waiter, struct host_thread, waiter);
}

/* ---- Time --------------------------------------------------------------------------------- */

static enum thread_time time_of(const struct host_thread *thread)
{
	switch (thread->segment) {
	case THREAD_RUNS: return THREAD_WORK;
	case THREAD_SPINS: return THREAD_SPIN;
	case THREAD_SYSCALL:
	case THREAD_INTERRUPT: return THREAD_KERNEL;
	case THREAD_OFF_CPU: break;
	}
	if (thread->throttled)
		return THREAD_THROTTLED;
	return thread->asleep ? THREAD_SLEEP : THREAD_STEAL;
}

void host_thread_account(struct host_thread *thread)
{
	int64_t now = now_of(thread);
	int64_t elapsed = now - thread->time_since;

	if (thread->segment == THREAD_RUNS || thread->segment == THREAD_SPINS) {
		int64_t refilled;
		int64_t work = host_task_refill(&thread->task, elapsed, &refilled);

		thread->stats.time_in[THREAD_REFILL] += refilled;
		elapsed -= refilled;
		if (thread->remaining_ns != INT64_MAX)
			thread->remaining_ns -= work;
	} else if (thread->segment == THREAD_SYSCALL) {
		thread->remaining_ns -= host_task_work(&thread->task, elapsed);
	}
	thread->stats.time_in[time_of(thread)] += elapsed;
	thread->time_since = now;
}

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
		     now_of(thread) + host_task_duration(task, work));
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

/* ---- Waking and sleeping ------------------------------------------------------------------ */

static void wake(struct host_thread *thread, struct pcpu *waker)
{
	host_thread_account(thread);
	thread->asleep = false;
	host_wake(&thread->task, waker);
}

void host_thread_interrupt_wake(struct host_thread *thread)
{
	wake(thread, NULL);
}

static void alarm_fires(struct sim_engine *engine, struct sim_event *event)
{
	host_thread_interrupt_wake(container_of(event, struct host_thread, alarm));
}

/* The wait of a thread for an event or barrier is over. */
static void wake_waiter(struct host_thread *waker, struct exec_waiter *waiter)
{
	sim_histogram_record(&waker->all->instance.stats.sync_wait, now_of(waker) - waiter->since);
	wake(thread_of_waiter(waiter), waker->task.cpu);
}

void host_threads_fail(struct host_threads *all, enum oversub_status status)
{
	all->status = status;
	sim_stop(all->host->engine);
}

/* ---- Ops ---------------------------------------------------------------------------------- */

static void begin_lock(struct host_thread *thread)
{
	struct host_threads *all = thread->all;
	struct sync_lock *lock = &all->instance.locks[thread->op->object];

	switch (lock_try(lock, &thread->waiter, &all->error)) {
	case LOCK_TAKEN: workload_count_lock(&all->instance, false, 0); break;
	case LOCK_BUSY:
		lock_wait(lock, &thread->waiter, now_of(thread));
		thread->step = STEP_SPIN;
		thread->remaining_ns = thread->op->yield_after
					       ? thread->op->yield_after * all->config.spin_ns
					       : INT64_MAX;
		break;
	case LOCK_ERROR: host_threads_fail(all, OVERSUB_BAD_INPUT); break;
	}
}

static void unlock(struct host_thread *thread)
{
	struct host_threads *all = thread->all;
	struct sync_lock *lock = &all->instance.locks[thread->op->object];
	struct exec_waiter *next;
	enum oversub_status status = lock_release(lock, &thread->waiter, &next, &all->error);

	if (status)
		host_threads_fail(all, status);
	else if (next && next->executing)
		/* It goes on by itself, once this thread has done what it does in this instant. */
		sim_schedule(all->host->engine, &thread_of_waiter(next)->completion,
			     now_of(thread));
}

/* The lock that the thread was spinning for is its own now. */
static bool has_lock(const struct host_thread *thread)
{
	return thread->waiter.state == WAITER_IDLE;
}

static void end_lock_wait(struct host_thread *thread)
{
	workload_count_lock(&thread->all->instance, true, now_of(thread) - thread->waiter.since);
	thread->step = STEP_NEXT;
}

/* Returns who is to be woken, or NULL. */
static struct exec_waiter *signal_event(struct host_thread *thread)
{
	struct host_threads *all = thread->all;
	struct sync_event *event = &all->instance.events[thread->op->object];
	struct exec_waiter *waiter;
	enum oversub_status status = event_wake(event, now_of(thread), &waiter, &all->error);

	if (status)
		host_threads_fail(all, status);
	return waiter;
}

/* What needs no system call is done here at once: the step is then still STEP_NEXT. */
static void begin_op(struct host_thread *thread)
{
	struct workload_instance *instance = &thread->all->instance;
	const struct op *op = thread->op;

	switch (op->kind) {
	case OP_RUN:
		thread->remaining_ns = program_draw_ns(&thread->program, op);
		thread->step = STEP_RUN;
		break;
	case OP_LOCK: begin_lock(thread); break;
	case OP_UNLOCK: unlock(thread); break;
	case OP_WAIT:
		/* Like sem_wait(): a signal that is there is consumed without the kernel. */
		if (instance->events[op->object].backlog.nr > 0)
			event_wait(&instance->events[op->object], &thread->waiter, now_of(thread));
		else
			thread->step = STEP_SYSCALL;
		break;
	case OP_WAKE:
		if (!instance->events[op->object].waiters.first)
			signal_event(thread);
		else
			thread->step = STEP_SYSCALL;
		break;
	case OP_TAKE:
		if (instance->sources[op->object].backlog.nr) {
			source_take(&instance->sources[op->object], &thread->waiter,
				    now_of(thread));
			program_took(&thread->program, thread->waiter.arrival);
		} else {
			thread->step = STEP_SYSCALL;
		}
		break;
	case OP_TIMER:
		thread->expiry = program_next_expiry(op, now_of(thread));
		thread->step = STEP_SYSCALL;
		break;
	default: /* sleep, yield, barrier; others have been refused */
		thread->step = STEP_SYSCALL;
		break;
	}
}

/* ---- System calls ------------------------------------------------------------------------- */

static void sleep_until(struct host_thread *thread, int64_t time)
{
	int64_t now = now_of(thread);

	sim_schedule(thread->all->host->engine, &thread->alarm, time > now ? time : now);
}

/* The last to arrive wakes the others; false: it is not the last. */
static bool pass_barrier(struct host_thread *thread)
{
	struct sync_barrier *barrier = &thread->all->instance.barriers[thread->op->object];
	struct waiter_queue released;
	struct exec_waiter *waiter;

	if (!barrier_arrive(barrier, &thread->waiter, now_of(thread), &released))
		return false;
	while ((waiter = waiter_queue_pop(&released)))
		wake_waiter(thread, waiter);
	return true;
}

/* The kernel's part of op. Returns true if the thread must sleep. */
static bool do_syscall(struct host_thread *thread)
{
	struct workload_instance *instance = &thread->all->instance;
	const struct op *op = thread->op;
	struct exec_waiter *waiter;

	switch (op->kind) {
	case OP_SLEEP:
		sleep_until(thread, now_of(thread) + program_draw_ns(&thread->program, op));
		return true;
	case OP_TIMER: sleep_until(thread, thread->expiry); return true;
	case OP_WAIT:
		return !event_wait(&instance->events[op->object], &thread->waiter, now_of(thread));
	case OP_WAKE:
		waiter = signal_event(thread);
		if (waiter)
			wake_waiter(thread, waiter);
		return false;
	case OP_BARRIER: return !pass_barrier(thread);
	case OP_TAKE:
		if (!source_take(&instance->sources[op->object], &thread->waiter, now_of(thread)))
			return true;
		program_took(&thread->program, thread->waiter.arrival);
		return false;
	default: assert(!"an op without a system call"); return false;
	}
}

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
	return do_syscall(thread) && pcpu_schedule(thread->task.cpu, PCPU_BLOCK);
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
		thread->op = program_next(&thread->program, now_of(thread));
		if (!thread->op) {
			end_program(thread);
			return;
		}
		begin_op(thread);
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

void host_thread_describe(const struct host_thread *thread, char *text, size_t size)
{
	if (!size)
		return;
	text[0] = '\0';
	if (thread->waiter.state != WAITER_IDLE)
		waiter_describe(&thread->waiter, now_of(thread), text, size);
	else if (sim_event_pending(&thread->alarm))
		snprintf(text, size, "sleeps");
}
