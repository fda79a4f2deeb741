/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control: any preempted vCPU with the same probability. It isolates what the rotation does, and
 * with in_kernel what mainline's kernel-mode test does without it. As in a rotation, who cannot be
 * yielded to is followed by another, until three yields have failed for want of a second task.
 */
#include <stdlib.h>

#include "builtin.h"
#include "preempted_set.h"
#include "spin_scan.h"

struct random_preempted_params {
	int64_t in_kernel; /* bool */
};

static const struct oversub_param random_preempted_params[] = {
	OVERSUB_BOOL(struct random_preempted_params, in_kernel, 0,
		     "Draw only from vCPUs that were preempted in kernel mode, if the spinner is "
		     "in kernel mode: mainline's test."),
	OVERSUB_PARAM_END,
};

static struct oversub_vcpu *random_preempted_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct oversub_vm *vm = oversub_vcpu_vm(me);
	const struct random_preempted_params *params = oversub_vm_params(vm);
	struct oversub_vcpu *candidate;
	int tries = SPIN_SCAN_TRIES;
	struct preempted_set set;

	preempted_set_collect(&set, me, want_kernel && params->in_kernel);
	oversub_account_scan(me, oversub_vm_nr_vcpus(vm));
	while (tries > 0 && (candidate = preempted_set_draw(&set, vm)) != NULL) {
		int result;

		oversub_explain(me, preempted_set_reason(candidate, want_kernel));
		result = oversub_yield_to(me, candidate);
		if (result > 0)
			return candidate;
		tries -= result < 0;
	}
	return NULL;
}

const struct oversub_candidate_policy candidate_random_preempted = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "random_preempted",
	.head.help = "Control: a preempted vCPU at random.",
	.head.needs = OVERSUB_NEEDS_FLAGS,
	.head.params = random_preempted_params,
	.head.params_size = sizeof(struct random_preempted_params),
	.wants_ple_exits = true,
	.on_spin = random_preempted_on_spin,
};
