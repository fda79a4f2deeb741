/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which CPU a task wakes up on. */
#include <stddef.h>

#include "sim/base/bitmap.h"
#include "models/sched/placement.h"

#define NS_PER_SECOND INT64_C(1000000000)

/* ---- Near the waker or where it was -------------------------------------------------------- */

void placement_note_wakee(struct placement_waker *waker, const void *wakee, int64_t now)
{
	if (now > waker->halved + NS_PER_SECOND) {
		waker->flips /= 2;
		waker->halved = now;
	}
	if (waker->last != wakee) {
		waker->last = wakee;
		waker->flips++;
	}
}

bool placement_is_wide(uint32_t waker_flips, uint32_t wakee_flips, int nr_cpus)
{
	uint64_t most = waker_flips > wakee_flips ? waker_flips : wakee_flips;
	uint64_t least = waker_flips > wakee_flips ? wakee_flips : waker_flips;
	uint64_t factor = (uint64_t)nr_cpus;

	return least >= factor && most >= least * factor;
}

int placement_affine_idle(const struct topology *topology, int waker, bool waker_idle,
			  unsigned int waker_h_nr, int prev, bool prev_idle, bool sync)
{
	if (waker_idle && topology_shares_llc(topology, waker, prev))
		return prev_idle ? prev : waker;
	if (sync && waker_h_nr == 1)
		return waker;
	return prev_idle ? prev : -1;
}

bool placement_affine_load(const struct placement_loads *loads, int imbalance_pct, bool sync)
{
	int64_t waker = loads->waker;
	int64_t prev = loads->prev;

	if (sync) {
		if (loads->waker_task > waker)
			return true;
		waker -= loads->waker_task;
	}
	/* prev gets half of the margin. */
	waker = (waker + loads->task) * 100 * loads->prev_capacity;
	prev = prev * (100 + (imbalance_pct - 100) / 2) * loads->waker_capacity;
	/* Of equals the sync waker. */
	return waker < prev + sync;
}

/* ---- An idle CPU close by ------------------------------------------------------------------ */

static bool is_idle(const struct placement_idle *search, int cpu)
{
	return bitmap_test(search->idle, cpu);
}

static bool is_allowed(const struct placement_idle *search, int cpu)
{
	return !search->allowed || bitmap_test(search->allowed, cpu);
}

int placement_known_idle(const struct placement_idle *search, int *recent)
{
	const struct topology *topology = search->topology;
	int target = search->target;
	int prev = search->prev;
	int used = *recent;

	if (is_idle(search, target))
		return target;
	if (prev != target && topology_shares_llc(topology, prev, target) && is_idle(search, prev))
		return prev;
	*recent = prev;
	if (used != prev && used != target && topology_shares_llc(topology, used, target) &&
	    is_idle(search, used) && is_allowed(search, used))
		return used;
	return -1;
}

/* Another thread of the core where it ran (select_idle_smt). */
static int idle_sibling(const struct placement_idle *search)
{
	const struct topology *topology = search->topology;
	int end = topology_end(topology, search->prev, topology->smt);

	for (int i = topology_first(search->prev, topology->smt); i < end; i++) {
		if (i != search->prev && is_allowed(search, i) && is_idle(search, i))
			return i;
	}
	return -1;
}

/* First idle CPU among the allowed ones in from .. to - 1, if not more than *left come first. */
static int scan_range(const struct placement_idle *search, int from, int to, int *left)
{
	int found = bitmap_first(search->idle, search->allowed, from, to);
	int visited = bitmap_weight(search->allowed, from, found < 0 ? to : found + 1);

	*left -= visited;
	return *left >= 0 ? found : -1;
}

/* From behind target around to it; first and end bound its last-level cache. */
static int find_idle_cpu(const struct placement_idle *search, int first, int end, int left)
{
	int found = scan_range(search, search->target + 1, end, &left);

	if (found < 0 && left > 0)
		found = scan_range(search, first, search->target + 1, &left);
	return found;
}

/* The core of cpu has no work; if it has, *idle may get its first idle thread. */
static bool core_is_idle(const struct placement_idle *search, int cpu, int *idle)
{
	const struct topology *topology = search->topology;
	int first = topology_first(cpu, topology->smt);
	int end = topology_end(topology, cpu, topology->smt);

	if (bitmap_weight(search->idle, first, end) == end - first)
		return true;
	if (*idle < 0)
		*idle = bitmap_first(search->idle, search->allowed, first, end);
	return false;
}

/* The next allowed CPU of first .. end - 1 behind cpu around to target, -1 at the end. */
static int next_allowed(const struct placement_idle *search, int cpu, int first, int end)
{
	for (;;) {
		if (cpu == search->target)
			return -1;
		cpu = cpu + 1 < end ? cpu + 1 : first;
		if (is_allowed(search, cpu))
			return cpu;
	}
}

/* A core without work, else an idle thread: the first of each, *no_core tells. */
static int find_idle_core(const struct placement_idle *search, int first, int end, bool *no_core)
{
	const struct topology *topology = search->topology;
	int idle = -1;
	int i = search->target + 1 < end ? search->target + 1 : first;

	if (!is_allowed(search, i))
		i = next_allowed(search, i, first, end);
	for (; i >= 0; i = next_allowed(search, i, first, end)) {
		if (core_is_idle(search, i, &idle))
			return i;
		/* The others of this core are as busy, except that target ends the round. */
		while (i != search->target && i + 1 < topology_end(topology, i, topology->smt))
			i++;
	}
	*no_core = true;
	return idle;
}

int placement_search(const struct placement_idle *search, int nr_idle_scan, bool *idle_cores)
{
	const struct topology *topology = search->topology;
	int first = topology_first(search->target, topology->llc);
	int end = topology_end(topology, search->target, topology->llc);
	bool no_core = false;
	int found;

	if (topology->smt > 1 && !*idle_cores &&
	    topology_shares_llc(topology, search->prev, search->target)) {
		found = idle_sibling(search);
		if (found >= 0)
			return found;
	}
	if (!nr_idle_scan)
		return -1;
	if (!*idle_cores)
		return find_idle_cpu(search, first, end, nr_idle_scan);
	found = find_idle_core(search, first, end, &no_core);
	if (no_core)
		*idle_cores = false;
	return found;
}
