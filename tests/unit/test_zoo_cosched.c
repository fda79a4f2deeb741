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

#include "models/policies/cosched.h"
#include "scenario_text.h"
#include "sim/run/world.h"

/* ---- Running ------------------------------------------------------------------------------- */

/* A world of text, which has a '%s' where the settings of host.cosched go. */
static struct scenario *load(const char *text, const char *cosched)
{
	struct scenario *scenario;
	struct oversub_error error = {""};
	char buffer[8192];

	snprintf(buffer, sizeof(buffer), text, cosched);
	if (load_text(buffer, NULL, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	return scenario;
}

static struct replication_result run_scenario(const struct scenario *scenario)
{
	const struct world_options options = {.check_invariants = true};
	struct replication_result result;
	struct oversub_error error = {""};

	if (world_run(scenario, 0, &options, &result, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	return result;
}

static struct replication_result run(const char *text, const char *cosched)
{
	struct scenario *scenario = load(text, cosched);
	struct replication_result result = run_scenario(scenario);

	scenario_free(scenario);
	return result;
}

static double value(const struct replication_result *result, const char *scope, const char *name)
{
	const struct result_metric *metric = result_find(result, scope, name);

	if (!metric)
		fail_msg("no metric %s of %s", name, scope);
	return metric->value;
}

/* One metric of one run. */
static double metric(const char *text, const char *cosched, const char *scope, const char *name)
{
	struct replication_result result = run(text, cosched);
	double found = value(&result, scope, name);

	result_free(&result);
	return found;
}

#define HEAD "{ 'oversub_scenario': 1, 'run': { 'warmup': '50ms', 'measure': '400ms' },"

/* VMs that spin for each other a lot. */
#define CHATTY                                                                                     \
	"'workloads': { 'w': { 'locks': { 'l': 'queued' }, 'threads': { 't': { 'count': 4, "       \
	"'program': [ { 'loop': 'forever', 'body': [ { 'request': 'r', 'body': [ "                 \
	"{ 'run': { 'exponential': { 'mean': '60us' } } }, "                                       \
	"{ 'lock': 'l' }, { 'run': '5us', 'mode': 'kernel' }, { 'unlock': 'l' }, "                 \
	"{ 'smp_call': 'random_other', 'wait': true, 'probability': 0.3 } ] } ] } ] } } } } }"

static const char *const two_chatty =
	HEAD "'host': { 'cpus': 4 %s }, 'yield': { 'sched': { 'policy': 'mainline' } },"
	     "'vms': { 'a': { 'count': 2, 'vcpus': 4, 'workload': 'w' } }," CHATTY;

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

	assert_true(metric(two_chatty, "", "host", "stacking") > 0.05);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		struct replication_result result = run(two_chatty, settings[i]);

		assert_true(value(&result, "host", "stacking") == 0);
		assert_true(value(&result, "vm.a", "yield.same_rq_per_s") == 0);
		assert_true(value(&result, "vm.a", "yield.cross_rq_per_s") > 0);
		result_free(&result);
	}
}

/* What acts on one run queue only has nothing to act on. */
static void balance_makes_the_boosters_of_one_run_queue_inert(void **state)
{
	static const char *const boosters[] = {"lag_credit", "debooster_v2"};
	struct replication_result mainline = run(two_chatty, BALANCE);

	for (int i = 0; i < 2; i++) {
		struct scenario *scenario = load(two_chatty, BALANCE);
		struct scenario *boosted;
		struct scenario_override set = {"yield.sched.policy", boosters[i]};
		const struct scenario_overrides sets = {&set, 1, false};
		struct oversub_error error = {""};
		struct replication_result result;

		assert_int_equal(
			scenario_from_json(scenario->json, "test.json", &sets, &boosted, &error),
			OVERSUB_OK);
		result = run_scenario(boosted);
		assert_int_equal(result.nr_metrics, mainline.nr_metrics);
		for (size_t m = 0; m < result.nr_metrics; m++) {
			double a = mainline.metrics[m].value;
			double b = result.metrics[m].value;

			if (!(isnan(a) && isnan(b)) && a != b)
				fail_msg("%s: %s is %g, not %g", boosters[i],
					 result.metrics[m].name, b, a);
		}
		result_free(&result);
		scenario_free(boosted);
		scenario_free(scenario);
	}
	result_free(&mainline);
}

/* ---- gang ---------------------------------------------------------------------------------- */

static const char *const two_hogs_of_four =
	HEAD "'host': { 'cpus': 4 %s }, 'vms': { 'a': { 'count': 2, 'vcpus': 4, 'workload': 'w' } "
	     "}," HOGS(4);

/* At the end of each frame of a full house: who runs? */
static void check_frame(struct host *host)
{
	int vm = -1;

	for (int i = 0; cosched_now(host) > 0 && i < cosched_nr_cpus(host); i++) {
		const struct host_task *task = cosched_current(cosched_cpu(host, i));

		assert_non_null(task);
		if (i == 0)
			vm = cosched_vm_of(task);
		assert_int_equal(cosched_vm_of(task), vm);
	}
	cosched_gang.timer(host);
}

static void gang_runs_all_vcpus_of_one_vm_in_a_frame(void **state)
{
	struct oversub_cosched_policy checked = cosched_gang;
	struct scenario *scenario = load(two_hogs_of_four, ", 'cosched': { 'policy': 'gang' }");
	struct replication_result result;

	checked.timer = check_frame;
	scenario->cosched = &checked;
	result = run_scenario(scenario);
	/* 400 ms in frames of 10 ms: half of them for each. */
	assert_true(fabs(value(&result, "vm.a", "time.steal") - 0.5) < 0.001);
	assert_true(value(&result, "host", "cpu.idle") < 0.001);
	result_free(&result);
	scenario_free(scenario);
}

static void gang_leaves_nobody_to_spin_for_who_has_no_cpu(void **state)
{
	struct replication_result alone = run(two_chatty, "");
	struct replication_result gang = run(two_chatty, ", 'cosched': { 'policy': 'gang' }");

	assert_true(value(&alone, "vm.a", "time.spin") > 0.03);
	assert_true(value(&gang, "vm.a", "time.spin") < value(&alone, "vm.a", "time.spin") / 5);
	assert_true(value(&gang, "vm.a", "ipi_response.p99") < 100e3);
	assert_true(value(&gang, "host", "stacking") == 0);
	result_free(&alone);
	result_free(&gang);
}

static void gang_leaves_cpus_idle_unless_it_may_backfill(void **state)
{
	static const char *const text =
		HEAD "'host': { 'cpus': 4 %s }, "
		     "'vms': { 'a': { 'count': 2, 'vcpus': 2, 'workload': 'w' } }," HOGS(2);
	double strict = metric(text, ", 'cosched': { 'policy': 'gang' }", "host", "cpu.idle");
	double filled = metric(text, ", 'cosched': { 'policy': 'gang', 'backfill': true }", "host",
			       "cpu.idle");

	assert_true(fabs(strict - 0.5) < 0.01);
	assert_true(filled < 0.01);
}

/* The last of four CPUs begins when the frame is over, the first at once. */
static void gang_loses_half_of_a_frame_that_starts_over_all_of_it(void **state)
{
	double idle =
		metric(two_hogs_of_four, ", 'cosched': { 'policy': 'gang', 'skew_ns': '10ms' }",
		       "host", "cpu.idle");

	assert_true(fabs(idle - 0.5) < 0.01);
}

static void gang_runs_a_vm_that_is_larger_than_the_host(void **state)
{
	static const char *const text =
		HEAD "'host': { 'cpus': 2 %s }, "
		     "'vms': { 'a': { 'count': 2, 'vcpus': 4, 'workload': 'w' } }," HOGS(4);
	struct replication_result result = run(text, ", 'cosched': { 'policy': 'gang' }");

	assert_true(value(&result, "host", "cpu.idle") < 0.01);
	assert_true(value(&result, "vm.a", "each.a0.cpu_over_entitlement") > 0.9);
	assert_true(value(&result, "vm.a", "each.a1.cpu_over_entitlement") > 0.9);
	result_free(&result);
}

/* ---- relaxed_cosched ----------------------------------------------------------------------- */

/* One vCPU has a CPU to itself, its sibling shares one. */
static const char *const lopsided = HEAD
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
	const struct host_task *ahead = cosched_vcpu(host, 0, 0);
	const struct host_task *behind = cosched_vcpu(host, 0, 1);

	assert_true(cosched_waited(behind) - cosched_waited(ahead) <=
		    SKEW_HI + SKEW_PERIOD + SKEW_SLACK);
	cosched_relaxed.timer(host);
	assert_false(cosched_stopped(ahead) && cosched_stopped(behind));
}

static void relaxed_bounds_the_skew_and_never_stops_all(void **state)
{
	struct oversub_cosched_policy checked = cosched_relaxed;
	struct scenario *scenario = load(lopsided, RELAXED);
	struct replication_result result;

	checked.timer = check_skew;
	scenario->cosched = &checked;
	result = run_scenario(scenario);
	/* Both vCPUs of a proceed like the slower one; without the policy the other never waits. */
	assert_true(metric(lopsided, "", "vm.a", "time.steal") < 0.35);
	assert_true(value(&result, "vm.a", "time.steal") > 0.45);
	assert_true(value(&result, "vm.b", "time.work") > 0.45);
	result_free(&result);
	scenario_free(scenario);
}

/* ---- demand_cosched ------------------------------------------------------------------------ */

/* A vCPU of its own calls one that shares its CPU with another VM. */
static const char *const caller = HEAD
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
	struct replication_result alone = run(caller, "");
	struct replication_result demand =
		run(caller, ", 'cosched': { 'policy': 'demand_cosched' }");

	assert_true(value(&alone, "vm.a", "ipi_delivery.max") > 1e6);
	assert_true(value(&demand, "vm.a", "ipi_delivery.max") < 20e3);
	/* What the receiver got early it does not get again. */
	assert_true(fabs(value(&demand, "vm.b", "time.work") - value(&alone, "vm.b", "time.work")) <
		    0.03);
	result_free(&alone);
	result_free(&demand);
}

/* The same with calls without a pause: others are to have a base slice after so many. */
static void demand_leaves_a_base_slice_to_others_between_urgent_ones(void **state)
{
	static const char *const storm =
		HEAD "'host': { 'cpus': 2, 'base_slice_ns': '3ms' %s }, 'vms': { "
		     "'a': { 'vcpus': 2, 'pin': [ [0], [1] ], 'workload': 'w' },"
		     "'b': { 'pin': [ [1] ], 'workload': 'v' } }, "
		     "'workloads': { 'w': { 'threads': { "
		     "'caller': { 'program': [ { 'loop': 'forever', 'body': [ { 'run': '20us' }, "
		     "{ 'smp_call': 1 } ] } ] }, "
		     "'called': { 'program': [ { 'loop': 'forever', 'body': [ { 'run': '100us' } ] "
		     "} ] } "
		     "} }, 'v': { 'threads': { 't': { 'program': [ { 'loop': 'forever', 'body': [ "
		     "{ 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }";
	double share = metric(storm,
			      ", 'cosched': { 'policy': 'demand_cosched', 'urgent_slice': '1ms', "
			      "'max_consecutive_urgent': 3 }",
			      "vm.b", "time.work");

	/* Three urgent slices of 1 ms for each base slice of 3 ms. */
	assert_true(share > 0.45);
}

/* Wakes a sibling every 2 ms, and shares its CPU with another VM. */
static const char *const waker =
	HEAD "'host': { 'cpus': 2, 'base_slice_ns': '1ms' %s }, 'vms': { "
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
	if (ipi->vector == 0xfd && cosched_index_of(ipi->source) == 0)
		last_reschedule = cosched_now(cosched_host_of(ipi->source));
	if (counted->ipi)
		counted->ipi(ipi);
}

static void note_preemption(struct pcpu *cpu, struct host_task *prev, struct host_task *next)
{
	const struct host *host = cosched_host_of_cpu(cpu);

	if (prev && prev == cosched_vcpu(host, 0, 0))
		nr_preempted_after += cosched_now(host) - last_reschedule < 400000;
	if (counted->switched)
		counted->switched(cpu, prev, next);
}

/* How often the waker lost its CPU within 400 us of a reschedule IPI of its. */
static int preempted_after_wake(const struct oversub_cosched_policy *policy, const char *cosched)
{
	struct oversub_cosched_policy checked = *policy;
	struct scenario *scenario = load(waker, cosched);
	struct replication_result result;

	last_reschedule = -1000000;
	nr_preempted_after = 0;
	counted = policy;
	checked.ipi = note_reschedule;
	checked.switched = note_preemption;
	checked.needs |= OVERSUB_NEEDS_IPI_ALL;
	scenario->cosched = &checked;
	result = run_scenario(scenario);
	result_free(&result);
	scenario_free(scenario);
	return nr_preempted_after;
}

static void demand_puts_off_the_preemption_of_who_sends_a_reschedule_ipi(void **state)
{
	int alone = preempted_after_wake(&cosched_none, "");
	int put_off = preempted_after_wake(&cosched_demand,
					   ", 'cosched': { 'policy': 'demand_cosched' }");

	/* Only once while it has its CPU. */
	assert_true(alone > 10);
	assert_true(put_off < alone / 5);
}

/* ---- ecs ----------------------------------------------------------------------------------- */

/* Half of the time of a is spent with a lock. */
static const char *const holder = HEAD
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
	if (prev && cosched_vm_of(prev) == 0) {
		nr_preempted++;
		nr_preempted_critical += cosched_published_critical(prev) > 0;
	}
	if (counted->switched)
		counted->switched(cpu, prev, next);
}

/* The part of the preemptions of a that hit it in its critical section. */
static double critical_part(const struct oversub_cosched_policy *policy, const char *cosched,
			    double *share_of_b)
{
	struct oversub_cosched_policy checked = *policy;
	struct scenario *scenario = load(holder, cosched);
	struct replication_result result;

	nr_preempted = 0;
	nr_preempted_critical = 0;
	counted = policy;
	checked.switched = count_preemption;
	checked.needs |= OVERSUB_NEEDS_GUEST_HINT;
	scenario->cosched = &checked;
	result = run_scenario(scenario);
	*share_of_b = value(&result, "vm.b", "time.work");
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
	struct replication_result plain = run(two_chatty, "");
	struct replication_result blind = run(two_chatty, ", 'cosched': { 'policy': 'ecs' }");

	assert_true(alone == in_debt);
	assert_true(value(&plain, "vm.a", "requests_per_s") ==
		    value(&blind, "vm.a", "requests_per_s"));
	result_free(&plain);
	result_free(&blind);
}

/* ---- usliced ------------------------------------------------------------------------------- */

static void usliced_delivers_ipis_within_a_few_micro_slices(void **state)
{
	static const char *const text = HEAD
		"'host': { 'cpus': 4, 'base_slice_ns': '3ms' %s }, 'vms': { "
		"'a': { 'vcpus': 3, 'workload': 'w' }, "
		"'b': { 'count': 2, 'vcpus': 3, 'workload': 'v' } }, "
		"'workloads': { 'w': { 'threads': { 't': { 'count': 3, 'program': [ "
		"{ 'loop': 'forever', 'body': [ { 'run': { 'exponential': { 'mean': '700us' } } }, "
		"{ 'smp_call': 'random_other', 'wait': true } ] } ] } } }, "
		"'v': { 'threads': { 't': { 'count': 3, 'program': [ { 'loop': 'forever', 'body': "
		"[ "
		"{ 'request': 'r', 'body': [ { 'run': '100us' } ] } ] } ] } } } } }";
	struct replication_result alone = run(text, "");
	struct replication_result micro =
		run(text, ", 'cosched': { 'policy': 'usliced', 'profile': 0 }");

	assert_true(value(&alone, "vm.a", "ipi_delivery.p90") > 1e6);
	assert_true(value(&micro, "vm.a", "ipi_delivery.p90") < 0.3e6);
	/* Those who compute lose the CPU of the pool and no more. */
	assert_true(value(&micro, "vm.b", "time.work") >
		    0.75 * value(&alone, "vm.b", "time.work") - 0.02);
	result_free(&alone);
	result_free(&micro);
}

static void usliced_keeps_no_pool_for_vms_that_wait_for_nobody(void **state)
{
	double idle = metric(two_hogs_of_four, ", 'cosched': { 'policy': 'usliced' }", "host",
			     "cpu.idle");

	/* But for the 10 ms, in the warm-up, in which a pool of one was tried. */
	assert_true(idle < 0.001);
}

/* ---- All of them --------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

/* Append an op that every VM has the means for; locks are let go at once. */
static void random_op(uint64_t *seed, char *text, size_t size)
{
	static const char *const ops[] = {
		"{ 'run': { 'exponential': { 'mean': '40us' } } }",
		"{ 'run': { 'uniform': { 'min': '1us', 'max': '500us' } }, 'mode': 'kernel' }",
		"{ 'lock': 'l' }, { 'run': '8us', 'mode': 'kernel' }, { 'unlock': 'l' }",
		"{ 'lock': 'm' }, { 'run': '30us' }, { 'unlock': 'm' }",
		"{ 'smp_call': 'random_other', 'wait': true }",
		"{ 'smp_call': 'next' }",
		"{ 'tlb_flush': 'others' }",
		"{ 'sleep': { 'exponential': { 'mean': '300us' } } }",
		"{ 'wake': 'e' }",
		"{ 'io': '80us' }",
		"{ 'yield': true }",
	};
	size_t used = strlen(text);

	snprintf(text + used, size - used, ", %s",
		 ops[next_random(seed) % (sizeof(ops) / sizeof(*ops))]);
}

static void random_program(uint64_t *seed, char *text, size_t size)
{
	int nr = 2 + (int)(next_random(seed) % 4);

	snprintf(text, size,
		 "[ { 'loop': 'forever', 'body': [ { 'request': 'r', 'body': [ "
		 "{ 'run': '10us' }");
	for (int i = 0; i < nr; i++)
		random_op(seed, text, size);
	strncat(text, " ] } ] } ]", size - strlen(text) - 1);
}

static struct scenario *random_world(uint64_t *seed, const char *policy)
{
	static const char *const format =
		"{ 'oversub_scenario': 1, 'run': { 'warmup': '1ms', 'measure': '400ms' }, "
		"'host': { 'cpus': %d, 'llc_cpus': %d, 'cgroup_layout': '%s', "
		"'cosched': { 'policy': '%s' } }, "
		"'yield': { 'candidate': { 'policy': '%s' } }, "
		"'vm_defaults': { 'guest_hint': %s, 'apicv': '%s' }, 'vms': { "
		"'a': { 'count': 2, 'vcpus': %d, 'workload': 'v' }, "
		"'b': { 'vcpus': 3, 'workload': 'w', 'cpu_max': { 'quota': %s } } }, "
		"'workloads': { 'v': { 'locks': { 'l': 'queued', 'm': 'mutex' }, "
		"'events': [ 'e' ], 'threads': { 't': { 'count': %d, 'program': %s } } }, "
		"'w': { 'locks': { 'l': 'tas', 'm': 'rwsem' }, 'events': [ 'e' ], 'threads': { "
		"'s': { 'count': 2, 'program': %s }, 't': { 'program': %s } } } } }";
	static const char *const layouts[] = {"vm", "vcpu", "none"};
	static const char *const candidates[] = {"none", "mainline", "v3"};
	int cpus = 2 + 2 * (int)(next_random(seed) % 2);
	int vcpus = 2 + (int)(next_random(seed) % 4);
	int layout = (int)(next_random(seed) % 3);
	struct oversub_error error = {""};
	struct scenario *scenario;
	char programs[3][2048];
	char text[9000];

	for (int i = 0; i < 3; i++)
		random_program(seed, programs[i], sizeof(programs[i]));
	snprintf(text, sizeof(text), format, cpus, cpus == 4 ? 2 : 0, layouts[layout], policy,
		 candidates[next_random(seed) % 3], next_random(seed) % 2 ? "true" : "false",
		 next_random(seed) % 2 ? "on" : "off", vcpus,
		 layout < 2 && next_random(seed) % 2 ? "'60ms'" : "0", vcpus, programs[0],
		 programs[1], programs[2]);
	if (load_text(text, NULL, &scenario, &error) != OVERSUB_OK)
		fail_msg("%s", error.message);
	return scenario;
}

/* world_run() checks that all time is accounted for, and the other invariants on the way. */
static void nobody_starves_and_all_time_is_accounted_for_under_any_policy(void **state)
{
	for (int i = 0; oversub_cosched_policies[i]; i++) {
		for (uint64_t n = 1; n <= 8; n++) {
			const char *policy = oversub_cosched_policies[i]->name;
			uint64_t seed = n;
			struct scenario *scenario = random_world(&seed, policy);
			struct replication_result result;

			print_message("%s, seed %d\n", policy, (int)n);
			result = run_scenario(scenario);
			for (int vm = 0; vm < 3; vm++) {
				static const char *const scopes[] = {"vm.a", "vm.a", "vm.b"};
				static const char *const rates[] = {"each.a0.requests_per_s",
								    "each.a1.requests_per_s",
								    "requests_per_s"};

				assert_true(value(&result, scopes[vm], rates[vm]) > 0);
			}
			assert_true(value(&result, "vm.a", "unfinished_oldest") < 300e6);
			result_free(&result);
			scenario_free(scenario);
		}
	}
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
		cmocka_unit_test(usliced_keeps_no_pool_for_vms_that_wait_for_nobody),
		cmocka_unit_test(nobody_starves_and_all_time_is_accounted_for_under_any_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
