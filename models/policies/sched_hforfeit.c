/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hierarchical forfeit, as proposed in review of the series: a yielder that is alone in its group
 * gives up nothing in mainline, so let the groups above it forfeit too, up to the first level that
 * other runnable tasks share.
 */
#include "builtin.h"

static bool yield_to(const struct oversub_yield *yield)
{
	struct eevdf_entity *entity = yield->yielder;
	bool eligible;

	oversub_eevdf_nominate(yield->target);
	if (oversub_eevdf_nr_running(yield->rq) == 1)
		return true;
	oversub_eevdf_account(yield->rq, entity);
	eligible = oversub_eevdf_eligible(entity);
	oversub_eevdf_forfeit(yield->rq);

	while (eligible && oversub_eevdf_h_nr_runnable(entity) <= 1 &&
	       oversub_eevdf_parent(entity)) {
		entity = oversub_eevdf_parent(entity);
		eligible = oversub_eevdf_forfeit_entity(yield->rq, entity);
	}
	return true;
}

const struct oversub_sched_policy sched_hforfeit = {
	OVERSUB_SCHED_POLICY,
	.head.name = "hforfeit",
	.head.help =
		"mainline, but groups that the yielder has to itself forfeit their request as well",
	.yield_to = yield_to,
};
