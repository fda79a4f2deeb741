/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: kvm_vcpu_on_spin(), virt/kvm/kvm_main.c, Linux 7.2. The parameters switch single tests
 * off; a ready flag that stays set by mistake, as has been reported, is not among them.
 */
#include "candidate_mainline.h"

#include "builtin.h"
#include "spin_scan.h"

static const struct oversub_param mainline_params[] = {
	OVERSUB_INT(struct candidate_mainline_params, tries, "attempts", SPIN_SCAN_TRIES, 1, 4096,
		    "Attempts that may fail for want of a second task before the scan gives up."),
	OVERSUB_BOOL(struct candidate_mainline_params, filter_spin_loop, 1,
		     "Refuse a vCPU that is itself spinning at every other evaluation."),
	OVERSUB_BOOL(struct candidate_mainline_params, use_ready, 1,
		     "Consider only vCPUs that wait for a CPU."),
	OVERSUB_BOOL(struct candidate_mainline_params, accept_woken, 1,
		     "Consider vCPUs that were woken, too; Linux before 5.3 considered only those "
		     "that were preempted."),
	OVERSUB_PARAM_END,
};

/* If the spinner is in the guest's kernel, so should a preempted candidate be. */
static bool mainline_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
			    enum oversub_reason *reason)
{
	const struct candidate_mainline_params *params = scan->context;

	if (!oversub_vcpu_preempted(candidate) && !params->accept_woken)
		return false;
	if (!oversub_vcpu_preempted(candidate))
		*reason = OVERSUB_REASON_WOKEN;
	else if (!scan->want_kernel || oversub_vcpu_preempted_in_kernel(candidate))
		*reason = OVERSUB_REASON_PREEMPTED;
	else if (oversub_vcpu_pending_interrupt_hint(candidate))
		*reason = OVERSUB_REASON_PENDING_INTERRUPT;
	else
		return false;
	return true;
}

struct oversub_vcpu *candidate_mainline_scan(struct oversub_vcpu *me, bool want_kernel,
					     const struct candidate_mainline_params *params)
{
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = (int)params->tries,
		.any_state = !params->use_ready,
		.filter = mainline_filter,
		.eligible = params->filter_spin_loop ? spin_scan_eligible : NULL,
		.context = params,
	};

	return spin_scan_pass(&scan);
}

static struct oversub_vcpu *mainline_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	return candidate_mainline_scan(me, want_kernel, oversub_vm_params(oversub_vcpu_vm(me)));
}

const struct oversub_candidate_policy candidate_mainline = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "mainline",
	.head.help = "The directed yield of Linux 7.2: next vCPU in rotation that waits for a CPU.",
	.head.needs = OVERSUB_NEEDS_FLAGS,
	.head.params = mainline_params,
	.head.params_size = sizeof(struct candidate_mainline_params),
	.wants_ple_exits = true,
	.on_spin = mainline_on_spin,
};
