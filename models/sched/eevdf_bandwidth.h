/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bandwidth control of groups (cpu.max) in the core: who is throttled, and what becomes of tasks.
 *
 * A queue that has used its time is throttled, and with it all queues below. Nothing is dequeued
 * then: a running task gets throttle_work, and leaves when the caller, at the next return to user
 * or guest mode, calls eevdf_throttle_work(). It is parked with the queue, and goes on when that
 * has got time again.
 *
 * The caller keeps two timers for each group, as group->bandwidth says after each operation:
 * period_active, expires; slack_started, slack_expires. They fire on any CPU; an operation that
 * starts one puts the pool on started_first of the run queue. A run queue with unthrottling_first
 * needs an interrupt that calls eevdf_unthrottle(). Who goes on then is on unparked_first.
 */
#ifndef MODELS_SCHED_EEVDF_BANDWIDTH_H
#define MODELS_SCHED_EEVDF_BANDWIDTH_H

#include "models/sched/eevdf.h"

/*
 * Limit group to quota ns in each period of period ns over all CPUs, BANDWIDTH_UNLIMITED: do not;
 * burst ns of an unused quota may be kept (tg_set_cfs_bandwidth). The parts of group that tasks
 * will use must exist already.
 */
void eevdf_set_bandwidth(struct eevdf_group *group, int64_t period, int64_t quota, int64_t burst,
			 uint64_t now);

/* The timers of group, on the CPU of rq (sched_cfs_period_timer, sched_cfs_slack_timer). */
void eevdf_period_timer(struct eevdf_group *group, struct eevdf_rq *rq, uint64_t now);
void eevdf_slack_timer(struct eevdf_group *group, struct eevdf_rq *rq, uint64_t now);

/* The interrupt that brings time to queues of rq (__cfsb_csd_unthrottle). */
void eevdf_unthrottle(struct eevdf_rq *rq, uint64_t now);

/*
 * Take one pool off the list of those whose timers were started on rq; NULL if there is none. In
 * the kernel the timer is programmed on the spot.
 */
struct bandwidth_pool *eevdf_take_started(struct eevdf_rq *rq);

/*
 * The running task of rq has throttle_work and is about to return to user or guest mode. True: it
 * is parked, and the caller schedules at once (throttle_cfs_rq_work).
 */
bool eevdf_throttle_work(struct eevdf_rq *rq, uint64_t now);

#endif
