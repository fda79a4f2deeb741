/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The co-scheduling policies in small worlds, each with an effect that is known beforehand. A claim
 * about what happens inside a run is checked by a policy of the test's that wraps the tested one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cosched_world.h"
#include "models/policies/builtin.h"

/* VMs that compute. */
#define HOGS(count_)                                                                               \
	"'workloads': { 'w': { 'threads': { 't': { 'count': " #count_ ", 'program': [ { 'loop': "  \
	"'forever', 'body': [ { 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }"

/* ---- balance ------------------------------------------------------------------------------- */

#define BALANCE ", 'cosched': { 'policy': 'balance' }"

static void balance_never_stacks_siblings_while_there_are_as_many_cpus(void **state)
{
	static const char *const settings[] = {
		BALANCE,
		", 'cosched': { 'policy': 'balance', 'strict': false }",
		", 'llc_cpus': 2, 'numa_nodes': 1, 'cosched': { 'policy': 'balance' }",
		", 'balance': 'newidle', 'cosched': { 'policy': 'balance', 'strict': false }",
	};

	assert_true(cosched_metric(two_chatty, "", "host", "stacking") > 0.05);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		struct replication_result result = cosched_run(two_chatty, settings[i]);

		assert_true(cosched_value(&result, "host", "stacking") == 0);
		assert_true(cosched_value(&result, "vm.a", "yield.same_rq_per_s") == 0);
		assert_true(cosched_value(&result, "vm.a", "yield.cross_rq_per_s") > 0);
		result_free(&result);
	}
}

/* What acts on one run queue only has nothing to act on. */
static void balance_makes_the_boosters_of_one_run_queue_inert(void **state)
{
	static const char *const boosters[] = {"lag_credit", "debooster_v2"};
	struct replication_result mainline = cosched_run(two_chatty, BALANCE);

	for (int i = 0; i < 2; i++) {
		struct scenario *scenario = cosched_load(two_chatty, BALANCE);
		struct scenario *boosted;
		struct scenario_override set = {"yield.sched.policy", boosters[i]};
		const struct scenario_overrides sets = {&set, 1, false};
		struct oversub_error error = {""};
		struct replication_result result;

		assert_int_equal(
			scenario_from_json(scenario->json, "test.json", &sets, &boosted, &error),
			OVERSUB_OK);
		result = cosched_run_scenario(boosted);
		cosched_assert_same(&mainline, &result);
		result_free(&result);
		scenario_free(boosted);
		scenario_free(scenario);
	}
	result_free(&mainline);
}

/* ---- gang ---------------------------------------------------------------------------------- */

static const char *const two_hogs_of_four = COSCHED_HEAD
	"'host': { 'cpus': 4 %s }, 'vms': { 'a': { 'count': 2, 'vcpus': 4, 'workload': 'w' } "
	"}," HOGS(4);

/* At the end of each frame of a full house: who runs? */
static void check_frame(struct host *host)
{
	int vm = -1;

	for (int i = 0; oversub_cosched_now(host) > 0 && i < oversub_cosched_nr_cpus(host); i++) {
		const struct host_task *task =
			oversub_cosched_current(oversub_cosched_cpu(host, i));

		assert_non_null(task);
		if (i == 0)
			vm = oversub_cosched_vm_of(task);
		assert_int_equal(oversub_cosched_vm_of(task), vm);
	}
	cosched_gang.timer(host);
}

static void gang_runs_all_vcpus_of_one_vm_in_a_frame(void **state)
{
	struct oversub_cosched_policy checked = cosched_gang;
	struct scenario *scenario =
		cosched_load(two_hogs_of_four, ", 'cosched': { 'policy': 'gang' }");
	struct replication_result result;

	checked.timer = check_frame;
	scenario->chosen[OVERSUB_COSCHED].policy = &checked.head;
	result = cosched_run_scenario(scenario);
	/* 400 ms in frames of 10 ms: half of them for each. */
	assert_true(fabs(cosched_value(&result, "vm.a", "time.steal") - 0.5) < 0.001);
	assert_true(cosched_value(&result, "host", "cpu.idle") < 0.001);
	result_free(&result);
	scenario_free(scenario);
}

static void gang_leaves_nobody_to_spin_for_who_has_no_cpu(void **state)
{
	struct replication_result alone = cosched_run(two_chatty, "");
	struct replication_result gang =
		cosched_run(two_chatty, ", 'cosched': { 'policy': 'gang' }");

	assert_true(cosched_value(&alone, "vm.a", "time.spin") > 0.03);
	assert_true(cosched_value(&gang, "vm.a", "time.spin") <
		    cosched_value(&alone, "vm.a", "time.spin") / 5);
	assert_true(cosched_value(&gang, "vm.a", "ipi_response.p99") < 100e3);
	assert_true(cosched_value(&gang, "host", "stacking") == 0);
	result_free(&alone);
	result_free(&gang);
}

static void gang_leaves_cpus_idle_unless_it_may_backfill(void **state)
{
	static const char *const text =
		COSCHED_HEAD "'host': { 'cpus': 4 %s }, "
			     "'vms': { 'a': { 'count': 2, 'vcpus': 2, 'workload': 'w' } }," HOGS(2);
	double strict =
		cosched_metric(text, ", 'cosched': { 'policy': 'gang' }", "host", "cpu.idle");
	double filled = cosched_metric(text, ", 'cosched': { 'policy': 'gang', 'backfill': true }",
				       "host", "cpu.idle");

	assert_true(fabs(strict - 0.5) < 0.01);
	assert_true(filled < 0.01);
}

/* The last of four CPUs begins when the frame is over, the first at once. */
static void gang_loses_half_of_a_frame_that_starts_over_all_of_it(void **state)
{
	double idle = cosched_metric(two_hogs_of_four,
				     ", 'cosched': { 'policy': 'gang', 'skew_ns': '10ms' }", "host",
				     "cpu.idle");

	assert_true(fabs(idle - 0.5) < 0.01);
}

static void gang_runs_a_vm_that_is_larger_than_the_host(void **state)
{
	static const char *const text =
		COSCHED_HEAD "'host': { 'cpus': 2 %s }, "
			     "'vms': { 'a': { 'count': 2, 'vcpus': 4, 'workload': 'w' } }," HOGS(4);
	struct replication_result result = cosched_run(text, ", 'cosched': { 'policy': 'gang' }");

	assert_true(cosched_value(&result, "host", "cpu.idle") < 0.01);
	assert_true(cosched_value(&result, "vm.a", "each.a0.cpu_over_entitlement") > 0.9);
	assert_true(cosched_value(&result, "vm.a", "each.a1.cpu_over_entitlement") > 0.9);
	result_free(&result);
}

/* ---- relaxed_cosched ----------------------------------------------------------------------- */

/* One vCPU has a CPU to itself, its sibling shares one. */
static const char *const lopsided = COSCHED_HEAD
	"'host': { 'cpus': 2 %s }, 'vms': { "
	"'a': { 'vcpus': 2, 'pin': [ [0], [1] ], 'workload': 'w' },"
	"'b': { 'pin': [ [1] ], 'workload': 'v' } }, "
	"'workloads': { 'w': { 'threads': { 't': { 'count': 2, 'program': [ { 'loop': 'forever', "
	"'body': [ { 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } }, "
	"'v': { 'threads': { 't': { 'program': [ { 'loop': 'forever', 'body': [ "
	"{ 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }";

#define SKEW_HI	    2000000
#define SKEW_PERIOD 500000
#define SKEW_SLACK  50000 /* the interrupt that stops a vCPU, and its way out of the guest */
#define RELAXED                                                                                    \
	", 'cosched': { 'policy': 'relaxed_cosched', 'skew_hi': '2ms', 'skew_lo': '1ms', "         \
	"'check_period': '500us' }"

static void check_skew(struct host *host)
{
	const struct host_task *ahead = oversub_cosched_vcpu(host, 0, 0);
	const struct host_task *behind = oversub_cosched_vcpu(host, 0, 1);

	assert_true(oversub_cosched_waited(behind) - oversub_cosched_waited(ahead) <=
		    SKEW_HI + SKEW_PERIOD + SKEW_SLACK);
	cosched_relaxed.timer(host);
	assert_false(oversub_cosched_stopped(ahead) && oversub_cosched_stopped(behind));
}

static void relaxed_bounds_the_skew_and_never_stops_all(void **state)
{
	struct oversub_cosched_policy checked = cosched_relaxed;
	struct scenario *scenario = cosched_load(lopsided, RELAXED);
	struct replication_result result;

	checked.timer = check_skew;
	scenario->chosen[OVERSUB_COSCHED].policy = &checked.head;
	result = cosched_run_scenario(scenario);
	/* Both vCPUs of a proceed like the slower one; without the policy the other never waits. */
	assert_true(cosched_metric(lopsided, "", "vm.a", "time.steal") < 0.35);
	assert_true(cosched_value(&result, "vm.a", "time.steal") > 0.45);
	assert_true(cosched_value(&result, "vm.b", "time.work") > 0.45);
	result_free(&result);
	scenario_free(scenario);
}

/* ---- demand_cosched ------------------------------------------------------------------------ */

/* A vCPU of its own calls one that shares its CPU with another VM. */
static const char *const caller = COSCHED_HEAD
	"'host': { 'cpus': 2, 'base_slice_ns': '3ms' %s }, 'vms': { "
	"'a': { 'vcpus': 2, 'pin': [ [0], [1] ], 'workload': 'w' },"
	"'b': { 'pin': [ [1] ], 'workload': 'v' } }, "
	"'workloads': { 'w': { 'threads': { "
	"'caller': { 'program': [ { 'loop': 'forever', 'body': [ { 'run': '5300us' }, "
	"{ 'smp_call': 1, 'wait': true } ] } ] }, "
	"'called': { 'program': [ { 'loop': 'forever', 'body': [ { 'run': '100us' } ] } ] } } }, "
	"'v': { 'threads': { 't': { 'program': [ { 'loop': 'forever', 'body': [ "
	"{ 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }";

static void demand_runs_a_preempted_receiver_at_once_instead_of_after_a_slice(void **state)
{
	struct replication_result alone = cosched_run(caller, "");
	struct replication_result demand =
		cosched_run(caller, ", 'cosched': { 'policy': 'demand_cosched' }");

	assert_true(cosched_value(&alone, "vm.a", "ipi_delivery.max") > 1e6);
	assert_true(cosched_value(&demand, "vm.a", "ipi_delivery.max") < 20e3);
	/* What the receiver got early it does not get again. */
	assert_true(fabs(cosched_value(&demand, "vm.b", "time.work") -
			 cosched_value(&alone, "vm.b", "time.work")) < 0.03);
	result_free(&alone);
	result_free(&demand);
}

/* The same with calls without a pause: others are to have a base slice after so many. */
static void demand_leaves_a_base_slice_to_others_between_urgent_ones(void **state)
{
	static const char *const storm = COSCHED_HEAD
		"'host': { 'cpus': 2, 'base_slice_ns': '3ms' %s }, 'vms': { "
		"'a': { 'vcpus': 2, 'pin': [ [0], [1] ], 'workload': 'w' },"
		"'b': { 'pin': [ [1] ], 'workload': 'v' } }, "
		"'workloads': { 'w': { 'threads': { "
		"'caller': { 'program': [ { 'loop': 'forever', 'body': [ { 'run': '20us' }, "
		"{ 'smp_call': 1 } ] } ] }, "
		"'called': { 'program': [ { 'loop': 'forever', 'body': [ { 'run': '100us' } ] "
		"} ] } "
		"} }, 'v': { 'threads': { 't': { 'program': [ { 'loop': 'forever', 'body': [ "
		"{ 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }";
	double share =
		cosched_metric(storm,
			       ", 'cosched': { 'policy': 'demand_cosched', 'urgent_slice': '1ms', "
			       "'max_consecutive_urgent': 3 }",
			       "vm.b", "time.work");

	/* Three urgent slices of 1 ms for each base slice of 3 ms. */
	assert_true(share > 0.45);
}

/* Wakes a sibling every 2 ms, and shares its CPU with another VM. */
static const char *const waker =
	COSCHED_HEAD "'host': { 'cpus': 2, 'base_slice_ns': '1ms' %s }, 'vms': { "
		     "'a': { 'vcpus': 2, 'pin': [ [0], [1] ], 'workload': 'w' },"
		     "'b': { 'pin': [ [0] ], 'workload': 'v' } }, "
		     "'workloads': { 'w': { 'events': [ 'e' ], 'threads': { "
		     "'waker': { 'program': [ { 'loop': 'forever', 'body': [ "
		     "{ 'run': { 'exponential': { 'mean': '2ms' } } }, { 'wake': 'e' } ] } ] }, "
		     "'woken': { 'program': [ { 'loop': 'forever', 'body': [ { 'wait': 'e' }, "
		     "{ 'run': '20us' } ] } ] } } }, "
		     "'v': { 'threads': { 't': { 'program': [ { 'loop': 'forever', 'body': [ "
		     "{ 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }";

static int64_t last_reschedule;
static int nr_preempted_after;
static const struct oversub_cosched_policy *counted;

static void note_reschedule(const struct oversub_cosched_ipi *ipi)
{
	if (ipi->vector == 0xfd && oversub_cosched_index_of(ipi->source) == 0)
		last_reschedule = oversub_cosched_now(oversub_cosched_host_of(ipi->source));
	if (counted->ipi)
		counted->ipi(ipi);
}

static void note_preemption(struct pcpu *cpu, struct host_task *prev, struct host_task *next)
{
	const struct host *host = oversub_cosched_host_of_cpu(cpu);

	if (prev && prev == oversub_cosched_vcpu(host, 0, 0))
		nr_preempted_after += oversub_cosched_now(host) - last_reschedule < 400000;
	if (counted->switched)
		counted->switched(cpu, prev, next);
}

/* How often the waker lost its CPU within 400 us of a reschedule IPI of its. */
static int preempted_after_wake(const struct oversub_cosched_policy *policy, const char *cosched)
{
	struct oversub_cosched_policy checked = *policy;
	struct scenario *scenario = cosched_load(waker, cosched);
	struct replication_result result;

	last_reschedule = -1000000;
	nr_preempted_after = 0;
	counted = policy;
	checked.ipi = note_reschedule;
	checked.switched = note_preemption;
	checked.head.needs |= OVERSUB_NEEDS_IPI_ALL;
	scenario->chosen[OVERSUB_COSCHED].policy = &checked.head;
	result = cosched_run_scenario(scenario);
	result_free(&result);
	scenario_free(scenario);
	return nr_preempted_after;
}

static void demand_puts_off_the_preemption_of_who_sends_a_reschedule_ipi(void **state)
{
	int alone = preempted_after_wake(&cosched_none, ", 'start': 'boot'");
	int put_off = preempted_after_wake(
		&cosched_demand, ", 'start': 'boot', 'cosched': { 'policy': 'demand_cosched' }");

	/* Only once while it has its CPU. */
	assert_true(alone > 10);
	assert_true(put_off < alone / 5);
}

/* ---- ecs ----------------------------------------------------------------------------------- */

/* Half of the time of a is spent with a lock. */
static const char *const holder = COSCHED_HEAD
	"'host': { 'cpus': 1, 'base_slice_ns': '1ms' %s }, "
	"'vms': { 'a': { 'guest_hint': true, 'workload': 'w' }, 'b': { 'workload': 'v' } }, "
	"'workloads': { 'w': { 'locks': { 'l': 'queued' }, 'threads': { 't': { 'program': [ { "
	"'loop': 'forever', 'body': [ { 'run': { 'exponential': { 'mean': '100us' } } }, "
	"{ 'lock': 'l' }, { 'run': { 'exponential': { 'mean': '100us' } } }, { 'unlock': 'l' } ] } "
	"] } } }, 'v': { 'threads': { 't': { 'program': [ { 'loop': 'forever', 'body': [ "
	"{ 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }";

/* Of the times that a lost its CPU: how many, and how many with the lock. */
static int nr_preempted, nr_preempted_critical;

static void count_preemption(struct pcpu *cpu, struct host_task *prev, struct host_task *next)
{
	if (prev && oversub_cosched_vm_of(prev) == 0) {
		nr_preempted++;
		nr_preempted_critical += oversub_cosched_published_critical(prev) > 0;
	}
	if (counted->switched)
		counted->switched(cpu, prev, next);
}

/* The part of the preemptions of a that hit it in its critical section. */
static double critical_part(const struct oversub_cosched_policy *policy, const char *cosched,
			    double *share_of_b)
{
	struct oversub_cosched_policy checked = *policy;
	struct scenario *scenario = cosched_load(holder, cosched);
	struct replication_result result;

	nr_preempted = 0;
	nr_preempted_critical = 0;
	counted = policy;
	checked.switched = count_preemption;
	checked.head.needs |= OVERSUB_NEEDS_GUEST_HINT;
	scenario->chosen[OVERSUB_COSCHED].policy = &checked.head;
	result = cosched_run_scenario(scenario);
	*share_of_b = cosched_value(&result, "vm.b", "time.work");
	result_free(&result);
	scenario_free(scenario);
	assert_true(nr_preempted > 50);
	return (double)nr_preempted_critical / nr_preempted;
}

static void ecs_spares_critical_sections_at_nobodys_expense(void **state)
{
	double share, share_alone;
	double alone = critical_part(&cosched_none, "", &share_alone);
	double ecs = critical_part(&cosched_ecs, ", 'cosched': { 'policy': 'ecs' }", &share);

	assert_true(alone > 0.35);
	/* It loses its CPU when the extension ends, half a ms later: half of the time with a lock;
	 * but not when it was outside. */
	assert_true(ecs < 0.75 * alone);
	assert_true(fabs(share - share_alone) < 0.02);
}

static void ecs_grants_nothing_without_a_hint_or_beyond_the_debt(void **state)
{
	double share;
	double alone = critical_part(&cosched_none, "", &share);
	double in_debt = critical_part(&cosched_ecs,
				       ", 'cosched': { 'policy': 'ecs', 'max_debt': 0 }", &share);
	struct replication_result plain = cosched_run(two_chatty, "");
	struct replication_result blind =
		cosched_run(two_chatty, ", 'cosched': { 'policy': 'ecs' }");

	assert_true(alone == in_debt);
	assert_true(cosched_value(&plain, "vm.a", "requests_per_s") ==
		    cosched_value(&blind, "vm.a", "requests_per_s"));
	result_free(&plain);
	result_free(&blind);
}

/* ---- usliced ------------------------------------------------------------------------------- */

static void usliced_delivers_ipis_within_a_few_micro_slices(void **state)
{
	static const char *const text = COSCHED_HEAD
		"'host': { 'cpus': 4, 'base_slice_ns': '3ms' %s }, 'vms': { "
		"'a': { 'vcpus': 3, 'workload': 'w' }, "
		"'b': { 'count': 2, 'vcpus': 3, 'workload': 'v' } }, "
		"'workloads': { 'w': { 'threads': { 't': { 'count': 3, 'program': [ "
		"{ 'loop': 'forever', 'body': [ { 'run': { 'exponential': { 'mean': '700us' } } }, "
		"{ 'smp_call': 'random_other', 'wait': true } ] } ] } } }, "
		"'v': { 'threads': { 't': { 'count': 3, 'program': [ { 'loop': 'forever', 'body': "
		"[ "
		"{ 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }";
	struct replication_result alone = cosched_run(text, "");
	struct replication_result micro =
		cosched_run(text, ", 'cosched': { 'policy': 'usliced', 'profile': 0 }");

	assert_true(cosched_value(&alone, "vm.a", "ipi_delivery.p90") > 1e6);
	assert_true(cosched_value(&micro, "vm.a", "ipi_delivery.p90") < 0.3e6);
	/* Those who compute lose the CPU of the pool and no more. */
	assert_true(cosched_value(&micro, "vm.b", "time.work") >
		    0.75 * cosched_value(&alone, "vm.b", "time.work") - 0.02);
	result_free(&alone);
	result_free(&micro);
}

static void usliced_keeps_a_pool_where_that_saves_spinning(void **state)
{
	struct replication_result alone = cosched_run(two_chatty, ", 'start': 'boot'");
	struct replication_result micro =
		cosched_run(two_chatty, ", 'start': 'boot', "
					"'cosched': { 'policy': 'usliced', 'epoch': '60ms' }");

	/* One look at 10 ms of exits may be mistaken, as windows grow and shrink; not all are. */
	assert_true(cosched_value(&micro, "host", "cosched.urgent_per_s") > 1000);
	assert_true(cosched_value(&micro, "vm.a", "ple_exits_per_s") <
		    0.85 * cosched_value(&alone, "vm.a", "ple_exits_per_s"));
	result_free(&alone);
	result_free(&micro);
}

static void usliced_keeps_no_pool_for_vms_that_wait_for_nobody(void **state)
{
	double idle = cosched_metric(two_hogs_of_four, ", 'cosched': { 'policy': 'usliced' }",
				     "host", "cpu.idle");

	/* But for the 10 ms, in the warm-up, in which a pool of one was tried. */
	assert_true(idle < 0.001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(balance_never_stacks_siblings_while_there_are_as_many_cpus),
		cmocka_unit_test(balance_makes_the_boosters_of_one_run_queue_inert),
		cmocka_unit_test(gang_runs_all_vcpus_of_one_vm_in_a_frame),
		cmocka_unit_test(gang_leaves_nobody_to_spin_for_who_has_no_cpu),
		cmocka_unit_test(gang_leaves_cpus_idle_unless_it_may_backfill),
		cmocka_unit_test(gang_loses_half_of_a_frame_that_starts_over_all_of_it),
		cmocka_unit_test(gang_runs_a_vm_that_is_larger_than_the_host),
		cmocka_unit_test(relaxed_bounds_the_skew_and_never_stops_all),
		cmocka_unit_test(demand_runs_a_preempted_receiver_at_once_instead_of_after_a_slice),
		cmocka_unit_test(demand_leaves_a_base_slice_to_others_between_urgent_ones),
		cmocka_unit_test(demand_puts_off_the_preemption_of_who_sends_a_reschedule_ipi),
		cmocka_unit_test(ecs_spares_critical_sections_at_nobodys_expense),
		cmocka_unit_test(ecs_grants_nothing_without_a_hint_or_beyond_the_debt),
		cmocka_unit_test(usliced_delivers_ipis_within_a_few_micro_slices),
		cmocka_unit_test(usliced_keeps_a_pool_where_that_saves_spinning),
		cmocka_unit_test(usliced_keeps_no_pool_for_vms_that_wait_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
