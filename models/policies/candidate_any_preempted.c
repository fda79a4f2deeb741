/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control: mainline's rotation without any of its filters. What another policy gains beyond this
 * it gains by whom it chooses; what mainline loses against it, it loses by whom it refuses.
 */
#include "builtin.h"
#include "preempted_set.h"
#include "spin_scan.h"

static bool any_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
		       enum oversub_reason *reason)
{
	*reason = preempted_set_reason(candidate, scan->want_kernel);
	return oversub_vcpu_preempted(candidate);
}

static struct oversub_vcpu *any_preempted_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = SPIN_SCAN_TRIES,
		.filter = any_filter,
	};

	return spin_scan_pass(&scan);
}

const struct oversub_candidate_policy candidate_any_preempted = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "any_preempted",
	.head.help =
		"Control: the next preempted vCPU in rotation, in whatever mode, spinning or not.",
	.head.needs = OVERSUB_NEEDS_FLAGS,
	.wants_ple_exits = true,
	.on_spin = any_preempted_on_spin,
};
