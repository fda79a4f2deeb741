/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is where, doing what, since when: the same while a run is traced and from the text of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/base/container_of.h"
#include "sim/run/world.h"
#include "sim/trace/perf_parse.h"
#include "sim/trace/perf_script.h"
#include "sim/trace/replay.h"

/* ---- Live and from text --------------------------------------------------------------------- */

/* A run as it is traced: replayed at once, written down, and replayed from what is written. */
struct twice {
	struct trace_sink sink;
	struct replay live, text;
	struct trace_words words;
	uint64_t records;
};

static void take(struct trace_sink *sink, const struct trace_record *record)
{
	struct twice *twice = container_of(sink, struct twice, sink);
	char line[512] = "";
	FILE *stream = fmemopen(line, sizeof(line), "w");
	struct perf_script script;
	struct trace_record read;

	perf_script_start(&script, stream);
	trace_write(&script.sink, record);
	fclose(stream);
	assert_true(perf_parse(line, UINT64_MAX, &twice->words, &read));
	replay_take(&twice->live, record);
	replay_take(&twice->text, &read);
	twice->records++;
}

static void assert_same_task(const struct replay_task *a, const struct replay_task *b)
{
	/* That a task is throttled is not in the text of sched_switch. */
	enum replay_doing doing = replay_doing(a);

	assert_string_equal(a->comm, b->comm);
	assert_int_equal(a->vcpu, b->vcpu);
	assert_int_equal(doing == DOING_PARKED ? DOING_PREEMPTED : doing, replay_doing(b));
	/* The text has whole us. */
	assert_int_equal(a->since / 1000, b->since / 1000);
	assert_int_equal(a->entered / 1000, b->entered / 1000);
	assert_int_equal(a->cpu, b->cpu);
	assert_int_equal(a->in_user, b->in_user);
	assert_int_equal(a->halting, b->halting);
	assert_int_equal(a->stopped, b->stopped);
	assert_int_equal(a->spinning, b->spinning);
	assert_int_equal(a->handler, b->handler);
	assert_int_equal(a->csd, b->csd);
	assert_int_equal(a->guest_thread, b->guest_thread);
}

static void the_text_of_a_run_tells_the_same_as_the_run(void **state)
{
	char text[] = "run.measure=20ms", warmup[] = "run.warmup=5ms";
	struct scenario_override list[2];
	struct scenario_overrides overrides = {.list = list, .nr = 2};
	struct twice twice = {.sink.write = take};
	struct world_options options = {.trace = &twice.sink, .trace_warmup = true};
	struct replication_result result;
	struct oversub_error error = {""};
	struct scenario *scenario;

	assert_int_equal(scenario_override_parse(text, &list[0], &error), OVERSUB_OK);
	assert_int_equal(scenario_override_parse(warmup, &list[1], &error), OVERSUB_OK);
	if (scenario_load("quota", &overrides, &scenario, &error))
		fail_msg("%s", error.message);
	replay_init(&twice.live, sizeof(struct replay_task));
	replay_init(&twice.text, sizeof(struct replay_task));
	if (world_run(scenario, 0, &options, &result, &error))
		fail_msg("%s", error.message);
	assert_true(twice.records > 1000);
	assert_int_equal(twice.live.nr_tasks, twice.text.nr_tasks);
	for (int i = 0; i < twice.live.nr_tasks; i++)
		assert_same_task(twice.live.tasks[i], twice.text.tasks[i]);
	assert_int_equal(twice.live.nr_cpus, twice.text.nr_cpus);
	replay_free(&twice.live);
	replay_free(&twice.text);
	trace_words_free(&twice.words);
	result_free(&result);
	scenario_free(scenario);
}

/* ---- What tasks do -------------------------------------------------------------------------- */

static void emit(struct replay *replay, int64_t time, int cpu, int pid, const char *comm,
		 struct trace_record record)
{
	record.time = time;
	record.cpu = cpu;
	record.pid = pid;
	record.comm = comm;
	replay_take(replay, &record);
}

static void assert_does(const struct replay *replay, int pid, enum replay_doing doing,
			int64_t since, int cpu)
{
	const struct replay_task *task = replay_task(replay, pid);

	assert_non_null(task);
	assert_int_equal(replay_doing(task), doing);
	assert_int_equal(task->since, since);
	assert_int_equal(task->cpu, cpu);
}

static void a_task_is_where_the_records_put_it(void **state)
{
	struct replay replay;

	replay_init(&replay, sizeof(struct replay_task));
	emit(&replay, 100, 0, 0, "swapper",
	     TRACE_RECORD(sched_wakeup, .comm = "a/vcpu0", .pid = 1, .target_cpu = 2));
	assert_does(&replay, 1, DOING_WOKEN, 100, 2);
	emit(&replay, 150, 0, 0, "swapper",
	     TRACE_RECORD(sched_migrate_task, .comm = "a/vcpu0", .pid = 1, .dest_cpu = 1));
	assert_does(&replay, 1, DOING_WOKEN, 100, 1);
	assert_ptr_equal(replay.cpus[1].queued, replay_task(&replay, 1));
	emit(&replay, 200, 1, 0, "swapper",
	     TRACE_RECORD(sched_switch, .next_comm = "a/vcpu0", .next_pid = 1));
	assert_does(&replay, 1, DOING_HOST, 200, 1);
	assert_null(replay.cpus[1].queued);
	emit(&replay, 300, 1, 1, "a/vcpu0", TRACE_RECORD(kvm_entry, .vcpu = 0));
	assert_does(&replay, 1, DOING_WORK, 200, 1);
	emit(&replay, 400, 1, 1, "a/vcpu0", TRACE_RECORD(spin_begin, .on = "csd"));
	assert_does(&replay, 1, DOING_SPIN, 200, 1);
	emit(&replay, 500, 1, 1, "a/vcpu0",
	     TRACE_RECORD(kvm_exit, .exit = {TRACE_EXIT_PAUSE}, .rip = TRACE_RIP_KERNEL));
	emit(&replay, 600, 1, 1, "a/vcpu0",
	     TRACE_RECORD(sched_switch, .prev_state = TRACE_STATE_RUNNING, .next_comm = "vhost",
			  .next_pid = 2));
	assert_does(&replay, 1, DOING_PREEMPTED, 600, 1);
	assert_does(&replay, 2, DOING_THREAD, 600, 1);
	assert_ptr_equal(replay_task(&replay, 1)->lost_to, replay_task(&replay, 2));
	assert_true(replay_task(&replay, 1)->spinning);
	replay_free(&replay);
}

static void who_yields_gave_its_cpu_away_and_who_is_throttled_is_parked(void **state)
{
	struct replay replay;

	replay_init(&replay, sizeof(struct replay_task));
	emit(&replay, 100, 0, 1, "a/vcpu0", TRACE_RECORD(kvm_exit, .exit = {TRACE_EXIT_PAUSE}));
	emit(&replay, 110, 0, 1, "a/vcpu0",
	     TRACE_RECORD(yield_to, .target_comm = "a/vcpu1", .target_pid = 2, .ret = 1));
	emit(&replay, 120, 0, 1, "a/vcpu0",
	     TRACE_RECORD(sched_switch, .prev_state = TRACE_STATE_RUNNING, .next_comm = "a/vcpu1",
			  .next_pid = 2));
	assert_does(&replay, 1, DOING_YIELDED, 120, 0);
	emit(&replay, 130, 0, 2, "a/vcpu1",
	     TRACE_RECORD(sched_switch, .prev_state = TRACE_STATE_RUNNING, .next_comm = "swapper",
			  .throttled = true));
	assert_does(&replay, 2, DOING_PARKED, 130, 0);
	assert_null(replay.cpus[0].current);
	replay_free(&replay);
}

static void rewinding_keeps_names_alone(void **state)
{
	struct replay replay;

	replay_init(&replay, sizeof(struct replay_task));
	emit(&replay, 100, 3, 1, "b10/vcpu0", TRACE_RECORD(kvm_entry, .vcpu = 0));
	emit(&replay, 100, 4, 2, "b9/vcpu1", TRACE_RECORD(kvm_entry, .vcpu = 1));
	replay_sort_vms(&replay);
	replay_rewind(&replay);
	assert_int_equal(replay_doing(replay_task(&replay, 1)), DOING_UNKNOWN);
	assert_false(replay.cpus[3].known);
	assert_string_equal(replay.vms[0]->name, "b9");
	assert_ptr_equal(replay_vcpu(&replay, 0, 1), replay_task(&replay, 2));
	assert_int_equal(replay_task(&replay, 1)->vm, 1);
	replay_free(&replay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_of_a_run_tells_the_same_as_the_run),
		cmocka_unit_test(a_task_is_where_the_records_put_it),
		cmocka_unit_test(who_yields_gave_its_cpu_away_and_who_is_throttled_is_parked),
		cmocka_unit_test(rewinding_keeps_names_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
