/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an oracle may do to the host, and no kernel could: give a CPU to whom it likes. The choice
 * is put before all others at the next pick; from then on the scheduler treats it like anybody.
 */
#include "models/host/host_internal.h"

/* The yielder pays with lag where it competes with target, as far as its bound allows. */
static void pay(struct pcpu *cpu, struct host_task *target)
{
	struct eevdf_entity *from = &cpu->curr->se, *to = &target->se;
	uint64_t lack, funds;
	int64_t bound;

	oversub_eevdf_common_ancestor(&from, &to);
	oversub_eevdf_account(&cpu->rq, from);
	if (oversub_eevdf_eligible(to))
		return;
	lack = oversub_eevdf_cpu_time((uint64_t)(1 - oversub_eevdf_lag(to)), to);
	bound = oversub_eevdf_lag_limit(&cpu->rq, from) + oversub_eevdf_lag(from);
	funds = bound > 0 ? oversub_eevdf_cpu_time((uint64_t)bound, from) : 0;
	if (funds)
		oversub_eevdf_transfer(&cpu->rq, from, to, lack < funds ? lack : funds);
}

/* Put target where it is to run. False: it may not go there. */
static bool bring(struct pcpu *cpu, struct host_task *target, enum oversub_oracle_boost where,
		  bool free)
{
	struct pcpu *from = target->cpu;

	if (from == cpu || where == OVERSUB_ORACLE_PREEMPT)
		return true;
	if (where == OVERSUB_ORACLE_LOCAL || !host_pull_task(target, cpu))
		return false;
	if (free)
		target->ran_on = cpu->index;
	if (where == OVERSUB_ORACLE_SWAP)
		cpu->swap_with = from;
	return true;
}

int host_oracle_run(struct pcpu *cpu, struct host_task *target, enum oversub_oracle_boost how,
		    bool free, struct yield_stats *stats)
{
	enum oversub_oracle_boost where = how & ~OVERSUB_ORACLE_FAIR;
	uint64_t now = (uint64_t)host_now(cpu->host);
	struct pcpu *from = target->cpu, *on;
	bool interrupts;

	stats->tried++;
	eevdf_update_clock(&cpu->rq, now);
	eevdf_update_clock(&from->rq, now);
	if (!eevdf_task_runnable(&target->se) || target->on_cpu ||
	    !bring(cpu, target, where, free)) {
		stats->refused++;
		return 0;
	}
	on = target->cpu;
	on->run_next = target;
	on->free_switch = free;
	if ((how & OVERSUB_ORACLE_FAIR) && on == cpu)
		pay(cpu, target);
	interrupts = on != cpu && !on->rq.need_resched;
	if (on != cpu)
		oversub_eevdf_resched(&on->rq);
	stats->taken++;
	stats->same_rq += from == cpu;
	stats->cross_rq += from != cpu;
	host_nominate(on, target, stats, interrupts);
	pcpu_after_operation(cpu, false);
	if (from != cpu)
		pcpu_after_operation(from, true);
	return 1;
}

void host_finish_swap(struct pcpu *cpu, struct host_task *task)
{
	struct pcpu *to = cpu->swap_with;

	cpu->swap_with = NULL;
	if (!task || !eevdf_task_runnable(&task->se) || task->cpu != cpu)
		return;
	eevdf_update_clock(&to->rq, (uint64_t)host_now(cpu->host));
	host_pull_task(task, to);
	pcpu_after_operation(cpu, false);
	pcpu_after_operation(to, true);
}
