/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a document says and nothing uses is said; so is what two documents have in common. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/summary.h"
#include "sim/scenario/meaning.h"
#include "tests/unit/scenario_text.h"

/* declared: members of workload "w", which ends with a comma; others: of the document, likewise. */
static struct scenario *scenario_of(const char *others, const char *declared)
{
	struct scenario *scenario;
	struct oversub_error error = {""};
	char text[2048];

	snprintf(
		text, sizeof(text),
		"{'oversub_scenario':1,'host':{'cpus':2},%s 'vms':{'a':{'vcpus':2,'workload':'w'}},"
		"'workloads':{'w':{%s'locks':{'used_lock':'tas'},'threads':{'t':{'count':2,"
		"'program':[{'lock':'used_lock'},{'run':'1us'},{'unlock':'used_lock'}]}}}}}",
		others, declared);
	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	return scenario;
}

static void noted(const char *others, const char *declared, const char *text)
{
	struct scenario *scenario = scenario_of(others, declared);

	assert_int_equal(scenario->nr_notes, 1);
	if (!strstr(scenario->notes[0], text))
		fail_msg("no \"%s\" in: %s", text, scenario->notes[0]);
	scenario_free(scenario);
}

static void what_no_program_uses_is_noted(void **state)
{
	struct scenario *scenario = scenario_of("", "");

	assert_int_equal(scenario->nr_notes, 0);
	scenario_free(scenario);
	noted("", "'events':['e'],", "workloads.w.events: event \"e\" is not used by any program");
	noted("", "'barriers':{'b':2},", "workloads.w.barriers: barrier \"b\" is not used");
	noted("", "'arrivals':{'s':{'rate':1}},", "workloads.w.arrivals: source \"s\" is not used");
	noted("'host_workload':{'locks':{'l':'tas'},'threads':{'h':{'program':[{'run':'1us'}]}}},",
	      "", "host_workload.locks: lock \"l\" is not used by any program");
}

/* As --set workloads.w.locks.NAME=tas makes one. */
static void a_lock_by_a_wrong_name_is_noted_with_the_right_one(void **state)
{
	const struct scenario_override list[] = {{"workloads.w.locks.mmap", "tas"}};
	const struct scenario_overrides overrides = {.list = list, .nr = 1};
	struct scenario *scenario;

	assert_int_equal(
		load_text("{'oversub_scenario':1,'vms':{'a':{'workload':'w'}},'workloads':{'w':{"
			  "'locks':{'page_lock':'tas'},'threads':{'t':{'program':["
			  "{'lock':'page_lock'},{'unlock':'page_lock'}]}}}}}",
			  &overrides, &scenario, NULL),
		OVERSUB_OK);
	assert_int_equal(scenario->nr_notes, 1);
	assert_string_equal(scenario->notes[0], "workloads.w.locks: lock \"mmap\" is not used by "
						"any program; did you mean \"page_lock\"?");
	scenario_free(scenario);
}

static void workloads_and_cgroups_that_nobody_is_in_are_noted(void **state)
{
	struct scenario *scenario;

	assert_int_equal(
		load_text("{'oversub_scenario':1,'host':{'cgroups':{'machine':{'children':"
			  "{'full':{},'empty':{}}}}},'vms':{'a':{'cgroup':'machine/full'}},"
			  "'workloads':{'w':{'threads':{'t':{'program':[{'run':'1us'}]}}}}}",
			  NULL, &scenario, NULL),
		OVERSUB_OK);
	assert_int_equal(scenario->nr_notes, 2);
	assert_string_equal(scenario->notes[0], "workloads.w: no VM runs it");
	assert_string_equal(scenario->notes[1],
			    "host.cgroups: nobody is in cgroup \"machine/empty\"");
	scenario_free(scenario);
}

static char *head_of(const struct scenario *scenario)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	summary_write_head(stream, scenario, 1);
	fclose(stream);
	return text;
}

/* Two threads in VMs of two vCPUs, and of one. */
static void a_guest_scheduler_that_comes_or_stays_unasked_is_said(void **state)
{
	struct scenario *scenario = scenario_of("'vm_defaults':{'guest':{'scheduler':false}},", "");
	char *head = head_of(scenario);

	assert_null(strstr(head, "scheduler"));
	assert_int_equal(scenario->nr_notes, 0);
	free(head);
	scenario_free(scenario);
	assert_int_equal(
		load_text("{'oversub_scenario':1,'vms':{'a':{'workload':'w',"
			  "'guest':{'scheduler':false}}},'workloads':{'w':{'threads':{'t':{"
			  "'count':2,'program':[{'run':'1us'}]}}}}}",
			  NULL, &scenario, NULL),
		OVERSUB_OK);
	assert_int_equal(scenario->nr_notes, 1);
	assert_string_equal(scenario->notes[0], "vms.a: guest.scheduler is false, but 2 threads on "
						"1 vCPUs need one: it is on");
	head = head_of(scenario);
	assert_non_null(strstr(head, "guest scheduler on: 2 threads on 1 vCPUs"));
	free(head);
	scenario_free(scenario);
}

static void vms_that_would_start_after_the_run_are_noted(void **state)
{
	noted("'run':{'warmup':'1s','measure':'1s'},'vm_defaults':{'count':3,'start_step':'1s'},",
	      "", "vms.a: 1 of 3 are to start after the end of the run");
}

static void shipped_scenarios_declare_nothing_in_vain(void **state)
{
	glob_t found;

	assert_int_equal(glob("scenarios/*.json", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct scenario *scenario;
		struct oversub_error error = {""};

		if (scenario_load(found.gl_pathv[i], NULL, &scenario, &error))
			fail_msg("%s", error.message);
		for (int n = 0; n < scenario->nr_notes; n++)
			if (strstr(scenario->notes[n], "not used by") ||
			    strstr(scenario->notes[n], "no VM runs") ||
			    strstr(scenario->notes[n], "nobody is in"))
				fail_msg("%s: %s", found.gl_pathv[i], scenario->notes[n]);
		scenario_free(scenario);
	}
	globfree(&found);
}

/* ---- Meaning ------------------------------------------------------------------------------ */

static bool same(const char *a_others, const char *a_declared, const char *b_others,
		 const char *b_declared)
{
	struct scenario *a = scenario_of(a_others, a_declared);
	struct scenario *b = scenario_of(b_others, b_declared);
	bool result = scenario_means_same(a, b);

	scenario_free(a);
	scenario_free(b);
	return result;
}

static void scenarios_that_differ_in_writing_only_mean_the_same(void **state)
{
	assert_true(same("", "", "", ""));
	assert_true(same("", "", "'title':'x',", ""));
	assert_true(same("'run':{'measure':'1s'},", "", "'run':{'measure':'1000ms'},", ""));
	/* The VM says itself how many vCPUs it has. */
	assert_true(same("'vm_defaults':{'vcpus':7},", "", "", ""));
	assert_true(same("", "'events':['e','f'],", "", ""));
	assert_true(same("", "'barriers':{'b':2},", "", "'barriers':{'b':3},"));
	assert_true(same("", "'barriers':{'b':2},", "", ""));
}

static void scenarios_that_differ_in_a_parameter_do_not(void **state)
{
	static const char *const others[] = {
		"'run':{'seed':7},",
		"'run':{'warmup':'7ms'},",
		"'vm_defaults':{'apicv':'on'},",
		"'vm_defaults':{'guest':{'haltpoll':true}},",
		"'vm_defaults':{'pin':{'pool':[0]}},",
		"'yield':{'candidate':{'policy':'v3'}},",
		"'yield':{'sched':{'policy':'lag_credit'}},",
		"'host_workload':{'threads':{'h':{'program':[{'run':'1us'}]}}},",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(same("", "", others[i], ""));
	assert_false(same("'yield':{'candidate':{'policy':'v3'}},", "",
			  "'yield':{'candidate':{'policy':'v3','ipi_window_ns':'1ms'}},", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_program_uses_is_noted),
		cmocka_unit_test(a_lock_by_a_wrong_name_is_noted_with_the_right_one),
		cmocka_unit_test(workloads_and_cgroups_that_nobody_is_in_are_noted),
		cmocka_unit_test(a_guest_scheduler_that_comes_or_stays_unasked_is_said),
		cmocka_unit_test(vms_that_would_start_after_the_run_are_noted),
		cmocka_unit_test(shipped_scenarios_declare_nothing_in_vain),
		cmocka_unit_test(scenarios_that_differ_in_writing_only_mean_the_same),
		cmocka_unit_test(scenarios_that_differ_in_a_parameter_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
