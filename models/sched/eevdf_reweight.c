/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights, slices and shares that change while entities are queued. */
#include <stddef.h>

#include "models/sched/eevdf_internal.h"

#define SLICE_MIN_NS 100000
#define SLICE_MAX_NS 100000000

/* ---- Weight of one entity ---------------------------------------------------------------- */

/* A virtual duration of weight from, worth the same CPU time at weight to. */
static int64_t rescale(int64_t duration, uint64_t from, uint64_t to)
{
	return (int64_t)((uint64_t)duration * from) / (int64_t)to;
}

/* Of an entity that is not queued: only what it carries along is in its virtual time. */
static void reweight_absent(struct eevdf_entity *entity, uint64_t weight)
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
		reweight_absent(entity, weight);
}

/* ---- Parameters of a task ---------------------------------------------------------------- */

struct change {
	bool queued;
	bool running;
};

/* Take task out of the competition to change it; it carries lag and relative deadline. */
static struct change change_begin(struct eevdf_rq *rq, struct eevdf_entity *task)
{
	struct change change = {task->on_rq || task->limbo, rq->curr == task};

	if (change.queued)
		eevdf_dequeue_task(rq, task, 0);
	if (change.running)
		eevdf_put_curr(rq);
	return change;
}

static void change_end(struct eevdf_rq *rq, struct eevdf_entity *task, struct change change)
{
	if (change.queued)
		eevdf_enqueue_task(rq, task, 0);
	if (change.running)
		eevdf_restore_curr(rq);
}

void eevdf_set_nice(struct eevdf_entity *task, int nice, uint64_t now)
{
	int old_nice = task->nice;
	struct eevdf_rq *rq;
	struct change change;

	if (nice == old_nice)
		return;
	rq = eevdf_entity_rq(task);
	eevdf_update_clock(rq, now);
	change = change_begin(rq, task);
	task->nice = (int8_t)nice;
	reweight_absent(task, eevdf_task_weight(nice, task->policy));
	change_end(rq, task, change);

	if (!change.queued || rq->root.nr_queued == 1)
		return;
	if (!change.running)
		eevdf_wakeup_preempt(rq, task, 0);
	else if (nice > old_nice)
		rq->need_resched = true;
}

uint64_t eevdf_clamp_slice(uint64_t slice_ns)
{
	if (slice_ns < SLICE_MIN_NS)
		return SLICE_MIN_NS;
	return slice_ns > SLICE_MAX_NS ? SLICE_MAX_NS : slice_ns;
}

bool eevdf_set_slice(struct eevdf_entity *task, uint64_t slice_ns, uint64_t now)
{
	struct eevdf_rq *rq = eevdf_entity_rq(task);
	struct change change;

	if (slice_ns && slice_ns == task->slice)
		return false;
	eevdf_update_clock(rq, now);
	change = change_begin(rq, task);
	task->custom_slice = slice_ns != 0;
	task->slice = slice_ns ? eevdf_clamp_slice(slice_ns) : rq->config->base_slice_ns;
	change_end(rq, task, change);
	return true;
}

/* ---- Shares of a group ------------------------------------------------------------------- */

void eevdf_set_shares(struct eevdf_group *group, uint64_t shares, uint64_t now)
{
	uint64_t scaled = eevdf_scale_shares(shares);

	if (scaled == group->shares)
		return;
	group->shares = scaled;
	for (int i = 0; i < group->nr_parts; i++) {
		struct eevdf_entity *entity = &group->parts[i]->entity;

		eevdf_update_clock(eevdf_entity_rq(entity), now);
		for (; entity; entity = entity->parent) {
			if (eevdf_tracks_load(entity->queue->rq))
				eevdf_load_update(entity, EEVDF_LOAD_PUBLISH);
			eevdf_update_group_weight(entity);
		}
	}
}
