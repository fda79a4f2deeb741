/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Relaxed co-scheduling: the vCPUs of a VM need not run together, but none may get far ahead of
 * another. A vCPU makes progress while it runs and while it is halted, so one is behind another by
 * the time that it has waited for a CPU longer. Those too far ahead of one that is awake are
 * co-stopped until the distance has shrunk; the one behind all others is preferred on its CPU and
 * never stopped. Sleep does not put a vCPU farther ahead than the bound: one that has slept for
 * long would otherwise be stopped for as long as its siblings have waited meanwhile.
 *
 * The policy knows nothing of locks. Where the one behind spins for one that is stopped, and yields
 * at every pause-loop exit, it hardly gets ahead, and stops last for tens of ms.
 *
 * Source: what VMware publishes of ESX 3 and later; the values are ours.
 */
#include "builtin.h"

struct relaxed_params {
	int64_t skew_hi, skew_lo;
	int64_t check_period;
};

/* Private bytes of a vCPU. */
struct relaxed_vcpu {
	int64_t forgiven; /* ns that it counts as having waited, as it slept */
};

static const struct oversub_param params[] = {
	OVERSUB_DURATION(struct relaxed_params, skew_hi, 3000000, 1000, 10000000000,
			 "a vCPU that is farther ahead of another one of its VM is stopped"),
	OVERSUB_DURATION(
		struct relaxed_params, skew_lo, 1500000, 0, 10000000000,
		"it goes on when it is less ahead than this, or than skew_hi if that is smaller"),
	OVERSUB_DURATION(struct relaxed_params, check_period, 1000000, 10000, 1000000000,
			 "how often the distances are looked at"),
	OVERSUB_PARAM_END,
};

/* How far vcpu is behind one that never waits, ns. */
static int64_t delay_of(const struct host_task *vcpu)
{
	const struct relaxed_vcpu *state = oversub_cosched_vcpu_private(vcpu);

	return oversub_cosched_waited(vcpu) + state->forgiven;
}

/* The one of the awake vCPUs of vm that is farthest behind; NULL: all sleep. */
static struct host_task *last_one(const struct host *host, int vm)
{
	struct host_task *last = NULL;

	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++) {
		struct host_task *vcpu = oversub_cosched_vcpu(host, vm, i);

		if (oversub_cosched_runnable(vcpu) && (!last || delay_of(vcpu) > delay_of(last)))
			last = vcpu;
	}
	return last;
}

static void check_vm(const struct host *host, int vm)
{
	const struct relaxed_params *p = oversub_cosched_params(host);
	int64_t low = p->skew_lo < p->skew_hi ? p->skew_lo : p->skew_hi;
	struct host_task *last = last_one(host, vm);
	bool too_far = false;

	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++) {
		struct host_task *vcpu = oversub_cosched_vcpu(host, vm, i);
		int64_t lead = last ? delay_of(last) - delay_of(vcpu) : 0;

		if (vcpu == last || lead < low) {
			oversub_cosched_start(vcpu);
		} else if (lead > p->skew_hi) {
			too_far = true;
			/* One that sleeps is not stopped: it may be what the last one waits for. */
			if (oversub_cosched_runnable(vcpu))
				oversub_cosched_stop(vcpu);
		}
	}
	if (too_far)
		oversub_cosched_prefer(last);
}

static void wake(struct host_task *vcpu)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	const struct relaxed_params *p = oversub_cosched_params(host);
	struct relaxed_vcpu *state = oversub_cosched_vcpu_private(vcpu);
	int64_t lead = delay_of(last_one(host, oversub_cosched_vm_of(vcpu))) - delay_of(vcpu);

	if (lead > p->skew_hi)
		state->forgiven += lead - p->skew_hi;
}

static void timer(struct host *host)
{
	const struct relaxed_params *p = oversub_cosched_params(host);

	for (int vm = 0; vm < oversub_cosched_nr_vms(host); vm++)
		check_vm(host, vm);
	oversub_cosched_set_timer(host, oversub_cosched_now(host) + p->check_period);
}

const struct oversub_cosched_policy cosched_relaxed = {
	OVERSUB_COSCHED_POLICY,
	.head.name = "relaxed_cosched",
	.head.help = "stop vCPUs that get too far ahead of a sibling which waits for a CPU",
	.head.params = params,
	.head.params_size = sizeof(struct relaxed_params),
	.vcpu_private_size = sizeof(struct relaxed_vcpu),
	.start = timer,
	.timer = timer,
	.wake = wake,
};
