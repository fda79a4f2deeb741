/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sched policies in whole scenarios whose outcome is known beforehand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sim/run/world.h"
#include "tests/unit/scenario_text.h"

#define MAX_SETS 4

static double run_of(enum oversub_status (*load)(const char *, const struct scenario_overrides *,
						 struct scenario **, struct oversub_error *),
		     const char *what, const char *const sets[MAX_SETS], const char *scope,
		     const char *metric)
{
	struct scenario_override list[MAX_SETS + 2];
	struct scenario_overrides overrides = {.list = list, .drop_inapplicable = true};
	char buffers[MAX_SETS + 2][96] = {"run.measure=500ms", "run.warmup=50ms"};
	struct scenario *scenario;
	struct replication_result result;
	struct oversub_error error = {""};
	double value;

	for (int i = 0; i < MAX_SETS && sets[i]; i++)
		snprintf(buffers[i + 2], sizeof(buffers[0]), "%s", sets[i]);
	for (int i = 0; i < MAX_SETS + 2 && buffers[i][0]; i++, overrides.nr++)
		assert_int_equal(scenario_override_parse(buffers[i], &list[i], &error), OVERSUB_OK);
	if (load(what, &overrides, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	if (world_run(scenario, 0, NULL, &result, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	assert_non_null(result_find(&result, scope, metric));
	value = result_find(&result, scope, metric)->value;
	result_free(&result);
	scenario_free(scenario);
	return value;
}

/* ---- Shares -------------------------------------------------------------------------------- */

static const char *const layouts[] = {"host.cgroup_layout=vm", "host.cgroup_layout=vcpu"};
/* Who is to own the lock runs before those that want it. */
#define OWNER_FIRST "host.start=boot"

/* A thousand units a second would be the whole CPU. */
static double compute_vm(const char *layout, const char *policy)
{
	const char *const sets[MAX_SETS] = {layout, policy, OWNER_FIRST};

	return run_of(scenario_load, "starved-vm", sets, "vm.compute", "requests_per_s") / 1000;
}

static void no_policy_but_the_full_credit_takes_a_vm_its_share(void **state)
{
	static const char *const policies[] = {
		"yield.sched.policy=debooster_v1", "yield.sched.policy=vee_deboost",
		"yield.sched.policy=pull_yield",   "yield.sched.policy=lag_transfer",
		"yield.sched.policy=honest_yield",
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_true(compute_vm(layouts[i], "yield.sched.policy=lag_credit") < 0.06);
		for (size_t p = 0; p < sizeof(policies) / sizeof(policies[0]); p++) {
			double share = compute_vm(layouts[i], policies[p]);

			assert_true(share > 0.45 && share < 0.55);
		}
	}
}

static double starved_siblings(const char *layout, const char *policy, const char *metric)
{
	const char *const sets[MAX_SETS] = {layout, policy, OWNER_FIRST};

	return run_of(scenario_load, "starved-siblings", sets, "vm.a", metric);
}

static void the_push_of_vee_acts_within_a_group_and_nowhere_else(void **state)
{
	static const char *const metrics[] = {
		"runqueue_wait.count_per_s", "request.sibling.count_per_s", "yield.honoured_per_s"};
	bool differs[2] = {false, false};

	(void)state;
	for (int i = 0; i < 2; i++) {
		for (int m = 0; m < 3; m++) {
			double mainline = starved_siblings(
				layouts[i], "yield.sched.policy=mainline", metrics[m]);
			double pushed = starved_siblings(
				layouts[i], "yield.sched.policy=vee_deboost", metrics[m]);

			differs[i] |= mainline != pushed;
		}
	}
	assert_true(differs[0]);
	/* One group per vCPU: the very same schedule. */
	assert_false(differs[1]);
}

/* Mainline: an eighth of the CPU each for spinner, target and two siblings, half for the other VM.
 */
static void lag_transfer_gives_the_target_the_spinners_share_and_nobody_elses(void **state)
{
	const char *const mainline = "yield.sched.policy=mainline";
	const char *const transfer = "yield.sched.policy=lag_transfer";
	const char *const target = "request.target.count_per_s";
	const char *const siblings = "request.sibling.count_per_s";
	const char *const futile = "yield.futile_per_s";

	(void)state;
	assert_true(starved_siblings(layouts[1], mainline, target) < 150);
	assert_true(starved_siblings(layouts[1], transfer, target) > 220);
	assert_true(starved_siblings(layouts[1], transfer, siblings) > 225);
	assert_true(starved_siblings(layouts[1], transfer, futile) <
		    starved_siblings(layouts[1], mainline, futile) / 10);
}

/* ---- Two CPUs, of which one has the long queue --------------------------------------------- */

/*
 * vCPU 0 calls vCPU 1, which may run anywhere but began on the second CPU beside three that never
 * leave it.
 */
static const char *const long_queue =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 2, 'balance': 'none', 'start': 'boot', "
	"            'start_order': 'by_vm' },"
	"  'yield': { 'candidate': { 'policy': 'oracle', 'boost': 'yield' } },"
	"  'vms': { 'a': { 'vcpus': 2, 'workload': 'calls', 'pin': [ [0], [0, 1] ] },"
	"           'b': { 'vcpus': 3, 'workload': 'hog', 'pin': [ [1], [1], [1] ] } },"
	"  'workloads': {"
	"    'calls': { 'threads': {"
	"      'caller': { 'program': [ { 'loop': 'forever', 'body': ["
	"        { 'request': 'call', 'body': [ { 'run': '50us' },"
	"          { 'smp_call': 'random_other', 'wait': true } ] } ] } ] },"
	"      'callee': { 'program': [ { 'loop': 'forever', 'body': [ { 'run': '1ms' } ] } ] } } "
	"},"
	"    'hog': { 'threads': { 'hog': { 'count': 3, 'program': ["
	"      { 'loop': 'forever', 'body': [ { 'run': '1ms' } ] } ] } } } },"
	"  'run': { 'warmup': '50ms', 'measure': '500ms', 'replications': 1, 'seed': 1 } }";

static double longest_delivery(const char *policy)
{
	const char *const sets[MAX_SETS] = {policy};

	return run_of(load_text, long_queue, sets, "vm.a", "ipi_delivery.max");
}

static double calls(const char *policy)
{
	const char *const sets[MAX_SETS] = {policy};

	return run_of(load_text, long_queue, sets, "vm.a", "requests_per_s");
}

static void a_pulled_receiver_runs_sooner_than_one_in_a_long_queue(void **state)
{
	(void)state;
	/* In mainline it waits for its turn there, several slices. */
	assert_true(longest_delivery("yield.sched.policy=mainline") > 1000000);
	assert_true(longest_delivery("yield.sched.policy=pull_yield") < 20000);
}

/* Once it is here, caller and receiver share one CPU, and the receiver has work of its own. */
static void a_pull_of_a_busy_receiver_does_not_pay(void **state)
{
	(void)state;
	assert_true(calls("yield.sched.policy=pull_yield") <
		    calls("yield.sched.policy=mainline") / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_policy_but_the_full_credit_takes_a_vm_its_share),
		cmocka_unit_test(the_push_of_vee_acts_within_a_group_and_nowhere_else),
		cmocka_unit_test(lag_transfer_gives_the_target_the_spinners_share_and_nobody_elses),
		cmocka_unit_test(a_pulled_receiver_runs_sooner_than_one_in_a_long_queue),
		cmocka_unit_test(a_pull_of_a_busy_receiver_does_not_pay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
