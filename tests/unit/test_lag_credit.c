/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sched policies lag_credit, debooster_v2 and hforfeit on worked examples, in virtual ns. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "models/policies/builtin.h"
#include "models/policies/sched_lag_credit.h"
#include "models/policies/sched_debooster.h"
#include "tests/unit/eevdf_state.h"

#define NR_TASKS 16
#define MS	 1000000

/* A CPU whose clock stands, a policy with its parameters, and actors for the examples. */
struct world {
	struct eevdf_config config;
	struct eevdf_rq rq;
	struct eevdf_group a, b;
	struct eevdf_entity *group_a, *group_b;
	struct eevdf_entity task[NR_TASKS];
	struct lag_credit_params lag_credit;
	struct lag_credit_rq lag_credit_rq;
	struct debooster_params debooster;
	struct debooster_rq debooster_rq;
};

static void world_init(struct world *w, int hz)
{
	memset(w, 0, sizeof(*w));
	w->config = eevdf_default_config(16, hz);
	w->config.features &= ~(uint32_t)EEVDF_HRTICK;
	eevdf_rq_init(&w->rq, &w->config, 0);
	eevdf_update_clock(&w->rq, 10 * MS);
	oversub_param_defaults(sched_lag_credit.head.params, &w->lag_credit);
	oversub_param_defaults(sched_debooster_v2.head.params, &w->debooster);
}

static struct eevdf_entity *task(struct world *w, int i, struct eevdf_group *group)
{
	eevdf_task_init(&w->task[i], 0, EEVDF_NORMAL, 0);
	assert_true(eevdf_task_set_rq(&w->task[i], group, &w->rq));
	return &w->task[i];
}

static void make_groups(struct world *w)
{
	eevdf_group_init(&w->a, NULL, 1024);
	eevdf_group_init(&w->b, NULL, 1024);
	w->group_a = &eevdf_group_part(&w->a, &w->rq)->entity;
	w->group_b = &eevdf_group_part(&w->b, &w->rq)->entity;
}

static void drop_groups(struct world *w)
{
	eevdf_group_destroy(&w->a);
	eevdf_group_destroy(&w->b);
}

/* The running task yields to target. */
static void yield_to(struct world *w, const struct oversub_sched_policy *policy,
		     struct eevdf_entity *target)
{
	struct oversub_yield yield = {
		.rq = &w->rq,
		.target_rq = &w->rq,
		.yielder = w->rq.curr,
		.target = target,
	};

	if (policy == &sched_lag_credit) {
		yield.params = &w->lag_credit;
		yield.rq_private = &w->lag_credit_rq;
	} else if (policy == &sched_debooster_v2) {
		yield.params = &w->debooster;
		yield.rq_private = &w->debooster_rq;
	}
	assert_int_equal(eevdf_yield_to(policy, &yield, w->rq.clock), 1);
}

static struct eevdf_entity *pick(struct world *w)
{
	return eevdf_schedule(&w->rq, EEVDF_STAY, w->rq.clock);
}

static void assert_entity(const struct eevdf_entity *entity, int64_t vruntime, int64_t deadline)
{
	assert_int_equal((int64_t)entity->vruntime, vruntime);
	assert_int_equal((int64_t)entity->deadline, deadline);
}

static void assert_sums(const struct eevdf_queue *queue, int64_t zero, int64_t sum)
{
	assert_int_equal((int64_t)queue->zero_vruntime, zero);
	assert_int_equal(queue->sum_w_vruntime, sum);
}

static int64_t lag_of(const struct eevdf_entity *entity)
{
	return (int64_t)(eevdf_avg_vruntime(entity->queue) - entity->vruntime);
}

/* ---- One queue: yielder, target and a third task ----------------------------------------- */

enum { Y, T, O, OTHERS };

static void one_queue(struct world *w)
{
	world_init(w, 250);
	eevdf_state_zero(&w->rq.root, 10000000);
	eevdf_state_run(task(w, Y, NULL), 9000000, 11800000, 11800000);
	eevdf_state_wait(task(w, T, NULL), 12500000, 14900000);
	eevdf_state_wait(task(w, O, NULL), 10300000, 12700000);
	assert_sums(&w->rq.root, 10000000, 2936012800000);
}

static void mainline_drops_the_hint_for_an_ineligible_target(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	yield_to(&w, &sched_mainline, &w.task[T]);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_int_equal(w.task[Y].vprot, 11800000);
	assert_sums(&w.rq.root, 11533333, -279619567616);
	assert_ptr_equal(w.rq.root.next, &w.task[T]);
	assert_ptr_equal(pick(&w), &w.task[O]);
}

/* The yielder pays, and the credit is the smallest that is needed then. */
static void credit_makes_the_target_eligible_with_the_margin_and_it_runs(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	w.lag_credit.credit_order = LAG_CREDIT_AFTER;
	yield_to(&w, &sched_lag_credit, &w.task[T]);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_entity(&w.task[T], 8950000, 11750000);
	assert_entity(&w.task[O], 10300000, 12700000);
	assert_sums(&w.rq.root, 11050000, -2988441600000);
	assert_int_equal(eevdf_avg_vruntime(&w.rq.root), 10350000);
	assert_int_equal(lag_of(&w.task[T]), 1400000);
	assert_true(oversub_eevdf_eligible(&w.task[O]));
	assert_false(oversub_eevdf_eligible(&w.task[Y]));
	assert_true(w.rq.need_resched);
	assert_ptr_equal(pick(&w), &w.task[T]);
}

/* As posted: the default. */
static void credit_before_the_forfeit_spares_the_yielder(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	yield_to(&w, &sched_lag_credit, &w.task[T]);
	assert_entity(&w.task[T], 7550000, 10350000);
	assert_entity(&w.task[Y], 9000000, 11800000);
	assert_sums(&w.rq.root, 9650000, -1520435200000);
	assert_int_equal(eevdf_avg_vruntime(&w.rq.root), 8950000);
	assert_ptr_equal(pick(&w), &w.task[T]);
}

static void credit_scales_with_the_weights(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1000);
	eevdf_state_zero(&w.rq.root, 10000000);
	task(&w, Y, NULL);
	eevdf_set_nice(task(&w, T, NULL), 5, w.rq.clock);
	task(&w, O, NULL)->weight = 2097152;
	eevdf_state_run(&w.task[Y], 9000000, 11800000, 11800000);
	eevdf_state_wait(&w.task[T], 14000000, 22558805);
	eevdf_state_wait(&w.task[O], 10300000, 11700000);
	assert_sums(&w.rq.root, 10000000, 2001305600000);
	assert_int_equal(oversub_eevdf_lag_limit(&w.rq, &w.task[T]), 11615522);

	w.lag_credit.credit_order = LAG_CREDIT_AFTER;
	yield_to(&w, &sched_lag_credit, &w.task[T]);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_entity(&w.task[T], 6053932, 14612737);
	assert_sums(&w.rq.root, 10800000, -2676667166720);
	assert_int_equal(eevdf_avg_vruntime(&w.rq.root), 10333333);
	assert_int_equal(lag_of(&w.task[T]), 4279401);
	assert_ptr_equal(pick(&w), &w.task[T]);
}

static void the_margin_is_cut_at_the_lag_bound(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 250);
	eevdf_state_zero(&w.rq.root, 0);
	eevdf_state_run(task(&w, Y, NULL), 0, 2800000, 2800000);
	eevdf_state_wait(task(&w, T, NULL), 50000000, 52800000);
	for (int i = 2; i < 11; i++)
		eevdf_state_wait(task(&w, i, NULL), 0, 2800000);
	assert_int_equal(w.rq.nr_running, 11);

	/* 10 competitors would make 7 ms. */
	yield_to(&w, &sched_lag_credit, &w.task[T]);
	assert_in_range((uint64_t)lag_of(&w.task[T]), 6799999, 6800000);
}

static void an_eligible_target_is_only_nominated(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	yield_to(&w, &sched_lag_credit, &w.task[O]);
	assert_entity(&w.task[O], 10300000, 12700000);
	assert_entity(&w.task[T], 12500000, 14900000);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_ptr_equal(w.rq.root.next, &w.task[O]);
	assert_true(w.rq.need_resched);
	assert_ptr_equal(pick(&w), &w.task[O]);
}

static void a_second_credit_changes_nothing(void **state)
{
	struct world w;
	struct eevdf_entity before;

	(void)state;
	one_queue(&w);
	yield_to(&w, &sched_lag_credit, &w.task[T]);
	before = w.task[T];
	assert_false(oversub_eevdf_credit(&w.rq, &w.task[T], 1400000));
	assert_entity(&w.task[T], (int64_t)before.vruntime, (int64_t)before.deadline);
}

static void protection_is_cancelled_at_most_every_six_ms(void **state)
{
	static const struct {
		uint64_t clock;
		bool runs;
	} steps[] = {{10000000, true}, {16000000, false}, {16000001, true}};
	struct world w;

	(void)state;
	one_queue(&w);
	for (int i = 0; i < 3; i++) {
		eevdf_update_clock(&w.rq, steps[i].clock);
		/* Accounting asks for lazy reschedules only, here. */
		w.rq.need_resched = false;
		yield_to(&w, &sched_lag_credit, &w.task[T]);
		assert_int_equal(w.rq.need_resched, steps[i].runs);
		assert_int_equal(w.lag_credit_rq.last_force, i < 2 ? 10000000 : 16000001);
	}
}

static void switched_off_it_is_mainline(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	w.lag_credit.enabled = false;
	yield_to(&w, &sched_lag_credit, &w.task[T]);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_entity(&w.task[T], 12500000, 14900000);
	assert_sums(&w.rq.root, 11533333, -279619567616);
	assert_false(w.rq.need_resched);
	assert_ptr_equal(pick(&w), &w.task[O]);
}

static void a_constant_depth_credits_one_unit(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	w.lag_credit.credit_order = LAG_CREDIT_AFTER;
	w.lag_credit.credit_depth = LAG_CREDIT_CONST1;
	yield_to(&w, &sched_lag_credit, &w.task[T]);
	assert_int_equal(lag_of(&w.task[T]), 700000);
}

static void the_parity_form_credits_a_part_of_the_slice(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	w.lag_credit.credit_form = LAG_CREDIT_PARITY;
	yield_to(&w, &sched_lag_credit, &w.task[T]);
	/* 2,800,000 * 2 / 3, and the mean is rounded down. */
	assert_in_range((uint64_t)lag_of(&w.task[T]), 1866665, 1866667);
}

static void another_run_queue_gets_mainline_and_a_reschedule(void **state)
{
	struct world here, there;
	struct oversub_yield yield;

	(void)state;
	one_queue(&here);
	one_queue(&there);
	yield = (struct oversub_yield){
		.rq = &here.rq,
		.target_rq = &there.rq,
		.yielder = here.rq.curr,
		.target = &there.task[T],
		.params = &here.lag_credit,
		.rq_private = &here.lag_credit_rq,
	};
	assert_int_equal(eevdf_yield_to(&sched_lag_credit, &yield, here.rq.clock), 1);
	assert_entity(&here.task[Y], 11800000, 14600000);
	assert_entity(&there.task[T], 12500000, 14900000);
	assert_ptr_equal(there.rq.root.next, &there.task[T]);
	assert_true(there.rq.need_resched);
	assert_false(here.rq.need_resched);
}

static void two_run_queues_of_one_task_each_have_nobody_to_yield_to(void **state)
{
	struct world here, there;
	struct oversub_yield yield;

	(void)state;
	world_init(&here, 250);
	world_init(&there, 250);
	eevdf_state_run(task(&here, Y, NULL), 0, 1, 1);
	eevdf_state_wait(task(&there, T, NULL), 0, 1);
	yield = (struct oversub_yield){
		.rq = &here.rq,
		.target_rq = &there.rq,
		.yielder = here.rq.curr,
		.target = &there.task[T],
	};
	assert_int_equal(eevdf_yield_to(&sched_mainline, &yield, here.rq.clock), -ESRCH);
	eevdf_state_wait(task(&here, O, NULL), 0, 1);
	assert_int_equal(eevdf_yield_to(&sched_mainline, &yield, here.rq.clock), 1);
	yield.target_rq = &here.rq;
	yield.target = here.rq.curr;
	assert_int_equal(eevdf_yield_to(&sched_mainline, &yield, here.rq.clock), 0);
}

/* ---- Groups ------------------------------------------------------------------------------ */

enum { A1, A2, B1, B2 };

/* Group A of a1, which runs, and a2; group B of b1 alone. Root: A is ineligible. */
static void same_group(struct world *w)
{
	world_init(w, 250);
	make_groups(w);
	eevdf_state_zero(w->group_a->own_queue, 20000000);
	eevdf_state_run(task(w, A1, &w->a), 19500000, 22300000, 22300000);
	eevdf_state_wait(task(w, A2, &w->a), 21100000, 23900000);
	eevdf_state_zero(w->group_b->own_queue, 0);
	eevdf_state_wait(task(w, B1, &w->b), 0, 2800000);
	eevdf_state_zero(&w->rq.root, 50000000);
	eevdf_state_run(w->group_a, 51000000, 53000000, 53000000);
	eevdf_state_wait(w->group_b, 49400000, 51900000);
	assert_sums(&w->rq.root, 50000000, -629145600000);
	assert_sums(w->group_a->own_queue, 20000000, 1153433600000);
}

static void mainline_loses_the_cpu_to_the_other_group(void **state)
{
	struct world w;

	(void)state;
	same_group(&w);
	yield_to(&w, &sched_mainline, &w.task[A2]);
	assert_entity(&w.task[A1], 22300000, 25100000);
	assert_sums(w.group_a->own_queue, 21700000, -629145600000);
	assert_ptr_equal(pick(&w), &w.task[B1]);
	assert_ptr_equal(w.group_a->own_queue->next, &w.task[A2]);
	drop_groups(&w);
}

static void credit_shifts_a_shared_ancestor_in_place(void **state)
{
	struct world w;

	(void)state;
	same_group(&w);
	w.lag_credit.credit_order = LAG_CREDIT_AFTER;
	yield_to(&w, &sched_lag_credit, &w.task[A2]);
	assert_entity(&w.task[A1], 22300000, 25100000);
	assert_entity(&w.task[A2], 21100000, 23900000);
	assert_entity(w.group_a, 48000000, 50000000);
	assert_int_equal(w.group_a->vprot, 48000000);
	assert_sums(&w.rq.root, 48700000, 734003200000);
	assert_int_equal(lag_of(w.group_a), 700000);
	assert_false(oversub_eevdf_eligible(w.group_b));
	assert_ptr_equal(pick(&w), &w.task[A2]);
	drop_groups(&w);
}

/* As posted: a2 is credited while a1 is in front of it, which leaves a1 nothing to forfeit. */
static void credit_before_the_forfeit_spares_the_yielder_in_its_group_too(void **state)
{
	struct world w;

	(void)state;
	same_group(&w);
	yield_to(&w, &sched_lag_credit, &w.task[A2]);
	assert_entity(&w.task[A1], 19500000, 22300000);
	assert_entity(&w.task[A2], 18100000, 20900000);
	assert_entity(w.group_a, 48000000, 50000000);
	assert_int_equal(lag_of(w.group_a), 700000);
	assert_ptr_equal(pick(&w), &w.task[A2]);
	drop_groups(&w);
}

static void scope_below_leaves_shared_ancestors_alone(void **state)
{
	struct world w;

	(void)state;
	same_group(&w);
	w.lag_credit.scope = LAG_CREDIT_BELOW;
	yield_to(&w, &sched_lag_credit, &w.task[A2]);
	assert_entity(w.group_a, 51000000, 53000000);
	assert_int_equal(w.group_a->vprot, 53000000);
	assert_ptr_equal(pick(&w), &w.task[B1]);
	drop_groups(&w);
}

/* Group A as above but eligible at the root; group B of b1 and b2, neither it nor b1 eligible. */
static void cross_group(struct world *w)
{
	world_init(w, 250);
	make_groups(w);
	eevdf_state_zero(w->group_a->own_queue, 20000000);
	eevdf_state_run(task(w, A1, &w->a), 19500000, 22300000, 22300000);
	eevdf_state_wait(task(w, A2, &w->a), 21100000, 23900000);
	eevdf_state_zero(w->group_b->own_queue, 30000000);
	eevdf_state_wait(task(w, B1, &w->b), 30200000, 33000000);
	eevdf_state_wait(task(w, B2, &w->b), 29600000, 32400000);
	eevdf_state_zero(&w->rq.root, 50000000);
	eevdf_state_run(w->group_a, 48700000, 51500000, 51500000);
	eevdf_state_wait(w->group_b, 50900000, 53700000);
	assert_sums(&w->rq.root, 50000000, 943718400000);
	assert_sums(w->group_b->own_queue, 30000000, -209715200000);
}

static void mainline_keeps_the_cpu_in_a_protected_group(void **state)
{
	struct world w;

	(void)state;
	cross_group(&w);
	yield_to(&w, &sched_mainline, &w.task[B1]);
	assert_ptr_equal(pick(&w), &w.task[A2]);
	drop_groups(&w);
}

static void credit_crosses_groups(void **state)
{
	struct world w;

	for (int scope = LAG_CREDIT_FULL; scope <= LAG_CREDIT_BELOW; scope++) {
		cross_group(&w);
		w.lag_credit.scope = scope;
		yield_to(&w, &sched_lag_credit, &w.task[B1]);
		assert_entity(&w.task[B1], 28200000, 31000000);
		assert_sums(w.group_b->own_queue, 29600000, -1468006400000);
		assert_int_equal(lag_of(&w.task[B1]), 700000);
		assert_entity(w.group_b, 47300000, 50100000);
		assert_sums(&w.rq.root, 48700000, -1468006400000);
		assert_int_equal(lag_of(w.group_b), 700000);
		assert_false(oversub_eevdf_eligible(w.group_a));
		assert_int_equal(w.group_a->vprot, 48700000);
		assert_ptr_equal(pick(&w), &w.task[B1]);
		drop_groups(&w);
	}
	(void)state;
}

/* ---- debooster_v2 ------------------------------------------------------------------------ */

static void deboost_pushes_the_yielder_behind_the_target(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	yield_to(&w, &sched_debooster_v2, &w.task[T]);
	assert_entity(&w.task[Y], 15650000, 18450000);
	assert_entity(&w.task[T], 12500000, 14900000);
	assert_int_equal(eevdf_avg_vruntime(&w.rq.root), 12816666);
	assert_ptr_equal(pick(&w), &w.task[T]);
}

static void a_yield_back_is_charged_less(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	w.debooster_rq.yielder = &w.task[T];
	w.debooster_rq.target = &w.task[Y];
	w.debooster_rq.pair_clock = w.rq.clock - 300000;
	yield_to(&w, &sched_debooster_v2, &w.task[T]);
	assert_int_equal(w.task[Y].vruntime, 9000000 + 3500000);
}

/* Charge for a gap of 3.5 ms or none among nr tasks. */
static int64_t penalty(int nr, int64_t gap)
{
	struct world w;

	world_init(&w, 250);
	eevdf_state_zero(&w.rq.root, 0);
	eevdf_state_run(task(&w, Y, NULL), 0, 2800000, 2800000);
	eevdf_state_wait(task(&w, T, NULL), gap, gap + 2800000);
	/* The others keep the mean low, so that nothing is forfeited afterwards. */
	for (int i = 2; i < nr; i++)
		eevdf_state_wait(task(&w, i, NULL), -9000000, -8000000);
	yield_to(&w, &sched_debooster_v2, &w.task[T]);
	return (int64_t)w.task[Y].vruntime;
}

static void the_penalty_is_capped_by_the_number_of_tasks(void **state)
{
	(void)state;
	assert_int_equal(penalty(2, 3500000), 6650000);
	assert_int_equal(penalty(3, 3500000), 6650000);
	assert_int_equal(penalty(5, 3500000), 6650000);
	assert_int_equal(penalty(8, 3500000), 5600000);
	assert_int_equal(penalty(12, 3500000), 4200000);
	assert_int_equal(penalty(13, 3500000), 2800000);
	assert_int_equal(penalty(4, 0), 2800000);
}

static void deboost_does_not_help_the_group_of_both(void **state)
{
	struct world w;

	(void)state;
	same_group(&w);
	yield_to(&w, &sched_debooster_v2, &w.task[A2]);
	assert_entity(&w.task[A1], 24060000, 26860000);
	assert_true(oversub_eevdf_eligible(&w.task[A2]));
	assert_entity(w.group_a, 51000000, 53000000);
	assert_ptr_equal(pick(&w), &w.task[B1]);
	drop_groups(&w);
}

static void deboost_charges_the_group_of_the_yielder(void **state)
{
	struct world w;

	(void)state;
	cross_group(&w);
	yield_to(&w, &sched_debooster_v2, &w.task[B1]);
	assert_entity(w.group_a, 53920000, 56720000);
	assert_entity(&w.task[A1], 22300000, 25100000);
	assert_ptr_equal(pick(&w), &w.task[B2]);
	drop_groups(&w);
}

static void deboosts_are_rate_limited(void **state)
{
	struct world w;

	(void)state;
	one_queue(&w);
	w.debooster_rq.last = w.rq.clock - 6000000;
	yield_to(&w, &sched_debooster_v2, &w.task[T]);
	assert_entity(&w.task[Y], 11800000, 14600000);
	assert_int_equal(w.debooster_rq.last, w.rq.clock - 6000000);
}

/* ---- hforfeit ---------------------------------------------------------------------------- */

static void a_group_that_the_yielder_has_to_itself_forfeits_too(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 250);
	make_groups(&w);
	eevdf_state_run(task(&w, A1, &w.a), 0, 2800000, 2800000);
	eevdf_state_wait(task(&w, B1, &w.b), 0, 2800000);
	eevdf_state_zero(&w.rq.root, 0);
	eevdf_state_run(w.group_a, 0, 2800000, 2800000);
	eevdf_state_wait(w.group_b, 1000000, 3800000);
	yield_to(&w, &sched_hforfeit, &w.task[B1]);
	assert_entity(w.group_a, 2800000, 5600000);
	assert_ptr_equal(pick(&w), &w.task[B1]);
	drop_groups(&w);
}

static void a_group_with_siblings_does_not_pay_for_the_yielder(void **state)
{
	struct world w;

	(void)state;
	cross_group(&w);
	yield_to(&w, &sched_hforfeit, &w.task[B1]);
	assert_entity(&w.task[A1], 22300000, 25100000);
	assert_entity(w.group_a, 48700000, 51500000);
	drop_groups(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mainline_drops_the_hint_for_an_ineligible_target),
		cmocka_unit_test(credit_makes_the_target_eligible_with_the_margin_and_it_runs),
		cmocka_unit_test(credit_before_the_forfeit_spares_the_yielder),
		cmocka_unit_test(credit_scales_with_the_weights),
		cmocka_unit_test(the_margin_is_cut_at_the_lag_bound),
		cmocka_unit_test(an_eligible_target_is_only_nominated),
		cmocka_unit_test(a_second_credit_changes_nothing),
		cmocka_unit_test(protection_is_cancelled_at_most_every_six_ms),
		cmocka_unit_test(switched_off_it_is_mainline),
		cmocka_unit_test(a_constant_depth_credits_one_unit),
		cmocka_unit_test(the_parity_form_credits_a_part_of_the_slice),
		cmocka_unit_test(another_run_queue_gets_mainline_and_a_reschedule),
		cmocka_unit_test(two_run_queues_of_one_task_each_have_nobody_to_yield_to),
		cmocka_unit_test(mainline_loses_the_cpu_to_the_other_group),
		cmocka_unit_test(credit_shifts_a_shared_ancestor_in_place),
		cmocka_unit_test(credit_before_the_forfeit_spares_the_yielder_in_its_group_too),
		cmocka_unit_test(scope_below_leaves_shared_ancestors_alone),
		cmocka_unit_test(mainline_keeps_the_cpu_in_a_protected_group),
		cmocka_unit_test(credit_crosses_groups),
		cmocka_unit_test(deboost_pushes_the_yielder_behind_the_target),
		cmocka_unit_test(a_yield_back_is_charged_less),
		cmocka_unit_test(the_penalty_is_capped_by_the_number_of_tasks),
		cmocka_unit_test(deboost_does_not_help_the_group_of_both),
		cmocka_unit_test(deboost_charges_the_group_of_the_yielder),
		cmocka_unit_test(deboosts_are_rate_limited),
		cmocka_unit_test(a_group_that_the_yielder_has_to_itself_forfeits_too),
		cmocka_unit_test(a_group_with_siblings_does_not_pay_for_the_yielder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
