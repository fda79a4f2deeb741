/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run queues, groups and tasks come into being. */
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

struct eevdf_group_part *eevdf_group_part(struct eevdf_group *group, struct eevdf_rq *rq)
{
	struct eevdf_group_part *part = eevdf_find_part(group, rq);
	int nr = group->nr_parts, at;

	if (part)
		return part;
	if (!array_add(group->parts, nr))
		return NULL;
	at = eevdf_part_index(group, rq->cpu);
	part = make_part(group, rq);
	if (!part)
		return NULL;
	memmove(&group->parts[at + 1], &group->parts[at],
		(size_t)(group->nr_parts - at) * sizeof(struct eevdf_group_part *));
	group->parts[at] = part;
	group->nr_parts = nr;
	return part;
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
