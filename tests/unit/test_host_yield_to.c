/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directed yields between tasks of the host, and what became of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/scripted_task.h"

/* ---- Directed yields --------------------------------------------------------------------- */

/* What a task does in its yield_to() system call; returns what that returned. */
static int yields_to(struct script *from, struct script *to, struct yield_stats *stats)
{
	struct pcpu *cpu = from->task.cpu;
	int result;

	assert_true(from->task.executing);
	stop_executing(from);
	result = host_yield_to(cpu, &to->task, stats);
	if (result != 1 || !pcpu_schedule(cpu, PCPU_PREEMPT))
		execute(from);
	return result;
}

static struct script *running_on(struct machine *machine, int cpu)
{
	assert_non_null(cpu_of(machine, cpu)->curr);
	return script_of(cpu_of(machine, cpu)->curr);
}

static void between_two_lone_tasks_a_yield_finds_nothing(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *a = add_hog(machine, cpu0);
	struct script *b = add_hog(machine, cpu1);
	struct yield_stats stats = {0};

	(void)state;
	run_until(machine, 1 * MS);
	assert_int_equal(yields_to(a, b, &stats), -ESRCH);
	assert_int_equal(stats.tried, 1);
	assert_int_equal(stats.esrch, 1);
	assert_true(a->task.executing);
	stop_machine(machine);
}

static void a_running_or_sleeping_target_is_refused(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *a = add_hog(machine, cpu0);
	struct script *b = add_hog(machine, cpu1);
	struct script *sleeper = add_sleeper(machine, cpu1, 10 * US);
	struct yield_stats stats = {0};

	(void)state;
	add_hog(machine, cpu0);
	run_until(machine, 50 * MS);
	a = running_on(machine, 0);
	assert_int_equal(yields_to(a, b, &stats), 0);
	assert_int_equal(yields_to(a, sleeper, &stats), 0);
	assert_int_equal(stats.refused, 2);
	assert_int_equal(stats.taken, 0);
	stop_machine(machine);
}

static void a_yield_within_a_cpu_is_resolved_by_its_own_schedule(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *a = add_hog(machine, NULL);
	struct script *b = add_hog(machine, NULL);
	struct yield_stats stats = {0};
	struct script *from;

	(void)state;
	run_until(machine, 10 * MS + 100 * US);
	for (int i = 0; i < 50; i++) {
		run_until(machine, sim_now(&machine->engine) + 50 * US);
		from = running_on(machine, 0);
		if (!from->task.executing)
			continue;
		assert_int_equal(yields_to(from, from == a ? b : a, &stats), 1);
		assert_int_equal(stats.honoured + stats.futile, stats.taken);
	}
	assert_int_equal(stats.same_rq, stats.taken);
	assert_true(stats.honoured > 0);
	assert_int_equal(stats.for_nothing, 0);
	stop_machine(machine);
}

static void a_yield_across_cpus_interrupts_the_other_one(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *from = add_hog(machine, cpu0);
	struct script *a = add_hog(machine, cpu1);
	struct script *b = add_hog(machine, cpu1);
	struct yield_stats stats = {0};
	struct script *running, *target;

	(void)state;
	run_until(machine, 10 * MS);
	running = running_on(machine, 1);
	target = running == a ? b : a;
	running->nr_interrupts = 0;
	assert_int_equal(yields_to(from, target, &stats), 1);
	/* Alone on its CPU, the yielder goes on. */
	assert_true(from->task.executing);
	assert_int_equal(stats.cross_rq, 1);
	assert_int_equal(stats.honoured + stats.futile, 0);
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, 10 * MS + 899);
	assert_int_equal(running->nr_interrupts, 0);
	run_until(machine, 10 * MS + 900);
	assert_int_equal(running->nr_interrupts, 1);
	assert_int_equal(stats.honoured + stats.futile, 1);
	assert_int_equal(stats.honoured, running_on(machine, 1) == target);
	assert_int_equal(stats.for_nothing, stats.futile);
	stop_machine(machine);
}

static void a_nomination_overwritten_before_the_pick_is_futile(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *from = add_hog(machine, cpu0);
	struct yield_stats stats = {0};
	struct script *target[2];
	int n = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		add_hog(machine, cpu1);
	run_until(machine, 10 * MS);
	for (int i = 1; i <= 3; i++)
		if (&machine->scripts[i] != running_on(machine, 1))
			target[n++] = &machine->scripts[i];
	assert_int_equal(yields_to(from, target[0], &stats), 1);
	assert_int_equal(yields_to(from, target[1], &stats), 1);
	assert_int_equal(stats.futile, 1);
	/* One reschedule request, one IPI. */
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, 11 * MS);
	assert_int_equal(stats.honoured + stats.futile, 2);
	stop_machine(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_two_lone_tasks_a_yield_finds_nothing),
		cmocka_unit_test(a_running_or_sleeping_target_is_refused),
		cmocka_unit_test(a_yield_within_a_cpu_is_resolved_by_its_own_schedule),
		cmocka_unit_test(a_yield_across_cpus_interrupts_the_other_one),
		cmocka_unit_test(a_nomination_overwritten_before_the_pick_is_futile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
