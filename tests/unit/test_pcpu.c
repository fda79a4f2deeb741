/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPUs of the host: slices and ticks, switches and interrupts, where the time goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/base/container_of.h"
#include "sim/trace/perf_script.h"
#include "tests/unit/scripted_task.h"

/* ---- Slices ------------------------------------------------------------------------------ */

static void hogs_share_a_cpu_equally(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	int64_t least = INT64_MAX;
	int64_t most = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		add_hog(machine, NULL);
	run_until(machine, 1000 * MS);
	for (int i = 0; i < 5; i++) {
		struct script *script = &machine->scripts[i];
		int64_t ran = script->ran;

		if (script->task.executing)
			ran += sim_now(&machine->engine) - script->segment_start;
		least = ran < least ? ran : least;
		most = ran > most ? ran : most;
	}
	assert_in_range(least, 198 * MS, 200 * MS);
	/* One base slice of a single CPU. */
	assert_true(most - least <= 700 * US);
	stop_machine(machine);
}

static void with_the_slice_timer_runs_are_one_base_slice(void **state)
{
	struct machine *machine = new_machine(free_of_cost(2));
	struct script *hog = add_hog(machine, cpu0);

	(void)state;
	add_hog(machine, cpu0);
	run_until(machine, 400 * MS);
	assert_true(hog->nr_runs > 100);
	/* The first request of a new task is half as long. */
	for (int i = 1; i < hog->nr_runs; i++)
		assert_int_equal(hog->run[i], 1400 * US);
	stop_machine(machine);
}

static void without_it_runs_are_whole_ticks(void **state)
{
	struct host_config config = free_of_cost(2);
	struct machine *machine;
	struct script *hog;

	(void)state;
	config.hrtick = 0;
	machine = new_machine(config);
	hog = add_hog(machine, cpu0);
	add_hog(machine, cpu0);
	run_until(machine, 800 * MS);
	assert_true(hog->nr_runs >= 99);
	for (int i = 0; i < hog->nr_runs; i++)
		assert_int_equal(hog->run[i], 4 * MS);
	stop_machine(machine);
}

static void a_busy_cpu_ticks_and_an_idle_one_does_not(void **state)
{
	struct machine *machine = new_machine(free_of_cost(2));

	(void)state;
	add_hog(machine, cpu0);
	run_until(machine, 99 * MS);
	assert_int_equal(cpu_of(machine, 0)->stats.interrupts, 24);
	assert_int_equal(cpu_of(machine, 1)->stats.interrupts, 0);
	assert_int_equal(sim_event_time(&cpu_of(machine, 0)->tick), 100 * MS);
	stop_machine(machine);
}

static void skewed_ticks_are_spread_over_half_a_tick(void **state)
{
	struct host_config config = free_of_cost(4);
	struct machine *machine;

	(void)state;
	config.skew_tick = 1;
	machine = new_machine(config);
	for (int i = 0; i < 4; i++)
		add_hog(machine, NULL);
	run_until(machine, 1 * MS + 700 * US);
	for (int i = 0; i < 4; i++) {
		int64_t next = i * 500 * US;

		if (next <= 1 * MS + 700 * US)
			next += 4 * MS;
		assert_int_equal(sim_event_time(&cpu_of(machine, i)->tick), next);
	}
	stop_machine(machine);
}

/* ---- Switches ---------------------------------------------------------------------------- */

static void a_task_owes_the_refill_of_what_the_caches_lost(void **state)
{
	struct machine *machine = new_machine(with_costs(2));
	struct script *hog = add_hog(machine, cpu0);

	(void)state;
	run_until(machine, 1 * MS);
	assert_int_equal(hog->task.refill_ns, 10000);
	hog->task.refill_ns = 0;
	add_hog(machine, cpu0);
	run_until(machine, 100 * MS);
	/* It keeps adding up to no more than the whole. */
	assert_int_equal(hog->task.refill_ns, 10000);
	while (hog->task.executing)
		run_until(machine, sim_now(&machine->engine) + 10 * US);
	hog->task.refill_ns = 0;
	while (!hog->task.executing)
		run_until(machine, sim_now(&machine->engine) + 10 * US);
	/* Away for a slice of 1.4 ms and a little: 10 us * 1.4 / 5. */
	assert_in_range(hog->task.refill_ns, 2790, 2810);
	stop_machine(machine);
}

static void an_interrupt_during_a_switch_waits_for_the_next_task(void **state)
{
	struct host_config config = with_costs(1);
	struct machine *machine;
	struct script *script;

	(void)state;
	config.costs.context_switch_ns = 5 * MS;
	machine = new_machine(config);
	script = add_hog(machine, NULL);
	run_until(machine, 4 * MS);
	assert_int_equal(cpu_of(machine, 0)->state, PCPU_SWITCH);
	assert_true(pcpu_interrupt_pending(cpu_of(machine, 0)));
	run_until(machine, 6 * MS);
	assert_false(pcpu_interrupt_pending(cpu_of(machine, 0)));
	assert_int_equal(script->nr_interrupts, 0);
	stop_machine(machine);
}

static void a_kick_interrupts_without_a_reschedule(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *hog = add_hog(machine, NULL);

	(void)state;
	run_until(machine, 1 * MS);
	pcpu_kick(cpu_of(machine, 0));
	assert_int_equal(hog->nr_interrupts, 0);
	run_until(machine, 1 * MS + 900);
	assert_int_equal(hog->nr_interrupts, 1);
	assert_true(hog->task.executing);
	stop_machine(machine);
}

static void many_kicks_in_flight_all_arrive(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct script *hog = add_hog(machine, NULL);

	(void)state;
	run_until(machine, 1 * MS);
	for (int i = 0; i < 20; i++) {
		run_until(machine, 1 * MS + i);
		pcpu_kick(cpu_of(machine, 0));
		pcpu_kick(cpu_of(machine, 0));
	}
	run_until(machine, 2 * MS);
	assert_int_equal(hog->nr_interrupts, 20);
	for (int i = 0; i < 200; i++) {
		run_until(machine, 2 * MS + i);
		pcpu_kick(cpu_of(machine, 0));
	}
	run_until(machine, 3 * MS);
	assert_int_equal(cpu_of(machine, 0)->ipi_count, 0);
	stop_machine(machine);
}

/* ---- Groups, bookkeeping ----------------------------------------------------------------- */

static void groups_share_by_weight_whatever_their_size(void **state)
{
	struct machine *machine = new_machine(with_costs(1));
	struct eevdf_group *small = host_group(&machine->host, NULL, 100);
	struct eevdf_group *large = host_group(&machine->host, NULL, 200);
	struct eevdf_group *inner = host_group(&machine->host, large, 100);
	int64_t in_small;

	(void)state;
	add_script(machine, small, NULL, FOREVER, 0);
	for (int i = 0; i < 4; i++)
		add_script(machine, i < 2 ? large : inner, NULL, FOREVER, 0);
	run_until(machine, 3000 * MS);
	in_small = machine->scripts[0].ran;
	assert_in_range(in_small, 980 * MS, 1010 * MS);
	stop_machine(machine);
}

static void no_two_states_hold_a_cpu_at_once(void **state)
{
	struct machine *machine = new_machine(with_costs(3));

	(void)state;
	for (int i = 0; i < 9; i++)
		add_script(machine, NULL, NULL, (50 + 37 * i) * US, (20 + 91 * i) * US);
	/* stop_machine() checks the sums; here: once more after a reset. */
	run_until(machine, 111 * MS + 77);
	host_reset_stats(&machine->host);
	run_until(machine, 211 * MS + 77);
	host_account(&machine->host);
	for (int i = 0; i < 3; i++) {
		int64_t *in = cpu_of(machine, i)->stats.time_in;

		assert_int_equal(in[PCPU_IDLE] + in[PCPU_SWITCH] + in[PCPU_BUSY], 100 * MS);
		in[PCPU_IDLE] += 111 * MS + 77;
	}
	stop_machine(machine);
}

/* A trace as text, and how many records of each kind it has. */
struct text_of_trace {
	struct trace_sink sink;
	struct perf_script script;
	uint64_t count[TRACE_KINDS];
	int64_t last;
	char *text;
	size_t size;
};

static void take_record(struct trace_sink *sink, const struct trace_record *record)
{
	struct text_of_trace *trace = container_of(sink, struct text_of_trace, sink);

	assert_true(record->time >= trace->last);
	trace->last = record->time;
	trace->count[record->kind]++;
	trace_write(&trace->script.sink, record);
}

static void traced_run(uint64_t seed, struct text_of_trace *trace)
{
	static struct machine machine;
	struct host_config config = with_costs(4);
	FILE *stream;

	*trace = (struct text_of_trace){.sink.write = take_record};
	stream = open_memstream(&trace->text, &trace->size);
	perf_script_start(&trace->script, stream);
	config.llc_cpus = 2;
	start_machine(&machine, config, seed);
	machine.host.trace = &trace->sink;
	for (int i = 0; i < 10; i++)
		add_script(&machine, NULL, NULL, (300 + 133 * i) * US, (20 + 91 * i) * US);
	run_until(&machine, 500 * MS);
	stop_machine(&machine);
	fclose(stream);
}

static void the_same_seed_gives_the_same_trace(void **state)
{
	struct text_of_trace a, b, c;

	traced_run(7, &a);
	traced_run(7, &b);
	traced_run(8, &c);
	assert_true(!strcmp(a.text, b.text));
	assert_false(!strcmp(a.text, c.text));
	assert_true(a.count[TRACE_sched_switch] > 1000);
	assert_true(a.count[TRACE_sched_wakeup] > 1000);
	assert_true(a.count[TRACE_sched_migrate_task] > 10);
	free(a.text);
	free(b.text);
	free(c.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hogs_share_a_cpu_equally),
		cmocka_unit_test(with_the_slice_timer_runs_are_one_base_slice),
		cmocka_unit_test(without_it_runs_are_whole_ticks),
		cmocka_unit_test(a_busy_cpu_ticks_and_an_idle_one_does_not),
		cmocka_unit_test(skewed_ticks_are_spread_over_half_a_tick),
		cmocka_unit_test(a_task_owes_the_refill_of_what_the_caches_lost),
		cmocka_unit_test(an_interrupt_during_a_switch_waits_for_the_next_task),
		cmocka_unit_test(a_kick_interrupts_without_a_reschedule),
		cmocka_unit_test(many_kicks_in_flight_all_arrive),
		cmocka_unit_test(groups_share_by_weight_whatever_their_size),
		cmocka_unit_test(no_two_states_hold_a_cpu_at_once),
		cmocka_unit_test(the_same_seed_gives_the_same_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
