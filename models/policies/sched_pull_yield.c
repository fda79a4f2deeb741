/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directed yield across CPUs by migration. Mainline nominates a target where it is queued, and
 * interrupts that CPU, whether the hint will be honoured or not. Here a hint that would be honoured
 * goes there as ever. Otherwise, if the target would wait there for longer than a migration takes,
 * it is moved to the yielder's CPU, which is to be had. Failing that it is nominated without an
 * interrupt, which would be for nothing.
 */
#include "builtin.h"
#include "sched_pull_yield.h"
#include "sched_lag_transfer.h"

static const char *const limits[] = {"core", "llc", "node", "any", NULL};

static const struct oversub_param params[] = {
	OVERSUB_DURATION(struct pull_yield_params, migrate_core_ns, 2000, 0, 1000000000,
			 "what a migration between threads of a core costs"),
	OVERSUB_DURATION(struct pull_yield_params, migrate_llc_ns, 10000, 0, 1000000000,
			 "what a migration within a last-level cache costs"),
	OVERSUB_DURATION(struct pull_yield_params, migrate_node_ns, 50000, 0, 1000000000,
			 "what a migration to another cache of the node costs"),
	OVERSUB_DURATION(struct pull_yield_params, migrate_numa_ns, 200000, 0, 1000000000,
			 "what a migration to another node costs"),
	OVERSUB_INT(struct pull_yield_params, max_pulls_per_ms, "migrations", 20, 0, 1000000,
		    "no more migrations to one CPU in a millisecond"),
	OVERSUB_ENUM(struct pull_yield_params, numa_limit, limits, OVERSUB_SAME_NODE - 1,
		     "pull only from the same core, last-level cache, node, or from anywhere"),
	OVERSUB_DURATION(struct pull_yield_params, min_residency_ns, 1000000, 0, 1000000000,
			 "leave alone a vCPU that came to its CPU more recently"),
	OVERSUB_INT(struct pull_yield_params, min_surplus, "tasks", 1, -4096, 4096,
		    "how many more the target's CPU must have than the yielder's for a pull"),
	OVERSUB_BOOL(struct pull_yield_params, refuse, false,
		     "do not take a hint that nothing can be done about: KVM tries somebody else"),
	OVERSUB_BOOL(
		struct pull_yield_params, pay, true,
		"where both are on one CPU, pulled or not, the yielder pays as in lag_transfer"),
	OVERSUB_PARAM_END,
};

#define WINDOW_NS 1000000

static int64_t migration_cost(const struct pull_yield_params *p, enum oversub_distance distance)
{
	switch (distance) {
	case OVERSUB_SAME_CPU: return 0;
	case OVERSUB_SAME_CORE: return p->migrate_core_ns;
	case OVERSUB_SAME_LLC: return p->migrate_llc_ns;
	case OVERSUB_SAME_NODE: return p->migrate_node_ns;
	case OVERSUB_OTHER_NODE: break;
	}
	return p->migrate_numa_ns;
}

/* Until the target is eligible at every level: no sooner can it be picked where it is. */
static uint64_t expected_wait(const struct eevdf_entity *target)
{
	uint64_t longest = 0;

	for (; target; target = oversub_eevdf_parent(target)) {
		uint64_t wait = oversub_eevdf_until_eligible(target);

		longest = wait > longest ? wait : longest;
	}
	return longest;
}

static bool within_rate(const struct pull_yield_params *p, struct pull_yield_rq *state,
			uint64_t clock)
{
	if (clock - state->window_start >= WINDOW_NS) {
		state->window_start = clock;
		state->pulls = 0;
	}
	return state->pulls < p->max_pulls_per_ms;
}

static bool pull(const struct oversub_yield *yield)
{
	const struct pull_yield_params *p = yield->params;
	enum oversub_distance distance = oversub_yield_distance(yield);
	struct pull_yield_rq *state = yield->rq_private;

	if ((int64_t)distance - 1 > p->numa_limit ||
	    (int64_t)oversub_eevdf_nr_running(yield->target_rq) -
			    oversub_eevdf_nr_running(yield->rq) <
		    p->min_surplus ||
	    oversub_yield_residency(yield) < p->min_residency_ns ||
	    expected_wait(yield->target) <= (uint64_t)migration_cost(p, distance) ||
	    !within_rate(p, state, oversub_eevdf_clock(yield->rq)) || !oversub_yield_pull(yield))
		return false;
	state->pulls++;
	return true;
}

/* Where both compete, the yielder makes up for what the target lacks. */
static void pay(const struct oversub_yield *yield)
{
	struct eevdf_entity *yielder = yield->yielder;
	struct eevdf_entity *target = yield->target;

	oversub_eevdf_common_ancestor(&yielder, &target);
	oversub_eevdf_account(yield->rq, yielder);
	lag_transfer_pay(yield->rq, yielder, target, oversub_eevdf_slice(yield->rq, yielder));
}

/*
 * It has brought its lag along. Up to where it meets the yielder a debt is forgiven; above, both
 * are part of the same group, whose share of the CPU is none of our business.
 */
static void let_in(const struct oversub_yield *yield)
{
	struct eevdf_entity *yielder = yield->yielder;
	struct eevdf_entity *last = yield->target;
	struct eevdf_entity *entity = yield->target;

	oversub_eevdf_common_ancestor(&yielder, &last);
	for (;; entity = oversub_eevdf_parent(entity)) {
		oversub_eevdf_account(yield->rq, entity);
		oversub_eevdf_credit(yield->rq, entity, 1);
		if (entity == last)
			break;
	}
	oversub_eevdf_nominate(yield->target);
}

static bool yield_to(const struct oversub_yield *yield)
{
	const struct pull_yield_params *p = yield->params;
	bool honoured =
		yield->rq == yield->target_rq || oversub_eevdf_buddy_would_run(yield->target);
	bool pulled = !honoured && pull(yield);

	if (!honoured && !pulled && p->refuse)
		return false;
	if (p->pay && (pulled || yield->rq == yield->target_rq))
		pay(yield);
	oversub_eevdf_nominate(yield->target);
	oversub_eevdf_forfeit(yield->rq);
	if (pulled)
		let_in(yield);
	else if (!honoured)
		oversub_yield_spare(yield);
	return true;
}

const struct oversub_sched_policy sched_pull_yield = {
	OVERSUB_SCHED_POLICY,
	.head.name = "pull_yield",
	.head.help = "move a target to the yielder's CPU if its own one would not honour the hint",
	.head.params = params,
	.head.params_size = sizeof(struct pull_yield_params),
	.rq_private_size = sizeof(struct pull_yield_rq),
	.yield_to = yield_to,
};
