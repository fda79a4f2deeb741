/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's tick and idle loop: ticks, nohz, one timer for ticks and sleeps, halt polling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/guest_world.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static uint64_t exits(const struct guest_world *w, enum exit_reason reason)
{
	return w->vm.stats.exits[reason];
}

/* ---- The tick ------------------------------------------------------------------------------- */

static void a_busy_cpu_ticks_at_hz(void **state)
{
	struct guest_world *w = guest_world_open(2);

	w->config.tick_hz = GUEST_HZ_250;
	for (int i = 0; i < 2; i++)
		WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 1000 * MS);

	assert_in_range(w->guest.stats.ticks, 498, 500);
	/* Nobody but the host's own tick is in their way, so they are on time. */
	assert_in_range(w->guest.stats.tick_delay.max, 0, 20 * US);
	guest_world_close(w);
}

static void without_hz_there_is_no_tick(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, RUN(100 * MS));
	guest_world_start(w);
	guest_world_run(w, 100 * MS);

	assert_int_equal(w->guest.stats.ticks, 0);
	assert_int_equal(exits(w, EXIT_TIMER_ARM), 0);
	guest_world_close(w);
}

static void a_tick_takes_three_exits(void **state)
{
	struct guest_world *w = guest_world_open(1);
	uint64_t ticks;

	w->config.tick_hz = GUEST_HZ_1000;
	WORLD_ADD(w, RUN(1000 * MS));
	guest_world_start(w);
	guest_world_run(w, 500 * MS);

	ticks = w->guest.stats.ticks;
	assert_in_range(ticks, 499, 501);
	assert_int_equal(exits(w, EXIT_TIMER), ticks);
	assert_int_equal(exits(w, EXIT_EOI_WRITE), ticks);
	/* And the one that armed the first. */
	assert_int_equal(exits(w, EXIT_TIMER_ARM), ticks + 1);
	guest_world_close(w);
}

static void the_ticks_of_cpus_are_spread_over_a_period(void **state)
{
	struct guest_world *w = guest_world_open(4);
	int64_t phase;

	w->config.tick_hz = GUEST_HZ_250;
	for (int i = 0; i < 4; i++)
		WORLD_ADD(w, RUN(10 * MS));
	guest_world_start(w);
	phase = w->guest.cpus[0].timers.phase;
	for (int i = 1; i < 4; i++)
		assert_int_equal(w->guest.cpus[i].timers.phase, (phase + i * 1 * MS) % (4 * MS));
	guest_world_close(w);
}

static void a_tick_is_late_on_a_preempted_vcpu(void **state)
{
	struct guest_world *w = guest_world_open(2);

	/* Both on one CPU of the host. */
	w->config.tick_hz = GUEST_HZ_1000;
	w->affinity[1] = w->affinity[0];
	for (int i = 0; i < 2; i++)
		WORLD_ADD(w, RUN(1000 * MS));
	guest_world_start(w);
	guest_world_run(w, 500 * MS);

	/* Those that were missed are not made up for. */
	assert_true(w->guest.stats.ticks < 900);
	assert_true(w->guest.stats.tick_delay.max > 1 * MS);
	guest_world_close(w);
}

static void an_idle_cpu_takes_no_ticks(void **state)
{
	for (int nohz = 0; nohz <= 1; nohz++) {
		struct guest_world *w = guest_world_open(1);

		w->config.tick_hz = GUEST_HZ_250;
		w->config.nohz = nohz;
		WORLD_ADD(w, RUN(10 * MS), SLEEP(500 * MS), RUN(10 * MS));
		guest_world_start(w);
		guest_world_run(w, 1000 * MS);
		if (nohz)
			assert_in_range(w->guest.stats.ticks, 3, 6);
		else
			assert_in_range(w->guest.stats.ticks, 248, 251);
		assert_int_equal(w->guest.threads[0].program.state, PROGRAM_ENDED);
		guest_world_close(w);
	}
}

static void ticks_and_sleeps_share_one_timer(void **state)
{
	for (enum guest_hz hz = GUEST_HZ_OFF; hz <= GUEST_HZ_1000; hz++) {
		struct guest_world *w = guest_world_open(1);

		/* Two sleepers of one CPU, of which one computes most of the time. */
		w->config.tick_hz = hz;
		WORLD_ADD(w, OP(.kind = OP_LOOP, .count = 100, .jump = 5), REQUEST(4), RUN(10 * US),
			  SLEEP(300 * US), REQUEST_END(1), LOOP_END(0));
		WORLD_ADD(w, FOREVER(3), RUN(1 * MS), SLEEP(700 * US), LOOP_END(0));
		guest_world_start(w);
		guest_world_run(w, 300 * MS);
		assert_int_equal(w->guest.instance.stats.requests[0].count, 100);
		assert_true(w->guest.instance.stats.requests[0].min >= 310 * US);
		guest_world_close(w);
	}
}

/* ---- Halt polling --------------------------------------------------------------------------- */

static void the_poll_grows_while_halts_are_short_and_shrinks_when_they_are_long(void **state)
{
	const struct haltpoll_config config = {1, 200 * US, 2, 2, 50 * US, 1};
	struct haltpoll haltpoll = {0};

	assert_false(haltpoll_select(&config, &haltpoll));
	haltpoll_halted(&config, &haltpoll, 30 * US);
	assert_int_equal(haltpoll.window, 50 * US);
	assert_true(haltpoll_select(&config, &haltpoll));
	/* Nothing came: halt. */
	haltpoll_polled(&haltpoll, true);
	assert_false(haltpoll_select(&config, &haltpoll));
	haltpoll_halted(&config, &haltpoll, 60 * US);
	assert_int_equal(haltpoll.window, 100 * US);
	/* Something came: poll again next time. */
	haltpoll_polled(&haltpoll, false);
	assert_true(haltpoll_select(&config, &haltpoll));
	haltpoll_halted(&config, &haltpoll, 150 * US);
	haltpoll_halted(&config, &haltpoll, 201 * US);
	assert_int_equal(haltpoll.window, 100 * US);
	haltpoll_halted(&config, &haltpoll, 201 * US);
	haltpoll_halted(&config, &haltpoll, 201 * US);
	assert_int_equal(haltpoll.window, 0);
}

/* vCPU 0 wakes vCPU 1 every 60 us. */
static struct guest_world *open_waking_world(bool haltpoll, bool scheduler)
{
	struct guest_world *w = guest_world_open(2);

	w->config.haltpoll.haltpoll = haltpoll;
	w->config.scheduler = scheduler;
	WORLD_ADD(w, FOREVER(3), RUN(60 * US), WAKE, LOOP_END(0));
	WORLD_ADD(w, FOREVER(5), WAIT, REQUEST(4), RUN(5 * US), REQUEST_END(2), LOOP_END(0));
	return w;
}

static void a_wake_up_of_a_polling_cpu_sends_no_ipi(void **state)
{
	for (int scheduler = 0; scheduler <= 1; scheduler++) {
		struct guest_world *w = open_waking_world(true, scheduler);

		guest_world_start(w);
		guest_world_run(w, 10 * MS);
		assert_true(w->guest.instance.stats.requests[0].count > 140);
		/* Two until the window has grown to more than the pauses. */
		assert_true(w->guest.stats.reschedules + w->guest.stats.wake_ipis < 5);
		assert_true(exits(w, EXIT_HLT) < 5);
		guest_world_close(w);

		w = open_waking_world(false, scheduler);
		guest_world_start(w);
		guest_world_run(w, 10 * MS);
		assert_true(w->guest.stats.reschedules + w->guest.stats.wake_ipis > 140);
		guest_world_close(w);
	}
}

static void a_guest_that_polls_keeps_the_host_from_polling(void **state)
{
	struct guest_world *w = open_waking_world(true, false);
	int64_t polled;

	guest_world_start(w);
	guest_world_run(w, 10 * MS);
	kvm_vm_account(&w->vm);
	polled = w->vm.vcpus[1].stats.time_in[VCPU_POLL];
	assert_int_equal(polled, 0);
	/* Its own polls are pause loops, but wait for nobody. */
	assert_true(w->vm.vcpus[1].stats.time_in[VCPU_GUEST_POLL] > 5 * MS);
	assert_true(w->vm.vcpus[1].stats.time_in[VCPU_SPIN] < 1 * MS);
	guest_world_close(w);
}

static void an_idle_poll_has_pause_loop_exits(void **state)
{
	struct guest_world *w = open_waking_world(true, false);

	w->candidate = "mainline";
	guest_world_start(w);
	guest_world_run(w, 10 * MS);
	/* The window grows until it is longer than a poll. */
	assert_true(exits(w, EXIT_PAUSE) > 3);
	guest_world_close(w);
}

static void an_interrupt_that_wakes_a_thread_ends_the_poll(void **state)
{
	struct guest_world *w = guest_world_open(1);

	/* Its sleeps are shorter than its polls. */
	w->config.haltpoll.haltpoll = 1;
	WORLD_ADD(w, OP(.kind = OP_LOOP, .count = 20, .jump = 2), SLEEP(60 * US), LOOP_END(0),
		  FOREVER(7), REQUEST(6), SLEEP(20 * US), REQUEST_END(4), LOOP_END(3));
	guest_world_start(w);
	guest_world_run(w, 10 * MS);

	assert_true(w->guest.stats.polls > 100);
	assert_true(w->guest.instance.stats.requests[0].max < 30 * US);
	guest_world_close(w);
}

/* haltpoll_select() asks for it with *stop_tick. */
static void a_poll_leaves_the_tick_as_it_is(void **state)
{
	struct guest_world *w = open_waking_world(true, false);

	w->config.tick_hz = GUEST_HZ_250;
	guest_world_start(w);
	guest_world_run(w, 100 * MS);

	assert_true(w->guest.stats.polls > 1400);
	/* For each tick, around each halt, and to begin with. */
	assert_true(exits(w, EXIT_HLT) < 50);
	assert_true(exits(w, EXIT_TIMER_ARM) <= w->guest.stats.ticks + 2 * exits(w, EXIT_HLT) + 2);
	guest_world_close(w);
}

static void a_polling_cpu_runs_calls_without_an_ipi(void **state)
{
	struct guest_world *w = guest_world_open(2);

	w->config.haltpoll.haltpoll = 1;
	WORLD_ADD(w, RUN(100 * US), CALL_CPU(1, 500, .wait = 1), RUN(40 * US),
		  CALL_CPU(1, 500, .wait = 1));
	WORLD_ADD(w, RUN(60 * US));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);

	/* The first wakes it from a short halt; it polls when the second comes. */
	assert_int_equal(w->guest.stats.calls_served, 2);
	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfb), 1);
	assert_int_equal(w->guest.stats.smp_call.count, 2);
	guest_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_cpu_ticks_at_hz),
		cmocka_unit_test(without_hz_there_is_no_tick),
		cmocka_unit_test(a_tick_takes_three_exits),
		cmocka_unit_test(the_ticks_of_cpus_are_spread_over_a_period),
		cmocka_unit_test(a_tick_is_late_on_a_preempted_vcpu),
		cmocka_unit_test(an_idle_cpu_takes_no_ticks),
		cmocka_unit_test(ticks_and_sleeps_share_one_timer),
		cmocka_unit_test(
			the_poll_grows_while_halts_are_short_and_shrinks_when_they_are_long),
		cmocka_unit_test(a_wake_up_of_a_polling_cpu_sends_no_ipi),
		cmocka_unit_test(a_guest_that_polls_keeps_the_host_from_polling),
		cmocka_unit_test(an_idle_poll_has_pause_loop_exits),
		cmocka_unit_test(an_interrupt_that_wakes_a_thread_ends_the_poll),
		cmocka_unit_test(a_poll_leaves_the_tick_as_it_is),
		cmocka_unit_test(a_polling_cpu_runs_calls_without_an_ipi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
