/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A CPU that runs out of work looks for a task to pull, first among the CPUs that are close to it,
 * then level by level up to the whole host (sched_balance_newidle). Passes have a fixed cost, known
 * beforehand, that only decides whether they are worth it: the clock does not advance.
 */
#include <stddef.h>

#include "models/host/host_internal.h"

void newidle_init(struct pcpu *cpu)
{
	cpu->avg_idle = BALANCE_LONGEST_IDLE_NS;
	for (int i = 0; i < TOPOLOGY_KINDS; i++)
		cpu->domains[i] = (struct balance_domain){
			.newidle = balance_newidle_start(host_now(cpu->host)),
		};
}

void newidle_end_of_idle(struct pcpu *cpu)
{
	cpu->avg_idle = balance_average_idle(cpu->avg_idle, host_now(cpu->host) - cpu->idle_stamp);
}

static int64_t cost_of(const struct pcpu *cpu, int level)
{
	return balance_newidle_cost(&cpu->host->topology, level, cpu->index);
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
	struct balance_newidle *tries = &cpu->domains[level].newidle;
	uint32_t dice = (uint32_t)(sim_stream_next(&host->newidle_dice) >> 54);
	int64_t now = host_now(host);
	int pulled = 0;

	if (!balance_newidle_try(tries, dice, now))
		return false;
	if (is_overloaded(cpu, level))
		pulled = balancer_pass(cpu, cpu, level, BALANCE_NEWLY_IDLE, NULL);
	else if (level == host->topology.nr_levels - 1)
		host->overload = false;
	*spent += cost_of(cpu, level);
	balance_newidle_end(tries, pulled > 0, now);
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
