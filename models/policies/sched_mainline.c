/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Linux 7.2 does for the target of a directed yield (yield_to_task_fair): the target becomes
 * the next buddy of every level on its own CPU, and the yielder gives up the rest of its request.
 */
#include "builtin.h"

static bool yield_to(const struct oversub_yield *yield)
{
	oversub_eevdf_nominate(yield->target);
	oversub_eevdf_forfeit(yield->rq);
	return true;
}

const struct oversub_sched_policy sched_mainline = {
	OVERSUB_SCHED_POLICY,
	.head.name = "mainline",
	.head.help =
		"nominate the target as next buddy and forfeit the rest of the yielder's request",
	.yield_to = yield_to,
};
