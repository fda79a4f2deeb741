/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two hazards of the lag credit that the shipped scenarios show, under the conditions that they
 * need, and the settings that remove them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/unit/checked_run.h"
#include "sim/run/world.h"

/*
 * The value of a metric in a short run of a shipped scenario with up to three overrides. Who has to
 * pay depends on where in its slice each one is, so all begin alike, as after a boot.
 */
static double metric_of(const char *name, const char *const sets[3], const char *scope,
			const char *metric)
{
	struct scenario_override list[6];
	struct scenario_overrides overrides = {.list = list, .drop_inapplicable = true};
	char buffers[6][96] = {"run.measure=500ms", "run.warmup=100ms", "host.start=boot"};
	struct scenario *scenario;
	struct replication_result result;
	struct oversub_error error = {""};
	double value;

	for (int i = 0; i < 3 && sets[i]; i++)
		snprintf(buffers[i + 3], sizeof(buffers[0]), "%s", sets[i]);
	for (int i = 0; i < 6 && buffers[i][0]; i++, overrides.nr++)
		assert_int_equal(scenario_override_parse(buffers[i], &list[i], &error), OVERSUB_OK);
	if (scenario_load(name, &overrides, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	if (world_run(scenario, 0, &checked_run, &result, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	assert_non_null(result_find(&result, scope, metric));
	value = result_find(&result, scope, metric)->value;
	result_free(&result);
	scenario_free(scenario);
	return value;
}

#define FULL  "yield.sched.scope=full"
#define BELOW "yield.sched.scope=below"

/* A thousand units a second would be the whole CPU. */
static double compute_vm(const char *layout, const char *policy, const char *scope)
{
	const char *const sets[3] = {layout, policy, scope};

	return metric_of("starved-vm", sets, "vm.compute", "requests_per_s") / 1000;
}

static void a_vm_beside_two_spinning_siblings_starves_under_full_credit(void **state)
{
	static const char *const layouts[] = {"host.cgroup_layout=vm", "host.cgroup_layout=vcpu"};

	for (int i = 0; i < 2; i++) {
		assert_true(compute_vm(layouts[i], "yield.sched.policy=mainline", NULL) > 0.45);
		assert_true(compute_vm(layouts[i], "yield.sched.policy=lag_credit", FULL) < 0.06);
		assert_true(compute_vm(layouts[i], "yield.sched.policy=lag_credit", BELOW) > 0.45);
		assert_true(compute_vm(layouts[i], "yield.sched.policy=debooster_v2", NULL) > 0.45);
		assert_true(compute_vm(layouts[i], "yield.sched.policy=hforfeit", NULL) > 0.45);
	}
}

static double siblings(const char *layout, const char *policy, const char *parameter)
{
	const char *const sets[3] = {layout, policy, parameter};

	return metric_of("starved-siblings", sets, "vm.a", "request.sibling.count_per_s") / 1000;
}

static void siblings_starve_under_credit_where_each_vcpu_has_its_own_group(void **state)
{
	const char *const vcpu = "host.cgroup_layout=vcpu";

	assert_true(siblings(vcpu, "yield.sched.policy=mainline", NULL) > 0.2);
	assert_true(siblings(vcpu, "yield.sched.policy=lag_credit", FULL) < 0.05);
	assert_true(siblings(vcpu, "yield.sched.policy=lag_credit", BELOW) < 0.05);
	assert_true(siblings(vcpu, "yield.sched.policy=debooster_v2", NULL) > 0.2);
	assert_true(siblings(vcpu, "yield.sched.policy=hforfeit", NULL) > 0.2);
}

/* In one group with yielder and target they compete with both: a small credit takes nothing. */
static void siblings_in_one_group_of_the_vm_do_not_starve(void **state)
{
	const char *const vm = "host.cgroup_layout=vm";
	const char *const lag_credit = "yield.sched.policy=lag_credit";

	assert_true(siblings(vm, "yield.sched.policy=mainline", NULL) > 0.3);
	assert_true(siblings(vm, lag_credit, FULL) > 0.18);
	assert_true(siblings(vm, lag_credit, BELOW) > 0.18);
	assert_true(siblings(vm, lag_credit, "yield.sched.credit_unit_ns=20us") > 0.3);
}

/* With a group to itself the yielder forfeits where nobody competes with it. */
static void the_order_makes_no_difference_where_each_vcpu_has_its_own_group(void **state)
{
	const char *const vcpu = "host.cgroup_layout=vcpu";
	const char *const lag_credit = "yield.sched.policy=lag_credit";

	assert_true(siblings(vcpu, lag_credit, "yield.sched.credit_order=before") ==
		    siblings(vcpu, lag_credit, "yield.sched.credit_order=after"));
}

/* Credited first, the target leaves the yielder nothing to forfeit, and they are the ones to pay.
 */
static void they_lose_a_third_where_a_large_credit_comes_before_the_forfeit(void **state)
{
	const char *const vm = "host.cgroup_layout=vm";
	const char *const lag_credit = "yield.sched.policy=lag_credit";

	assert_true(siblings(vm, lag_credit, "yield.sched.credit_order=before") < 0.24);
	assert_true(siblings(vm, lag_credit, "yield.sched.credit_order=after") > 0.3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vm_beside_two_spinning_siblings_starves_under_full_credit),
		cmocka_unit_test(siblings_starve_under_credit_where_each_vcpu_has_its_own_group),
		cmocka_unit_test(siblings_in_one_group_of_the_vm_do_not_starve),
		cmocka_unit_test(the_order_makes_no_difference_where_each_vcpu_has_its_own_group),
		cmocka_unit_test(they_lose_a_third_where_a_large_credit_comes_before_the_forfeit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
