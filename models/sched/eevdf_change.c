/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nice values, slices and shares that somebody changes (sched_change). */
#include "models/sched/eevdf_internal.h"

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
	eevdf_reweight_absent(task, eevdf_task_weight(nice, task->policy));
	change_end(rq, task, change);

	if (!change.queued || rq->root.nr_queued == 1)
		return;
	if (!change.running)
		eevdf_wakeup_preempt(rq, task, 0);
	else if (nice > old_nice)
		rq->need_resched = true;
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
