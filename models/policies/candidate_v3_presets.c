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

/* v3 with other defaults. */
#define V3_PRESET(name_, relaxed_, fixed_, ranked_, help_)                                         \
	const struct oversub_candidate_policy candidate_##name_ = {                                \
		CANDIDATE_V3_TRACKS,                                                               \
		.head.name = #name_,                                                               \
		.head.help = (help_),                                                              \
		.head.params = (const struct oversub_param[]){CANDIDATE_V3_PARAMS(                 \
								      relaxed_, fixed_, ranked_),  \
							      OVERSUB_PARAM_END},                  \
		.head.params_size = sizeof(struct candidate_v3_params),                            \
		.on_spin = candidate_v3_on_spin,                                                   \
	}

V3_PRESET(v3, 1, 0, 0,
	  "IPI-aware directed yield as posted: recent receivers, pending interrupts, preempted in "
	  "kernel; then any preempted vCPU.");
V3_PRESET(v3_strict, 0, 0, 0, "v3 without its relaxed second pass.");
V3_PRESET(v3_fixed, 1, 1, 0, "v3 without what it does by accident.");
V3_PRESET(v3_ranked, 1, 1, 1,
	  "v3_fixed with the tiers one after the other: a recent receiver comes before any "
	  "preempted vCPU.");

/* What is not in the table stays 0: ipi_tracking_enabled is off. */
static const struct oversub_param v3_untracked_params[] = {CANDIDATE_V3_SCAN(1, 0),
							   OVERSUB_PARAM_END};

/* It needs to hear of no IPI, so it does the same on any hardware. */
const struct oversub_candidate_policy candidate_v3_untracked = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "v3_untracked",
	.head.help = "Control: v3 without its tracking, so its filter and its relaxed second pass.",
	.head.needs = OVERSUB_NEEDS_FLAGS,
	.head.params = v3_untracked_params,
	.head.params_size = sizeof(struct candidate_v3_params),
	.vm_private_size = sizeof(struct candidate_v3_vm),
	.vcpu_private_size = sizeof(struct candidate_v3_vcpu),
	.wants_ple_exits = true,
	.on_spin = candidate_v3_on_spin,
	.vcpu_reset = candidate_v3_vcpu_reset,
};
