/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The EEVDF core: worked examples, and properties of random sequences of operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "models/sched/eevdf_internal.h"
#include "tests/unit/eevdf_state.h"

static struct eevdf_config config_of(int hz)
{
	struct eevdf_config config = eevdf_default_config(16, hz);

	config.features &= ~(uint32_t)EEVDF_HRTICK;
	return config;
}

/* A task bound to the root queue of rq. */
static struct eevdf_entity *root_task(struct eevdf_entity *task, struct eevdf_rq *rq)
{
	eevdf_task_init(task, 0, EEVDF_NORMAL, 0);
	assert_true(eevdf_task_set_rq(task, NULL, rq));
	return task;
}

/* ---- Numbers ----------------------------------------------------------------------------- */

static void the_base_slice_grows_with_the_logarithm_of_the_cpus(void **state)
{
	static const uint64_t expected[] = {700000,  1400000, 1400000, 2100000,
					    2100000, 2100000, 2100000, 2800000};

	(void)state;
	for (int cpus = 1; cpus <= 8; cpus++)
		assert_int_equal(eevdf_base_slice_ns(cpus), expected[cpus - 1]);
	assert_int_equal(eevdf_base_slice_ns(1024), 2800000);
}

static void a_tick_is_rounded_to_the_nearest_ns(void **state)
{
	(void)state;
	assert_int_equal(eevdf_tick_ns(100), 10000000);
	assert_int_equal(eevdf_tick_ns(250), 4000000);
	assert_int_equal(eevdf_tick_ns(300), 3333333);
	assert_int_equal(eevdf_tick_ns(1000), 1000000);
}

static void weights_follow_nice_values_and_cpu_weight(void **state)
{
	(void)state;
	assert_int_equal(eevdf_task_weight(0, EEVDF_NORMAL), 1 << 20);
	assert_int_equal(eevdf_task_weight(-20, EEVDF_BATCH), 88761 << 10);
	assert_int_equal(eevdf_task_weight(19, EEVDF_NORMAL), 15 << 10);
	assert_int_equal(eevdf_task_weight(-20, EEVDF_IDLE), 3 << 10);
	assert_int_equal(eevdf_scale_load_down(0), 0);
	assert_int_equal(eevdf_scale_load_down(2), 2);
	assert_int_equal(eevdf_scale_load_down(1 << 20), 1024);
	assert_int_equal(eevdf_shares_from_cpu_weight(100), 1024);
	assert_int_equal(eevdf_shares_from_cpu_weight(1), 10);
	assert_int_equal(eevdf_shares_from_cpu_weight(10000), 102400);
}

static void light_tasks_age_faster_in_virtual_time(void **state)
{
	struct eevdf_entity task;

	(void)state;
	eevdf_task_init(&task, 5, EEVDF_NORMAL, 0);
	assert_int_equal(oversub_eevdf_calc_delta_fair(1000000, &task), 3056716);
	eevdf_task_init(&task, 0, EEVDF_NORMAL, 0);
	assert_int_equal(oversub_eevdf_calc_delta_fair(1000000, &task), 1000000);
}

/* ---- Worked examples --------------------------------------------------------------------- */

static void the_mean_is_rounded_down_and_ties_to_it_are_exact(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task[2];
	struct eevdf_rq rq;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	eevdf_state_zero(&rq.root, 1000);
	eevdf_state_wait(root_task(&task[0], &rq), 999, 5000);
	eevdf_state_wait(root_task(&task[1], &rq), 998, 5000);
	assert_int_equal(rq.root.sum_w_vruntime, -3145728);
	assert_int_equal(rq.root.sum_weight, 2097152);
	/* The true mean is 998.5. */
	assert_int_equal(eevdf_queue_recentre(&rq.root), 998);
	assert_int_equal(rq.root.sum_w_vruntime, 1048576);
	assert_false(oversub_eevdf_eligible(&task[0]));
	assert_true(oversub_eevdf_eligible(&task[1]));
}

/* vruntime relative to the mean at which a task of lag vlag joins three others. */
static int64_t placement_of(int64_t vlag)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task[4];
	struct eevdf_rq rq;

	eevdf_rq_init(&rq, &config, 0);
	eevdf_state_zero(&rq.root, 0);
	for (int i = 0; i < 3; i++)
		eevdf_state_wait(root_task(&task[i], &rq), 0, 2800000);
	root_task(&task[3], &rq)->vlag = vlag;
	eevdf_place_entity(&task[3], 0);
	assert_int_equal(task[3].deadline, task[3].vruntime + 2800000);
	return (int64_t)task[3].vruntime;
}

static void lag_is_inflated_by_the_weight_that_joins(void **state)
{
	(void)state;
	assert_int_equal(placement_of(900000), -1200000);
	assert_int_equal(placement_of(-1000001), 1333334);
	assert_int_equal(placement_of(0), 0);
}

static void half_the_weight_doubles_lag_request_and_protection(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_group group, other;
	struct eevdf_entity *a, *b;
	struct eevdf_entity task[2];
	struct eevdf_rq rq;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	eevdf_group_init(&group, NULL, 1024);
	eevdf_group_init(&other, NULL, 1024);
	a = &eevdf_group_part(&group, &rq)->entity;
	b = &eevdf_group_part(&other, &rq)->entity;
	for (int i = 0; i < 2; i++)
		eevdf_task_init(&task[i], 0, EEVDF_NORMAL, 0);
	assert_true(eevdf_task_set_rq(&task[0], &group, &rq));
	assert_true(eevdf_task_set_rq(&task[1], &other, &rq));
	eevdf_state_run(&task[0], 0, 2800000, 2800000);
	eevdf_state_wait(&task[1], 0, 2800000);
	eevdf_state_zero(&rq.root, 10000000);
	eevdf_state_run(a, 9400000, 12600000, 12600000);
	eevdf_state_wait(b, 10600000, 13000000);
	assert_int_equal(eevdf_avg_vruntime(&rq.root), 10000000);

	eevdf_set_shares(&group, 512, 0);
	assert_int_equal(a->weight, 1 << 19);
	assert_int_equal(a->vruntime, 8800000);
	assert_int_equal(a->deadline, 15200000);
	assert_int_equal(a->vprot, 15200000);
	assert_int_equal(eevdf_avg_vruntime(&rq.root), 10000000);
	assert_int_equal(rq.root.load, (1 << 19) + (1 << 20));
	eevdf_group_destroy(&group);
	eevdf_group_destroy(&other);
}

/* ---- Behaviour --------------------------------------------------------------------------- */

static void a_task_alone_is_never_asked_to_leave(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task;
	struct eevdf_rq rq;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	eevdf_start(&rq, root_task(&task, &rq), 0);
	assert_ptr_equal(eevdf_schedule(&rq, EEVDF_STAY, 0), &task);
	for (uint64_t now = 4000000; now < 100000000; now += 4000000) {
		eevdf_tick(&rq, now);
		assert_false(eevdf_resched_pending(&rq));
	}
	assert_int_equal(task.sum_exec, 96000000);
}

/* Two hogs, with the first running since 0. */
static void two_hogs(struct eevdf_rq *rq, struct eevdf_entity *task)
{
	for (int i = 0; i < 2; i++)
		eevdf_start(rq, root_task(&task[i], rq), 0);
	assert_ptr_equal(eevdf_schedule(rq, EEVDF_STAY, 0), &task[0]);
}

static void a_served_request_asks_lazily_or_fully_as_configured(void **state)
{
	(void)state;
	for (int lazy = 0; lazy < 2; lazy++) {
		struct eevdf_config config = config_of(250);
		struct eevdf_entity task[2];
		struct eevdf_rq rq;

		config.lazy_preemption = lazy;
		eevdf_rq_init(&rq, &config, 0);
		two_hogs(&rq, task);
		eevdf_tick(&rq, 4000000);
		assert_int_equal(rq.need_resched_lazy, lazy);
		assert_int_equal(rq.need_resched, !lazy);
		assert_ptr_equal(eevdf_schedule(&rq, EEVDF_STAY, 4000000), &task[1]);
		assert_false(eevdf_resched_pending(&rq));
	}
}

static void the_slice_timer_ends_a_request_on_time(void **state)
{
	struct eevdf_config config = eevdf_default_config(16, 250);
	struct eevdf_entity task[2];
	struct eevdf_rq rq;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	two_hogs(&rq, task);
	assert_true(rq.hrtick_pending);
	/* A new task has half a slice for its first request. */
	assert_int_equal(rq.hrtick_expires, 1400000);
	eevdf_hrtick(&rq, 1400000);
	assert_true(rq.need_resched);
	assert_ptr_equal(eevdf_schedule(&rq, EEVDF_STAY, 1400000), &task[1]);
	assert_int_equal(rq.hrtick_expires, 2800000);
}

static void a_cpu_that_goes_idle_stops_the_slice_timer(void **state)
{
	struct eevdf_config config = eevdf_default_config(16, 250);
	struct eevdf_entity task[2];
	struct eevdf_rq rq;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	two_hogs(&rq, task);
	eevdf_schedule(&rq, EEVDF_EXIT, 100000);
	assert_null(eevdf_schedule(&rq, EEVDF_EXIT, 200000));
	assert_false(rq.hrtick_pending);
	assert_int_equal(rq.nr_running, 0);
}

static void a_sleeper_in_debt_stays_queued_until_it_is_picked(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task[2];
	struct eevdf_rq rq;
	int64_t vlag;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	two_hogs(&rq, task);
	/* It ran for a millisecond, the other not at all. */
	assert_ptr_equal(eevdf_schedule(&rq, EEVDF_BLOCK, 1000000), &task[1]);
	assert_true(task[0].delayed);
	assert_false(eevdf_task_runnable(&task[0]));
	assert_int_equal(rq.nr_running, 2);
	assert_int_equal(rq.root.h_nr_queued, 2);
	assert_int_equal(rq.root.h_nr_runnable, 1);
	assert_int_equal(rq.root.load, 2 << 20);
	vlag = task[0].vlag;
	assert_int_equal(vlag, -500000);

	/* Awake again within its debt: what is left of it counts. */
	eevdf_tick(&rq, 1400000);
	eevdf_wake(&rq, &task[0], false, 1400000);
	assert_false(task[0].delayed);
	assert_in_range((uint64_t)(task[0].vlag - vlag), 0, (uint64_t)-vlag);
	assert_int_equal(rq.root.h_nr_runnable, 2);
	assert_int_equal(rq.nr_running, 2);
}

static void a_lone_runner_yields_to_nobody(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task;
	struct eevdf_rq rq;
	uint64_t deadline;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	eevdf_start(&rq, root_task(&task, &rq), 0);
	eevdf_schedule(&rq, EEVDF_STAY, 0);
	deadline = task.deadline;
	eevdf_yield(&rq, 500000);
	assert_int_equal(task.deadline, deadline);
}

static void an_ineligible_yielder_is_not_charged(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task[2];
	struct eevdf_rq rq;
	uint64_t deadline;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	two_hogs(&rq, task);
	deadline = task[0].deadline;
	eevdf_yield(&rq, 0);
	assert_int_equal(task[0].vruntime, deadline);
	assert_int_equal(task[0].deadline, deadline + 2800000);
	eevdf_yield(&rq, 0);
	assert_int_equal(task[0].vruntime, deadline);
}

static void cancelled_protection_ends_at_the_present_vruntime(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task[2];
	struct eevdf_rq rq;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	two_hogs(&rq, task);
	oversub_eevdf_cancel_protection(&task[0]);
	assert_int_equal(task[0].vprot, task[0].vruntime);
	task[0].vprot = task[0].vruntime - 5;
	oversub_eevdf_cancel_protection(&task[0]);
	assert_int_equal(task[0].vprot, task[0].vruntime - 5);
}

static void a_repicked_runner_keeps_its_protection(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task[2];
	struct eevdf_rq rq;
	uint64_t vprot;

	(void)state;
	eevdf_rq_init(&rq, &config, 0);
	two_hogs(&rq, task);
	vprot = task[0].vprot;
	/* It is protected only while it is eligible: let the other be further ahead. */
	oversub_eevdf_charge(&rq, &task[1], 5000000);
	assert_ptr_equal(eevdf_schedule(&rq, EEVDF_STAY, 1000000), &task[0]);
	assert_int_equal(task[0].vprot, vprot);
	assert_int_equal(rq.nr_switches, 1);
}

/* ---- Migration --------------------------------------------------------------------------- */

static void a_migrated_task_carries_its_lag_and_the_rest_of_its_request(void **state)
{
	struct eevdf_config config = config_of(250);
	struct eevdf_entity task[6];
	struct eevdf_rq from, to;
	int64_t lag, left;

	(void)state;
	eevdf_rq_init(&from, &config, 0);
	eevdf_rq_init(&to, &config, 1);
	for (int i = 0; i < 3; i++)
		eevdf_start(&from, root_task(&task[i], &from), 0);
	for (int i = 3; i < 6; i++)
		eevdf_start(&to, root_task(&task[i], &to), 0);
	eevdf_schedule(&from, EEVDF_STAY, 0);
	eevdf_schedule(&to, EEVDF_STAY, 0);
	eevdf_tick(&from, 1000000);
	eevdf_tick(&to, 1000000);

	eevdf_detach(&from, &task[2], 1000000);
	assert_int_equal(from.nr_running, 2);
	lag = task[2].vlag;
	left = (int64_t)task[2].deadline;
	assert_int_equal(lag, 333333);
	assert_true(eevdf_task_set_rq(&task[2], NULL, &to));
	eevdf_attach(&to, &task[2], 1000000);
	assert_int_equal(to.nr_running, 4);
	assert_int_equal((int64_t)(task[2].deadline - task[2].vruntime), left);
	assert_in_range((uint64_t)(eevdf_entity_lag(&task[2]) - lag + 2), 0, 4);
}

/* ---- Group weights ----------------------------------------------------------------------- */

/* A group with one hog on each of nr CPUs, weights split by load. */
struct split {
	struct eevdf_config config;
	struct eevdf_rq rq[16];
	struct eevdf_group group;
	struct eevdf_entity task[32];
};

static struct eevdf_entity *split_start(struct split *split, int i, int cpu)
{
	struct eevdf_entity *task = &split->task[i];

	eevdf_task_init(task, 0, EEVDF_NORMAL, 0);
	assert_true(eevdf_task_set_rq(task, &split->group, &split->rq[cpu]));
	eevdf_start(&split->rq[cpu], task, 0);
	eevdf_schedule(&split->rq[cpu], EEVDF_STAY, 0);
	return task->parent;
}

static void split_init(struct split *split)
{
	split->config = config_of(250);
	split->config.weight_source = EEVDF_WEIGHT_INSTANTANEOUS;
	for (int cpu = 0; cpu < 16; cpu++)
		eevdf_rq_init(&split->rq[cpu], &split->config, cpu);
	eevdf_group_init(&split->group, NULL, 1024);
}

static void instantaneous_weights_split_the_shares_by_load(void **state)
{
	struct split split;
	struct eevdf_entity *part[16];

	(void)state;
	split_init(&split);
	part[0] = split_start(&split, 0, 0);
	assert_int_equal(part[0]->weight, 1 << 20);
	for (int cpu = 1; cpu < 16; cpu++)
		part[cpu] = split_start(&split, cpu, cpu);
	assert_int_equal(split.group.load_sum, 16 * 1024);

	/* A CPU learns of the others at its next tick. */
	assert_int_equal(part[0]->weight, 1 << 20);
	eevdf_tick(&split.rq[0], 4000000);
	assert_int_equal(part[0]->weight, 65536);
	assert_int_equal(split.rq[0].root.load, 65536);

	/* A second one on CPU 0: 2 of 17. */
	split_start(&split, 16, 0);
	assert_int_equal(part[0]->weight, (1 << 20) * 2 / 17);
	eevdf_group_destroy(&split.group);
}

static void an_empty_part_keeps_its_weight(void **state)
{
	struct split split;
	struct eevdf_entity *part;

	(void)state;
	split_init(&split);
	part = split_start(&split, 0, 0);
	split_start(&split, 1, 1);
	eevdf_tick(&split.rq[0], 4000000);
	assert_int_equal(part->weight, 1 << 19);
	eevdf_schedule(&split.rq[0], EEVDF_EXIT, 5000000);
	assert_int_equal(part->weight, 1 << 19);
	assert_int_equal(split.group.load_sum, 1024);
	eevdf_group_destroy(&split.group);
}

static void a_fixed_weight_does_not_depend_on_load(void **state)
{
	struct split split;
	struct eevdf_entity *part;

	(void)state;
	split_init(&split);
	split.config.weight_source = EEVDF_WEIGHT_FIXED;
	part = split_start(&split, 0, 0);
	split_start(&split, 1, 1);
	eevdf_tick(&split.rq[0], 4000000);
	assert_int_equal(part->weight, 1 << 20);
	eevdf_group_destroy(&split.group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_base_slice_grows_with_the_logarithm_of_the_cpus),
		cmocka_unit_test(a_tick_is_rounded_to_the_nearest_ns),
		cmocka_unit_test(weights_follow_nice_values_and_cpu_weight),
		cmocka_unit_test(light_tasks_age_faster_in_virtual_time),
		cmocka_unit_test(the_mean_is_rounded_down_and_ties_to_it_are_exact),
		cmocka_unit_test(lag_is_inflated_by_the_weight_that_joins),
		cmocka_unit_test(half_the_weight_doubles_lag_request_and_protection),
		cmocka_unit_test(a_task_alone_is_never_asked_to_leave),
		cmocka_unit_test(a_served_request_asks_lazily_or_fully_as_configured),
		cmocka_unit_test(the_slice_timer_ends_a_request_on_time),
		cmocka_unit_test(a_cpu_that_goes_idle_stops_the_slice_timer),
		cmocka_unit_test(a_sleeper_in_debt_stays_queued_until_it_is_picked),
		cmocka_unit_test(a_lone_runner_yields_to_nobody),
		cmocka_unit_test(an_ineligible_yielder_is_not_charged),
		cmocka_unit_test(cancelled_protection_ends_at_the_present_vruntime),
		cmocka_unit_test(a_repicked_runner_keeps_its_protection),
		cmocka_unit_test(a_migrated_task_carries_its_lag_and_the_rest_of_its_request),
		cmocka_unit_test(instantaneous_weights_split_the_shares_by_load),
		cmocka_unit_test(an_empty_part_keeps_its_weight),
		cmocka_unit_test(a_fixed_weight_does_not_depend_on_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
