/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limited groups on a host: what they get, when they stop, and how they go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sim/engine/random.h"
#include "tests/unit/scripted_task.h"

#define SLICE_NS (5 * MS) /* a queue draws so much at a time */
#define TICK_NS	 (4 * MS) /* at 250 Hz */

static struct eevdf_group *limited(struct machine *machine, int64_t quota, int64_t burst)
{
	const struct host_cpu_max max = {quota, 100 * MS, burst};
	struct eevdf_group *group = host_group(&machine->host, NULL, 100);

	assert_non_null(group);
	host_group_limit(group, &max, "limited");
	return group;
}

/* CPU time of a script up to now. */
static int64_t used(const struct script *script)
{
	if (!script->task.executing)
		return script->ran;
	return script->ran + sim_now(script->task.host->engine) - script->segment_start;
}

static int64_t all_used(const struct machine *machine)
{
	int64_t sum = 0;

	for (int i = 0; i < machine->nr_scripts; i++)
		sum += used(&machine->scripts[i]);
	return sum;
}

static void a_quota_of_half_a_cpu_gives_half_a_cpu(void **state)
{
	struct machine *machine = new_machine(free_of_cost(1));
	struct eevdf_group *group = limited(machine, 50 * MS, 0);
	struct script *hog = add_script(machine, group, NULL, FOREVER, 0);

	run_until(machine, 10000 * MS);
	assert_in_range(used(hog), 4950 * MS, 5050 * MS);
	assert_in_range(host_group_stats(group)->nr_throttled, 99, 100);
	assert_in_range(host_group_stats(group)->throttled_ns, 4850 * MS, 5050 * MS);
	stop_machine(machine);
}

static void many_cpus_share_one_quota(void **state)
{
	struct machine *machine = new_machine(free_of_cost(4));
	struct eevdf_group *group = limited(machine, 200 * MS, 0);

	for (int i = 0; i < 4; i++)
		add_script(machine, group, NULL, FOREVER, 0);
	run_until(machine, 10000 * MS);
	assert_in_range(all_used(machine), 19800 * MS, 20220 * MS);
	stop_machine(machine);
}

static void others_get_what_a_throttled_group_leaves(void **state)
{
	struct machine *machine = new_machine(free_of_cost(1));
	struct eevdf_group *group = limited(machine, 10 * MS, 0);
	struct script *member = add_script(machine, group, NULL, FOREVER, 0);
	struct script *hog = add_hog(machine, NULL);

	run_until(machine, 10000 * MS);
	assert_in_range(used(member), 980 * MS, 1020 * MS);
	assert_int_equal(used(member) + used(hog), 10000 * MS);
	stop_machine(machine);
}

static void a_limit_that_nobody_reaches_changes_nothing(void **state)
{
	int64_t ran[2];

	for (int limit = 0; limit < 2; limit++) {
		struct machine *machine = new_machine(free_of_cost(1));
		struct eevdf_group *group = limited(machine, limit ? 100 * MS : 0, 0);
		struct script *member = add_script(machine, group, NULL, 3 * MS, 1 * MS);

		add_hog(machine, NULL);
		run_until(machine, 3000 * MS);
		ran[limit] = used(member);
		assert_int_equal(host_group_stats(group)->nr_throttled, 0);
		stop_machine(machine);
	}
	assert_int_equal(ran[0], ran[1]);
}

static void an_idle_cpu_goes_on_when_its_group_has_time_again(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct eevdf_group *group = limited(machine, 10 * MS, 0);
	struct script *here = add_script(machine, group, cpu0, FOREVER, 0);
	struct script *there = add_script(machine, group, cpu1, FOREVER, 0);

	run_until(machine, 2000 * MS);
	/* One of the CPUs takes the timer, the other one an IPI. Each runs in every period. */
	assert_true(here->nr_runs >= 19 && there->nr_runs >= 19);
	assert_true(here->runnable_out && there->runnable_out);
	assert_in_range(machine->host.cpus[0].stats.time_in[PCPU_IDLE], 1700 * MS, 1980 * MS);
	assert_in_range(machine->host.cpus[1].stats.time_in[PCPU_IDLE], 1700 * MS, 1980 * MS);
	stop_machine(machine);
}

static void unused_quota_comes_back_as_burst(void **state)
{
	int64_t ran[2];

	for (int burst = 0; burst < 2; burst++) {
		struct machine *machine = new_machine(free_of_cost(1));
		struct eevdf_group *group = limited(machine, 20 * MS, burst ? 20 * MS : 0);
		struct script *worker = add_script(machine, group, NULL, 40 * MS, 0);

		/* It begins in the middle of a period whose quota is there, and rests then. */
		worker->burst_left = 1;
		run_until(machine, 1000 * MS);
		host_wake(&worker->task, NULL);
		run_until(machine, 1041 * MS);
		ran[burst] = used(worker);
		stop_machine(machine);
	}
	assert_true(ran[1] > ran[0] + 10 * MS);
}

static void the_quota_of_a_parent_binds_its_children_together(void **state)
{
	struct machine *machine = new_machine(free_of_cost(2));
	struct eevdf_group *parent = limited(machine, 60 * MS, 0);
	struct eevdf_group *light = host_group(&machine->host, parent, 100);
	struct eevdf_group *heavy = host_group(&machine->host, parent, 200);
	struct script *a = add_script(machine, light, cpu0, FOREVER, 0);
	struct script *b = add_script(machine, heavy, cpu0, FOREVER, 0);

	run_until(machine, 10000 * MS);
	assert_in_range(all_used(machine), 5900 * MS, 6100 * MS);
	/*
	 * Weights go on to count among those that have time, but the lag between the two is lost
	 * each time they are parked.
	 */
	assert_in_range(used(b) * 100 / used(a), 170, 210);
	stop_machine(machine);
}

static void phases_of_groups_differ(void **state)
{
	struct machine *machine = new_machine(free_of_cost(1));
	const struct host_cpu_max max = {10 * MS, 100 * MS, 0};
	struct eevdf_group *a = host_group(&machine->host, NULL, 100);
	struct eevdf_group *b = host_group(&machine->host, NULL, 100);

	host_group_limit(a, &max, "a");
	host_group_limit(b, &max, "b");
	assert_int_not_equal(a->bandwidth.expires, b->bandwidth.expires);
	stop_machine(machine);
}

/* ---- P13 ----------------------------------------------------------------------------------- */

/* Hogs and sleepers in a group with random limits on random CPUs, beside a hog outside. */
static void populate(struct machine *machine, struct eevdf_group *group, struct sim_stream *random)
{
	int nr = 1 + (int)sim_stream_below(random, 6);

	for (int i = 0; i < nr; i++) {
		int64_t run_ns = 50 * US + (int64_t)sim_stream_below(random, 20 * MS);
		int64_t sleep_ns = 10 * US + (int64_t)sim_stream_below(random, 20 * MS);
		bool is_hog = sim_stream_below(random, 2);

		add_script(machine, group, NULL, is_hog ? FOREVER : run_ns, is_hog ? 0 : sleep_ns);
	}
}

static void consumption_keeps_the_bounds_of_P13(void **state)
{
	static struct machine machine;
	const uint64_t seed = 20260;

	print_message("seed %d\n", (int)seed);
	for (uint32_t round = 0; round < 60; round++) {
		struct sim_stream random;
		struct eevdf_group *group;
		int64_t quota, burst, allowance, before = 0;
		int cpus;

		sim_stream_init(&random, seed, round, "test", "P13");
		cpus = 1 + (int)sim_stream_below(&random, 4);
		quota = 2 * MS + (int64_t)sim_stream_below(&random, 150 * MS);
		burst = (int64_t)sim_stream_below(&random, (uint64_t)quota);
		if (round % 2)
			burst = 0;
		start_machine(&machine, free_of_cost(cpus), seed + round);
		group = limited(&machine, quota, burst);
		populate(&machine, group, &random);
		/* A running task stops at the next tick. */
		allowance = burst + cpus * (SLICE_NS + TICK_NS);
		run_until(&machine, group->bandwidth.expires);
		before = all_used(&machine);
		for (int period = 1; period <= 30; period++) {
			int64_t now = sim_now(&machine.engine) + 100 * MS;

			run_until(&machine, now);
			if (all_used(&machine) - before > quota + allowance)
				fail_msg("round %u, period %d: %lld ns of %lld", round, period,
					 (long long)(all_used(&machine) - before),
					 (long long)quota);
			before = all_used(&machine);
		}
		/* Debt is paid back: on average the quota is kept. */
		assert_true(before <= 31 * quota + allowance);
		stop_machine(&machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quota_of_half_a_cpu_gives_half_a_cpu),
		cmocka_unit_test(many_cpus_share_one_quota),
		cmocka_unit_test(others_get_what_a_throttled_group_leaves),
		cmocka_unit_test(a_limit_that_nobody_reaches_changes_nothing),
		cmocka_unit_test(an_idle_cpu_goes_on_when_its_group_has_time_again),
		cmocka_unit_test(unused_quota_comes_back_as_burst),
		cmocka_unit_test(the_quota_of_a_parent_binds_its_children_together),
		cmocka_unit_test(phases_of_groups_differ),
		cmocka_unit_test(consumption_keeps_the_bounds_of_P13),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
