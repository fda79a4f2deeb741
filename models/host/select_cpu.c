/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a task wakes up (select_task_rq_fair), for machines without SMT, with last-level caches
 * below one level that spans the host. Instead of decayed averages the present state counts: the
 * load of a CPU is the weight queued there, and a CPU is used either wholly or not at all.
 */
#include <stddef.h>

#include "models/host/host_internal.h"

/* imbalance_pct of both levels, and what wake_affine makes of it: half of the excess. */
#define IMBALANCE_PCT	   117
#define WAKE_IMBALANCE_PCT (100 + (IMBALANCE_PCT - 100) / 2)

#define NS_PER_SECOND	   INT64_C(1000000000)

/* ---- Wide wake-ups ----------------------------------------------------------------------- */

/* waker wakes another task than last time (record_wakee). */
static void record_wakee(struct host_task *waker, const struct host_task *wakee)
{
	int64_t now = host_now(waker->host);

	if (now > waker->wakee_flip_decay + NS_PER_SECOND) {
		waker->wakee_flips /= 2;
		waker->wakee_flip_decay = now;
	}
	if (waker->last_wakee != wakee) {
		waker->last_wakee = wakee;
		waker->wakee_flips++;
	}
}

/* One waker of many wakees: do not gather them around it (wake_wide). */
static bool wake_wide(const struct host_task *waker, const struct host_task *wakee, int llc_cpus)
{
	uint64_t most = waker->wakee_flips;
	uint64_t least = wakee->wakee_flips;
	uint64_t factor = (uint64_t)llc_cpus;

	if (most < least) {
		most = wakee->wakee_flips;
		least = waker->wakee_flips;
	}
	return least >= factor && most >= least * factor;
}

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

/* The CPU of the waker only if it would be the less loaded one (wake_affine_weight). */
static bool waker_has_less_load(const struct host_task *task, const struct pcpu *waker,
				const struct pcpu *prev, const struct wake_loads *loads)
{
	/* The kernel's average has to be rid of the sleeper's load; the present load is. */
	const struct wake_loads present = {
		.waker = loads ? loads->waker : (int64_t)host_cpu_load(waker),
		.prev = loads ? loads->prev : (int64_t)host_cpu_load(prev),
		.task = loads ? loads->task : (int64_t)task_h_load(task),
	};

	return (present.waker + present.task) * 100 < present.prev * WAKE_IMBALANCE_PCT;
}

/* wake_affine() */
static struct pcpu *affine_target(const struct host_task *task, struct pcpu *waker,
				  struct pcpu *prev, const struct wake_loads *loads)
{
	if (host_cpu_idle(waker) && waker->llc == prev->llc)
		return host_cpu_idle(prev) ? prev : waker;
	if (host_cpu_idle(prev))
		return prev;
	return waker_has_less_load(task, waker, prev, loads) ? waker : prev;
}

/* ---- An idle CPU nearby ------------------------------------------------------------------ */

/* How many CPUs of the cache to look at: fewer the busier they are (update_idle_cpu_scan). */
static int nr_idle_scan(const struct host_llc *llc)
{
	uint64_t n = (uint64_t)llc->nr_cpus;
	uint64_t x = 1024 * (uint64_t)llc->nr_busy / n;
	uint64_t busy = x * x * IMBALANCE_PCT * IMBALANCE_PCT / (10000 * 1024);

	return busy >= 1024 ? 0 : (int)((1024 - busy) * n / 1024);
}

/* First idle CPU among the allowed ones in from .. to - 1, if not more than *left come first. */
static int scan_range(const struct host_task *task, int from, int to, int *left)
{
	int found = host_bitmap_first(task->host->idle_cpus, task->cpus, from, to);
	int visited = host_bitmap_weight(task->cpus, from, found < 0 ? to : found + 1);

	*left -= visited;
	return *left >= 0 ? found : -1;
}

/* select_idle_cpu(): from behind target around to it. */
static struct pcpu *scan_llc(const struct host_task *task, const struct pcpu *target,
			     const struct wake_loads *loads)
{
	const struct host_llc *llc = target->llc;
	int left = loads ? loads->nr_idle_scan[llc - task->host->llcs] : nr_idle_scan(llc);
	int found;

	if (!left || llc->nr_busy == llc->nr_cpus)
		return NULL;
	found = scan_range(task, target->index + 1, llc->first + llc->nr_cpus, &left);
	if (found < 0 && left > 0)
		found = scan_range(task, llc->first, target->index + 1, &left);
	return found < 0 ? NULL : &task->host->cpus[found];
}

/* select_idle_sibling() */
static struct pcpu *idle_near(struct host_task *task, struct pcpu *target, struct pcpu *prev,
			      const struct wake_loads *loads)
{
	struct pcpu *recent;
	struct pcpu *found;

	if (host_cpu_idle(target))
		return target;
	if (prev != target && prev->llc == target->llc && host_cpu_idle(prev))
		return prev;

	recent = &task->host->cpus[task->recent_used_cpu];
	task->recent_used_cpu = prev->index;
	if (recent != prev && recent != target && recent->llc == target->llc &&
	    host_cpu_idle(recent) && host_task_allows(task, recent->index))
		return recent;

	found = scan_llc(task, target, loads);
	return found ? found : target;
}

/* ---- Entry points ------------------------------------------------------------------------ */

struct pcpu *host_select_cpu(struct host_task *task, struct pcpu *waker,
			     const struct wake_loads *loads)
{
	struct pcpu *prev = task->cpu;
	struct pcpu *target = prev;
	bool affine = host_task_allows(task, waker->index);

	if (task->nr_allowed == 1)
		return prev;
	if (waker->curr) {
		record_wakee(waker->curr, task);
		affine = affine && !wake_wide(waker->curr, task, waker->llc->nr_cpus);
	}
	if (affine && waker != prev)
		target = affine_target(task, waker, prev, loads);
	return idle_near(task, target, prev, loads);
}

/* Fewer tasks; if both are idle, idle for longer. */
static bool is_idler(const struct pcpu *a, const struct pcpu *b)
{
	if (a->rq.nr_running != b->rq.nr_running)
		return a->rq.nr_running < b->rq.nr_running;
	if (a->is_idle != b->is_idle)
		return a->is_idle;
	return a->is_idle && a->idle_stamp < b->idle_stamp;
}

struct pcpu *host_select_first_cpu(struct host_task *task)
{
	struct pcpu *best = NULL;

	for (int i = 0; i < task->host->nr_cpus; i++) {
		struct pcpu *cpu = &task->host->cpus[i];

		if (host_task_allows(task, i) && (!best || is_idler(cpu, best)))
			best = cpu;
	}
	return best;
}
