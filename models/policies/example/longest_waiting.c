/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An example of a plug-in: yield to the vCPU that was preempted longest ago.
 *
 *   make CPPFLAGS=-I/usr/local/include
 *   oversub run demo --plugin ./longest_waiting.so --set candidate.policy=longest_waiting
 */
#include <oversub/policy.h>

struct params {
	int64_t min_wait_ns; /* who waits for less is not worth a yield */
};

static const struct oversub_param params[] = {
	OVERSUB_DURATION(struct params, min_wait_ns, 100000, 0, 1000000000,
			 "Do not yield to vCPUs that were preempted less than this ago."),
	OVERSUB_PARAM_END,
};

/* Private to each vCPU; zeroed by the simulator. */
struct state {
	uint64_t preempted_at; /* ns */
};

static void on_sched_out(struct oversub_vcpu *vcpu, bool preempted)
{
	struct state *state = oversub_vcpu_private(vcpu);

	if (preempted)
		state->preempted_at = oversub_vm_now(oversub_vcpu_vm(vcpu));
}

static struct oversub_vcpu *on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct oversub_vm *vm = oversub_vcpu_vm(me);
	const struct params *limits = oversub_vm_params(vm);
	uint64_t now = oversub_vm_now(vm);
	uint64_t longest = (uint64_t)limits->min_wait_ns;
	struct oversub_vcpu *best = NULL;
	int nr = oversub_vm_nr_vcpus(vm);

	for (int i = 0; i < nr; i++) {
		struct oversub_vcpu *vcpu = oversub_vm_vcpu(vm, i);
		struct state *state = oversub_vcpu_private(vcpu);

		if (vcpu == me || !oversub_vcpu_preempted(vcpu) ||
		    now - state->preempted_at < longest)
			continue;
		/* want_kernel: who was preempted in user mode holds no lock of the kernel. */
		if (want_kernel && !oversub_vcpu_preempted_in_kernel(vcpu))
			continue;
		best = vcpu;
		longest = now - state->preempted_at;
	}
	oversub_account_scan(me, nr);
	oversub_explain(me, OVERSUB_REASON_PREEMPTED);
	return best && oversub_yield_to(me, best) > 0 ? best : NULL;
}

static const struct oversub_candidate_policy longest_waiting = {
	.version = OVERSUB_POLICY_VERSION,
	.size = sizeof(longest_waiting),
	.name = "longest_waiting",
	.help = "Example: yield to the vCPU that was preempted longest ago.",
	.needs = OVERSUB_NEEDS_FLAGS,
	.params = params,
	.params_size = sizeof(struct params),
	.vcpu_private_size = sizeof(struct state),
	.wants_ple_exits = true,
	.on_spin = on_spin,
	.on_sched_out = on_sched_out,
};

const struct oversub_plugin oversub_plugin = {
	.version = OVERSUB_POLICY_VERSION,
	.size = sizeof(oversub_plugin),
	.candidates = (const struct oversub_candidate_policy *const[]){&longest_waiting, NULL},
};
