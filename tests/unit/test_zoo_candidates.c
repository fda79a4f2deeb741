/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Candidate policies, and the controller of the window, in small worlds where it is known
 * beforehand what they must bring about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/run/world.h"
#include "tests/unit/checked_run.h"
#include "tests/unit/scenario_text.h"

#define POLICY(name_) "yield.candidate.policy=" name_
#define SETS(...)     ((const char *const[]){__VA_ARGS__, NULL})

enum { MAX_SETS = 8 };

/* Replication 0 of text with overrides. For result_free(). */
static struct replication_result run(const char *text, const char *const *sets)
{
	struct scenario_override list[MAX_SETS];
	struct scenario_overrides overrides = {.list = list};
	char buffers[MAX_SETS][96];
	struct scenario *scenario;
	struct replication_result result;
	struct oversub_error error = {""};

	for (; sets[overrides.nr]; overrides.nr++) {
		int i = overrides.nr;

		assert_true(i < MAX_SETS);
		snprintf(buffers[i], sizeof(buffers[i]), "%s", sets[i]);
		assert_int_equal(scenario_override_parse(buffers[i], &list[i], &error), OVERSUB_OK);
	}
	if (load_text(text, &overrides, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	if (world_run(scenario, 0, &checked_run, &result, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	scenario_free(scenario);
	return result;
}

/* A metric of VM "a". */
static double metric(const char *text, const char *const *sets, const char *name)
{
	struct replication_result result = run(text, sets);
	const struct result_metric *found = result_find(&result, "vm.a", name);
	double value;

	assert_non_null(found);
	value = found->value;
	result_free(&result);
	return value;
}

/* All metrics of both are the same, bit for bit. */
static void assert_same(const char *text, const char *const *sets, const char *const *others)
{
	struct replication_result result = run(text, sets), other = run(text, others);

	assert_int_equal(result.nr_metrics, other.nr_metrics);
	for (size_t i = 0; i < result.nr_metrics; i++) {
		const struct result_metric *mine = &result.metrics[i];

		assert_string_equal(mine->name, other.metrics[i].name);
		if (memcmp(&mine->value, &other.metrics[i].value, sizeof(double)) != 0)
			fail_msg("%s %s: %g and %g", mine->scope, mine->name, mine->value,
				 other.metrics[i].value);
	}
	result_free(&result);
	result_free(&other);
}

/* ---- Locks -------------------------------------------------------------------------------- */

/* Three vCPUs that contend for a lock among five that only look as if they could hold it. */
static const char *const lock_holders =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 2, 'start': 'boot' },\n"
	"  'vms': { 'a': { 'vcpus': 8, 'workload': 'w', 'guest_hint': true } },\n"
	"  'workloads': { 'w': { 'locks': { 'l': 'queued' }, 'threads': {\n"
	"    'locker': { 'count': 3, 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'request': 'locked', 'body': [ { 'run': '20us' }, { 'lock': 'l' },\n"
	"        { 'run': '200us', 'mode': 'kernel' }, { 'unlock': 'l' } ] } ] } ] },\n"
	"    'decoy': { 'count': 5, 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'run': '1ms', 'mode': 'kernel' } ] } ] } } } },\n"
	"  'run': { 'warmup': '20ms', 'measure': '400ms' } }\n";

static void sched_yield_leaves_without_ever_naming_anybody(void **state)
{
	static const char *const modes[] = {"yield.candidate.mode=yield",
					    "yield.candidate.mode=sleep"};

	for (int i = 0; i < 2; i++) {
		const char *const *sets = SETS(POLICY("sched_yield"), modes[i]);

		assert_true(metric(lock_holders, sets, "ple_exits_per_s") > 1000);
		assert_true(metric(lock_holders, sets, "yield.tried_per_s") == 0);
		assert_true(metric(lock_holders, sets, "requests_per_s") >
			    1.5 * metric(lock_holders, SETS(POLICY("none")), "requests_per_s"));
	}
}

static void exits_that_nothing_comes_of_still_happen(void **state)
{
	const char *const *exits = SETS(POLICY("none"), "yield.candidate.ple=exit_only");

	assert_true(metric(lock_holders, SETS(POLICY("none")), "ple_exits_per_s") == 0);
	assert_true(metric(lock_holders, exits, "ple_exits_per_s") > 100);
	assert_true(metric(lock_holders, exits, "yield.tried_per_s") == 0);
}

static void the_guest_knows_who_holds_the_lock(void **state)
{
	const char *const *hint = SETS(POLICY("guest_wait_hint"));
	const char *const *mainline = SETS(POLICY("mainline"));

	assert_true(metric(lock_holders, hint, "hint.precision") > 0.98);
	assert_true(metric(lock_holders, hint, "hint.recall") > 0.98);
	assert_true(metric(lock_holders, mainline, "hint.precision") < 0.2);
	assert_true(metric(lock_holders, hint, "requests_per_s") >
		    1.2 * metric(lock_holders, mainline, "requests_per_s"));
}

static void a_guest_that_publishes_nothing_leaves_the_fallback(void **state)
{
	const char *const silent = "vms.a.guest_hint=false";

	assert_same(lock_holders, SETS(POLICY("guest_wait_hint"), silent),
		    SETS(POLICY("mainline"), silent));
	assert_same(lock_holders,
		    SETS(POLICY("guest_wait_hint"), silent, "yield.candidate.fallback=v3"),
		    SETS(POLICY("v3"), silent));
}

static void a_spinlock_of_a_guest_with_pv_kick_halts_its_waiters(void **state)
{
	const char *const spinlock = "workloads.w.locks.l=spinlock";
	const char *const kicks = "pv.kicks_per_s";
	const char *const *pv =
		SETS(POLICY("none"), spinlock, "vms.a.pv=pv_kick", "vms.a.guest.pause_ns=1");

	assert_true(metric(lock_holders, SETS(POLICY("none"), spinlock), kicks) == 0);
	assert_true(metric(lock_holders, pv, kicks) > 100);
}

static void a_window_that_adapts_wastes_fewer_exits(void **state)
{
	const char *const adaptive = "yield.window.policy=adaptive_ple";
	const char *const *futile = SETS(POLICY("none"), "yield.candidate.ple=exit_only");
	const char *const *fewer = SETS(POLICY("none"), "yield.candidate.ple=exit_only", adaptive);
	const char *const *never =
		SETS(POLICY("mainline"), adaptive, "yield.window.target_futile=1");
	const char *const *often =
		SETS(POLICY("mainline"), adaptive, "yield.window.target_futile=0");

	assert_true(metric(lock_holders, fewer, "ple_exits_per_s") <
		    0.7 * metric(lock_holders, futile, "ple_exits_per_s"));
	assert_true(metric(lock_holders, often, "ple_exits_per_s") <
		    0.1 * metric(lock_holders, never, "ple_exits_per_s"));
}

/* ---- Calls -------------------------------------------------------------------------------- */

/* One hypercall interrupts four vCPUs in user mode; the sixth is idle. */
static const char *const calls_to_several =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 2 },\n"
	"  'vms': { 'a': { 'vcpus': 6, 'workload': 'w', 'pv_send_ipi': true } },\n"
	"  'workloads': { 'w': { 'threads': {\n"
	"    'flusher': { 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'request': 'flush', 'body': [ { 'run': '100us' },\n"
	"        { 'tlb_flush': 'others' } ] } ] } ] },\n"
	"    'busy': { 'count': 4, 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'run': '1ms' } ] } ] } } } },\n"
	"  'run': { 'warmup': '20ms', 'measure': '400ms' } }\n";

static void only_receivers_remember_a_call_to_several(void **state)
{
	const char *const receivers = "yield.by.ipi_receiver_per_s";
	const char *const *mask =
		SETS(POLICY("recv_mask"), "yield.candidate.enable_relaxed_boost=false");
	const char *const *deaf =
		SETS(POLICY("recv_mask"), "yield.candidate.enable_relaxed_boost=false",
		     "yield.candidate.pv_ipi=false");

	assert_true(metric(calls_to_several, mask, receivers) > 1000);
	assert_true(metric(calls_to_several, deaf, receivers) == 0);
	/* The series sees nothing at all, and nobody else is in kernel mode. */
	assert_true(metric(calls_to_several, SETS(POLICY("v3_strict")), "yield.tried_per_s") == 0);
	assert_true(metric(calls_to_several, SETS(POLICY("v3_ranked")), receivers) == 0);
}

/* There is one candidate, which never spins, sleeps or sends; and nobody is alone on his CPU. */
static const char *const one_caller =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 1, 'start': 'boot' },\n"
	"  'vms': { 'a': { 'vcpus': 2, 'workload': 'w' } },\n"
	"  'workloads': { 'w': { 'threads': {\n"
	"    'caller': { 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'request': 'call', 'body': [ { 'run': '100us' },\n"
	"        { 'smp_call': 'next', 'wait': true } ] } ] } ] },\n"
	"    'busy': { 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'run': '1ms' } ] } ] } } } },\n"
	"  'run': { 'warmup': '20ms', 'measure': '400ms' } }\n";

static void without_accidents_the_presets_of_v3_agree(void **state)
{
	const char *const *v3 = SETS(POLICY("v3"));

	assert_true(metric(one_caller, v3, "hint.precision") > 0.99);
	assert_true(metric(one_caller, v3, "requests_per_s") >
		    2 * metric(one_caller, SETS(POLICY("mainline")), "requests_per_s"));
	assert_same(one_caller, v3, SETS(POLICY("v3_strict")));
	assert_same(one_caller, v3, SETS(POLICY("v3_fixed")));
	assert_same(one_caller, v3, SETS(POLICY("v3_ranked")));
	assert_same(one_caller, v3, SETS(POLICY("recv_mask")));
	assert_same(one_caller, v3, SETS(POLICY("vee21")));
}

static void ipis_that_hardware_delivers_are_heard_of_where_a_target_does_not_run(void **state)
{
	const char *const avic = "vms.a.apicv=avic", *const amd = "vms.a.ple.type=amd";
	const char *const ipiv = "vms.a.apicv=ipiv";
	const char *const receivers = "yield.by.ipi_receiver_per_s";

	assert_true(metric(one_caller, SETS(POLICY("recv_mask"), avic, amd), receivers) > 1000);
	assert_true(metric(one_caller,
			   SETS(POLICY("recv_mask"), avic, amd, "yield.candidate.avic_exit=false"),
			   receivers) == 0);
	assert_true(metric(one_caller, SETS(POLICY("v3"), avic, amd), receivers) == 0);
	assert_true(metric(one_caller, SETS(POLICY("vee21"), avic, amd), receivers) == 0);
	/* With IPI virtualisation there is no trace of an IPI, but of a pending interrupt. */
	assert_true(metric(one_caller, SETS(POLICY("recv_mask"), ipiv), receivers) == 0);
	assert_true(metric(one_caller, SETS(POLICY("recv_mask"), ipiv),
			   "yield.by.pending_interrupt_per_s") > 1000);
}

/* vCPU 1 is halted again and again, and woken by an IPI of vCPU 0. */
static const char *const woken =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 1 },\n"
	"  'vms': { 'a': { 'vcpus': 4, 'workload': 'w', 'halt_poll': { 'halt_poll_ns': 0 } } },\n"
	"  'workloads': { 'w': { 'locks': { 'l': 'queued' }, 'events': ['e'], 'threads': {\n"
	"    'waker': { 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'request': 'unit', 'body': [ { 'run': '50us' }, { 'wake': 'e' }, { 'lock': 'l' "
	"},\n"
	"        { 'run': '50us', 'mode': 'kernel' }, { 'unlock': 'l' } ] } ] } ] },\n"
	"    'woken': { 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'wait': 'e' }, { 'run': '50us' } ] } ] },\n"
	"    'holder': { 'count': 2, 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'lock': 'l' }, { 'run': '500us', 'mode': 'kernel' }, { 'unlock': 'l' },\n"
	"      { 'run': '100us' } ] } ] } } } },\n"
	"  'run': { 'warmup': '20ms', 'measure': '400ms' } }\n";

static void vee21_refuses_a_woken_vcpu_at_first(void **state)
{
	const char *const by_woken = "yield.by.woken_per_s";
	double mainline = metric(woken, SETS(POLICY("mainline")), by_woken);

	assert_true(mainline > 100);
	assert_true(metric(woken, SETS(POLICY("v3")), by_woken) == 0);
	assert_true(metric(woken, SETS(POLICY("v3_fixed")), by_woken) > 0);
	assert_true(metric(woken, SETS(POLICY("vee21")), by_woken) > 0);
	assert_true(metric(woken, SETS(POLICY("vee21")), by_woken) < 0.1 * mainline);
	assert_true(metric(woken, SETS(POLICY("vee21"), "yield.candidate.refuse_once=false"),
			   by_woken) == 0);
}

/* Receivers that spin with interrupts off for a lock whose holder is often off its CPU. */
static const char *const chain =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 2 },\n"
	"  'vms': { 'a': { 'vcpus': 6, 'workload': 'w' } },\n"
	"  'workloads': { 'w': { 'locks': { 'l': 'tas' }, 'threads': {\n"
	"    'caller': { 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'request': 'call', 'body': [ { 'run': '200us' },\n"
	"        { 'smp_call': 1, 'wait': true } ] } ] } ] },\n"
	"    'receiver': { 'count': 3, 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'lock': 'l', 'irqsave': true }, { 'run': '2us', 'mode': 'kernel' }, { 'unlock': "
	"'l' }, { 'run': '20us' } ] } ] },\n"
	"    'holder': { 'count': 1, 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'lock': 'l', 'irqsave': true }, { 'run': '400us', 'mode': 'kernel' }, { 'unlock': "
	"'l' },\n"
	"      { 'run': '50us' } ] } ] } } } },\n"
	"  'run': { 'warmup': '20ms', 'measure': '400ms' } }\n";
static void two_hop_finds_the_holder_for_whom_a_receiver_spins(void **state)
{
	const char *const holder = "hint.recall.lock_holder";

	assert_true(metric(chain, SETS(POLICY("two_hop")), holder) >
		    metric(chain, SETS(POLICY("v3_ranked")), holder) + 0.15);
}

static void a_window_that_cannot_adapt_is_v3s(void **state)
{
	const char *const *bound = SETS(POLICY("adaptive_window"), "yield.candidate.lo_ns=50ms",
					"yield.candidate.progress_clear=false");

	assert_same(chain, bound, SETS(POLICY("v3")));
}

static void v3_untracked_is_v3_with_its_tracking_off(void **state)
{
	static const char *const worlds[] = {lock_holders, calls_to_several, one_caller, chain};
	const char *const off = "yield.candidate.ipi_tracking_enabled=false";

	for (size_t i = 0; i < sizeof(worlds) / sizeof(*worlds); i++)
		assert_same(worlds[i], SETS(POLICY("v3_untracked")), SETS(POLICY("v3"), off));
}

static void a_policy_that_draws_gives_the_same_result_each_time(void **state)
{
	static const char *const policies[] = {POLICY("random_preempted"),
					       POLICY("random_tracked")};

	for (int i = 0; i < 2; i++)
		assert_same(chain, SETS(policies[i]), SETS(policies[i]));
}

/* Its call is answered before it waits for a lock; but with APICv KVM sees no EOI. */
static const char *const answered_calls =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 2 },\n"
	"  'vms': { 'a': { 'vcpus': 5, 'workload': 'w', 'apicv': 'on' } },\n"
	"  'workloads': { 'w': { 'locks': { 'l': 'queued' }, 'threads': {\n"
	"    'caller': { 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'run': '50us' }, { 'smp_call': 1, 'wait': true }, { 'io': '20us' },\n"
	"      { 'lock': 'l' }, { 'run': '5us', 'mode': 'kernel' }, { 'unlock': 'l' } ] } ] },\n"
	"    'called': { 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'run': '1ms', 'mode': 'kernel' } ] } ] },\n"
	"    'holder': { 'count': 3, 'program': [ { 'loop': 'forever', 'body': [\n"
	"      { 'lock': 'l' }, { 'run': '300us', 'mode': 'kernel' }, { 'unlock': 'l' },\n"
	"      { 'run': '50us' } ] } ] } } } },\n"
	"  'run': { 'warmup': '20ms', 'measure': '400ms' } }\n";

static void a_sender_that_went_on_to_something_else_has_no_receiver_any_more(void **state)
{
	const char *const stale = "hint.stale";
	const char *const *lasting =
		SETS(POLICY("adaptive_window"), "yield.candidate.progress_clear=false");

	assert_true(metric(answered_calls, SETS(POLICY("v3")), stale) > 0.05);
	assert_true(metric(answered_calls, lasting, stale) > 0.05);
	assert_true(metric(answered_calls, SETS(POLICY("adaptive_window")), stale) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sched_yield_leaves_without_ever_naming_anybody),
		cmocka_unit_test(exits_that_nothing_comes_of_still_happen),
		cmocka_unit_test(v3_untracked_is_v3_with_its_tracking_off),
		cmocka_unit_test(a_policy_that_draws_gives_the_same_result_each_time),
		cmocka_unit_test(the_guest_knows_who_holds_the_lock),
		cmocka_unit_test(a_guest_that_publishes_nothing_leaves_the_fallback),
		cmocka_unit_test(a_spinlock_of_a_guest_with_pv_kick_halts_its_waiters),
		cmocka_unit_test(a_window_that_adapts_wastes_fewer_exits),
		cmocka_unit_test(only_receivers_remember_a_call_to_several),
		cmocka_unit_test(without_accidents_the_presets_of_v3_agree),
		cmocka_unit_test(
			ipis_that_hardware_delivers_are_heard_of_where_a_target_does_not_run),
		cmocka_unit_test(vee21_refuses_a_woken_vcpu_at_first),
		cmocka_unit_test(two_hop_finds_the_holder_for_whom_a_receiver_spins),
		cmocka_unit_test(a_window_that_cannot_adapt_is_v3s),
		cmocka_unit_test(a_sender_that_went_on_to_something_else_has_no_receiver_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
