/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sched policies of this directory for the registry, and their parameters and private state for
 * tests. A scenario sets the parameters by their names.
 */
#ifndef MODELS_POLICIES_SCHED_H
#define MODELS_POLICIES_SCHED_H

#include <oversub/policy.h>

extern const struct oversub_sched_policy sched_mainline;
extern const struct oversub_sched_policy sched_lag_credit;
extern const struct oversub_sched_policy sched_debooster_v1;
extern const struct oversub_sched_policy sched_debooster_v2;
extern const struct oversub_sched_policy sched_hforfeit;
extern const struct oversub_sched_policy sched_vee_deboost;
extern const struct oversub_sched_policy sched_pull_yield;
extern const struct oversub_sched_policy sched_lag_transfer;
extern const struct oversub_sched_policy sched_honest_yield;

/* ---- lag_credit -------------------------------------------------------------------------- */

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

/* ---- debooster_v1, debooster_v2 ---------------------------------------------------------- */

struct debooster_params {
	int64_t enabled; /* bool; off is mainline */
	int64_t rate_ns;
	int64_t refresh_on_reject; /* bool */
	int64_t reverse_ns;
	int64_t use_h_nr;				     /* bool */
	double gap_weight;				     /* of the gap in the penalty */
	double cap_2, cap_3, cap_6, cap_8, cap_12, cap_more; /* base slices; for up to so many */
};

/* Private bytes of a run queue. */
struct debooster_rq {
	uint64_t last; /* clock of the limiter; 0 never */
	const struct eevdf_entity
		*yielder; /* the last pair that got past all tests; compared only */
	const struct eevdf_entity *target;
	uint64_t pair_clock;
};

/* ---- vee_deboost ------------------------------------------------------------------------- */

struct vee_deboost_params {
	int64_t enabled; /* bool; off is mainline */
};

/* ---- pull_yield -------------------------------------------------------------------------- */

struct pull_yield_params {
	int64_t migrate_core_ns; /* what a migration costs by distance */
	int64_t migrate_llc_ns;
	int64_t migrate_node_ns;
	int64_t migrate_numa_ns;
	int64_t max_pulls_per_ms;
	int64_t numa_limit; /* enum oversub_distance - 1: the farthest that is pulled from */
	int64_t min_residency_ns;
	int64_t min_surplus; /* tasks */
	int64_t refuse;	     /* bool */
	int64_t pay;	     /* bool */
};

/* Private bytes of a run queue. */
struct pull_yield_rq {
	uint64_t window_start; /* clock when the present window of 1 ms began */
	int64_t pulls;	       /* in it, to this run queue */
};

/* ---- lag_transfer ------------------------------------------------------------------------ */

struct lag_transfer_params {
	int64_t max_transfer_ns; /* CPU time per yield; 0: the yielder's slice */
	int64_t settle;		 /* bool: forfeits across CPUs are booked for the target */
};

/*
 * Let yielder pay, with at most max_ns of CPU time, what target lacks to be eligible in the queue
 * of both. For other policies.
 */
void lag_transfer_pay(struct eevdf_rq *rq, struct eevdf_entity *yielder,
		      struct eevdf_entity *target, uint64_t max_ns);

#define LAG_TRANSFER_DEBTS 16

/* What the target of yields across CPUs is owed here. */
struct lag_transfer_debt {
	const struct eevdf_entity *target; /* compared only; NULL: none */
	uint64_t ns;			   /* CPU time */
};

/* Private bytes of a run queue. */
struct lag_transfer_rq {
	struct lag_transfer_debt debts[LAG_TRANSFER_DEBTS];
	unsigned int next; /* where the next debt goes, over the oldest one */
};

#endif
