/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source: the direction that KVM's maintainers asked for in reply to the IPI-aware series, and that
 * s390 has taken with diagnose 0x9c: the guest, which knows, says for whom it spins. Here it
 * publishes that beside steal time, so that saying it costs no exit.
 */
#include "builtin.h"
#include "candidate_mainline.h"
#include "candidate_v3.h"
#include "spin_scan.h"

enum wait_hint_fallback { WAIT_HINT_MAINLINE, WAIT_HINT_V3 };

struct wait_hint_params {
	struct candidate_v3_params v3; /* for the fallback of that name */
	int64_t depth;
	int64_t fallback; /* enum wait_hint_fallback */
};

static const char *const fallback_choices[] = {"mainline", "v3", NULL};

static const struct oversub_param wait_hint_params[] = {
	OVERSUB_INT(struct wait_hint_params, depth, "vCPUs", 3, 1, 64,
		    "How far to follow from one vCPU to the one that it waits for."),
	OVERSUB_ENUM(struct wait_hint_params, fallback, fallback_choices, WAIT_HINT_MAINLINE,
		     "What to do for a spinner that has not said for whom it waits; the other "
		     "parameters are those of v3."),
	CANDIDATE_V3_PARAMS(1, 0, 0),
	OVERSUB_PARAM_END,
};

/* Whom vcpu says it waits for; NULL: it does not say. */
static struct oversub_vcpu *named_by(const struct oversub_vcpu *vcpu)
{
	const struct oversub_vm *vm = oversub_vcpu_vm(vcpu);
	struct oversub_guest_hint hint;

	if (!oversub_vcpu_guest_hint(vcpu, &hint) || hint.waits_for < 0 ||
	    hint.waits_for >= oversub_vm_nr_vcpus(vm))
		return NULL;
	return oversub_vm_vcpu(vm, hint.waits_for);
}

static struct oversub_vcpu *fall_back(struct oversub_vcpu *me, bool want_kernel,
				      const struct wait_hint_params *params)
{
	static const struct candidate_mainline_params mainline = {
		.tries = SPIN_SCAN_TRIES,
		.filter_spin_loop = 1,
		.use_ready = 1,
		.accept_woken = 1,
	};

	if (params->fallback == WAIT_HINT_V3)
		return candidate_v3_on_spin(me, want_kernel);
	return candidate_mainline_scan(me, want_kernel, &mainline);
}

static struct oversub_vcpu *wait_hint_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	const struct wait_hint_params *params = oversub_vm_params(oversub_vcpu_vm(me));
	struct oversub_vcpu *next = named_by(me);
	int nr = oversub_vm_nr_vcpus(oversub_vcpu_vm(me));
	int hops = 0;

	while (next && next != me && hops < params->depth && hops < nr) {
		struct oversub_vcpu *after = named_by(next);

		hops++;
		oversub_account_scan(me, 1);
		if (spin_scan_waits_for_cpu(next)) {
			oversub_explain(me, hops > 1 ? OVERSUB_REASON_CHAIN
						     : OVERSUB_REASON_GUEST_HINT);
			/* If it is not to be had, it is about to run: wait for it. */
			return oversub_yield_to(me, next) > 0 ? next : NULL;
		}
		/* What me waits for is under way. */
		if (!after && spin_scan_runs(next))
			return NULL;
		next = after;
	}
	/* A circle of calls, all of them running: their handlers will resolve it. */
	if (next == me)
		return NULL;
	return fall_back(me, want_kernel, params);
}

const struct oversub_candidate_policy candidate_guest_wait_hint = {
	OVERSUB_CANDIDATE_POLICY,
	.head.name = "guest_wait_hint",
	.head.help = "The guest publishes for whom it spins, and KVM reads it: needs VMs with "
		     "guest_hint.",
	.head.needs = OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_GUEST_HINT | OVERSUB_NEEDS_IPI_SOFT |
		      OVERSUB_NEEDS_EOI,
	.head.params = wait_hint_params,
	.head.params_size = sizeof(struct wait_hint_params),
	.vm_private_size = sizeof(struct candidate_v3_vm),
	.vcpu_private_size = sizeof(struct candidate_v3_vcpu),
	.wants_ple_exits = true,
	.on_spin = wait_hint_on_spin,
	.vcpu_reset = candidate_v3_vcpu_reset,
	.on_ipi = candidate_v3_on_ipi,
	.on_eoi = candidate_v3_on_eoi,
};
