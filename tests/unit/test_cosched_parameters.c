/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parameters and the smaller rules of the co-scheduling policies bring about, each in a
 * world where nothing else can.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "cosched_world.h"
#include "models/policies/builtin.h"

#define FOREVER(...) "[ { 'loop': 'forever', 'body': [ " __VA_ARGS__ " ] } ]"
#define COMPUTES     "'program': " FOREVER("{ 'request': 'r', 'body': [ { 'run': '100us' } ] }")
/* A workload of one class of threads. */
#define ONLY(name_, ...) "'" name_ "': { 'threads': { 't': { " __VA_ARGS__ " } } }"

/* ---- balance ------------------------------------------------------------------------------- */

/* Two VMs whose vCPUs sleep and wake all the time. */
static const char *const sleepers = COSCHED_HEAD
	"'host': { 'cpus': 4, 'llc_cpus': 2 %s }, "
	"'vms': { 'a': { 'count': 2, 'vcpus': 4, 'workload': 'w' } }, 'workloads': { " ONLY(
		"w", "'count': 4, 'program': " FOREVER(
			     "{ 'run': { 'exponential': { 'mean': '300us' } } }, "
			     "{ 'sleep': { 'exponential': { 'mean': '300us' } } }")) " } }";

/* Of the placements in a run: those elsewhere than proposed. */
static struct {
	int elsewhere;
	int other_llc; /* on another last-level cache than proposed */
	int beside;    /* beside a sibling that has begun, though a CPU had none */
	int not_least; /* while a CPU without a sibling had fewer tasks */
} placed;

static bool has_sibling(const struct host_task *vcpu, const struct pcpu *cpu)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	int vm = oversub_cosched_vm_of(vcpu);

	for (int i = 0; i < oversub_cosched_nr_vcpus(host, vm); i++) {
		const struct host_task *sibling = oversub_cosched_vcpu(host, vm, i);

		if (sibling != vcpu && oversub_cosched_started(sibling) &&
		    oversub_cosched_cpu_of(sibling) == cpu)
			return true;
	}
	return false;
}

static struct pcpu *count_placement(struct host_task *vcpu, struct pcpu *proposed)
{
	const struct host *host = oversub_cosched_host_of(vcpu);
	struct pcpu *chosen = cosched_balance.place(vcpu, proposed);
	bool beside = has_sibling(vcpu, chosen);

	placed.elsewhere += chosen != proposed;
	placed.other_llc += !oversub_cosched_same_llc(chosen, proposed);
	for (int i = 0; i < oversub_cosched_nr_cpus(host); i++) {
		const struct pcpu *cpu = oversub_cosched_cpu(host, i);

		if (has_sibling(vcpu, cpu))
			continue;
		placed.beside += beside;
		placed.not_least +=
			chosen != proposed && !beside &&
			oversub_cosched_nr_queued(cpu) < oversub_cosched_nr_queued(chosen);
		beside = false;
	}
	return chosen;
}

static void place_all(const char *cosched)
{
	struct oversub_cosched_policy checked = cosched_balance;
	struct scenario *scenario = cosched_load(sleepers, cosched);
	struct replication_result result;

	checked.place = count_placement;
	/* Only place decides: whoever the balancer moved would be where place did not put him. */
	checked.may_move = NULL;
	scenario->chosen[OVERSUB_COSCHED].policy = &checked.head;
	placed.elsewhere = placed.other_llc = placed.beside = placed.not_least = 0;
	result = cosched_run_scenario(scenario);
	result_free(&result);
	scenario_free(scenario);
}

static void balance_looks_for_the_least_loaded_cpu_in_its_scope(void **state)
{
	place_all(", 'balance': 'none', 'cosched': { 'policy': 'balance' }");
	assert_int_equal(placed.beside, 0);
	assert_int_equal(placed.not_least, 0);
	place_all(", 'balance': 'none', 'cosched': { 'policy': 'balance', 'strict': false }");
	assert_true(placed.elsewhere > 10);
	assert_true(placed.other_llc > 10);
	assert_true(placed.beside > 10);
	place_all(", 'balance': 'none', 'cosched': { 'policy': 'balance', 'strict': false, "
		  "'scope': 'llc' }");
	assert_true(placed.elsewhere > 10);
	assert_int_equal(placed.other_llc, 0);
}

/* A vCPU of a shares its CPU with b, while its sibling on the other CPU sleeps for good. */
static void the_balancer_moves_a_vcpu_beside_a_sleeping_sibling_only_if_that_may_be(void **state)
{
	static const char *const text = COSCHED_HEAD
		"'host': { 'cpus': 2, 'start': 'boot' %s }, "
		"'vms': { 'a': { 'vcpus': 2, 'workload': 'w' }, "
		"'b': { 'pin': [ [0] ], 'workload': 'v' }, "
		"'c': { 'pin': [ [0] ], 'workload': 'v' } }, 'workloads': { "
		"'w': { 'threads': { 't': { " COMPUTES " }, 'sleeper': { 'program': " FOREVER(
			"{ 'sleep': '10s' }") " } } }, " ONLY("v", COMPUTES) " } }";
	double strict =
		cosched_metric(text, ", 'cosched': { 'policy': 'balance' }", "host", "cpu.idle");
	double lax = cosched_metric(text, ", 'cosched': { 'policy': 'balance', 'strict': false }",
				    "host", "cpu.idle");

	/* The CPU of the sleeper is nobody else's, or it is. */
	assert_true(fabs(strict - 0.5) < 0.01);
	assert_true(lax < 0.01);
}

/* ---- gang ---------------------------------------------------------------------------------- */

static void gang_backfills_with_whole_vms_only(void **state)
{
	static const char *const text = COSCHED_HEAD
		"'host': { 'cpus': 4 %s }, 'vms': { 'a': { 'count': 2, 'vcpus': 3, 'workload': 'w' "
		"} }, 'workloads': { " ONLY("w", "'count': 3, " COMPUTES) " } }";
	double idle = cosched_metric(text, ", 'cosched': { 'policy': 'gang', 'backfill': true }",
				     "host", "cpu.idle");

	assert_true(fabs(idle - 0.25) < 0.01);
}

static void gang_gives_no_frame_to_a_vm_that_sleeps(void **state)
{
	static const char *const text = COSCHED_HEAD
		"'host': { 'cpus': 2 %s }, 'vms': { 'a': { 'vcpus': 2, 'workload': 'w' }, "
		"'b': { 'vcpus': 2, 'workload': 'v' } }, 'workloads': { " ONLY(
			"w",
			"'count': 2, " COMPUTES) ", " ONLY("v",
							   "'count': 2, 'program': " FOREVER(
								   "{ 'sleep': '10s' }")) " } }";
	double idle = cosched_metric(text, ", 'cosched': { 'policy': 'gang' }", "host", "cpu.idle");

	/* But for the frames in which the guest of b ticks once. */
	assert_true(idle < 0.05);
}

/* ---- relaxed_cosched ----------------------------------------------------------------------- */

/* vCPU 1 of a shares its CPU, vCPU 0 has one of its own. */
#define LOPSIDED(program_)                                                                         \
	COSCHED_HEAD "'host': { 'cpus': 2 %s }, 'vms': { "                                         \
		     "'a': { 'vcpus': 2, 'pin': [ [0], [1] ], 'workload': 'w' },"                  \
		     "'b': { 'pin': [ [1] ], 'workload': 'v' } }, 'workloads': { "                 \
		     "'w': { 'threads': { 's': { 'program': " program_ " }, 't': { " COMPUTES      \
		     " } } }, " ONLY("v", COMPUTES) " } }"

static void relaxed_stops_less_often_the_farther_apart_its_bounds_are(void **state)
{
	static const char *const text =
		LOPSIDED(FOREVER("{ 'request': 'r', 'body': [ { 'run': '100us' } ] }"));
	double close = cosched_metric(
		text, ", 'cosched': { 'policy': 'relaxed_cosched', 'skew_lo': '3ms' }", "host",
		"cosched.stops_per_s");
	struct replication_result far =
		cosched_run(text, ", 'cosched': { 'policy': 'relaxed_cosched', 'skew_lo': 0 }");

	assert_true(cosched_value(&far, "host", "cosched.stops_per_s") > 5);
	assert_true(close > 1.5 * cosched_value(&far, "host", "cosched.stops_per_s"));
	/* Whoever is last goes on, although nobody is ever less ahead than 0. */
	assert_true(cosched_value(&far, "vm.a", "time.work") > 0.4);
	result_free(&far);
}

/* While vCPU 0 sleeps its sibling waits for 25 ms, which is not held against it. */
static void relaxed_does_not_make_sleepers_wait_for_what_others_waited(void **state)
{
	static const char *const text = LOPSIDED(
		FOREVER("{ 'sleep': '50ms' }, { 'request': 's', 'body': [ { 'run': '5ms' } ] }"));
	double slowest = cosched_metric(text, ", 'cosched': { 'policy': 'relaxed_cosched' }",
					"vm.a", "request.s.max");

	/* The distance that it gains by its own 5 ms is: some ms for each ms, but not 25 more. */
	assert_true(slowest < 25e6);
}

/* ---- demand_cosched ------------------------------------------------------------------------ */

/* A vCPU of its own wakes one that shares its CPU with a VM that computes. */
#define WAKES(every_)                                                                                                \
	COSCHED_HEAD                                                                                                 \
	"'host': { 'cpus': 2, 'base_slice_ns': '3ms' %s }, 'vms': { "                                                \
	"'a': { 'vcpus': 2, 'pin': [ [0], [1] ], 'workload': 'w' },"                                                 \
	"'b': { 'pin': [ [1] ], 'workload': 'v' } }, 'workloads': { "                                                \
	"'w': { 'events': [ 'e' ], 'threads': { 'waker': { 'program': " FOREVER(                                     \
		"{ 'run': "                                                                                          \
		"'" every_ "' }, "                                                                                   \
		"{ "                                                                                                 \
		"'wake"                                                                                              \
		"': "                                                                                                \
		"'e' "                                                                                               \
		"}") " }, 'woken': { 'program': " FOREVER("{ 'wait': 'e' }, { 'run': '20us' }") " } } }, " ONLY("v", \
														COMPUTES) " } }"

static void demand_is_about_the_vectors_that_it_is_told(void **state)
{
	static const char *const text = WAKES("2ms");
	const char *const urgent = "cosched.urgent_per_s";

	assert_true(cosched_metric(text, ", 'cosched': { 'policy': 'demand_cosched' }", "host",
				   urgent) == 0);
	/* A reschedule IPI to a vCPU that sleeps counts as one to a preempted one. */
	assert_true(cosched_metric(
			    text, ", 'cosched': { 'policy': 'demand_cosched', 'last_vector': 253 }",
			    "host", urgent) > 300);
}

/* The waker shares its CPU, and would keep it for ever. */
static void demand_puts_off_a_preemption_once(void **state)
{
	static const char *const text = COSCHED_HEAD
		"'host': { 'cpus': 2, 'base_slice_ns': '1ms' %s }, "
		"'vms': { "
		"'a': { 'vcpus': 2, 'pin': [ [0], [1] ], 'workload': "
		"'w' },"
		"'b': { 'pin': [ [0] ], 'workload': 'v' } }, "
		"'workloads': { "
		"'w': { 'events': [ 'e' ], 'threads': { 'waker': { "
		"'program': " FOREVER(
			"{ 'run': '50us' }, { 'wake': "
			"'e' }") " }, 'woken': { "
				 "'program': " FOREVER("{"
						       " "
						       "'"
						       "w"
						       "a"
						       "i"
						       "t"
						       "'"
						       ":"
						       " "
						       "'"
						       "e"
						       "'"
						       " "
						       "}"
						       ","
						       " "
						       "{"
						       " "
						       "'"
						       "r"
						       "u"
						       "n"
						       "'"
						       ":"
						       " "
						       "'"
						       "2"
						       "0"
						       "u"
						       "s"
						       "'"
						       " "
						       "}") " } } }, " ONLY("v", COMPUTES) " } }";
	double share = cosched_metric(text, ", 'cosched': { 'policy': 'demand_cosched' }", "vm.b",
				      "time.work");

	assert_true(share > 0.45);
}

/* ---- ecs ----------------------------------------------------------------------------------- */

#define MAX_DEBT 2000000

/* a is never out of its critical section, and waits for a fifth of the time only. */
static const char *const always_critical = COSCHED_HEAD
	"'host': { 'cpus': 1, 'base_slice_ns': '1ms' %s }, 'vms': { "
	"'a': { 'guest_hint': true, 'cpu_weight': 400, 'workload': 'w' }, 'b': { 'workload': 'v' } "
	"}, "
	"'workloads': { 'w': { 'locks': { 'l': 'queued' }, 'threads': { 't': { 'program': [ "
	"{ 'lock': 'l' }, { 'loop': 'forever', 'body': [ { 'run': '100us' } ] } ] } } }, " ONLY(
		"v", COMPUTES) " } }";

static int64_t granted_in_all;
static int nr_grants;

/* An extension is paid for by waiting, but for max_debt. */
static int64_t count_grant(struct pcpu *cpu, struct host_task *vcpu)
{
	int64_t granted = cosched_ecs.preempt(cpu, vcpu);

	if (oversub_cosched_vm_of(vcpu) != 0)
		return granted;
	granted_in_all += granted;
	nr_grants += granted > 0;
	assert_true(granted_in_all <= oversub_cosched_waited(vcpu) + MAX_DEBT);
	return granted;
}

static void ecs_grants_one_extension_a_stay_for_as_long_as_it_is_paid_back(void **state)
{
	struct oversub_cosched_policy checked = cosched_ecs;
	struct scenario *scenario = cosched_load(
		always_critical, ", 'cosched': { 'policy': 'ecs', 'extra_ns': '2ms' }");
	struct replication_result result;

	granted_in_all = 0;
	nr_grants = 0;
	checked.preempt = count_grant;
	scenario->chosen[OVERSUB_COSCHED].policy = &checked.head;
	result = cosched_run_scenario(scenario);
	assert_true(nr_grants > 20);
	assert_true(fabs(cosched_value(&result, "vm.b", "time.work") - 0.2) < 0.05);
	result_free(&result);
	scenario_free(scenario);
}

/* ---- usliced ------------------------------------------------------------------------------- */

/* Nobody waits for a reschedule IPI, so that nobody spins. */
static void usliced_accelerates_receivers_that_nobody_spins_for(void **state)
{
	static const char *const text = COSCHED_HEAD
		"'host': { 'cpus': 4, 'base_slice_ns': '3ms' %s }, 'vms': { "
		"'a': { 'vcpus': 3, 'workload': 'w' }, "
		"'b': { 'count': 2, 'vcpus': 3, 'workload': 'v' } }, 'workloads': { " ONLY(
			"w",
			"'count': 3, 'program': " FOREVER(
				"{ 'run': { 'exponential': { 'mean': '700us' } } }, "
				"{ 'resched': 'random_other' }")) ", " ONLY("v",
									    "'count': "
									    "3, " COMPUTES) " } }";
	struct replication_result alone = cosched_run(text, "");
	struct replication_result micro =
		cosched_run(text, ", 'cosched': { 'policy': 'usliced', 'profile': 0 }");

	assert_true(cosched_value(&micro, "vm.a", "ple_exits_per_s") == 0);
	assert_true(cosched_value(&alone, "vm.a", "ipi_delivery.p90") > 1e6);
	assert_true(cosched_value(&micro, "vm.a", "ipi_delivery.p90") < 0.3e6);
	result_free(&alone);
	result_free(&micro);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(balance_looks_for_the_least_loaded_cpu_in_its_scope),
		cmocka_unit_test(
			the_balancer_moves_a_vcpu_beside_a_sleeping_sibling_only_if_that_may_be),
		cmocka_unit_test(gang_backfills_with_whole_vms_only),
		cmocka_unit_test(gang_gives_no_frame_to_a_vm_that_sleeps),
		cmocka_unit_test(relaxed_stops_less_often_the_farther_apart_its_bounds_are),
		cmocka_unit_test(relaxed_does_not_make_sleepers_wait_for_what_others_waited),
		cmocka_unit_test(demand_is_about_the_vectors_that_it_is_told),
		cmocka_unit_test(demand_puts_off_a_preemption_once),
		cmocka_unit_test(ecs_grants_one_extension_a_stay_for_as_long_as_it_is_paid_back),
		cmocka_unit_test(usliced_accelerates_receivers_that_nobody_spins_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
