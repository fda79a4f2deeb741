/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run queues, groups and tasks come into being, and where the weight of a group comes from. */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "models/sched/eevdf_internal.h"
#include "sim/base/array.h"

/* Where the virtual time of a new queue begins: a little before it wraps. */
#define VRUNTIME_START ((uint64_t) - (1 << 20))

static void queue_init(struct eevdf_queue *queue, struct eevdf_rq *rq)
{
	*queue = (struct eevdf_queue){
		.rq = rq,
		.zero_vruntime = VRUNTIME_START,
		.tree_seed = 0x9e3779b9,
	};
}

void eevdf_rq_init(struct eevdf_rq *rq, const struct eevdf_config *config, int cpu)
{
	*rq = (struct eevdf_rq){.config = config, .cpu = cpu};
	queue_init(&rq->root, rq);
}

/* ---- Groups ------------------------------------------------------------------------------ */

uint64_t eevdf_scale_shares(uint64_t shares)
{
	if (shares < EEVDF_MIN_SHARES)
		shares = EEVDF_MIN_SHARES;
	if (shares > EEVDF_MAX_SHARES)
		shares = EEVDF_MAX_SHARES;
	return shares << 10;
}

void eevdf_group_init(struct eevdf_group *group, struct eevdf_group *parent, uint64_t shares)
{
	*group = (struct eevdf_group){
		.parent = parent,
		.shares = eevdf_scale_shares(shares),
		.part_weight = EEVDF_NICE_0_LOAD,
	};
	bandwidth_init(&group->bandwidth, 0);
	if (parent) {
		group->next_sibling = parent->first_child;
		parent->first_child = group;
	}
}

static void leave_parent(struct eevdf_group *group)
{
	struct eevdf_group **link;

	if (!group->parent)
		return;
	link = &group->parent->first_child;
	while (*link && *link != group)
		link = &(*link)->next_sibling;
	if (*link)
		*link = group->next_sibling;
}

void eevdf_group_destroy(struct eevdf_group *group)
{
	leave_parent(group);
	for (int i = 0; i < group->nr_parts; i++) {
		if (eevdf_tracks_load(group->parts[i]->queue.rq))
			eevdf_load_remove_part(group->parts[i]);
		eevdf_bandwidth_remove_part(group->parts[i]);
		free(group->parts[i]);
	}
	free(group->parts);
	group->parts = NULL;
	group->nr_parts = 0;
}

/* Index of the first part whose CPU is not below cpu. */
static int find_part(const struct eevdf_group *group, int cpu)
{
	int low = 0;
	int high = group->nr_parts;

	while (low < high) {
		int middle = (low + high) / 2;

		if (group->parts[middle]->queue.rq->cpu < cpu)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct eevdf_group_part *make_part(struct eevdf_group *group, struct eevdf_rq *rq)
{
	struct eevdf_group_part *above = NULL;
	struct eevdf_group_part *part;

	if (group->parent) {
		above = eevdf_group_part(group->parent, rq);
		if (!above)
			return NULL;
	}
	part = calloc(1, sizeof(*part));
	if (!part)
		return NULL;
	queue_init(&part->queue, rq);
	part->queue.entity = &part->entity;
	part->queue.group = group;
	part->entity.own_queue = &part->queue;
	part->entity.group = group;
	part->entity.parent = above ? &above->entity : NULL;
	part->entity.queue = above ? &above->queue : &rq->root;
	part->entity.depth = above ? (uint8_t)(above->entity.depth + 1) : 0;
	/* It gets the weight it should have when a first member is enqueued. */
	part->entity.weight = group->part_weight;
	eevdf_bandwidth_add_part(part);
	if (eevdf_tracks_load(rq))
		eevdf_load_add_part(part);
	return part;
}

struct eevdf_group_part *eevdf_find_part(const struct eevdf_group *group, const struct eevdf_rq *rq)
{
	int at = find_part(group, rq->cpu);

	if (at < group->nr_parts && group->parts[at]->queue.rq == rq)
		return group->parts[at];
	return NULL;
}

struct eevdf_group_part *eevdf_group_part(struct eevdf_group *group, struct eevdf_rq *rq)
{
	struct eevdf_group_part *part = eevdf_find_part(group, rq);
	int nr = group->nr_parts, at;

	if (part)
		return part;
	if (!array_add(group->parts, nr))
		return NULL;
	at = find_part(group, rq->cpu);
	part = make_part(group, rq);
	if (!part)
		return NULL;
	memmove(&group->parts[at + 1], &group->parts[at],
		(size_t)(group->nr_parts - at) * sizeof(struct eevdf_group_part *));
	group->parts[at] = part;
	group->nr_parts = nr;
	return part;
}

/*
 * The shares of a group are split over CPUs in proportion to the load of its queues
 * (calc_group_shares): all of them to the only queue with load.
 */
static uint64_t split_shares(const struct eevdf_group *group, uint64_t load)
{
	uint64_t weight = group->shares;

	if (load != group->load_sum && group->load_sum)
		weight = group->shares * load / group->load_sum;
	if (weight < EEVDF_MIN_SHARES)
		return EEVDF_MIN_SHARES;
	return weight > group->shares ? group->shares : weight;
}

uint64_t eevdf_group_weight(const struct eevdf_queue *queue)
{
	const struct eevdf_group *group = queue->group;

	switch (queue->rq->config->weight_source) {
	case EEVDF_WEIGHT_INSTANTANEOUS:
		return split_shares(group, eevdf_scale_load_down(queue->load));
	case EEVDF_WEIGHT_PELT:
		return pelt_group_weight(&queue->pelt, eevdf_scale_load_down(queue->load),
					 group->load_avg, group->shares, EEVDF_MIN_SHARES);
	case EEVDF_WEIGHT_FIXED: break;
	}
	return group->shares;
}

/* ---- Tasks ------------------------------------------------------------------------------- */

void eevdf_task_init(struct eevdf_entity *task, int nice, enum eevdf_policy policy,
		     uint64_t slice_ns)
{
	*task = (struct eevdf_entity){
		.nice = (int8_t)nice,
		.policy = (uint8_t)policy,
		.weight = eevdf_task_weight(nice, policy),
		.slice = slice_ns ? eevdf_clamp_slice(slice_ns) : 0,
		.custom_slice = slice_ns != 0,
	};
	pelt_init_task(&task->avg, eevdf_scale_load_down(task->weight));
}

bool eevdf_task_set_rq(struct eevdf_entity *task, struct eevdf_group *group, struct eevdf_rq *rq)
{
	struct eevdf_group_part *part = NULL;

	assert(!task->on_rq);
	if (group) {
		part = eevdf_group_part(group, rq);
		if (!part)
			return false;
	}
	if (task->attached && task->queue->rq != rq)
		eevdf_load_migrate(task, rq->clock);
	task->group = group;
	task->queue = part ? &part->queue : &rq->root;
	task->parent = part ? &part->entity : NULL;
	task->depth = part ? (uint8_t)(part->entity.depth + 1) : 0;
	eevdf_refresh_slice(task);
	return true;
}
