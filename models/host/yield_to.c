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

void host_nominate(struct pcpu *on, struct host_task *target, struct yield_stats *stats,
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

/* ---- What a policy may ask of the machine ------------------------------------------------- */

static struct pcpu *yielders_cpu(const struct oversub_yield *yield)
{
	return host_task_of(yield->yielder)->cpu;
}

static enum oversub_distance distance(const struct oversub_yield *yield)
{
	const struct pcpu *a = yielders_cpu(yield);
	const struct pcpu *b = host_task_of(yield->target)->cpu;
	const struct topology *topology = &a->host->topology;

	if (a == b)
		return OVERSUB_SAME_CPU;
	if (a->index / topology->smt == b->index / topology->smt)
		return OVERSUB_SAME_CORE;
	if (a->llc == b->llc)
		return OVERSUB_SAME_LLC;
	return a->index / topology->pkg == b->index / topology->pkg ? OVERSUB_SAME_NODE
								    : OVERSUB_OTHER_NODE;
}

static int64_t residency(const struct oversub_yield *yield)
{
	const struct host_task *target = host_task_of(yield->target);

	return host_now(target->host) - target->moved_at;
}

static bool pull(const struct oversub_yield *yield)
{
	return host_pull_task(host_task_of(yield->target), yielders_cpu(yield));
}

static const struct oversub_yield_machine yield_machine = {
	.distance = distance,
	.residency = residency,
	.pull = pull,
};

/* ---- The system call ---------------------------------------------------------------------- */

int host_yield_to(struct pcpu *cpu, struct host_task *target, struct yield_stats *stats)
{
	struct pcpu *from = target->cpu;
	const struct oversub_yield yield = {
		.rq = &cpu->rq,
		.target_rq = &from->rq,
		.yielder = &cpu->curr->se,
		.target = &target->se,
		.params = cpu->host->sched_policy_params,
		.rq_private = cpu->sched_policy_private,
		.machine = &yield_machine,
	};
	bool interrupted = from->rq.need_resched;
	int result = eevdf_yield_to(cpu->host->sched_policy, &yield, (uint64_t)host_now(cpu->host));

	stats->tried++;
	stats->esrch += result == -ESRCH;
	stats->refused += result == 0;
	if (result == 1) {
		cpu->cosched.offered = true;
		stats->taken++;
		stats->same_rq += from == cpu;
		stats->cross_rq += from != cpu;
		host_nominate(target->cpu, target, stats,
			      target->cpu != cpu && target->cpu->rq.need_resched && !interrupted);
	}
	pcpu_after_operation(cpu, false);
	if (from != cpu)
		pcpu_after_operation(from, true);
	return result;
}
