/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which CPU a task comes to, and when: wake-ups and newidle balancing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/scripted_task.h"

/* ---- Wake-ups ---------------------------------------------------------------------------- */

static void waking_an_idle_cpu_takes_the_flight_the_wake_and_the_switch(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *sleeper = add_sleeper(machine, cpu1, 10 * US);

	(void)state;
	run_until(machine, 10 * MS);
	assert_int_equal(sleeper->task.state, TASK_SLEEPING);
	assert_false(sleeper->runnable_out);

	assert_true(host_wake(&sleeper->task, cpu_of(machine, 0)));
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	assert_false(host_wake(&sleeper->task, cpu_of(machine, 0)));
	run_until(machine, 10 * MS + 900);
	assert_false(sleeper->task.se.on_rq);
	run_until(machine, 10 * MS + 900 + 1550);
	assert_true(sleeper->task.se.on_rq);
	assert_ptr_equal(cpu_of(machine, 1)->curr, &sleeper->task);
	run_until(machine, 11 * MS);
	assert_int_equal(sleeper->in_since, 10 * MS + 900 + 1550 + 1300);
	stop_machine(machine);
}

static void a_wakeup_wait_ends_when_the_task_is_picked(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *sleeper = add_sleeper(machine, cpu1, 10 * US);
	struct sim_histogram runqueue_wait, wakeup_wait;

	(void)state;
	sim_histogram_reset(&runqueue_wait);
	sim_histogram_reset(&wakeup_wait);
	run_until(machine, 10 * MS);
	sleeper->task.runqueue_wait = &runqueue_wait;
	sleeper->task.wakeup_wait = &wakeup_wait;
	host_wake(&sleeper->task, cpu_of(machine, 0));
	run_until(machine, 20 * MS);
	assert_int_equal(runqueue_wait.count, 1);
	assert_int_equal(wakeup_wait.count, 1);
	assert_int_equal(wakeup_wait.max, 900 + 1550);
	stop_machine(machine);
}

static void a_timer_on_an_idle_cpu_wakes_it_without_an_ipi(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *script = add_script(machine, NULL, NULL, 100 * US, 900 * US);

	(void)state;
	run_until(machine, 100 * MS);
	assert_true(script->nr_runs > 90);
	assert_true(cpu_of(machine, 0)->stats.interrupts <= 1);
	stop_machine(machine);
}

/* A hog on CPU 1, and an urgent sleeper there. The waker is CPU 0, in the same cache. */
static struct script *wake_an_urgent_task_on_a_busy_cpu(struct machine *machine,
							struct script **hog)
{
	struct script *sleeper = add_urgent_sleeper(machine, cpu1);

	*hog = add_hog(machine, cpu1);
	run_until(machine, 41 * MS);
	assert_ptr_equal(cpu_of(machine, 1)->curr, &(*hog)->task);
	(*hog)->nr_interrupts = 0;
	assert_true(host_wake(&sleeper->task, cpu_of(machine, 0)));
	/* It was enqueued by the waker. */
	assert_true(sleeper->task.se.on_rq);
	return sleeper;
}

static void a_lazy_remote_wakeup_waits_for_the_next_interrupt(void **state)
{
	struct host_config config = with_costs(2);
	struct machine *machine;
	struct script *sleeper, *hog;

	(void)state;
	config.hrtick = 0;
	machine = new_machine(config);
	sleeper = wake_an_urgent_task_on_a_busy_cpu(machine, &hog);
	assert_true(pcpu_need_resched(cpu_of(machine, 1)));
	assert_false(pcpu_need_resched_in_kernel(cpu_of(machine, 1)));
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 0);
	run_until(machine, 44 * MS - 1);
	assert_int_equal(hog->nr_interrupts, 0);
	run_until(machine, 45 * MS);
	assert_int_equal(sleeper->in_since, 44 * MS + 1300);
	stop_machine(machine);
}

static void a_full_remote_wakeup_sends_an_ipi(void **state)
{
	struct host_config config = with_costs(2);
	struct machine *machine;
	struct script *sleeper, *hog;

	(void)state;
	config.hrtick = 0;
	config.preempt = HOST_PREEMPT_FULL;
	machine = new_machine(config);
	sleeper = wake_an_urgent_task_on_a_busy_cpu(machine, &hog);
	assert_true(pcpu_need_resched_in_kernel(cpu_of(machine, 1)));
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, 42 * MS);
	assert_int_equal(sleeper->in_since, 41 * MS + 900 + 1300);
	stop_machine(machine);
}

static void a_second_task_makes_its_cpu_start_the_slice_timer(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *hog;

	(void)state;
	wake_an_urgent_task_on_a_busy_cpu(machine, &hog);
	/* Lazy preemption asks for no interrupt, but only CPU 1 can start its timer. */
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, 41 * MS + 900);
	assert_int_equal(hog->nr_interrupts, 1);
	stop_machine(machine);
}

static void a_wakeup_in_another_cache_is_done_by_the_target(void **state)
{
	struct host_config config = with_costs(2);
	struct machine *machine;
	struct script *sleeper;

	(void)state;
	config.llc_cpus = 1;
	machine = new_machine(config);
	sleeper = add_urgent_sleeper(machine, cpu1);
	add_hog(machine, cpu1);
	run_until(machine, 41 * MS);
	assert_true(host_wake(&sleeper->task, cpu_of(machine, 0)));
	assert_false(sleeper->task.se.on_rq);
	/* Under way it is awake already, but not runnable yet. */
	assert_false(host_wake(&sleeper->task, cpu_of(machine, 0)));
	run_until(machine, 41 * MS + 900);
	assert_true(sleeper->task.se.on_rq);
	/* Lazy or not: the CPU that was interrupted looks at once. */
	run_until(machine, 42 * MS);
	assert_int_equal(sleeper->in_since, 41 * MS + 900 + 1300);
	stop_machine(machine);
}

static void a_wakeup_prefers_the_previous_cpu_if_it_is_idle(void **state)
{
	struct machine *machine = new_machine(with_costs(8));
	struct script *sleeper = add_sleeper(machine, NULL, 10 * US);
	int before;

	(void)state;
	run_until(machine, 10 * MS);
	before = sleeper->task.cpu->index;
	host_wake(&sleeper->task, cpu_of(machine, (before + 3) % 8));
	run_until(machine, 20 * MS);
	assert_int_equal(sleeper->task.cpu->index, before);
	assert_int_equal(sleeper->nr_runs, 2);
	stop_machine(machine);
}

static void a_wakeup_finds_an_idle_cpu_beside_a_busy_one(void **state)
{
	struct machine *machine = new_machine(with_costs(8));
	struct script *sleeper = add_sleeper(machine, NULL, 10 * US);

	(void)state;
	run_until(machine, 10 * MS);
	assert_int_equal(sleeper->task.cpu->index, 0);
	add_hog(machine, cpu0);
	add_hog(machine, cpu1);
	run_until(machine, 20 * MS);
	host_wake(&sleeper->task, cpu_of(machine, 0));
	run_until(machine, 30 * MS);
	assert_int_equal(sleeper->task.cpu->index, 2);
	stop_machine(machine);
}

static void affinity_is_respected(void **state)
{
	struct machine *machine = new_machine(with_costs(4));
	struct script *bound[6];

	(void)state;
	for (int i = 0; i < 6; i++)
		bound[i] = add_script(machine, NULL, cpu0_and_1, (300 + 70 * i) * US, 500 * US);
	for (int64_t time = MS / 10; time < 300 * MS; time += MS / 10) {
		run_until(machine, time);
		for (int i = 0; i < 6; i++)
			assert_in_range(bound[i]->task.cpu->index, 0, 1);
	}
	assert_int_equal(cpu_of(machine, 2)->stats.switches, 0);
	assert_true(cpu_of(machine, 1)->stats.switches > 100);
	stop_machine(machine);
}

static void a_task_that_exits_is_gone(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *script = add_script(machine, NULL, NULL, 3 * MS, 0);
	struct script *hog = add_hog(machine, NULL);

	(void)state;
	script->exits = true;
	run_until(machine, 100 * MS);
	assert_int_equal(script->task.state, TASK_DEAD);
	assert_int_equal(script->ran, 3 * MS);
	assert_false(script->task.se.on_rq);
	assert_false(host_wake(&script->task, cpu_of(machine, 0)));
	assert_ptr_equal(cpu_of(machine, 0)->curr, &hog->task);
	assert_true(pcpu_single_task(cpu_of(machine, 0)));
	stop_machine(machine);
}

/* ---- Balancing --------------------------------------------------------------------------- */

static void a_cpu_that_runs_dry_pulls_a_waiting_task(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *movable = add_hog(machine, NULL);

	(void)state;
	/* Two more where movable is, and short bursts elsewhere that end in newidle passes. */
	assert_int_equal(movable->task.cpu->index, 0);
	add_hog(machine, cpu0);
	add_hog(machine, cpu0);
	add_script(machine, NULL, cpu1, 100 * US, 2 * MS);
	run_until(machine, 100 * MS);
	assert_int_equal(movable->task.cpu->index, 1);
	assert_int_equal(cpu_of(machine, 1)->stats.migrations, 1);
	stop_machine(machine);
}

static void a_lone_running_task_is_not_pulled(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *hog = add_hog(machine, NULL);

	(void)state;
	add_script(machine, NULL, cpu1, 100 * US, 2 * MS);
	run_until(machine, 100 * MS);
	assert_int_equal(hog->task.cpu->index, 0);
	assert_int_equal(hog->nr_runs, 0);
	stop_machine(machine);
}

static void bursty_tasks_leave_no_cpu_idle_beside_waiting_ones(void **state)
{
	struct machine *machine = new_machine(with_costs(4));
	int64_t idle = 0;

	(void)state;
	for (int i = 0; i < 8; i++)
		add_script(machine, NULL, NULL, 2 * MS + i * 100 * US, 50 * US);
	run_until(machine, 2000 * MS);
	host_account(&machine->host);
	for (int i = 0; i < 4; i++)
		idle += cpu_of(machine, i)->stats.time_in[PCPU_IDLE];
	/* Demand is almost 8 CPUs. */
	assert_true(idle < 4 * 2000 * MS / 20);
	stop_machine(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waking_an_idle_cpu_takes_the_flight_the_wake_and_the_switch),
		cmocka_unit_test(a_wakeup_wait_ends_when_the_task_is_picked),
		cmocka_unit_test(a_timer_on_an_idle_cpu_wakes_it_without_an_ipi),
		cmocka_unit_test(a_lazy_remote_wakeup_waits_for_the_next_interrupt),
		cmocka_unit_test(a_full_remote_wakeup_sends_an_ipi),
		cmocka_unit_test(a_second_task_makes_its_cpu_start_the_slice_timer),
		cmocka_unit_test(a_wakeup_in_another_cache_is_done_by_the_target),
		cmocka_unit_test(a_wakeup_prefers_the_previous_cpu_if_it_is_idle),
		cmocka_unit_test(a_wakeup_finds_an_idle_cpu_beside_a_busy_one),
		cmocka_unit_test(affinity_is_respected),
		cmocka_unit_test(a_task_that_exits_is_gone),
		cmocka_unit_test(a_cpu_that_runs_dry_pulls_a_waiting_task),
		cmocka_unit_test(a_lone_running_task_is_not_pulled),
		cmocka_unit_test(bursty_tasks_leave_no_cpu_idle_beside_waiting_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
