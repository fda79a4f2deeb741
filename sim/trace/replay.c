/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/trace/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"

void replay_init(struct replay *replay, size_t task_size)
{
	*replay = (struct replay){.task_size = task_size};
}

void replay_free(struct replay *replay)
{
	for (int i = 0; i < replay->nr_tasks; i++)
		free(replay->tasks[i]);
	for (int i = 0; i < replay->nr_vms; i++) {
		free(replay->vms[i]->vcpus);
		free(replay->vms[i]);
	}
	free(replay->tasks);
	free(replay->index_of_pid);
	free(replay->cpus);
	free(replay->vms);
	*replay = (struct replay){.tasks = NULL};
}

/* ---- Names ---------------------------------------------------------------------------------- */

/* The number of the VM of that name, made if it is new; -1 without memory. */
static int find_vm(struct replay *replay, const char *name, size_t length)
{
	struct replay_vm *vm, **end;

	for (int i = 0; i < replay->nr_vms; i++)
		if (!strncmp(replay->vms[i]->name, name, length) && !replay->vms[i]->name[length])
			return i;
	vm = calloc(1, sizeof(*vm));
	end = vm ? array_add(replay->vms, replay->nr_vms) : NULL;
	if (!end) {
		free(vm);
		return -1;
	}
	memcpy(vm->name, name, length);
	*end = vm;
	return replay->nr_vms - 1;
}

/* Threads called "VM/vcpuN" are vCPUs; any others are the host's own. False without memory. */
static bool find_identity(struct replay *replay, struct replay_task *task)
{
	const char *slash = strrchr(task->comm, '/');
	struct replay_vm *vm;
	int vcpu, end = 0;

	if (!slash || slash == task->comm || sscanf(slash, "/vcpu%5d%n", &vcpu, &end) != 1 ||
	    slash[end] || vcpu < 0)
		return true;
	task->vm = find_vm(replay, task->comm, (size_t)(slash - task->comm));
	if (task->vm < 0)
		return false;
	task->vcpu = vcpu;
	vm = replay->vms[task->vm];
	if (!array_reach(vm->vcpus, vm->nr_vcpus, vcpu))
		return false;
	vm->vcpus[vcpu] = task;
	return true;
}

/* What is not known of a task that is known by name. */
static void forget(struct replay_task *task)
{
	task->handler = task->cpu = -1;
	task->csd = -1;
	task->guest_thread = THREAD_UNKNOWN;
}

static struct replay_task *new_task(struct replay *replay, int pid, const char *comm)
{
	struct replay_task *task = calloc(1, replay->task_size), **end;

	end = task && array_reach(replay->index_of_pid, replay->nr_pids, pid)
		      ? array_add(replay->tasks, replay->nr_tasks)
		      : NULL;
	if (!end) {
		free(task);
		return NULL;
	}
	*end = task;
	snprintf(task->comm, sizeof(task->comm), "%s", comm);
	task->pid = pid;
	task->index = replay->nr_tasks - 1;
	task->vm = task->vcpu = -1;
	forget(task);
	replay->index_of_pid[pid] = replay->nr_tasks;
	return find_identity(replay, task) ? task : NULL;
}

/* The task pid, made if it is met for the first time; NULL for idle and without memory. */
static struct replay_task *meet(struct replay *replay, int pid, const char *comm)
{
	struct replay_task *task = replay_task(replay, pid);

	if (pid <= 0 || pid > REPLAY_MAX_PID || task)
		return task;
	task = new_task(replay, pid, comm);
	replay->failed |= !task;
	return task;
}

struct replay_task *replay_task(const struct replay *replay, int pid)
{
	if (pid <= 0 || pid >= replay->nr_pids || !replay->index_of_pid[pid])
		return NULL;
	return replay->tasks[replay->index_of_pid[pid] - 1];
}

struct replay_task *replay_vcpu(const struct replay *replay, int vm, int vcpu)
{
	if (vm < 0 || vcpu < 0 || vcpu >= replay->vms[vm]->nr_vcpus)
		return NULL;
	return replay->vms[vm]->vcpus[vcpu];
}

enum replay_doing replay_doing(const struct replay_task *task)
{
	switch (task->place) {
	case PLACE_UNKNOWN: return DOING_UNKNOWN;
	case PLACE_ASLEEP: return DOING_SLEEP;
	case PLACE_PARKED: return DOING_PARKED;
	case PLACE_QUEUED:
		return task->origin == ORIGIN_PREEMPTED ? DOING_PREEMPTED
		       : task->origin == ORIGIN_YIELDED ? DOING_YIELDED
							: DOING_WOKEN;
	case PLACE_RUNNING: break;
	}
	if (task->vm < 0)
		return DOING_THREAD;
	if (!task->in_guest)
		return DOING_HOST;
	return task->spinning ? DOING_SPIN : DOING_WORK;
}

static int compare_vms(const void *a, const void *b)
{
	const struct replay_vm *const *left = a, *const *right = b;

	return strverscmp((*left)->name, (*right)->name);
}

void replay_sort_vms(struct replay *replay)
{
	if (replay->nr_vms)
		qsort(replay->vms, (size_t)replay->nr_vms, sizeof(*replay->vms), compare_vms);
	for (int i = 0; i < replay->nr_vms; i++)
		for (int vcpu = 0; vcpu < replay->vms[i]->nr_vcpus; vcpu++)
			if (replay->vms[i]->vcpus[vcpu])
				replay->vms[i]->vcpus[vcpu]->vm = i;
}

void replay_rewind(struct replay *replay)
{
	for (int i = 0; i < replay->nr_tasks; i++) {
		struct replay_task *task = replay->tasks[i];

		memset((char *)task + offsetof(struct replay_task, place), 0,
		       replay->task_size - offsetof(struct replay_task, place));
		forget(task);
	}
	memset(replay->cpus, 0, (size_t)replay->nr_cpus * sizeof(*replay->cpus));
}

/* ---- Places --------------------------------------------------------------------------------- */

static void leave_queue(struct replay *replay, struct replay_task *task)
{
	if (task->queue_previous)
		task->queue_previous->queue_next = task->queue_next;
	else
		replay->cpus[task->cpu].queued = task->queue_next;
	if (task->queue_next)
		task->queue_next->queue_previous = task->queue_previous;
	task->queue_next = task->queue_previous = NULL;
}

static void join_queue(struct replay *replay, struct replay_task *task)
{
	struct replay_cpu *cpu = &replay->cpus[task->cpu];

	task->queue_next = cpu->queued;
	if (cpu->queued)
		cpu->queued->queue_previous = task;
	cpu->queued = task;
}

static bool meet_cpu(struct replay *replay, int cpu)
{
	if (cpu < 0 || cpu > REPLAY_MAX_CPU)
		return false;
	if (array_reach(replay->cpus, replay->nr_cpus, cpu))
		return true;
	replay->failed = true;
	return false;
}

static void set_place(struct replay *replay, struct replay_task *task, enum task_place place,
		      int cpu, int64_t now)
{
	if (!meet_cpu(replay, cpu))
		return;
	if (task->place == PLACE_QUEUED)
		leave_queue(replay, task);
	if (place != task->place)
		task->since = now;
	task->place = place;
	task->cpu = cpu;
	if (place == PLACE_QUEUED)
		join_queue(replay, task);
}

/* ---- The host ------------------------------------------------------------------------------- */

static void switches(struct replay *replay, struct replay_task *prev,
		     const struct trace_record *record)
{
	bool runnable = record->sched_switch.prev_state == TRACE_STATE_RUNNING;
	struct replay_task *next =
		meet(replay, record->sched_switch.next_pid, record->sched_switch.next_comm);

	if (prev) {
		prev->in_guest = false;
		prev->origin = prev->yielded ? ORIGIN_YIELDED : ORIGIN_PREEMPTED;
		prev->yielded = false;
		prev->lost_to = next;
		set_place(replay, prev,
			  record->sched_switch.throttled ? PLACE_PARKED
			  : runnable			 ? PLACE_QUEUED
							 : PLACE_ASLEEP,
			  record->cpu, record->time);
	}
	if (next) {
		set_place(replay, next, PLACE_RUNNING, record->cpu, record->time);
		next->in_guest = next->halting = false;
	}
	replay->cpus[record->cpu].current = next;
}

/* A task becomes runnable on a CPU. */
static void is_queued(struct replay *replay, struct replay_task *task, int cpu,
		      enum task_origin origin, int64_t now)
{
	if (!task || task->place == PLACE_RUNNING)
		return;
	task->origin = origin;
	set_place(replay, task, PLACE_QUEUED, cpu, now);
}

static void migrates(struct replay *replay, struct replay_task *task, int cpu, int64_t now)
{
	if (task && task->place != PLACE_RUNNING)
		set_place(replay, task, task->place, cpu, now);
}

/* A record that names a task beside the one that runs. */
static void take_other(struct replay *replay, const struct trace_record *record)
{
	int64_t now = record->time;
	struct replay_task *task;

	switch (record->kind) {
	case TRACE_sched_wakeup:
		task = meet(replay, record->sched_wakeup.pid, record->sched_wakeup.comm);
		is_queued(replay, task, record->sched_wakeup.target_cpu, ORIGIN_WOKEN, now);
		break;
	case TRACE_unthrottle:
		task = meet(replay, record->unthrottle.pid, record->unthrottle.comm);
		is_queued(replay, task, record->unthrottle.target_cpu, ORIGIN_PREEMPTED, now);
		break;
	case TRACE_sched_migrate_task:
		task = meet(replay, record->sched_migrate_task.pid,
			    record->sched_migrate_task.comm);
		migrates(replay, task, record->sched_migrate_task.dest_cpu, now);
		break;
	case TRACE_co_stop:
		task = meet(replay, record->co_stop.pid, record->co_stop.comm);
		if (task)
			task->stopped = record->co_stop.stopped;
		break;
	case TRACE_yield_to:
		meet(replay, record->yield_to.target_pid, record->yield_to.target_comm);
		meet_cpu(replay, record->yield_to.target_cpu);
		break;
	default: break;
	}
}

/* ---- vCPUs ---------------------------------------------------------------------------------- */

/* task acts: it has the CPU, whether or not that had been seen. */
static void has_cpu(struct replay *replay, struct replay_task *task, const struct trace_record *at)
{
	if (task->place == PLACE_RUNNING && task->cpu == at->cpu)
		return;
	set_place(replay, task, PLACE_RUNNING, at->cpu, at->time);
	replay->cpus[at->cpu].current = task;
}

static void spins(struct replay *replay, struct replay_task *task, bool begins,
		  const struct trace_record *record)
{
	if (task->place == PLACE_UNKNOWN) {
		has_cpu(replay, task, record);
		task->in_guest = true;
	}
	task->spinning = begins;
}

static void interrupted(struct replay_task *task, int vector, bool begins)
{
	if (vector == TRACE_NMI) {
		task->nmi = begins;
		return;
	}
	task->handler = begins ? vector : -1;
	task->csd = -1;
}

/* What a vCPU does in its own context. */
static void vcpu_acts(struct replay *replay, struct replay_task *task,
		      const struct trace_record *record)
{
	switch (record->kind) {
	case TRACE_kvm_exit:
		has_cpu(replay, task, record);
		task->in_guest = false;
		task->in_user = record->kvm_exit.rip == TRACE_RIP_USER;
		task->halting = record->kvm_exit.exit.reason == TRACE_EXIT_HLT;
		break;
	case TRACE_kvm_entry:
		has_cpu(replay, task, record);
		task->in_guest = true;
		task->halting = task->yielded = false;
		task->entered = record->time;
		break;
	case TRACE_yield_to: task->yielded |= record->yield_to.ret == 1; break;
	case TRACE_spin_begin: spins(replay, task, true, record); break;
	case TRACE_spin_end: spins(replay, task, false, record); break;
	case TRACE_kvm_inj_virq: interrupted(task, record->kvm_inj_virq.vector, true); break;
	case TRACE_irq_exit: interrupted(task, record->irq_exit.vector, false); break;
	case TRACE_csd_function_entry: task->csd = record->csd_function_entry.id; break;
	case TRACE_csd_unlock:
		if (task->csd == record->csd_unlock.id)
			task->csd = -1;
		break;
	case TRACE_guest_switch: task->guest_thread = record->guest_switch.next_thread; break;
	default: break;
	}
}

void replay_take(struct replay *replay, const struct trace_record *record)
{
	struct replay_task *task = meet(replay, record->pid, record->comm);

	if (!meet_cpu(replay, record->cpu))
		return;
	if (!replay->cpus[record->cpu].known) {
		replay->cpus[record->cpu].known = true;
		replay->cpus[record->cpu].current = task;
	}
	if (record->kind == TRACE_sched_switch)
		switches(replay, task, record);
	else
		take_other(replay, record);
	if (task && task->vm >= 0)
		vcpu_acts(replay, task, record);
}
