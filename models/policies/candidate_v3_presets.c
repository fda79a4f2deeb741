/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * v3 under five names. v3 and v3_strict are as posted; v3_untracked is a control, what the rest
 * does without tracking. The other two show how much of what the series does comes from what it
 * does by accident:
 *  - a vector field that two roles of a vCPU share, so that an EOI may not be recognised;
 *  - a spin-loop test that the second scan makes again, and that then has the opposite answer;
 *  - a budget of -ESRCH results that the second scan finds spent, and so unlimited;
 *  - woken vCPUs left out, whereas mainline accepts them;
 *  - tiers that filter and do not rank.
 */
#include "builtin.h"
#include "candidate_v3.h"

static const struct oversub_param v3_params[] = {CANDIDATE_V3_PARAMS(1, 0, 0), OVERSUB_PARAM_END};
static const struct oversub_param v3_strict_params[] = {CANDIDATE_V3_PARAMS(0, 0, 0),
							OVERSUB_PARAM_END};
static const struct oversub_param v3_fixed_params[] = {CANDIDATE_V3_PARAMS(1, 1, 0),
						       OVERSUB_PARAM_END};
static const struct oversub_param v3_ranked_params[] = {CANDIDATE_V3_PARAMS(1, 1, 1),
							OVERSUB_PARAM_END};

/* What is not in the table stays 0: ipi_tracking_enabled is off. */
static const struct oversub_param v3_untracked_params[] = {CANDIDATE_V3_SCAN(1, 0),
							   OVERSUB_PARAM_END};

#define V3_COMMON                                                                                  \
	OVERSUB_CANDIDATE_POLICY,                                                                  \
		.head.needs = OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_EOI,    \
		.head.params_size = sizeof(struct candidate_v3_params),                            \
		.vm_private_size = sizeof(struct candidate_v3_vm),                                 \
		.vcpu_private_size = sizeof(struct candidate_v3_vcpu), .wants_ple_exits = true,    \
		.on_spin = candidate_v3_on_spin, .vcpu_reset = candidate_v3_vcpu_reset,            \
		.on_ipi = candidate_v3_on_ipi, .on_eoi = candidate_v3_on_eoi

const struct oversub_candidate_policy candidate_v3 = {
	V3_COMMON,
	.head.name = "v3",
	.head.help = "IPI-aware directed yield as posted: recent receivers, pending interrupts, "
		     "preempted in kernel; then any preempted vCPU.",
	.head.params = v3_params,
};

const struct oversub_candidate_policy candidate_v3_strict = {
	V3_COMMON,
	.head.name = "v3_strict",
	.head.help = "v3 without its relaxed second pass.",
	.head.params = v3_strict_params,
};

const struct oversub_candidate_policy candidate_v3_fixed = {
	V3_COMMON,
	.head.name = "v3_fixed",
	.head.help = "v3 without what it does by accident.",
	.head.params = v3_fixed_params,
};

const struct oversub_candidate_policy candidate_v3_ranked = {
	V3_COMMON,
	.head.name = "v3_ranked",
	.head.help = "v3_fixed with the tiers one after the other: a recent receiver "
		     "comes before any "
		     "preempted vCPU.",
	.head.params = v3_ranked_params,
};

/* It needs to hear of no IPI, so it does the same on any hardware. */
const struct oversub_candidate_policy candidate_v3_untracked = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "v3_untracked",
	.head.help = "Control: v3 without its tracking, so its filter and its relaxed "
		     "second pass.",
	.head.needs = OVERSUB_NEEDS_FLAGS,
	.head.params = v3_untracked_params,
	.head.params_size = sizeof(struct candidate_v3_params),
	.vm_private_size = sizeof(struct candidate_v3_vm),
	.vcpu_private_size = sizeof(struct candidate_v3_vcpu),
	.wants_ple_exits = true,
	.on_spin = candidate_v3_on_spin,
	.vcpu_reset = candidate_v3_vcpu_reset,
};
