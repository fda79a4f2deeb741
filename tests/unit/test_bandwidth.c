/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits on the CPU time of groups: pool, accounts, and parked tasks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "models/sched/eevdf_bandwidth.h"

#define MS INT64_C(1000000)

/* ---- Pool and accounts ---------------------------------------------------------------------- */

/* A limit of 20 ms in 100 ms, from time 0. */
static struct bandwidth_pool limited_pool(int64_t burst)
{
	struct bandwidth_pool pool;

	bandwidth_init(&pool, 0);
	bandwidth_set(&pool, 100 * MS, 20 * MS, burst, 0);
	return pool;
}

static void a_queue_with_somebody_running_draws_5_ms_and_its_debt(void **state)
{
	struct bandwidth_pool pool = limited_pool(0);
	struct bandwidth_queue queue = {.enabled = true, .remaining = -1000};

	(void)state;
	assert_true(bandwidth_draw(&pool, &queue, true, 0));
	assert_int_equal(queue.remaining, 5 * MS);
	assert_int_equal(pool.runtime, 15 * MS - 1000);
}

static void an_empty_pool_gives_nothing(void **state)
{
	struct bandwidth_pool pool = limited_pool(0);
	struct bandwidth_queue queue = {.enabled = true};

	(void)state;
	pool.runtime = 0;
	assert_false(bandwidth_draw(&pool, &queue, true, 0));
	assert_int_equal(queue.remaining, 0);
}

static void unused_quota_is_lost_but_for_the_burst(void **state)
{
	struct bandwidth_pool plain = limited_pool(0);
	struct bandwidth_pool bursting = limited_pool(5 * MS);

	(void)state;
	bandwidth_period(&plain, 100 * MS);
	bandwidth_period(&bursting, 100 * MS);
	assert_int_equal(plain.runtime, 20 * MS);
	assert_int_equal(bursting.runtime, 25 * MS);
}

static void a_late_timer_refills_once_and_counts_what_it_missed(void **state)
{
	struct bandwidth_pool pool = limited_pool(0);

	(void)state;
	pool.runtime = 0;
	bandwidth_period(&pool, 350 * MS);
	assert_int_equal(pool.nr_periods, 3);
	assert_int_equal(pool.runtime, 20 * MS);
	assert_int_equal(pool.expires, 400 * MS);
}

static void the_period_timer_stops_after_a_period_without_demand(void **state)
{
	struct bandwidth_pool pool = limited_pool(0);

	(void)state;
	bandwidth_period(&pool, 100 * MS);
	assert_true(pool.period_active);
	bandwidth_period(&pool, 200 * MS);
	assert_false(pool.period_active);
}

static void an_idle_queue_keeps_1_ms_and_gives_the_rest_back(void **state)
{
	struct bandwidth_pool pool = limited_pool(0);
	struct bandwidth_queue queue = {.enabled = true};
	struct bandwidth_queue waiting = {.enabled = true, .throttled = true};

	(void)state;
	assert_true(bandwidth_draw(&pool, &queue, true, 0));
	bandwidth_list_add(&pool, &waiting);
	bandwidth_give_back(&pool, &queue, 10 * MS);
	assert_int_equal(queue.remaining, 1 * MS);
	assert_int_equal(pool.runtime, 19 * MS);
	/* Somebody can use it soon. */
	assert_true(pool.slack_started);
	assert_int_equal(pool.slack_expires, 15 * MS);
}

static void slack_waits_for_a_refill_that_is_near(void **state)
{
	struct bandwidth_pool pool = limited_pool(0);
	struct bandwidth_queue queue = {.enabled = true};
	struct bandwidth_queue waiting = {.enabled = true, .throttled = true};

	(void)state;
	assert_true(bandwidth_draw(&pool, &queue, true, 0));
	bandwidth_list_add(&pool, &waiting);
	bandwidth_give_back(&pool, &queue, 94 * MS);
	assert_false(pool.slack_started);
}

/* ---- Tasks ---------------------------------------------------------------------------------- */

/* A CPU with two tasks in a group of 20 ms in 100 ms, and one outside. */
struct cpu {
	struct eevdf_config config;
	struct eevdf_rq rq;
	struct eevdf_group group;
	struct eevdf_entity member[2];
	struct eevdf_entity other;
	int64_t now;
};

static void set_up(struct cpu *cpu, int nr_members, bool with_other)
{
	*cpu = (struct cpu){.config = eevdf_default_config(1, 1000), .now = MS};
	eevdf_rq_init(&cpu->rq, &cpu->config, 0);
	eevdf_group_init(&cpu->group, NULL, 1024);
	assert_non_null(eevdf_group_part(&cpu->group, &cpu->rq));
	eevdf_set_bandwidth(&cpu->group, 100 * MS, 20 * MS, 0, (uint64_t)cpu->now);
	for (int i = 0; i < nr_members; i++) {
		eevdf_task_init(&cpu->member[i], 0, EEVDF_NORMAL, 0);
		assert_true(eevdf_task_set_rq(&cpu->member[i], &cpu->group, &cpu->rq));
		eevdf_start(&cpu->rq, &cpu->member[i], (uint64_t)cpu->now);
	}
	if (with_other) {
		eevdf_task_init(&cpu->other, 0, EEVDF_NORMAL, 0);
		assert_true(eevdf_task_set_rq(&cpu->other, NULL, &cpu->rq));
		eevdf_start(&cpu->rq, &cpu->other, (uint64_t)cpu->now);
	}
	eevdf_schedule(&cpu->rq, EEVDF_STAY, (uint64_t)cpu->now);
}

/* One tick, with a return to user mode after it. */
static void tick(struct cpu *cpu)
{
	const struct bandwidth_pool *pool = &cpu->group.bandwidth;
	uint64_t now;

	cpu->now += MS;
	now = (uint64_t)cpu->now;
	eevdf_tick(&cpu->rq, now);
	if (pool->period_active && pool->expires <= cpu->now)
		eevdf_period_timer(&cpu->group, &cpu->rq, now);
	eevdf_throttle_work(&cpu->rq, now);
	if (eevdf_resched_pending(&cpu->rq))
		eevdf_schedule(&cpu->rq, EEVDF_STAY, now);
}

static void a_group_gets_its_quota_in_each_period_and_no_more(void **state)
{
	struct cpu cpu;

	(void)state;
	set_up(&cpu, 2, true);
	for (int i = 0; i < 2000; i++)
		tick(&cpu);
	assert_in_range(cpu.member[0].sum_exec + cpu.member[1].sum_exec, 398 * MS, 421 * MS);
	assert_in_range(cpu.other.sum_exec, 1578 * MS, 1603 * MS);
	assert_in_range(cpu.group.bandwidth.nr_throttled, 19, 20);
	eevdf_group_destroy(&cpu.group);
}

static void a_cpu_is_idle_rather_than_exceed_a_limit(void **state)
{
	struct cpu cpu;

	(void)state;
	set_up(&cpu, 1, false);
	for (int i = 0; i < 30; i++)
		tick(&cpu);
	assert_null(cpu.rq.curr);
	assert_true(cpu.member[0].limbo);
	assert_int_equal(cpu.rq.nr_running, 0);
	eevdf_group_destroy(&cpu.group);
}

static void a_throttled_task_runs_on_until_it_returns_to_user_mode(void **state)
{
	struct cpu cpu;

	(void)state;
	set_up(&cpu, 1, false);
	cpu.now += 30 * MS;
	eevdf_tick(&cpu.rq, (uint64_t)cpu.now);
	assert_true(cpu.member[0].throttle_work);
	assert_false(eevdf_resched_pending(&cpu.rq));
	assert_true(cpu.member[0].on_rq);

	assert_true(eevdf_throttle_work(&cpu.rq, (uint64_t)cpu.now));
	assert_null(eevdf_schedule(&cpu.rq, EEVDF_STAY, (uint64_t)cpu.now));
	/* It pays back what it had too much: 10 ms and the nanosecond of before the first draw. */
	assert_in_range(-cpu.member[0].queue->bandwidth.remaining, 10 * MS - 1, 10 * MS);
	eevdf_group_destroy(&cpu.group);
}

static void a_parked_task_is_neither_woken_nor_lost_when_it_moves(void **state)
{
	struct eevdf_rq elsewhere;
	struct cpu cpu;

	(void)state;
	set_up(&cpu, 1, false);
	for (int i = 0; i < 30; i++)
		tick(&cpu);
	eevdf_wake(&cpu.rq, &cpu.member[0], false, (uint64_t)cpu.now);
	assert_true(cpu.member[0].limbo);
	assert_false(cpu.member[0].on_rq);

	/* The queue of the group on the other CPU is not throttled. */
	eevdf_rq_init(&elsewhere, &cpu.config, 1);
	eevdf_detach(&cpu.rq, &cpu.member[0], (uint64_t)cpu.now);
	assert_true(eevdf_task_set_rq(&cpu.member[0], &cpu.group, &elsewhere));
	eevdf_attach(&elsewhere, &cpu.member[0], (uint64_t)cpu.now);
	assert_false(cpu.member[0].limbo);
	assert_true(cpu.member[0].on_rq);
	assert_null(eevdf_group_part(&cpu.group, &cpu.rq)->queue.limbo);
	eevdf_group_destroy(&cpu.group);
}

static void to_lift_the_limit_lets_parked_tasks_go_on(void **state)
{
	struct cpu cpu;

	(void)state;
	set_up(&cpu, 2, false);
	for (int i = 0; i < 30; i++)
		tick(&cpu);
	assert_null(cpu.rq.curr);
	eevdf_set_bandwidth(&cpu.group, 100 * MS, BANDWIDTH_UNLIMITED, 0, (uint64_t)cpu.now);
	assert_true(cpu.rq.need_resched);
	assert_non_null(eevdf_schedule(&cpu.rq, EEVDF_STAY, (uint64_t)cpu.now));
	assert_int_equal(cpu.rq.nr_running, 2);
	eevdf_group_destroy(&cpu.group);
}

static void a_limit_above_holds_for_groups_below(void **state)
{
	struct eevdf_config config = eevdf_default_config(1, 1000);
	struct eevdf_group above, below;
	struct eevdf_entity task;
	struct eevdf_rq rq;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	eevdf_group_init(&above, NULL, 1024);
	eevdf_group_init(&below, &above, 1024);
	eevdf_task_init(&task, 0, EEVDF_NORMAL, 0);
	assert_true(eevdf_task_set_rq(&task, &below, &rq));
	eevdf_set_bandwidth(&above, 100 * MS, 20 * MS, 0, 0);
	eevdf_start(&rq, &task, 0);
	eevdf_schedule(&rq, EEVDF_STAY, 0);

	eevdf_tick(&rq, 30 * MS);
	assert_true(eevdf_throttle_work(&rq, 30 * MS));
	assert_null(eevdf_schedule(&rq, EEVDF_STAY, 30 * MS));
	assert_ptr_equal(task.queue->limbo, &task);

	eevdf_period_timer(&above, &rq, 100 * MS);
	assert_ptr_equal(eevdf_schedule(&rq, EEVDF_STAY, 100 * MS), &task);
	eevdf_group_destroy(&below);
	eevdf_group_destroy(&above);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_with_somebody_running_draws_5_ms_and_its_debt),
		cmocka_unit_test(an_empty_pool_gives_nothing),
		cmocka_unit_test(unused_quota_is_lost_but_for_the_burst),
		cmocka_unit_test(a_late_timer_refills_once_and_counts_what_it_missed),
		cmocka_unit_test(the_period_timer_stops_after_a_period_without_demand),
		cmocka_unit_test(an_idle_queue_keeps_1_ms_and_gives_the_rest_back),
		cmocka_unit_test(slack_waits_for_a_refill_that_is_near),
		cmocka_unit_test(a_group_gets_its_quota_in_each_period_and_no_more),
		cmocka_unit_test(a_cpu_is_idle_rather_than_exceed_a_limit),
		cmocka_unit_test(a_throttled_task_runs_on_until_it_returns_to_user_mode),
		cmocka_unit_test(a_parked_task_is_neither_woken_nor_lost_when_it_moves),
		cmocka_unit_test(to_lift_the_limit_lets_parked_tasks_go_on),
		cmocka_unit_test(a_limit_above_holds_for_groups_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
