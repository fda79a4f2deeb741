/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A CPU that runs out of work looks for a task to pull, first among the CPUs that are close to it,
 * then level by level up to the whole host (sched_balance_newidle). Passes have a fixed cost, known
 * beforehand, that only decides whether they are worth it: the clock does not advance.
 */
#include <stddef.h>

#include "models/host/host_internal.h"

#define MIGRATION_COST_NS 500000 /* the least that it counts (sysctl_sched_migration_cost) */
#define PASS_COST_NS	  1000
#define PASS_COST_PER_CPU 100
#define WINDOW_CALLS	  1024 /* counters are halved then */

/* ---- How long this CPU tends to be idle -------------------------------------------------- */

void newidle_init(struct pcpu *cpu)
{
	cpu->avg_idle = 2 * MIGRATION_COST_NS;
	for (int i = 0; i < TOPOLOGY_KINDS; i++)
		cpu->domains[i] = (struct balance_domain){
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
static void count_call(struct balance_domain *domain, uint32_t success, int64_t now)
{
	int64_t ratio;

	domain->calls++;
	domain->successes += success;
	if (domain->calls < WINDOW_CALLS)
		return;
	/* NI_RATE: where calls are rare they cost little. */
	ratio = ((now - domain->window_start) >> 22) + domain->successes;
	domain->ratio = ratio < 1024 ? (uint32_t)ratio : 1024;
	domain->window_start = now;
	domain->calls /= 2;
	domain->successes /= 2;
}

/* ---- All levels -------------------------------------------------------------------------- */

/* What a pass over one level takes. */
static int64_t cost_of(const struct pcpu *cpu, int level)
{
	const struct topology *topology = &cpu->host->topology;
	int span = topology->levels[level].span;
	int first = topology_first(cpu->index, span);

	return PASS_COST_NS +
	       (int64_t)PASS_COST_PER_CPU * (topology_end(topology, cpu->index, span) - first);
}

/* Some CPU of the level has a task to give away. */
static bool is_overloaded(const struct pcpu *cpu, int level)
{
	const struct host *host = cpu->host;
	int span = host->topology.levels[level].span;

	return bitmap_first(host->overloaded_cpus, NULL, topology_first(cpu->index, span),
			    topology_end(&host->topology, cpu->index, span)) >= 0;
}

/* Throw the dice, and go through with it if they allow it. */
static bool try_pass(struct pcpu *cpu, int level, int64_t *spent)
{
	struct host *host = cpu->host;
	struct balance_domain *domain = &cpu->domains[level];
	uint32_t chance = 1 + domain->ratio;
	uint32_t dice = (uint32_t)(sim_stream_next(&host->newidle_dice) >> 54);
	int64_t now = host_now(host);
	int pulled = 0;

	if (dice > chance) {
		count_call(domain, 0, now);
		return false;
	}
	if (is_overloaded(cpu, level))
		pulled = balancer_pass(cpu, cpu, level, BALANCE_NEWLY_IDLE, NULL);
	else if (level == host->topology.nr_levels - 1)
		host->overload = false;
	*spent += cost_of(cpu, level);
	count_call(domain, pulled ? (1024 + chance / 2) / chance : 0, now);
	host->stats.pulled_newidle += (uint64_t)pulled;
	return pulled;
}

bool newidle_balance(struct pcpu *cpu)
{
	struct host *host = cpu->host;
	int64_t spent = 0;

	if (host->config.balance == HOST_BALANCE_NONE || cpu->wake_list)
		return false;
	if (host->config.balance == HOST_BALANCE_FULL)
		periodic_newly_idle(cpu);
	if (!host->overload)
		return false;
	eevdf_update_blocked_averages(&cpu->rq, (uint64_t)host_now(host));
	for (int i = 0; i < host->topology.nr_levels; i++) {
		if (cpu->avg_idle < spent + cost_of(cpu, i))
			break;
		if (try_pass(cpu, i, &spent))
			return true;
	}
	return false;
}
