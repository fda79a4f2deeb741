/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balancing on a host of several CPUs: where tasks end up, and how long that takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/host/host_internal.h"
#include "tests/unit/scripted_task.h"

/* ---- Helpers ------------------------------------------------------------------------------- */

static const uint64_t cpus_0_to_2[] = {7};

static int tasks_on(struct machine *machine, int cpu)
{
	return (int)cpu_of(machine, cpu)->rq.nr_running;
}

static uint64_t migrations(const struct machine *machine)
{
	uint64_t sum = 0;

	for (int i = 0; i < machine->host.nr_cpus; i++)
		sum += machine->host.cpus[i].stats.migrations;
	return sum;
}

/* It may run anywhere from now on. */
static void unbind(struct script *script)
{
	script->task.cpus = NULL;
	script->task.nr_allowed = script->task.host->nr_cpus;
}

/* A machine with n hogs that all sit on CPU 0 at time 0. */
static struct machine *with_hogs_on_cpu0(struct host_config config, int n)
{
	struct machine *machine = new_machine(config);

	for (int i = 0; i < n; i++)
		unbind(add_hog(machine, cpu0));
	return machine;
}

static void assert_each_has(struct machine *machine, int tasks)
{
	for (int i = 0; i < machine->host.nr_cpus; i++)
		assert_int_equal(tasks_on(machine, i), tasks);
}

/* ---- Convergence --------------------------------------------------------------------------- */

static void hogs_spread_evenly_over_idle_cpus(void **state)
{
	struct machine *machine = with_hogs_on_cpu0(with_costs(4), 12);

	(void)state;
	/* Nobody runs dry: it is the kicked idle CPU that balances. */
	run_until(machine, 1000 * MS);
	assert_each_has(machine, 3);
	assert_true(machine->host.stats.pulled_periodic >= 9);
	assert_int_equal(machine->host.stats.pulled_newidle, 0);
	stop_machine(machine);
}

static void they_do_so_by_load_averages_too(void **state)
{
	struct host_config config = with_costs(4);
	struct machine *machine;

	(void)state;
	config.group_weights = HOST_WEIGHTS_PELT;
	machine = with_hogs_on_cpu0(config, 12);
	run_until(machine, 2000 * MS);
	assert_each_has(machine, 3);
	stop_machine(machine);
}

static void hogs_spread_evenly_over_busy_cpus(void **state)
{
	struct machine *machine = new_machine(with_costs(4));
	struct script *hogs[8];

	(void)state;
	/* One bound to each CPU, and all others on CPU 0. */
	for (int i = 0; i < 4; i++) {
		static const uint64_t own[4][1] = {{1}, {2}, {4}, {8}};

		add_hog(machine, own[i]);
	}
	for (int i = 0; i < 8; i++)
		hogs[i] = add_hog(machine, cpu0);
	for (int i = 0; i < 8; i++)
		unbind(hogs[i]);
	/* The shortest interval of a busy CPU of four is 16 * 4 ms. */
	run_until(machine, 50 * MS);
	assert_int_equal(tasks_on(machine, 0), 9);
	run_until(machine, 3000 * MS);
	assert_each_has(machine, 3);
	stop_machine(machine);
}

static void hogs_spread_over_caches_and_nodes(void **state)
{
	struct host_config config = with_costs(8);
	struct machine *machine;

	(void)state;
	config.llc_cpus = 2;
	config.numa_nodes = 2;
	machine = with_hogs_on_cpu0(config, 16);
	run_until(machine, 4000 * MS);
	assert_each_has(machine, 2);
	stop_machine(machine);
}

/* Of k * P + 1 hogs one has no good place, and goes round: at most one step per interval. */
static void one_hog_too_many_does_not_oscillate(void **state)
{
	struct machine *machine = new_machine(with_costs(4));
	uint64_t before[4];

	(void)state;
	for (int i = 0; i < 9; i++)
		add_hog(machine, NULL);
	run_until(machine, 1000 * MS);
	for (int i = 0; i < 4; i++)
		before[i] = cpu_of(machine, i)->stats.migrations;
	for (int ms = 1001; ms <= 11000; ms++) {
		run_until(machine, ms * MS);
		for (int i = 0; i < 4; i++)
			assert_in_range(tasks_on(machine, i), 2, 3);
	}
	/*
	 * The least interval of a busy CPU is 16 * 4 ms less a tick. A hog is four times what is
	 * out of balance, so that two passes fail before one moves it.
	 */
	for (int i = 0; i < 4; i++)
		assert_in_range(cpu_of(machine, i)->stats.migrations - before[i], 1,
				10000 / (3 * 60) + 1);
	stop_machine(machine);
}

static void without_balancing_nothing_moves(void **state)
{
	struct host_config config = with_costs(4);
	struct machine *machine;

	(void)state;
	config.balance = HOST_BALANCE_NONE;
	machine = with_hogs_on_cpu0(config, 8);
	run_until(machine, 1000 * MS);
	assert_int_equal(tasks_on(machine, 0), 8);
	assert_int_equal(migrations(machine), 0);
	stop_machine(machine);
}

static void newidle_balancing_alone_needs_a_cpu_that_runs_dry(void **state)
{
	struct host_config config = with_costs(4);
	struct machine *machine;

	(void)state;
	config.balance = HOST_BALANCE_NEWIDLE;
	machine = with_hogs_on_cpu0(config, 8);
	run_until(machine, 500 * MS);
	assert_int_equal(tasks_on(machine, 0), 8);
	add_script(machine, NULL, cpu1, 100 * US, 2 * MS);
	run_until(machine, 1000 * MS);
	assert_true(tasks_on(machine, 0) < 8);
	assert_int_equal(machine->host.stats.pulled_periodic, 0);
	stop_machine(machine);
}

/* ---- Affinity ------------------------------------------------------------------------------ */

static void bound_tasks_stay_and_others_move_instead(void **state)
{
	struct machine *machine = new_machine(with_costs(4));
	struct script *bound[6], *free[4];

	(void)state;
	for (int i = 0; i < 6; i++)
		bound[i] = add_hog(machine, i < 4 ? cpu0 : cpus_0_to_2);
	for (int i = 0; i < 4; i++)
		free[i] = add_hog(machine, cpu1);
	for (int i = 0; i < 4; i++)
		unbind(free[i]);
	for (int ms = 1; ms <= 3000; ms++) {
		run_until(machine, ms * MS);
		for (int i = 0; i < 6; i++)
			assert_true(host_task_allows(&bound[i]->task, bound[i]->task.cpu->index));
	}
	/* Four are stuck on CPU 0, the other six share three CPUs. */
	assert_int_equal(tasks_on(machine, 0), 4);
	for (int i = 1; i < 4; i++)
		assert_int_equal(tasks_on(machine, i), 2);
	stop_machine(machine);
}

/* ---- Active balance ------------------------------------------------------------------------ */

/* Two hogs alone on the CPUs of one cache or core, the other one is without work. */
static void two_neighbours_part(struct host_config config)
{
	struct machine *machine = new_machine(config);
	struct script *hogs[2];

	hogs[0] = add_hog(machine, cpu0);
	hogs[1] = add_hog(machine, cpu1);
	for (int i = 0; i < 2; i++)
		unbind(hogs[i]);
	run_until(machine, 4 * MS);
	assert_int_equal(tasks_on(machine, 0) + tasks_on(machine, 1), 2);
	run_until(machine, 1000 * MS);
	assert_int_equal(tasks_on(machine, 0) + tasks_on(machine, 1), 1);
	assert_int_equal(tasks_on(machine, 2) + tasks_on(machine, 3), 1);
	assert_int_equal(machine->host.stats.pushed, 1);
	/* The push costs it next to nothing. */
	for (int i = 0; i < 2; i++) {
		stop_executing(hogs[i]);
		assert_true(hogs[i]->ran > 995 * MS);
		execute(hogs[i]);
	}
	stop_machine(machine);
}

static void a_running_task_is_pushed_to_an_idle_cache(void **state)
{
	struct host_config config = with_costs(4);

	(void)state;
	config.llc_cpus = 2;
	two_neighbours_part(config);
}

static void a_running_task_is_pushed_to_an_idle_core(void **state)
{
	struct host_config config = with_costs(4);

	(void)state;
	config.smt = 2;
	two_neighbours_part(config);
}

static void two_tasks_on_two_nodes_are_left_alone(void **state)
{
	struct host_config config = with_costs(8);
	struct machine *machine;

	(void)state;
	config.numa_nodes = 2;
	machine = new_machine(config);
	unbind(add_hog(machine, cpu0));
	run_until(machine, 1000 * MS);
	assert_int_equal(migrations(machine), 0);
	stop_machine(machine);
}

/* ---- First CPUs ---------------------------------------------------------------------------- */

static void first_cpus_are_spread_over_nodes_caches_and_cores(void **state)
{
	struct host_config config = with_costs(16);
	static const int expected[8] = {0, 8, 4, 12, 2, 10, 6, 14};
	struct machine *machine;

	(void)state;
	config.smt = 2;
	config.llc_cpus = 4;
	config.numa_nodes = 2;
	machine = new_machine(config);
	for (int i = 0; i < 8; i++)
		assert_int_equal(add_hog(machine, NULL)->task.cpu->index, expected[i]);
	stop_machine(machine);
}

static void forked_tasks_spread_as_in_the_kernel(void **state)
{
	struct host_config config = with_costs(4);
	struct machine *machine;

	(void)state;
	config.start_cpu = HOST_START_FORK;
	machine = new_machine(config);
	/* Away from the parent's CPU as long as another one is idle. */
	for (int i = 0; i < 4; i++)
		add_hog(machine, NULL);
	assert_each_has(machine, 1);
	stop_machine(machine);
}

static void domains_that_do_not_nest_are_refused(void **state)
{
	static const struct {
		int64_t cpus, smt, llc, nodes;
	} wrong[] = {{7, 2, 0, 1}, {16, 2, 3, 1}, {16, 1, 0, 3}, {16, 1, 3, 2}};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct host_config config = with_costs((int)wrong[i].cpus);
		struct oversub_error error = {""};

		config.smt = wrong[i].smt;
		config.llc_cpus = wrong[i].llc;
		config.numa_nodes = wrong[i].nodes;
		assert_int_equal(host_config_check(&config, &error), OVERSUB_BAD_INPUT);
		assert_true(error.message[0]);
	}
}

/* ---- Cores of two threads ------------------------------------------------------------------ */

static void a_wakeup_prefers_a_core_without_work(void **state)
{
	struct host_config config = with_costs(4);
	struct machine *machine;
	struct script *sleeper;

	(void)state;
	config.smt = 2;
	machine = new_machine(config);
	sleeper = add_sleeper(machine, cpu0, 100 * US);
	add_hog(machine, cpu0);
	run_until(machine, 50 * MS);
	assert_int_equal(sleeper->task.state, TASK_SLEEPING);
	unbind(sleeper);
	/* Not to CPU 1, the sibling of the hog's. */
	host_wake(&sleeper->task, cpu_of(machine, 0));
	assert_int_equal(sleeper->task.cpu->index, 2);
	stop_machine(machine);
}

static void without_such_a_core_it_takes_an_idle_thread(void **state)
{
	static const uint64_t cpu2[] = {4};
	struct host_config config = with_costs(4);
	struct machine *machine;
	struct script *sleeper;

	(void)state;
	config.smt = 2;
	machine = new_machine(config);
	sleeper = add_sleeper(machine, cpu0, 100 * US);
	add_hog(machine, cpu0);
	add_hog(machine, cpu2);
	run_until(machine, 50 * MS);
	unbind(sleeper);
	assert_true(cpu_of(machine, 0)->llc->idle_cores);
	host_wake(&sleeper->task, cpu_of(machine, 0));
	assert_int_equal(sleeper->task.cpu->index, 1);
	/* The next wake-up need not search in vain. */
	assert_false(cpu_of(machine, 0)->llc->idle_cores);
	stop_machine(machine);
}

/* ---- Determinism --------------------------------------------------------------------------- */

/* Where everybody is after a while, and how often they got there. */
static uint64_t fingerprint(uint64_t seed)
{
	static struct machine machine;
	struct host_config config = with_costs(8);
	uint64_t hash = 0;

	config.smt = 2;
	config.llc_cpus = 4;
	start_machine(&machine, config, seed);
	for (int i = 0; i < 14; i++)
		add_script(&machine, NULL, NULL, (900 + 433 * i) * US, (200 + 791 * i) * US);
	run_until(&machine, 1000 * MS);
	for (int i = 0; i < 8; i++)
		hash = hash * 1000003 + cpu_of(&machine, i)->stats.switches * 65537 +
		       cpu_of(&machine, i)->stats.migrations;
	for (int i = 0; i < 14; i++)
		hash = hash * 1000003 + (uint64_t)machine.scripts[i].ran;
	assert_true(machine.host.stats.pulled_newidle > 0);
	assert_true(machine.host.stats.pulled_periodic > 0);
	stop_machine(&machine);
	return hash;
}

static void the_same_seed_balances_the_same_way(void **state)
{
	(void)state;
	assert_true(fingerprint(3) == fingerprint(3));
	assert_true(fingerprint(3) != fingerprint(4));
}

/* ---- Work conservation --------------------------------------------------------------------- */

/* A queued task that could run elsewhere at once: cold, not delayed, not the one on the CPU. */
static bool is_movable(const struct host_task *task)
{
	return task->se.on_rq && !task->se.delayed && !task->on_cpu &&
	       host_now(task->host) - (int64_t)task->se.exec_start >= 500 * US;
}

/* CPUs that idle at this moment while another one has two movable tasks. */
static int wasted_cpus(struct machine *machine)
{
	int movable[16] = {0};
	int idle = 0;
	bool waiting = false;

	for (int i = 0; i < machine->nr_scripts; i++) {
		const struct host_task *task = &machine->scripts[i].task;

		if (is_movable(task))
			movable[task->cpu->index]++;
	}
	for (int i = 0; i < machine->host.nr_cpus; i++) {
		idle += cpu_of(machine, i)->state == PCPU_IDLE;
		waiting |= movable[i] >= 2;
	}
	return waiting ? idle : 0;
}

/* At most so many thousandths of the time of all CPUs are wasted. */
static void check_work_conservation(struct host_config config, int bound)
{
	struct machine *machine = new_machine(config);
	int wasted = 0, samples = 0;

	/* Bursts and pauses that share no common measure; about 1.5 CPUs of work per CPU. */
	for (int i = 0; i < 20; i++)
		add_script(machine, NULL, NULL, (1000 + 733 * i) * US, (300 + 517 * i) * US);
	/* It takes the CPUs as long to find out that newidle passes pay. */
	for (int64_t time = 15000 * MS; time < 20000 * MS; time += 37 * US) {
		run_until(machine, time);
		wasted += wasted_cpus(machine);
		samples += machine->host.nr_cpus;
	}
	if ((int64_t)wasted * 1000 >= (int64_t)samples * bound)
		fail_msg("%d of %d samples", wasted, samples);
	stop_machine(machine);
}

static void no_cpu_idles_while_another_has_tasks_to_give(void **state)
{
	struct host_config config = with_costs(8);

	(void)state;
	config.group_weights = HOST_WEIGHTS_INSTANTANEOUS;
	check_work_conservation(config, 10);
}

/* Averages remember for a while where the load was: a little more than 1 % is wasted. */
static void nor_for_long_when_loads_are_averages(void **state)
{
	struct host_config config = with_costs(8);

	(void)state;
	config.group_weights = HOST_WEIGHTS_PELT;
	check_work_conservation(config, 12);
}

static void nor_in_another_cache_or_core(void **state)
{
	struct host_config config = with_costs(8);

	(void)state;
	config.smt = 2;
	config.llc_cpus = 4;
	check_work_conservation(config, 10);
}

/* ---- Intervals ----------------------------------------------------------------------------- */

/* How many of 16 CPUs have had a pass since last was noted, which is brought up to now. */
static int new_passes(struct machine *machine, int64_t last[16])
{
	int n = 0;

	for (int i = 0; i < 16; i++) {
		int64_t tick = cpu_of(machine, i)->domains[0].last_balance;

		n += tick != last[i];
		last[i] = tick;
	}
	return n;
}

static void busy_cpus_balance_every_quarter_to_half_second(void **state)
{
	struct machine *machine = new_machine(with_costs(16));
	int64_t last[16];
	int passes = 0;

	(void)state;
	for (int i = 0; i < 16; i++)
		add_hog(machine, NULL);
	run_until(machine, 2000 * MS);
	/* Balanced: every 512 ms less a tick, so within 5.08 s ten of each CPU. */
	new_passes(machine, last);
	for (int ms = 2001; ms <= 7080; ms++) {
		run_until(machine, ms * MS);
		passes += new_passes(machine, last);
	}
	assert_int_equal(passes, 16 * 10);
	assert_int_equal(migrations(machine), 0);
	stop_machine(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hogs_spread_evenly_over_idle_cpus),
		cmocka_unit_test(they_do_so_by_load_averages_too),
		cmocka_unit_test(hogs_spread_evenly_over_busy_cpus),
		cmocka_unit_test(hogs_spread_over_caches_and_nodes),
		cmocka_unit_test(one_hog_too_many_does_not_oscillate),
		cmocka_unit_test(without_balancing_nothing_moves),
		cmocka_unit_test(newidle_balancing_alone_needs_a_cpu_that_runs_dry),
		cmocka_unit_test(bound_tasks_stay_and_others_move_instead),
		cmocka_unit_test(a_running_task_is_pushed_to_an_idle_cache),
		cmocka_unit_test(a_running_task_is_pushed_to_an_idle_core),
		cmocka_unit_test(two_tasks_on_two_nodes_are_left_alone),
		cmocka_unit_test(first_cpus_are_spread_over_nodes_caches_and_cores),
		cmocka_unit_test(forked_tasks_spread_as_in_the_kernel),
		cmocka_unit_test(domains_that_do_not_nest_are_refused),
		cmocka_unit_test(a_wakeup_prefers_a_core_without_work),
		cmocka_unit_test(without_such_a_core_it_takes_an_idle_thread),
		cmocka_unit_test(the_same_seed_balances_the_same_way),
		cmocka_unit_test(no_cpu_idles_while_another_has_tasks_to_give),
		cmocka_unit_test(nor_for_long_when_loads_are_averages),
		cmocka_unit_test(nor_in_another_cache_or_core),
		cmocka_unit_test(busy_cpus_balance_every_quarter_to_half_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
