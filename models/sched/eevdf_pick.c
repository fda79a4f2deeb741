/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who runs next, and the switch to it. */
#include <stddef.h>

#include "models/sched/eevdf_internal.h"

/* ---- Pick -------------------------------------------------------------------------------- */

/* The winner of one queue, delayed or not (__pick_eevdf). */
static struct eevdf_entity *best_entity(const struct eevdf_queue *queue, bool protect)
{
	struct eevdf_entity *curr = eevdf_queued_curr(queue);
	struct eevdf_entity *best;

	if (queue->nr_queued == 1)
		return curr ? curr : queue->tree;

	if (protect && queue->next && eevdf_feature(queue->rq, EEVDF_PICK_BUDDY) &&
	    oversub_eevdf_eligible(queue->next))
		return queue->next;

	if (curr && !oversub_eevdf_eligible(curr))
		curr = NULL;
	if (curr && protect && eevdf_protected(curr))
		return curr;

	best = eevdf_tree_first_eligible(queue);
	if (!best || (curr && eevdf_before(curr->deadline, best->deadline)))
		return curr;
	return best;
}

void eevdf_finish_delayed(struct eevdf_rq *rq, struct eevdf_entity *entity, uint64_t now)
{
	eevdf_update_clock(rq, now);
	if (entity->delayed)
		eevdf_dequeue_task(rq, entity, EEVDF_F_SLEEP | EEVDF_F_DELAYED);
}

struct eevdf_entity *eevdf_pick_entity(struct eevdf_queue *queue, bool protect)
{
	struct eevdf_entity *entity = best_entity(queue, protect);

	if (!entity->delayed)
		return entity;
	eevdf_dequeue_task(queue->rq, entity, EEVDF_F_SLEEP | EEVDF_F_DELAYED);
	return NULL;
}

struct eevdf_entity *eevdf_pick(struct eevdf_rq *rq)
{
	struct eevdf_queue *queue = &rq->root;

	while (queue->nr_queued) {
		struct eevdf_entity *entity;

		if (eevdf_queued_curr(queue))
			eevdf_update_curr(queue);
		entity = eevdf_pick_entity(queue, true);
		if (!entity)
			queue = &rq->root;
		else if (!entity->own_queue)
			return entity;
		else
			queue = entity->own_queue;
	}
	return NULL;
}

struct eevdf_entity *eevdf_pick_task(struct eevdf_entity *task)
{
	for (struct eevdf_entity *entity = task; entity; entity = entity->parent)
		eevdf_update_curr(entity->queue);
	return task;
}

/* ---- Switch ------------------------------------------------------------------------------ */

static void put_prev_entity(struct eevdf_entity *entity)
{
	struct eevdf_queue *queue = entity->queue;

	if (entity->on_rq) {
		eevdf_update_curr(queue);
		eevdf_queue_insert(queue, entity);
		if (eevdf_tracks_load(queue->rq))
			eevdf_load_update(entity, 0);
	}
	queue->curr = NULL;
}

/* Up to and including the level where prev and next compete; all levels if next is NULL. */
static void put_prev_task(struct eevdf_entity *prev, const struct eevdf_entity *next)
{
	for (struct eevdf_entity *entity = prev; entity; entity = entity->parent) {
		while (next && next->depth > entity->depth)
			next = next->parent;
		put_prev_entity(entity);
		if (next && next->queue == entity->queue)
			return;
	}
}

/* True: the group has no time left. */
static bool take_cpu(struct eevdf_entity *entity)
{
	struct eevdf_rq *rq = entity->queue->rq;

	/* So far it has been waiting. */
	if (entity->on_rq && eevdf_tracks_load(rq))
		eevdf_load_update(entity, EEVDF_LOAD_PUBLISH);
	entity->exec_start = rq->clock;
	entity->queue->curr = entity;
	return eevdf_has_bandwidth(entity->queue) && eevdf_account_bandwidth(entity->queue, 0);
}

/* Levels shared with the task before have kept their curr; they are not touched. */
static void set_next_task(struct eevdf_entity *next)
{
	for (struct eevdf_entity *entity = next; entity; entity = entity->parent) {
		if (entity->queue->curr)
			return;
		eevdf_clear_buddies(entity);
		if (entity->on_rq) {
			eevdf_queue_remove(entity->queue, entity);
			eevdf_set_protection(entity);
		}
		if (take_cpu(entity))
			next->throttle_work = true;
	}
}

void eevdf_put_curr(struct eevdf_rq *rq)
{
	for (struct eevdf_entity *entity = rq->curr; entity; entity = entity->parent)
		put_prev_entity(entity);
}

void eevdf_restore_curr(struct eevdf_rq *rq)
{
	for (struct eevdf_entity *entity = rq->curr; entity; entity = entity->parent) {
		eevdf_clear_buddies(entity);
		if (entity->on_rq)
			eevdf_queue_remove(entity->queue, entity);
		if (take_cpu(entity))
			rq->curr->throttle_work = true;
	}
}

/* ---- Schedule ---------------------------------------------------------------------------- */

void eevdf_schedule_begin(struct eevdf_rq *rq, enum eevdf_block block, uint64_t now)
{
	rq->in_schedule = true;
	rq->hrtick_requested = false;
	eevdf_update_clock(rq, now);

	if (block == EEVDF_STAY || !rq->curr)
		return;
	if (block == EEVDF_EXIT)
		rq->exiting = rq->curr;
	eevdf_dequeue_task(rq, rq->curr,
			   EEVDF_F_SLEEP | (block == EEVDF_EXIT ? EEVDF_F_SPECIAL : 0));
}

void eevdf_schedule_end(struct eevdf_rq *rq, struct eevdf_entity *next)
{
	struct eevdf_entity *prev = rq->curr;

	if (next != prev) {
		if (prev)
			put_prev_task(prev, next);
		if (next) {
			set_next_task(next);
			eevdf_hrtick_arm(rq, next);
		}
		rq->curr = next;
		rq->nr_switches++;
	}
	if (rq->exiting && eevdf_tracks_load(rq))
		eevdf_load_exit(rq->exiting);
	rq->exiting = NULL;
	rq->need_resched = false;
	rq->need_resched_lazy = false;
	eevdf_hrtick_settle(rq);
}

struct eevdf_entity *eevdf_schedule(struct eevdf_rq *rq, enum eevdf_block block, uint64_t now)
{
	eevdf_schedule_begin(rq, block, now);
	eevdf_schedule_end(rq, eevdf_pick(rq));
	return rq->curr;
}
