/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a lock is that a scenario says nothing of, and how a summary says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario_text.h"
#include "models/guest/guest.h"
#include "sim/base/wrap.h"
#include "sim/report/summary_locks.h"

#define PROGRAM "'threads': { 't': { 'program': [ { 'lock': 'l' }, { 'unlock': 'l' } ] } }"

static struct scenario *must_load(const char *text, const char *setting)
{
	struct scenario_override override;
	struct scenario_overrides overrides = {.list = &override, .nr = setting ? 1 : 0};
	struct oversub_error error = {""};
	struct scenario *scenario;
	char buffer[64];

	snprintf(buffer, sizeof(buffer), "%s", setting ? setting : "");
	if (setting)
		assert_int_equal(scenario_override_parse(buffer, &override, &error), OVERSUB_OK);
	if (load_text(text, &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	return scenario;
}

static void assert_locks(struct scenario *scenario, const char *expected)
{
	char *text = NULL;
	size_t size;
	struct wrap wrap = {.stream = open_memstream(&text, &size), .indent = 8};

	summary_write_locks(&wrap, scenario);
	fclose(wrap.stream);
	assert_string_equal(text, expected);
	free(text);
	scenario_free(scenario);
}

static void a_lock_is_a_spinlock_unless_it_is_said_to_be_another_kind(void **state)
{
	struct scenario *s = must_load("{ 'oversub_scenario': 1, 'workloads': { 'w': { 'locks':\n"
				       "  { 'l': {}, 's': 'spinlock', 'q': 'queued',\n"
				       "    't': { 'kind': 'tas' } }, " PROGRAM " } },\n"
				       "  'host_workload': { 'locks': { 'l': {} }, " PROGRAM " } }",
				       NULL);
	const struct workload_lock *locks = s->workloads[0].locks;

	assert_int_equal(locks[0].kind, LOCK_SPINLOCK);
	assert_int_equal(locks[1].kind, LOCK_SPINLOCK);
	assert_int_equal(locks[2].kind, LOCK_QUEUED);
	assert_int_equal(locks[3].kind, LOCK_TAS);
	scenario_free(s);
}

#define GUEST(vm_)                                                                                 \
	"{ 'oversub_scenario': 1, 'vms': { 'a': { 'vcpus': 2, 'workload': 'w'" vm_ " } },\n"       \
	"  'workloads': { 'w': { 'locks': { 'l': {} }, " PROGRAM " } } }"

static void what_the_guest_derives_stands_in_the_summary_with_the_reason(void **state)
{
	assert_locks(must_load(GUEST(""), NULL), "locks   l test-and-set (no pv_unhalt)\n");
	assert_locks(must_load(GUEST(", 'pv': 'default'"), NULL), "locks   l pv (pv_unhalt)\n");
	assert_locks(must_load(GUEST(", 'pv': 'default', 'realtime_hint': true"), NULL),
		     "locks   l queued (realtime_hint)\n");
	assert_locks(must_load(GUEST(""), "vcpus=1"), "locks   l queued (one vCPU)\n");
}

static void a_kind_can_be_set_where_the_scenario_gives_none(void **state)
{
	assert_locks(must_load(GUEST(""), "l=tas"), "locks   l test-and-set\n");
	assert_locks(must_load(GUEST(""), "l=queued"),
		     "locks   l queued, as a guest would have only with the REALTIME hint\n");
	assert_locks(must_load(GUEST(""), "realtime_hint=true"),
		     "locks   l queued (realtime_hint)\n");
}

static void a_lock_that_no_such_guest_has_is_named_as_such(void **state)
{
	assert_locks(must_load(GUEST(", 'pv': 'default'"), "l=tas"),
		     "locks   l test-and-set, as a guest would have only without pv_unhalt\n");
	assert_locks(must_load(GUEST(", 'pv': 'default', 'realtime_hint': true"), "l=pv"),
		     "locks   l pv, as a guest would have only without the REALTIME hint\n");
	assert_locks(must_load(GUEST(", 'realtime_hint': true"), "l=tas"),
		     "locks   l test-and-set, as a guest would have only without the REALTIME "
		     "hint\n");
	assert_locks(must_load(GUEST(", 'realtime_hint': true"), "l=queued"), "locks   l queued\n");
}

static void vms_whose_locks_differ_are_told_apart(void **state)
{
	static const char *const text =
		"{ 'oversub_scenario': 1, 'vm_defaults': { 'vcpus': 2, 'workload': 'w' },\n"
		"  'vms': { 'a': {}, 'b': { 'pv': 'default' }, 'c': {}, 'd': { 'workload': 'n' } "
		"},\n"
		"  'workloads': { 'w': { 'locks': { 'l': {}, 'k': {}, 'm': 'mutex', 'q': 'queued' "
		"},\n"
		"    " PROGRAM " }, 'n': { 'locks': { 'l': 'rwsem' }, " PROGRAM " } } }";

	assert_locks(must_load(text, NULL),
		     "locks   a: l, k test-and-set (no pv_unhalt);\n"
		     "        q queued, as a guest would have only with the REALTIME hint; "
		     "b: l, k pv (pv_unhalt);\n"
		     "        q queued, as a guest would have only with the REALTIME hint\n");
}

static void without_spinlocks_nothing_is_said(void **state)
{
	assert_locks(must_load(GUEST(""), "l=mutex"), "");
	assert_locks(must_load("{ 'oversub_scenario': 1, 'vms': { 'a': {} } }", NULL), "");
}

static void a_lock_of_no_kind_is_refused_by_path(void **state)
{
	static const struct {
		const char *setting, *message;
	} wrong[] = {
		{"workloads.w.locks.l={\"kind\":\"fifo\"}",
		 "workloads.w.locks.l.kind: \"fifo\" is not a choice"},
		{"workloads.w.locks.l={\"fair\":true}", "workloads.w.locks.l.fair: unknown key"},
		{"workloads.w.locks.l=[]", "workloads.w.locks.l: "},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct scenario_override override;
		struct scenario_overrides overrides = {.list = &override, .nr = 1};
		struct oversub_error error = {""};
		struct scenario *scenario;
		char buffer[64];

		snprintf(buffer, sizeof(buffer), "%s", wrong[i].setting);
		assert_int_equal(scenario_override_parse(buffer, &override, &error), OVERSUB_OK);
		assert_int_equal(load_text(GUEST(""), &overrides, &scenario, &error),
				 OVERSUB_BAD_INPUT);
		if (!strstr(error.message, wrong[i].message))
			fail_msg("%s", error.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock_is_a_spinlock_unless_it_is_said_to_be_another_kind),
		cmocka_unit_test(what_the_guest_derives_stands_in_the_summary_with_the_reason),
		cmocka_unit_test(a_kind_can_be_set_where_the_scenario_gives_none),
		cmocka_unit_test(a_lock_that_no_such_guest_has_is_named_as_such),
		cmocka_unit_test(vms_whose_locks_differ_are_told_apart),
		cmocka_unit_test(without_spinlocks_nothing_is_said),
		cmocka_unit_test(a_lock_of_no_kind_is_refused_by_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
