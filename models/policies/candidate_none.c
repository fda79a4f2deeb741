/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: KVM_CAP_X86_DISABLE_EXITS with PAUSE: nobody is ever asked to yield. */
#include "builtin.h"

enum none_ple { NONE_PLE_OFF, NONE_PLE_EXIT_ONLY };

struct none_params {
	int64_t ple; /* enum none_ple */
};

static const char *const ple_choices[] = {"off", "exit_only", NULL};

static const struct oversub_param none_params[] = {
	OVERSUB_ENUM(struct none_params, ple, ple_choices, NONE_PLE_OFF,
		     "off: no pause-loop exits; exit_only: they happen and cost their time, but "
		     "nothing comes of them."),
	OVERSUB_PARAM_END,
};

static bool none_chooses_ple_exits(const void *params)
{
	return ((const struct none_params *)params)->ple == NONE_PLE_EXIT_ONLY;
}

static struct oversub_vcpu *none_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	return NULL;
}

const struct oversub_candidate_policy candidate_none = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "none",
	.head.help = "Nobody yields: a spinner burns its slice, the lower bound.",
	.head.params = none_params,
	.head.params_size = sizeof(struct none_params),
	.wants_ple_exits = false,
	.chooses_ple_exits = none_chooses_ple_exits,
	.on_spin = none_on_spin,
};
