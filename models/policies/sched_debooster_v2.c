/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Yield deboost, the scheduler half of versions 1 and 2 of the directed-yield series: push the
 * yielder's vruntime behind the target's at the level where both compete, then go on as mainline
 * does. That v1 also wrote fields that EEVDF derives from others is left out.
 */
#include "builtin.h"
#include "sched_debooster.h"

/* What v1 and v2 have in common; factors are rounded to thousandths. */
#define DEBOOSTER_PARAMS(refresh_on_reject_, use_h_nr_)                                            \
	OVERSUB_BOOL(struct debooster_params, enabled, true, "off is mainline"),                   \
		OVERSUB_DURATION(struct debooster_params, rate_ns, 6000000, 0, 1000000000,         \
				 "deboost at most this often per CPU"),                            \
		OVERSUB_BOOL(struct debooster_params, refresh_on_reject, refresh_on_reject_,       \
			     "a yield that comes too early begins the waiting time anew"),         \
		OVERSUB_DURATION(struct debooster_params, reverse_ns, 600000, 0, 1000000000,       \
				 "a yield back within this time gets the smaller penalty"),        \
		OVERSUB_BOOL(struct debooster_params, use_h_nr, use_h_nr_,                         \
			     "caps by the number of tasks at and below the level, not entities"),  \
		OVERSUB_REAL(struct debooster_params, gap_weight, "gaps", 1.1, 0, 100,             \
			     "penalty beyond a base slice, in parts of the gap to the target"),    \
		OVERSUB_REAL(struct debooster_params, cap_2, "base slices", 6, 1, 1000,            \
			     "greatest penalty where at most 2 compete"),                          \
		OVERSUB_REAL(struct debooster_params, cap_3, "base slices", 4, 1, 1000,            \
			     "greatest penalty where 3 compete"),                                  \
		OVERSUB_REAL(struct debooster_params, cap_6, "base slices", 2.5, 1, 1000,          \
			     "greatest penalty where at most 6 compete"),                          \
		OVERSUB_REAL(struct debooster_params, cap_8, "base slices", 2, 1, 1000,            \
			     "greatest penalty where at most 8 compete"),                          \
		OVERSUB_REAL(struct debooster_params, cap_12, "base slices", 1.5, 1, 1000,         \
			     "greatest penalty where at most 12 compete"),                         \
		OVERSUB_REAL(struct debooster_params, cap_more, "base slices", 1, 1, 1000,         \
			     "greatest penalty where more than 12 compete"),                       \
		OVERSUB_PARAM_END

static const struct oversub_param v1_params[] = {DEBOOSTER_PARAMS(true, false)};
static const struct oversub_param v2_params[] = {DEBOOSTER_PARAMS(false, true)};

static bool rate_limited(const struct debooster_params *p, struct debooster_rq *state,
			 uint64_t clock)
{
	bool limited = state->last && clock - state->last <= (uint64_t)p->rate_ns;

	if (!limited || p->refresh_on_reject)
		state->last = clock;
	return limited;
}

/* Was the last pair the other way round, and just now? Remember the present one. */
static bool ping_pong(const struct oversub_yield *yield, uint64_t clock)
{
	const struct debooster_params *p = yield->params;
	struct debooster_rq *state = yield->rq_private;
	bool back = state->yielder == yield->target && state->target == yield->yielder &&
		    clock - state->pair_clock <= (uint64_t)p->reverse_ns;

	state->yielder = yield->yielder;
	state->target = yield->target;
	state->pair_clock = clock;
	return back;
}

/* In integers, so that nothing depends on how a machine rounds. */
static uint64_t times(uint64_t value, double factor)
{
	return value * (uint64_t)(factor * 1000 + 0.5) / 1000;
}

/* The more compete, the longer the yielder would be kept from the CPU by the same penalty. */
static double penalty_cap(const struct debooster_params *p, unsigned int nr)
{
	if (nr <= 2)
		return p->cap_2;
	if (nr == 3)
		return p->cap_3;
	if (nr <= 6)
		return p->cap_6;
	if (nr <= 8)
		return p->cap_8;
	return nr <= 12 ? p->cap_12 : p->cap_more;
}

static void deboost(const struct oversub_yield *yield)
{
	const struct debooster_params *p = yield->params;
	struct eevdf_entity *yielder = yield->yielder;
	struct eevdf_entity *target = yield->target;
	uint64_t clock = oversub_eevdf_clock(yield->rq);
	uint64_t granularity, need, penalty, cap;
	unsigned int nr;
	int64_t gap;

	if (rate_limited(p, yield->rq_private, clock) || yield->rq != yield->target_rq ||
	    target == yielder)
		return;
	oversub_eevdf_common_ancestor(&yielder, &target);
	nr = p->use_h_nr ? oversub_eevdf_h_nr_queued(yielder) : oversub_eevdf_nr_queued(yielder);
	if (nr <= 1)
		return;
	if (!oversub_eevdf_is_curr(yielder))
		oversub_eevdf_account(yield->rq, yielder);

	granularity = oversub_eevdf_calc_delta_fair(oversub_eevdf_base_slice(yield->rq), yielder);
	gap = (int64_t)(oversub_eevdf_vruntime(target) - oversub_eevdf_vruntime(yielder));
	need = gap > 0 ? (uint64_t)gap : 0;
	penalty = granularity + times(need, p->gap_weight);
	if (ping_pong(yield, clock)) {
		uint64_t small = need > granularity ? need : granularity;

		penalty = penalty < small ? penalty : small;
	}
	cap = times(granularity, penalty_cap(p, nr));
	if (penalty > cap)
		penalty = cap;
	if (penalty < granularity)
		penalty = granularity;
	oversub_eevdf_charge(yield->rq, yielder, penalty);
}

static bool yield_to(const struct oversub_yield *yield)
{
	const struct debooster_params *p = yield->params;

	oversub_eevdf_nominate(yield->target);
	if (p->enabled)
		deboost(yield);
	oversub_eevdf_forfeit(yield->rq);
	return true;
}

const struct oversub_sched_policy sched_debooster_v1 = {
	OVERSUB_SCHED_POLICY,
	.head.name = "debooster_v1",
	.head.help = "the same as posted in v1: a storm of yields keeps its rate limit closed",
	.head.params = v1_params,
	.head.params_size = sizeof(struct debooster_params),
	.rq_private_size = sizeof(struct debooster_rq),
	.yield_to = yield_to,
};

const struct oversub_sched_policy sched_debooster_v2 = {
	OVERSUB_SCHED_POLICY,
	.head.name = "debooster_v2",
	.head.help = "mainline, and push the yielder behind the target where both compete (v2)",
	.head.params = v2_params,
	.head.params_size = sizeof(struct debooster_params),
	.rq_private_size = sizeof(struct debooster_rq),
	.yield_to = yield_to,
};
