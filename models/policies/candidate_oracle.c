/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What could be gained if KVM knew everything: at a pause-loop exit, or at the instant at which it
 * becomes true, the right target is found by following who waits for whom, and runs at once. If
 * all that is waited for runs, the spinner goes on. No kernel could do this: it is the bound that
 * other candidate policies are compared with.
 *
 * Free of cost are the exit, the scan, the yield, and the switch and migration to the target. What
 * remains: the cache refill of both, the interrupt of another CPU (remote_preempt), and the way
 * back of the spinner, which is a switch like any other.
 */
#include "builtin.h"

enum oracle_trigger { ORACLE_PLE, ORACLE_INSTANT };
enum oracle_cost { ORACLE_REAL, ORACLE_ZERO };
enum oracle_boost { ORACLE_RUN, ORACLE_YIELD };
enum oracle_cross_rq { ORACLE_PULL, ORACLE_SWAP, ORACLE_REMOTE_PREEMPT, ORACLE_NONE };

struct oracle_params {
	int64_t trigger;
	int64_t cost;
	int64_t boost;
	int64_t cross_rq;
	int64_t fair;
};

static const char *const triggers[] = {"ple", "instant", NULL};
static const char *const costs[] = {"real", "zero", NULL};
static const char *const boosts[] = {"run", "yield", NULL};
static const char *const cross_rqs[] = {"pull", "swap", "remote_preempt", "none", NULL};

static const struct oversub_param params[] = {
	OVERSUB_ENUM(struct oracle_params, trigger, triggers, ORACLE_PLE,
		     "Act at pause-loop exits, or at once when a wait for a vCPU without a CPU "
		     "begins."),
	OVERSUB_ENUM(struct oracle_params, cost, costs, ORACLE_REAL,
		     "What exit, scan, yield and the switch to the target take: what they do, or "
		     "nothing."),
	OVERSUB_ENUM(
		struct oracle_params, boost, boosts, ORACLE_RUN,
		"Make the target run whatever the scheduler thinks, or yield to it as others do: "
		"the bound of what choosing well can gain."),
	OVERSUB_ENUM(
		struct oracle_params, cross_rq, cross_rqs, ORACLE_PULL,
		"Target on another CPU: migrate it here, exchange both, have it preempt the task "
		"there, or leave it."),
	OVERSUB_BOOL(
		struct oracle_params, fair, 1,
		"The spinner pays with its lag for what the target lacks, where both compete."),
	OVERSUB_PARAM_END,
};

static const struct oracle_params *params_of(const struct oversub_vcpu *vcpu)
{
	return oversub_vm_params(oversub_vcpu_vm(vcpu));
}

static int run(struct oversub_vcpu *me, struct oversub_vcpu *target, int how)
{
	return oversub_oracle_run(
		me, target,
		(enum oversub_oracle_boost)(how | (params_of(me)->fair ? OVERSUB_ORACLE_FAIR : 0)));
}

static struct oversub_vcpu *on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	static const int where[] = {
		[ORACLE_PULL] = OVERSUB_ORACLE_PULL,
		[ORACLE_SWAP] = OVERSUB_ORACLE_SWAP,
		[ORACLE_REMOTE_PREEMPT] = OVERSUB_ORACLE_PREEMPT,
		[ORACLE_NONE] = OVERSUB_ORACLE_LOCAL,
	};
	const struct oracle_params *p = params_of(me);
	struct oversub_vcpu *target = oversub_oracle_right_target(me);

	(void)want_kernel;
	oversub_account_scan(me, 1);
	if (!target)
		return NULL;
	oversub_explain(me, OVERSUB_REASON_ORACLE);
	if (p->boost == ORACLE_YIELD)
		return oversub_yield_to(me, target) > 0 ? target : NULL;
	if (run(me, target, where[p->cross_rq]))
		return target;
	/* Its affinity keeps it away from here. */
	if (p->cross_rq != ORACLE_NONE && run(me, target, OVERSUB_ORACLE_PREEMPT))
		return target;
	return NULL;
}

static void on_exit(struct oversub_vcpu *vcpu, bool pause)
{
	if (pause && params_of(vcpu)->cost == ORACLE_ZERO)
		oversub_oracle_waive_cost(vcpu);
}

static bool on_wait(struct oversub_vcpu *vcpu)
{
	return params_of(vcpu)->trigger == ORACLE_INSTANT;
}

const struct oversub_candidate_policy candidate_oracle = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "oracle",
	.head.help = "Knows who waits for whom, and runs the right vCPU: a bound on choice at an "
		     "exit, best with cross_rq swap.",
	.head.needs = OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_ORACLE,
	.head.params = params,
	.head.params_size = sizeof(struct oracle_params),
	.wants_ple_exits = true,
	.on_spin = on_spin,
	.on_exit = on_exit,
	.on_wait = on_wait,
};
