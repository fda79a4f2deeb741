/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directed yields: the core's part of yield_to(), and the primitives of <oversub/policy.h> of which
 * scheduler-side policies are made.
 */
#include <errno.h>
#include <stddef.h>

#include "models/sched/eevdf_internal.h"

int eevdf_yield_to(const struct oversub_sched_policy *policy, const struct oversub_yield *yield,
		   uint64_t now)
{
	struct eevdf_rq *rq = yield->rq;
	struct eevdf_rq *target_rq = yield->target_rq;
	struct oversub_yield call = *yield;
	bool spared = false;

	if (rq->nr_running == 1 && target_rq->nr_running == 1)
		return -ESRCH;
	if (yield->target == target_rq->curr || !eevdf_task_runnable(yield->target))
		return 0;
	eevdf_update_clock(rq, now);
	eevdf_update_clock(target_rq, now);
	call.spared = &spared;
	if (!policy->yield_to(&call))
		return 0;
	target_rq = eevdf_entity_rq(yield->target);
	if (target_rq != rq && !spared)
		oversub_eevdf_resched(target_rq);
	return 1;
}

/* ---- What a policy may read -------------------------------------------------------------- */

uint64_t oversub_eevdf_clock(const struct eevdf_rq *rq)
{
	return rq->clock;
}

unsigned int oversub_eevdf_nr_running(const struct eevdf_rq *rq)
{
	return rq->nr_running;
}

struct eevdf_entity *oversub_eevdf_parent(const struct eevdf_entity *entity)
{
	return entity->parent;
}

unsigned int oversub_eevdf_nr_queued(const struct eevdf_entity *entity)
{
	return entity->queue->nr_queued;
}

unsigned int oversub_eevdf_h_nr_queued(const struct eevdf_entity *entity)
{
	return entity->queue->h_nr_queued;
}

unsigned int oversub_eevdf_h_nr_runnable(const struct eevdf_entity *entity)
{
	return entity->queue->h_nr_runnable;
}

void oversub_eevdf_common_ancestor(struct eevdf_entity **a, struct eevdf_entity **b)
{
	while ((*a)->depth > (*b)->depth)
		*a = (*a)->parent;
	while ((*b)->depth > (*a)->depth)
		*b = (*b)->parent;
	while ((*a)->queue != (*b)->queue) {
		*a = (*a)->parent;
		*b = (*b)->parent;
	}
}

bool oversub_eevdf_same_queue(const struct eevdf_entity *a, const struct eevdf_entity *b)
{
	return a->queue == b->queue;
}

uint64_t oversub_eevdf_vruntime(const struct eevdf_entity *entity)
{
	return entity->vruntime;
}

uint64_t oversub_eevdf_deadline(const struct eevdf_entity *entity)
{
	return entity->deadline;
}

uint64_t oversub_eevdf_slice(const struct eevdf_rq *rq, const struct eevdf_entity *entity)
{
	return entity->custom_slice ? entity->slice : rq->config->base_slice_ns;
}

uint64_t oversub_eevdf_base_slice(const struct eevdf_rq *rq)
{
	return rq->config->base_slice_ns;
}

uint64_t oversub_eevdf_calc_delta_fair(uint64_t delta, const struct eevdf_entity *entity)
{
	return eevdf_scale(delta, entity->weight);
}

int64_t oversub_eevdf_lag_limit(struct eevdf_rq *rq, const struct eevdf_entity *entity)
{
	(void)rq;
	return eevdf_entity_lag_limit(entity);
}

bool oversub_eevdf_is_curr(const struct eevdf_entity *entity)
{
	return entity->queue->curr == entity;
}

/* ---- What only the machine knows, and does ----------------------------------------------- */

enum oversub_distance oversub_yield_distance(const struct oversub_yield *yield)
{
	return yield->machine ? yield->machine->distance(yield) : OVERSUB_SAME_CPU;
}

int64_t oversub_yield_residency(const struct oversub_yield *yield)
{
	return yield->machine ? yield->machine->residency(yield) : INT64_MAX;
}

bool oversub_yield_pull(const struct oversub_yield *yield)
{
	return yield->machine && yield->machine->pull(yield);
}

void oversub_yield_spare(const struct oversub_yield *yield)
{
	*yield->spared = true;
}

/* ---- What a policy may do ---------------------------------------------------------------- */

void oversub_eevdf_nominate(struct eevdf_entity *target)
{
	eevdf_set_next_buddy(target);
}

void oversub_eevdf_account(struct eevdf_rq *rq, struct eevdf_entity *entity)
{
	(void)rq;
	eevdf_update_curr(entity->queue);
}

bool oversub_eevdf_forfeit_entity(struct eevdf_rq *rq, struct eevdf_entity *entity)
{
	(void)rq;
	eevdf_update_curr(entity->queue);
	if (!oversub_eevdf_eligible(entity))
		return false;
	entity->vruntime = entity->deadline;
	eevdf_renew_deadline(entity);
	eevdf_queue_recentre(entity->queue);
	return true;
}

void oversub_eevdf_forfeit(struct eevdf_rq *rq)
{
	if (rq->nr_running == 1)
		return;
	eevdf_clear_buddies(rq->curr);
	oversub_eevdf_forfeit_entity(rq, rq->curr);
}

/* The running entity moves as a whole, so that what is left of its request stays. */
static bool credit_running(struct eevdf_entity *entity, int64_t margin)
{
	struct eevdf_queue *queue = entity->queue;
	int64_t others = (int64_t)queue->sum_weight;
	int64_t lag = (int64_t)(eevdf_queue_recentre(queue) - entity->vruntime);
	int64_t need = margin - lag;
	uint64_t shift;

	if (need <= 0 || !others)
		return false;
	/* The mean follows it back: shift by more than needed, rounded up. */
	shift = (uint64_t)(((__int128)need * (others + (int64_t)entity->weight) + others - 1) /
			   others);
	entity->vruntime -= shift;
	entity->deadline -= shift;
	entity->vprot -= shift;
	eevdf_queue_recentre(queue);
	return true;
}

/* A waiting entity is placed anew, as one that was delayed and has become eligible. */
static void credit_waiting(struct eevdf_entity *entity, int64_t margin)
{
	struct eevdf_queue *queue = entity->queue;

	entity->vlag = margin;
	queue->nr_queued--;
	eevdf_queue_remove(queue, entity);
	eevdf_place_entity(entity, 0);
	eevdf_queue_insert(queue, entity);
	queue->nr_queued++;
}

bool oversub_eevdf_credit(struct eevdf_rq *rq, struct eevdf_entity *entity, int64_t margin)
{
	(void)rq;
	if (entity->queue->nr_queued <= 1 || oversub_eevdf_eligible(entity))
		return false;
	if (oversub_eevdf_is_curr(entity))
		return credit_running(entity, margin);
	credit_waiting(entity, margin);
	return true;
}

void oversub_eevdf_charge(struct eevdf_rq *rq, struct eevdf_entity *entity, uint64_t penalty)
{
	bool running = oversub_eevdf_is_curr(entity);

	if (!running)
		eevdf_queue_remove(entity->queue, entity);
	entity->vruntime += penalty;
	entity->deadline =
		entity->vruntime + eevdf_scale(oversub_eevdf_slice(rq, entity), entity->weight);
	if (!running)
		eevdf_queue_insert(entity->queue, entity);
}

void oversub_eevdf_resched(struct eevdf_rq *rq)
{
	rq->need_resched = true;
}
