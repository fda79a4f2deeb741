/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CFS bandwidth control (cpu.max): the pool of CPU time of a group, filled once a period, and the
 * accounts of its queues, one a CPU, that draw slices from it. As in Linux 7.2.
 *
 * Pure: no clock, no events, no tasks; what being throttled means for tasks is in eevdf_throttle.c.
 * Timers are the fields period_active and slack_started with their expiry times; the owner turns
 * them into events. Times are ns.
 */
#ifndef MODELS_SCHED_BANDWIDTH_H
#define MODELS_SCHED_BANDWIDTH_H

#include <stdbool.h>
#include <stdint.h>

/* No limit. */
#define BANDWIDTH_UNLIMITED	    (-1)
#define BANDWIDTH_PERIOD_DEFAULT_NS 100000000

/* The account of a queue; all zero is that of an unlimited group (the part of cfs_rq). */
struct bandwidth_queue {
	bool enabled;	       /* the group is limited: time is accounted */
	bool throttled;	       /* ran out of time, and on the list of the pool */
	bool unthrottling;     /* has got time, but its CPU has not been told yet */
	int64_t remaining;     /* ns drawn and not used; > 0 unless throttled */
	int throttle_count;    /* throttled queues from here to the root */
	uint64_t parked_since; /* a task below left the CPU for this queue; 0: none has */

	struct bandwidth_queue *prev, *next; /* in the list of the pool */
	struct bandwidth_queue *next_of_cpu; /* in the list of its CPU while unthrottling */
};

/* The pool of a group (cfs_bandwidth). */
struct bandwidth_pool {
	int64_t period;	      /* ns */
	int64_t quota;	      /* ns a period, or BANDWIDTH_UNLIMITED */
	int64_t burst;	      /* ns that may be left over for the next period */
	int64_t runtime;      /* ns in the pool */
	int64_t runtime_snap; /* runtime after the last refill */
	bool idle;	      /* nobody has drawn since the last period timer */

	bool period_active;    /* the period timer is armed */
	int64_t expires;       /* ns, of the period timer; meaningful also when it is not armed */
	bool slack_started;    /* the slack timer is armed */
	int64_t slack_expires; /* ns; 0 unless armed */
	bool timer_started;    /* one of them was armed since the owner last cleared this */
	bool noted;	       /* in a list of the owner of pools with a timer_started */
	struct bandwidth_pool *next_started; /* in that list */

	/* Throttled queues, the first one throttled first. */
	struct bandwidth_queue *first, *last;
	int nr_queues;

	/* Statistics (cpu.stat). */
	uint64_t nr_periods;
	uint64_t nr_throttled;	 /* periods with somebody throttled */
	uint64_t nr_burst;	 /* periods in which more than the quota was used */
	uint64_t burst_time;	 /* ns used beyond the quota */
	uint64_t throttled_time; /* ns, over queues, from the first parked task on */
};

/* Unlimited. phase: 0..period, when the first period ends (init_cfs_bandwidth has it random). */
void bandwidth_init(struct bandwidth_pool *pool, int64_t phase);
/* Set the limit, refill, and start the period timer if there is a limit (tg_set_cfs_bandwidth). */
void bandwidth_set(struct bandwidth_pool *pool, int64_t period, int64_t quota, int64_t burst,
		   int64_t now);
static inline bool bandwidth_limited(const struct bandwidth_pool *pool)
{
	return pool->quota != BANDWIDTH_UNLIMITED;
}

/*
 * The account must not be empty: draw a slice if somebody wants to run, or just enough. False: the
 * pool is empty (assign_cfs_rq_runtime).
 */
bool bandwidth_draw(struct bandwidth_pool *pool, struct bandwidth_queue *queue, bool running,
		    int64_t now);
/* Nobody is left in queue: what it has above 1 ms goes back (__return_cfs_rq_runtime). */
void bandwidth_give_back(struct bandwidth_pool *pool, struct bandwidth_queue *queue, int64_t now);
/* Give a throttled queue what it takes to have 1 ns. False: the pool cannot. */
bool bandwidth_grant(struct bandwidth_pool *pool, struct bandwidth_queue *queue);

/* What a timer handler is to do. */
enum bandwidth_action {
	BANDWIDTH_DONE,	      /* nothing */
	BANDWIDTH_DISTRIBUTE, /* distribute the pool over the throttled queues */
};

/*
 * The period timer fires: set it to the next period, refill (do_sched_cfs_period_timer). To
 * distribute means as long as somebody is left out and the pool has something.
 */
enum bandwidth_action bandwidth_period(struct bandwidth_pool *pool, int64_t now);
/* The slack timer fires: once (do_sched_cfs_slack_timer). */
enum bandwidth_action bandwidth_slack(struct bandwidth_pool *pool, int64_t now);

/* In and out of the list of throttled queues. */
void bandwidth_list_add(struct bandwidth_pool *pool, struct bandwidth_queue *queue);
void bandwidth_list_remove(struct bandwidth_pool *pool, struct bandwidth_queue *queue);

#endif
