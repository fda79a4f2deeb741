/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control: v3, but whenever tracking names a receiver, a preempted vCPU drawn at random stands in
 * for it. It is as willing to yield as v3 and knows nothing: what v3 gains beyond it, it gains by
 * knowing the target.
 */
#include "builtin.h"
#include "candidate_v3.h"
#include "preempted_set.h"
#include "spin_scan.h"

struct random_tracked_params {
	struct candidate_v3_params v3;
	int64_t only_waiting; /* bool */
};

static const struct oversub_param random_tracked_params[] = {
	CANDIDATE_V3_PARAMS(1, 0, 0),
	OVERSUB_BOOL(struct random_tracked_params, only_waiting, 0,
		     "Let another vCPU stand in only for a receiver that waits for a CPU, which "
		     "v3 could yield to."),
	OVERSUB_PARAM_END,
};

static struct oversub_vcpu *stand_in(struct oversub_vcpu *me)
{
	struct oversub_vm *vm = oversub_vcpu_vm(me);
	const struct random_tracked_params *params = oversub_vm_params(vm);
	const struct oversub_vcpu *receiver = candidate_v3_receiver(me);
	struct preempted_set set;

	if (!receiver || (params->only_waiting && !spin_scan_waits_for_cpu(receiver)))
		return NULL;
	preempted_set_collect(&set, me, false);
	return preempted_set_draw(&set, vm);
}

static struct oversub_vcpu *random_tracked_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	return candidate_v3_scan(me, want_kernel, stand_in(me), true);
}

const struct oversub_candidate_policy candidate_random_tracked = {
	CANDIDATE_V3_TRACKS,
	.head.name = "random_tracked",
	.head.help = "Control: v3 with a random preempted vCPU in the place of the receiver.",
	.head.params = random_tracked_params,
	.head.params_size = sizeof(struct random_tracked_params),
	.on_spin = random_tracked_on_spin,
};
