/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool mirror_reserve(struct mirror *mirror, void **array, int *capacity, int index, size_t size)
{
	int wanted = *capacity ? *capacity : 16;
	char *larger;

	if (index < *capacity)
		return true;
	while (wanted <= index)
		wanted *= 2;
	larger = realloc(*array, (size_t)wanted * size);
	if (!larger) {
		mirror->failed = true;
		return false;
	}
	memset(larger + (size_t)*capacity * size, 0, (size_t)(wanted - *capacity) * size);
	*array = larger;
	*capacity = wanted;
	return true;
}

#define RESERVE(mirror, object, array, index)                                                      \
	mirror_reserve(mirror, (void **)&(object)->array, &(object)->array##_capacity, index,      \
		       sizeof(*(object)->array))

void mirror_free(struct mirror *mirror)
{
	for (int i = 0; i < mirror->nr_tasks; i++)
		free(mirror->tasks[i]);
	for (int i = 0; i < mirror->nr_vms; i++) {
		free(mirror->vms[i]->vcpus);
		free(mirror->vms[i]->locks);
		free(mirror->vms[i]->lock_waits);
		free(mirror->vms[i]->homes);
		free(mirror->vms[i]);
	}
	free(mirror->tasks);
	free(mirror->cpus);
	free(mirror->vms);
	*mirror = (struct mirror){.tasks = NULL};
}

/* ---- Names ---------------------------------------------------------------------------------- */

/* The number of the VM of that name, made if it is new; -1 without memory. */
static int find_vm(struct mirror *mirror, const char *name, int length)
{
	int i = 0;

	while (i < mirror->nr_vms && (strncmp(mirror->vms[i]->name, name, (size_t)length) != 0 ||
				      mirror->vms[i]->name[length]))
		i++;
	if (i < mirror->nr_vms)
		return i;
	if (!RESERVE(mirror, mirror, vms, i))
		return -1;
	mirror->vms[i] = calloc(1, sizeof(*mirror->vms[i]));
	if (!mirror->vms[i]) {
		mirror->failed = true;
		return -1;
	}
	snprintf(mirror->vms[i]->name, sizeof(mirror->vms[i]->name), "%.*s", length, name);
	mirror->nr_vms++;
	return i;
}

/* Threads called "VM/vcpuN" are vCPUs; any others are the host's own. */
static void find_identity(struct mirror *mirror, struct explain_task *task)
{
	const char *slash = strrchr(task->name, '/');
	struct explain_vm *vm;
	int vcpu, end = 0;

	if (!slash || sscanf(slash, "/vcpu%d%n", &vcpu, &end) != 1 || slash[end] || vcpu < 0 ||
	    slash - task->name >= (int)sizeof(vm->name))
		return;
	task->vm = find_vm(mirror, task->name, (int)(slash - task->name));
	task->vcpu = vcpu;
	if (task->vm < 0)
		return;
	vm = mirror->vms[task->vm];
	if (!RESERVE(mirror, vm, vcpus, vcpu))
		return;
	vm->vcpus[vcpu] = task;
	if (vcpu >= vm->nr_vcpus)
		vm->nr_vcpus = vcpu + 1;
}

struct explain_task *mirror_task(struct mirror *mirror, int pid, const char *name)
{
	struct explain_task *task;

	if (pid <= 0 || !RESERVE(mirror, mirror, tasks, pid))
		return NULL;
	task = mirror->tasks[pid];
	if (task)
		return task;
	task = calloc(1, sizeof(*task));
	if (!task) {
		mirror->failed = true;
		return NULL;
	}
	snprintf(task->name, sizeof(task->name), "%s", name);
	task->pid = pid;
	task->vm = task->vcpu = task->handler = -1;
	task->cpu = -1;
	task->csd = -1;
	task->guest_thread = THREAD_UNKNOWN;
	mirror->tasks[pid] = task;
	if (pid >= mirror->nr_tasks)
		mirror->nr_tasks = pid + 1;
	find_identity(mirror, task);
	return task;
}

struct explain_cpu *mirror_cpu(struct mirror *mirror, int cpu)
{
	if (cpu < 0 || !RESERVE(mirror, mirror, cpus, cpu))
		return NULL;
	if (cpu >= mirror->nr_cpus)
		mirror->nr_cpus = cpu + 1;
	return &mirror->cpus[cpu];
}

struct explain_task *mirror_vcpu(const struct mirror *mirror, int vm, int vcpu)
{
	if (vm < 0 || vcpu < 0 || vcpu >= mirror->vms[vm]->nr_vcpus)
		return NULL;
	return mirror->vms[vm]->vcpus[vcpu];
}

struct explain_lock *mirror_lock(struct mirror *mirror, int vm, int lock)
{
	struct explain_vm *of;

	if (vm < 0 || lock < 0)
		return NULL;
	of = mirror->vms[vm];
	if (!RESERVE(mirror, of, locks, lock))
		return NULL;
	for (; of->nr_locks <= lock; of->nr_locks++)
		of->locks[of->nr_locks] =
			(struct explain_lock){.owner_vcpu = -1, .owner_thread = -1};
	return &of->locks[lock];
}

/* ---- Places --------------------------------------------------------------------------------- */

enum culprit mirror_culprit(const struct mirror *mirror, const struct explain_task *task)
{
	const struct explain_task *current =
		task->cpu >= 0 ? mirror->cpus[task->cpu].current : NULL;

	if (!current)
		return CULPRIT_NOBODY;
	if (current->vm < 0)
		return CULPRIT_THREAD;
	if (current->vm == task->vm)
		return current->spinning ? CULPRIT_SIBLING_SPINS : CULPRIT_SIBLING;
	return current->spinning ? CULPRIT_OTHER_SPINS : CULPRIT_OTHER;
}

static void leave_queue(struct mirror *mirror, struct explain_task *task)
{
	if (task->queue_previous)
		task->queue_previous->queue_next = task->queue_next;
	else
		mirror->cpus[task->cpu].queued = task->queue_next;
	if (task->queue_next)
		task->queue_next->queue_previous = task->queue_previous;
	task->queue_next = task->queue_previous = NULL;
}

static void join_queue(struct mirror *mirror, struct explain_task *task)
{
	struct explain_cpu *cpu = &mirror->cpus[task->cpu];

	task->queue_next = cpu->queued;
	if (cpu->queued)
		cpu->queued->queue_previous = task;
	cpu->queued = task;
}

void mirror_set_place(struct mirror *mirror, struct explain_task *task, enum task_place place,
		      int cpu, int64_t now)
{
	if (!mirror_cpu(mirror, cpu))
		return;
	if (task->place == PLACE_QUEUED)
		leave_queue(mirror, task);
	if (place != task->place)
		task->since = now;
	task->place = place;
	task->cpu = cpu;
	if (place == PLACE_QUEUED) {
		task->stolen_until = now;
		join_queue(mirror, task);
	}
}
