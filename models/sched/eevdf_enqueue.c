/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entities and tasks come and go: enqueue, dequeue, and the delayed state between. */
#include <stddef.h>

#include "models/sched/eevdf_internal.h"

static inline bool is_task(const struct eevdf_entity *entity)
{
	return !entity->own_queue;
}

/* Add to the counts of the queue of entity and of all queues above. */
static void add_h_nr_runnable(struct eevdf_entity *entity, int n)
{
	for (; entity; entity = entity->parent)
		entity->queue->h_nr_runnable += (unsigned int)n;
}

static void set_slice(struct eevdf_entity *entity, uint64_t slice)
{
	entity->slice = slice;
	if (entity->on_rq && entity != entity->queue->curr)
		eevdf_tree_slice_changed(entity);
}

/* Where the entity or the levels below it change. */
static inline void update_load(struct eevdf_entity *entity, uint32_t flags)
{
	if (eevdf_tracks_load(entity->queue->rq)) {
		eevdf_load_update(entity, flags);
		eevdf_load_note_runnable(entity);
	}
}

/*
 * A level that stays queued while something below it comes or goes: its load, weight and slice
 * follow. Returns the slice that its own group requests for it.
 */
static uint64_t refresh_level(struct eevdf_entity *entity, uint64_t slice)
{
	update_load(entity, EEVDF_LOAD_PUBLISH);
	eevdf_update_group_weight(entity);
	set_slice(entity, slice);
	return eevdf_queue_slices(entity->queue).min;
}

/* ---- Enqueue ----------------------------------------------------------------------------- */

static void enqueue_entity(struct eevdf_entity *entity, uint32_t flags)
{
	struct eevdf_queue *queue = entity->queue;
	bool running = entity == queue->curr;

	/* The running one is placed against the others before its own progress is accounted. */
	if (running)
		eevdf_place_entity(entity, flags);
	eevdf_update_curr(queue);
	update_load(entity, EEVDF_LOAD_PUBLISH | EEVDF_LOAD_ATTACH);
	eevdf_update_group_weight(entity);
	if (!running)
		eevdf_place_entity(entity, flags);

	eevdf_queue_set_load(queue, queue->load + entity->weight);
	queue->nr_queued++;
	if (!running)
		eevdf_queue_insert(queue, entity);
	entity->on_rq = true;
	if (queue->nr_queued == 1) {
		if (eevdf_tracks_load(queue->rq))
			eevdf_leaf_add(queue);
		if (eevdf_has_bandwidth(queue) || queue->pelt_stopped)
			eevdf_bandwidth_first_queued(queue);
	}
}

void eevdf_requeue_delayed(struct eevdf_entity *entity)
{
	struct eevdf_queue *queue = entity->queue;
	bool running = entity == queue->curr;

	eevdf_update_curr(queue);
	if (eevdf_tracks_load(queue->rq))
		eevdf_load_update(entity, 0);
	if (eevdf_update_entity_lag(entity)) {
		queue->nr_queued--;
		if (!running)
			eevdf_queue_remove(queue, entity);
		eevdf_place_entity(entity, 0);
		if (!running)
			eevdf_queue_insert(queue, entity);
		queue->nr_queued++;
	}
	entity->delayed = false;
	if (is_task(entity))
		add_h_nr_runnable(entity, 1);
}

void eevdf_enqueue_task(struct eevdf_rq *rq, struct eevdf_entity *task, uint32_t flags)
{
	bool runnable = !task->delayed || (flags & EEVDF_F_WAKEUP);
	struct eevdf_entity *entity = task;
	uint64_t slice = 0;

	if (task->limbo && eevdf_enqueue_parked(task))
		return;
	if (!task->delayed && eevdf_tracks_load(rq))
		eevdf_load_add_util_est(task);
	for (; entity; entity = entity->parent) {
		struct eevdf_queue *queue = entity->queue;

		if (entity->on_rq) {
			if (entity->delayed)
				eevdf_requeue_delayed(entity);
			break;
		}
		/* A group requests what the least of its members requests. */
		if (slice) {
			entity->slice = slice;
			entity->custom_slice = true;
		}
		enqueue_entity(entity, flags);
		slice = eevdf_queue_slices(queue).min;
		queue->h_nr_runnable += runnable;
		queue->h_nr_queued++;
		flags = EEVDF_F_WAKEUP;
	}
	for (; entity; entity = entity->parent) {
		struct eevdf_queue *queue = entity->queue;

		slice = refresh_level(entity, slice);
		queue->h_nr_runnable += runnable;
		queue->h_nr_queued++;
	}
	rq->nr_running++;
	if (rq->curr && !rq->hrtick_pending)
		eevdf_hrtick_arm(rq, rq->curr);
}

/* ---- Dequeue ----------------------------------------------------------------------------- */

/* An entity in debt stays in the competition until it is paid (DELAY_DEQUEUE). */
static bool may_delay(struct eevdf_entity *entity, uint32_t flags)
{
	const struct eevdf_config *config = entity->queue->rq->config;

	if (!(flags & EEVDF_F_SLEEP) ||
	    (flags & (EEVDF_F_SPECIAL | EEVDF_F_DELAYED | EEVDF_F_THROTTLE)) ||
	    !(config->features & EEVDF_DELAY_DEQUEUE))
		return false;
	if (config->delays)
		return config->delays(config->delays_context, entity);
	return !oversub_eevdf_eligible(entity);
}

/* What happens to the averages of an entity that is delayed, or dequeued. */
static uint32_t load_flags(const struct eevdf_entity *entity, uint32_t flags, bool delay)
{
	uint32_t load = delay ? 0 : EEVDF_LOAD_PUBLISH;

	if (!is_task(entity))
		return load;
	if (flags & EEVDF_F_MIGRATE)
		load |= EEVDF_LOAD_DETACH;
	if ((flags & EEVDF_F_SLEEP) && !(flags & EEVDF_F_DELAYED))
		load |= EEVDF_LOAD_UTIL_EST;
	return load;
}

static bool dequeue_entity(struct eevdf_entity *entity, uint32_t flags)
{
	struct eevdf_queue *queue = entity->queue;
	bool delay;

	eevdf_update_curr(queue);
	eevdf_clear_buddies(entity);

	delay = may_delay(entity, flags);
	if (eevdf_tracks_load(queue->rq))
		eevdf_load_update(entity, load_flags(entity, flags, delay));
	if (delay) {
		eevdf_update_entity_lag(entity);
		entity->delayed = true;
		if (is_task(entity))
			add_h_nr_runnable(entity, -1);
		return false;
	}

	eevdf_update_entity_lag(entity);
	if (!(flags & EEVDF_F_SLEEP) && eevdf_feature(queue->rq, EEVDF_PLACE_REL_DEADLINE)) {
		entity->deadline -= entity->vruntime;
		entity->rel_deadline = true;
	}
	if (entity != queue->curr)
		eevdf_queue_remove(queue, entity);
	entity->on_rq = false;
	if (eevdf_tracks_load(queue->rq))
		eevdf_load_note_runnable(entity);
	eevdf_queue_set_load(queue, queue->load - entity->weight);
	queue->nr_queued--;
	if (!queue->nr_queued && eevdf_has_bandwidth(queue))
		eevdf_bandwidth_last_left(queue);
	eevdf_update_group_weight(entity);
	if (!queue->nr_queued && queue->bandwidth.throttle_count)
		eevdf_stop_pelt_clock(queue);

	if (flags & EEVDF_F_DELAYED) {
		entity->delayed = false;
		/* It was taken off these counts when it was delayed; the caller will do so again.
		 */
		if (is_task(entity))
			add_h_nr_runnable(entity, 1);
	}
	return true;
}

/* What the levels above lose with the task or group entity that leaves. */
struct departure {
	unsigned int queued;
	unsigned int runnable;
	bool throttled; /* for want of time */
};

/* The counts of queue. */
static void depart(struct eevdf_queue *queue, struct departure leaving)
{
	queue->h_nr_runnable -= leaving.runnable;
	queue->h_nr_queued -= leaving.queued;
	if (leaving.throttled && queue->bandwidth.throttled && !queue->bandwidth.parked_since)
		queue->bandwidth.parked_since = queue->rq->clock;
}

/*
 * Levels above the last one dequeued: something else is left there, so they stay queued and only
 * their weight, slice and counts change.
 */
static void dequeue_counts(struct eevdf_entity *entity, struct departure leaving, uint64_t slice)
{
	for (; entity; entity = entity->parent) {
		struct eevdf_queue *queue = entity->queue;

		slice = refresh_level(entity, slice);
		depart(queue, leaving);
	}
}

bool eevdf_dequeue_task(struct eevdf_rq *rq, struct eevdf_entity *start, uint32_t flags)
{
	bool sleeps = flags & EEVDF_F_SLEEP;
	bool was_runnable = (flags & (EEVDF_F_SLEEP | EEVDF_F_DELAYED)) || !start->delayed;
	struct departure leaving = {is_task(start), is_task(start) && was_runnable,
				    flags & EEVDF_F_THROTTLE};
	struct eevdf_entity *entity = start;
	uint64_t slice = 0;

	if (start->limbo) {
		eevdf_dequeue_parked(start, flags);
		return true;
	}
	if (is_task(start) && !start->delayed && eevdf_tracks_load(rq))
		eevdf_load_sub_util_est(start);
	while (entity) {
		struct eevdf_queue *queue = entity->queue;

		if (!dequeue_entity(entity, flags)) {
			if (entity == start)
				return false;
			/* An emptied group stays for its debt. */
			slice = eevdf_queue_slices(queue).min;
			break;
		}
		depart(queue, leaving);
		entity = entity->parent;
		if (queue->load) {
			slice = eevdf_queue_slices(queue).min;
			/* Let the rest of the group run on: its cache is warm. */
			if (sleeps && entity)
				eevdf_set_next_buddy(entity);
			break;
		}
		flags |= EEVDF_F_SLEEP;
		flags &= ~(uint32_t)(EEVDF_F_DELAYED | EEVDF_F_SPECIAL);
	}
	dequeue_counts(entity, leaving, slice);
	rq->nr_running -= leaving.queued;
	return true;
}
