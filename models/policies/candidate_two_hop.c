/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ours, from the outlook of v2 of the IPI-aware series (A waits for B, B for C) and from a hazard
 * of its first tier: the receiver of an IPI may itself spin, so that a CPU is of no use to it. Then
 * whom it has sent to comes first, and whoever does not spin comes before all that do: one of them
 * may hold the lock that the receiver spins for.
 */
#include "builtin.h"
#include "candidate_v3.h"
#include "spin_scan.h"

struct two_hop_params {
	struct candidate_v3_params v3; /* tracking, enable_relaxed_boost, accept_woken */
	int64_t depth;
};

static const struct oversub_param two_hop_params[] = {
	CANDIDATE_V3_TRACKING(1),
	OVERSUB_BOOL(struct candidate_v3_params, enable_relaxed_boost, 1,
		     "If nobody else passes, take any preempted vCPU."),
	OVERSUB_BOOL(struct candidate_v3_params, accept_woken, 1,
		     "Accept vCPUs that were woken but not preempted, as mainline does."),
	OVERSUB_INT(struct two_hop_params, depth, "IPIs", 2, 1, 64,
		    "How far to follow from a receiver that spins to the one that it sent to."),
	OVERSUB_PARAM_END,
};

/* In this order. */
enum two_hop_rank {
	TWO_HOP_CHAIN,	   /* the end of the chain, if it waits for a CPU and does not spin */
	TWO_HOP_INTERRUPT, /* v3's tier of that name, not spinning */
	TWO_HOP_PREEMPTED, /* the same */
	TWO_HOP_SPINS,	   /* any tier */
	TWO_HOP_RELAXED,
	TWO_HOP_NONE,
};

/* What one call found out first. */
struct two_hop_chain {
	const struct two_hop_params *params;
	const struct oversub_vcpu *receiver; /* of the spinner, or NULL */
	const struct oversub_vcpu *end;	     /* who is TWO_HOP_CHAIN, or NULL */
	int hops;			     /* from the spinner to end */
};

static void follow(const struct oversub_vcpu *me, struct two_hop_chain *chain)
{
	const struct oversub_vcpu *next = candidate_v3_receiver(me);

	chain->receiver = next;
	for (chain->hops = 1; next && next != me && chain->hops <= chain->params->depth;
	     chain->hops++) {
		if (!spin_scan_waits_for_cpu(next))
			return;
		if (!oversub_vcpu_in_spin_loop(next)) {
			chain->end = next;
			return;
		}
		next = candidate_v3_receiver(next);
	}
}

static enum two_hop_rank rank_of(const struct spin_scan *scan, struct oversub_vcpu *candidate,
				 enum oversub_reason *reason)
{
	const struct two_hop_chain *chain = scan->context;
	enum candidate_v3_tier tier =
		candidate_v3_tier(candidate, scan->want_kernel, candidate == chain->receiver,
				  chain->params->v3.accept_woken, reason);

	if (candidate == chain->end) {
		if (chain->hops > 1)
			*reason = OVERSUB_REASON_CHAIN;
		return TWO_HOP_CHAIN;
	}
	if (tier == CANDIDATE_V3_TIERS) {
		*reason = OVERSUB_REASON_RELAXED;
		return oversub_vcpu_preempted(candidate) ? TWO_HOP_RELAXED : TWO_HOP_NONE;
	}
	if (oversub_vcpu_in_spin_loop(candidate))
		return TWO_HOP_SPINS;
	return tier == CANDIDATE_V3_INTERRUPT ? TWO_HOP_INTERRUPT : TWO_HOP_PREEMPTED;
}

static bool two_hop_filter(const struct spin_scan *scan, struct oversub_vcpu *candidate,
			   enum oversub_reason *reason)
{
	return rank_of(scan, candidate, reason) == (enum two_hop_rank)scan->rank;
}

static struct oversub_vcpu *two_hop_on_spin(struct oversub_vcpu *me, bool want_kernel)
{
	struct two_hop_chain chain = {.params = oversub_vm_params(oversub_vcpu_vm(me))};
	struct spin_scan scan = {
		.me = me,
		.want_kernel = want_kernel,
		.tries = SPIN_SCAN_TRIES,
		.filter = two_hop_filter,
		.eligible = spin_scan_eligible,
		.context = &chain,
	};

	follow(me, &chain);
	return spin_scan_ranked(&scan, chain.params->v3.enable_relaxed_boost ? TWO_HOP_NONE
									     : TWO_HOP_RELAXED);
}

const struct oversub_candidate_policy candidate_two_hop = {
	CANDIDATE_V3_TRACKS,
	.head.name = "two_hop",
	.head.help = "v3_ranked that follows IPIs past a receiver that spins, and prefers who does "
		     "not spin.",
	.head.params = two_hop_params,
	.head.params_size = sizeof(struct two_hop_params),
	.on_spin = two_hop_on_spin,
};
