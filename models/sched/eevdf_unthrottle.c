/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bandwidth control in the hierarchy: the running task leaves, and queues get time again. */
#include "models/sched/eevdf_bandwidth.h"
#include "models/sched/eevdf_internal.h"
#include "sim/base/container_of.h"

static struct eevdf_queue *queue_of(struct bandwidth_queue *bandwidth)
{
	return container_of(bandwidth, struct eevdf_queue, bandwidth);
}

bool eevdf_throttle_work(struct eevdf_rq *rq, uint64_t now)
{
	struct eevdf_entity *task = rq->curr;

	if (!task || !task->throttle_work)
		return false;
	task->throttle_work = false;
	if (!task->queue->bandwidth.throttle_count)
		return false;
	eevdf_update_clock(rq, now);
	eevdf_dequeue_task(rq, task, EEVDF_F_SLEEP | EEVDF_F_THROTTLE);
	eevdf_park(task);
	rq->need_resched = true;
	return true;
}

/* ---- Unthrottling -------------------------------------------------------------------------- */

/* As many tasks as can go on; enqueuing one may use up the time of a queue again. */
static void unpark(struct eevdf_queue *queue)
{
	while (queue->limbo && !queue->bandwidth.throttle_count) {
		struct eevdf_entity *task = queue->limbo;

		eevdf_leave_limbo(task);
		task->limbo = false;
		task->limbo_next = queue->rq->unparked_first;
		queue->rq->unparked_first = task;
		eevdf_enqueue_task(queue->rq, task, EEVDF_F_WAKEUP);
	}
}

/* queue and those below it, children first (tg_unthrottle_up). */
static void unthrottle_below(struct eevdf_queue *queue)
{
	for (const struct eevdf_group *child = queue->group->first_child; child;
	     child = child->next_sibling) {
		struct eevdf_group_part *part = eevdf_find_part(child, queue->rq);

		if (part)
			unthrottle_below(&part->queue);
	}
	eevdf_update_curr(queue);
	if (--queue->bandwidth.throttle_count)
		return;
	eevdf_start_pelt_clock(queue);
	unpark(queue);
}

/* unthrottle_cfs_rq */
static void unthrottle(struct eevdf_queue *queue)
{
	struct bandwidth_queue *bandwidth = &queue->bandwidth;
	struct eevdf_rq *rq = queue->rq;

	/* Whoever has not left yet may have used what has just come. */
	eevdf_update_curr(queue);
	if (bandwidth->enabled && bandwidth->remaining <= 0)
		return;
	bandwidth->throttled = false;
	bandwidth_list_remove(eevdf_pool_of(queue), bandwidth);
	if (bandwidth->parked_since)
		eevdf_pool_of(queue)->throttled_time += rq->clock - bandwidth->parked_since;
	bandwidth->parked_since = 0;

	unthrottle_below(queue);
	if (!rq->curr && rq->nr_running)
		rq->need_resched = true;
}

/* Those that were announced on rq. */
static void unthrottle_announced(struct eevdf_rq *rq, uint64_t now)
{
	struct bandwidth_queue *bandwidth = rq->unthrottling_first;

	rq->unthrottling_first = NULL;
	rq->unthrottling_last = NULL;
	eevdf_update_clock(rq, now);
	while (bandwidth) {
		struct bandwidth_queue *next = bandwidth->next_of_cpu;

		bandwidth->unthrottling = false;
		if (bandwidth->throttled)
			unthrottle(queue_of(bandwidth));
		bandwidth = next;
	}
}

void eevdf_unthrottle(struct eevdf_rq *rq, uint64_t now)
{
	rq->unparked_first = NULL;
	unthrottle_announced(rq, now);
}

/* To the list of its CPU; true: it is the first one there (__unthrottle_cfs_rq_async). */
static bool announce(struct bandwidth_queue *bandwidth)
{
	struct eevdf_rq *rq = queue_of(bandwidth)->rq;
	bool first = !rq->unthrottling_first;

	bandwidth->unthrottling = true;
	bandwidth->next_of_cpu = NULL;
	if (first)
		rq->unthrottling_first = bandwidth;
	else
		rq->unthrottling_last->next_of_cpu = bandwidth;
	rq->unthrottling_last = bandwidth;
	return first;
}

/* ---- Distribution -------------------------------------------------------------------------- */

/* The pool over the throttled queues; true: somebody was left out (distribute_cfs_runtime). */
static bool distribute(struct bandwidth_pool *pool, struct eevdf_rq *rq, uint64_t now)
{
	struct bandwidth_queue *bandwidth, *next;
	bool left_out = false;
	bool empty = false;
	bool here = false;

	for (bandwidth = pool->first; bandwidth && !left_out; bandwidth = next) {
		struct eevdf_queue *queue = queue_of(bandwidth);

		next = bandwidth->next;
		if (empty) {
			left_out = true;
			break;
		}
		if (bandwidth->unthrottling)
			continue;
		if (queue->curr) {
			eevdf_update_clock(queue->rq, now);
			eevdf_update_curr(queue);
		}
		left_out = !bandwidth_grant(pool, bandwidth);
		empty = !pool->runtime;
		if (!left_out && announce(bandwidth) && queue->rq == rq)
			here = true;
	}
	if (here)
		unthrottle_announced(rq, now);
	return left_out;
}

void eevdf_period_timer(struct eevdf_group *group, struct eevdf_rq *rq, uint64_t now)
{
	struct bandwidth_pool *pool = &group->bandwidth;

	rq->unparked_first = NULL;
	if (bandwidth_period(pool, (int64_t)now) != BANDWIDTH_DISTRIBUTE)
		return;
	while (pool->runtime > 0 && distribute(pool, rq, now))
		;
}

void eevdf_slack_timer(struct eevdf_group *group, struct eevdf_rq *rq, uint64_t now)
{
	rq->unparked_first = NULL;
	if (bandwidth_slack(&group->bandwidth, (int64_t)now) == BANDWIDTH_DISTRIBUTE)
		distribute(&group->bandwidth, rq, now);
}

/* ---- Set-up -------------------------------------------------------------------------------- */

void eevdf_set_bandwidth(struct eevdf_group *group, int64_t period, int64_t quota, int64_t burst,
			 uint64_t now)
{
	bandwidth_set(&group->bandwidth, period, quota, burst, (int64_t)now);
	for (int i = 0; i < group->nr_parts; i++) {
		struct eevdf_queue *queue = &group->parts[i]->queue;

		queue->bandwidth.enabled = bandwidth_limited(&group->bandwidth);
		queue->bandwidth.remaining = 1;
		queue->rq->unparked_first = NULL;
		if (!queue->bandwidth.throttled)
			continue;
		eevdf_update_clock(queue->rq, now);
		unthrottle(queue);
	}
}

void eevdf_bandwidth_add_part(struct eevdf_group_part *part)
{
	const struct eevdf_queue *above = part->entity.queue;

	if (bandwidth_limited(&part->queue.group->bandwidth)) {
		part->queue.bandwidth.enabled = true;
		part->queue.bandwidth.remaining = 1;
	}
	part->queue.bandwidth.throttle_count = above->bandwidth.throttle_count;
	if (above->bandwidth.throttle_count)
		eevdf_stop_pelt_clock(&part->queue);
}

void eevdf_bandwidth_remove_part(struct eevdf_group_part *part)
{
	struct bandwidth_queue *bandwidth = &part->queue.bandwidth;
	struct eevdf_rq *rq = part->queue.rq;
	struct bandwidth_queue **link = &rq->unthrottling_first;

	if (!bandwidth->unthrottling)
		return;
	rq->unthrottling_last = NULL;
	while (*link) {
		if (*link == bandwidth) {
			*link = bandwidth->next_of_cpu;
			continue;
		}
		rq->unthrottling_last = *link;
		link = &(*link)->next_of_cpu;
	}
}
