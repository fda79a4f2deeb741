/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The oracle: what it may do to the host, and that it is what it claims to be, always right and a
 * bound for the others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sim/run/world.h"
#include "tests/unit/scripted_task.h"

/* ---- On the host --------------------------------------------------------------------------- */

static int oracle_runs(struct script *from, struct script *target, enum oversub_oracle_boost how,
		       bool free, struct yield_stats *stats)
{
	struct pcpu *cpu = from->task.cpu;
	int result;

	stop_executing(from);
	result = host_oracle_run(cpu, &target->task, how, free, stats);
	if (result != 1 || !pcpu_schedule(cpu, PCPU_PREEMPT))
		execute(from);
	return result;
}

/* One of several hogs of a CPU that waits there, and must go on waiting. */
static struct script *ineligible(struct machine *machine, struct pcpu *cpu)
{
	for (int step = 0; step < 100; step++) {
		eevdf_update_clock(&cpu->rq, (uint64_t)sim_now(&machine->engine));
		for (int i = 0; i < machine->nr_scripts; i++) {
			struct script *script = &machine->scripts[i];

			if (script->task.cpu == cpu && cpu->curr != &script->task &&
			    !oversub_eevdf_buddy_would_run(&script->task.se))
				return script;
		}
		run_until(machine, sim_now(&machine->engine) + 100 * US);
	}
	fail_msg("all are eligible");
	return NULL;
}

/* Three hogs on each of two CPUs, bound to them or, from now on, free to move. */
static struct machine *two_queues(bool bound)
{
	struct machine *machine = new_machine(with_costs(2));

	for (int i = 0; i < 6; i++)
		add_hog(machine, i < 3 ? cpu0 : cpu1);
	run_until(machine, 21 * MS + 300 * US);
	for (int i = 0; i < 6 && !bound; i++)
		machine->scripts[i].task.cpus = cpu0_and_1;
	return machine;
}

static struct script *running(struct machine *machine, int cpu)
{
	return script_of(cpu_of(machine, cpu)->curr);
}

static void an_ineligible_target_on_the_same_cpu_runs_next(void **state)
{
	struct machine *machine = two_queues(true);
	struct script *target = ineligible(machine, cpu_of(machine, 0));
	struct yield_stats stats = {0};

	(void)state;
	assert_int_equal(
		oracle_runs(running(machine, 0), target, OVERSUB_ORACLE_LOCAL, false, &stats), 1);
	assert_ptr_equal(cpu_of(machine, 0)->curr, &target->task);
	assert_int_equal(stats.honoured, 1);
	stop_machine(machine);
}

static void a_switch_is_free_only_if_nothing_is_to_cost(void **state)
{
	(void)state;
	for (int free = 0; free < 2; free++) {
		struct machine *machine = two_queues(true);
		struct script *target = ineligible(machine, cpu_of(machine, 0));
		struct yield_stats stats = {0};

		oracle_runs(running(machine, 0), target, OVERSUB_ORACLE_LOCAL, free, &stats);
		run_until(machine, sim_now(&machine->engine) + 1);
		assert_int_equal(cpu_of(machine, 0)->state, free ? PCPU_BUSY : PCPU_SWITCH);
		stop_machine(machine);
	}
}

static void a_local_oracle_leaves_other_cpus_alone(void **state)
{
	struct machine *machine = two_queues(false);
	struct script *target = ineligible(machine, cpu_of(machine, 1));
	struct yield_stats stats = {0};

	(void)state;
	assert_int_equal(
		oracle_runs(running(machine, 0), target, OVERSUB_ORACLE_LOCAL, false, &stats), 0);
	assert_int_equal(stats.refused, 1);
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 0);
	stop_machine(machine);
}

static void a_pull_brings_the_target_here_unless_it_is_bound(void **state)
{
	(void)state;
	for (int bound = 0; bound < 2; bound++) {
		struct machine *machine = two_queues(bound);
		struct script *target = ineligible(machine, cpu_of(machine, 1));
		struct yield_stats stats = {0};

		assert_int_equal(oracle_runs(running(machine, 0), target, OVERSUB_ORACLE_PULL,
					     false, &stats),
				 !bound);
		assert_int_equal(cpu_of(machine, 0)->curr == &target->task, !bound);
		assert_int_equal(cpu_of(machine, 0)->rq.nr_running, bound ? 3 : 4);
		stop_machine(machine);
	}
}

static void a_swap_leaves_the_queues_as_long_as_they_were(void **state)
{
	struct machine *machine = two_queues(false);
	struct script *target = ineligible(machine, cpu_of(machine, 1));
	struct script *from = running(machine, 0);
	struct yield_stats stats = {0};

	(void)state;
	assert_int_equal(oracle_runs(from, target, OVERSUB_ORACLE_SWAP, false, &stats), 1);
	assert_ptr_equal(cpu_of(machine, 0)->curr, &target->task);
	assert_ptr_equal(from->task.cpu, cpu_of(machine, 1));
	assert_int_equal(cpu_of(machine, 0)->rq.nr_running, 3);
	assert_int_equal(cpu_of(machine, 1)->rq.nr_running, 3);
	stop_machine(machine);
}

static void a_preemption_takes_the_other_cpu_for_the_target(void **state)
{
	struct machine *machine = two_queues(true);
	struct script *target = ineligible(machine, cpu_of(machine, 1));
	struct yield_stats stats = {0};

	(void)state;
	assert_int_equal(
		oracle_runs(running(machine, 0), target, OVERSUB_ORACLE_PREEMPT, false, &stats), 1);
	assert_int_equal(cpu_of(machine, 1)->ipi_count, 1);
	run_until(machine, sim_now(&machine->engine) + 10 * US);
	assert_ptr_equal(cpu_of(machine, 1)->curr, &target->task);
	assert_int_equal(stats.honoured, 1);
	stop_machine(machine);
}

static void a_fair_oracle_lets_the_spinner_pay(void **state)
{
	for (int fair = 0; fair < 2; fair++) {
		struct machine *machine = two_queues(true);
		struct script *target = ineligible(machine, cpu_of(machine, 0));
		struct script *from = running(machine, 0);
		struct eevdf_entity *se = &target->task.se;
		struct yield_stats stats = {0};
		uint64_t before, after, paid;

		eevdf_update_clock(&cpu_of(machine, 0)->rq, (uint64_t)sim_now(&machine->engine));
		oversub_eevdf_account(&cpu_of(machine, 0)->rq, &from->task.se);
		before = oversub_eevdf_vruntime(se);
		paid = oversub_eevdf_vruntime(&from->task.se);
		oracle_runs(from, target,
			    (enum oversub_oracle_boost)(OVERSUB_ORACLE_LOCAL |
							(fair ? OVERSUB_ORACLE_FAIR : 0)),
			    false, &stats);
		after = oversub_eevdf_vruntime(se);
		paid = oversub_eevdf_vruntime(&from->task.se) - paid;
		assert_int_equal(before - after, paid);
		assert_int_equal(paid > 0, fair);
		stop_machine(machine);
	}
	(void)state;
}

/* ---- In a world ---------------------------------------------------------------------------- */

#define MAX_SETS 8

/* A short run of a shipped scenario with overrides; to be freed. */
static struct replication_result result_of(const char *name, const char *const sets[MAX_SETS])
{
	struct scenario_override list[MAX_SETS + 2];
	struct scenario_overrides overrides = {.list = list, .drop_inapplicable = false};
	char buffers[MAX_SETS + 2][96] = {"run.measure=150ms", "run.warmup=50ms"};
	struct scenario *scenario;
	struct replication_result result;
	struct oversub_error error = {""};

	for (int i = 0; i < MAX_SETS && sets[i]; i++)
		snprintf(buffers[i + 2], sizeof(buffers[0]), "%s", sets[i]);
	for (int i = 0; i < MAX_SETS + 2 && buffers[i][0]; i++, overrides.nr++)
		assert_int_equal(scenario_override_parse(buffers[i], &list[i], &error), OVERSUB_OK);
	if (scenario_load(name, &overrides, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	if (world_run(scenario, 0, NULL, &result, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	scenario_free(scenario);
	return result;
}

static double value_of(const struct replication_result *result, const char *scope,
		       const char *metric)
{
	assert_non_null(result_find(result, scope, metric));
	return result_find(result, scope, metric)->value;
}

#define ORACLE "yield.candidate.policy=oracle"

static const char *const triggers[] = {"yield.candidate.trigger=ple",
				       "yield.candidate.trigger=instant"};
static const char *const costs[] = {"yield.candidate.cost=real", "yield.candidate.cost=zero"};

static void it_is_right_whenever_it_can_be_and_a_bound_for_v3(void **state)
{
	static const char *const scenarios[][2] = {{"demo", "vm.db"}, {"lhp", "vm.fs"}};

	(void)state;
	for (int s = 0; s < 2; s++) {
		const char *const v3[MAX_SETS] = {"yield.candidate.policy=v3"};
		struct replication_result other = result_of(scenarios[s][0], v3);
		const char *vm = scenarios[s][1];
		double bound = value_of(&other, vm, "requests_per_s");

		result_free(&other);
		for (int i = 0; i < 4; i++) {
			const char *const sets[MAX_SETS] = {ORACLE, triggers[i / 2], costs[i % 2]};
			struct replication_result result = result_of(scenarios[s][0], sets);

			assert_true(value_of(&result, vm, "hint.precision") > 0.9999);
			assert_true(value_of(&result, vm, "hint.recall") > 0.9999);
			assert_true(value_of(&result, vm, "yield.taken_per_s") > 100);
			assert_true(value_of(&result, vm, "requests_per_s") > bound);
			result_free(&result);
		}
	}
}

/* Two spinners to whom nothing costs time must not hand each other the CPU for ever. */
static void acting_at_once_and_for_nothing_does_not_stop_the_clock(void **state)
{
	static const char *const ways[] = {
		"yield.candidate.cross_rq=pull", "yield.candidate.cross_rq=swap",
		"yield.candidate.cross_rq=remote_preempt", "yield.candidate.cross_rq=none"};

	(void)state;
	for (int i = 0; i < 4; i++) {
		const char *const sets[MAX_SETS] = {ORACLE, triggers[1], costs[1], ways[i],
						    "vms.db.count=4"};
		struct replication_result result = result_of("demo", sets);

		assert_true(value_of(&result, "vm.db", "requests_per_s") > 0);
		result_free(&result);
	}
}

/* In guests that never halt: wake-ups and the balancer move vCPUs, too. */
static void without_crossing_no_vcpu_moves_and_few_targets_are_reached(void **state)
{
	const char *const sets[MAX_SETS] = {ORACLE, "yield.candidate.cross_rq=none"};
	struct replication_result result = result_of("ipi", sets);

	(void)state;
	assert_true(value_of(&result, "vm.db", "hint.precision") > 0.9999);
	assert_true(value_of(&result, "vm.db", "hint.recall") < 0.5);
	assert_true(value_of(&result, "host", "migrations_per_s") == 0);
	result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ineligible_target_on_the_same_cpu_runs_next),
		cmocka_unit_test(a_switch_is_free_only_if_nothing_is_to_cost),
		cmocka_unit_test(a_local_oracle_leaves_other_cpus_alone),
		cmocka_unit_test(a_pull_brings_the_target_here_unless_it_is_bound),
		cmocka_unit_test(a_swap_leaves_the_queues_as_long_as_they_were),
		cmocka_unit_test(a_preemption_takes_the_other_cpu_for_the_target),
		cmocka_unit_test(a_fair_oracle_lets_the_spinner_pay),
		cmocka_unit_test(it_is_right_whenever_it_can_be_and_a_bound_for_v3),
		cmocka_unit_test(acting_at_once_and_for_nothing_does_not_stop_the_clock),
		cmocka_unit_test(without_crossing_no_vcpu_moves_and_few_targets_are_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
