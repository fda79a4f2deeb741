/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frame around co-scheduling policies, and what must hold under any of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cosched_world.h"
#include "scenario_text.h"
#include "sim/scenario/policy_registry.h"

/* ---- The frame ----------------------------------------------------------------------------- */

/* Do all that such a hook must not do. */
static void misbehave(struct pcpu *cpu, struct host_task *vcpu)
{
	struct host *host = oversub_cosched_host_of_cpu(cpu);

	oversub_cosched_stop(vcpu);
	oversub_cosched_run_next(vcpu, 1000);
	oversub_cosched_prefer(vcpu);
	oversub_cosched_migrate(vcpu, oversub_cosched_cpu(host, 0));
	oversub_cosched_add_refill(vcpu, 1000);
	oversub_cosched_resched(cpu);
	oversub_cosched_set_timer(host, 0);
}

static struct host_task *bad_pick(struct pcpu *cpu, struct host_task *proposed, int64_t *slice_ns)
{
	misbehave(cpu, oversub_cosched_vcpu(oversub_cosched_host_of_cpu(cpu), 0, 0));
	/* One that is queued elsewhere, or runs elsewhere, or sleeps. */
	for (int i = 0; proposed && i < 4; i++) {
		struct host_task *other =
			oversub_cosched_vcpu(oversub_cosched_host_of_cpu(cpu), 0, i);

		if (oversub_cosched_cpu_of(other) != cpu)
			return other;
	}
	return proposed;
}

static struct pcpu *bad_place(struct host_task *vcpu, struct pcpu *proposed)
{
	misbehave(proposed, vcpu);
	return NULL;
}

static bool bad_may_move(const struct host_task *vcpu, const struct pcpu *to)
{
	misbehave(oversub_cosched_cpu_of(vcpu), (struct host_task *)vcpu);
	return true;
}

static int64_t bad_preempt(struct pcpu *cpu, struct host_task *vcpu)
{
	misbehave(cpu, vcpu);
	return -1;
}

static void hooks_that_decide_can_do_nothing_else(void **state)
{
	static const struct oversub_cosched_policy bad = {
		OVERSUB_COSCHED_POLICY, .head.name = "bad", .head.help = "",
		.pick = bad_pick,	.place = bad_place, .may_move = bad_may_move,
		.preempt = bad_preempt,
	};
	struct replication_result plain = cosched_run(two_chatty, "");
	struct scenario *scenario = cosched_load(two_chatty, "");
	struct replication_result result;

	scenario->chosen[OVERSUB_COSCHED].policy = &bad.head;
	result = cosched_run_scenario(scenario);
	cosched_assert_same(&plain, &result);
	result_free(&plain);
	result_free(&result);
	scenario_free(scenario);
}

/* What a policy has come to know. */
static struct {
	int ipis;
	int critical; /* vCPUs that were in critical sections or code when they lost their CPU */
} known;

static void count_ipi(const struct oversub_cosched_ipi *ipi)
{
	known.ipis++;
}

static void look(struct pcpu *cpu, struct host_task *prev, struct host_task *next)
{
	if (prev)
		known.critical += oversub_cosched_published_critical(prev) > 0 ||
				  oversub_cosched_critical(prev);
}

static void run_knowing(uint32_t needs)
{
	struct oversub_cosched_policy policy = {
		OVERSUB_COSCHED_POLICY, .head.name = "curious", .head.help = "",
		.head.needs = needs,	.ipi = count_ipi,	.switched = look,
	};
	struct scenario *scenario = cosched_load(two_chatty, "");
	struct replication_result result;

	scenario->chosen[OVERSUB_COSCHED].policy = &policy.head;
	for (int i = 0; i < scenario->nr_vms; i++)
		scenario->vms[i].kvm.guest_hint = true;
	known.ipis = known.critical = 0;
	result = cosched_run_scenario(scenario);
	result_free(&result);
	scenario_free(scenario);
}

static void a_policy_knows_only_what_it_has_asked_for(void **state)
{
	run_knowing(0);
	assert_int_equal(known.ipis, 0);
	assert_int_equal(known.critical, 0);
	run_knowing(OVERSUB_NEEDS_IPI_SOFT);
	assert_true(known.ipis > 100);
	assert_int_equal(known.critical, 0);
	run_knowing(OVERSUB_NEEDS_GUEST_HINT);
	assert_true(known.critical > 0);
	run_knowing(OVERSUB_NEEDS_GUEST_CODE);
	assert_true(known.critical > 0);
}

static struct host_task *moved;

/* One that waits for a CPU is to run at once, and then rather elsewhere. */
static void move_one_out_of_turn(struct host *host)
{
	struct pcpu *to;

	if (moved) {
		assert_true(oversub_cosched_on_cpu(moved));
		moved = NULL;
		oversub_cosched_set_timer(host, oversub_cosched_now(host) + 5000000);
		return;
	}
	for (int i = 0; i < 4; i++)
		if (!oversub_cosched_on_cpu(oversub_cosched_vcpu(host, 0, i)))
			moved = oversub_cosched_vcpu(host, 0, i);
	assert_non_null(moved);
	to = oversub_cosched_cpu(host, !oversub_cosched_cpu_index(oversub_cosched_cpu_of(moved)));
	assert_true(oversub_cosched_run_next(moved, 1000000));
	assert_true(oversub_cosched_migrate(moved, to));
	assert_true(oversub_cosched_run_next(moved, 1000000));
	assert_true(oversub_cosched_run_next(moved, 1000000));
	oversub_cosched_set_timer(host, oversub_cosched_now(host) + 100000);
}

static void begin_in_5_ms(struct host *host)
{
	moved = NULL;
	oversub_cosched_set_timer(host, 5000000);
}

static void who_is_moved_on_its_way_to_a_cpu_runs_out_of_turn_where_it_arrives(void **state)
{
	static const struct oversub_cosched_policy hasty = {
		OVERSUB_COSCHED_POLICY, .head.name = "hasty",	       .head.help = "",
		.start = begin_in_5_ms, .timer = move_one_out_of_turn,
	};
	static const char *const text = COSCHED_HEAD
		"'host': { 'cpus': 2, 'base_slice_ns': '10ms', 'balance': 'none' %s }, "
		"'vms': { 'a': { 'vcpus': 4, 'workload': 'w' } }, 'workloads': { 'w': { "
		"'threads': { 't': { 'count': 4, 'program': [ { 'loop': 'forever', 'body': [ "
		"{ 'run': '100us' } ] } ] } } } } }";
	struct scenario *scenario = cosched_load(text, "");
	struct replication_result result;

	scenario->chosen[OVERSUB_COSCHED].policy = &hasty.head;
	result = cosched_run_scenario(scenario);
	assert_true(cosched_value(&result, "host", "cosched.urgent_per_s") > 100);
	result_free(&result);
	scenario_free(scenario);
}

static int64_t keep_for_ever(struct pcpu *cpu, struct host_task *vcpu)
{
	return 1000000000;
}

/* The policy lets nobody be preempted; but that is not what a yield is. */
static void who_yields_cannot_keep_its_cpu(void **state)
{
	static const struct oversub_cosched_policy greedy = {
		OVERSUB_COSCHED_POLICY,
		.head.name = "greedy",
		.head.help = "",
		.preempt = keep_for_ever,
	};
	static const char *const text = COSCHED_HEAD
		"'host': { 'cpus': 1 %s }, 'yield': { 'candidate': { 'policy': 'sched_yield' } }, "
		"'vms': { 'a': { 'vcpus': 2, 'workload': 'w' } }, "
		"'workloads': { 'w': { 'threads': { 't': { 'count': 2, 'program': [ { 'loop': "
		"'forever', 'body': [ { 'request': 'r', 'body': [ { 'run': '100us' }, "
		"{ 'smp_call': 'next', 'wait': true } ] } ] } ] } } } } }";
	struct scenario *scenario = cosched_load(text, "");
	struct replication_result result;

	scenario->chosen[OVERSUB_COSCHED].policy = &greedy.head;
	result = cosched_run_scenario(scenario);
	assert_true(cosched_value(&result, "vm.a", "requests_per_s") > 1000);
	result_free(&result);
	scenario_free(scenario);
}

static void a_wrong_name_is_told_with_its_path_and_the_right_ones(void **state)
{
	struct scenario *scenario;
	struct oversub_error error = {""};
	char text[4096];

	snprintf(text, sizeof(text), two_chatty, ", 'cosched': { 'policy': 'gangs' }");
	assert_int_equal(load_text(text, NULL, &scenario, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "host.cosched.policy"));
	assert_non_null(strstr(error.message, "gang"));
	snprintf(text, sizeof(text), two_chatty, ", 'cosched': { 'policy': 'gang', 'strict': 1 }");
	assert_int_equal(load_text(text, NULL, &scenario, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "host.cosched"));
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
	const struct oversub_policy *head;

	for (int i = 0; (head = policy_registry_at(&policy_registry_builtin, OVERSUB_COSCHED, i));
	     i++) {
		for (uint64_t n = 1; n <= 8; n++) {
			const char *policy = head->name;
			uint64_t seed = n;
			struct scenario *scenario = random_world(&seed, policy);
			struct replication_result result;

			print_message("%s, seed %d\n", policy, (int)n);
			result = cosched_run_scenario(scenario);
			for (int vm = 0; vm < 3; vm++) {
				static const char *const scopes[] = {"vm.a", "vm.a", "vm.b"};
				static const char *const rates[] = {"each.a0.requests_per_s",
								    "each.a1.requests_per_s",
								    "requests_per_s"};

				assert_true(cosched_value(&result, scopes[vm], rates[vm]) > 0);
			}
			/* unfinished_oldest is also the age of a signal that nobody waits for. */
			assert_true(cosched_value(&result, "vm.a", "runqueue_wait.max") < 300e6);
			result_free(&result);
			scenario_free(scenario);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_that_decide_can_do_nothing_else),
		cmocka_unit_test(a_policy_knows_only_what_it_has_asked_for),
		cmocka_unit_test(
			who_is_moved_on_its_way_to_a_cpu_runs_out_of_turn_where_it_arrives),
		cmocka_unit_test(who_yields_cannot_keep_its_cpu),
		cmocka_unit_test(a_wrong_name_is_told_with_its_path_and_the_right_ones),
		cmocka_unit_test(nobody_starves_and_all_time_is_accounted_for_under_any_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
