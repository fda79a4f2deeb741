/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load tracking: the arithmetic, group weights made of it, and what it does to a host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "models/sched/eevdf.h"
#include "tests/unit/scripted_task.h"

#define PERIOD_NS 1048576u
#define NICE_0	  1024
#define SHARES	  (UINT64_C(1024) << 10)

/* ---- Arithmetic --------------------------------------------------------------------------- */

static void a_value_halves_in_32_periods_and_is_gone_in_2016(void **state)
{
	(void)state;
	assert_int_equal(pelt_decay(1024, 0), 1023);
	assert_int_equal(pelt_decay(1024, 32), 511);
	assert_int_equal(pelt_decay(PELT_SUM_MAX, 1), PELT_MIN_DIVIDER);
	assert_int_equal(pelt_decay(UINT64_MAX, 2015), 1);
	assert_int_equal(pelt_decay(UINT64_MAX, 2016), 0);
}

static void time_counts_in_units_of_1024_ns(void **state)
{
	struct pelt_avg avg = {0};

	(void)state;
	assert_false(pelt_update_entity(&avg, 1023, NICE_0, true, 1, true));
	assert_int_equal(avg.last_update_time, 0);
	assert_false(pelt_update_entity(&avg, 2050, NICE_0, true, 1, true));
	assert_int_equal(avg.last_update_time, 2048);
	assert_int_equal(avg.load_sum, 2);
	assert_int_equal(avg.util_sum, 2048);
	assert_int_equal(avg.load_avg, 0);
}

static void averages_change_only_when_a_period_ends(void **state)
{
	struct pelt_avg avg = {0};

	(void)state;
	assert_false(pelt_update_entity(&avg, PERIOD_NS - 1024, NICE_0, true, 1, true));
	assert_int_equal(avg.util_avg, 0);
	assert_true(pelt_update_entity(&avg, PERIOD_NS, NICE_0, true, 1, true));
	/* 1023 units have decayed by one period, and so has the last one: to nothing. */
	assert_int_equal(avg.load_sum, 1001);
	assert_int_equal(avg.util_avg, 1001 * 1024 / PELT_MIN_DIVIDER);
}

static void who_always_runs_has_its_weight_as_load(void **state)
{
	struct pelt_avg avg = {0};

	(void)state;
	for (uint64_t now = 0; now < 1000 * PERIOD_NS; now += 777777)
		pelt_update_entity(&avg, now, NICE_0, true, 1, true);
	assert_in_range(avg.load_avg, 1023, 1024);
	assert_in_range(avg.util_avg, 1023, 1024);
	assert_in_range(avg.load_sum, PELT_MIN_DIVIDER, PELT_SUM_MAX);
}

static void who_waits_has_load_but_no_utilization(void **state)
{
	struct pelt_avg avg = {0};

	(void)state;
	pelt_update_entity(&avg, 1000 * PERIOD_NS, NICE_0, true, 1, false);
	assert_in_range(avg.load_avg, 1023, 1024);
	assert_in_range(avg.runnable_avg, 1023, 1024);
	assert_int_equal(avg.util_avg, 0);
}

static void a_new_task_counts_fully_and_guesses_half_of_the_spare_capacity(void **state)
{
	struct pelt_queue queue = {0};
	struct pelt_avg avg;

	(void)state;
	pelt_init_task(&avg, NICE_0);
	pelt_guess_util(&queue, &avg, NICE_0);
	assert_int_equal(avg.load_avg, 1024);
	assert_int_equal(avg.util_avg, 512);

	queue.avg.util_avg = 1024;
	pelt_init_task(&avg, NICE_0);
	pelt_guess_util(&queue, &avg, NICE_0);
	assert_int_equal(avg.util_avg, 0);
}

static void the_load_of_a_sleeper_that_left_goes_at_the_next_update(void **state)
{
	struct pelt_queue queue = {.avg.last_update_time = 1 << 20};
	struct pelt_avg avg;

	(void)state;
	pelt_init_task(&avg, NICE_0);
	pelt_attach(&queue, &avg, NICE_0);
	assert_int_equal(queue.avg.load_avg, 1024);

	pelt_remove(&queue, &avg, NICE_0);
	assert_int_equal(queue.avg.load_avg, 1024);
	assert_true(pelt_update_queue(&queue, 1 << 20, 0, 0, false));
	assert_int_equal(queue.avg.load_avg, 0);
}

/* ---- Groups -------------------------------------------------------------------------------- */

/* Weight of a group with shares of 1024 where load is queued and the others published published. */
static uint64_t weight(uint64_t load, uint64_t published_by_others)
{
	const struct pelt_queue queue = {.avg.load_avg = 1023, .contrib = 1023};

	return pelt_group_weight(&queue, load, published_by_others + 1023, SHARES, 2);
}

static void shares_are_split_in_proportion_to_load(void **state)
{
	(void)state;
	assert_int_equal(weight(1024, 0), 1048576);
	assert_int_equal(weight(1024, UINT64_C(15) * 1023), 65596);
	assert_int_equal(weight(2048, UINT64_C(14) * 1023), 131184);
	assert_int_equal(weight(1024, UINT64_C(3) * 1023), 262336);
	/* Never less than the least weight. */
	assert_int_equal(weight(2, UINT64_MAX / 2), 2);
}

static void load_is_published_if_it_changed_by_more_than_a_64th_once_a_millisecond(void **state)
{
	struct pelt_queue queue = {.avg.load_avg = 1000};
	uint64_t sum = 0;

	(void)state;
	pelt_publish(&queue, &sum, 5000000);
	assert_int_equal(sum, 1000);

	queue.avg.load_avg = 1015;
	pelt_publish(&queue, &sum, 9000000);
	assert_int_equal(sum, 1000);
	queue.avg.load_avg = 1016;
	pelt_publish(&queue, &sum, 9000000);
	assert_int_equal(sum, 1016);

	queue.avg.load_avg = 0;
	pelt_publish(&queue, &sum, 9999999);
	assert_int_equal(sum, 1016);
	pelt_publish(&queue, &sum, 10000000);
	assert_int_equal(sum, 0);
}

/* ---- The core ------------------------------------------------------------------------------ */

/* Two CPUs, a group, a task of it on each. */
struct pair {
	struct eevdf_config config;
	struct eevdf_rq rq[2];
	struct eevdf_group group;
	struct eevdf_entity task[2];
	struct eevdf_entity *entity[2]; /* of the group */
	uint64_t now;
};

static struct pair new_pair(void)
{
	return (struct pair){.config = eevdf_default_config(2, 1000)};
}

static void set_up(struct pair *pair)
{
	pair->config.weight_source = EEVDF_WEIGHT_PELT;
	eevdf_group_init(&pair->group, NULL, 1024);
	for (int i = 0; i < 2; i++) {
		eevdf_rq_init(&pair->rq[i], &pair->config, i);
		pair->entity[i] = &eevdf_group_part(&pair->group, &pair->rq[i])->entity;
		eevdf_task_init(&pair->task[i], 0, EEVDF_NORMAL, 0);
		assert_true(eevdf_task_set_rq(&pair->task[i], &pair->group, &pair->rq[i]));
	}
}

static void start(struct pair *pair, int i)
{
	eevdf_start(&pair->rq[i], &pair->task[i], pair->now);
	eevdf_schedule(&pair->rq[i], EEVDF_STAY, pair->now);
}

static void tick_for(struct pair *pair, int64_t ms)
{
	for (; ms > 0; ms--) {
		pair->now += 1000000;
		for (int i = 0; i < 2; i++)
			eevdf_tick(&pair->rq[i], pair->now);
	}
}

static void
a_group_weighs_its_shares_where_it_runs_alone_and_half_of_them_on_each_of_two_cpus(void **state)
{
	struct pair pair = new_pair();

	(void)state;
	set_up(&pair);
	start(&pair, 0);
	tick_for(&pair, 100);
	assert_int_equal(pair.entity[0]->weight, SHARES);

	start(&pair, 1);
	tick_for(&pair, 400);
	for (int i = 0; i < 2; i++)
		assert_in_range(pair.entity[i]->weight, SHARES / 2, SHARES / 2 * 102 / 100);
	eevdf_group_destroy(&pair.group);
}

static void the_load_of_a_group_stays_behind_when_its_task_sleeps_and_halves_in_32_ms(void **state)
{
	struct pair pair = new_pair();

	(void)state;
	set_up(&pair);
	start(&pair, 0);
	start(&pair, 1);
	tick_for(&pair, 400);
	eevdf_schedule(&pair.rq[0], EEVDF_EXIT, pair.now);

	/* Nobody has told the group yet. */
	assert_in_range(pair.group.load_avg, 2000, 2048);
	assert_in_range(pair.entity[1]->weight, SHARES / 2, SHARES / 2 * 102 / 100);
	pair.now += 40000000;
	eevdf_update_blocked_averages(&pair.rq[0], pair.now);
	tick_for(&pair, 1);
	assert_in_range(pair.group.load_avg, 1000, 1100);
	assert_int_equal(pair.entity[1]->weight, SHARES);
	eevdf_group_destroy(&pair.group);
}

static void a_migrating_task_takes_its_load_along(void **state)
{
	struct pair pair = new_pair();

	(void)state;
	set_up(&pair);
	start(&pair, 0);
	assert_true(eevdf_task_set_rq(&pair.task[1], &pair.group, &pair.rq[0]));
	eevdf_start(&pair.rq[0], &pair.task[1], pair.now);
	tick_for(&pair, 400);
	assert_in_range(pair.rq[0].root.pelt.avg.load_avg, 1000, 1048);
	assert_in_range(pair.entity[0]->own_queue->pelt.avg.load_avg, 2046, 2048);

	for (int i = 0; i < 2; i++) {
		if (pair.rq[0].curr == &pair.task[i])
			continue;
		eevdf_detach(&pair.rq[0], &pair.task[i], pair.now);
		assert_true(eevdf_task_set_rq(&pair.task[i], &pair.group, &pair.rq[1]));
		eevdf_attach(&pair.rq[1], &pair.task[i], pair.now);
		eevdf_schedule(&pair.rq[1], EEVDF_STAY, pair.now);
		break;
	}
	assert_in_range(pair.entity[0]->own_queue->pelt.avg.load_avg, 1022, 1025);
	assert_in_range(pair.entity[1]->own_queue->pelt.avg.load_avg, 1022, 1025);
	eevdf_group_destroy(&pair.group);
}

/* ---- A host -------------------------------------------------------------------------------- */

/* Two hogs of one group on two CPUs, and one of another group on the first: its share of it. */
static double share_against_half_a_group(int64_t group_weights)
{
	struct host_config config = free_of_cost(2);
	struct machine *machine;
	struct eevdf_group *wide;
	struct eevdf_group *narrow;
	const struct script *script;
	double share;

	config.group_weights = group_weights;
	machine = new_machine(config);
	wide = host_group(&machine->host, NULL, 100);
	narrow = host_group(&machine->host, NULL, 100);
	assert_non_null(wide);
	assert_non_null(narrow);
	add_script(machine, wide, cpu0, FOREVER, 0);
	add_script(machine, wide, cpu1, FOREVER, 0);
	script = add_script(machine, narrow, cpu0, FOREVER, 0);
	run_until(machine, 3000 * MS);
	share = (double)script->ran / (3000.0 * MS);
	stop_machine(machine);
	return share;
}

static void a_host_divides_a_cpu_by_load_averages_if_told_so(void **state)
{
	(void)state;
	assert_in_range(1000 * share_against_half_a_group(HOST_WEIGHTS_FIXED), 490, 510);
	assert_in_range(1000 * share_against_half_a_group(HOST_WEIGHTS_PELT), 655, 675);
	assert_in_range(1000 * share_against_half_a_group(HOST_WEIGHTS_INSTANTANEOUS), 655, 675);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_halves_in_32_periods_and_is_gone_in_2016),
		cmocka_unit_test(time_counts_in_units_of_1024_ns),
		cmocka_unit_test(averages_change_only_when_a_period_ends),
		cmocka_unit_test(who_always_runs_has_its_weight_as_load),
		cmocka_unit_test(who_waits_has_load_but_no_utilization),
		cmocka_unit_test(a_new_task_counts_fully_and_guesses_half_of_the_spare_capacity),
		cmocka_unit_test(the_load_of_a_sleeper_that_left_goes_at_the_next_update),
		cmocka_unit_test(shares_are_split_in_proportion_to_load),
		cmocka_unit_test(
			load_is_published_if_it_changed_by_more_than_a_64th_once_a_millisecond),
		cmocka_unit_test(
			a_group_weighs_its_shares_where_it_runs_alone_and_half_of_them_on_each_of_two_cpus),
		cmocka_unit_test(
			the_load_of_a_group_stays_behind_when_its_task_sleeps_and_halves_in_32_ms),
		cmocka_unit_test(a_migrating_task_takes_its_load_along),
		cmocka_unit_test(a_host_divides_a_cpu_by_load_averages_if_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
