/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What holds of every sched policy in the registry, after any sequence of yields, wake-ups, sleeps
 * and migrations on two CPUs with groups (random, with a fixed seed).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/sched/eevdf_check.h"
#include "models/sched/eevdf_internal.h"
#include "models/policies/builtin.h"
#include "models/policies/sched_pull_yield.h"
#include "models/policies/sched_lag_transfer.h"
#include "tests/unit/eevdf_oracle.h"
#include "sim/scenario/policy_registry.h"

#define SEED	  20260612
#define NR_CPUS	  2
#define NR_TASKS  12
#define NR_GROUPS 4
#define ROUNDING  4096 /* virtual ns: weights differ by up to so much */

struct life {
	struct eevdf_config config;
	struct eevdf_rq rq[NR_CPUS];
	struct eevdf_group group[NR_GROUPS];
	struct eevdf_entity task[NR_TASKS];
	struct eevdf_group *home[NR_TASKS]; /* NULL: the root */
	bool exists[NR_TASKS];
	const struct oversub_sched_policy *policy;
	void *params;
	void *private[NR_CPUS];
	uint64_t random;
	uint64_t now;
	uint64_t taken, refused, pulled;
};

static struct life *life; /* of the test in progress */

static uint32_t below(uint32_t limit)
{
	life->random = life->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((life->random >> 33) % limit);
}

static int number_of(const struct eevdf_entity *task)
{
	return (int)(task - life->task);
}

/* ---- A machine of two CPUs ----------------------------------------------------------------- */

static enum oversub_distance distance(const struct oversub_yield *yield)
{
	return yield->rq == eevdf_entity_rq(yield->target) ? OVERSUB_SAME_CPU : OVERSUB_SAME_LLC;
}

static int64_t residency(const struct oversub_yield *yield)
{
	(void)yield;
	return 2000000;
}

static void migrate(struct eevdf_entity *task, struct eevdf_rq *to)
{
	eevdf_detach(eevdf_entity_rq(task), task, life->now);
	eevdf_update_clock(to, life->now);
	assert_true(eevdf_task_set_rq(task, life->home[number_of(task)], to));
	eevdf_attach(to, task, life->now);
}

static bool pull(const struct oversub_yield *yield)
{
	if (!below(4))
		return false;
	migrate(yield->target, yield->rq);
	life->pulled++;
	return true;
}

static const struct oversub_yield_machine machine = {
	.distance = distance,
	.residency = residency,
	.pull = pull,
};

static void life_init(const struct oversub_sched_policy *policy, bool groups, uint64_t seed)
{
	memset(life, 0, sizeof(*life));
	life->random = seed;
	life->policy = policy;
	life->config = eevdf_default_config(16, 250);
	life->config.lazy_preemption = below(2);
	for (int i = 0; i < NR_CPUS; i++) {
		eevdf_rq_init(&life->rq[i], &life->config, i);
		life->private[i] = calloc(1, policy->rq_private_size + 1);
		assert_non_null(life->private[i]);
	}
	life->params = calloc(1, policy->head.params_size + 1);
	assert_non_null(life->params);
	if (policy->head.params)
		oversub_param_defaults(policy->head.params, life->params);
	if (policy == &sched_pull_yield)
		((struct pull_yield_params *)life->params)->min_surplus = -NR_TASKS;
	if (policy == &sched_lag_transfer)
		((struct lag_transfer_params *)life->params)->settle = seed % 3 == 1;
	for (int i = 0; i < NR_GROUPS; i++)
		eevdf_group_init(&life->group[i], i < 2 ? NULL : &life->group[i - 2],
				 groups ? 2 + below(4096) : 1024);
	for (int i = 0; i < NR_TASKS; i++) {
		uint32_t home = groups ? below(NR_GROUPS + 1) : NR_GROUPS;

		life->home[i] = home == NR_GROUPS ? NULL : &life->group[home];
		eevdf_task_init(&life->task[i], (int)below(20) - 10, EEVDF_NORMAL, 0);
		assert_true(eevdf_task_set_rq(&life->task[i], life->home[i],
					      &life->rq[below(NR_CPUS)]));
	}
}

static void life_fini(void)
{
	for (int i = NR_GROUPS - 1; i >= 0; i--)
		eevdf_group_destroy(&life->group[i]);
	for (int i = 0; i < NR_CPUS; i++)
		free(life->private[i]);
	free(life->params);
}

/* ---- What must hold ------------------------------------------------------------------------ */

static void check_life(void)
{
	unsigned int queued[NR_CPUS] = {0}, runnable[NR_CPUS] = {0};

	for (int i = 0; i < NR_GROUPS; i++) {
		for (int p = 0; p < life->group[i].nr_parts; p++)
			eevdf_oracle_agrees(&life->group[i].parts[p]->queue);
	}
	for (int i = 0; i < NR_TASKS; i++) {
		struct eevdf_entity *task = &life->task[i];
		int cpu = eevdf_entity_rq(task)->cpu;

		queued[cpu] += task->on_rq;
		runnable[cpu] += eevdf_task_runnable(task);
	}
	/* Nobody is lost, and nobody is there twice. */
	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct eevdf_rq *rq = &life->rq[cpu];
		struct oversub_error error;

		if (eevdf_check(rq, NULL, NULL, &error))
			fail_msg("%s", error.message);
		eevdf_oracle_agrees(&rq->root);
		assert_int_equal(rq->nr_running, queued[cpu]);
		assert_int_equal(rq->root.h_nr_queued, queued[cpu]);
		assert_int_equal(rq->root.h_nr_runnable, runnable[cpu]);
		assert_int_equal(rq->curr != NULL, runnable[cpu] > 0);
	}
}

static void settle(void)
{
	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		while (eevdf_resched_pending(&life->rq[cpu]))
			eevdf_schedule(&life->rq[cpu], EEVDF_STAY, life->now);
	}
}

/*
 * Credits and pulls lower the mean, and the caps of the deboosters exceed the bound. These two
 * claim to push a yielder no farther than it could have got by itself.
 */
static bool keeps_lag_of_yielder_in_bounds(void)
{
	const struct lag_transfer_params *transfer = life->params;

	if (life->policy == &sched_lag_transfer)
		return !transfer->settle;
	return life->policy == &sched_vee_deboost;
}

static void yields(struct eevdf_rq *rq, struct eevdf_entity *target)
{
	struct eevdf_entity *yielder = rq->curr;
	struct eevdf_rq *target_rq = eevdf_entity_rq(target);
	bool runs = target == target_rq->curr;
	bool runnable = eevdf_task_runnable(target);
	const struct oversub_yield yield = {
		.rq = rq,
		.target_rq = target_rq,
		.yielder = yielder,
		.target = target,
		.params = life->params,
		.rq_private = life->private[rq->cpu],
		.machine = &machine,
	};
	int64_t limit, lag_before, lag;
	int result;

	eevdf_update_clock(rq, life->now);
	oversub_eevdf_account(rq, yielder);
	limit = oversub_eevdf_lag_limit(rq, yielder);
	lag_before = oversub_eevdf_lag(yielder);
	result = eevdf_yield_to(life->policy, &yield, life->now);
	assert_true(result == 1 || result == 0 || result < 0);
	life->taken += result == 1;
	life->refused += result == 0;
	if (runs || !runnable)
		assert_int_not_equal(result, 1);
	/* Whatever was done for it, it waits, queued once, and somebody else runs. */
	assert_ptr_equal(rq->curr, yielder);
	assert_int_equal(eevdf_task_runnable(target), runnable);
	lag = oversub_eevdf_lag(yielder);
	if (keeps_lag_of_yielder_in_bounds() && lag < lag_before)
		assert_true(lag >= -limit - ROUNDING);
	check_life();
	if (result == 1)
		eevdf_schedule(rq, EEVDF_STAY, life->now);
}

static void step(void)
{
	int i = (int)below(NR_TASKS);
	struct eevdf_entity *task = &life->task[i];
	struct eevdf_rq *rq = eevdf_entity_rq(task);

	life->now += below(4) ? below(2000000) : 0;
	switch (below(12)) {
	case 0:
	case 1:
		if (life->exists[i])
			eevdf_wake(rq, task, false, life->now);
		else
			eevdf_start(rq, task, life->now);
		life->exists[i] = true;
		break;
	case 2:
		if (rq->curr)
			eevdf_schedule(rq, EEVDF_BLOCK, life->now);
		break;
	case 3: eevdf_tick(rq, life->now); break;
	case 4:
		if (eevdf_task_runnable(task) && task != rq->curr)
			migrate(task, &life->rq[!rq->cpu]);
		break;
	default:
		rq = &life->rq[below(NR_CPUS)];
		if (rq->curr && task != rq->curr)
			yields(rq, task);
		break;
	}
	settle();
}

static void no_policy_breaks_a_queue_or_loses_a_task(void **state)
{
	(void)state;
	print_message("seed %d\n", SEED);
	const struct oversub_policy *head;

	for (int p = 0; (head = policy_registry_at(&policy_registry_builtin, OVERSUB_SCHED, p));
	     p++) {
		const struct oversub_sched_policy *policy = (const void *)head;
		uint64_t taken = 0, refused = 0, pulled = 0;

		for (uint64_t run = 0; run < 10; run++) {
			life_init(policy, run & 1, SEED + run);
			for (int i = 0; i < 1500; i++) {
				step();
				check_life();
			}
			taken += life->taken;
			refused += life->refused;
			pulled += life->pulled;
			life_fini();
		}
		assert_true(taken > 1000 && refused > 1000);
		if (policy == &sched_pull_yield)
			assert_true(pulled > 20);
		else
			assert_int_equal(pulled, 0);
	}
}

/* ---- Transfers ----------------------------------------------------------------------------- */

/* Sum over a queue of weight * vruntime, relative to base. */
static __int128 weighted_sum(const struct eevdf_queue *queue, uint64_t base)
{
	struct eevdf_listing listing = {.nr = 0};
	const struct eevdf_entity *curr = eevdf_queued_curr(queue);
	__int128 sum = 0;

	eevdf_list(queue->tree, &listing);
	for (int i = 0; i < listing.nr; i++)
		sum += (__int128)(int64_t)(listing.entity[i]->vruntime - base) *
		       listing.entity[i]->weight;
	if (curr)
		sum += (__int128)(int64_t)(curr->vruntime - base) * curr->weight;
	return sum;
}

static void a_transfer_moves_lag_and_makes_none(void **state)
{
	int nr = 0;

	(void)state;
	print_message("seed %d\n", SEED);
	life_init(&sched_lag_transfer, true, SEED);
	for (int i = 0; i < 20000; i++) {
		struct eevdf_entity *target = &life->task[below(NR_TASKS)];
		struct eevdf_rq *rq = eevdf_entity_rq(target);
		struct eevdf_entity *a = rq->curr, *b = target;
		uint64_t base, ns = below(5000000);
		__int128 before, after;
		uint64_t weights;

		step();
		rq = eevdf_entity_rq(target);
		a = rq->curr;
		if (!eevdf_task_runnable(target) || target == a)
			continue;
		oversub_eevdf_common_ancestor(&a, &b);
		base = a->queue->zero_vruntime;
		weights = a->weight + b->weight;
		before = weighted_sum(a->queue, base);
		oversub_eevdf_transfer(rq, a, b, ns);
		after = weighted_sum(a->queue, base);
		assert_true(after - before < weights && before - after < weights);
		check_life();
		nr++;
	}
	assert_true(nr > 1000);
	life_fini();
}

static void a_push_and_a_gift_are_the_least_that_help(void **state)
{
	int nr = 0;

	(void)state;
	print_message("seed %d\n", SEED);
	life_init(&sched_mainline, false, SEED);
	for (int i = 0; i < 20000; i++) {
		struct eevdf_entity *target = &life->task[below(NR_TASKS)];
		struct eevdf_rq *rq = eevdf_entity_rq(target);
		uint64_t push, limit;

		step();
		rq = eevdf_entity_rq(target);
		if (!eevdf_task_runnable(target) || target == rq->curr)
			continue;
		oversub_eevdf_account(rq, rq->curr);
		if (oversub_eevdf_eligible(target)) {
			assert_int_equal(oversub_eevdf_push_needed(rq->curr, target), 0);
			assert_int_equal(oversub_eevdf_gift_needed(target), 0);
			assert_int_equal(oversub_eevdf_until_eligible(target), 0);
			continue;
		}
		push = oversub_eevdf_push_needed(rq->curr, target);
		limit = oversub_eevdf_push_limit(rq, rq->curr);
		if (below(2)) {
			oversub_eevdf_transfer(rq, NULL, target, oversub_eevdf_gift_needed(target));
			assert_true(oversub_eevdf_eligible(target));
			assert_in_range((uint64_t)oversub_eevdf_lag(target), 0, ROUNDING);
		} else if (push <= limit) {
			oversub_eevdf_charge(rq, rq->curr, push - 1);
			assert_false(oversub_eevdf_eligible(target));
			oversub_eevdf_charge(rq, rq->curr, 1);
			assert_true(oversub_eevdf_eligible(target));
			assert_true(oversub_eevdf_lag(rq->curr) >=
				    -oversub_eevdf_lag_limit(rq, rq->curr) - 1);
		}
		check_life();
		nr++;
	}
	assert_true(nr > 1000);
	life_fini();
}

static bool anybody_is_delayed(void)
{
	bool any = false;

	for (int i = 0; i < NR_TASKS; i++)
		any |= life->task[i].delayed;
	for (int i = 0; i < NR_GROUPS; i++) {
		for (int p = 0; p < life->group[i].nr_parts; p++)
			any |= life->group[i].parts[p]->entity.delayed;
	}
	return any;
}

/* The pick agrees with what was said of a nomination. */
static void a_nomination_is_honoured_if_and_only_if_that_was_foretold(void **state)
{
	int honoured = 0, refused = 0;

	(void)state;
	print_message("seed %d\n", SEED);
	life_init(&sched_mainline, true, SEED);
	for (int i = 0; i < 20000; i++) {
		struct eevdf_entity *target = &life->task[below(NR_TASKS)];
		struct eevdf_rq *rq;
		bool foretold, delayed;

		step();
		rq = eevdf_entity_rq(target);
		if (!eevdf_task_runnable(target) || target == rq->curr)
			continue;
		life->now += below(100000);
		eevdf_update_clock(rq, life->now);
		foretold = oversub_eevdf_buddy_would_run(target);
		delayed = anybody_is_delayed();
		/* Accounting, which the pick does too, may drop a nomination. */
		for (struct eevdf_entity *e = rq->curr; e; e = e->parent)
			oversub_eevdf_account(rq, e);
		oversub_eevdf_nominate(target);
		eevdf_schedule(rq, EEVDF_STAY, life->now);
		/* A pick that meets somebody delayed moves the mean. */
		if (foretold || !delayed)
			assert_int_equal(rq->curr == target, foretold);
		honoured += foretold;
		refused += !foretold;
		settle();
	}
	assert_true(honoured > 500 && refused > 500);
	life_fini();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_policy_breaks_a_queue_or_loses_a_task),
		cmocka_unit_test(a_transfer_moves_lag_and_makes_none),
		cmocka_unit_test(a_push_and_a_gift_are_the_least_that_help),
		cmocka_unit_test(a_nomination_is_honoured_if_and_only_if_that_was_foretold),
	};
	int failed;

	life = calloc(1, sizeof(*life));
	if (!life)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(life);
	return failed;
}
