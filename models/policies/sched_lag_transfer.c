/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directed yield as a payment, as suggested in review of the series: the yielder gives the target,
 * out of its own lag and of what is left of its request, what the target needs to be eligible. The
 * sum of their lags stays what it was, so nobody else of the queue gains or loses. Only if that
 * does not get the target the CPU does the yielder forfeit the rest, to everybody.
 *
 * Across CPUs there is no common account: there the yielder forfeits as in mainline, and what it
 * gave up is booked for the target until a yielder of that CPU meets it there.
 */
#include "builtin.h"
#include "sched_lag_transfer.h"

static const struct oversub_param params[] = {
	OVERSUB_DURATION(struct lag_transfer_params, max_transfer_ns, 0, 0, 1000000000,
			 "most CPU time that one yield transfers; 0 is the yielder's slice"),
	OVERSUB_BOOL(
		struct lag_transfer_params, settle, true,
		"what is forfeited for a target on another CPU is booked, and given to it later"),
	OVERSUB_PARAM_END,
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* CPU time that the target lacks to be eligible; with one virtual ns more, for rounding. */
static uint64_t need_of(const struct eevdf_entity *target)
{
	int64_t lag = oversub_eevdf_lag(target);

	return oversub_eevdf_eligible(target) ? 0
					      : oversub_eevdf_cpu_time((uint64_t)(1 - lag), target);
}

static uint64_t most(const struct oversub_yield *yield, const struct eevdf_entity *entity)
{
	const struct lag_transfer_params *p = yield->params;

	return p->max_transfer_ns ? (uint64_t)p->max_transfer_ns
				  : oversub_eevdf_slice(yield->rq, entity);
}

/* CPU time that an entity can give: its lag, and the rest of its request, within its bound. */
static uint64_t funds_of(struct eevdf_rq *rq, const struct eevdf_entity *entity)
{
	int64_t lag = oversub_eevdf_lag(entity);
	int64_t rest = (int64_t)(oversub_eevdf_deadline(entity) - oversub_eevdf_vruntime(entity));
	int64_t all = (lag > 0 ? lag : 0) + (rest > 0 ? rest : 0);
	int64_t bound = oversub_eevdf_lag_limit(rq, entity) + lag;

	if (all > bound)
		all = bound;
	return all > 0 ? oversub_eevdf_cpu_time((uint64_t)all, entity) : 0;
}

void lag_transfer_pay(struct eevdf_rq *rq, struct eevdf_entity *yielder,
		      struct eevdf_entity *target, uint64_t max_ns)
{
	uint64_t ns = smaller(smaller(need_of(target), funds_of(rq, yielder)), max_ns);

	if (ns)
		oversub_eevdf_transfer(rq, yielder, target, ns);
}

/* ---- Across CPUs --------------------------------------------------------------------------- */

static struct lag_transfer_debt *debt_to(struct lag_transfer_rq *state,
					 const struct eevdf_entity *target)
{
	for (int i = 0; i < LAG_TRANSFER_DEBTS; i++) {
		if (state->debts[i].target == target)
			return &state->debts[i];
	}
	return NULL;
}

static void book(struct lag_transfer_rq *state, const struct eevdf_entity *target, uint64_t ns)
{
	struct lag_transfer_debt *debt = debt_to(state, target);

	if (!debt) {
		debt = &state->debts[state->next++ % LAG_TRANSFER_DEBTS];
		*debt = (struct lag_transfer_debt){.target = target};
	}
	debt->ns += ns;
}

/* The yielder gives up the rest of its request, if it is eligible. */
static void forfeit_for(const struct oversub_yield *yield)
{
	const struct lag_transfer_params *p = yield->params;
	uint64_t before, given;

	oversub_eevdf_account(yield->rq, yield->yielder);
	before = oversub_eevdf_vruntime(yield->yielder);
	oversub_eevdf_forfeit(yield->rq);
	given = oversub_eevdf_vruntime(yield->yielder) - before;
	if (!p->settle || !given)
		return;
	given = smaller(oversub_eevdf_cpu_time(given, yield->yielder), most(yield, yield->yielder));
	book(yield->rq_private, yield->target, smaller(given, need_of(yield->target)));
}

/* Give the target, competing as entity, what was booked for it, as far as it needs that. */
static void settle(const struct oversub_yield *yield, struct eevdf_entity *entity)
{
	struct lag_transfer_debt *debt = debt_to(yield->rq_private, yield->target);
	uint64_t ns = debt ? smaller(debt->ns, oversub_eevdf_gift_needed(entity)) : 0;

	if (!ns)
		return;
	oversub_eevdf_transfer(yield->rq, NULL, entity, ns);
	debt->ns -= ns;
	if (!debt->ns)
		debt->target = NULL;
}

/* ---- Within a CPU -------------------------------------------------------------------------- */

static void pay(const struct oversub_yield *yield)
{
	struct eevdf_entity *yielder = yield->yielder;
	struct eevdf_entity *target = yield->target;

	oversub_eevdf_common_ancestor(&yielder, &target);
	oversub_eevdf_account(yield->rq, yielder);
	settle(yield, target);
	lag_transfer_pay(yield->rq, yielder, target, most(yield, yielder));
}

static bool yield_to(const struct oversub_yield *yield)
{
	if (yield->rq != yield->target_rq) {
		oversub_eevdf_nominate(yield->target);
		forfeit_for(yield);
		return true;
	}
	pay(yield);
	oversub_eevdf_nominate(yield->target);
	if (!oversub_eevdf_buddy_would_run(yield->target))
		oversub_eevdf_forfeit(yield->rq);
	return true;
}

const struct oversub_sched_policy sched_lag_transfer = {
	OVERSUB_SCHED_POLICY,
	.head.name = "lag_transfer",
	.head.help = "the yielder pays with its own lag and request for what the target lacks",
	.head.params = params,
	.head.params_size = sizeof(struct lag_transfer_params),
	.rq_private_size = sizeof(struct lag_transfer_rq),
	.yield_to = yield_to,
};
