/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Load tracking in the hierarchy of queues: when the averages of entities, queues and groups are
 * brought up to date, and with what. The arithmetic is in pelt.c.
 *
 * A group sums up over CPUs what its queues publish. A task takes its averages along when it moves:
 * one that is queued is subtracted at once, a sleeper at the next update of the queue it left.
 */
#include <stddef.h>

#include "models/sched/eevdf_internal.h"

static inline uint64_t weight_of(const struct eevdf_entity *entity)
{
	return eevdf_scale_load_down(entity->weight);
}

static inline uint64_t load_of(const struct eevdf_queue *queue)
{
	return eevdf_scale_load_down(queue->load);
}

/* The clock of averages stands still while queue is throttled and empty (cfs_rq_clock_pelt). */
static inline uint64_t clock_of(const struct eevdf_queue *queue)
{
	uint64_t clock = queue->pelt_stopped ? queue->pelt_stopped_since : queue->rq->clock;

	return clock - queue->pelt_stopped_time;
}

/* ---- Updates ----------------------------------------------------------------------------- */

static inline void update_entity(struct eevdf_entity *entity, uint64_t now)
{
	struct eevdf_queue *queue = entity->queue;
	uint64_t runnable = entity->own_queue ? entity->runnable_weight : entity->on_rq;
	bool running = queue->curr == entity;

	/* The delayed one is queued, but does not want the CPU. */
	if (entity->delayed)
		runnable = 0;
	if (!pelt_within_period(&entity->avg, now, entity->on_rq, runnable, running))
		pelt_update_entity(&entity->avg, now, weight_of(entity), entity->on_rq, runnable,
				   running);
}

static inline bool update_queue(struct eevdf_queue *queue, uint64_t now)
{
	uint64_t load = load_of(queue);

	if (!queue->pelt.removed_nr &&
	    pelt_within_period(&queue->pelt.avg, now, load, queue->h_nr_runnable, queue->curr))
		return false;
	return pelt_update_queue(&queue->pelt, now, load, queue->h_nr_runnable, queue->curr);
}

static bool load_update_queue(struct eevdf_queue *queue)
{
	return update_queue(queue, clock_of(queue));
}

static void publish(struct eevdf_queue *queue)
{
	if (queue->group)
		pelt_publish(&queue->pelt, &queue->group->load_avg, queue->rq->clock);
}

static bool propagate(struct eevdf_entity *entity)
{
	struct eevdf_queue *below = entity->own_queue;

	return below && below->pelt.propagate &&
	       pelt_propagate(&entity->queue->pelt, &entity->avg, weight_of(entity), &below->pelt,
			      load_of(below));
}

void eevdf_load_update(struct eevdf_entity *entity, uint32_t flags)
{
	struct eevdf_queue *queue = entity->queue;
	uint64_t now = clock_of(queue);
	bool changed;

	if (entity->attached)
		update_entity(entity, now);
	changed = update_queue(queue, now);
	changed |= propagate(entity);

	if (!entity->attached && (flags & EEVDF_LOAD_ATTACH)) {
		pelt_attach(&queue->pelt, &entity->avg, weight_of(entity));
		entity->attached = true;
		publish(queue);
	} else if (flags & EEVDF_LOAD_DETACH) {
		pelt_detach(&queue->pelt, &entity->avg, weight_of(entity));
		publish(queue);
	} else if (changed && (flags & EEVDF_LOAD_PUBLISH)) {
		publish(queue);
	}
	if (flags & EEVDF_LOAD_UTIL_EST)
		pelt_estimate_util(&entity->avg);
}

void eevdf_load_note_runnable(struct eevdf_entity *entity)
{
	if (entity->own_queue)
		entity->runnable_weight = entity->own_queue->h_nr_runnable;
}

void eevdf_load_reweight(struct eevdf_entity *entity, uint64_t weight)
{
	pelt_reweight(&entity->queue->pelt, &entity->avg, weight_of(entity),
		      eevdf_scale_load_down(weight));
}

/* ---- Tasks ------------------------------------------------------------------------------- */

void eevdf_load_start(struct eevdf_entity *task)
{
	pelt_guess_util(&task->queue->pelt, &task->avg, weight_of(task));
}

static inline uint32_t util_est(const struct eevdf_entity *task)
{
	return task->avg.util_est & ~PELT_UTIL_EST_FRESH;
}

void eevdf_load_add_util_est(struct eevdf_entity *task)
{
	task->queue->rq->root.pelt.avg.util_est += util_est(task);
}

void eevdf_load_sub_util_est(struct eevdf_entity *task)
{
	uint32_t *sum = &task->queue->rq->root.pelt.avg.util_est;

	*sum -= *sum < util_est(task) ? *sum : util_est(task);
}

void eevdf_load_detached(struct eevdf_entity *task)
{
	task->attached = false;
	task->avg.last_update_time = 0;
}

void eevdf_load_migrate(struct eevdf_entity *task, uint64_t now)
{
	pelt_remove(&task->queue->pelt, &task->avg, weight_of(task));
	/* A CPU without work does not update its queues: the time since then has to be added. */
	if (!task->queue->rq->curr &&
	    (task->avg.load_sum || task->avg.runnable_sum || task->avg.util_sum))
		pelt_update_blocked(&task->avg, now, weight_of(task));
	eevdf_load_detached(task);
}

void eevdf_load_exit(struct eevdf_entity *task)
{
	pelt_remove(&task->queue->pelt, &task->avg, weight_of(task));
	task->attached = false;
}

/* ---- Groups ------------------------------------------------------------------------------ */

void eevdf_load_add_part(struct eevdf_group_part *part)
{
	struct eevdf_entity *entity = &part->entity;

	eevdf_load_update(entity, EEVDF_LOAD_ATTACH);
	eevdf_leaf_add(entity->queue);
	for (entity = entity->parent; entity; entity = entity->parent) {
		eevdf_load_update(entity, EEVDF_LOAD_PUBLISH);
		eevdf_leaf_add(entity->queue);
	}
}

void eevdf_load_remove_part(struct eevdf_group_part *part)
{
	eevdf_load_exit(&part->entity);
	eevdf_leaf_remove(&part->queue);
}

/* Per queue on the way down from the last one that is up to date (update_cfs_rq_h_load). */
static uint64_t queue_h_load(struct eevdf_queue *queue, uint64_t jiffies)
{
	const struct eevdf_entity *entity = queue->entity;

	if (queue->h_load_stamp == jiffies)
		return queue->h_load;
	if (entity)
		queue->h_load = queue_h_load(entity->queue, jiffies) * entity->avg.load_avg /
				(entity->queue->pelt.avg.load_avg + 1);
	else
		queue->h_load = queue->pelt.avg.load_avg;
	queue->h_load_stamp = jiffies;
	return queue->h_load;
}

uint64_t eevdf_task_h_load(struct eevdf_entity *task, uint64_t jiffies)
{
	return task->avg.load_avg * queue_h_load(task->queue, jiffies) /
	       (task->queue->pelt.avg.load_avg + 1);
}

/* ---- Where nothing is queued -------------------------------------------------------------- */

static bool has_load(const struct eevdf_entity *entity)
{
	return entity->avg.load_avg || entity->avg.util_avg || entity->own_queue->pelt.propagate;
}

/* One queue, and the entity that stands for it above. */
static bool update_blocked_queue(struct eevdf_queue *queue)
{
	bool changed = load_update_queue(queue);

	if (changed)
		publish(queue);
	if (queue->entity && has_load(queue->entity))
		eevdf_load_update(queue->entity, EEVDF_LOAD_PUBLISH);
	return changed;
}

int eevdf_update_blocked_averages(struct eevdf_rq *rq, uint64_t now)
{
	struct eevdf_queue *queue, *next;
	int found = 0;

	if (!eevdf_tracks_load(rq))
		return 0;
	eevdf_update_clock(rq, now);
	for (queue = rq->leaf_first; queue; queue = next) {
		bool changed = update_blocked_queue(queue);

		next = queue->leaf_next;
		if (changed && queue == &rq->root)
			found |= EEVDF_BLOCKED_DECAYED;
		if (queue->pelt.avg.load_avg || queue->pelt.avg.util_avg)
			found |= EEVDF_BLOCKED_LEFT;
		if (eevdf_leaf_is_decayed(queue))
			eevdf_leaf_remove(queue);
	}
	return found;
}
