/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Properties of the whole host scheduler over random sets of tasks: bounded lag, work conservation,
 * no starvation, fair shares. The seed of each set is printed, so that a failure can be repeated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "sim/engine/random.h"
#include "tests/unit/scripted_task.h"

#define SETS 12

/* The draws of one set of tasks. */
static void begin_set(int set, struct sim_stream *stream)
{
	print_message("seed %d\n", set);
	sim_stream_init(stream, (uint64_t)set, 0, "test_host_properties", "tasks");
}

static int64_t draw(struct sim_stream *stream, int64_t from, int64_t to)
{
	return from + (int64_t)sim_stream_below(stream, (uint64_t)(to - from + 1));
}

/* Quantum of the implementation: how late the end of a slice is noticed. */
static int64_t quantum(const struct machine *machine)
{
	return machine->config.hrtick ? 10 * US : (int64_t)machine->host.eevdf.tick_ns;
}

/* n hogs on one CPU with slices of 0.3 to 8 ms; the longest of them. */
static int64_t add_hogs(struct machine *machine, struct sim_stream *stream, int n)
{
	int64_t longest = 0;

	for (int i = 0; i < n; i++) {
		int64_t slice = draw(stream, 300 * US, 8 * MS);

		add_with_slice(machine, NULL, cpu0, FOREVER, 0, slice);
		longest = slice > longest ? slice : longest;
	}
	return longest;
}

static void the_lag_of_hogs_stays_within_the_longest_request_and_a_quantum(void **state)
{
	for (int set = 0; set < SETS; set++) {
		struct sim_stream stream;
		struct host_config config = free_of_cost(1);
		struct machine *machine;
		int64_t bound;

		begin_set(set, &stream);
		config.hrtick = set % 2;
		machine = new_machine(config);
		bound = add_hogs(machine, &stream, 2 + set % 5) + quantum(machine);
		for (int64_t time = 50 * MS; time < 400 * MS; time += draw(&stream, US, 3 * MS)) {
			struct eevdf_rq *rq = &cpu_of(machine, 0)->rq;

			run_until(machine, time);
			eevdf_update_clock(rq, (uint64_t)time);
			oversub_eevdf_account(rq, rq->curr);
			for (int i = 0; i < machine->nr_scripts; i++) {
				int64_t lag = (int64_t)(eevdf_avg_vruntime(&rq->root) -
							machine->scripts[i].task.se.vruntime);

				assert_true(llabs(lag) <= bound);
			}
		}
		stop_machine(machine);
	}
}

static void no_cpu_is_idle_while_a_task_waits_on_its_queue(void **state)
{
	for (int set = 0; set < SETS; set++) {
		struct sim_stream stream;
		struct machine *machine = new_machine(with_costs(3));

		begin_set(set, &stream);
		for (int i = 0; i < 9; i++)
			add_script(machine, NULL, NULL, draw(&stream, 20 * US, 5 * MS),
				   draw(&stream, 20 * US, 5 * MS));
		for (int64_t time = 5 * MS; time < 200 * MS; time += draw(&stream, US, 2 * MS)) {
			run_until(machine, time);
			for (int i = 0; i < machine->nr_scripts; i++) {
				const struct host_task *task = &machine->scripts[i].task;

				/* A CPU that is told of work leaves idle at once (SWITCH). */
				if (eevdf_task_runnable(&task->se))
					assert_int_not_equal(task->cpu->state, PCPU_IDLE);
			}
		}
		stop_machine(machine);
	}
}

static void a_hog_waits_no_longer_than_two_of_the_longest_turns_of_all_others(void **state)
{
	for (int set = 0; set < SETS; set++) {
		struct sim_stream stream;
		struct host_config config = free_of_cost(1);
		static struct sim_histogram waits[MAX_TASKS];
		struct machine *machine;
		int64_t turn;

		begin_set(set, &stream);
		config.hrtick = set % 2;
		machine = new_machine(config);
		/*
		 * With the slice timer too: it is not armed again when a pick keeps the task, and
		 * then only a tick ends the turn.
		 */
		turn = add_hogs(machine, &stream, 2 + set % 6) +
		       (int64_t)machine->host.eevdf.tick_ns;
		for (int i = 0; i < machine->nr_scripts; i++) {
			struct script *script = &machine->scripts[i];

			sim_histogram_reset(&waits[i]);
			script->task.runqueue_wait = &waits[i];
		}
		run_until(machine, 1000 * MS);
		for (int i = 0; i < machine->nr_scripts; i++) {
			assert_true(waits[i].count > 0);
			assert_true(waits[i].max <= 2 * turn * (machine->nr_scripts - 1));
		}
		stop_machine(machine);
	}
}

static void hogs_get_their_weighted_share_over_a_hundred_slices(void **state)
{
	for (int set = 0; set < SETS; set++) {
		struct sim_stream stream;
		struct host_config config = free_of_cost(1);
		int64_t weights[MAX_TASKS], total = 0, length = 1500 * MS;
		struct machine *machine;

		begin_set(set, &stream);
		config.hrtick = set % 2;
		machine = new_machine(config);
		for (int i = 0; i < 2 + set % 4; i++) {
			weights[i] = draw(&stream, 20, 400);
			total += weights[i];
			add_script(machine, host_group(&machine->host, NULL, weights[i]), cpu0,
				   FOREVER, 0);
		}
		run_until(machine, length);
		for (int i = 0; i < machine->nr_scripts; i++) {
			struct script *script = &machine->scripts[i];
			int64_t ran = script->ran, bound;

			if (script->task.executing)
				ran += length - script->segment_start;
			bound = 2 * ((int64_t)machine->host.eevdf.base_slice_ns + quantum(machine));
			/* A light group's request is long in its own time, and so is its turn. */
			bound = bound * (total / weights[i] > 1 ? total / weights[i] : 1);
			assert_true(llabs(ran - length * weights[i] / total) <= bound);
		}
		stop_machine(machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lag_of_hogs_stays_within_the_longest_request_and_a_quantum),
		cmocka_unit_test(no_cpu_is_idle_while_a_task_waits_on_its_queue),
		cmocka_unit_test(a_hog_waits_no_longer_than_two_of_the_longest_turns_of_all_others),
		cmocka_unit_test(hogs_get_their_weighted_share_over_a_hundred_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
