/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A busy sibling slows a CPU down: threads and vCPUs on cores of two, with speeds in 1/1000. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/host/thread.h"
#include "models/policies/builtin.h"
#include "tests/unit/vcpu_world.h"

#define START_NS                                                                                   \
	3100 /* from waking up idle CPUs at time 0 to the first action of the vCPUs there */

/* ---- Threads -------------------------------------------------------------------------------- */

#define OP(...)                                                                                    \
	{                                                                                          \
		.probability = 1.0, __VA_ARGS__                                                    \
	}
#define CONSTANT(ns_)	   .duration = {.kind = SIM_CONSTANT, .mean_ns = (ns_)}
#define EXPONENTIAL(ns_)   .duration = {.kind = SIM_EXPONENTIAL, .mean_ns = (ns_)}
#define RUN(ns_)	   OP(.kind = OP_RUN, CONSTANT(ns_))
#define SLEEP(ns_)	   OP(.kind = OP_SLEEP, CONSTANT(ns_))
#define LOOP(count_, end_) OP(.kind = OP_LOOP, .count = (count_), .jump = (end_))
#define LOOP_END(begin_)   OP(.kind = OP_LOOP_END, .jump = (begin_))
#define REQUEST(end_)	   OP(.kind = OP_REQUEST, .jump = (end_))
#define REQUEST_END(to_)   OP(.kind = OP_REQUEST_END, .jump = (to_))
#define ENDLESS(ops_)                                                                              \
	{                                                                                          \
		LOOP(-1, 4), REQUEST(3), ops_, REQUEST_END(1), LOOP_END(0)                         \
	}

/* Program i of two runs on cpus[i], and nothing else takes time. */
struct world {
	struct sim_engine engine;
	struct host host;
	struct host_threads threads;
	struct workload workload;
	struct workload_thread_class classes[2];
	char *requests[1];
	struct op *programs[2];
	int lengths[2];
	int64_t cpus[2];
	int64_t syscall_ns;
};
#define PROGRAMS(a_, b_)                                                                           \
	.programs = {(a_), (b_)},                                                                  \
	.lengths = {sizeof(a_) / sizeof(struct op), sizeof(b_) / sizeof(struct op)}

static void run(struct world *w, int64_t smt_speed, int64_t until)
{
	struct thread_config config = {.syscall_ns = w->syscall_ns, .spin_ns = 50};
	struct host_config host_config;
	struct oversub_error error;

	oversub_param_defaults(host_params, &host_config);
	host_config.costs = (struct host_costs){.cache_refill_tau_ns = 1};
	host_config.cpus = 4;
	host_config.smt = 2;
	host_config.smt_speed = smt_speed;
	w->requests[0] = "request";
	w->workload = (struct workload){.name = "test",
					.requests = w->requests,
					.nr_requests = 1,
					.classes = w->classes,
					.nr_classes = 2};
	for (int i = 0; i < 2; i++)
		w->classes[i] = (struct workload_thread_class){.name = "thread",
							       .count = 1,
							       .cpus = UINT64_C(1) << w->cpus[i],
							       .ops = w->programs[i],
							       .nr_ops = w->lengths[i]};
	sim_engine_init(&w->engine, 0);
	assert_int_equal(
		host_init(&w->host, &w->engine, &host_config, &sched_mainline, NULL, 1, 0, &error),
		OVERSUB_OK);
	if (host_threads_init(&w->threads, &w->host, &config, &w->workload, NULL, 1, 0, &error))
		fail_msg("%s", error.message);
	host_threads_start(&w->threads);
	sim_run(&w->engine, until);
	host_threads_account(&w->threads);
	host_account(&w->host);
	for (int i = 0; i < 2; i++) {
		int64_t sum = 0;

		for (int t = 0; t < THREAD_TIMES; t++)
			sum += w->threads.threads[i].stats.time_in[t];
		assert_int_equal(sum, sim_now(&w->engine));
	}
}

static void destroy(struct world *w)
{
	host_threads_fini(&w->threads);
	host_fini(&w->host);
}

static const struct sim_histogram *requests(const struct world *w)
{
	return &w->threads.instance.stats.requests[0];
}

/* Requests of 1 ms that two hogs complete in 600 ms; the second one runs on cpu. */
static uint64_t requests_of_hogs(int cpu, int64_t smt_speed)
{
	struct op hog[] = ENDLESS(RUN(1 * MS));
	struct world w = {PROGRAMS(hog, hog), .cpus = {0, cpu}};
	uint64_t count;

	run(&w, smt_speed, 600 * MS);
	count = requests(&w)->count;
	for (int i = 0; i < 2; i++)
		assert_int_equal(w.threads.threads[i].stats.time_in[THREAD_WORK], 600 * MS);
	destroy(&w);
	return count;
}

static void two_hogs_of_a_core_get_done_what_its_speed_says(void **state)
{
	assert_int_equal(requests_of_hogs(1, 600), 2 * 360);
	assert_int_equal(requests_of_hogs(1, 300), 2 * 180);
}

static void hogs_on_cores_of_their_own_are_as_fast_as_ever(void **state)
{
	assert_int_equal(requests_of_hogs(2, 600), 2 * 600);
	assert_int_equal(requests_of_hogs(3, 300), 2 * 600);
}

static void at_full_speed_siblings_do_not_matter(void **state)
{
	assert_int_equal(requests_of_hogs(1, HOST_FULL_SPEED), 2 * 600);
}

static void a_run_changes_its_speed_as_its_sibling_comes_and_goes(void **state)
{
	struct op request[] = {REQUEST(2), RUN(10 * MS), REQUEST_END(0)};
	struct op visitor[] = {SLEEP(4 * MS), RUN(3 * MS)};
	struct world w = {PROGRAMS(request, visitor), .cpus = {0, 1}};

	run(&w, 600, 20 * MS);
	/* 4 ms alone, 3 ms of work in 5 ms beside the visitor, the last 3 ms alone. */
	assert_int_equal(requests(&w)->count, 1);
	assert_int_equal(requests(&w)->max, 12 * MS);
	assert_int_equal(w.threads.threads[1].stats.time_in[THREAD_WORK], 5 * MS);
	destroy(&w);
}

static void system_calls_slow_down_too(void **state)
{
	struct op sleeper[] = {REQUEST(2), OP(.kind = OP_YIELD), REQUEST_END(0)};
	struct op hog[] = {RUN(1 * MS)};
	struct world w = {PROGRAMS(sleeper, hog), .cpus = {0, 1}, .syscall_ns = 300};

	run(&w, 500, 3 * MS);
	assert_int_equal(requests(&w)->max, 600);
	assert_int_equal(w.threads.threads[0].stats.time_in[THREAD_KERNEL], 600);
	destroy(&w);
}

/* A long run is split by hundreds of changes and ticks, at a speed that divides nothing. */
static void not_a_ns_is_lost_by_splitting_a_run(void **state)
{
	struct op request[] = {REQUEST(2), RUN(100 * MS), REQUEST_END(0)};
	struct op visitor[] = {
		LOOP(-1, 3),
		OP(.kind = OP_SLEEP, EXPONENTIAL(100 * US)),
		OP(.kind = OP_RUN, EXPONENTIAL(50 * US)),
		LOOP_END(0),
	};
	struct world w = {PROGRAMS(request, visitor), .cpus = {0, 1}};
	int64_t took, alone, beside;

	run(&w, 333, 300 * MS);
	assert_int_equal(requests(&w)->count, 1);
	took = requests(&w)->max;
	destroy(&w);

	run(&w, 333, took);
	alone = w.host.cpus[1].stats.time_in[PCPU_IDLE];
	beside = took - alone;
	assert_true(beside > 10 * MS && w.host.cpus[1].stats.switches > 500);
	assert_in_range(alone * 1000 + beside * 333, 100 * MS * 1000, 100 * MS * 1000 + 999);
	destroy(&w);
}

/* ---- vCPUs ---------------------------------------------------------------------------------- */

/* Two vCPUs on the two threads of a core. */
static struct vcpu_world *open_core(int64_t smt_speed)
{
	struct vcpu_world *w = vcpu_world_open(2, 2);

	w->host_config.smt = 2;
	w->host_config.smt_speed = smt_speed;
	return w;
}

static void a_vcpu_is_slow_until_its_sibling_sleeps(void **state)
{
	struct vcpu_world *w = open_core(500);
	int64_t beside;

	SCRIPT(w, 0, WORK(1 * MS), WORK(10 * MS));
	SCRIPT(w, 1, WORK(100 * US));
	vcpu_world_start(w);
	vcpu_world_run_until(w, vcpu_is_asleep, 1, 1 * MS);
	beside = now_of_world(w) - START_NS;
	assert_in_range(beside, 201 * US, 210 * US);
	vcpu_world_run(w, 3 * MS);

	assert_int_equal(w->scripts[0].began[1], START_NS + beside + (1 * MS - beside / 2));
	vcpu_world_close(w);
}

static void refills_are_slow_too(void **state)
{
	struct vcpu_world *w = open_core(400);

	w->host_config.costs.cache_refill_ns = 100 * US;
	SCRIPT(w, 0, WORK(200 * US), WORK(10 * MS));
	SCRIPT(w, 1, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 2 * MS);

	for (int i = 0; i < 2; i++) {
		assert_int_equal(vcpu_time_in(w, i, VCPU_REFILL), 250 * US);
		assert_int_equal(vcpu_time_in(w, i, VCPU_WORK), 2 * MS - 250 * US - START_NS);
	}
	assert_int_equal(w->scripts[0].began[1], START_NS + 750 * US);
	vcpu_world_close(w);
}

/* Statistics are brought up to date at any moment. */
static void looking_at_a_run_does_not_change_its_length(void **state)
{
	struct vcpu_world *w = open_core(333);

	SCRIPT(w, 0, WORK(100 * US), WORK(10 * MS));
	SCRIPT(w, 1, WORK(10 * MS));
	vcpu_world_start(w);
	for (int64_t now = 0; now < 500 * US; now += 1001) {
		vcpu_world_run(w, now);
		kvm_vm_account(&w->vm);
	}
	/* ceil(100000 / 0.333) */
	assert_int_equal(w->scripts[0].began[1], START_NS + 300301);
	vcpu_world_close(w);
}

static void exits_and_pause_loops_are_as_fast_as_ever(void **state)
{
	static const int64_t speeds[] = {HOST_FULL_SPEED, 300};
	uint64_t pauses[2];
	int64_t io[2];

	for (int i = 0; i < 2; i++) {
		struct vcpu_world *w = open_core(speeds[i]);

		w->candidate = "mainline";
		SCRIPT(w, 0, DEVICE_IO, SPIN);
		SCRIPT(w, 1, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		io[i] = w->scripts[0].began[1] - w->scripts[0].began[0];
		pauses[i] = exits_of_world(w, EXIT_PAUSE);
		vcpu_world_close(w);
	}
	assert_true(io[0] > 0 && pauses[0] > 0);
	assert_int_equal(io[1], io[0]);
	assert_int_equal(pauses[1], pauses[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_hogs_of_a_core_get_done_what_its_speed_says),
		cmocka_unit_test(hogs_on_cores_of_their_own_are_as_fast_as_ever),
		cmocka_unit_test(at_full_speed_siblings_do_not_matter),
		cmocka_unit_test(a_run_changes_its_speed_as_its_sibling_comes_and_goes),
		cmocka_unit_test(system_calls_slow_down_too),
		cmocka_unit_test(not_a_ns_is_lost_by_splitting_a_run),
		cmocka_unit_test(a_vcpu_is_slow_until_its_sibling_sleeps),
		cmocka_unit_test(refills_are_slow_too),
		cmocka_unit_test(looking_at_a_run_does_not_change_its_length),
		cmocka_unit_test(exits_and_pause_loops_are_as_fast_as_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
