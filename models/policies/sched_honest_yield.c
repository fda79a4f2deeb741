/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mainline takes every hint for another CPU, interrupts that CPU, and lets the yielder forfeit its
 * request, whether the target will be picked there or not. Here such a hint is taken only if it
 * would be honoured; otherwise KVM hears so, and goes on looking.
 */
#include "builtin.h"

static bool yield_to(const struct oversub_yield *yield)
{
	if (yield->rq != yield->target_rq && !oversub_eevdf_buddy_would_run(yield->target))
		return false;
	oversub_eevdf_nominate(yield->target);
	oversub_eevdf_forfeit(yield->rq);
	return true;
}

const struct oversub_sched_policy sched_honest_yield = {
	OVERSUB_SCHED_POLICY,
	.head.name = "honest_yield",
	.head.help =
		"mainline, but refuse a hint that another CPU would not honour: KVM looks further",
	.yield_to = yield_to,
};
