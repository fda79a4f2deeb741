/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lag credit, the scheduler half of version 3 of the directed-yield series (YIELD_TO_LAG_CREDIT):
 * mainline's nomination is dropped at the first level where the target is not eligible, so raise
 * the target to a small positive lag at every such level.
 *
 * The code of the patches was not at hand; this is a reconstruction from what was posted with them.
 * That says in which order things are done: "applies the existing leaf forfeit, cancels slice
 * protection along the yielder's hierarchy, and calls resched_curr()" stands in a helper that ends
 * the credit path, so the walk of credits comes before the forfeit. Of the size of the credit it
 * says "small", and good for "several scheduling decisions", and no more. What is left open is a
 * parameter, and a result that holds for one value of it only is none of the series.
 */
#include "builtin.h"
#include "sched_lag_credit.h"

static const char *const depths[] = {"nr_queued", "h_nr_queued", "const1", NULL};
static const char *const forms[] = {"linear", "parity", NULL};
static const char *const orders[] = {"before", "after", NULL};
static const char *const scopes[] = {"full", "below", NULL};

static const struct oversub_param params[] = {
	OVERSUB_BOOL(struct lag_credit_params, enabled, true,
		     "feature YIELD_TO_LAG_CREDIT; off is mainline"),
	OVERSUB_DURATION(
		struct lag_credit_params, credit_unit_ns, 700000, 1, 1000000000,
		"CPU time that the credit is good for per competitor; the number is our own "
		"constant, the series says only \"small\": vary it (20us, 100us, 700us) before "
		"you believe in a result"),
	OVERSUB_ENUM(struct lag_credit_params, credit_depth, depths, LAG_CREDIT_NR_QUEUED,
		     "what counts as competitors at a level: entities, tasks below, or always 1"),
	OVERSUB_ENUM(struct lag_credit_params, credit_form, forms, LAG_CREDIT_LINEAR,
		     "margin for n competitors: n units, or slice * n / (n + 1)"),
	OVERSUB_ENUM(
		struct lag_credit_params, credit_order, orders, LAG_CREDIT_BEFORE,
		"credit the target before the yielder forfeits its request, as posted, or after: "
		"before, the credit may leave the yielder ineligible, so that it forfeits "
		"nothing; no difference where each vCPU has a cgroup to itself"),
	OVERSUB_ENUM(struct lag_credit_params, scope, scopes, LAG_CREDIT_FULL,
		     "credit the whole chain, or only below the ancestors that both share"),
	OVERSUB_DURATION(struct lag_credit_params, force_resched_period_ns, 6000000, 0, 1000000000,
			 "cancel the yielder's slice protection at most this often per CPU"),
	OVERSUB_PARAM_END,
};

/* Number of competitors, at least 1. */
static uint64_t depth_of(const struct lag_credit_params *p, const struct eevdf_entity *entity)
{
	unsigned int n;

	switch (p->credit_depth) {
	case LAG_CREDIT_NR_QUEUED: n = oversub_eevdf_nr_queued(entity); break;
	case LAG_CREDIT_H_NR_QUEUED: n = oversub_eevdf_h_nr_queued(entity); break;
	default: return 1;
	}
	return n > 1 ? n - 1 : 1;
}

/* Never more than the lag that entity could have earned by itself. */
static int64_t margin_of(const struct lag_credit_params *p, struct eevdf_rq *rq,
			 const struct eevdf_entity *entity)
{
	uint64_t n = depth_of(p, entity);
	int64_t limit = oversub_eevdf_lag_limit(rq, entity);
	int64_t margin;

	if (p->credit_form == LAG_CREDIT_PARITY)
		margin = (int64_t)(oversub_eevdf_calc_delta_fair(oversub_eevdf_slice(rq, entity),
								 entity) *
				   n / (n + 1));
	else
		margin = (int64_t)oversub_eevdf_calc_delta_fair((uint64_t)p->credit_unit_ns * n,
								entity);
	return margin < limit ? margin : limit;
}

/* The last entity of the chains of yielder and target that the scope covers; NULL: the topmost. */
static void last_in_scope(const struct oversub_yield *yield, struct eevdf_entity **yielder,
			  struct eevdf_entity **target)
{
	const struct lag_credit_params *p = yield->params;

	*yielder = NULL;
	*target = NULL;
	if (p->scope == LAG_CREDIT_FULL)
		return;
	*yielder = yield->yielder;
	*target = yield->target;
	oversub_eevdf_common_ancestor(yielder, target);
}

/* The entity after entity in a chain that ends with last, or at the root. */
static struct eevdf_entity *next_in_chain(struct eevdf_entity *entity,
					  const struct eevdf_entity *last)
{
	return entity == last ? NULL : oversub_eevdf_parent(entity);
}

static void credit_target(const struct oversub_yield *yield)
{
	struct eevdf_entity *last_yielder, *last_target, *entity;
	struct eevdf_rq *rq = yield->rq;

	/* Accounting may end a slice and drop the nomination of a shared ancestor: renew it. */
	for (entity = yield->yielder; entity; entity = oversub_eevdf_parent(entity))
		oversub_eevdf_account(rq, entity);
	oversub_eevdf_nominate(yield->target);

	last_in_scope(yield, &last_yielder, &last_target);
	for (entity = yield->target; entity; entity = next_in_chain(entity, last_target)) {
		oversub_eevdf_account(rq, entity);
		if (!oversub_eevdf_eligible(entity))
			oversub_eevdf_credit(rq, entity, margin_of(yield->params, rq, entity));
	}
}

/* Let the next pick see the credit: whoever runs now must not be shielded by its slice. */
static void force_resched(const struct oversub_yield *yield)
{
	const struct lag_credit_params *p = yield->params;
	struct lag_credit_rq *state = yield->rq_private;
	struct eevdf_entity *last_yielder, *last_target, *entity;
	uint64_t clock = oversub_eevdf_clock(yield->rq);

	if (state->last_force && clock - state->last_force <= (uint64_t)p->force_resched_period_ns)
		return;
	state->last_force = clock;
	last_in_scope(yield, &last_yielder, &last_target);
	for (entity = yield->yielder; entity; entity = next_in_chain(entity, last_yielder))
		oversub_eevdf_cancel_protection(entity);
	oversub_eevdf_resched(yield->rq);
}

static bool yield_to(const struct oversub_yield *yield)
{
	const struct lag_credit_params *p = yield->params;
	bool credits = p->enabled && yield->rq == yield->target_rq &&
		       oversub_eevdf_nr_running(yield->rq) != 1;

	oversub_eevdf_nominate(yield->target);
	if (credits && p->credit_order == LAG_CREDIT_BEFORE)
		credit_target(yield);
	oversub_eevdf_forfeit(yield->rq);
	if (credits && p->credit_order == LAG_CREDIT_AFTER)
		credit_target(yield);
	if (credits)
		force_resched(yield);
	return true;
}

const struct oversub_sched_policy sched_lag_credit = {
	OVERSUB_SCHED_POLICY,
	.head.name = "lag_credit",
	.head.help =
		"mainline, and raise the target to a positive lag wherever it is not eligible (v3)",
	.head.params = params,
	.head.params_size = sizeof(struct lag_credit_params),
	.rq_private_size = sizeof(struct lag_credit_rq),
	.yield_to = yield_to,
};
