/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Yield deboost, the scheduler half of version 2 of the directed-yield series: push the yielder's
 * vruntime behind the target's at the level where both compete, then go on as mainline does.
 */
#include "sched.h"

static const struct oversub_param params[] = {
	OVERSUB_BOOL(struct debooster_v2_params, enabled, true, "off is mainline"),
	OVERSUB_DURATION(struct debooster_v2_params, period_ns, 6000000, 0, 1000000000,
			 "deboost at most this often per CPU"),
	OVERSUB_DURATION(struct debooster_v2_params, debounce_ns, 600000, 0, 1000000000,
			 "a yield back within this time gets the smaller penalty"),
	OVERSUB_PARAM_END,
};

static bool rate_limited(const struct debooster_v2_params *p, struct debooster_v2_rq *state,
			 uint64_t clock)
{
	if (state->last && clock - state->last <= (uint64_t)p->period_ns)
		return true;
	state->last = clock;
	return false;
}

/* Was the last pair the other way round, and just now? Remember the present one. */
static bool ping_pong(const struct oversub_yield *yield, uint64_t clock)
{
	const struct debooster_v2_params *p = yield->params;
	struct debooster_v2_rq *state = yield->rq_private;
	bool back = state->yielder == yield->target && state->target == yield->yielder &&
		    clock - state->pair_clock <= (uint64_t)p->debounce_ns;

	state->yielder = yield->yielder;
	state->target = yield->target;
	state->pair_clock = clock;
	return back;
}

/* The more tasks wait, the longer the yielder would be kept from the CPU by the same penalty. */
static uint64_t penalty_cap(unsigned int tasks, uint64_t granularity)
{
	if (tasks <= 2)
		return 6 * granularity;
	if (tasks == 3)
		return 4 * granularity;
	if (tasks <= 6)
		return 5 * granularity / 2;
	if (tasks <= 8)
		return 2 * granularity;
	return tasks <= 12 ? 3 * granularity / 2 : granularity;
}

static void deboost(const struct oversub_yield *yield)
{
	struct eevdf_entity *yielder = yield->yielder;
	struct eevdf_entity *target = yield->target;
	uint64_t clock = eevdf_clock(yield->rq);
	uint64_t granularity, need, penalty, cap;
	int64_t gap;

	if (rate_limited(yield->params, yield->rq_private, clock) ||
	    yield->rq != yield->target_rq || target == yielder)
		return;
	eevdf_common_ancestor(&yielder, &target);
	if (eevdf_h_nr_queued(yielder) <= 1)
		return;
	if (!eevdf_is_curr(yielder))
		eevdf_account(yield->rq, yielder);

	granularity = eevdf_calc_delta_fair(eevdf_base_slice(yield->rq), yielder);
	gap = (int64_t)(eevdf_vruntime(target) - eevdf_vruntime(yielder));
	need = gap > 0 ? (uint64_t)gap : 0;
	penalty = granularity + need + need / 10;
	if (ping_pong(yield, clock)) {
		uint64_t small = need > granularity ? need : granularity;

		penalty = penalty < small ? penalty : small;
	}
	cap = penalty_cap(eevdf_h_nr_queued(yielder), granularity);
	if (penalty > cap)
		penalty = cap;
	if (penalty < granularity)
		penalty = granularity;
	eevdf_charge(yield->rq, yielder, penalty);
}

static bool yield_to(const struct oversub_yield *yield)
{
	const struct debooster_v2_params *p = yield->params;

	eevdf_nominate(yield->target);
	if (p->enabled)
		deboost(yield);
	eevdf_forfeit(yield->rq);
	return true;
}

const struct oversub_sched_policy sched_debooster_v2 = {
	.version = OVERSUB_POLICY_VERSION,
	.size = sizeof(struct oversub_sched_policy),
	.name = "debooster_v2",
	.help = "mainline, and push the yielder behind the target where both compete (v2)",
	.params = params,
	.params_size = sizeof(struct debooster_v2_params),
	.rq_private_size = sizeof(struct debooster_v2_rq),
	.yield_to = yield_to,
};
