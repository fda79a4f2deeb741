/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A host that has been up for a while: where its tasks are, and then what eevdf_settle.h computes.
 *
 * The balancer moves tasks until idle CPUs have one and the loads of busy ones are alike, so that
 * is how tasks are put here: the heaviest first, each on the CPU with the least load so far. The
 * load of a task is what its groups' shares leave it, so a vCPU of a small VM weighs more than one
 * of a large VM, and is alone with fewer others.
 */
#include <stdlib.h>
#include <string.h>

#include "models/sched/eevdf_settle.h"
#include "models/host/settle.h"

/* Loads of tasks are in parts of a nice-0 task's of 1024. */
#define LOAD_SHIFT 20

struct candidate {
	struct host_task *task;
	uint64_t load;
	size_t order; /* among those alike */
};

/* ---- The load of a task -------------------------------------------------------------------- */

static struct host_group *group_of(struct eevdf_group *group)
{
	return container_of(group, struct host_group, group);
}

/* What the members of each group weigh together, if all tasks always want their CPU. */
static void sum_members(struct host *host, struct host_task *const *tasks, size_t n)
{
	for (struct host_group *group = host->groups; group; group = group->next)
		group->members = 0;
	for (size_t i = 0; i < n; i++)
		if (tasks[i]->group)
			group_of(tasks[i]->group)->members +=
				eevdf_scale_load_down(tasks[i]->se.weight);
	/* Children come before their parents. */
	for (struct host_group *group = host->groups; group; group = group->next)
		if (group->members && group->group.parent)
			group_of(group->group.parent)->members +=
				eevdf_scale_load_down(group->group.shares);
}

static uint64_t load_of(const struct host_task *task)
{
	uint64_t load = eevdf_scale_load_down(task->se.weight) << LOAD_SHIFT;

	for (struct eevdf_group *group = task->group; group; group = group->parent)
		load = (uint64_t)((unsigned __int128)load * eevdf_scale_load_down(group->shares) /
				  group_of(group)->members);
	return load;
}

/* Those with the least choice of CPUs first, of these the heaviest. */
static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->task->nr_allowed != y->task->nr_allowed)
		return x->task->nr_allowed < y->task->nr_allowed ? -1 : 1;
	if (x->load != y->load)
		return x->load > y->load ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* ---- The start ------------------------------------------------------------------------------ */

static void start_tasks(struct host *host, struct candidate *list, struct host_task *const *tasks,
			size_t n)
{
	sum_members(host, tasks, n);
	for (size_t i = 0; i < n; i++)
		list[i] = (struct candidate){tasks[i], load_of(tasks[i]), i};
	qsort(list, n, sizeof(*list), compare_candidates);
	for (size_t i = 0; i < n; i++) {
		host->settling->next_load = list[i].load;
		host_task_start(list[i].task);
	}
	/* Whoever comes now seldom wants a CPU. */
	host->settling->next_load = 0;
}

bool host_settle_begin(struct host *host, struct host_task *const *tasks, size_t n)
{
	struct candidate *list = calloc(n + 1, sizeof(*list));

	host->settling =
		calloc(1, sizeof(*host->settling) +
				  (size_t)host->nr_cpus * sizeof(host->settling->loads[0]));
	if (list && host->settling) {
		sim_stream_init(&host->settling->dice, host->seed, host->replication, "host",
				"settled CPUs");
		start_tasks(host, list, tasks, n);
	}
	free(list);
	return list && host->settling;
}

static uint64_t draw(void *context, uint64_t n)
{
	return sim_stream_below(context, n);
}

void host_settle_end(struct host *host)
{
	struct sim_stream stream;

	free(host->settling);
	host->settling = NULL;
	sim_stream_init(&stream, host->seed, host->replication, "host", "settled requests");
	for (struct host_group *group = host->groups; group; group = group->next)
		eevdf_settle_group(&group->group);
	for (int i = 0; i < host->nr_cpus; i++)
		eevdf_settle_rq(&host->cpus[i].rq, draw, &stream);
}
