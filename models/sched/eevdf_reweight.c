/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weight of an entity changes, also while it is queued; and what that of a group should be. */
#include <stddef.h>

#include "models/sched/eevdf_internal.h"

/* ---- Weight of one entity ---------------------------------------------------------------- */

/* A virtual duration of weight from, worth the same CPU time at weight to. */
static int64_t rescale(int64_t duration, uint64_t from, uint64_t to)
{
	return (int64_t)((uint64_t)duration * from) / (int64_t)to;
}

/* Of an entity that is not queued: only what it carries along is in its virtual time. */
void eevdf_reweight_absent(struct eevdf_entity *entity, uint64_t weight)
{
	if (eevdf_tracks_load(entity->queue->rq))
		eevdf_load_reweight(entity, weight);
	entity->vlag = rescale(entity->vlag, entity->weight, weight);
	if (entity->rel_deadline)
		entity->deadline =
			(uint64_t)rescale((int64_t)entity->deadline, entity->weight, weight);
	entity->weight = weight;
}

/* Keep the lag, the rest of the request and of the protection worth the same CPU time. */
static void reweight_queued(struct eevdf_entity *entity, uint64_t weight)
{
	struct eevdf_queue *queue = entity->queue;
	bool running = queue->curr == entity;
	uint64_t old = entity->weight;
	bool protected;
	uint64_t mean;
	int64_t to_deadline;
	int64_t to_vprot;

	eevdf_update_curr(queue);
	mean = eevdf_queue_recentre(queue);
	entity->vlag = eevdf_entity_lag(entity);
	to_deadline = (int64_t)(entity->deadline - mean);
	to_vprot = (int64_t)(entity->vprot - mean);
	protected = running && eevdf_protected(entity);

	if (!running)
		eevdf_queue_remove(queue, entity);
	entity->vlag = rescale(entity->vlag, old, weight);
	if (eevdf_tracks_load(queue->rq))
		eevdf_load_reweight(entity, weight);
	entity->weight = weight;
	eevdf_queue_set_load(queue, queue->load - old + weight);

	entity->deadline = mean + (uint64_t)rescale(to_deadline, old, weight);
	if (protected)
		entity->vprot = mean + (uint64_t)rescale(to_vprot, old, weight);
	entity->vruntime = mean - (uint64_t)entity->vlag;
	if (!running)
		eevdf_queue_insert(queue, entity);
}

/* ---- Weight of a group ------------------------------------------------------------------- */

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

void eevdf_update_group_weight(struct eevdf_entity *entity)
{
	uint64_t weight;

	/* An empty group keeps the weight that it had. */
	if (!entity->own_queue || !entity->own_queue->load)
		return;
	weight = eevdf_group_weight(entity->own_queue);
	if (weight == entity->weight)
		return;
	if (entity->on_rq)
		reweight_queued(entity, weight);
	else
		eevdf_reweight_absent(entity, weight);
}
