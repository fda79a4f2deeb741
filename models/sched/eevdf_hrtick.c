/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slice timer: it fires when the request of the running task has been served. */
#include "models/sched/eevdf_internal.h"

#define HRTICK_MIN_DELAY_NS 10000
#define HRTICK_MIN_MOVE_NS  5000

static void hrtick_start(struct eevdf_rq *rq, uint64_t delay)
{
	uint64_t expires = rq->clock + delay;
	int64_t move = (int64_t)(expires - rq->hrtick_expires);

	if (rq->hrtick_pending && move <= HRTICK_MIN_MOVE_NS && move >= -HRTICK_MIN_MOVE_NS)
		return;
	rq->hrtick_pending = true;
	rq->hrtick_expires = expires;
}

void eevdf_hrtick_arm(struct eevdf_rq *rq, struct eevdf_entity *task)
{
	int64_t left = (int64_t)(task->deadline - task->vruntime);
	uint64_t delay;

	if (!eevdf_feature(rq, EEVDF_HRTICK) || rq->root.h_nr_queued <= 1)
		return;
	if (left < 0) {
		if (task == rq->curr)
			rq->need_resched = true;
		return;
	}
	delay = (uint64_t)left;
	if (task->weight != EEVDF_NICE_0_LOAD)
		delay = task->weight * delay / EEVDF_NICE_0_LOAD;
	if (delay < HRTICK_MIN_DELAY_NS)
		delay = HRTICK_MIN_DELAY_NS;

	if (!rq->in_schedule) {
		hrtick_start(rq, delay);
		return;
	}
	rq->hrtick_requested = true;
	rq->hrtick_delay = delay;
}

/* The timer hardware is programmed once, when it is known who runs. */
void eevdf_hrtick_settle(struct eevdf_rq *rq)
{
	if (rq->hrtick_requested)
		hrtick_start(rq, rq->hrtick_delay);
	else if (!rq->curr && !rq->nr_running)
		rq->hrtick_pending = false;
	rq->hrtick_requested = false;
	rq->in_schedule = false;
}
