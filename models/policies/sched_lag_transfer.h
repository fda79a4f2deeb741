/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and private state of sched policy lag_transfer. A scenario sets the parameters by
 * their names. */
#ifndef MODELS_POLICIES_SCHED_LAG_TRANSFER_H
#define MODELS_POLICIES_SCHED_LAG_TRANSFER_H

#include <oversub/policy.h>

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
