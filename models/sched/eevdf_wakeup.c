/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wake-ups, ticks and yields: what reaches a run queue from outside. */
#include <stddef.h>

#include "models/sched/eevdf_internal.h"

/* With WF_SYNC a wakee does not preempt a waker that has run for less (NEXT_BUDDY). */
#define SYNC_PREEMPT_MIN_NS 500000

/* ---- Preemption by a wake-up ------------------------------------------------------------- */

static void preempt(struct eevdf_entity *running, bool is_short)
{
	if (is_short) {
		oversub_eevdf_cancel_protection(running);
		eevdf_clear_buddies(running);
	}
	eevdf_resched_lazy(running->queue->rq);
}

/* Would the pick choose waking now? If it does not, protect the running one anew. */
static void preempt_if_best(struct eevdf_entity *running, struct eevdf_entity *waking,
			    bool is_short)
{
	struct eevdf_queue *queue = running->queue;
	struct eevdf_entity *best;

	do {
		best = eevdf_pick_entity(queue, !is_short);
	} while (!best);

	if (best == waking)
		preempt(running, is_short);
	else if (eevdf_feature(queue->rq, EEVDF_RUN_TO_PARITY))
		eevdf_update_protection(running);
}

/* NEXT_BUDDY: nominate the wakee. False: it will not preempt. */
static bool nominate_wakee(struct eevdf_entity *running, struct eevdf_entity *waking, bool sync,
			   bool *certain)
{
	struct eevdf_queue *queue = running->queue;
	int64_t ran;

	if (queue->next && eevdf_before(queue->next->deadline, waking->deadline))
		return true;
	eevdf_set_next_buddy(waking);
	if (!sync)
		return true;
	ran = (int64_t)(queue->rq->clock - running->exec_start);
	*certain = eevdf_before(waking->deadline, running->deadline) && ran >= SYNC_PREEMPT_MIN_NS;
	return *certain;
}

void eevdf_wakeup_preempt(struct eevdf_rq *rq, struct eevdf_entity *task, uint32_t wake_flags)
{
	struct eevdf_entity *running = rq->curr;
	struct eevdf_entity *waking = task;
	bool certain = false;

	if (!running) {
		rq->need_resched = true;
		return;
	}
	if (running == task || rq->need_resched || !eevdf_feature(rq, EEVDF_WAKEUP_PREEMPTION))
		return;
	oversub_eevdf_common_ancestor(&running, &waking);

	if (eevdf_is_idle_class(running) && !eevdf_is_idle_class(waking)) {
		preempt(running, true);
		return;
	}
	if (eevdf_is_idle_class(running) != eevdf_is_idle_class(waking) ||
	    task->policy != EEVDF_NORMAL)
		return;

	eevdf_update_curr(running->queue);
	if (eevdf_feature(rq, EEVDF_PREEMPT_SHORT) && waking->slice < running->slice) {
		preempt_if_best(running, waking, true);
		return;
	}
	if ((wake_flags & EEVDF_WF_FORK) || waking->delayed)
		return;
	if (eevdf_feature(rq, EEVDF_NEXT_BUDDY) &&
	    !nominate_wakee(running, waking, wake_flags & EEVDF_WF_SYNC, &certain))
		return;
	if (certain)
		preempt(running, false);
	else
		preempt_if_best(running, waking, false);
}

/* ---- Wake-ups ---------------------------------------------------------------------------- */

void eevdf_start(struct eevdf_rq *rq, struct eevdf_entity *task, uint64_t now)
{
	eevdf_update_clock(rq, now);
	if (eevdf_tracks_load(rq))
		eevdf_load_start(task);
	eevdf_enqueue_task(rq, task, EEVDF_F_INITIAL);
	eevdf_wakeup_preempt(rq, task, EEVDF_WF_FORK);
}

void eevdf_wake(struct eevdf_rq *rq, struct eevdf_entity *task, bool sync, uint64_t now)
{
	if (eevdf_task_runnable(task) || task->limbo)
		return;
	eevdf_update_clock(rq, now);
	if (task->on_rq) {
		if (eevdf_tracks_load(rq))
			eevdf_load_add_util_est(task);
		eevdf_requeue_delayed(task);
	} else {
		eevdf_enqueue_task(rq, task, EEVDF_F_WAKEUP);
	}
	if (task != rq->curr)
		eevdf_wakeup_preempt(rq, task, sync ? EEVDF_WF_SYNC : 0);
}

/* ---- Migration --------------------------------------------------------------------------- */

void eevdf_detach(struct eevdf_rq *rq, struct eevdf_entity *task, uint64_t now)
{
	eevdf_update_clock(rq, now);
	eevdf_dequeue_task(rq, task, EEVDF_F_MIGRATE);
	if (eevdf_tracks_load(rq))
		eevdf_load_detached(task);
	/* It has not run where it goes: not cache hot there. */
	task->exec_start = 0;
}

void eevdf_attach(struct eevdf_rq *rq, struct eevdf_entity *task, uint64_t now)
{
	eevdf_update_clock(rq, now);
	eevdf_enqueue_task(rq, task, 0);
	/* It may have been parked at once. */
	if (task->on_rq)
		eevdf_wakeup_preempt(rq, task, 0);
}

/* ---- Ticks ------------------------------------------------------------------------------- */

static void tick_running_chain(struct eevdf_rq *rq)
{
	for (struct eevdf_entity *entity = rq->curr; entity; entity = entity->parent) {
		eevdf_update_curr(entity->queue);
		if (eevdf_tracks_load(rq))
			eevdf_load_update(entity, EEVDF_LOAD_PUBLISH);
		eevdf_update_group_weight(entity);
	}
}

void eevdf_tick(struct eevdf_rq *rq, uint64_t now)
{
	eevdf_update_clock(rq, now);
	tick_running_chain(rq);
}

void eevdf_hrtick(struct eevdf_rq *rq, uint64_t now)
{
	rq->hrtick_pending = false;
	eevdf_update_clock(rq, now);
	tick_running_chain(rq);
	rq->need_resched = true;
}

/* ---- Yield ------------------------------------------------------------------------------- */

void eevdf_yield(struct eevdf_rq *rq, uint64_t now)
{
	if (rq->nr_running != 1)
		eevdf_update_clock(rq, now);
	oversub_eevdf_forfeit(rq);
}
