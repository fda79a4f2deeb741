/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a new task begins: from the highest level down to the idlest group. */
#include <stddef.h>
#include <stdlib.h>

#include "sim/base/bitmap.h"
#include "models/sched/placement.h"

/* A difference of so many idle CPUs between nodes is left alone while they have few tasks. */
#define NUMA_IMBALANCE_MIN 2

/* A group as the new task sees it: only what it may use of it counts. */
struct choice {
	int first, end; /* CPUs; first -1: none yet */
	int nr_allowed;
	struct balance_sums sums;
	enum balance_class class;
	uint64_t avg_load;
};

static bool is_allowed(const struct placement_new *task, int cpu)
{
	return !task->allowed || bitmap_test(task->allowed, cpu);
}

/* update_sg_wakeup_stats() */
static struct choice group_at(const struct placement_new *task, const struct topology_level *level,
			      int first)
{
	const struct topology *topology = task->machine->topology;
	struct choice choice = {.first = first, .end = topology_end(topology, first, level->group)};

	for (int i = first; i < choice.end; i++) {
		const struct balance_cpu *cpu = &task->machine->cpus[i];

		choice.sums.capacity += cpu->capacity;
		if (!is_allowed(task, i))
			continue;
		choice.nr_allowed++;
		choice.sums.load += cpu->load;
		choice.sums.util += balance_util(cpu);
		choice.sums.runnable += cpu->runnable;
		choice.sums.nr += cpu->nr;
		choice.sums.h_nr += cpu->h_nr;
		choice.sums.idle_cpus += cpu->idle;
	}
	choice.class = balance_classify(&choice.sums, choice.end - first, level->imbalance_pct);
	if (choice.class != BALANCE_HAS_SPARE)
		choice.avg_load = choice.sums.load * BALANCE_CAPACITY / choice.sums.capacity;
	return choice;
}

/* update_pick_idlest() */
static bool is_idler(const struct choice *a, const struct choice *b)
{
	if (a->class != b->class)
		return a->class < b->class;
	if (a->class != BALANCE_HAS_SPARE)
		return a->avg_load < b->avg_load;
	if (a->sums.idle_cpus != b->sums.idle_cpus)
		return a->sums.idle_cpus > b->sums.idle_cpus;
	return a->sums.util < b->sums.util;
}

/* Both are busy: the difference is not worth leaving. */
static bool stays_with_load(const struct topology_level *level, const struct choice *local,
			    const struct choice *idlest)
{
	uint64_t pct = (uint64_t)level->imbalance_pct;
	uint64_t margin = BALANCE_CAPACITY * (pct - 100) / 100;

	if (level->kind == TOPOLOGY_NUMA && idlest->avg_load + margin >= local->avg_load)
		return true;
	return idlest->avg_load >= local->avg_load + margin ||
	       100 * local->avg_load <= pct * idlest->avg_load;
}

/* Both have CPUs to spare. */
static bool stays_with_spare(const struct placement_new *task, const struct topology_level *level,
			     const struct choice *local, const struct choice *idlest)
{
	if (level->kind == TOPOLOGY_NUMA) {
		int limit = task->machine->topology->imb_numa_nr;
		int difference = abs((int)local->sums.idle_cpus - (int)idlest->sums.idle_cpus);

		if (local->nr_allowed < limit)
			limit = local->nr_allowed;
		if (!difference ||
		    ((int)local->sums.nr + 1 <= limit && difference <= NUMA_IMBALANCE_MIN))
			return true;
	}
	return local->sums.idle_cpus >= idlest->sums.idle_cpus;
}

static bool stays(const struct placement_new *task, const struct topology_level *level,
		  const struct choice *local, const struct choice *idlest)
{
	if (idlest->first < 0)
		return true;
	if (!local->nr_allowed)
		return false;
	if (local->class != idlest->class)
		return local->class < idlest->class;
	if (local->class == BALANCE_HAS_SPARE)
		return stays_with_spare(task, level, local, idlest);
	return stays_with_load(level, local, idlest);
}

/* Away from the group of CPU parent? (sched_balance_find_dst_group) */
static bool find_group(const struct placement_new *task, const struct topology_level *level,
		       int parent, struct choice *idlest)
{
	const struct topology *topology = task->machine->topology;
	int domain = topology_first(parent, level->span);
	int end = topology_end(topology, parent, level->span);
	int own = topology_first(parent, level->group);
	struct choice local = group_at(task, level, own);
	int first = own;

	*idlest = (struct choice){.first = -1, .class = BALANCE_OVERLOADED, .avg_load = UINT64_MAX};
	while ((first = first + level->group < end ? first + level->group : domain) != own) {
		struct choice choice = group_at(task, level, first);

		if (choice.nr_allowed && is_idler(&choice, idlest))
			*idlest = choice;
	}
	return !stays(task, level, &local, idlest);
}

/* The warmest of the idle CPUs, else the least loaded (sched_balance_find_dst_group_cpu). */
static int find_cpu(const struct placement_new *task, const struct choice *group, int parent)
{
	const struct balance_machine *machine = task->machine;
	int64_t latest = 0;
	uint64_t least = UINT64_MAX;
	int warmest = -1;
	int least_loaded = parent;

	if (group->end - group->first == 1)
		return group->first;
	for (int i = group->first; i < group->end; i++) {
		const struct balance_cpu *cpu = &machine->cpus[i];

		if (!is_allowed(task, i))
			continue;
		if (cpu->idle) {
			if (cpu->idle_since > latest) {
				latest = cpu->idle_since;
				warmest = i;
			}
		} else if (warmest < 0 && cpu->load < least) {
			least = cpu->load;
			least_loaded = i;
		}
	}
	return warmest >= 0 ? warmest : least_loaded;
}

int placement_of_new(const struct placement_new *task, int parent)
{
	const struct topology *topology = task->machine->topology;

	for (int i = topology->nr_levels - 1; i >= 0; i--) {
		struct choice group;

		if (find_group(task, &topology->levels[i], parent, &group))
			parent = find_cpu(task, &group, parent);
	}
	return parent;
}
