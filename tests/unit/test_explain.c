/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where time went: by hand-written traces to the ns, and by worlds built so that it is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario_text.h"
#include "sim/explain/explain.h"
#include "sim/explain/report.h"
#include "sim/explain/verify.h"
#include "sim/run/world.h"

/* ---- Traces by hand ------------------------------------------------------------------------- */

/* Pids: vCPUs 0 and 1 of VM a are 1 and 2, vCPU 0 of VM b is 3, a host thread is 4. */
static const char *const names[] = {"swapper", "a/vcpu0", "a/vcpu1", "b/vcpu0", "vhost"};

struct script {
	struct explain *explain;
	struct oversub_error error;
};

static void begin(struct script *script)
{
	const struct explain_options options = {.ipi_flight_ns = 100, .top = 3};

	script->explain = explain_new(&options);
	assert_non_null(script->explain);
}

static const struct explanation *finish(struct script *script, int64_t end)
{
	assert_int_equal(explain_finish(script->explain, end, &script->error), OVERSUB_OK);
	return explain_result(script->explain);
}

static void emit(struct script *script, int64_t time, int cpu, int pid, struct trace_record record)
{
	record.time = time;
	record.cpu = cpu;
	record.comm = names[pid];
	record.pid = pid;
	trace_write(explain_sink(script->explain), &record);
}

/* What pid does, or what happens while it runs on cpu. */
#define EMIT(script, time, cpu, pid, event, ...)                                                   \
	emit((script), (time), (cpu), (pid), TRACE_RECORD(event, __VA_ARGS__))

static void switches(struct script *script, int64_t time, int cpu, int prev, int next,
		     bool runnable)
{
	EMIT(script, time, cpu, prev, sched_switch,
	     .prev_state = runnable ? TRACE_STATE_RUNNING : TRACE_STATE_INTERRUPTIBLE,
	     .next_comm = names[next], .next_pid = next);
}

static void enters(struct script *script, int64_t time, int cpu, int pid)
{
	EMIT(script, time, cpu, pid, kvm_entry, .vcpu = 0);
}

/* vCPU 0 of VM a is on CPU 0 and vCPU 1 on CPU 1, both in guest mode, from 0 on. */
static void both_run(struct script *script)
{
	for (int i = 0; i < 2; i++) {
		EMIT(script, 0, i, 0, sched_wakeup, .pid = 1 + i, .prio = 120, .target_cpu = i,
		     .comm = names[1 + i]);
		switches(script, 0, i, 0, 1 + i, true);
		enters(script, 0, i, 1 + i);
	}
	EMIT(script, 0, 1, 2, sched_wakeup, .pid = 3, .prio = 120, .target_cpu = 1,
	     .comm = names[3]);
	EMIT(script, 0, 1, 2, sched_wakeup, .pid = 4, .prio = 120, .target_cpu = 1,
	     .comm = names[4]);
}

/* vCPU 0 waits from 1000 to 10000 for vCPU 1 to run csd 5. */
static void call_begins(struct script *script)
{
	EMIT(script, 1000, 0, 1, spin_begin, .vcpu = 0, .waits_for = 1, .id = 5, .on = "csd");
}

static void call_ends(struct script *script, int64_t time)
{
	EMIT(script, time, 0, 1, spin_end, .vcpu = 0, .ns = time - 1000, .id = 5, .on = "csd");
}

/* vCPU 1 takes the interrupt at from and unlocks the csd, whose function takes the last 100 ns. */
static void serves(struct script *script, int64_t from, int64_t to)
{
	EMIT(script, from, 1, 2, kvm_inj_virq, .vector = 0xfb);
	EMIT(script, to - 100, 1, 2, csd_function_entry, .vcpu = 1, .id = 5, .caller = 0,
	     .op = "smp_call");
	EMIT(script, to, 1, 2, csd_unlock, .vcpu = 1, .id = 5, .caller = 0, .op = "smp_call");
	EMIT(script, to, 1, 2, irq_exit, .vcpu = 1, .vector = 0xfb);
}

static int64_t awaited(const struct explanation *explanation, enum wait_cause cause,
		       enum cpu_occupant occupant)
{
	return explanation->ns[ROLE_AWAITED][cause][occupant];
}

static int64_t sum_of_causes(const struct explanation *explanation)
{
	int64_t sum = 0;

	for (int cause = 0; cause < WAIT_CAUSES; cause++)
		sum += explanation_cause(explanation, -1, cause);
	return sum;
}

static void each_ns_of_a_call_has_the_cause_that_the_receiver_was_in(void **state)
{
	struct script script;
	const struct explanation *explanation;

	begin(&script);
	both_run(&script);
	call_begins(&script);
	/* 100 ns in flight, then interrupts are off until 2000. */
	EMIT(&script, 2000, 1, 2, kvm_exit, .vcpu = 1, .exit = {TRACE_EXIT_EXTERNAL_INTERRUPT});
	/* In the hypervisor until 2500; VM b has the CPU until 4500, vhost until 5000. */
	switches(&script, 2500, 1, 2, 3, true);
	switches(&script, 4500, 1, 3, 4, true);
	switches(&script, 5000, 1, 4, 2, true);
	/* Being entered for 300 ns, then 600 in the handler and 100 in the function. */
	enters(&script, 5300, 1, 2);
	serves(&script, 5300, 6000);
	/* 50 ns until the spinner sees it. */
	call_ends(&script, 6050);
	explanation = finish(&script, 20000);

	assert_int_equal(explanation->nr_waits, 1);
	assert_int_equal(explanation->wait_ns, 5050);
	assert_int_equal(awaited(explanation, CAUSE_IPI, 0), 100);
	assert_int_equal(awaited(explanation, CAUSE_IRQS_OFF, 0), 900);
	assert_int_equal(awaited(explanation, CAUSE_EXIT, 0), 500 + 300);
	assert_int_equal(awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_OTHER), 2000);
	assert_int_equal(awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_THREAD), 500);
	assert_int_equal(awaited(explanation, CAUSE_EARLIER, 0), 600);
	assert_int_equal(awaited(explanation, CAUSE_NEEDED, 0), 100);
	assert_int_equal(explanation->ns[ROLE_WAITER][CAUSE_NEEDED][0], 50);
	assert_int_equal(sum_of_causes(explanation), 5050);
	assert_string_equal(explanation->kinds[0].what, "smp_call");
	explain_free(script.explain);
}

static void a_yielder_waits_for_the_cpu_that_it_gave_away(void **state)
{
	struct script script;
	const struct explanation *explanation;

	begin(&script);
	both_run(&script);
	/* vCPU 1 yields to somebody in an exit of its own, and then loses its CPU. */
	EMIT(&script, 500, 1, 2, kvm_exit, .vcpu = 1, .exit = {TRACE_EXIT_PAUSE});
	EMIT(&script, 600, 1, 2, yield_to, .vcpu = 1, .target_vcpu = 0, .target_pid = 1, .ret = 1,
	     .right_vcpu = -1, .target_cpu = 0, .target_comm = names[1]);
	switches(&script, 700, 1, 2, 3, true);
	call_begins(&script);
	switches(&script, 4000, 1, 3, 2, true);
	enters(&script, 4000, 1, 2);
	serves(&script, 4000, 4100);
	call_ends(&script, 4100);
	explanation = finish(&script, 20000);
	assert_int_equal(awaited(explanation, CAUSE_YIELDED, OCCUPANT_OTHER), 3000);
	assert_int_equal(awaited(explanation, CAUSE_NEEDED, 0), 100);
	assert_int_equal(explanation->wait_ns, 3100);
	explain_free(script.explain);
}

static void a_chain_ends_at_the_one_that_could_go_on(void **state)
{
	struct script script;
	const struct explanation *explanation;

	begin(&script);
	both_run(&script);
	/* Thread 0 of vCPU 0 holds lock 2 and calls vCPU 1, whose thread 1 waits for the lock. */
	EMIT(&script, 100, 0, 1, lock_owner, .id = 2, .owner_vcpu = 0, .owner_thread = 0,
	     .heir_vcpu = -1, .heir_thread = -1, .lock = "mmap");
	EMIT(&script, 500, 1, 2, lock_wait_begin, .vcpu = 1, .thread = 1, .id = 2, .interrupts = 1,
	     .lock = "mmap");
	EMIT(&script, 500, 1, 2, spin_begin, .vcpu = 1, .waits_for = 0, .id = 2, .on = "mmap");
	EMIT(&script, 800, 1, 2, kvm_exit, .vcpu = 1, .exit = {TRACE_EXIT_EXTERNAL_INTERRUPT});
	switches(&script, 800, 1, 2, 3, true);
	call_begins(&script);
	switches(&script, 3000, 1, 3, 2, true);
	enters(&script, 3000, 1, 2);
	serves(&script, 3000, 3100);
	call_ends(&script, 3100);
	EMIT(&script, 3300, 0, 1, lock_owner, .id = 2, .owner_vcpu = 1, .owner_thread = 1,
	     .heir_vcpu = -1, .heir_thread = -1, .lock = "mmap");
	EMIT(&script, 3350, 1, 2, spin_end, .vcpu = 1, .ns = 2850, .id = 2, .on = "mmap");
	EMIT(&script, 3350, 1, 2, lock_wait_end, .vcpu = 1, .thread = 1, .id = 2, .ns = 2850,
	     .lock = "mmap");
	explanation = finish(&script, 20000);
	/*
	 * The lock waiter waits for the owner, from 1000 on through that for itself: it is
	 * preempted and cannot answer the call.
	 */
	assert_int_equal(explanation->hop_ns[1], 2100);
	assert_int_equal(explanation->wait_ns, 2100 + 2850);
	assert_int_equal(awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_OTHER), 2000 + 2000);
	/* The owner runs 500 to 1000 and 3100 to 3300, and both wait while the function runs. */
	assert_int_equal(awaited(explanation, CAUSE_NEEDED, 0), 500 + 200 + 100 + 100);
	assert_int_equal(explanation->ns[ROLE_WAITER][CAUSE_NEEDED][0], 50);
	assert_int_equal(sum_of_causes(explanation), explanation->wait_ns);
	explain_free(script.explain);
}

static void a_cpu_that_is_spun_on_is_told_from_one_that_works(void **state)
{
	struct script script;
	const struct explanation *explanation;

	begin(&script);
	both_run(&script);
	switches(&script, 500, 1, 2, 3, true);
	enters(&script, 500, 1, 3);
	call_begins(&script);
	EMIT(&script, 2000, 1, 3, spin_begin, .vcpu = 0, .waits_for = -1, .id = 9, .on = "csd");
	EMIT(&script, 5000, 1, 3, spin_end, .vcpu = 0, .ns = 3000, .id = 9, .on = "csd");
	switches(&script, 6000, 1, 3, 2, true);
	explanation = finish(&script, 6000);
	assert_int_equal(awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_OTHER), 1000 + 1000);
	assert_int_equal(awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_OTHER_SPINS), 3000);
	assert_int_equal(explanation->nr_unfinished, 1);
	assert_int_equal(explanation->unfinished_ns, 5000);
	/* Runnable without the CPU were vCPU 1 from 500 on and, all the time, vhost, who is no
	 * vCPU; VM b was so until 500, when a sibling of vCPU 0 worked. */
	assert_int_equal(explanation->stolen[OCCUPANT_OTHER], 500 + 1500 + 1000);
	assert_int_equal(explanation->stolen[OCCUPANT_OTHER_SPINS], 3000);
	explain_free(script.explain);
}

static void yields_are_right_if_they_go_to_the_end_of_the_chain(void **state)
{
	struct script script;
	const struct explain_yields *yields;

	begin(&script);
	both_run(&script);
	switches(&script, 500, 1, 2, 3, true);
	call_begins(&script);
	EMIT(&script, 1500, 0, 1, kvm_exit, .vcpu = 0, .exit = {TRACE_EXIT_PAUSE});
	EMIT(&script, 1600, 0, 1, yield_to, .vcpu = 0, .target_vcpu = 1, .target_pid = 2, .ret = 1,
	     .right_vcpu = 1, .target_cpu = 1, .target_comm = names[2]);
	enters(&script, 1700, 0, 1);
	EMIT(&script, 1800, 1, 3, yield_resolved, .nominee_pid = 2, .honoured = 0, .next_pid = 4,
	     .nominee_comm = names[2]);
	switches(&script, 1800, 1, 3, 4, true);
	switches(&script, 4500, 1, 4, 2, true);
	yields = &finish(&script, 5000)->yields;
	assert_int_equal(yields->taken, 1);
	assert_int_equal(yields->right, 1);
	assert_int_equal(yields->right_futile, 1);
	assert_int_equal(yields->pauses[PAUSE_RIGHT], 1);
	assert_int_equal(yields->runs[PAUSE_RIGHT], 1);
	assert_int_equal((int64_t)yields->run_ns[PAUSE_RIGHT], 3000);
	explain_free(script.explain);
}

/* ---- Worlds --------------------------------------------------------------------------------- */

struct explained_run {
	struct scenario *scenario;
	struct replication_result metrics;
	struct explain *explain;
	const struct explanation *explanation;
};

static void explain_scenario(struct scenario *scenario, struct explained_run *run)
{
	const struct explain_options options = {
		.measure_start = scenario->run.warmup_ns,
		.ipi_flight_ns = scenario->host.costs.ipi_flight_ns,
		.top = 4,
	};
	struct world_options world_options = {.trace_warmup = true};
	struct oversub_error error = {""};

	run->scenario = scenario;
	run->explain = explain_new(&options);
	world_options.trace = explain_sink(run->explain);
	if (world_run(scenario, 0, &world_options, &run->metrics, &error) ||
	    explain_finish(run->explain, scenario->run.warmup_ns + scenario->run.measure_ns,
			   &error))
		fail_msg("%s", error.message);
	run->explanation = explain_result(run->explain);
}

static void explain_text(const char *text, struct explained_run *run)
{
	struct scenario *scenario;
	struct oversub_error error = {""};

	if (load_text(text, NULL, &scenario, &error))
		fail_msg("%s", error.message);
	explain_scenario(scenario, run);
}

static void explain_shipped(const char *name, const char *set, struct explained_run *run)
{
	char texts[3][64] = {"run.measure=60ms", "run.warmup=20ms"};
	struct scenario_override list[3];
	struct scenario_overrides overrides = {.list = list, .nr = set ? 3 : 2};
	struct scenario *scenario;
	struct oversub_error error = {""};

	if (set)
		snprintf(texts[2], sizeof(texts[2]), "%s", set);
	for (int i = 0; i < overrides.nr; i++)
		assert_int_equal(scenario_override_parse(texts[i], &list[i], &error), OVERSUB_OK);
	if (scenario_load(name, &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	explain_scenario(scenario, run);
}

static void run_end(struct explained_run *run)
{
	explain_free(run->explain);
	result_free(&run->metrics);
	scenario_free(run->scenario);
}

/*
 * CPU 0 has the waiter alone; on CPU 1 the owner of the lock, which it holds nearly always, shares
 * with a VM that computes. Nobody yields.
 */
#define LOCK_PROGRAMS                                                                              \
	"  'workloads': {\n"                                                                       \
	"    'lock': { 'locks': { 'l': 'queued' }, 'threads': {\n"                                 \
	"      'waiter': { 'program': [ { 'loop': 'forever', 'body': [\n"                          \
	"        { 'run': '1ms' }, { 'lock': 'l' }, { 'unlock': 'l' } ] } ] },\n"                  \
	"      'owner': { 'program': [ { 'loop': 'forever', 'body': [\n"                           \
	"        { 'lock': 'l' }, { 'run': '20ms', 'mode': 'kernel' }, { 'unlock': 'l' },\n"       \
	"        { 'run': '10us' } ] } ] } } },\n"                                                 \
	"    'compute': { 'threads': { 'hog': { 'program': [ { 'loop': 'forever', 'body': [\n"     \
	"      { 'run': '1ms' } ] } ] } } } },\n"                                                  \
	"  'run': { 'warmup': '50ms', 'measure': '1s', 'seed': 1 } }\n"

static const char *const apart =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 2, 'cgroup_layout': 'none' },\n"
	"  'yield': { 'candidate': { 'policy': 'none' } },\n"
	"  'vms': { 'a': { 'vcpus': 2, 'workload': 'lock', 'pin': [[0], [1]] },\n"
	"           'hog': { 'vcpus': 1, 'workload': 'compute', 'pin': [[1]] } },\n" LOCK_PROGRAMS;

/* The same three on one CPU. */
static const char *const together =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 1, 'cgroup_layout': 'vcpu' },\n"
	"  'yield': { 'candidate': { 'policy': 'none' } },\n"
	"  'vms': { 'a': { 'vcpus': 2, 'workload': 'lock' },\n"
	"           'hog': { 'vcpus': 1, 'workload': 'compute' } },\n" LOCK_PROGRAMS;

/* Two CPUs for VM a, but less than half of their time. */
static const char *const limited =
	"{ 'oversub_scenario': 1, 'host': { 'cpus': 2 },\n"
	"  'vms': { 'a': { 'vcpus': 2, 'workload': 'lock', 'pin': [[0], [1]],\n"
	"    'cpu_max': { 'quota': '40ms' } } },\n" LOCK_PROGRAMS;

static double share(const struct explanation *explanation, int64_t ns)
{
	return (double)ns / (double)explanation->wait_ns;
}

static void a_lock_holder_beside_another_vm_is_preempted_half_of_the_time(void **state)
{
	struct explained_run run;
	const struct explanation *explanation;
	const struct explain_task *most[REPORT_MOST];
	const struct wait_step *longest;
	const struct explain_wait *top;

	explain_text(apart, &run);
	explanation = run.explanation;
	assert_true(share(explanation, awaited(explanation, CAUSE_NEEDED, 0)) > 0.44);
	assert_true(share(explanation, awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_OTHER)) >
		    0.44);
	assert_int_equal(awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_SIBLING), 0);
	assert_int_equal(awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_SIBLING_SPINS), 0);
	assert_int_equal(explanation_cause(explanation, -1, CAUSE_YIELDED), 0);
	assert_int_equal(explanation->user_ns, 0);
	assert_int_equal(explanation->yields.tried, 0);
	assert_int_equal(explanation->hop_ns[0], explanation->wait_ns);

	report_most(explain_table(run.explain), true, most);
	assert_string_equal(most[0]->is.comm, "hog0/vcpu0");
	assert_null(most[1]);
	report_most(explain_table(run.explain), false, most);
	assert_string_equal(most[0]->is.comm, "a0/vcpu1");

	assert_true(explanation->nr_top > 0);
	top = explanation->top[0].wait;
	assert_string_equal(top->waiter->is.comm, "a0/vcpu0");
	assert_string_equal(top->what, "lock l");
	longest = &top->steps[0];
	for (int i = 1; i < top->nr_steps; i++)
		if (top->steps[i].ns > longest->ns)
			longest = &top->steps[i];
	assert_string_equal(longest->end->is.comm, "a0/vcpu1");
	assert_int_equal(longest->cpu, 1);
	if (longest->cause == CAUSE_PREEMPTED)
		assert_string_equal(longest->occupants[0].task->is.comm, "hog0/vcpu0");
	run_end(&run);
}

static void a_spinner_on_the_cpu_of_the_lock_holder_is_in_its_way(void **state)
{
	const struct explanation *explanation;
	struct explained_run run;

	explain_text(together, &run);
	explanation = run.explanation;
	assert_true(share(explanation,
			  awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_SIBLING_SPINS)) > 0.2);
	assert_true(share(explanation, awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_OTHER)) >
		    0.2);
	/* The sibling does nothing but spin while anybody waits. */
	assert_true(share(explanation, awaited(explanation, CAUSE_PREEMPTED, OCCUPANT_SIBLING)) <
		    0.01);
	run_end(&run);
}

/* Sums of the run's own histograms are those of the waits that ended. */
static void locks_are_waited_for_as_long_as(const struct explained_run *run)
{
	__int128 sum = 0;
	int64_t waits = 0, unfinished = 0;

	for (size_t i = 0; i < run->metrics.nr_histograms; i++)
		if (!strcmp(run->metrics.histograms[i].name, "lock_wait") &&
		    !strncmp(run->metrics.histograms[i].scope, "vm.", 3))
			sum += run->metrics.histograms[i].histogram.sum;
	for (int i = 0; i < run->explanation->nr_kinds; i++) {
		if (strncmp(run->explanation->kinds[i].what, "lock ", 5) != 0)
			continue;
		waits += run->explanation->kinds[i].ns;
		unfinished += run->explanation->kinds[i].unfinished_ns;
	}
	assert_true(waits > 0);
	assert_int_equal((int64_t)sum, waits - unfinished);
}

static void kinds_hops_and_causes_sum_to_all_waiting(const struct explanation *explanation)
{
	int64_t kinds = 0, hops = 0;
	uint64_t count = 0;

	for (int i = 0; i < explanation->nr_kinds; i++) {
		kinds += explanation->kinds[i].ns;
		count += explanation->kinds[i].count;
	}
	for (int i = 0; i <= WAIT_MAX_HOPS; i++)
		hops += explanation->hop_ns[i];
	assert_int_equal(kinds, explanation->wait_ns);
	assert_int_equal(hops, explanation->wait_ns);
	assert_int_equal(sum_of_causes(explanation), explanation->wait_ns);
	assert_int_equal(count, explanation->nr_waits);
	for (int i = 1; i < explanation->nr_top; i++)
		assert_true(wait_total(explanation->top[i].wait) <=
			    wait_total(explanation->top[i - 1].wait));
	for (int i = 0; i < explanation->nr_top; i++) {
		const struct explain_wait *wait = explanation->top[i].wait;
		int64_t steps = 0;

		for (int s = 0; s < wait->nr_steps; s++)
			steps += wait->steps[s].ns;
		assert_int_equal(steps, wait_total(wait));
	}
}

static void the_totals_of_shipped_scenarios_are_those_of_the_run(void **state)
{
	static const struct {
		const char *name, *set;
	} runs[] = {
		{"demo", NULL},
		{"demo", "yield.sched.policy=lag_credit"},
		{"lhp", "yield.candidate.policy=v3"},
		{"tlb", NULL},
		{"quota", NULL},
	};

	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		struct explained_run run;

		explain_shipped(runs[i].name, runs[i].set, &run);
		kinds_hops_and_causes_sum_to_all_waiting(run.explanation);
		locks_are_waited_for_as_long_as(&run);
		run_end(&run);
	}
}

static void sleeping_locks_are_waited_for_asleep_too(void **state)
{
	static const char *const kinds[] = {"mutex", "rwsem", "pv"};

	for (int i = 0; i < 3; i++) {
		char text[1200];
		struct explained_run run;

		snprintf(text, sizeof(text),
			 "{ 'oversub_scenario': 1, 'host': { 'cpus': 2 },\n"
			 "  'vms': { 'a': { 'count': 2, 'vcpus': 3, 'workload': 'w',\n"
			 "    'pv_unhalt': true } },\n"
			 "  'workloads': { 'w': { 'locks': { 'l': '%s' }, 'threads': {\n"
			 "    't': { 'count': 3, 'program': [ { 'loop': 'forever', 'body': [\n"
			 "      { 'run': { 'exponential': { 'mean': '100us' } } }, { 'lock': 'l' "
			 "},\n"
			 "      { 'run': { 'exponential': { 'mean': '80us' } }, 'mode': 'kernel' "
			 "},\n"
			 "      { 'unlock': 'l' } ] } ] } } } },\n"
			 "  'run': { 'warmup': '10ms', 'measure': '300ms', 'seed': 1 } }\n",
			 kinds[i]);
		explain_text(text, &run);
		kinds_hops_and_causes_sum_to_all_waiting(run.explanation);
		locks_are_waited_for_as_long_as(&run);
		assert_int_equal(explanation_cause(run.explanation, -1, CAUSE_UNKNOWN), 0);
		run_end(&run);
	}
}

/* Receivers of calls compute in user mode, and lose their CPU there. */
static void a_receiver_that_was_preempted_in_user_mode_is_told(void **state)
{
	struct explained_run run;

	explain_shipped("demo", "vm_defaults.pv=none", &run);
	assert_true(share(run.explanation, run.explanation->user_ns) > 0.2);
	assert_true(run.explanation->user_ns <=
		    explanation_cause(run.explanation, ROLE_AWAITED, CAUSE_PREEMPTED));
	run_end(&run);
}

static void a_throttled_holder_keeps_its_waiters_waiting(void **state)
{
	struct explained_run run;

	explain_text(limited, &run);
	assert_true(share(run.explanation,
			  explanation_cause(run.explanation, -1, CAUSE_THROTTLED)) > 0.3);
	kinds_hops_and_causes_sum_to_all_waiting(run.explanation);
	run_end(&run);
}

/* Two threads share a mutex, and the two vCPUs with two that compute. */
static void the_scheduler_of_the_guest_keeps_holders_from_running_too(void **state)
{
	struct explained_run run;

	explain_text("{ 'oversub_scenario': 1, 'host': { 'cpus': 2 },\n"
		     "  'vms': { 'a': { 'vcpus': 2, 'workload': 'w' } },\n"
		     "  'workloads': { 'w': { 'locks': { 'l': 'mutex' }, 'threads': {\n"
		     "    't': { 'count': 2, 'program': [ { 'loop': 'forever', 'body': [\n"
		     "      { 'run': '1ms' }, { 'lock': 'l' }, { 'run': '5ms', 'mode': 'user' },\n"
		     "      { 'unlock': 'l' } ] } ] },\n"
		     "    'hog': { 'count': 2, 'program': [ { 'loop': 'forever', 'body': [\n"
		     "      { 'run': '1ms' } ] } ] } } } },\n"
		     "  'run': { 'warmup': '50ms', 'measure': '1s', 'seed': 1 } }\n",
		     &run);
	kinds_hops_and_causes_sum_to_all_waiting(run.explanation);
	locks_are_waited_for_as_long_as(&run);
	assert_true(share(run.explanation, explanation_cause(run.explanation, -1, CAUSE_GUEST)) >
		    0.25);
	assert_true(share(run.explanation, explanation_cause(run.explanation, -1, CAUSE_NEEDED)) >
		    0.3);
	assert_int_equal(explanation_cause(run.explanation, -1, CAUSE_PREEMPTED), 0);
	run_end(&run);
}

static void following_a_run_does_not_change_it(void **state)
{
	struct explained_run run;
	struct replication_result plain;
	struct aggregate stored = {.metrics = NULL};
	struct verification verification;
	struct oversub_error error;

	explain_text(apart, &run);
	assert_int_equal(world_run(run.scenario, 0, NULL, &plain, &error), OVERSUB_OK);
	stored.nr_replications = 1;
	for (size_t i = 0; i < plain.nr_metrics; i++) {
		struct aggregate_metric *metric =
			aggregate_add_metric(&stored, plain.metrics[i].scope, plain.metrics[i].name,
					     plain.metrics[i].unit);

		metric->values[0] = plain.metrics[i].value;
	}
	verification = verify_metrics(&stored, 0, &run.metrics);
	assert_int_equal(verification.compared, plain.nr_metrics);
	assert_int_equal(verification.differ, 0);
	stored.metrics[3].values[0] += 1;
	verification = verify_metrics(&stored, 0, &run.metrics);
	assert_int_equal(verification.differ, 1);
	assert_ptr_equal(verification.first, &stored.metrics[3]);
	aggregate_free(&stored);
	result_free(&plain);
	run_end(&run);
}

static void no_line_of_a_report_is_wider_than_100_columns(void **state)
{
	struct explained_run run;
	struct explain_subject subject = {.name = "demo", .origin = "not compared"};
	char *text, *line, *rest;
	size_t size;
	FILE *stream;

	explain_shipped("demo", NULL, &run);
	subject.scenario = run.scenario;
	subject.metrics = &run.metrics;
	stream = open_memstream(&text, &size);
	report_totals(stream, &subject, run.explain);
	report_waits(stream, run.explanation);
	fclose(stream);
	assert_non_null(strstr(text, "of all waiting"));
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strlen(line) > 100)
			fail_msg("%zu columns: %s", strlen(line), line);
	free(text);
	run_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ns_of_a_call_has_the_cause_that_the_receiver_was_in),
		cmocka_unit_test(a_yielder_waits_for_the_cpu_that_it_gave_away),
		cmocka_unit_test(a_chain_ends_at_the_one_that_could_go_on),
		cmocka_unit_test(a_cpu_that_is_spun_on_is_told_from_one_that_works),
		cmocka_unit_test(yields_are_right_if_they_go_to_the_end_of_the_chain),
		cmocka_unit_test(a_lock_holder_beside_another_vm_is_preempted_half_of_the_time),
		cmocka_unit_test(a_spinner_on_the_cpu_of_the_lock_holder_is_in_its_way),
		cmocka_unit_test(the_totals_of_shipped_scenarios_are_those_of_the_run),
		cmocka_unit_test(sleeping_locks_are_waited_for_asleep_too),
		cmocka_unit_test(a_receiver_that_was_preempted_in_user_mode_is_told),
		cmocka_unit_test(a_throttled_holder_keeps_its_waiters_waiting),
		cmocka_unit_test(the_scheduler_of_the_guest_keeps_holders_from_running_too),
		cmocka_unit_test(following_a_run_does_not_change_it),
		cmocka_unit_test(no_line_of_a_report_is_wider_than_100_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
