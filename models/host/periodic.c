/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Periodic load balancing. Each CPU makes a pass on each of its levels at intervals that depend on
 * the size of the level and on whether the CPU is busy. A busy CPU does so after a tick. Idle CPUs
 * have no ticks: a busy one has an idle one do it for all of them.
 */
#include <stddef.h>

#include "models/host/host_internal.h"

#define LONGEST_WAIT_S 60

static int64_t interval_of(const struct pcpu *cpu, int level, bool busy)
{
	return balance_interval_ticks(cpu->domains[level].interval_ms, busy,
				      host_config_hz(&cpu->host->config), cpu->host->nr_cpus);
}

static int64_t far_off(const struct host *host)
{
	return host_tick_number(host) + (int64_t)LONGEST_WAIT_S * host_config_hz(&host->config);
}

/* The passes of cpu that are due; by is the CPU that does it (sched_balance_domains). */
static void balance_levels(struct pcpu *cpu, struct pcpu *by, enum balance_idle idle)
{
	struct host *host = cpu->host;
	int64_t tick = host_tick_number(host);
	int64_t next = far_off(host);
	bool go_on = true;

	for (int level = 0; level < host->topology.nr_levels && go_on; level++) {
		struct balance_domain *domain = &cpu->domains[level];
		int64_t due = domain->last_balance + interval_of(cpu, level, idle == BALANCE_BUSY);

		if (tick >= due) {
			int moved = balancer_pass(cpu, by, level, idle, &go_on);

			host->stats.pulled_periodic += (uint64_t)moved;
			if (moved)
				idle = BALANCE_BUSY;
			domain->last_balance = tick;
			due = tick + interval_of(cpu, level, idle == BALANCE_BUSY);
		}
		if (due < next)
			next = due;
	}
	cpu->next_balance = next;
}

/* ---- Idle CPUs ----------------------------------------------------------------------------- */

/* Let an idle CPU look for work, unless there is none to be had (nohz_balancer_kick). */
static void kick_idle_cpu(struct pcpu *cpu)
{
	struct host *host = cpu->host;
	int64_t tick = host_tick_number(host);
	int idle;

	if (tick < host->nohz_next_balance || (cpu->rq.nr_running < 2 && cpu->llc->nr_busy < 2))
		return;
	idle = bitmap_first(host->idle_cpus, NULL, 0, host->nr_cpus);
	if (idle < 0)
		return;
	host->nohz_next_balance = tick + 1;
	pcpu_send_interrupt(&host->cpus[idle], PCPU_BALANCE, host->config.costs.ipi_flight_ns);
}

/* For the idle CPUs in from .. to - 1. Returns the tick when the first of them is due again. */
static int64_t balance_range(struct pcpu *by, int from, int to, int64_t next)
{
	struct host *host = by->host;
	int64_t tick = host_tick_number(host);

	for (int i = bitmap_first(host->idle_cpus, NULL, from, to); i >= 0;
	     i = bitmap_first(host->idle_cpus, NULL, i + 1, to)) {
		struct pcpu *cpu = &host->cpus[i];

		if (pcpu_need_resched(by))
			return tick;
		if (tick >= cpu->next_balance)
			balance_levels(cpu, by, BALANCE_IDLE);
		if (cpu->next_balance < next)
			next = cpu->next_balance;
	}
	return next;
}

void periodic_balance_idle(struct pcpu *by)
{
	struct host *host = by->host;
	int64_t next = far_off(host);

	if (by->curr)
		return;
	/* From behind this CPU around to it. */
	next = balance_range(by, by->index + 1, host->nr_cpus, next);
	next = balance_range(by, 0, by->index + 1, next);
	host->nohz_next_balance = next;
}

void periodic_newly_idle(struct pcpu *cpu)
{
	for (int level = 0; level < cpu->host->topology.nr_levels; level++) {
		int64_t due = cpu->domains[level].last_balance + interval_of(cpu, level, false);

		if (due < cpu->next_balance)
			cpu->next_balance = due;
	}
}

/* ---- The tick ------------------------------------------------------------------------------ */

void periodic_tick(struct pcpu *cpu)
{
	if (cpu->host->config.balance != HOST_BALANCE_FULL)
		return;
	if (cpu->curr && host_tick_number(cpu->host) >= cpu->next_balance)
		balance_levels(cpu, cpu, BALANCE_BUSY);
	kick_idle_cpu(cpu);
}
