/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: KVM_CAP_X86_DISABLE_EXITS with PAUSE: nobody is ever asked to yield. */
#include "candidate.h"

static struct oversub_vcpu *none_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	return NULL;
}

const struct oversub_candidate_policy candidate_none = {
	.version = OVERSUB_POLICY_VERSION,
	.size = sizeof(candidate_none),
	.name = "none",
	.help = "Pause-loop exits are off: a spinner burns its slice, the lower bound.",
	.wants_ple_exits = false,
	.on_spin = none_on_spin,
};
