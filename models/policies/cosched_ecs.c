/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enlightened critical sections: the guest publishes how many sections it is in that others may
 * wait for, and a vCPU that is about to lose its CPU inside one may keep it a little longer, once
 * for each time that it gets a CPU. What it used of that is a debt, which it pays off by waiting;
 * nothing is granted beyond max_debt. The scheduler charges the time as ever.
 *
 * Left out is the guest's part, not to wake or queue threads on vCPUs that are preempted; and all
 * sections count alike. Source: Kashyap, Min and Kim, "Scaling guest OS critical sections with
 * eCS", ATC 2018.
 */
#include "builtin.h"

struct ecs_params {
	int64_t extra_ns;
	int64_t max_debt;
};

/* Private bytes of a vCPU. */
struct ecs_vcpu {
	int64_t debt;	    /* ns, as of the last look */
	int64_t waited;	    /* oversub_cosched_waited() then */
	int64_t granted_at; /* ns; when its present extension began */
	bool granted;	    /* it had its extension, since it has its CPU */
};

static const struct oversub_param params[] = {
	OVERSUB_DURATION(struct ecs_params, extra_ns, 500000, 1000, 100000000,
			 "how long a vCPU in a critical section may keep its CPU, once per stay"),
	OVERSUB_DURATION(struct ecs_params, max_debt, 2000000, 0, 1000000000,
			 "extra time that a vCPU may have without having waited as long since"),
	OVERSUB_PARAM_END,
};

/* What is left of its debt after what it has waited meanwhile. */
static int64_t debt_of(const struct host_task *vcpu)
{
	struct ecs_vcpu *state = oversub_cosched_vcpu_private(vcpu);
	int64_t waited = oversub_cosched_waited(vcpu);

	state->debt -= waited - state->waited;
	if (state->debt < 0)
		state->debt = 0;
	state->waited = waited;
	return state->debt;
}

static int64_t preempt(struct pcpu *cpu, struct host_task *vcpu)
{
	const struct host *host = oversub_cosched_host_of_cpu(cpu);
	const struct ecs_params *p = oversub_cosched_params(host);
	struct ecs_vcpu *state = oversub_cosched_vcpu_private(vcpu);
	int64_t left = p->max_debt - debt_of(vcpu);

	if (state->granted || left <= 0 || !oversub_cosched_published_critical(vcpu))
		return 0;
	state->granted = true;
	state->granted_at = oversub_cosched_now(host);
	return p->extra_ns < left ? p->extra_ns : left;
}

static void switched(struct pcpu *cpu, struct host_task *prev, struct host_task *next)
{
	if (prev && oversub_cosched_vm_of(prev) >= 0) {
		struct ecs_vcpu *state = oversub_cosched_vcpu_private(prev);

		if (state->granted)
			state->debt += oversub_cosched_now(oversub_cosched_host_of_cpu(cpu)) -
				       state->granted_at;
		state->granted = false;
	}
}

const struct oversub_cosched_policy cosched_ecs = {
	OVERSUB_COSCHED_POLICY,
	.head.name = "ecs",
	.head.help =
		"put off the preemption of a vCPU whose guest says it is in a critical section",
	.head.needs = OVERSUB_NEEDS_GUEST_HINT,
	.head.params = params,
	.head.params_size = sizeof(struct ecs_params),
	.vcpu_private_size = sizeof(struct ecs_vcpu),
	.preempt = preempt,
	.switched = switched,
};
