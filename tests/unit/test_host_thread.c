/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain threads on the real host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/host/thread.h"
#include "models/policies/builtin.h"
#include "sim/base/container_of.h"

#define US INT64_C(1000)
#define MS (1000 * US)
#define S  (1000 * MS)

#define OP(...)                                                                                    \
	{                                                                                          \
		.probability = 1.0, __VA_ARGS__                                                    \
	}
#define CONSTANT(ns_)	   .duration = {.kind = SIM_CONSTANT, .mean_ns = (ns_)}
#define RUN(ns_)	   OP(.kind = OP_RUN, CONSTANT(ns_))
#define SLEEP(ns_)	   OP(.kind = OP_SLEEP, CONSTANT(ns_))
#define FOREVER(end_)	   OP(.kind = OP_LOOP, .count = -1, .jump = (end_))
#define LOOP_END	   OP(.kind = OP_LOOP_END, .jump = 0)
#define REQUEST(at_)	   OP(.kind = OP_REQUEST, .jump = (at_))
#define REQUEST_END(at_)   OP(.kind = OP_REQUEST_END, .jump = (at_))
#define ON(kind_, object_) OP(.kind = (kind_), .object = (object_))
#define PROGRAM(name_, count_, ops_)                                                               \
	{                                                                                          \
		.name = (name_), .count = (count_), .ops = (ops_),                                 \
		.nr_ops = sizeof(ops_) / sizeof((ops_)[0])                                         \
	}

/* A host with its threads; two locks, two events, a barrier of 3 and a source to play with. */
struct world {
	struct sim_engine engine;
	struct host_config host_config;
	struct host host;
	struct thread_config config;
	struct workload workload;
	struct workload_lock locks[2];
	struct workload_barrier barrier;
	struct workload_source source;
	char *events[2], *requests[2];
	struct host_threads threads;
	struct oversub_error error;
};

static void prepare(struct world *w, int cpus, struct workload_thread_class *classes,
		    int nr_classes)
{
	*w = (struct world){
		.locks = {{"A", LOCK_TAS}, {"B", LOCK_QUEUED}},
		.barrier = {"bar", 3},
		.source = {"work", {.kind = SIM_EXPONENTIAL, .mean_ns = 100 * US}},
		.events = {"ping", "pong"},
		.requests = {"first", "second"},
	};
	w->workload = (struct workload){
		.name = "test",
		.locks = w->locks,
		.nr_locks = 2,
		.events = w->events,
		.nr_events = 2,
		.barriers = &w->barrier,
		.nr_barriers = 1,
		.sources = &w->source,
		.nr_sources = 1,
		.requests = w->requests,
		.nr_requests = 2,
		.classes = classes,
		.nr_classes = nr_classes,
	};
	oversub_param_defaults(host_params, &w->host_config);
	oversub_param_defaults(host_costs_params, &w->host_config.costs);
	oversub_param_defaults(thread_params, &w->config);
	w->host_config.cpus = cpus;
}

/* Nothing but the program takes time. */
static void make_free_of_charge(struct world *w)
{
	w->host_config.costs = (struct host_costs){.cache_refill_tau_ns = 1};
	w->config.syscall_ns = 0;
}

static enum oversub_status create(struct world *w)
{
	sim_engine_init(&w->engine, 0);
	assert_int_equal(host_init(&w->host, &w->engine, &w->host_config, &sched_mainline, NULL, 1,
				   0, &w->error),
			 OVERSUB_OK);
	return host_threads_init(&w->threads, &w->host, &w->config, &w->workload, NULL, 1, 0,
				 &w->error);
}

static void run(struct world *w, int64_t until)
{
	if (create(w))
		fail_msg("%s", w->error.message);
	host_threads_start(&w->threads);
	sim_run(&w->engine, until);
	host_threads_account(&w->threads);
	host_account(&w->host);
}

static void destroy(struct world *w)
{
	host_threads_fini(&w->threads);
	host_fini(&w->host);
}

static const struct sim_histogram *request(const struct world *w, int index)
{
	return &w->threads.instance.stats.requests[index];
}

/* Share of the first CPU that all threads together spent in a state. */
static double share(const struct world *w, enum thread_time state)
{
	int64_t sum = 0;

	for (int i = 0; i < w->threads.nr_threads; i++)
		sum += w->threads.threads[i].stats.time_in[state];
	return (double)sum / (double)sim_now(&w->engine);
}

static int64_t time_of_thread(const struct host_thread *thread)
{
	int64_t sum = 0;

	for (int state = 0; state < THREAD_TIMES; state++)
		sum += thread->stats.time_in[state];
	return sum;
}

static void every_ns_of_thread_and_cpu_is_accounted(void **state)
{
	struct op mixed[] = {
		FOREVER(10),
		OP(.kind = OP_RUN, .duration = {.kind = SIM_EXPONENTIAL, .mean_ns = 300 * US}),
		OP(.kind = OP_LOCK, .object = 0, .yield_after = 100),
		OP(.kind = OP_RUN, .mode = OP_MODE_KERNEL, CONSTANT(20 * US)),
		ON(OP_UNLOCK, 0),
		OP(.kind = OP_SLEEP, .duration = {.kind = SIM_EXPONENTIAL, .mean_ns = 200 * US}),
		ON(OP_LOCK, 1),
		RUN(10 * US),
		ON(OP_UNLOCK, 1),
		OP(.kind = OP_YIELD),
		LOOP_END,
	};
	struct op bound[] = {RUN(30 * MS)};
	struct workload_thread_class classes[] = {PROGRAM("mixed", 6, mixed),
						  PROGRAM("bound", 1, bound)};
	int64_t on_cpu = 0, busy = 0;
	struct world w;

	prepare(&w, 2, classes, 2);
	run(&w, 1 * S);
	for (int i = 0; i < w.threads.nr_threads; i++) {
		struct host_thread *thread = &w.threads.threads[i];

		assert_int_equal(time_of_thread(thread), 1 * S);
		for (int t = THREAD_WORK; t <= THREAD_KERNEL; t++)
			on_cpu += thread->stats.time_in[t];
	}
	for (int cpu = 0; cpu < 2; cpu++)
		busy += w.host.cpus[cpu].stats.time_in[PCPU_BUSY];
	assert_int_equal(on_cpu, busy);
	assert_int_equal(w.threads.threads[6].stats.time_in[THREAD_WORK], 30 * MS);

	host_threads_reset_stats(&w.threads);
	sim_run(&w.engine, 1 * S + 123456);
	host_threads_account(&w.threads);
	for (int i = 0; i < w.threads.nr_threads; i++)
		assert_int_equal(time_of_thread(&w.threads.threads[i]), 123456);
	destroy(&w);
}

static void equal_hogs_share_a_cpu_equally(void **state)
{
	struct op hog[] = {FOREVER(2), RUN(1 * MS), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("hog", 4, hog)};
	struct world w;

	prepare(&w, 1, classes, 1);
	run(&w, 2 * S);
	for (int i = 0; i < 4; i++)
		assert_in_range(w.threads.threads[i].stats.time_in[THREAD_STEAL], 1490 * MS,
				1510 * MS);
	destroy(&w);
}

static void a_sleep_is_as_long_as_it_says(void **state)
{
	struct op sleeper[] = {FOREVER(4), REQUEST(3), SLEEP(1 * MS), REQUEST_END(1), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("sleeper", 1, sleeper)};
	struct world w;

	prepare(&w, 1, classes, 1);
	make_free_of_charge(&w);
	run(&w, 1 * S);
	assert_int_equal(request(&w, 0)->count, 1000);
	assert_int_equal(request(&w, 0)->min, 1 * MS);
	assert_int_equal(request(&w, 0)->max, 1 * MS);
	destroy(&w);

	prepare(&w, 1, classes, 1);
	run(&w, 1 * S);
	/* System call, leaving idle, switch: nothing else stands between. */
	assert_int_equal(request(&w, 0)->min, 1 * MS + 300 + 1550 + 1300);
	destroy(&w);
}

static void a_timer_does_not_drift(void **state)
{
	struct op periodic[] = {FOREVER(5),	OP(.kind = OP_TIMER, .period_ns = 1 * MS),
				REQUEST(4),	RUN(300 * US),
				REQUEST_END(2), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("periodic", 1, periodic)};
	struct world w;

	prepare(&w, 1, classes, 1);
	run(&w, 1 * S + 500 * US);
	assert_int_equal(request(&w, 0)->count, 1000);
	destroy(&w);
}

/* M/D/1: mean time in the system is D * (1 + rho / (2 * (1 - rho))). */
static void open_arrivals_queue_as_theory_says(void **state)
{
	struct op server[] = {FOREVER(5),   REQUEST(4),	    ON(OP_TAKE, 0),
			      RUN(60 * US), REQUEST_END(1), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("server", 1, server)};
	const double expected = 60e3 * (1 + 0.6 / (2 * 0.4));
	const struct source_state *source;
	struct world w;

	prepare(&w, 1, classes, 1);
	make_free_of_charge(&w);
	run(&w, 10 * S);
	source = &w.threads.instance.sources[0];
	assert_in_range(source->backlog.offered, 99000, 101000);
	assert_in_range(source->backlog.offered - source->backlog.nr - request(&w, 0)->count, 0, 1);
	assert_int_equal(request(&w, 0)->min, 60 * US);
	assert_in_range((int64_t)sim_histogram_mean(request(&w, 0)), (int64_t)(expected * 0.97),
			(int64_t)(expected * 1.03));
	destroy(&w);
}

/* Four threads on one CPU with a test-and-set lock: hold 5 us, work 20 us. */
static void contend(struct world *w, int64_t yield_after)
{
	struct op program[] = {
		FOREVER(7),
		REQUEST(6),
		OP(.kind = OP_LOCK, .object = 0, .yield_after = yield_after),
		RUN(5 * US),
		ON(OP_UNLOCK, 0),
		RUN(20 * US),
		REQUEST_END(1),
		LOOP_END,
	};
	struct workload_thread_class classes[] = {PROGRAM("spinner", 4, program)};

	prepare(w, 1, classes, 1);
	w->host_config.hrtick = 0;
	run(w, 1 * S);
	w->workload.nr_classes = 0; /* they go out of scope */
}

static void threads_that_yield_hardly_spin(void **state)
{
	struct world w;

	contend(&w, 100);
	assert_true(share(&w, THREAD_SPIN) < 0.01);
	assert_true(share(&w, THREAD_WORK) > 0.95);
	assert_true(w.threads.instance.stats.lock_contended > 0);
	assert_in_range(request(&w, 0)->count, 38000, 40000);
	destroy(&w);
}

static void threads_that_do_not_yield_spin_away_their_slices(void **state)
{
	struct world w;

	contend(&w, 0);
	assert_true(share(&w, THREAD_SPIN) > 0.1);
	assert_int_equal(w.threads.threads[0].stats.yields, 0);
	destroy(&w);
}

static void two_cpus_hand_a_queued_lock_over_at_once(void **state)
{
	struct op spinner[] = {FOREVER(4), ON(OP_LOCK, 1), RUN(5 * US), ON(OP_UNLOCK, 1), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("spinner", 2, spinner)};
	struct world w;

	prepare(&w, 2, classes, 1);
	make_free_of_charge(&w);
	run(&w, 100 * MS);
	/* The lock is never idle, and the two take turns. */
	assert_in_range(w.threads.instance.stats.lock_acquired, 19999, 20001);
	assert_int_equal(w.threads.threads[0].stats.time_in[THREAD_WORK], 50 * MS);
	assert_int_equal(w.threads.threads[1].stats.time_in[THREAD_WORK], 50 * MS);
	assert_int_equal(w.threads.threads[1].stats.time_in[THREAD_SPIN], 50 * MS);
	destroy(&w);
}

static void events_hand_over_between_threads(void **state)
{
	struct op pinger[] = {FOREVER(5),     REQUEST(4),     ON(OP_WAKE, 0),
			      ON(OP_WAIT, 1), REQUEST_END(1), LOOP_END};
	struct op ponger[] = {FOREVER(3), ON(OP_WAIT, 0), ON(OP_WAKE, 1), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("ping", 1, pinger),
						  PROGRAM("pong", 1, ponger)};
	struct world w;

	prepare(&w, 1, classes, 2);
	w.host_config.costs.cache_refill_ns = 0;
	run(&w, 100 * MS);
	/* A round is two switches and four system calls, or fewer where a signal comes first. */
	assert_in_range(request(&w, 0)->min, 2 * 1300 + 3 * 300, 2 * 1300 + 4 * 300);
	assert_in_range(request(&w, 0)->count, 100 * MS / 3900, 100 * MS / 3500);
	destroy(&w);
}

static void a_barrier_keeps_threads_in_step(void **state)
{
	struct op quick[] = {FOREVER(5),	REQUEST(4),	RUN(10 * US),
			     ON(OP_BARRIER, 0), REQUEST_END(1), LOOP_END};
	struct op slow[] = {FOREVER(3), RUN(1 * MS), ON(OP_BARRIER, 0), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("quick", 2, quick),
						  PROGRAM("slow", 1, slow)};
	struct world w;

	prepare(&w, 2, classes, 2);
	make_free_of_charge(&w);
	run(&w, 100 * MS + 500 * US);
	assert_int_equal(request(&w, 0)->count, 2 * 100);
	/* Up to two quick threads run before or after the slow one on its CPU. */
	assert_in_range(request(&w, 0)->max, 1 * MS - 20 * US, 1 * MS + 20 * US);
	destroy(&w);
}

static uint64_t switches(enum op_cpu_mode mode, enum host_preempt preempt)
{
	struct op hog[] = {FOREVER(2), OP(.kind = OP_RUN, .mode = mode, CONSTANT(50 * MS)),
			   LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("hog", 2, hog)};
	struct world w;
	uint64_t count;

	prepare(&w, 1, classes, 1);
	w.host_config.preempt = preempt;
	run(&w, 2 * S);
	count = w.host.cpus[0].stats.switches;
	destroy(&w);
	return count;
}

static void kernel_mode_is_preempted_as_the_model_allows(void **state)
{
	/* Under none only at its end: about 40 runs. Under full like user mode. */
	assert_in_range(switches(OP_MODE_KERNEL, HOST_PREEMPT_NONE), 30, 50);
	assert_true(switches(OP_MODE_USER, HOST_PREEMPT_NONE) > 200);
	assert_int_equal(switches(OP_MODE_KERNEL, HOST_PREEMPT_FULL),
			 switches(OP_MODE_USER, HOST_PREEMPT_FULL));
}

static void threads_stay_where_they_may_run(void **state)
{
	struct op hog[] = {FOREVER(3), RUN(100 * US), SLEEP(50 * US), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("hog", 3, hog)};
	struct world w;

	classes[0].cpus = 2;
	prepare(&w, 4, classes, 1);
	run(&w, 100 * MS);
	for (int cpu = 0; cpu < 4; cpu++)
		assert_true((w.host.cpus[cpu].stats.time_in[PCPU_BUSY] > 0) == (cpu == 1));
	destroy(&w);
}

static void a_wrong_unlock_stops_the_run_and_is_reported(void **state)
{
	struct op wrong[] = {RUN(1 * MS), ON(OP_UNLOCK, 0)};
	struct workload_thread_class classes[] = {PROGRAM("wrong", 1, wrong)};
	struct world w;

	prepare(&w, 1, classes, 1);
	run(&w, 10 * MS);
	assert_int_equal(w.threads.status, OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w.threads.error.message, "thread wrong0 unlocks A"));
	assert_true(sim_now(&w.engine) < 2 * MS);
	destroy(&w);
}

static void a_loop_without_time_stops_the_run(void **state)
{
	struct op empty[] = {FOREVER(1), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("empty", 1, empty)};
	struct world w;

	prepare(&w, 1, classes, 1);
	run(&w, 10 * MS);
	assert_int_equal(w.threads.status, OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w.threads.error.message, "zero-time loop in class empty"));
	destroy(&w);
}

static void a_deadlock_can_be_told(void **state)
{
	struct op ab[] = {ON(OP_LOCK, 0), RUN(1 * MS), ON(OP_LOCK, 1)};
	struct op ba[] = {ON(OP_LOCK, 1), RUN(1 * MS), ON(OP_LOCK, 0)};
	struct op idle[] = {ON(OP_WAIT, 0)};
	struct workload_thread_class classes[] = {PROGRAM("ab", 1, ab), PROGRAM("ba", 1, ba),
						  PROGRAM("idle", 1, idle)};
	struct exec_waiter *waiter;
	struct world w;
	char text[128];

	prepare(&w, 2, classes, 3);
	run(&w, 10 * MS);
	waiter = &w.threads.threads[0].waiter;
	assert_ptr_equal(waiter_waits_for(waiter), &w.threads.threads[1].waiter);
	assert_ptr_equal(waiter_waits_for(waiter_waits_for(waiter)), waiter);
	host_thread_describe(&w.threads.threads[0], text, sizeof(text));
	assert_non_null(strstr(text, "for lock B held by ba0"));
	host_thread_describe(&w.threads.threads[2], text, sizeof(text));
	assert_non_null(strstr(text, "for event ping"));
	destroy(&w);
}

static void what_a_host_thread_cannot_do_is_refused(void **state)
{
	struct op call[] = {OP(.kind = OP_SMP_CALL)};
	struct op fine[] = {RUN(1)};
	struct workload_thread_class guest[] = {PROGRAM("caller", 1, call)};
	struct workload_thread_class nowhere[] = {PROGRAM("fine", 1, fine)};
	struct world w;

	prepare(&w, 1, guest, 1);
	assert_int_equal(create(&w), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w.error.message, "threads of the host have no op \"smp_call\""));
	host_fini(&w.host);

	nowhere[0].cpus = 4;
	prepare(&w, 2, nowhere, 1);
	assert_int_equal(create(&w), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w.error.message, "none of the host's 2 CPUs"));
	host_fini(&w.host);

	nowhere[0].cpus = 0;
	prepare(&w, 1, nowhere, 1);
	w.locks[0].kind = LOCK_PV;
	assert_int_equal(create(&w), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w.error.message, "host threads have no locks of kind pv"));
	host_fini(&w.host);
}

static void a_spinlock_of_host_threads_is_test_and_set(void **state)
{
	struct op fine[] = {ON(OP_LOCK, 0), ON(OP_UNLOCK, 0)};
	struct workload_thread_class classes[] = {PROGRAM("fine", 1, fine)};
	struct world w;

	prepare(&w, 1, classes, 1);
	w.locks[0].kind = LOCK_SPINLOCK;
	run(&w, 1 * MS);
	assert_int_equal(w.threads.instance.locks[0].kind, LOCK_TAS);
	destroy(&w);
}

/* Counts what it is given. */
struct counting_sink {
	struct trace_sink sink;
	int begun, ended;
};

static void count_requests(struct trace_sink *sink, const struct trace_record *record)
{
	struct counting_sink *counter = container_of(sink, struct counting_sink, sink);

	counter->begun += record->kind == TRACE_request_begin;
	counter->ended += record->kind == TRACE_request_end;
}

/* As after a warm-up. */
static void a_trace_that_begins_late_has_the_requests(void **state)
{
	struct op ops[] = {FOREVER(4), REQUEST(3), RUN(1 * MS), REQUEST_END(1), LOOP_END};
	struct workload_thread_class classes[] = {PROGRAM("worker", 1, ops)};
	struct counting_sink counter = {.sink.write = count_requests};
	struct world w;

	prepare(&w, 1, classes, 1);
	make_free_of_charge(&w);
	run(&w, 10 * MS + 1);
	w.host.trace = &counter.sink;
	sim_run(&w.engine, 20 * MS + 1);
	assert_int_equal(counter.begun, 10);
	assert_int_equal(counter.ended, 10);
	destroy(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spinlock_of_host_threads_is_test_and_set),
		cmocka_unit_test(every_ns_of_thread_and_cpu_is_accounted),
		cmocka_unit_test(equal_hogs_share_a_cpu_equally),
		cmocka_unit_test(a_sleep_is_as_long_as_it_says),
		cmocka_unit_test(a_timer_does_not_drift),
		cmocka_unit_test(open_arrivals_queue_as_theory_says),
		cmocka_unit_test(threads_that_yield_hardly_spin),
		cmocka_unit_test(threads_that_do_not_yield_spin_away_their_slices),
		cmocka_unit_test(two_cpus_hand_a_queued_lock_over_at_once),
		cmocka_unit_test(events_hand_over_between_threads),
		cmocka_unit_test(a_barrier_keeps_threads_in_step),
		cmocka_unit_test(kernel_mode_is_preempted_as_the_model_allows),
		cmocka_unit_test(threads_stay_where_they_may_run),
		cmocka_unit_test(a_wrong_unlock_stops_the_run_and_is_reported),
		cmocka_unit_test(a_loop_without_time_stops_the_run),
		cmocka_unit_test(a_deadlock_can_be_told),
		cmocka_unit_test(what_a_host_thread_cannot_do_is_refused),
		cmocka_unit_test(a_trace_that_begins_late_has_the_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
