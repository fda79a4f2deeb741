/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest_balance.h"

#include <stdlib.h>

#include "models/guest/guest_cpu.h"
#include "models/guest/guest_load.h"
#include "models/guest/guest_select.h"
#include "models/sched/balance_task.h"

#define MAX_THREADS_EXAMINED 32 /* sysctl_sched_nr_migrate */

static uint64_t now_of(const struct guest_cpu *cpu)
{
	return (uint64_t)guest_now(cpu->guest);
}

/* ---- To a CPU that idles -------------------------------------------------------------------- */

/* The CPU with the longest queue of threads that wait; NULL if none waits anywhere. */
static struct guest_cpu *busiest(const struct guest_cpu *cpu)
{
	struct guest *guest = cpu->guest;
	struct guest_cpu *found = NULL;

	for (int n = 1; n < guest->nr_cpus; n++) {
		struct guest_cpu *other = &guest->cpus[(cpu->index + n) % guest->nr_cpus];
		unsigned int queued = other->rq->root.h_nr_runnable;

		if (queued > 1 && (!found || queued > found->rq->root.h_nr_runnable))
			found = other;
	}
	return found;
}

static bool can_be_pulled(const struct guest_thread *thread, const struct guest_cpu *from)
{
	return thread->cpu == from && from->rq->curr != thread->se &&
	       eevdf_task_runnable(thread->se);
}

static void detach(struct guest_thread *thread, struct guest_cpu *to)
{
	eevdf_detach(thread->cpu->rq, thread->se, now_of(to));
	eevdf_task_set_rq(thread->se, NULL, to->rq);
	thread->cpu = to;
	to->guest->stats.pulls++;
}

struct guest_thread *guest_detach(struct guest_cpu *from, struct guest_cpu *to)
{
	struct guest *guest = from->guest;

	for (int i = 0; i < guest->nr_threads; i++) {
		struct guest_thread *thread = &guest->threads[i];

		if (!can_be_pulled(thread, from))
			continue;
		detach(thread, to);
		return thread;
	}
	return NULL;
}

void guest_pull(struct guest_cpu *cpu)
{
	struct guest_cpu *from = busiest(cpu);
	struct guest_thread *thread = from ? guest_detach(from, cpu) : NULL;

	if (thread)
		eevdf_attach(cpu->rq, thread->se, now_of(cpu));
}

/* ---- To a busy CPU -------------------------------------------------------------------------- */

bool guest_balance_init(struct guest *guest)
{
	struct guest_sched *sched = guest->sched;

	sched->domains = calloc((size_t)guest->nr_cpus, sizeof(*sched->domains));
	for (int i = 0; sched->domains && i < guest->nr_cpus; i++)
		sched->domains[i].interval_ms = guest->nr_cpus;
	return balance_machine_init(&sched->machine, &sched->topology) && sched->domains;
}

void guest_balance_fini(struct guest *guest)
{
	balance_machine_fini(&guest->sched->machine);
	free(guest->sched->domains);
}

static bool is_due(const struct guest_cpu *cpu)
{
	const struct guest *guest = cpu->guest;
	const struct guest_domain *domain = &guest->sched->domains[cpu->index];

	return (int64_t)guest_jiffies(guest) >=
	       domain->last_balance +
		       balance_interval_ticks(domain->interval_ms, true, guest->hz, guest->nr_cpus);
}

/* What the balancer knows of all CPUs. */
static void update(struct guest *guest)
{
	for (int i = 0; i < guest->nr_cpus; i++) {
		struct guest_cpu *cpu = &guest->cpus[i];
		struct balance_cpu state;

		eevdf_update_blocked_averages(cpu->rq, now_of(cpu));
		state = balance_cpu_of(cpu->rq, true);
		state.idle = guest_cpu_idles(cpu);
		balance_set_cpu(&guest->sched->machine, i, &state);
	}
}

/* can_migrate_task() */
static bool may_move(const struct guest_thread *thread, const struct guest_cpu *to,
		     const struct topology_level *level, unsigned int nr_failed)
{
	/* What it would have to wait for there it waits for here rightly. */
	if (!nr_failed && balance_is_ineligible(thread->se, to->rq) && to->rq->root.nr_queued)
		return false;
	return nr_failed > (unsigned int)level->cache_nice_tries ||
	       !balance_is_cache_hot(level, thread->se, to->rq, guest_now(to->guest));
}

static bool fits(struct guest_thread *thread, struct balance_source *source, unsigned int nr_failed)
{
	uint64_t size = 1;

	if (source->migration == BALANCE_LOAD)
		size = eevdf_task_h_load(thread->se, guest_jiffies(thread->guest));
	else if (source->migration == BALANCE_UTIL)
		size = balance_task_util(thread->se);
	return balance_fits(source, size, nr_failed);
}

static bool ran_later(const struct guest_thread *thread, const struct guest_thread *than)
{
	if (thread->se->exec_start != than->se->exec_start)
		return thread->se->exec_start > than->se->exec_start;
	return thread > than;
}

/* Of the threads that wait on from the one that ran next after after; NULL: there is none. */
static struct guest_thread *next_candidate(const struct guest_cpu *from,
					   const struct guest_thread *after)
{
	struct guest *guest = from->guest;
	struct guest_thread *found = NULL;

	for (int i = 0; i < guest->nr_threads; i++) {
		struct guest_thread *thread = &guest->threads[i];

		if (can_be_pulled(thread, from) && (!after || ran_later(thread, after)) &&
		    (!found || ran_later(found, thread)))
			found = thread;
	}
	return found;
}

/* The least recently run first (detach_tasks). Returns how many moved. */
static int move_threads(struct guest_cpu *from, struct guest_cpu *to, struct balance_source source,
			unsigned int nr_failed)
{
	const struct topology_level *level = &to->guest->sched->topology.levels[0];
	struct guest_thread *next = next_candidate(from, NULL);
	int left = MAX_THREADS_EXAMINED, moved = 0;

	while (next && left-- > 0 && source.imbalance > 0) {
		struct guest_thread *thread = next;

		next = next_candidate(from, thread);
		if (!may_move(thread, to, level, nr_failed) || !fits(thread, &source, nr_failed))
			continue;
		detach(thread, to);
		/* Not cache hot for the balancer. */
		thread->se->exec_start = 0;
		eevdf_attach(to->rq, thread->se, now_of(to));
		moved++;
	}
	return moved;
}

/* sched_balance_rq(); returns whether there was anything to do. */
static bool pass(struct guest_cpu *cpu, struct guest_domain *domain)
{
	struct guest *guest = cpu->guest;
	const struct balance_pass look = {&guest->sched->machine, 0, cpu->index, BALANCE_BUSY,
					  NULL};
	struct balance_source source;
	int queue;

	update(guest);
	if (!balance_is_chosen(&look))
		return false;
	source = balance_find_source(&look);
	queue = source.group < 0 ? -1 : balance_find_queue(&look, &source);
	if (queue < 0)
		return false;
	if (move_threads(&guest->cpus[queue], cpu, source, domain->nr_failed))
		domain->nr_failed = 0;
	else
		domain->nr_failed++;
	return true;
}

void guest_balance_busy(struct guest_cpu *cpu)
{
	struct guest *guest = cpu->guest;
	struct guest_domain *domain;

	if (!guest->config.balance_busy || !cpu->current || guest->nr_cpus < 2 || !is_due(cpu))
		return;
	domain = &guest->sched->domains[cpu->index];
	domain->last_balance = (int64_t)guest_jiffies(guest);
	if (pass(cpu, domain)) {
		domain->interval_ms = guest->nr_cpus;
	} else {
		domain->nr_failed = 0;
		domain->interval_ms =
			balance_longer_interval(domain->interval_ms, guest->nr_cpus, false);
	}
}
