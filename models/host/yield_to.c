/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yield() and yield_to() as system calls of the current task of a CPU (kernel/sched/syscalls.c). */
#include <errno.h>

#include "models/host/cosched_internal.h"

void pcpu_yield(struct pcpu *cpu)
{
	cpu->cosched.offered = true;
	eevdf_yield(&cpu->rq, (uint64_t)host_now(cpu->host));
	pcpu_after_operation(cpu, false);
}

/*
 * Wait for the next pick of on, which says whether the hint was honoured. There is one place for a
 * hint per run queue and level, so an earlier one is lost.
 */
static void nominate(struct pcpu *on, struct host_task *target, struct yield_stats *stats,
		     bool interrupts)
{
	if (on->nominee) {
		if (on->host->trace)
			host_trace_yield_resolved(on, on->nominee, NULL, true);
		on->nominee_stats->futile++;
		on->nominee_stats->for_nothing += on->nominee_interrupts;
	}
	on->nominee = target;
	on->nominee_stats = stats;
	on->nominee_interrupts = interrupts;
}

int host_yield_to(struct pcpu *cpu, struct host_task *target, struct yield_stats *stats)
{
	struct pcpu *on = target->cpu;
	const struct oversub_yield yield = {
		.rq = &cpu->rq,
		.target_rq = &on->rq,
		.yielder = &cpu->curr->se,
		.target = &target->se,
		.params = cpu->host->sched_policy_params,
		.rq_private = cpu->sched_policy_private,
	};
	bool interrupted = on->rq.need_resched;
	int result = eevdf_yield_to(cpu->host->sched_policy, &yield, (uint64_t)host_now(cpu->host));

	stats->tried++;
	stats->esrch += result == -ESRCH;
	stats->refused += result == 0;
	if (result == 1) {
		cpu->cosched.offered = true;
		stats->taken++;
		stats->same_rq += on == cpu;
		stats->cross_rq += on != cpu;
		nominate(on, target, stats, on != cpu && !interrupted);
	}
	pcpu_after_operation(cpu, false);
	if (on != cpu)
		pcpu_after_operation(on, true);
	return result;
}
