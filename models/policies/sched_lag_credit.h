/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and private state of sched policy lag_credit. A scenario sets the parameters by their
 * names. */
#ifndef MODELS_POLICIES_SCHED_LAG_CREDIT_H
#define MODELS_POLICIES_SCHED_LAG_CREDIT_H

#include <oversub/policy.h>

/* How many competitors a credit is meant to outlast at one level. */
enum lag_credit_depth {
	LAG_CREDIT_NR_QUEUED,	/* the other entities of the level */
	LAG_CREDIT_H_NR_QUEUED, /* the other tasks at and below the level; at least 1 */
	LAG_CREDIT_CONST1,	/* 1 */
};

/* Margin in CPU time for depth n, before the lag bound. */
enum lag_credit_form {
	LAG_CREDIT_LINEAR, /* n * credit_unit_ns */
	LAG_CREDIT_PARITY, /* slice * n / (n + 1) */
};

enum lag_credit_order {
	LAG_CREDIT_BEFORE, /* the yielder's forfeit, as posted */
	LAG_CREDIT_AFTER,  /* it */
};

enum lag_credit_scope {
	LAG_CREDIT_FULL,  /* the whole chain of the target, shared ancestors included */
	LAG_CREDIT_BELOW, /* up to the level where target and yielder compete */
};

struct lag_credit_params {
	int64_t enabled; /* bool: YIELD_TO_LAG_CREDIT; off is mainline */
	int64_t credit_unit_ns;
	int64_t credit_depth; /* enum lag_credit_depth */
	int64_t credit_form;  /* enum lag_credit_form */
	int64_t credit_order; /* enum lag_credit_order */
	int64_t scope;	      /* enum lag_credit_scope */
	int64_t force_resched_period_ns;
};

/* Private bytes of a run queue. */
struct lag_credit_rq {
	uint64_t last_force; /* clock when protection was last cancelled; 0 never */
};

#endif
