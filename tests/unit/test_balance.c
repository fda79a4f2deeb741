/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The balancer's bookkeeping: levels, sums, and whose turn it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "models/sched/balance.h"
#include "models/sched/placement.h"

/* ---- Levels and sums ----------------------------------------------------------------------- */

static void levels_that_add_nothing_are_left_out(void **state)
{
	struct topology topology;

	topology_init(&topology, (struct topology_sizes){1, 1, 1, 1});
	assert_int_equal(topology.nr_levels, 0);
	assert_int_equal(topology.llc_level, -1);

	topology_init(&topology, (struct topology_sizes){16, 1, 16, 16});
	assert_int_equal(topology.nr_levels, 1);
	assert_int_equal(topology.levels[0].kind, TOPOLOGY_LLC);
	assert_int_equal(topology.levels[0].group, 1);
	assert_false(topology.levels[0].prefer_sibling);

	topology_init(&topology, (struct topology_sizes){64, 2, 8, 32});
	assert_int_equal(topology.nr_levels, 4);
	assert_int_equal(topology.levels[3].kind, TOPOLOGY_NUMA);
	assert_int_equal(topology.levels[3].group, 32);
	assert_true(topology.levels[1].smt_groups);
	assert_int_equal(topology.imb_numa_nr, 4);
	assert_ptr_equal(topology_common(&topology, 0, 1), &topology.levels[0]);
	assert_ptr_equal(topology_common(&topology, 1, 7), &topology.levels[1]);
	assert_ptr_equal(topology_common(&topology, 7, 8), &topology.levels[2]);
	assert_ptr_equal(topology_common(&topology, 31, 32), &topology.levels[3]);
}

static uint64_t pseudo_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *seed >> 33;
}

static void the_sums_of_a_domain_are_those_of_its_cpus(void **state)
{
	struct topology topology;
	struct balance_machine machine;
	uint64_t seed = 7;

	/* The last domains are cut off. */
	topology_init(&topology, (struct topology_sizes){22, 2, 4, 8});
	assert_true(balance_machine_init(&machine, &topology));
	for (int step = 0; step < 2000; step++) {
		int at = (int)(pseudo_random(&seed) % 22);
		const struct balance_cpu cpu = {
			.load = pseudo_random(&seed) % 5000,
			.util = pseudo_random(&seed) % 1500,
			.runnable = pseudo_random(&seed) % 3000,
			.capacity = 1024,
			.nr = (unsigned int)(pseudo_random(&seed) % 4),
			.idle = pseudo_random(&seed) % 2,
		};

		balance_set_cpu(&machine, at, &cpu);
		for (int level = 0; level < topology.nr_levels; level++) {
			int span = topology.levels[level].span;
			const struct balance_sums *sums = balance_sums_at(&machine, level, at);
			struct balance_sums whole = {0};

			for (int i = topology_first(at, span);
			     i < topology_end(&topology, at, span); i++) {
				whole.load += machine.cpus[i].load;
				whole.util += balance_util(&machine.cpus[i]);
				whole.capacity += 1024;
				whole.overloaded_cpus += machine.cpus[i].nr > 1;
				whole.idle_cpus += machine.cpus[i].idle;
			}
			assert_int_equal(sums->load, whole.load);
			assert_int_equal(sums->util, whole.util);
			assert_int_equal(sums->capacity, whole.capacity);
			assert_int_equal(sums->overloaded_cpus, whole.overloaded_cpus);
			assert_int_equal(sums->idle_cpus, whole.idle_cpus);
		}
	}
	balance_machine_fini(&machine);
}

/* ---- Whose turn, and when ------------------------------------------------------------------ */

static void one_cpu_of_a_group_looks_for_work(void **state)
{
	const struct balance_cpu busy = {.nr = 1, .h_nr = 1, .capacity = 1024};
	const struct balance_cpu idle = {.idle = true, .capacity = 1024};
	struct topology topology;
	struct balance_machine machine;
	struct balance_pass pass = {.machine = &machine, .level = 2, .idle = BALANCE_IDLE};

	topology_init(&topology, (struct topology_sizes){16, 2, 8, 16});
	assert_true(balance_machine_init(&machine, &topology));
	/* All busy: the first one. */
	for (int i = 0; i < 16; i++)
		balance_set_cpu(&machine, i, &busy);
	for (pass.dst = 0; pass.dst < 8; pass.dst++)
		assert_int_equal(balance_is_chosen(&pass), pass.dst == 0);
	/* An idle thread before all others, one of an idle core before that. */
	balance_set_cpu(&machine, 3, &idle);
	for (pass.dst = 0; pass.dst < 8; pass.dst++)
		assert_int_equal(balance_is_chosen(&pass), pass.dst == 3);
	balance_set_cpu(&machine, 6, &idle);
	balance_set_cpu(&machine, 7, &idle);
	for (pass.dst = 0; pass.dst < 8; pass.dst++)
		assert_int_equal(balance_is_chosen(&pass), pass.dst == 6);
	balance_machine_fini(&machine);
}

static void intervals_are_the_kernels(void **state)
{
	/* Idle: as many ms as the domain has CPUs. Busy: 16 times that, but for a tick. */
	assert_int_equal(balance_interval_ticks(16, false, 250, 16), 4);
	assert_int_equal(balance_interval_ticks(16, true, 1000, 16), 255);
	assert_int_equal(balance_interval_ticks(32, true, 1000, 16), 511);
	assert_int_equal(balance_interval_ticks(64, true, 1000, 64), 1023);
	assert_int_equal(balance_interval_ticks(128, true, 250, 64), 511);
	assert_int_equal(balance_interval_ticks(1024, true, 1000, 1024), 16383);
	/* At most a tenth of a second per CPU, at least a tick. */
	assert_int_equal(balance_interval_ticks(2048, true, 1000, 16), 1600);
	assert_int_equal(balance_interval_ticks(1, false, 100, 2), 1);
	/* A saturated cache is not searched for an idle CPU, an empty one all over. */
	assert_int_equal(balance_nr_idle_scan(0, 16, 117), 16);
	assert_int_equal(balance_nr_idle_scan(16 * 876, 16, 117), 0);
	assert_int_equal(balance_nr_idle_scan(8 * 1024, 16, 117), 10);
}

/* ---- Is it worth a look? ------------------------------------------------------------------- */

static void fail_looks(struct balance_newidle *tries, int nr, int64_t now)
{
	for (int i = 0; i < nr; i++)
		balance_newidle_end(tries, false, now);
}

static void looks_that_never_pay_become_rarer(void **state)
{
	struct balance_newidle tries = balance_newidle_start(0);

	/* Half of a window of 1024 is left, and counters halve at its end: 256 of 1024, then 128.
	 */
	assert_true(balance_newidle_try(&tries, 513, 0));
	fail_looks(&tries, 512, 0);
	assert_true(balance_newidle_try(&tries, 257, 0));
	fail_looks(&tries, 512, 0);
	assert_true(balance_newidle_try(&tries, 129, 0));
	assert_false(balance_newidle_try(&tries, 130, 0));
}

static void looks_that_are_rare_are_made(void **state)
{
	struct balance_newidle tries = balance_newidle_start(0);

	/* 4.3 seconds for half a window are 1024 units of 2^22 ns. */
	fail_looks(&tries, 512, INT64_C(1024) << 22);
	assert_true(balance_newidle_try(&tries, 1023, 0));
}

static void a_success_counts_for_the_looks_that_were_not_made(void **state)
{
	struct balance_newidle tries = balance_newidle_start(0);

	/* A chance of 513 in 1024: two. 256 + 512 * 2 successes are more than all. */
	for (int i = 0; i < 512; i++)
		balance_newidle_end(&tries, true, 0);
	assert_true(balance_newidle_try(&tries, 1023, 0));
}

static void a_long_sleep_moves_the_average_by_an_eighth_up_to_a_millisecond(void **state)
{
	assert_int_equal(balance_average_idle(800000, 1600000), 900000);
	assert_int_equal(balance_average_idle(BALANCE_LONGEST_IDLE_NS, 1000000000),
			 BALANCE_LONGEST_IDLE_NS);
}

/* ---- Moving, and waking ------------------------------------------------------------------- */

static void who_has_failed_takes_more_than_it_asked_for(void **state)
{
	struct balance_source source = {0, BALANCE_LOAD, 300};

	assert_false(balance_fits(&source, 512, 0));
	assert_int_equal(source.imbalance, 300);
	assert_true(balance_fits(&source, 512, 1));
	assert_int_equal(source.imbalance, 300 - 512);
	/* A task is one task, whatever its load. */
	source = (struct balance_source){0, BALANCE_TASK, 2};
	assert_true(balance_fits(&source, 4096, 0));
	assert_int_equal(source.imbalance, 1);
}

static void passes_in_vain_become_rarer_most_of_all_where_tasks_are_bound(void **state)
{
	assert_int_equal(balance_longer_interval(16, 16, false), 32);
	assert_int_equal(balance_longer_interval(32, 16, false), 32);
	assert_int_equal(balance_longer_interval(32, 16, true), 64);
	assert_int_equal(balance_longer_interval(512, 16, true), 512);
}

static void a_waker_is_known_by_how_often_it_changes_whom_it_wakes(void **state)
{
	struct placement_waker waker = {NULL};
	int a = 0, b = 0;

	placement_note_wakee(&waker, &a, 1);
	placement_note_wakee(&waker, &a, 2);
	assert_int_equal(waker.flips, 1);
	for (int i = 0; i < 8; i++)
		placement_note_wakee(&waker, i % 2 ? &a : &b, 3);
	assert_int_equal(waker.flips, 9);
	/* Halved after more than a second. */
	placement_note_wakee(&waker, &a, 1000000001);
	assert_int_equal(waker.flips, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_that_add_nothing_are_left_out),
		cmocka_unit_test(the_sums_of_a_domain_are_those_of_its_cpus),
		cmocka_unit_test(one_cpu_of_a_group_looks_for_work),
		cmocka_unit_test(intervals_are_the_kernels),
		cmocka_unit_test(looks_that_never_pay_become_rarer),
		cmocka_unit_test(looks_that_are_rare_are_made),
		cmocka_unit_test(a_success_counts_for_the_looks_that_were_not_made),
		cmocka_unit_test(a_long_sleep_moves_the_average_by_an_eighth_up_to_a_millisecond),
		cmocka_unit_test(who_has_failed_takes_more_than_it_asked_for),
		cmocka_unit_test(passes_in_vain_become_rarer_most_of_all_where_tasks_are_bound),
		cmocka_unit_test(a_waker_is_known_by_how_often_it_changes_whom_it_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
