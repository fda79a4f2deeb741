/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One queue: its virtual time, lag, placement, accounting, buddies and slice protection. */
#include "models/sched/eevdf_internal.h"

/* ---- Virtual time ------------------------------------------------------------------------ */

static int64_t floor_div(int64_t value, int64_t divisor)
{
	int64_t quotient = value / divisor;

	return value % divisor < 0 ? quotient - 1 : quotient;
}

/* V - zero_vruntime. */
static int64_t mean_offset(const struct eevdf_queue *queue)
{
	const struct eevdf_entity *curr = eevdf_queued_curr(queue);
	struct eevdf_sums sums;

	if (!queue->tree)
		return curr ? (int64_t)(curr->vruntime - queue->zero_vruntime) : 0;
	sums = eevdf_queue_sums(queue);
	return floor_div(sums.w_vruntime, sums.weight);
}

uint64_t eevdf_avg_vruntime(const struct eevdf_queue *queue)
{
	return queue->zero_vruntime + (uint64_t)mean_offset(queue);
}

/* Move the reference point; what the sum means does not change. */
static void move_zero(struct eevdf_queue *queue, int64_t by)
{
	queue->sum_w_vruntime -= (int64_t)(queue->sum_weight * (uint64_t)by);
	queue->zero_vruntime += (uint64_t)by;
}

uint64_t eevdf_queue_recentre(struct eevdf_queue *queue)
{
	move_zero(queue, mean_offset(queue));
	return queue->zero_vruntime;
}

bool eevdf_vruntime_eligible(const struct eevdf_queue *queue, uint64_t x)
{
	return eevdf_sums_eligible(eevdf_queue_sums(queue), queue->zero_vruntime, x);
}

bool oversub_eevdf_eligible(const struct eevdf_entity *entity)
{
	return eevdf_vruntime_eligible(entity->queue, entity->vruntime);
}

struct eevdf_slices eevdf_queue_slices(const struct eevdf_queue *queue)
{
	const struct eevdf_entity *curr = eevdf_queued_curr(queue);
	struct eevdf_slices slices = {UINT64_MAX, 0};

	if (queue->tree)
		slices = queue->tree->subtree_slices;
	if (curr && curr->slice < slices.min)
		slices.min = curr->slice;
	if (curr && curr->slice > slices.max)
		slices.max = curr->slice;
	return slices;
}

/* ---- Membership -------------------------------------------------------------------------- */

static inline int64_t weighted_key(const struct eevdf_queue *queue,
				   const struct eevdf_entity *entity)
{
	return (int64_t)((entity->vruntime - queue->zero_vruntime) * entity->weight);
}

void eevdf_queue_insert(struct eevdf_queue *queue, struct eevdf_entity *entity)
{
	queue->sum_w_vruntime += weighted_key(queue, entity);
	queue->sum_weight += entity->weight;
	eevdf_tree_insert(queue, entity);
}

void eevdf_queue_remove(struct eevdf_queue *queue, struct eevdf_entity *entity)
{
	eevdf_tree_remove(queue, entity);
	queue->sum_w_vruntime -= weighted_key(queue, entity);
	queue->sum_weight -= entity->weight;
}

void eevdf_queue_set_load(struct eevdf_queue *queue, uint64_t load)
{
	if (queue->group)
		queue->group->load_sum +=
			eevdf_scale_load_down(load) - eevdf_scale_load_down(queue->load);
	queue->load = load;
}

/* ---- Lag --------------------------------------------------------------------------------- */

int64_t eevdf_entity_lag_limit(const struct eevdf_entity *entity)
{
	const struct eevdf_queue *queue = entity->queue;
	uint64_t longest = eevdf_queue_slices(queue).max + queue->rq->config->tick_ns;

	return (int64_t)eevdf_scale(longest, entity->weight);
}

static int64_t bounded_lag(const struct eevdf_entity *entity, uint64_t mean)
{
	int64_t lag = (int64_t)(mean - entity->vruntime);
	int64_t limit = eevdf_entity_lag_limit(entity);

	if (lag > limit)
		return limit;
	return lag < -limit ? -limit : lag;
}

int64_t eevdf_entity_lag(const struct eevdf_entity *entity)
{
	return bounded_lag(entity, eevdf_avg_vruntime(entity->queue));
}

bool eevdf_update_entity_lag(struct eevdf_entity *entity)
{
	uint64_t mean = eevdf_queue_recentre(entity->queue);
	int64_t lag = bounded_lag(entity, mean);

	if (entity->delayed) {
		/* Being delayed is to work off debt, never to add to it or to gain from it. */
		if (lag < entity->vlag)
			lag = entity->vlag;
		if (eevdf_feature(entity->queue->rq, EEVDF_DELAY_ZERO) && lag > 0)
			lag = 0;
	}
	entity->vlag = lag;
	return mean - (uint64_t)lag != entity->vruntime;
}

/* ---- Placement --------------------------------------------------------------------------- */

void eevdf_renew_deadline(struct eevdf_entity *entity)
{
	eevdf_refresh_slice(entity);
	entity->deadline = entity->vruntime + eevdf_scale(entity->slice, entity->weight);
}

/*
 * The lag that entity must be placed with to have lag vlag once it counts itself: its own weight
 * pulls the mean towards it.
 */
static int64_t inflated_lag(const struct eevdf_entity *entity, int64_t others_weight)
{
	uint64_t product = (uint64_t)entity->vlag * ((uint64_t)others_weight + entity->weight);

	return (int64_t)product / others_weight;
}

void eevdf_place_entity(struct eevdf_entity *entity, uint32_t flags)
{
	struct eevdf_queue *queue = entity->queue;
	struct eevdf_rq *rq = queue->rq;
	uint64_t mean = eevdf_queue_recentre(queue);
	uint64_t request;
	int64_t lag = 0;

	eevdf_refresh_slice(entity);
	if (eevdf_feature(rq, EEVDF_PLACE_LAG) && queue->nr_queued && entity->vlag) {
		int64_t others_weight = eevdf_queue_sums(queue).weight;

		if (!others_weight)
			others_weight = 1;
		lag = inflated_lag(entity, others_weight);
		/* A heavy newcomer will draw the mean to itself: keep the sums small. */
		if (entity->weight > (uint64_t)others_weight)
			move_zero(queue, -lag);
	}
	entity->vruntime = mean - (uint64_t)lag;

	if (entity->rel_deadline && eevdf_feature(rq, EEVDF_PLACE_REL_DEADLINE)) {
		entity->deadline += entity->vruntime;
		entity->rel_deadline = false;
		return;
	}
	request = eevdf_scale(entity->slice, entity->weight);
	if ((flags & EEVDF_F_INITIAL) && eevdf_feature(rq, EEVDF_PLACE_DEADLINE_INITIAL))
		request /= 2;
	entity->deadline = entity->vruntime + request;
}

/* ---- Accounting -------------------------------------------------------------------------- */

/* A request that is served is followed by the next one, from here on (update_deadline). */
static bool next_request(struct eevdf_queue *queue, struct eevdf_entity *curr)
{
	if (eevdf_before(curr->vruntime, curr->deadline))
		return false;
	eevdf_renew_deadline(curr);
	eevdf_queue_recentre(queue);
	return true;
}

void eevdf_update_curr(struct eevdf_queue *queue)
{
	struct eevdf_entity *curr = queue->curr;
	struct eevdf_rq *rq = queue->rq;
	int64_t delta;
	bool expired;

	if (!curr)
		return;
	delta = (int64_t)(rq->clock - curr->exec_start);
	if (delta <= 0)
		return;
	curr->exec_start = rq->clock;
	curr->sum_exec += (uint64_t)delta;
	curr->vruntime += eevdf_scale((uint64_t)delta, curr->weight);
	expired = next_request(queue, curr);
	if (eevdf_has_bandwidth(queue))
		eevdf_account_bandwidth(queue, (uint64_t)delta);

	if (queue->nr_queued == 1)
		return;
	if (expired || !eevdf_protected(curr)) {
		eevdf_resched_lazy(rq);
		eevdf_clear_buddies(curr);
	}
}

/* ---- Buddies ----------------------------------------------------------------------------- */

void eevdf_clear_buddies(struct eevdf_entity *entity)
{
	for (; entity && entity->queue->next == entity; entity = entity->parent)
		entity->queue->next = NULL;
}

void eevdf_set_next_buddy(struct eevdf_entity *entity)
{
	for (; entity; entity = entity->parent) {
		if (!entity->on_rq || eevdf_is_idle_class(entity))
			return;
		entity->queue->next = entity;
	}
}

/* ---- Slice protection -------------------------------------------------------------------- */

void eevdf_set_protection(struct eevdf_entity *entity)
{
	const struct eevdf_rq *rq = entity->queue->rq;
	uint64_t quantum = rq->config->normalized_base_slice_ns;

	if (eevdf_feature(rq, EEVDF_RUN_TO_PARITY))
		quantum = eevdf_queue_slices(entity->queue).min;

	entity->vprot = entity->deadline;
	if (quantum < entity->slice)
		entity->vprot = eevdf_earlier(
			entity->deadline, entity->vruntime + eevdf_scale(quantum, entity->weight));
}

void eevdf_update_protection(struct eevdf_entity *entity)
{
	uint64_t quantum = eevdf_queue_slices(entity->queue).min;

	entity->vprot = eevdf_earlier(entity->vprot,
				      entity->vruntime + eevdf_scale(quantum, entity->weight));
}

void oversub_eevdf_cancel_protection(struct eevdf_entity *entity)
{
	if (eevdf_protected(entity))
		entity->vprot = entity->vruntime;
}
