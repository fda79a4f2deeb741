/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Demand-based co-scheduling: an IPI that its sender will wait for makes the receiver urgent, at
 * the time of the send, before anybody spins. It runs next on its CPU for a short slice. The sender
 * of a reschedule IPI probably holds a lock that the woken thread will want: its preemption is put
 * off once. All this time is charged as ever.
 *
 * Source: Kim, Kim, Jeong, Lee and Maeng, "Demand-based coordinated scheduling for SMP VMs", ASPLOS
 * 2013; the values are ours.
 */
#include "builtin.h"

#define RESCHEDULE_VECTOR 0xfd

struct demand_params {
	int64_t urgent_slice;
	int64_t delay_preempt;
	int64_t first_vector, last_vector;
	int64_t max_consecutive_urgent;
};

/* Private bytes of a CPU. */
struct demand_cpu {
	int64_t consecutive;	 /* urgent slices with less than a base slice between them */
	int64_t last_urgent_end; /* ns; when the last of them will be over */
};

/* Private bytes of a vCPU. */
struct demand_vcpu {
	int64_t protected_until; /* ns; after a reschedule IPI of its */
	bool put_off;		 /* its preemption was, since it has its CPU */
};

static const struct oversub_param params[] = {
	OVERSUB_DURATION(struct demand_params, urgent_slice, 500000, 1000, 100000000,
			 "CPU time that an urgent vCPU gets at once"),
	OVERSUB_DURATION(struct demand_params, delay_preempt, 500000, 0, 100000000,
			 "how long after a reschedule IPI its sender is not preempted"),
	OVERSUB_INT(struct demand_params, first_vector, NULL, 0xfb, 0, 255,
		    "first vector that makes its receiver urgent; 251 and 252 are function calls"),
	OVERSUB_INT(struct demand_params, last_vector, NULL, 0xfc, 0, 255,
		    "last vector that makes its receiver urgent"),
	OVERSUB_INT(struct demand_params, max_consecutive_urgent, "slices", 8, 1, 1000000,
		    "urgent slices on a CPU before others must have had a base slice there"),
	OVERSUB_PARAM_END,
};

/* Give vcpu an urgent slice, unless others have to run first where it is. */
static void hurry(struct host_task *vcpu)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	const struct demand_params *p = oversub_cosched_params(host);
	struct demand_cpu *state = oversub_cosched_cpu_private(oversub_cosched_cpu_of(vcpu));
	int64_t now = oversub_cosched_now(host);

	if (now - state->last_urgent_end >= oversub_cosched_base_slice(host))
		state->consecutive = 0;
	if (state->consecutive >= p->max_consecutive_urgent ||
	    !oversub_cosched_run_next(vcpu, p->urgent_slice))
		return;
	state->consecutive++;
	if (state->last_urgent_end < now)
		state->last_urgent_end = now;
	state->last_urgent_end += p->urgent_slice;
}

static void on_ipi(const struct oversub_cosched_ipi *ipi)
{
	const struct host *host = oversub_cosched_host_of(ipi->source);
	const struct demand_params *p = oversub_cosched_params(host);

	if (ipi->vector == RESCHEDULE_VECTOR) {
		struct demand_vcpu *sender = oversub_cosched_vcpu_private(ipi->source);

		sender->protected_until = oversub_cosched_now(host) + p->delay_preempt;
	}
	if (ipi->vector < p->first_vector || ipi->vector > p->last_vector ||
	    ipi->state == OVERSUB_TARGET_RUNNING)
		return;
	hurry(ipi->target);
}

static int64_t preempt(struct pcpu *cpu, struct host_task *vcpu)
{
	struct demand_vcpu *state = oversub_cosched_vcpu_private(vcpu);
	int64_t left =
		state->protected_until - oversub_cosched_now(oversub_cosched_host_of_cpu(cpu));

	if (state->put_off || left <= 0)
		return 0;
	state->put_off = true;
	return left;
}

static void switched(struct pcpu *cpu, struct host_task *prev, struct host_task *next)
{
	if (next && oversub_cosched_vm_of(next) >= 0)
		((struct demand_vcpu *)oversub_cosched_vcpu_private(next))->put_off = false;
}

const struct oversub_cosched_policy cosched_demand = {
	OVERSUB_COSCHED_POLICY,
	.head.name = "demand_cosched",
	.head.help = "run a vCPU without a CPU as soon as a sibling sends it an IPI to wait for",
	.head.needs = OVERSUB_NEEDS_IPI_ALL,
	.head.params = params,
	.head.params_size = sizeof(struct demand_params),
	.cpu_private_size = sizeof(struct demand_cpu),
	.vcpu_private_size = sizeof(struct demand_vcpu),
	.ipi = on_ipi,
	.preempt = preempt,
	.switched = switched,
};
