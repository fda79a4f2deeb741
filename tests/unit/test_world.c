/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole worlds: what must hold whatever the scenario, and what ends a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/checked_run.h"
#include "sim/run/world.h"

/* A scenario from JSON text in single quotes, with up to four overrides. */
static struct scenario *scenario_of(const char *text, const char *const *sets)
{
	struct scenario_override list[4];
	struct scenario_overrides overrides = {.list = list, .drop_inapplicable = true};
	struct scenario *scenario;
	struct oversub_error error = {""};
	char json[8192], buffers[4][128];
	cJSON *document;

	snprintf(json, sizeof(json), "%s", text);
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	for (int i = 0; sets && sets[i]; i++) {
		snprintf(buffers[i], sizeof(buffers[i]), "%s", sets[i]);
		assert_int_equal(scenario_override_parse(buffers[i], &list[i], &error), OVERSUB_OK);
		overrides.nr++;
	}
	document = cJSON_Parse(json);
	assert_non_null(document);
	if (scenario_from_json(document, "test.json", &overrides, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	cJSON_Delete(document);
	return scenario;
}

static struct replication_result run(const char *text, const char *const *sets)
{
	struct scenario *scenario = scenario_of(text, sets);
	struct replication_result result;
	struct oversub_error error = {""};

	if (world_run(scenario, 0, &checked_run, &result, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	scenario_free(scenario);
	return result;
}

static double value(const struct replication_result *result, const char *scope, const char *name)
{
	const struct result_metric *metric = result_find(result, scope, name);

	if (!metric)
		fail_msg("no metric %s %s", scope, name);
	return metric->value;
}

/* Run text and expect it to fail with a message that has every part in it. */
static void run_fails(const char *text, const char *const *parts)
{
	struct scenario *scenario = scenario_of(text, NULL);
	struct replication_result result;
	struct oversub_error error = {""};

	assert_int_equal(world_run(scenario, 0, &checked_run, &result, &error), OVERSUB_FAILED);
	for (; *parts; parts++)
		if (!strstr(error.message, *parts))
			fail_msg("no \"%s\" in: %s", *parts, error.message);
	scenario_free(scenario);
}

#define VMS(count, vcpus)                                                                          \
	"{'oversub_scenario':1,'host':{'cpus':4},'vms':{'db':{'count':" count ",'vcpus':" vcpus    \
	",'workload':'w'}},'run':{'warmup':'20ms','measure':'200ms','watchdog':'100ms',"           \
	"'seed':1},'workloads':{'w':"

/* Threads that call each other and take a lock. */
#define CHATTY(count, vcpus)                                                                       \
	VMS(count, vcpus)                                                                          \
	"{'locks':{'l':'queued'},'threads':{'t':{'count':" vcpus ",'program':["                    \
	"{'loop':'forever','body':[{'request':'r','body':["                                        \
	"{'run':{'exponential':{'mean':'80us'}},'mode':'user'},"                                   \
	"{'smp_call':'random_other','wait':true,'function_ns':'1us'},"                             \
	"{'lock':'l'},{'run':'2us','mode':'kernel'},{'unlock':'l'}]}]}]}}}}}"

static const char *const all_policies[][3] = {
	{"yield.candidate.policy=mainline", "yield.sched.policy=mainline", NULL},
	{"yield.candidate.policy=v3_strict", "yield.sched.policy=mainline", NULL},
	{"yield.candidate.policy=v3", "yield.sched.policy=lag_credit", NULL},
	{"yield.candidate.policy=v3", "yield.sched.policy=debooster_v2", NULL},
	{"yield.candidate.policy=mainline", "yield.sched.policy=hforfeit", NULL},
};

#define NR_POLICIES (sizeof(all_policies) / sizeof(all_policies[0]))

static void every_policy_is_inert_on_an_undercommitted_host(void **state)
{
	double requests[NR_POLICIES];

	for (size_t i = 0; i < NR_POLICIES; i++) {
		/* From the start: the windows of vCPUs that are never scheduled out only grow. */
		const char *const sets[] = {all_policies[i][0], all_policies[i][1], "run.warmup=0",
					    NULL};
		struct replication_result result = run(CHATTY("1", "3"), sets);

		assert_true(value(&result, "vm.db", "ple_exits_per_s") > 0);
		assert_true(value(&result, "vm.db", "yield.taken_per_s") == 0);
		requests[i] = value(&result, "vm.db", "requests_per_s");
		/* Only the time that on_spin takes in vain may differ. */
		assert_true(fabs(requests[i] / requests[0] - 1) < 0.01);
		result_free(&result);
	}
}

static void policies_make_a_difference_on_an_overcommitted_host(void **state)
{
	struct replication_result mainline = run(CHATTY("3", "4"), all_policies[0]);
	struct replication_result v3 = run(CHATTY("3", "4"), all_policies[2]);

	assert_true(value(&mainline, "vm.db", "yield.taken_per_s") > 0);
	assert_true(value(&mainline, "vm.db", "requests_per_s") !=
		    value(&v3, "vm.db", "requests_per_s"));
	result_free(&mainline);
	result_free(&v3);
}

static void the_same_seed_gives_the_same_result(void **state)
{
	struct replication_result first = run(CHATTY("3", "4"), all_policies[2]);
	struct replication_result second = run(CHATTY("3", "4"), all_policies[2]);

	assert_int_equal(first.nr_metrics, second.nr_metrics);
	assert_int_equal(first.events, second.events);
	for (size_t i = 0; i < first.nr_metrics; i++) {
		double a = first.metrics[i].value, b = second.metrics[i].value;

		assert_true(a == b || (isnan(a) && isnan(b)));
	}
	result_free(&first);
	result_free(&second);
}

static void another_seed_gives_another_result(void **state)
{
	struct replication_result first = run(CHATTY("3", "4"), NULL);
	struct replication_result second =
		run(CHATTY("3", "4"), (const char *const[]){"run.seed=2", NULL});

	assert_int_not_equal(first.events, second.events);
	result_free(&first);
	result_free(&second);
}

static void the_states_of_vcpus_and_cpus_sum_to_one(void **state)
{
	static const char *const times[] = {"work", "spin",  "refill",	  "exit",
					    "poll", "steal", "throttled", "halt"};
	struct replication_result result = run(CHATTY("3", "4"), all_policies[2]);
	double sum = 0;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char name[32];

		snprintf(name, sizeof(name), "time.%s", times[i]);
		sum += value(&result, "vm.db", name);
	}
	assert_true(fabs(sum - 1) < 1e-9);
	assert_true(fabs(value(&result, "host", "cpu.idle") + value(&result, "host", "cpu.switch") +
			 value(&result, "host", "cpu.busy") - 1) < 1e-9);
	result_free(&result);
}

static void equal_vms_get_equal_shares(void **state)
{
	struct replication_result result = run(CHATTY("3", "4"), NULL);

	assert_true(value(&result, "host", "jain") > 0.99);
	assert_true(fabs(value(&result, "vm.db", "cpu_over_entitlement") - 1) < 0.01);
	result_free(&result);
}

/* Two on half of the CPUs, and one that has the other half for itself: nobody is owed more. */
static void whoever_is_pinned_is_due_no_more_than_there_is_on_its_cpus(void **state)
{
#define HALF "'pin':{'pool':[0,1]},"
	struct replication_result result =
		run("{'oversub_scenario':1,'host':{'cpus':4},'vms':{"
		    "'a':{'vcpus':2," HALF "'workload':'hog'},'b':{'vcpus':2," HALF
		    "'workload':'hog'},'c':{'vcpus':4,'workload':'hog'}},"
		    "'workloads':{'hog':{'threads':{'t':{'count':2,'program':["
		    "{'loop':'forever','body':[{'run':'1ms'}]}]}}}},"
		    "'run':{'warmup':'100ms','measure':'400ms'}}",
		    NULL);

	for (int i = 0; i < 3; i++)
		assert_true(fabs(value(&result, (const char *const[]){"vm.a", "vm.b", "vm.c"}[i],
				       "cpu_over_entitlement") -
				 1) < 0.02);
	assert_true(value(&result, "host", "jain") > 0.999);
	result_free(&result);
}

static void vms_started_one_by_one_never_stack(void **state)
{
	struct replication_result result =
		run(CHATTY("3", "4"), (const char *const[]){"host.start_order=by_vm", NULL});

	assert_true(value(&result, "host", "stacking") == 0);
	result_free(&result);
}

static void locks_taken_in_opposite_order_are_reported_with_who_waits_for_whom(void **state)
{
	run_fails(VMS("1", "2") "{'locks':{'a':'queued','b':'queued'},'threads':{"
				"'ab':{'count':1,'program':[{'lock':'a'},{'run':'1ms'},"
				"{'lock':'b'},{'unlock':'b'},{'unlock':'a'}]},"
				"'ba':{'count':1,'program':[{'lock':'b'},{'run':'1ms'},"
				"{'lock':'a'},{'unlock':'a'},{'unlock':'b'}]}}}}}",
		  (const char *const[]){"deadlock", "db0", "lock a", "lock b", "vcpu0", "vcpu1",
					NULL});
}

/* The watchdog of 100 ms need not be waited for: nothing can end these waits. */
static void a_deadlock_of_locks_is_reported_at_once(void **state)
{
	run_fails(VMS("1", "3") "{'locks':{'a':'tas','b':'queued'},'threads':{"
				"'ab':{'count':1,'program':[{'lock':'a'},{'run':'1ms'},"
				"{'lock':'b'},{'unlock':'b'},{'unlock':'a'}]},"
				"'ba':{'count':1,'program':[{'lock':'b'},{'run':'1ms'},"
				"{'lock':'a'},{'unlock':'a'},{'unlock':'b'}]},"
				"'hog':{'count':1,'program':[{'run':'10s'}]}}}}}",
		  (const char *const[]){"deadlock in VM db0 at 0.010 s", "vcpu0: ab0",
					"lock b held by ba0", "vcpu1: ba0", "lock a held by ab0",
					NULL});
}

static void waiting_for_the_lock_of_a_thread_that_has_ended_is_reported(void **state)
{
	run_fails(VMS("1", "2") "{'locks':{'l':'tas'},'threads':{"
				"'keeper':{'count':1,'program':[{'lock':'l'},{'run':'1ms'}]},"
				"'user':{'count':1,'program':[{'run':'500us'},{'lock':'l'},"
				"{'unlock':'l'}]}}}}}",
		  (const char *const[]){"deadlock", "lock l held by keeper0", "keeper0 has ended",
					NULL});
}

static void an_interrupt_that_its_target_never_takes_is_reported(void **state)
{
	/* The lock's owner calls the one who waits for the lock with interrupts off. */
	run_fails(VMS("1", "2") "{'locks':{'l':'queued'},'threads':{"
				"'caller':{'count':1,'program':[{'lock':'l'},{'run':'1ms'},"
				"{'smp_call':'others','wait':true},{'unlock':'l'}]},"
				"'deaf':{'count':1,'program':[{'run':'500us'},"
				"{'lock':'l','irqsave':true},{'unlock':'l'}]}}}}}",
		  (const char *const[]){"deadlock", "vcpu1 to run its smp_call",
					"lock l held by caller0", NULL});
}

static void a_call_to_a_deadlocked_cpu_is_reported_with_more_threads_than_vcpus_too(void **state)
{
	run_fails(VMS("1", "4") "{'locks':{'a':'queued','b':'queued'},'threads':{"
				"'caller':{'count':1,'program':[{'loop':'forever','body':["
				"{'smp_call':1,'wait':true},{'run':'10us'}]}]},"
				"'ab':{'count':1,'program':[{'lock':'a','irqsave':true},"
				"{'run':'50us','mode':'kernel'},{'lock':'b','irqsave':true},"
				"{'unlock':'b'},{'unlock':'a'}]},"
				"'ba':{'count':1,'program':[{'lock':'b','irqsave':true},"
				"{'run':'50us','mode':'kernel'},{'lock':'a','irqsave':true},"
				"{'unlock':'a'},{'unlock':'b'}]},"
				"'hog':{'count':2,'program':[{'run':'10s'}]}}}}}",
		  (const char *const[]){"deadlock", "vcpu1: ab0", "vcpu2: ba0", NULL});
}

static void threads_of_the_host_can_deadlock_too(void **state)
{
	run_fails("{'oversub_scenario':1,'host':{'cpus':4},"
		  "'run':{'warmup':'20ms','measure':'200ms'},"
		  "'host_workload':{'locks':{'a':'tas','b':'queued'},'threads':{"
		  "'ab':{'count':1,'program':[{'lock':'a'},{'run':'1ms'},{'lock':'b'}]},"
		  "'ba':{'count':1,'program':[{'lock':'b'},{'run':'1ms'},{'lock':'a'}]}}}}",
		  (const char *const[]){"deadlock in the host's threads", "lock b held by ba0",
					"lock a held by ab0", NULL});
}

static void waits_that_end_are_no_deadlock(void **state)
{
	/* Two that call each other all the time, one of them often under a lock. */
	struct replication_result result =
		run(VMS("2", "2") "{'locks':{'l':'tas'},'threads':{"
				  "'a':{'count':1,'program':[{'loop':'forever','body':["
				  "{'request':'r','body':[{'lock':'l'},"
				  "{'smp_call':'others','wait':true},{'unlock':'l'}]}]}]},"
				  "'b':{'count':1,'program':[{'loop':'forever','body':["
				  "{'smp_call':'others','wait':true},{'lock':'l'},"
				  "{'run':'100ns'},{'unlock':'l'}]}]}}}}}",
		    NULL);

	assert_true(value(&result, "vm.db", "requests_per_s") > 0);
	result_free(&result);
}

static void a_mistake_of_a_program_is_a_failure_of_the_run(void **state)
{
	run_fails(VMS("1", "1") "{'locks':{'l':'tas'},'threads':{'t':{'count':1,'program':["
				"{'lock':'l','probability':1e-9},"
				"{'unlock':'l'}]}}}}}",
		  (const char *const[]){"VM db", "thread t0 unlocks l", NULL});
}

static void waiting_for_a_signal_that_never_comes_is_reported(void **state)
{
	run_fails(VMS("1", "1") "{'events':['go'],'threads':{'t':{'count':1,'program':["
				"{'run':'1ms'},{'wait':'go'}]}}}}}",
		  (const char *const[]){"nothing can happen", "db0", "go", NULL});
}

static void a_program_that_takes_no_time_is_reported(void **state)
{
	run_fails(VMS("1", "1") "{'threads':{'t':{'count':1,'program':["
				"{'loop':'forever','body':[{'request':'r','body':["
				"{'run':'1us','probability':0}]}]}]}}}}}",
		  (const char *const[]){"db0", "t", NULL});
}

static void programs_that_end_leave_a_quiet_host(void **state)
{
	struct replication_result result = run(
		VMS("1", "1") "{'threads':{'t':{'count':1,'program':[{'run':'1ms'}]}}}}}", NULL);

	assert_true(value(&result, "host", "cpu.idle") == 1);
	assert_true(value(&result, "vm.db", "time.halt") == 1);
	assert_true(isnan(value(&result, "vm.db", "hint.precision")));
	result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_is_inert_on_an_undercommitted_host),
		cmocka_unit_test(policies_make_a_difference_on_an_overcommitted_host),
		cmocka_unit_test(the_same_seed_gives_the_same_result),
		cmocka_unit_test(another_seed_gives_another_result),
		cmocka_unit_test(the_states_of_vcpus_and_cpus_sum_to_one),
		cmocka_unit_test(equal_vms_get_equal_shares),
		cmocka_unit_test(whoever_is_pinned_is_due_no_more_than_there_is_on_its_cpus),
		cmocka_unit_test(vms_started_one_by_one_never_stack),
		cmocka_unit_test(
			locks_taken_in_opposite_order_are_reported_with_who_waits_for_whom),
		cmocka_unit_test(a_deadlock_of_locks_is_reported_at_once),
		cmocka_unit_test(waiting_for_the_lock_of_a_thread_that_has_ended_is_reported),
		cmocka_unit_test(an_interrupt_that_its_target_never_takes_is_reported),
		cmocka_unit_test(
			a_call_to_a_deadlocked_cpu_is_reported_with_more_threads_than_vcpus_too),
		cmocka_unit_test(threads_of_the_host_can_deadlock_too),
		cmocka_unit_test(waits_that_end_are_no_deadlock),
		cmocka_unit_test(a_mistake_of_a_program_is_a_failure_of_the_run),
		cmocka_unit_test(waiting_for_a_signal_that_never_comes_is_reported),
		cmocka_unit_test(a_program_that_takes_no_time_is_reported),
		cmocka_unit_test(programs_that_end_leave_a_quiet_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
