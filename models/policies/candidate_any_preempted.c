/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control: mainline's rotation without any of its filters. What another policy gains beyond this
 * it gains by whom it chooses; what mainline loses against it, it loses by whom it refuses.
 */
#include "builtin.h"
#include "preempted_set.h"
#include "spin_scan.h"

struct any_preempted_params {
	int64_t accept_woken; /* bool */
};

static const struct oversub_param any_preempted_params[] = {
	OVERSUB_BOOL(struct any_preempted_params, accept_woken, 0,
		     "Also any that was woken and has not run since."),
	OVERSUB_PARAM_END,
};

static bool any_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
		       enum oversub_reason *reason)
{
	const struct any_preempted_params *params = scan->context;

	*reason = OVERSUB_REASON_WOKEN;
	if (!oversub_vcpu_preempted(candidate))
		return params->accept_woken;
	*reason = preempted_set_reason(candidate, scan->want_kernel);
	return true;
}

static struct oversub_vcpu *any_preempted_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = SPIN_SCAN_TRIES,
		.filter = any_filter,
		.context = oversub_vm_params(oversub_vcpu_vm(me)),
	};

	return spin_scan_pass(&scan);
}

const struct oversub_candidate_policy candidate_any_preempted = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "any_preempted",
	.head.help =
		"Control: the next preempted vCPU in rotation, in whatever mode, spinning or not.",
	.head.needs = OVERSUB_NEEDS_FLAGS,
	.head.params = any_preempted_params,
	.head.params_size = sizeof(struct any_preempted_params),
	.wants_ple_exits = true,
	.on_spin = any_preempted_on_spin,
};
