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

	eevdf_nominate(yield->target);
	if (eevdf_nr_running(yield->rq) == 1)
		return true;
	eevdf_account(yield->rq, entity);
	eligible = eevdf_eligible(entity);
	eevdf_forfeit(yield->rq);

	while (eligible && eevdf_h_nr_runnable(entity) <= 1 && eevdf_parent(entity)) {
		entity = eevdf_parent(entity);
		eligible = eevdf_forfeit_entity(yield->rq, entity);
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
