/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * More primitives of <oversub/sched.h>, of which policies are made that shift lag about or ask
 * before they act. Unlike the kernel's own steps, those that only ask account nothing, so that they
 * may be asked of a remote run queue without a trace.
 */
#include "models/sched/eevdf_internal.h"

/* ---- As it would be if the queue were accounted -------------------------------------------- */

/* Virtual time that the running entity of queue has used since it was last accounted. */
static uint64_t unaccounted(const struct eevdf_queue *queue)
{
	const struct eevdf_entity *curr = eevdf_queued_curr(queue);
	int64_t delta = curr ? (int64_t)(queue->rq->clock - curr->exec_start) : 0;

	return delta > 0 ? eevdf_scale((uint64_t)delta, curr->weight) : 0;
}

/* The sums of queue, and the vruntime of entity, at the clock. */
static struct eevdf_sums present_sums(const struct eevdf_entity *entity, uint64_t *vruntime)
{
	const struct eevdf_queue *queue = entity->queue;
	struct eevdf_sums sums = eevdf_queue_sums(queue);
	uint64_t used = unaccounted(queue);

	if (used)
		sums.w_vruntime += (int64_t)(used * queue->curr->weight);
	*vruntime = entity->vruntime + (entity == queue->curr ? used : 0);
	return sums;
}

static bool is_eligible_now(const struct eevdf_entity *entity)
{
	uint64_t vruntime;
	struct eevdf_sums sums = present_sums(entity, &vruntime);

	return eevdf_sums_eligible(sums, entity->queue->zero_vruntime, vruntime);
}

bool oversub_eevdf_buddy_would_run(const struct eevdf_entity *target)
{
	const struct eevdf_rq *rq = target->queue->rq;
	bool nominates = eevdf_feature(rq, EEVDF_PICK_BUDDY) && !eevdf_is_idle_class(target);

	for (const struct eevdf_entity *entity = target; entity; entity = entity->parent) {
		if (entity->queue->nr_queued > 1 && !(nominates && is_eligible_now(entity)))
			return false;
	}
	return true;
}

/* By how much the weighted sum falls short of what makes entity eligible; not positive: it is. */
static __int128 shortfall(const struct eevdf_entity *entity)
{
	uint64_t vruntime;
	struct eevdf_sums sums = present_sums(entity, &vruntime);
	int64_t key = (int64_t)(vruntime - entity->queue->zero_vruntime);

	return (__int128)key * sums.weight - sums.w_vruntime;
}

static uint64_t divide_up(__int128 value, uint64_t divisor)
{
	return value > 0 ? (uint64_t)((value + divisor - 1) / divisor) : 0;
}

uint64_t oversub_eevdf_until_eligible(const struct eevdf_entity *entity)
{
	/* Whoever runs adds so much to the sum in every ns. */
	return divide_up(shortfall(entity), EEVDF_NICE_0_LOAD);
}

/* ---- Lag ------------------------------------------------------------------------------------ */

int64_t oversub_eevdf_lag(const struct eevdf_entity *entity)
{
	return (int64_t)(eevdf_avg_vruntime(entity->queue) - entity->vruntime);
}

uint64_t oversub_eevdf_cpu_time(uint64_t delta, const struct eevdf_entity *entity)
{
	return divide_up((__int128)delta * entity->weight, EEVDF_NICE_0_LOAD);
}

uint64_t oversub_eevdf_push_needed(const struct eevdf_entity *entity,
				   const struct eevdf_entity *other)
{
	return divide_up(shortfall(other), entity->weight);
}

uint64_t oversub_eevdf_gift_needed(const struct eevdf_entity *entity)
{
	uint64_t others = (uint64_t)eevdf_queue_sums(entity->queue).weight - entity->weight;

	return others ? oversub_eevdf_cpu_time(divide_up(shortfall(entity), others), entity) : 0;
}

uint64_t oversub_eevdf_push_limit(struct eevdf_rq *rq, const struct eevdf_entity *entity)
{
	const struct eevdf_queue *queue = entity->queue;
	struct eevdf_sums sums = eevdf_queue_sums(queue);
	int64_t lowest = (int64_t)(entity->vruntime - queue->zero_vruntime) -
			 oversub_eevdf_lag_limit(rq, entity);
	__int128 room = sums.w_vruntime - (__int128)lowest * sums.weight;

	/* The mean follows by the part that entity has in the weights; alone it has no lag. */
	if (room <= 0 || sums.weight == (int64_t)entity->weight)
		return 0;
	return (uint64_t)(room / (sums.weight - (int64_t)entity->weight));
}

static void take_out(struct eevdf_entity *entity)
{
	if (!oversub_eevdf_is_curr(entity))
		eevdf_queue_remove(entity->queue, entity);
}

static void put_back(struct eevdf_entity *entity)
{
	if (!oversub_eevdf_is_curr(entity))
		eevdf_queue_insert(entity->queue, entity);
}

void oversub_eevdf_transfer(struct eevdf_rq *rq, struct eevdf_entity *from, struct eevdf_entity *to,
			    uint64_t ns)
{
	uint64_t gain = eevdf_scale(ns, to->weight);

	(void)rq;
	take_out(to);
	to->vruntime -= gain;
	to->deadline -= gain;
	to->vprot -= gain;
	put_back(to);
	if (from) {
		take_out(from);
		from->vruntime += eevdf_scale(ns, from->weight);
		if (!eevdf_before(from->vruntime, from->deadline))
			eevdf_renew_deadline(from);
		put_back(from);
	}
	eevdf_queue_recentre(to->queue);
}
