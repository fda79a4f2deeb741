/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A CPU that runs out of work looks for a task to pull, first among the CPUs that share its
 * last-level cache, then on the whole host (sched_balance_newidle). Passes have a fixed cost, known
 * beforehand, that only decides whether they are worth it: the clock does not advance.
 */
#include <stddef.h>

#include "models/host/host_internal.h"

#define MIGRATION_COST_NS  500000 /* a task that ran more recently is cache hot */
#define PASS_COST_NS	   1000
#define PASS_COST_PER_CPU  100
#define WINDOW_CALLS	   1024 /* counters are halved then */
#define MAX_TASKS_EXAMINED 32

/* ---- How long this CPU tends to be idle -------------------------------------------------- */

void newidle_init(struct pcpu *cpu)
{
	cpu->avg_idle = 2 * MIGRATION_COST_NS;
	for (int i = 0; i < 2; i++)
		cpu->newidle[i] = (struct newidle_level){
			.calls = WINDOW_CALLS / 2,
			.successes = WINDOW_CALLS / 4,
			.ratio = WINDOW_CALLS / 2,
			.window_start = host_now(cpu->host),
		};
}

void newidle_end_of_idle(struct pcpu *cpu)
{
	int64_t sample = host_now(cpu->host) - cpu->idle_stamp;

	cpu->avg_idle += (sample - cpu->avg_idle) / 8;
	if (cpu->avg_idle > 2 * MIGRATION_COST_NS)
		cpu->avg_idle = 2 * MIGRATION_COST_NS;
}

/* ---- The dice (NI_RANDOM) ---------------------------------------------------------------- */

/* A call ended with success, which counts for several, or without: 0 (update_newidle_stats). */
static void count_call(struct newidle_level *level, uint32_t success, int64_t now)
{
	int64_t ratio;

	level->calls++;
	level->successes += success;
	if (level->calls < WINDOW_CALLS)
		return;
	/* NI_RATE: where calls are rare they cost little. */
	ratio = ((now - level->window_start) >> 22) + level->successes;
	level->ratio = ratio < 1024 ? (uint32_t)ratio : 1024;
	level->window_start = now;
	level->calls /= 2;
	level->successes /= 2;
}

/* ---- One pass ---------------------------------------------------------------------------- */

static bool may_pull(const struct host_task *task, const struct pcpu *to)
{
	/*
	 * Two more rules of the kernel, for ineligible tasks and for next buddies, do not apply:
	 * they spare tasks only if something is queued at the destination.
	 */
	if (task->on_cpu || task->se.delayed || !host_task_allows(task, to->index))
		return false;
	return host_now(task->host) - (int64_t)task->se.exec_start >= MIGRATION_COST_NS;
}

static void move_queued(struct host_task *task, struct pcpu *to)
{
	struct pcpu *from = task->cpu;
	uint64_t now = (uint64_t)host_now(task->host);

	eevdf_detach(&from->rq, &task->se, now);
	/* Without memory it stays. */
	host_move_task(task, to, to);
	host_link_to_front(&task->cpu->tasks, &task->link);
	eevdf_attach(&task->cpu->rq, &task->se, now);
	pcpu_after_operation(from, true);
}

/* detach_tasks() for one task: the least recently run one that may be moved. */
static bool pull_task(struct pcpu *from, struct pcpu *to)
{
	unsigned int left = from->rq.nr_running;

	if (left > MAX_TASKS_EXAMINED)
		left = MAX_TASKS_EXAMINED;
	while (left && from->tasks.prev != &from->tasks) {
		struct host_task *task = container_of(from->tasks.prev, struct host_task, link);

		if (!task->se.on_rq || task->cpu != from) {
			/* The core has dequeued it in the meantime. */
			host_link_remove(&task->link);
			continue;
		}
		left--;
		if (may_pull(task, to)) {
			move_queued(task, to);
			return task->cpu == to;
		}
		host_link_to_front(&from->tasks, &task->link);
	}
	return false;
}

/* The more loaded of busiest and the overloaded CPUs in first .. end - 1, the first of equals. */
static struct pcpu *busiest_in(struct host *host, struct pcpu *busiest, int first, int end)
{
	int i = host_bitmap_first(host->overloaded_cpus, NULL, first, end);

	for (; i >= 0; i = host_bitmap_first(host->overloaded_cpus, NULL, i + 1, end)) {
		struct pcpu *cpu = &host->cpus[i];

		if (!busiest || host_cpu_load(cpu) > host_cpu_load(busiest))
			busiest = cpu;
	}
	return busiest;
}

/* A pass over the whole host knows whether there is still anything to pull. */
static void note_overload(struct host *host)
{
	host->overload = host->nr_overloaded > 0;
}

/* From behind to, around. */
static bool balance_llc(struct pcpu *to)
{
	const struct host_llc *llc = to->llc;
	struct pcpu *busiest;

	if (to->host->nr_llcs == 1)
		note_overload(to->host);
	busiest = busiest_in(to->host, NULL, to->index + 1, llc->first + llc->nr_cpus);
	busiest = busiest_in(to->host, busiest, llc->first, to->index);
	return busiest && pull_task(busiest, to);
}

static bool balance_host(struct pcpu *to)
{
	const struct host_llc *llc = to->llc;
	struct pcpu *busiest;

	note_overload(to->host);
	busiest = busiest_in(to->host, NULL, llc->first + llc->nr_cpus, to->host->nr_cpus);
	busiest = busiest_in(to->host, busiest, 0, llc->first);
	return busiest && pull_task(busiest, to);
}

/* ---- All levels -------------------------------------------------------------------------- */

struct pass {
	struct newidle_level *level;
	bool (*balance)(struct pcpu *to);
	int64_t cost;
};

/* The levels of cpu that have anybody to pull from, from below; returns their number. */
static int passes_of(struct pcpu *cpu, struct pass pass[2])
{
	int llc_cpus = cpu->llc->nr_cpus;
	int n = 0;

	if (llc_cpus > 1)
		pass[n++] = (struct pass){&cpu->newidle[0], balance_llc,
					  PASS_COST_NS + (int64_t)PASS_COST_PER_CPU * llc_cpus};
	if (cpu->host->nr_llcs > 1)
		pass[n++] = (struct pass){&cpu->newidle[1], balance_host,
					  PASS_COST_NS +
						  (int64_t)PASS_COST_PER_CPU * cpu->host->nr_cpus};
	return n;
}

/* Throw the dice, and go through with it if they allow it. */
static bool try_pass(struct pcpu *cpu, const struct pass *pass, int64_t *spent)
{
	uint32_t chance = 1 + pass->level->ratio;
	uint32_t dice = (uint32_t)(sim_stream_next(&cpu->host->newidle_dice) >> 54);
	int64_t now = host_now(cpu->host);
	bool pulled;

	if (dice > chance) {
		count_call(pass->level, 0, now);
		return false;
	}
	pulled = pass->balance(cpu);
	*spent += pass->cost;
	count_call(pass->level, pulled ? (1024 + chance / 2) / chance : 0, now);
	return pulled;
}

bool newidle_balance(struct pcpu *cpu)
{
	struct pass pass[2];
	int nr_passes = passes_of(cpu, pass);
	int64_t spent = 0;

	if (cpu->wake_list || !cpu->host->overload)
		return false;
	eevdf_update_blocked_averages(&cpu->rq, (uint64_t)host_now(cpu->host));
	for (int i = 0; i < nr_passes && cpu->avg_idle >= spent + pass[i].cost; i++) {
		if (try_pass(cpu, &pass[i], &spent))
			return true;
	}
	return false;
}
