/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a task wakes up (select_task_rq_fair) or begins: the decisions of placement.h on what the
 * host knows. Unless loads are tracked, the present state counts: the load of a CPU is the weight
 * queued there, and a CPU is used either wholly or not at all.
 */
#include <stddef.h>

#include "models/host/host_internal.h"
#include "models/sched/balance_task.h"
#include "models/host/settle.h"

/* ---- The waker's CPU or the previous one ------------------------------------------------- */

/*
 * What task, which sleeps, would add to the load of the CPU it wakes on (task_h_load): its part of
 * its group's shares, times the group's part of those above.
 */
static uint64_t task_h_load(const struct host_task *task)
{
	uint64_t load = eevdf_scale_load_down(task->se.weight);

	for (const struct eevdf_group *group = task->group; group; group = group->parent)
		load = eevdf_scale_load_down(group->shares) * load / (group->load_sum + load + 1);
	return load;
}

/* As placement_affine_load() wants them. */
static struct placement_loads loads_of(struct host_task *task, const struct pcpu *waker,
				       const struct pcpu *prev)
{
	struct placement_loads loads = {
		.waker_capacity = BALANCE_CAPACITY,
		.prev_capacity = BALANCE_CAPACITY,
	};

	if (host_tracks_load(task->host))
		return placement_loads_of(&task->se, &waker->rq, &prev->rq,
					  (uint64_t)host_tick_number(task->host));
	loads.task = (int64_t)task_h_load(task);
	loads.waker = (int64_t)host_cpu_load(waker);
	loads.prev = (int64_t)host_cpu_load(prev);
	return loads;
}

/* wake_affine() */
static struct pcpu *affine_target(struct host_task *task, struct pcpu *waker, struct pcpu *prev)
{
	const struct topology *topology = &task->host->topology;
	int chosen = placement_affine_idle(topology, waker->index, host_cpu_idle(waker),
					   waker->rq.root.h_nr_runnable, prev->index,
					   host_cpu_idle(prev), false);
	struct placement_loads loads;
	int pct;

	if (chosen >= 0)
		return chosen == waker->index ? waker : prev;
	loads = loads_of(task, waker, prev);
	pct = topology_common(topology, waker->index, prev->index)->imbalance_pct;
	return placement_affine_load(&loads, pct, false) ? waker : prev;
}

/* ---- An idle CPU nearby ------------------------------------------------------------------ */

/* How many CPUs of the cache to look at: fewer the busier they are. */
static int nr_idle_scan(const struct host *host, const struct host_llc *llc)
{
	const struct topology *topology = &host->topology;

	/* The kernel's number is as old as the last periodic pass. */
	if (host_tracks_load(host) && host->config.balance == HOST_BALANCE_FULL)
		return llc->nr_idle_scan;
	return balance_nr_idle_scan((uint64_t)BALANCE_CAPACITY * (uint64_t)llc->nr_busy,
				    llc->nr_cpus,
				    topology->levels[topology->llc_level].imbalance_pct);
}

/* select_idle_sibling() */
static struct pcpu *idle_near(struct host_task *task, struct pcpu *target, struct pcpu *prev)
{
	struct host *host = task->host;
	const struct placement_idle search = {
		.topology = &host->topology,
		.idle = host->idle_cpus,
		.allowed = task->cpus,
		.prev = prev->index,
		.target = target->index,
	};
	struct host_llc *llc = target->llc;
	int found = placement_known_idle(&search, &task->recent_used_cpu);

	if (found < 0 && llc->nr_busy == llc->nr_cpus)
		llc->idle_cores = false;
	else if (found < 0 && host->topology.llc_level >= 0)
		found = placement_search(&search, nr_idle_scan(host, llc), &llc->idle_cores);
	return found < 0 ? target : &host->cpus[found];
}

struct pcpu *host_select_cpu(struct host_task *task, struct pcpu *waker)
{
	struct pcpu *prev = task->cpu;
	struct pcpu *target = prev;
	bool affine = host_task_allows(task, waker->index);

	if (task->nr_allowed == 1)
		return prev;
	if (waker->curr) {
		placement_note_wakee(&waker->curr->waker, task, host_now(task->host));
		affine = affine && !placement_is_wide(waker->curr->waker.flips, task->waker.flips,
						      waker->llc->nr_cpus);
	}
	if (affine && waker != prev)
		target = affine_target(task, waker, prev);
	return idle_near(task, target, prev);
}

/* ---- New tasks --------------------------------------------------------------------------- */

/* Tasks per allowed CPU; if both are single idle CPUs, idle for longer. */
static bool is_idler(const struct pcpu *a, unsigned int a_nr, int a_cpus, const struct pcpu *b,
		     unsigned int b_nr, int b_cpus)
{
	uint64_t a_share = (uint64_t)a_nr * (uint64_t)b_cpus;
	uint64_t b_share = (uint64_t)b_nr * (uint64_t)a_cpus;

	if (a_share != b_share || a_cpus > 1 || b_cpus > 1)
		return a_share < b_share;
	if (a->is_idle != b->is_idle)
		return a->is_idle;
	return a->is_idle && a->idle_stamp < b->idle_stamp;
}

/* The group of span CPUs in first .. end - 1 with the fewest tasks for those that may be used. */
static int idlest_group(const struct host_task *task, int first, int end, int span)
{
	const struct host *host = task->host;
	unsigned int best_nr = 0;
	int best = -1;
	int best_cpus = 0;

	for (int i = first; i < end; i += span) {
		unsigned int nr = 0;
		int cpus = 0;

		for (int j = i; j < end && j < i + span; j++) {
			if (!host_task_allows(task, j))
				continue;
			nr += host->cpus[j].rq.nr_running;
			cpus++;
		}
		if (cpus && (best < 0 || is_idler(&host->cpus[i], nr, cpus, &host->cpus[best],
						  best_nr, best_cpus))) {
			best = i;
			best_nr = nr;
			best_cpus = cpus;
		}
	}
	return best;
}

/* As evenly as can be: from the highest level down. */
static struct pcpu *idlest_cpu(const struct host_task *task)
{
	const struct topology *topology = &task->host->topology;
	int first = 0;
	int end = topology->nr_cpus;

	for (int i = topology->nr_levels - 1; i >= 0; i--) {
		int span = topology->levels[i].group;

		first = idlest_group(task, first, end, span);
		end = topology_end(topology, first, span);
	}
	return &task->host->cpus[first];
}

struct pcpu *host_select_first_cpu(struct host_task *task)
{
	struct host *host = task->host;
	const struct placement_new fork = {&host->machine, task->cpus};
	int cpu = host->last_start;

	if (host->config.start_cpu == HOST_START_IDLEST)
		return host->settling ? host_settled_cpu(task) : idlest_cpu(task);
	balancer_update(host);
	cpu = placement_of_new(&fork, cpu);
	if (!host_task_allows(task, cpu))
		return idlest_cpu(task);
	host->last_start = cpu;
	return &host->cpus[cpu];
}
