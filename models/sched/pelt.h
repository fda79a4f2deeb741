/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Per-entity load tracking (PELT) in the integer arithmetic of Linux 7.2: sums over time that decay
 * geometrically, by half every 32 periods of 1024 * 1024 ns.
 *
 * Pure functions on records: no clock, no queues, no weights of their own. Time comes in as `now`
 * (ns), the running state as arguments. Weights are those without scaling
 * (eevdf_scale_load_down()): 1024 for nice 0.
 */
#ifndef MODELS_SCHED_PELT_H
#define MODELS_SCHED_PELT_H

#include <stdbool.h>
#include <stdint.h>

/* What a sum converges to if its input is always 1, in units of 1024 ns (LOAD_AVG_MAX). */
#define PELT_SUM_MAX 47742
/* The same at the very beginning of a period (PELT_MIN_DIVIDER). */
#define PELT_MIN_DIVIDER (PELT_SUM_MAX - 1024)
/* Set in util_est while the estimate is newer than the average (UTIL_AVG_UNCHANGED). */
#define PELT_UTIL_EST_FRESH ((uint32_t)1 << 31)

/* The averages of an entity or a queue, and the sums they are made from (sched_avg). */
struct pelt_avg {
	uint64_t last_update_time; /* ns, in steps of 1024 from an arbitrary origin */
	uint64_t load_sum;	   /* entity: time queued; queue: the same times weight; 1024 ns */
	uint64_t runnable_sum;	   /* time runnable times number of tasks; ns */
	uint32_t util_sum;	   /* time running; ns */
	uint32_t period_contrib;   /* part of the present period gone by, 0..1023 of 1024 ns */
	uint64_t load_avg;	   /* weight times the share of time queued */
	uint64_t runnable_avg;	   /* runnable tasks times 1024 */
	uint64_t util_avg;	   /* share of time running, of 1024 */
	uint32_t util_est; /* task: util_avg expected at its next wake-up; root queue: sum of its
			      tasks' */
};

/* A queue: its averages, and what waits to be applied to them or passed up (cfs_rq). */
struct pelt_queue {
	struct pelt_avg avg;

	/* Averages of sleepers that have left for other CPUs, to be subtracted (cfs_rq->removed).
	 */
	uint64_t removed_load;
	uint64_t removed_util;
	uint64_t removed_runnable;
	int removed_nr;

	/* Members came or went: the entity of this queue must follow (pelt_propagate()). */
	bool propagate;
	int64_t prop_runnable_sum; /* by how much the load sum of that entity changes */

	/* Part of the group's load_avg that this queue has published (tg_load_avg_contrib). */
	uint64_t contrib;
	uint64_t last_tg_update; /* ns, of the last publication; 0: none yet */
};

/* ---- Arithmetic --------------------------------------------------------------------------- */

/* value after n periods without input (decay_load). */
uint64_t pelt_decay(uint64_t value, uint64_t n);
/*
 * Contribution of a time that spans period boundaries: first units before the first boundary, whole
 * periods - 1, last units after the last one; periods >= 1 (__accumulate_pelt_segments).
 */
uint32_t pelt_contribution(uint64_t periods, uint32_t first, uint32_t last);
/* What a sum is divided by to get the average now (get_pelt_divider). */
uint32_t pelt_divider(const struct pelt_avg *avg);

/*
 * The common case of all the updates below, without a call: now is in the period that avg is up to
 * already. Then the sums grow, no average changes, and this is true. False: nothing was done. load
 * is 1 or 0 for an entity, the load of a queue otherwise.
 */
static inline bool pelt_within_period(struct pelt_avg *avg, uint64_t now, uint64_t load,
				      uint64_t runnable, bool running)
{
	uint64_t units = (now - avg->last_update_time) >> 10;

	if (!units)
		return true;
	/* Time that goes backwards makes this large. */
	if (units + avg->period_contrib >= 1024)
		return false;
	avg->last_update_time += units << 10;
	avg->period_contrib += (uint32_t)units;
	if (!load)
		return true;
	avg->load_sum += load * units;
	avg->runnable_sum += (runnable * units) << 10;
	if (running)
		avg->util_sum += (uint32_t)units << 10;
	return true;
}

/* ---- One record up to now; true: a period has ended, and the averages are new -------------- */

/*
 * An entity that since the last update was queued, had runnable runnable tasks, and was running
 * (__update_load_avg_se).
 */
bool pelt_update_entity(struct pelt_avg *avg, uint64_t now, uint64_t weight, bool on_rq,
			uint64_t runnable, bool running);
/* An entity that was not queued (__update_load_avg_blocked_se). */
bool pelt_update_blocked(struct pelt_avg *avg, uint64_t now, uint64_t weight);
/*
 * A queue; load is the scaled down sum of the weights of the queued, runnable the number of
 * runnable tasks (__update_load_avg_cfs_rq).
 */
bool pelt_update_queue_avg(struct pelt_avg *avg, uint64_t now, uint64_t load, uint64_t runnable,
			   bool running);
/* The same after subtracting what has been removed: then true, too (update_cfs_rq_load_avg). */
bool pelt_update_queue(struct pelt_queue *queue, uint64_t now, uint64_t load, uint64_t runnable,
		       bool running);

/* ---- Members come and go ------------------------------------------------------------------- */

/* A record without history. A task starts with full load, load_avg = weight (init_entity...). */
void pelt_init_task(struct pelt_avg *avg, uint64_t weight);
/* What has been the case for so long that an average does not remember anything else. */
struct pelt_levels {
	uint64_t load;	   /* entity: 1; queue: the scaled down sum of the weights */
	uint64_t runnable; /* tasks */
	uint64_t util;	   /* share of time running, of 1024 */
};
/*
 * The record at now, period_contrib (0..1023) units into a period, of who has always been at
 * levels. weight of an entity, 1 for a queue.
 */
void pelt_settle(struct pelt_avg *avg, uint64_t now, uint32_t period_contrib,
		 struct pelt_levels levels, uint64_t weight);
/* Guess the utilization of a new task of queue (post_init_entity_util_avg). */
void pelt_guess_util(const struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight);
/* Add the averages of an entity to queue; it takes over the time of queue. */
void pelt_attach(struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight);
/* Subtract them; both are up to date (detach_entity_load_avg). */
void pelt_detach(struct pelt_queue *queue, const struct pelt_avg *avg, uint64_t weight);
/* The same of a sleeper, deferred to the next update of queue (remove_entity_load_avg). */
void pelt_remove(struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight);
/* The weight of a member changes (the load part of reweight_entity). */
void pelt_reweight(struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight,
		   uint64_t new_weight);
/* Remember the utilization of a task that goes to sleep (util_est_update). */
void pelt_estimate_util(struct pelt_avg *avg);

/* ---- Groups -------------------------------------------------------------------------------- */

/*
 * If members came to or left below, the queue of a group entity, let the entity follow, and the
 * queue above with it. load is the scaled down load of below. False: nothing to do
 * (propagate_entity_load_avg).
 */
bool pelt_propagate(struct pelt_queue *queue, struct pelt_avg *avg, uint64_t weight,
		    struct pelt_queue *below, uint64_t load);
/*
 * Bring the sum over CPUs up to date with queue: at most once a millisecond, and if it differs by
 * more than 1/64 (update_tg_load_avg).
 */
void pelt_publish(struct pelt_queue *queue, uint64_t *group_load_avg, uint64_t now);
/*
 * Weight of the entity of a group on one CPU, scaled as shares is: the shares in proportion to the
 * load here (calc_group_shares). load is the scaled down load of queue; at least min_weight.
 */
uint64_t pelt_group_weight(const struct pelt_queue *queue, uint64_t load, uint64_t group_load_avg,
			   uint64_t shares, uint64_t min_weight);

#endif
