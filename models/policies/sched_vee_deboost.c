/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scheduler half of Ishiguro et al., VEE 2021, carried over from CFS: if the hint would be
 * refused, and yielder and target compete in one queue (the vCPUs of a VM in one group), push the
 * yielder forward just enough that it is not. Others of the queue gain what the yielder loses;
 * across groups nothing is done.
 */
#include "builtin.h"

struct vee_deboost_params {
	int64_t enabled; /* bool */
};

static const struct oversub_param params[] = {
	OVERSUB_BOOL(struct vee_deboost_params, enabled, true, "off is mainline"),
	OVERSUB_PARAM_END,
};

static void deboost(const struct oversub_yield *yield)
{
	struct eevdf_entity *yielder = yield->yielder;
	uint64_t push, limit;

	if (yield->rq != yield->target_rq || !oversub_eevdf_same_queue(yielder, yield->target))
		return;
	oversub_eevdf_account(yield->rq, yielder);
	push = oversub_eevdf_push_needed(yielder, yield->target);
	limit = oversub_eevdf_push_limit(yield->rq, yielder);
	if (push > limit)
		push = limit;
	if (push)
		oversub_eevdf_charge(yield->rq, yielder, push);
}

static bool yield_to(const struct oversub_yield *yield)
{
	const struct vee_deboost_params *p = yield->params;

	if (p->enabled)
		deboost(yield);
	/* Accounting may have dropped an earlier nomination. */
	oversub_eevdf_nominate(yield->target);
	oversub_eevdf_forfeit(yield->rq);
	return true;
}

const struct oversub_sched_policy sched_vee_deboost = {
	OVERSUB_SCHED_POLICY,
	.head.name = "vee_deboost",
	.head.help = "mainline, and push the yielder until a target in the same group is eligible "
		     "(VEE'21)",
	.head.params = params,
	.head.params_size = sizeof(struct vee_deboost_params),
	.yield_to = yield_to,
};
