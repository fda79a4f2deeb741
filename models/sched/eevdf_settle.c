/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why this is computed: a group that gets its first task on one CPU after the other, all within a
 * tick, is weighed each time by the loads that are known so far. The first CPU gets all of its
 * shares, the 16th a 16th, and the group above, whose loads are these weights, starts that much
 * more uneven: below four levels, some hundreds stand against 2^20. A weight is corrected at an
 * enqueue or dequeue below, or when a tick meets the entity running. Whoever sleeps now and then,
 * or keeps the CPU for a slice, is soon weighed again. A light chain of groups whose vCPU yields
 * every few microseconds and never sleeps waits for that for seconds.
 */
#include "models/sched/eevdf_settle.h"

#include <stddef.h>

#include "models/sched/eevdf_internal.h"

/* The use of a CPU by whoever is always running, as in util_avg. */
#define CAPACITY_FULL 1024
/* Units of a period, pelt.h. */
#define PERIOD_UNITS 1024

/* ---- Weights ----------------------------------------------------------------------------- */

static void publish_all(struct eevdf_group *group)
{
	group->load_avg = 0;
	for (int i = 0; i < group->nr_parts; i++) {
		struct eevdf_queue *queue = &group->parts[i]->queue;

		queue->pelt.avg.load_avg = eevdf_scale_load_down(queue->load);
		queue->pelt.contrib = queue->pelt.avg.load_avg;
		group->load_avg += queue->pelt.contrib;
	}
}

/*
 * A group that has left a CPU keeps the weight there that it had last. It matters: when it comes
 * back, its load counts for the group above with this weight, and is published, before it is
 * weighed anew. With the weight of a group that has never been there, all of its shares, each group
 * above seems to have twice its load until the next publication. Whatever chain is weighed
 * meanwhile, as another one that moves at the same tick, gets half of its due at each level.
 */
static void leave_weights(struct eevdf_group *group)
{
	uint64_t least = group->shares;

	for (int i = 0; i < group->nr_parts; i++)
		if (group->parts[i]->entity.on_rq && group->parts[i]->entity.weight < least)
			least = group->parts[i]->entity.weight;
	for (int i = 0; i < group->nr_parts; i++)
		if (!group->parts[i]->entity.on_rq)
			group->parts[i]->entity.weight = least;
	/* Some parts come into being when they are needed. */
	group->part_weight = least;
}

void eevdf_settle_group(struct eevdf_group *group)
{
	if (!group->nr_parts)
		return;
	if (eevdf_tracks_load(group->parts[0]->queue.rq))
		publish_all(group);
	for (int i = 0; i < group->nr_parts; i++)
		eevdf_update_group_weight(&group->parts[i]->entity);
	leave_weights(group);
}

/* ---- Averages ---------------------------------------------------------------------------- */

/* What all averages of one CPU have in common. */
struct phase {
	uint64_t now;
	uint32_t period_contrib;
};

static void settle_queue(struct eevdf_queue *queue, uint64_t use, struct phase phase);

/* use: the part of the CPU that entity gets, of 1024. */
static void settle_entity(struct eevdf_entity *entity, uint64_t use, struct phase phase)
{
	uint64_t runnable = entity->own_queue ? entity->own_queue->h_nr_runnable : 1;

	pelt_settle(&entity->avg, phase.now, phase.period_contrib,
		    (struct pelt_levels){.load = 1, .runnable = runnable, .util = use},
		    eevdf_scale_load_down(entity->weight));
	entity->attached = true;
	entity->runnable_weight = entity->own_queue ? (uint32_t)runnable : 0;
	if (entity->own_queue)
		settle_queue(entity->own_queue, use, phase);
}

static void settle_members(const struct eevdf_queue *queue, struct eevdf_entity *node, uint64_t use,
			   struct phase phase)
{
	if (!node)
		return;
	settle_members(queue, node->tree_child[0], use, phase);
	settle_entity(node, use * node->weight / queue->load, phase);
	settle_members(queue, node->tree_child[1], use, phase);
}

static void settle_queue(struct eevdf_queue *queue, uint64_t use, struct phase phase)
{
	pelt_settle(&queue->pelt.avg, phase.now, phase.period_contrib,
		    (struct pelt_levels){.load = eevdf_scale_load_down(queue->load),
					 .runnable = queue->h_nr_runnable,
					 .util = use},
		    1);
	queue->pelt.propagate = false;
	queue->pelt.prop_runnable_sum = 0;
	/* Of no jiffy yet, not even of the first. */
	queue->h_load_stamp = UINT64_MAX;
	settle_members(queue, queue->tree, use, phase);
}

/* ---- Requests ---------------------------------------------------------------------------- */

struct dice {
	eevdf_settle_draw *draw;
	void *context;
};

static uint64_t roll(const struct dice *dice, uint64_t n)
{
	return n > 1 ? dice->draw(dice->context, n) : 0;
}

/*
 * The mean is at a random place of the time within which entity is to have its request. It has had
 * it before the mean comes to the end, or it has not, so that on average its lag is 0.
 */
static void settle_request(struct eevdf_entity *entity, uint64_t mean, const struct dice *dice)
{
	uint64_t request = eevdf_scale(entity->slice, entity->weight);
	uint64_t passed = roll(dice, request);
	bool served = roll(dice, request) < passed;

	entity->vruntime = mean - passed + (served ? request : 0);
	entity->deadline = entity->vruntime + request;
}

/* Who is first is in the middle of it. */
static void begin_request(struct eevdf_queue *queue, const struct dice *dice)
{
	struct eevdf_entity *entity = eevdf_tree_first_eligible(queue);

	eevdf_queue_remove(queue, entity);
	entity->deadline =
		entity->vruntime + 1 + roll(dice, eevdf_scale(entity->slice, entity->weight));
	eevdf_queue_insert(queue, entity);
}

static void settle_requests(struct eevdf_queue *queue, const struct dice *dice)
{
	/* One is alone in being placed where the mean is. */
	uint64_t mean = eevdf_queue_recentre(queue);
	struct eevdf_entity *out = NULL;

	/* Out of the tree, an entity's place in it serves as the link of a list. */
	while (queue->tree) {
		struct eevdf_entity *entity = queue->tree;

		eevdf_queue_remove(queue, entity);
		entity->tree_child[0] = out;
		out = entity;
	}
	while (out) {
		struct eevdf_entity *entity = out;

		out = entity->tree_child[0];
		settle_request(entity, mean, dice);
		if (entity->own_queue)
			settle_requests(entity->own_queue, dice);
		eevdf_queue_insert(queue, entity);
	}
	begin_request(queue, dice);
	eevdf_queue_recentre(queue);
}

void eevdf_settle_rq(struct eevdf_rq *rq, eevdf_settle_draw *draw, void *context)
{
	const struct dice dice = {draw, context};

	if (!rq->root.nr_queued)
		return;
	if (eevdf_tracks_load(rq)) {
		const struct phase phase = {rq->clock, (uint32_t)roll(&dice, PERIOD_UNITS)};

		settle_queue(&rq->root, CAPACITY_FULL, phase);
	}
	settle_requests(&rq->root, &dice);
}
