/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/sched/pelt.h"

#include <stddef.h>

#define PERIOD		    1024 /* units of a period; a unit is 1024 ns */
#define UNIT_SHIFT	    10
#define HALF_LIFE	    32 /* periods */
#define CAPACITY_FULL	    1024

#define PUBLISH_INTERVAL_NS 1000000
#define UTIL_EST_MARGIN	    10 /* about 1 % of a CPU */

/* 2^32 * 0.5^(k/32), as the kernel has them (runnable_avg_yN_inv). */
static const uint32_t decay_factor[HALF_LIFE] = {
	0xffffffff, 0xfa83b2da, 0xf5257d14, 0xefe4b99a, 0xeac0c6e6, 0xe5b906e6, 0xe0ccdeeb,
	0xdbfbb796, 0xd744fcc9, 0xd2a81d91, 0xce248c14, 0xc9b9bd85, 0xc5672a10, 0xc12c4cc9,
	0xbd08a39e, 0xb8fbaf46, 0xb504f333, 0xb123f581, 0xad583ee9, 0xa9a15ab4, 0xa5fed6a9,
	0xa2704302, 0x9ef5325f, 0x9b8d39b9, 0x9837f050, 0x94f4efa8, 0x91c3d373, 0x8ea4398a,
	0x8b95c1e3, 0x88980e80, 0x85aac367, 0x82cd8698,
};

/* ---- Arithmetic --------------------------------------------------------------------------- */

uint64_t pelt_decay(uint64_t value, uint64_t n)
{
	if (n > (uint64_t)HALF_LIFE * 63)
		return 0;
	value >>= n / HALF_LIFE;
	return (uint64_t)((unsigned __int128)value * decay_factor[n % HALF_LIFE] >> 32);
}

uint32_t pelt_contribution(uint64_t periods, uint32_t first, uint32_t last)
{
	uint64_t oldest = pelt_decay(first, periods);
	/* The series of all periods, without those before these and without the present one. */
	uint64_t between = PELT_SUM_MAX - pelt_decay(PELT_SUM_MAX, periods) - PERIOD;

	return (uint32_t)(oldest + between + last);
}

uint32_t pelt_divider(const struct pelt_avg *avg)
{
	return PELT_MIN_DIVIDER + avg->period_contrib;
}

static inline uint64_t at_least(uint64_t value, uint64_t minimum)
{
	return value < minimum ? minimum : value;
}

/* Add, but stay at 0 where rounding errors would lead below (add_positive). */
static uint64_t add_bounded(uint64_t value, int64_t addend)
{
	uint64_t sum = value + (uint64_t)addend;

	return addend < 0 && sum > value ? 0 : sum;
}

static uint32_t add_bounded_32(uint32_t value, int32_t addend)
{
	uint32_t sum = value + (uint32_t)addend;

	return addend < 0 && sum > value ? 0 : sum;
}

/*
 * Sums and averages change together; a sum that has lost more to rounding than its average is
 * lifted to the least one that belongs to the average.
 */
static void add_load(struct pelt_avg *avg, int64_t average, int64_t sum)
{
	avg->load_avg = add_bounded(avg->load_avg, average);
	avg->load_sum = add_bounded(avg->load_sum, sum);
	avg->load_sum = at_least(avg->load_sum, avg->load_avg * PELT_MIN_DIVIDER);
}

static void add_runnable(struct pelt_avg *avg, int64_t average, int64_t sum)
{
	avg->runnable_avg = add_bounded(avg->runnable_avg, average);
	avg->runnable_sum = add_bounded(avg->runnable_sum, sum);
	avg->runnable_sum = at_least(avg->runnable_sum, avg->runnable_avg * PELT_MIN_DIVIDER);
}

static void add_util(struct pelt_avg *avg, int64_t average, int32_t sum)
{
	uint32_t least;

	avg->util_avg = add_bounded(avg->util_avg, average);
	avg->util_sum = add_bounded_32(avg->util_sum, sum);
	least = (uint32_t)(avg->util_avg * PELT_MIN_DIVIDER);
	if (avg->util_sum < least)
		avg->util_sum = least;
}

static void add_propagation(struct pelt_queue *queue, int64_t runnable_sum)
{
	queue->propagate = true;
	queue->prop_runnable_sum += runnable_sum;
}

/* ---- One record up to now ------------------------------------------------------------------ */

/* What was the case since the last update. */
struct state {
	uint64_t load;
	uint64_t runnable;
	bool running;
};

static void decay_sums(struct pelt_avg *avg, uint64_t periods)
{
	avg->load_sum = pelt_decay(avg->load_sum, periods);
	avg->runnable_sum = pelt_decay(avg->runnable_sum, periods);
	avg->util_sum = (uint32_t)pelt_decay(avg->util_sum, periods);
}

/* units of time have passed; true if a period has ended (accumulate_sum). */
static bool accumulate(struct pelt_avg *avg, uint64_t units, struct state state)
{
	uint32_t contribution = (uint32_t)units;
	uint64_t end = units + avg->period_contrib;
	uint64_t periods = end / PERIOD;

	if (periods) {
		decay_sums(avg, periods);
		end %= PERIOD;
		contribution =
			pelt_contribution(periods, PERIOD - avg->period_contrib, (uint32_t)end);
	}
	avg->period_contrib = (uint32_t)end;
	/* A queue may still have its curr, or an entity members, when nothing is queued. */
	if (!state.load)
		return periods;
	avg->load_sum += state.load * contribution;
	avg->runnable_sum += (state.runnable * contribution) << UNIT_SHIFT;
	if (state.running)
		avg->util_sum += contribution << UNIT_SHIFT;
	return periods;
}

/* ___update_load_sum */
static bool update_sums(struct pelt_avg *avg, uint64_t now, struct state state)
{
	uint64_t delta = now - avg->last_update_time;

	if ((int64_t)delta < 0) {
		avg->last_update_time = now;
		return false;
	}
	delta >>= UNIT_SHIFT;
	if (!delta)
		return false;
	avg->last_update_time += delta << UNIT_SHIFT;
	return accumulate(avg, delta, state);
}

/* ___update_load_avg */
static void update_averages(struct pelt_avg *avg, uint64_t weight)
{
	uint32_t divider = pelt_divider(avg);

	avg->load_avg = weight * avg->load_sum / divider;
	avg->runnable_avg = avg->runnable_sum / divider;
	avg->util_avg = avg->util_sum / divider;
}

bool pelt_update_entity(struct pelt_avg *avg, uint64_t now, uint64_t weight, bool on_rq,
			uint64_t runnable, bool running)
{
	if (!update_sums(avg, now, (struct state){on_rq, runnable, running}))
		return false;
	update_averages(avg, weight);
	avg->util_est &= ~PELT_UTIL_EST_FRESH;
	return true;
}

bool pelt_update_blocked(struct pelt_avg *avg, uint64_t now, uint64_t weight)
{
	if (!update_sums(avg, now, (struct state){0}))
		return false;
	update_averages(avg, weight);
	return true;
}

bool pelt_update_queue_avg(struct pelt_avg *avg, uint64_t now, uint64_t load, uint64_t runnable,
			   bool running)
{
	if (!update_sums(avg, now, (struct state){load, runnable, running}))
		return false;
	update_averages(avg, 1);
	return true;
}

static void subtract_removed(struct pelt_queue *queue)
{
	uint32_t divider = pelt_divider(&queue->avg);
	int64_t load = (int64_t)queue->removed_load;
	int64_t util = (int64_t)queue->removed_util;
	int64_t runnable = (int64_t)queue->removed_runnable;

	queue->removed_nr = 0;
	queue->removed_load = 0;
	queue->removed_util = 0;
	queue->removed_runnable = 0;

	add_load(&queue->avg, -load, -load * divider);
	add_util(&queue->avg, -util, (int32_t)(-util * divider));
	add_runnable(&queue->avg, -runnable, -runnable * divider);
	/* The load sum that went is not known: an entity that is queued is runnable. */
	add_propagation(queue, -(runnable * divider) >> UNIT_SHIFT);
}

bool pelt_update_queue(struct pelt_queue *queue, uint64_t now, uint64_t load, uint64_t runnable,
		       bool running)
{
	bool removed = queue->removed_nr;

	if (removed)
		subtract_removed(queue);
	return pelt_update_queue_avg(&queue->avg, now, load, runnable, running) || removed;
}

/* ---- Members come and go ------------------------------------------------------------------- */

void pelt_init_task(struct pelt_avg *avg, uint64_t weight)
{
	*avg = (struct pelt_avg){.load_avg = weight};
}

void pelt_settle(struct pelt_avg *avg, uint64_t now, uint32_t period_contrib,
		 struct pelt_levels levels, uint64_t weight)
{
	avg->last_update_time = now;
	avg->period_contrib = period_contrib;
	avg->load_sum = levels.load * pelt_divider(avg);
	avg->runnable_sum = (levels.runnable * pelt_divider(avg)) << UNIT_SHIFT;
	avg->util_sum = (uint32_t)(levels.util * pelt_divider(avg));
	update_averages(avg, weight);
}

void pelt_guess_util(const struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight)
{
	int64_t cap = (int64_t)(CAPACITY_FULL - queue->avg.util_avg) / 2;

	if (cap > 0) {
		avg->util_avg = (uint64_t)cap;
		if (queue->avg.util_avg) {
			uint64_t share = queue->avg.util_avg * weight / (queue->avg.load_avg + 1);

			if (share < avg->util_avg)
				avg->util_avg = share;
		}
	}
	avg->runnable_avg = avg->util_avg;
}

void pelt_attach(struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight)
{
	uint32_t divider = pelt_divider(&queue->avg);

	/* The averages stay, the sums are made to fit the phase of the queue. */
	avg->last_update_time = queue->avg.last_update_time;
	avg->period_contrib = queue->avg.period_contrib;
	avg->util_sum = (uint32_t)(avg->util_avg * divider);
	avg->runnable_sum = avg->runnable_avg * divider;
	avg->load_sum = avg->load_avg * divider;
	avg->load_sum = weight < avg->load_sum ? avg->load_sum / weight : 1;

	add_load(&queue->avg, (int64_t)avg->load_avg, (int64_t)(weight * avg->load_sum));
	queue->avg.util_avg += avg->util_avg;
	queue->avg.util_sum += avg->util_sum;
	queue->avg.runnable_avg += avg->runnable_avg;
	queue->avg.runnable_sum += avg->runnable_sum;
	add_propagation(queue, (int64_t)avg->load_sum);
}

void pelt_detach(struct pelt_queue *queue, const struct pelt_avg *avg, uint64_t weight)
{
	add_load(&queue->avg, -(int64_t)avg->load_avg, -(int64_t)(weight * avg->load_sum));
	add_util(&queue->avg, -(int64_t)avg->util_avg, (int32_t)-avg->util_sum);
	add_runnable(&queue->avg, -(int64_t)avg->runnable_avg, -(int64_t)avg->runnable_sum);
	add_propagation(queue, -(int64_t)avg->load_sum);
}

void pelt_remove(struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight)
{
	pelt_update_blocked(avg, queue->avg.last_update_time, weight);
	queue->removed_nr++;
	queue->removed_load += avg->load_avg;
	queue->removed_util += avg->util_avg;
	queue->removed_runnable += avg->runnable_avg;
}

void pelt_reweight(struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight,
		   uint64_t new_weight)
{
	add_load(&queue->avg, -(int64_t)avg->load_avg, -(int64_t)(weight * avg->load_sum));
	avg->load_avg = new_weight * avg->load_sum / pelt_divider(avg);
	add_load(&queue->avg, (int64_t)avg->load_avg, (int64_t)(new_weight * avg->load_sum));
}

void pelt_estimate_util(struct pelt_avg *avg)
{
	uint64_t estimate = avg->util_est;

	if (estimate & PELT_UTIL_EST_FRESH)
		return;
	if (estimate <= avg->util_avg) {
		estimate = avg->util_avg;
	} else {
		uint64_t excess = estimate - avg->util_avg;

		/* A task that had to wait would have used more: then keep the estimate. */
		if (excess >= UTIL_EST_MARGIN &&
		    avg->util_avg + UTIL_EST_MARGIN >= avg->runnable_avg)
			estimate = ((estimate << 2) - excess) >> 2;
	}
	avg->util_est = (uint32_t)estimate | PELT_UTIL_EST_FRESH;
}

/* ---- Groups -------------------------------------------------------------------------------- */

/* What entity and queue have in common when below changes. */
struct propagation {
	struct pelt_queue *queue;
	struct pelt_avg *avg;
	const struct pelt_avg *below;
	uint32_t divider;
};

/* update_tg_cfs_util */
static void propagate_util(const struct propagation *p)
{
	int64_t average = (int64_t)(p->below->util_avg - p->avg->util_avg);
	uint32_t sum;

	if (!average)
		return;
	sum = (uint32_t)(p->below->util_avg * p->divider);
	add_util(&p->queue->avg, average, (int32_t)(sum - p->avg->util_sum));
	p->avg->util_avg = p->below->util_avg;
	p->avg->util_sum = sum;
}

/* update_tg_cfs_runnable */
static void propagate_runnable(const struct propagation *p)
{
	int64_t average = (int64_t)(p->below->runnable_avg - p->avg->runnable_avg);
	uint64_t sum;

	if (!average)
		return;
	sum = p->below->runnable_avg * p->divider;
	add_runnable(&p->queue->avg, average, (int64_t)(sum - p->avg->runnable_sum));
	p->avg->runnable_avg = p->below->runnable_avg;
	p->avg->runnable_sum = sum;
}

/* Time queued that the entity gets when change came to, or left, the queue below it. */
static uint64_t propagated_load_sum(const struct propagation *p, int64_t change, uint64_t load)
{
	uint64_t sum;

	if (change >= 0) {
		/* Members overlap in time; the entity cannot be queued more than always. */
		sum = (uint64_t)change + p->avg->load_sum;
		if ((int64_t)sum > (int64_t)p->divider)
			sum = p->divider;
	} else {
		/* Suppose that the rest is spread evenly. */
		sum = load ? p->below->load_sum / load : 0;
		if (sum > p->avg->load_sum)
			sum = p->avg->load_sum;
	}
	/* Who runs is queued. */
	return at_least(sum, p->avg->util_sum >> UNIT_SHIFT);
}

/* update_tg_cfs_load */
static void propagate_load(const struct propagation *p, int64_t change, uint64_t weight,
			   uint64_t load)
{
	uint64_t sum, load_sum, load_avg;

	if (!change)
		return;
	sum = propagated_load_sum(p, change, load);
	load_sum = weight * sum;
	load_avg = load_sum / p->divider;
	if (load_avg == p->avg->load_avg)
		return;
	add_load(&p->queue->avg, (int64_t)(load_avg - p->avg->load_avg),
		 (int64_t)(load_sum - weight * p->avg->load_sum));
	p->avg->load_sum = sum;
	p->avg->load_avg = load_avg;
}

bool pelt_propagate(struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight,
		    struct pelt_queue *below, uint64_t load)
{
	const struct propagation p = {queue, avg, &below->avg, pelt_divider(&queue->avg)};
	int64_t change = below->prop_runnable_sum;

	if (!below->propagate)
		return false;
	below->propagate = false;
	below->prop_runnable_sum = 0;
	add_propagation(queue, change);

	propagate_util(&p);
	propagate_runnable(&p);
	propagate_load(&p, change, weight, load);
	return true;
}

void pelt_publish(struct pelt_queue *queue, uint64_t *group_load_avg, uint64_t now)
{
	int64_t change = (int64_t)(queue->avg.load_avg - queue->contrib);
	uint64_t distance = (uint64_t)(change < 0 ? -change : change);

	if (queue->last_tg_update && now - queue->last_tg_update < PUBLISH_INTERVAL_NS)
		return;
	if (distance <= queue->contrib / 64)
		return;
	*group_load_avg += (uint64_t)change;
	queue->contrib = queue->avg.load_avg;
	queue->last_tg_update = now;
}

uint64_t pelt_group_weight(const struct pelt_queue *queue, uint64_t load, uint64_t group_load_avg,
			   uint64_t shares, uint64_t min_weight)
{
	uint64_t here = at_least(load, queue->avg.load_avg);
	/* As published by the others, but up to date here. */
	uint64_t everywhere = group_load_avg - queue->contrib + here;
	uint64_t weight;

	/* Of a group on one CPU only, which needs no division. */
	if (everywhere == here || !everywhere)
		weight = everywhere ? shares : shares * here;
	else
		weight = shares * here / everywhere;
	if (weight < min_weight)
		return min_weight;
	return weight > shares ? shares : weight;
}
