/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/workload/program.h"
#include "models/workload/workload_check.h"

/* Ops as the loader builds them: probability 1 unless said otherwise. */
#define OP(...)                                                                                    \
	{                                                                                          \
		.probability = 1.0, __VA_ARGS__                                                    \
	}
#define RUN(ns_)	    OP(.kind = OP_RUN, .duration = {.kind = SIM_CONSTANT, .mean_ns = (ns_)})
#define LOOP(count_, end_)  OP(.kind = OP_LOOP, .count = (count_), .jump = (end_))
#define LOOP_END(begin_)    OP(.kind = OP_LOOP_END, .jump = (begin_))
#define REQUEST(end_)	    OP(.kind = OP_REQUEST, .object = 0, .jump = (end_))
#define REQUEST_END(begin_) OP(.kind = OP_REQUEST_END, .jump = (begin_))

/* One class "worker" of two threads with the given ops; locks, events and so on: one of each. */
struct fixture {
	struct workload workload;
	struct workload_thread_class class;
	struct workload_lock lock;
	struct workload_source source;
	char *names[1];
	struct workload_instance instance;
	struct program_thread thread;
	struct oversub_error error;
};

static void describe(struct fixture *f, struct op *ops, int nr_ops)
{
	*f = (struct fixture){
		.class = {.name = "worker", .count = 2, .ops = ops, .nr_ops = nr_ops},
		.lock = {"l", LOCK_TAS},
		.source = {"s", {.kind = SIM_CONSTANT, .mean_ns = 10}},
		.names = {"unit"},
	};
	f->workload = (struct workload){
		.name = "test",
		.locks = &f->lock,
		.nr_locks = 1,
		.sources = &f->source,
		.nr_sources = 1,
		.requests = f->names,
		.nr_requests = 1,
		.classes = &f->class,
		.nr_classes = 1,
	};
}

static void start(struct fixture *f, struct op *ops, int nr_ops)
{
	describe(f, ops, nr_ops);
	if (workload_check(&f->workload, WORKLOAD_OF_VM, &f->error) ||
	    workload_instance_init(&f->instance, &f->workload, "vm0", 0, 1, 0, &f->error))
		fail_msg("%s", f->error.message);
	program_thread_init(&f->thread, &f->instance, 0, 1, 1, 0);
}

static void stop(struct fixture *f)
{
	workload_instance_fini(&f->instance);
}

/* The ops that the program yields until it ends, as their indices: "1 1 3". */
static void expect_path(struct op *ops, int nr_ops, const char *expected)
{
	struct fixture f;
	const struct op *op;
	char path[256] = "";
	int64_t now = 0;

	start(&f, ops, nr_ops);
	while ((op = program_next(&f.thread, now++)))
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "%s%d", *path ? " " : "",
			 (int)(op - ops));
	assert_string_equal(path, expected);
	assert_int_equal(f.thread.state, PROGRAM_ENDED);
	stop(&f);
}

static void loops_nest(void **state)
{
	struct op ops[] = {LOOP(2, 5),	RUN(1),	     LOOP(3, 4), RUN(2),
			   LOOP_END(2), LOOP_END(0), RUN(3)};

	expect_path(ops, 7, "1 3 3 3 1 3 3 3 6");
}

static void a_loop_of_no_passes_is_skipped(void **state)
{
	struct op ops[] = {LOOP(0, 2), RUN(1), LOOP_END(0), RUN(2)};

	expect_path(ops, 4, "3");
}

static void what_has_probability_0_never_happens(void **state)
{
	struct op ops[] = {RUN(1),     LOOP(2, 3), RUN(2),	   LOOP_END(1),
			   REQUEST(6), RUN(3),	   REQUEST_END(4), RUN(4)};

	ops[0].probability = ops[1].probability = ops[4].probability = 0.0;
	expect_path(ops, 8, "7");
}

static void probability_is_drawn_anew_each_time(void **state)
{
	struct op ops[] = {LOOP(10000, 3), RUN(1), RUN(2), LOOP_END(0)};
	struct fixture f;
	const struct op *op;
	int64_t now = 0;
	int count[4] = {0};

	ops[1].probability = 0.25;
	start(&f, ops, 4);
	while ((op = program_next(&f.thread, now++)))
		count[op - ops]++;
	assert_in_range(count[1], 2500 - 5 * 43, 2500 + 5 * 43); /* 5 standard deviations */
	assert_int_equal(count[2], 10000);
	stop(&f);
}

static void a_request_is_counted_with_its_latency_when_it_ends(void **state)
{
	struct op ops[] = {LOOP(-1, 4), REQUEST(3), RUN(1), REQUEST_END(1), LOOP_END(0)};
	struct sim_histogram *unit;
	struct fixture f;

	start(&f, ops, 5);
	unit = &f.instance.stats.requests[0];
	program_next(&f.thread, 100);
	assert_int_equal(unit->count, 0);
	program_next(&f.thread, 140);
	program_next(&f.thread, 170);
	assert_int_equal(unit->count, 2);
	assert_int_equal(unit->min, 30);
	assert_int_equal(unit->max, 40);
	workload_instance_reset_stats(&f.instance);
	assert_int_equal(unit->count, 0);
	stop(&f);
}

static void a_taken_item_dates_the_request_back_to_its_arrival(void **state)
{
	struct op ops[] = {REQUEST(3), OP(.kind = OP_TAKE, .object = 0), RUN(1), REQUEST_END(0)};
	struct fixture f;

	start(&f, ops, 4);
	assert_int_equal(program_next(&f.thread, 100)->kind, OP_TAKE);
	program_took(&f.thread, 60);
	assert_int_equal(program_next(&f.thread, 110)->kind, OP_RUN);
	assert_null(program_next(&f.thread, 130));
	assert_int_equal(f.instance.stats.requests[0].max, 70);
	stop(&f);
}

static void requests_nest(void **state)
{
	struct op ops[] = {REQUEST(4), REQUEST(3), RUN(1), REQUEST_END(1), REQUEST_END(0)};
	struct fixture f;

	start(&f, ops, 5);
	program_next(&f.thread, 0);
	program_next(&f.thread, 10);
	assert_int_equal(f.instance.stats.requests[0].count, 2);
	stop(&f);
}

static void a_loop_that_takes_no_time_is_found_out(void **state)
{
	struct op empty[] = {LOOP(-1, 1), LOOP_END(0)};
	struct op actions[] = {LOOP(-1, 2), OP(.kind = OP_UNLOCK, .object = 0), LOOP_END(0)};
	struct fixture f;

	start(&f, empty, 2);
	assert_null(program_next(&f.thread, 5));
	assert_int_equal(f.thread.state, PROGRAM_STUCK);
	assert_int_equal(program_error(&f.thread, &f.error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(f.error.message, "zero-time loop in class worker"));
	stop(&f);

	/* Neither do actions that the runner does at once. */
	start(&f, actions, 3);
	while (program_next(&f.thread, 5))
		;
	assert_int_equal(f.thread.state, PROGRAM_STUCK);
	stop(&f);
}

static void a_long_loop_that_takes_time_is_not_stuck(void **state)
{
	struct op ops[] = {LOOP(PROGRAM_MAX_STEPS, 2), RUN(1), LOOP_END(0)};
	struct fixture f;
	int64_t now = 0;

	start(&f, ops, 3);
	while (program_next(&f.thread, now++))
		;
	assert_int_equal(f.thread.state, PROGRAM_ENDED);
	stop(&f);
}

static void durations_do_not_depend_on_choices(void **state)
{
	struct op op = OP(.kind = OP_RUN, .duration = {.kind = SIM_EXPONENTIAL, .mean_ns = 1000});
	struct op call = OP(.kind = OP_SMP_CALL, .target = OP_TARGET_RANDOM_OTHER);
	struct fixture f, g;

	start(&f, &op, 1);
	start(&g, &op, 1);
	for (int i = 0; i < 100; i++) {
		program_draw_target(&g.thread, &call, 0, 8);
		assert_int_equal(program_draw_ns(&f.thread, &op), program_draw_ns(&g.thread, &op));
	}
	stop(&f);
	stop(&g);
}

static void a_random_target_is_any_cpu_but_ones_own(void **state)
{
	struct op op = OP(.kind = OP_SMP_CALL, .target = OP_TARGET_RANDOM_OTHER);
	struct fixture f;
	int count[5] = {0};

	start(&f, &op, 1);
	for (int i = 0; i < 4000; i++)
		count[program_draw_target(&f.thread, &op, 2, 5)]++;
	for (int cpu = 0; cpu < 5; cpu++)
		assert_in_range(count[cpu], cpu == 2 ? 0 : 850, cpu == 2 ? 0 : 1150);
	stop(&f);
}

static void other_targets_are_as_named(void **state)
{
	struct op op = OP(.kind = OP_SMP_CALL, .target = OP_TARGET_NEXT);
	struct fixture f;

	start(&f, &op, 1);
	assert_int_equal(program_draw_target(&f.thread, &op, 3, 4), 0);
	assert_int_equal(program_draw_target(&f.thread, &op, 0, 1), PROGRAM_TARGET_NONE);
	op.target = OP_TARGET_OTHERS;
	assert_int_equal(program_draw_target(&f.thread, &op, 3, 4), PROGRAM_TARGET_OTHERS);
	op.target = OP_TARGET_CPU;
	op.target_cpu = 2;
	assert_int_equal(program_draw_target(&f.thread, &op, 3, 4), 2);
	assert_int_equal(program_draw_target(&f.thread, &op, 2, 4), PROGRAM_TARGET_NONE);
	assert_int_equal(program_draw_target(&f.thread, &op, 0, 2), PROGRAM_TARGET_NONE);
	stop(&f);
}

static void a_timer_expires_at_its_phase_and_then_once_a_period(void **state)
{
	struct op op = OP(.kind = OP_TIMER, .period_ns = 100, .phase_ns = 30);

	assert_int_equal(program_next_expiry(&op, 0), 30);
	assert_int_equal(program_next_expiry(&op, 29), 30);
	assert_int_equal(program_next_expiry(&op, 30), 130);
	assert_int_equal(program_next_expiry(&op, 129), 130);
	assert_int_equal(program_next_expiry(&op, 1000), 1030);
}

static void expect_refused(struct op *ops, int nr_ops, const char *words)
{
	struct fixture f;

	describe(&f, ops, nr_ops);
	assert_int_equal(workload_check(&f.workload, WORKLOAD_OF_VM, &f.error), OVERSUB_BAD_INPUT);
	if (!strstr(f.error.message, words))
		fail_msg("\"%s\" does not say \"%s\"", f.error.message, words);
}

static void malformed_programs_are_refused(void **state)
{
	struct op unclosed[] = {LOOP(1, 2), RUN(1)};
	struct op crossed[] = {LOOP(1, 2), REQUEST(3), LOOP_END(0), REQUEST_END(1)};
	struct op unknown[] = {OP(.kind = OP_LOCK, .object = 1)};
	struct op outside[] = {OP(.kind = OP_TAKE, .object = 0)};
	struct op stopped[] = {OP(.kind = OP_TIMER, .period_ns = 0)};
	struct op deep[2 * PROGRAM_MAX_NESTING + 2];

	for (int i = 0; i <= PROGRAM_MAX_NESTING; i++) {
		int end = 2 * PROGRAM_MAX_NESTING + 1 - i;

		deep[i] = (struct op)LOOP(1, end);
		deep[end] = (struct op)LOOP_END(i);
	}
	expect_refused(unclosed, 2, "without an end");
	expect_refused(crossed, 4, "not begun");
	expect_refused(unknown, 1, "lock of a lock that the workload does not have");
	expect_refused(outside, 1, "inside a request");
	expect_refused(stopped, 1, "period");
	expect_refused(deep, 2 * PROGRAM_MAX_NESTING + 2, "nested");
}

static void every_op_has_a_runner_and_a_probability_of_1(void **state)
{
	for (int kind = 0; kind < OP_KINDS; kind++) {
		const struct op_description *description = &op_descriptions[kind];
		struct op op;

		if (!description->name)
			continue;
		assert_true(description->params[WORKLOAD_OF_VM] ||
			    description->params[WORKLOAD_OF_HOST]);
		for (int runner = 0; runner < WORKLOAD_RUNNERS; runner++) {
			if (!description->params[runner])
				continue;
			op.probability = 0.0;
			oversub_param_defaults(description->params[runner], &op);
			assert_true(op.probability == 1.0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loops_nest),
		cmocka_unit_test(a_loop_of_no_passes_is_skipped),
		cmocka_unit_test(what_has_probability_0_never_happens),
		cmocka_unit_test(probability_is_drawn_anew_each_time),
		cmocka_unit_test(a_request_is_counted_with_its_latency_when_it_ends),
		cmocka_unit_test(a_taken_item_dates_the_request_back_to_its_arrival),
		cmocka_unit_test(requests_nest),
		cmocka_unit_test(a_loop_that_takes_no_time_is_found_out),
		cmocka_unit_test(a_long_loop_that_takes_time_is_not_stuck),
		cmocka_unit_test(durations_do_not_depend_on_choices),
		cmocka_unit_test(a_random_target_is_any_cpu_but_ones_own),
		cmocka_unit_test(other_targets_are_as_named),
		cmocka_unit_test(a_timer_expires_at_its_phase_and_then_once_a_period),
		cmocka_unit_test(malformed_programs_are_refused),
		cmocka_unit_test(every_op_has_a_runner_and_a_probability_of_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
