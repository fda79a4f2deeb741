/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Load balancing: what is done about the decisions of balance.h. Any pass, of whatever occasion,
 * looks for a source of work on one level and moves tasks from there (sched_balance_rq). The clock
 * does not advance meanwhile.
 */
#include <stddef.h>
#include <string.h>

#include "models/host/cosched_internal.h"
#include "models/sched/balance_task.h"

#define MAX_TASKS_EXAMINED 32 /* per source (sysctl_sched_nr_migrate) */
#define CAPACITY	   BALANCE_CAPACITY

/* ---- What the balancer knows --------------------------------------------------------------- */

static struct balance_cpu present_state(const struct pcpu *cpu)
{
	struct balance_cpu state = balance_cpu_of(&cpu->rq, host_tracks_load(cpu->host));

	state.idle = !cpu->curr && !cpu->rq.nr_running && !cpu->wake_list;
	state.idle_since = cpu->idle_stamp + 1;
	return state;
}

void balancer_update(struct host *host)
{
	for (int i = 0; i < bitmap_words(host->nr_cpus); i++) {
		uint64_t word = host->stale_cpus[i];

		host->stale_cpus[i] = 0;
		for (; word; word &= word - 1) {
			int cpu = i * 64 + __builtin_ctzll(word);
			const struct balance_cpu state = present_state(&host->cpus[cpu]);

			balance_set_cpu(&host->machine, cpu, &state);
		}
	}
}

/* What a pass learns besides (update_sd_lb_stats). */
static void note_domain(struct pcpu *to, int level, enum balance_idle idle)
{
	struct host *host = to->host;
	const struct topology *topology = &host->topology;
	const struct balance_sums *sums = balance_sums_at(&host->machine, level, to->index);

	if (level == topology->llc_level && idle != BALANCE_NEWLY_IDLE)
		to->llc->nr_idle_scan = balance_nr_idle_scan(sums->util, to->llc->nr_cpus,
							     topology->levels[level].imbalance_pct);
	if (level == topology->nr_levels - 1)
		host->overload = host->nr_overloaded > 0;
}

/* ---- Moving tasks -------------------------------------------------------------------------- */

struct move {
	struct pcpu *from, *to, *by;
	const struct topology_level *level;
	struct balance_source source; /* imbalance: what is left of it */
	enum balance_idle idle;
	unsigned int nr_failed; /* passes that have failed before this one */
	bool all_pinned;	/* no task looked at may run on to */
	struct host_task *tasks[MAX_TASKS_EXAMINED];
	int nr_tasks;
};

/* It would have to wait there, which it does here rightly. */
static bool is_ineligible_on(const struct host_task *task, struct pcpu *cpu)
{
	const struct eevdf_queue *queue;

	if (!balance_is_ineligible(&task->se, &cpu->rq))
		return false;
	queue = host_queue_on(task, cpu);
	return queue && queue->nr_queued;
}

/* The affinity of task and the co-scheduling policy let it be moved there. */
static bool is_allowed(const struct host_task *task, const struct pcpu *to)
{
	return host_task_allows(task, to->index) &&
	       (!task->host->cosched || host_cosched_may_move(task, to));
}

/* can_migrate_task() */
static bool may_move(struct move *move, const struct host_task *task)
{
	if (task->se.delayed && move->source.migration != BALANCE_LOAD)
		return false;
	if (host_task_throttled_on(task, move->to))
		return false;
	if (!is_allowed(task, move->to))
		return false;
	move->all_pinned = false;
	if (task->on_cpu)
		return false;
	if (!move->nr_failed && is_ineligible_on(task, move->to))
		return false;
	return move->nr_failed > (unsigned int)move->level->cache_nice_tries ||
	       !balance_is_cache_hot(move->level, &task->se, &move->to->rq, host_now(task->host));
}

/* What a queued task contributes to the load of its CPU. */
static uint64_t load_of(struct host_task *task)
{
	uint64_t load;

	if (host_tracks_load(task->host))
		return eevdf_task_h_load(&task->se, (uint64_t)host_tick_number(task->host));
	load = eevdf_scale_load_down(task->se.weight);
	for (const struct eevdf_entity *entity = task->se.parent; entity; entity = entity->parent)
		load = load * eevdf_scale_load_down(entity->weight) /
		       (eevdf_scale_load_down(entity->own_queue->load) + 1);
	return load;
}

static uint64_t util_of(const struct host_task *task)
{
	unsigned int nr = task->cpu->rq.root.h_nr_runnable;

	if (!host_tracks_load(task->host))
		return CAPACITY / (nr ? nr : 1);
	return balance_task_util(&task->se);
}

/* What is left of the imbalance has room for task. */
static bool fits(struct move *move, struct host_task *task)
{
	uint64_t size = 1;

	switch (move->source.migration) {
	case BALANCE_LOAD: size = load_of(task); break;
	case BALANCE_UTIL: size = util_of(task); break;
	case BALANCE_TASK: break;
	}
	return balance_fits(&move->source, size, move->nr_failed);
}

static void detach(struct move *move, struct host_task *task)
{
	eevdf_detach(&move->from->rq, &task->se, (uint64_t)host_now(task->host));
	host_link_remove(&task->link);
	move->tasks[move->nr_tasks++] = task;
}

/* From the least recently run on; what stays goes to the other end (detach_tasks). */
static void detach_tasks(struct move *move)
{
	struct pcpu *from = move->from;
	unsigned int left = from->rq.nr_running;

	if (left > MAX_TASKS_EXAMINED)
		left = MAX_TASKS_EXAMINED;
	while (left && from->tasks.prev != &from->tasks && move->source.imbalance > 0) {
		struct host_task *task = container_of(from->tasks.prev, struct host_task, link);

		if (!task->se.on_rq || task->cpu != from) {
			/* The core has dequeued it in the meantime. */
			host_link_remove(&task->link);
			continue;
		}
		if (move->idle != BALANCE_BUSY && from->rq.nr_running <= 1)
			break;
		left--;
		if (!may_move(move, task) || !fits(move, task)) {
			host_link_to_front(&from->tasks, &task->link);
			continue;
		}
		detach(move, task);
		/* Not to be long: something may have been woken here. */
		if (move->idle == BALANCE_NEWLY_IDLE)
			break;
	}
}

static void attach_tasks(struct move *move)
{
	int64_t now = host_now(move->to->host);

	for (int i = move->nr_tasks - 1; i >= 0; i--) {
		struct host_task *task = move->tasks[i];

		/* Without memory it stays. */
		host_move_task(task, move->to, move->by);
		host_link_to_front(&task->cpu->tasks, &task->link);
		eevdf_attach(&task->cpu->rq, &task->se, (uint64_t)now);
	}
	pcpu_after_operation(move->from, true);
	if (move->to != move->by)
		pcpu_after_operation(move->to, true);
}

static void move_tasks(struct move *move)
{
	move->all_pinned = true;
	detach_tasks(move);
	if (move->nr_tasks)
		attach_tasks(move);
}

/* ---- Active balance ------------------------------------------------------------------------ */

/* Have the running task of the source pushed: nothing else has helped (need_active_balance). */
static bool ask_for_push(const struct move *move, int level)
{
	struct pcpu *from = move->from;

	if (move->source.migration != BALANCE_TASK ||
	    move->nr_failed <= (unsigned int)move->level->cache_nice_tries + 2)
		return false;
	if (from->push_to || !from->curr || !is_allowed(from->curr, move->to))
		return false;
	from->push_to = move->to;
	from->push_level = level;
	from->rq.need_resched = true;
	pcpu_after_operation(from, true);
	return true;
}

void balancer_push(struct pcpu *from, struct host_task *task)
{
	struct pcpu *to = from->push_to;
	struct move move = {.from = from, .to = to, .by = from};

	from->push_to = NULL;
	if (!task->se.on_rq || task->se.delayed || task->cpu != from || !is_allowed(task, to))
		return;
	detach(&move, task);
	attach_tasks(&move);
	to->domains[from->push_level].nr_failed = 0;
	from->host->stats.pushed++;
}

/* ---- A pass -------------------------------------------------------------------------------- */

/* Nothing to be done: the next pass may wait longer. */
static int is_balanced(const struct move *move, struct balance_domain *domain)
{
	domain->nr_failed = 0;
	if (move->idle != BALANCE_NEWLY_IDLE)
		domain->interval_ms = balance_longer_interval(domain->interval_ms,
							      move->level->span, move->all_pinned);
	return 0;
}

/* Find a source and move tasks; if they are all bound to it, look for another one. */
static bool find_and_move(struct move *move, struct balance_pass *pass)
{
	struct host *host = move->to->host;
	uint64_t excluded[OVERSUB_MAX_CPUS / 64];

	for (;;) {
		int queue;

		move->source = balance_find_source(pass);
		queue = move->source.group < 0 ? -1 : balance_find_queue(pass, &move->source);
		if (queue < 0)
			return false;
		move->from = &host->cpus[queue];
		move->all_pinned = false;
		if (move->from->rq.nr_running > 1)
			move_tasks(move);
		if (!move->all_pinned)
			return true;
		if (!pass->excluded)
			memset(excluded, 0,
			       (size_t)bitmap_words(host->nr_cpus) * sizeof(*excluded));
		pass->excluded = excluded;
		bitmap_set(excluded, queue, true);
	}
}

int balancer_pass(struct pcpu *to, struct pcpu *by, int level, enum balance_idle idle, bool *go_on)
{
	struct host *host = to->host;
	struct balance_domain *domain = &to->domains[level];
	struct balance_pass pass = {&host->machine, level, to->index, idle, NULL};
	struct move move = {
		.to = to,
		.by = by,
		.level = &host->topology.levels[level],
		.idle = idle,
		.nr_failed = domain->nr_failed,
	};

	/* It may be in the middle of an operation. */
	bitmap_set(host->stale_cpus, to->index, true);
	balancer_update(host);
	if (idle != BALANCE_NEWLY_IDLE && !balance_is_chosen(&pass)) {
		*go_on = false;
		return is_balanced(&move, domain);
	}
	note_domain(to, level, idle);
	if (!find_and_move(&move, &pass))
		return is_balanced(&move, domain);
	if (move.nr_tasks) {
		domain->nr_failed = 0;
	} else {
		domain->nr_failed += idle != BALANCE_NEWLY_IDLE;
		move.nr_failed = domain->nr_failed;
		ask_for_push(&move, level);
	}
	domain->interval_ms = move.level->span;
	return move.nr_tasks;
}

void balancer_init(struct pcpu *cpu)
{
	const struct topology *topology = &cpu->host->topology;
	int64_t tick = host_tick_number(cpu->host);

	for (int i = 0; i < topology->nr_levels; i++) {
		cpu->domains[i].interval_ms = topology->levels[i].span;
		cpu->domains[i].last_balance = tick;
	}
	cpu->next_balance = tick;
	cpu->host->nohz_next_balance = tick;
}
