/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control: the tracking of v3 and nothing else. Who waits for no tracked receiver goes back to
 * its guest, so that all that is gained is gained by knowing the target.
 */
#include "builtin.h"
#include "candidate_v3.h"
#include "spin_scan.h"

static const struct oversub_param tracked_only_params[] = {
	CANDIDATE_V3_TRACKING(0),
	OVERSUB_PARAM_END,
};

/* As in v3, only who waits for a CPU: the scan asks for that, and makes the spin-loop test. */
static bool receiver_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
			    enum oversub_reason *reason)
{
	*reason = OVERSUB_REASON_IPI_RECEIVER;
	return candidate == scan->context;
}

static struct oversub_vcpu *tracked_only_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = SPIN_SCAN_TRIES,
		.filter = receiver_filter,
		.eligible = spin_scan_eligible,
		.context = candidate_v3_receiver(me),
	};

	return scan.context ? spin_scan_pass(&scan) : NULL;
}

const struct oversub_candidate_policy candidate_tracked_only = {
	CANDIDATE_V3_TRACKS,
	.head.name = "tracked_only",
	.head.help = "Control: v3 that yields to the receiver of a recent IPI, and to nobody else.",
	.head.params = tracked_only_params,
	.head.params_size = sizeof(struct candidate_v3_params),
	.on_spin = tracked_only_on_spin,
};
