/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: kvm_vcpu_on_spin() as it was before directed yield (Linux 2.6.39), which slept for 100 us
 * so that others could run; and the plain yield() that would have been the obvious alternative.
 */
#include "builtin.h"

enum sched_yield_mode { SCHED_YIELD_YIELD, SCHED_YIELD_SLEEP };

struct sched_yield_params {
	int64_t mode; /* enum sched_yield_mode */
	int64_t sleep_ns;
};

static const char *const mode_choices[] = {"yield", "sleep", NULL};

static const struct oversub_param sched_yield_params[] = {
	OVERSUB_ENUM(struct sched_yield_params, mode, mode_choices, SCHED_YIELD_YIELD,
		     "yield: to the back of its run queue, if its scheduler lets it; sleep: off "
		     "the run queue for sleep_ns."),
	OVERSUB_DURATION(struct sched_yield_params, sleep_ns, 100000, 1, 1000000000,
			 "How long a spinner sleeps under mode sleep."),
	OVERSUB_PARAM_END,
};

static struct oversub_vcpu *sched_yield_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	const struct sched_yield_params *params = oversub_vm_params(oversub_vcpu_vm(me));

	if (params->mode == SCHED_YIELD_SLEEP)
		oversub_sleep(me, params->sleep_ns);
	else
		oversub_yield(me);
	return NULL;
}

const struct oversub_candidate_policy candidate_sched_yield = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "sched_yield",
	.head.help = "A spinner leaves its CPU, but to nobody in particular.",
	.head.params = sched_yield_params,
	.head.params_size = sizeof(struct sched_yield_params),
	.wants_ple_exits = true,
	.on_spin = sched_yield_on_spin,
};
