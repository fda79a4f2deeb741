/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/sched/bandwidth.h"

#include <stddef.h>

#define US		   INT64_C(1000)

#define SLICE_NS	   (5000 * US) /* drawn at a time (sched_cfs_bandwidth_slice_us) */
#define KEPT_NS		   (1000 * US) /* an idle queue keeps so much (min_cfs_rq_runtime) */
#define SLACK_PERIOD_NS	   (5000 * US) /* unused time is collected for so long */
#define MIN_BANDWIDTH_LEFT (2000 * US) /* so near to a refill it is not worth it */

static inline int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- The pool ------------------------------------------------------------------------------ */

void bandwidth_init(struct bandwidth_pool *pool, int64_t phase)
{
	*pool = (struct bandwidth_pool){
		.period = BANDWIDTH_PERIOD_DEFAULT_NS,
		.quota = BANDWIDTH_UNLIMITED,
		.expires = phase,
	};
}

/* __refill_cfs_bandwidth_runtime */
static void refill(struct bandwidth_pool *pool)
{
	int64_t used_beyond;

	pool->runtime += pool->quota;
	used_beyond = pool->runtime_snap - pool->runtime;
	if (used_beyond > 0) {
		pool->burst_time += (uint64_t)used_beyond;
		pool->nr_burst++;
	}
	pool->runtime = least(pool->runtime, pool->quota + pool->burst);
	pool->runtime_snap = pool->runtime;
}

/* Set the period timer to its next time after now; how often it should have fired by now. */
static uint64_t forward(struct bandwidth_pool *pool, int64_t now)
{
	int64_t overrun;

	if (now < pool->expires)
		return 0;
	overrun = 1 + (now - pool->expires) / pool->period;
	pool->expires += overrun * pool->period;
	return (uint64_t)overrun;
}

static void start_period(struct bandwidth_pool *pool, int64_t now)
{
	if (pool->period_active)
		return;
	pool->period_active = true;
	pool->timer_started = true;
	forward(pool, now);
}

void bandwidth_set(struct bandwidth_pool *pool, int64_t period, int64_t quota, int64_t burst,
		   int64_t now)
{
	pool->period = period;
	pool->quota = quota;
	pool->burst = burst;
	if (!bandwidth_limited(pool))
		return;
	refill(pool);
	start_period(pool, now);
}

/* ---- Accounts ------------------------------------------------------------------------------ */

bool bandwidth_draw(struct bandwidth_pool *pool, struct bandwidth_queue *queue, bool running,
		    int64_t now)
{
	int64_t amount = (running ? SLICE_NS : 1) - queue->remaining;

	if (bandwidth_limited(pool)) {
		start_period(pool, now);
		if (pool->runtime > 0) {
			amount = least(amount, pool->runtime);
			pool->runtime -= amount;
			pool->idle = false;
		} else {
			amount = 0;
		}
	}
	queue->remaining += amount;
	return queue->remaining > 0;
}

/* runtime_refresh_within */
static bool refilled_within(const struct bandwidth_pool *pool, int64_t now, int64_t time)
{
	return pool->expires - now < time;
}

static void start_slack(struct bandwidth_pool *pool, int64_t now)
{
	if (pool->slack_started || refilled_within(pool, now, SLACK_PERIOD_NS + MIN_BANDWIDTH_LEFT))
		return;
	pool->slack_started = true;
	pool->timer_started = true;
	pool->slack_expires = now + SLACK_PERIOD_NS;
}

void bandwidth_give_back(struct bandwidth_pool *pool, struct bandwidth_queue *queue, int64_t now)
{
	int64_t slack = queue->remaining - KEPT_NS;

	if (!queue->enabled || slack <= 0)
		return;
	if (bandwidth_limited(pool)) {
		pool->runtime += slack;
		if (pool->runtime > SLICE_NS && pool->first)
			start_slack(pool, now);
	}
	/* It does not matter if it is lost: there is no limit. */
	queue->remaining -= slack;
}

bool bandwidth_grant(struct bandwidth_pool *pool, struct bandwidth_queue *queue)
{
	int64_t amount = least(pool->runtime, 1 - queue->remaining);

	pool->runtime -= amount;
	queue->remaining += amount;
	return queue->remaining > 0;
}

/* ---- Timers -------------------------------------------------------------------------------- */

/* The timer has fired; true: there is no need for the next one. */
static bool period_is_idle(struct bandwidth_pool *pool, uint64_t overrun)
{
	pool->nr_periods += overrun;
	refill(pool);
	if (pool->first) {
		pool->nr_throttled += overrun;
		pool->idle = false;
		return false;
	}
	/* A whole period without demand comes before the end. */
	if (pool->idle)
		return true;
	pool->idle = true;
	return false;
}

enum bandwidth_action bandwidth_period(struct bandwidth_pool *pool, int64_t now)
{
	uint64_t overrun = forward(pool, now);

	if (!overrun)
		return BANDWIDTH_DONE;
	if (!bandwidth_limited(pool) || period_is_idle(pool, overrun)) {
		pool->period_active = false;
		return BANDWIDTH_DONE;
	}
	return pool->first ? BANDWIDTH_DISTRIBUTE : BANDWIDTH_DONE;
}

enum bandwidth_action bandwidth_slack(struct bandwidth_pool *pool, int64_t now)
{
	pool->slack_started = false;
	pool->slack_expires = 0;
	if (refilled_within(pool, now, MIN_BANDWIDTH_LEFT) || !bandwidth_limited(pool) ||
	    pool->runtime <= SLICE_NS)
		return BANDWIDTH_DONE;
	return BANDWIDTH_DISTRIBUTE;
}

/* ---- The list of throttled queues ---------------------------------------------------------- */

void bandwidth_list_add(struct bandwidth_pool *pool, struct bandwidth_queue *queue)
{
	queue->prev = pool->last;
	queue->next = NULL;
	if (pool->last)
		pool->last->next = queue;
	else
		pool->first = queue;
	pool->last = queue;
	pool->nr_queues++;
}

void bandwidth_list_remove(struct bandwidth_pool *pool, struct bandwidth_queue *queue)
{
	if (queue->prev)
		queue->prev->next = queue->next;
	else
		pool->first = queue->next;
	if (queue->next)
		queue->next->prev = queue->prev;
	else
		pool->last = queue->prev;
	pool->nr_queues--;
}
