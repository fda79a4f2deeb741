/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bandwidth control in the hierarchy: a queue uses up its time and is throttled, its tasks are
 * parked. How they go on is in eevdf_unthrottle.c.
 */
#include <stddef.h>

#include "models/sched/eevdf_bandwidth.h"
#include "models/sched/eevdf_internal.h"

/* ---- The clock of averages ----------------------------------------------------------------- */

void eevdf_stop_pelt_clock(struct eevdf_queue *queue)
{
	if (queue->pelt_stopped)
		return;
	queue->pelt_stopped = true;
	queue->pelt_stopped_since = queue->rq->clock;
}

void eevdf_start_pelt_clock(struct eevdf_queue *queue)
{
	if (!queue->pelt_stopped)
		return;
	queue->pelt_stopped = false;
	queue->pelt_stopped_time += queue->rq->clock - queue->pelt_stopped_since;
}

/* ---- Timers -------------------------------------------------------------------------------- */

/* If queue has started a timer of its pool: to the list of its CPU, once. */
static void note_timer(const struct eevdf_queue *queue)
{
	struct bandwidth_pool *pool = eevdf_pool_of(queue);

	if (!pool->timer_started || pool->noted)
		return;
	pool->noted = true;
	pool->next_started = queue->rq->started_first;
	queue->rq->started_first = pool;
}

struct bandwidth_pool *eevdf_take_started(struct eevdf_rq *rq)
{
	struct bandwidth_pool *pool = rq->started_first;

	if (pool) {
		rq->started_first = pool->next_started;
		pool->noted = false;
		pool->timer_started = false;
	}
	return pool;
}

/* ---- Throttling ---------------------------------------------------------------------------- */

/* queue and those below it (tg_throttle_down). */
static void throttle_below(struct eevdf_queue *queue)
{
	for (const struct eevdf_group *child = queue->group->first_child; child;
	     child = child->next_sibling) {
		struct eevdf_group_part *part = eevdf_find_part(child, queue->rq);

		if (part)
			throttle_below(&part->queue);
	}
	if (!queue->bandwidth.throttle_count++ && !queue->nr_queued)
		eevdf_stop_pelt_clock(queue);
}

/* Unless the pool has something left; true: it has not (throttle_cfs_rq). */
static bool throttle(struct eevdf_queue *queue)
{
	struct eevdf_rq *rq = queue->rq;
	bool running = eevdf_queued_curr(queue);

	bool drawn = bandwidth_draw(eevdf_pool_of(queue), &queue->bandwidth, running,
				    (int64_t)rq->clock);

	note_timer(queue);
	if (drawn)
		return false;
	bandwidth_list_add(eevdf_pool_of(queue), &queue->bandwidth);
	throttle_below(queue);
	queue->bandwidth.throttled = true;
	if (running && rq->curr)
		rq->curr->throttle_work = true;
	return true;
}

bool eevdf_account_bandwidth(struct eevdf_queue *queue, uint64_t delta)
{
	queue->bandwidth.remaining -= (int64_t)delta;
	if (queue->bandwidth.remaining > 0)
		return false;
	return queue->bandwidth.throttled || throttle(queue);
}

void eevdf_bandwidth_first_queued(struct eevdf_queue *queue)
{
	/* Time is not asked for without need. */
	if (eevdf_has_bandwidth(queue) && !queue->curr && !queue->bandwidth.throttled)
		eevdf_account_bandwidth(queue, 0);
	eevdf_start_pelt_clock(queue);
}

void eevdf_bandwidth_last_left(struct eevdf_queue *queue)
{
	bandwidth_give_back(eevdf_pool_of(queue), &queue->bandwidth, (int64_t)queue->rq->clock);
	note_timer(queue);
}

/* ---- Parked tasks -------------------------------------------------------------------------- */

void eevdf_park(struct eevdf_entity *task)
{
	struct eevdf_queue *queue = task->queue;

	task->limbo = true;
	task->limbo_prev = NULL;
	task->limbo_next = queue->limbo;
	if (queue->limbo)
		queue->limbo->limbo_prev = task;
	queue->limbo = task;
}

void eevdf_leave_limbo(struct eevdf_entity *task)
{
	if (task->limbo_prev)
		task->limbo_prev->limbo_next = task->limbo_next;
	else
		task->queue->limbo = task->limbo_next;
	if (task->limbo_next)
		task->limbo_next->limbo_prev = task->limbo_prev;
}

bool eevdf_enqueue_parked(struct eevdf_entity *task)
{
	if (task->queue->bandwidth.throttle_count && task != task->queue->rq->curr) {
		eevdf_park(task);
		return true;
	}
	task->limbo = false;
	return false;
}

/* It stays in limbo until it is enqueued again. */
void eevdf_dequeue_parked(struct eevdf_entity *task, uint32_t flags)
{
	eevdf_leave_limbo(task);
	if (!(flags & EEVDF_F_MIGRATE) || !eevdf_tracks_load(task->queue->rq))
		return;
	eevdf_load_update(task, EEVDF_LOAD_DETACH);
	for (struct eevdf_entity *entity = task->parent; entity; entity = entity->parent)
		eevdf_load_update(entity, EEVDF_LOAD_PUBLISH);
}
