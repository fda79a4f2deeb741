/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest threads: locks on overcommitted CPUs, sleeping and waking, wait chains, wrong programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/workload/lock.h"
#include "tests/unit/guest_world.h"
#include "tests/unit/random_program.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static int waits_for(const struct guest_world *world, int vcpu)
{
	const struct vcpu *other = guest_vcpu_ops.waits_for(&world->vm.vcpus[vcpu]);

	return other ? other->index : -1;
}

/* ---- Locks ---------------------------------------------------------------------------------- */

/*
 * Does a lock ever belong to a waiter that is off its CPU when it is granted? vCPU 0 takes and
 * releases it all the time, vCPU 1 too, but shares its CPU with vCPU 2, which computes.
 */
static bool granted_to_a_preempted_waiter(enum lock_kind kind)
{
	struct guest_world *w = guest_world_open(3);
	bool granted = false;

	w->lock.kind = kind;
	w->affinity[2] = w->affinity[1];
	for (int i = 0; i < 2; i++)
		WORLD_ADD(w, FOREVER(5), LOCK(), RUN_KERNEL(300 * US), UNLOCK, RUN(10 * US),
			  LOOP_END(0));
	WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	for (int64_t now = 0; now < 300 * MS; now += 20 * US) {
		const struct guest_cpu *waiter = &w->guest.cpus[1];

		guest_world_run(w, now);
		granted |= w->guest.instance.locks[0].owner == &waiter->current->waiter &&
			   waiter->wait.kind == GUEST_WAIT_LOCK && !waiter->vcpu->task.on_cpu;
	}
	assert_true(w->guest.instance.stats.lock_contended > 10);
	guest_world_close(w);
	return granted;
}

static void a_queued_lock_released_to_a_preempted_waiter_stays_its_own(void **state)
{
	assert_true(granted_to_a_preempted_waiter(LOCK_QUEUED));
}

static void a_test_and_set_lock_is_never_granted_to_a_preempted_waiter(void **state)
{
	assert_false(granted_to_a_preempted_waiter(LOCK_TAS));
}

static void a_test_and_set_waiter_that_comes_back_finds_the_lock_free(void **state)
{
	struct guest_world *w = guest_world_open(3);

	/* vCPU 1 is preempted by vCPU 2 now and then; vCPU 0 holds once, longer than a slice. */
	w->lock.kind = LOCK_TAS;
	w->affinity[2] = w->affinity[1];
	WORLD_ADD(w, LOCK(), RUN_KERNEL(20 * MS), UNLOCK);
	WORLD_ADD(w, RUN(1 * US), LOCK(), RUN_KERNEL(1 * US), UNLOCK);
	WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 100 * MS);

	assert_int_equal(w->guest.instance.stats.lock_acquired, 2);
	assert_true(w->guest.instance.stats.lock_wait.min > 19 * MS);
	assert_null(w->guest.instance.locks[0].owner);
	guest_world_close(w);
}

static void the_end_of_a_contended_wait_costs_a_cache_line_transfer(void **state)
{
	struct guest_world *w = guest_world_open(2);
	int i;

	WORLD_ADD(w, RUN(100 * US), LOCK(), RUN_KERNEL(100 * US), UNLOCK);
	WORLD_ADD(w, RUN(150 * US), LOCK(), UNLOCK);
	w->config.cache_line_ns = 77;
	guest_world_start(w);
	guest_world_run(w, 1 * MS);

	assert_int_equal(w->guest.instance.stats.lock_contended, 1);
	assert_int_equal(w->guest.instance.stats.lock_wait.max, 50 * US + 77);
	i = guest_world_find_interrupt(w, 1, 0xfb, 0);
	assert_int_equal(i, w->nr_notes);
	guest_world_close(w);
}

static void an_irqsave_waiter_takes_interrupts_only_after_its_unlock(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, LOCK(), RUN_KERNEL(200 * US), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(.irqsave = 1), RUN_KERNEL(50 * US), UNLOCK, RUN(1 * MS));
	WORLD_ADD(w, RUN(50 * US), CALL_CPU(1, 500, .wait = 1));
	guest_world_start(w);
	/* The caller waits for the spinner, it for the holder. */
	guest_world_run(w, 100 * US);
	assert_int_equal(waits_for(w, 2), 1);
	assert_int_equal(waits_for(w, 1), 0);
	assert_int_equal(waits_for(w, 0), -1);
	guest_world_run(w, 2 * MS);

	assert_int_equal(w->guest.stats.smp_call.count, 1);
	assert_true(w->guest.stats.smp_call.min > 150 * US);
	assert_in_range(w->notes[guest_world_find_interrupt(w, 1, 0xfb, 0)].time, 250 * US,
			290 * US);
	guest_world_close(w);
}

static void interrupts_get_in_between_two_irqsave_sections(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, LOCK(.irqsave = 1), RUN_KERNEL(100 * US), UNLOCK, LOCK(.irqsave = 1),
		  RUN_KERNEL(100 * US), UNLOCK);
	WORLD_ADD(w, RUN(50 * US), CALL_CPU(0, 500, .wait = 1));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);

	assert_in_range(w->notes[guest_world_find_interrupt(w, 0, 0xfb, 0)].time, 100 * US,
			130 * US);
	guest_world_close(w);
}

static void a_plain_waiter_serves_calls_while_it_spins(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, LOCK(), RUN_KERNEL(500 * US), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(), UNLOCK);
	WORLD_ADD(w, RUN(50 * US), CALL_CPU(1, 500, .wait = 1));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(w->guest.stats.smp_call.count, 1);
	assert_true(w->guest.stats.smp_call.max < 50 * US);
	assert_int_equal(w->guest.instance.stats.lock_acquired, 2);
	guest_world_close(w);
}

static void a_lock_granted_during_a_handler_is_found_after_it(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, LOCK(), RUN_KERNEL(100 * US), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(), UNLOCK);
	/* The handler runs from about 60 to 260 us. */
	WORLD_ADD(w, RUN(50 * US), CALL_CPU(1, 200 * US, .wait = 1));
	guest_world_start(w);
	guest_world_run(w, 200 * US);
	assert_ptr_equal(w->guest.instance.locks[0].owner, &w->guest.threads[1].waiter);
	assert_int_equal(waits_for(w, 1), -1);
	guest_world_run(w, 2 * MS);

	assert_true(w->guest.instance.stats.lock_wait.max > 240 * US);
	assert_null(w->guest.instance.locks[0].owner);
	guest_world_close(w);
}

/* ---- Sleeping and waking -------------------------------------------------------------------- */

static void an_event_wakes_an_idle_cpu_with_a_reschedule_ipi(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, WAIT, RUN(10 * US));
	WORLD_ADD(w, RUN(500 * US), WAKE);
	guest_world_start(w);
	guest_world_run(w, 400 * US);
	assert_int_equal(w->guest.cpus[0].context, GUEST_IDLE);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_interrupts(w, 0, 0xfd), 1);
	assert_int_equal(w->guest.stats.reschedules, 1);
	assert_int_equal(w->guest.threads[0].program.state, PROGRAM_ENDED);
	assert_int_equal(w->guest.instance.stats.sync_wait.count, 1);
	assert_int_equal(guest_world_count_actions(w, 1, GUEST_SPIN), 0);
	guest_world_close(w);
}

static void a_signal_sent_before_the_wait_is_remembered_without_an_ipi(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, RUN(500 * US), WAIT);
	WORLD_ADD(w, WAKE);
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(w->guest.stats.reschedules, 0);
	assert_int_equal(w->guest.threads[0].program.state, PROGRAM_ENDED);
	assert_int_equal(w->guest.instance.stats.sync_wait.count, 0);
	guest_world_close(w);
}

static void the_last_at_a_barrier_wakes_each_of_the_others(void **state)
{
	struct guest_world *w = guest_world_open(4);

	for (int i = 0; i < 4; i++)
		WORLD_ADD(w, RUN((i + 1) * 100 * US), BARRIER, RUN(1 * US));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_actions(w, 3, GUEST_ICR), 3);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(guest_world_count_interrupts(w, i, 0xfd), i < 3);
		assert_int_equal(w->guest.threads[i].program.state, PROGRAM_ENDED);
	}
	guest_world_close(w);
}

static void a_sleeper_is_woken_by_its_timer(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, REQUEST(2), SLEEP(3 * MS), REQUEST_END(0));
	guest_world_start(w);
	guest_world_run(w, 10 * MS);

	assert_int_equal(guest_world_count_interrupts(w, 0, 0xec), 1);
	assert_int_equal(w->guest.instance.stats.requests[0].count, 1);
	assert_in_range(w->guest.instance.stats.requests[0].max, 3 * MS, 3 * MS + 50 * US);
	guest_world_close(w);
}

static void a_short_sleep_may_end_before_the_cpu_idles(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, RUN(100 * US), SLEEP(1), SLEEP(300), SLEEP(1000), SLEEP(2000), RUN(1));
	guest_world_start(w);
	guest_world_run(w, 10 * MS);

	assert_int_equal(w->guest.threads[0].program.state, PROGRAM_ENDED);
	assert_int_equal(guest_world_count_interrupts(w, 0, 0xec), 4);
	guest_world_close(w);
}

static void a_periodic_timer_expires_on_its_grid(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, FOREVER(5), REQUEST(4),
		  OP(.kind = OP_TIMER, .period_ns = 1 * MS, .phase_ns = 200 * US), RUN(10 * US),
		  REQUEST_END(1), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 10 * MS);

	assert_int_equal(w->guest.instance.stats.requests[0].count, 10);
	assert_in_range(w->guest.instance.stats.requests[0].max, 900 * US, 1100 * US);
	guest_world_close(w);
}

static void an_io_exits_and_ends_with_a_device_interrupt(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, REQUEST(2), IO(80 * US), REQUEST_END(0));
	guest_world_start(w);
	guest_world_run(w, 10 * MS);

	assert_int_equal(w->vm.stats.exits[EXIT_IO], 1);
	assert_int_equal(guest_world_count_interrupts(w, 0, 0x30), 1);
	assert_in_range(w->guest.instance.stats.requests[0].max, 80 * US, 130 * US);
	guest_world_close(w);
}

static void every_arrival_is_served_once(void **state)
{
	struct guest_world *w = guest_world_open(2);

	/* 0.6 of the capacity of two threads. */
	w->source.interarrival =
		(struct sim_distribution){.kind = SIM_EXPONENTIAL, .mean_ns = 100 * US};
	for (int i = 0; i < 2; i++)
		WORLD_ADD(w, FOREVER(5), REQUEST(4), TAKE, RUN(120 * US), REQUEST_END(1),
			  LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 200 * MS);

	assert_true(w->guest.instance.sources[0].backlog.offered > 1500);
	assert_in_range(w->guest.instance.sources[0].backlog.offered -
				w->guest.instance.stats.requests[0].count,
			0, 30);
	assert_true(w->guest.instance.stats.requests[0].min >= 120 * US);
	assert_true(guest_world_count_interrupts(w, 0, 0x30) > 0);
	assert_true(guest_world_count_interrupts(w, 1, 0x30) > 0);
	guest_world_close(w);
}

static void a_cpu_whose_thread_has_ended_sleeps(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, RUN(10 * US));
	guest_world_start(w);
	guest_world_run(w, 10 * MS);

	for (int i = 0; i < 2; i++)
		assert_int_equal(w->vm.vcpus[i].task.state, TASK_SLEEPING);
	assert_int_equal(guest_world_count_actions(w, -1, GUEST_HLT), 2);
	guest_world_close(w);
}

/* ---- Who waits ------------------------------------------------------------------------------ */

static void unfinished_waits_are_counted_with_the_age_of_the_oldest(void **state)
{
	struct guest_world *w = guest_world_open(3);
	int64_t oldest;
	int count;

	WORLD_ADD(w, LOCK(), RUN_KERNEL(10 * MS), UNLOCK);
	WORLD_ADD(w, RUN(100 * US), LOCK(), UNLOCK);
	WORLD_ADD(w, RUN(300 * US), LOCK(), UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 1 * MS);
	guest_unfinished_waits(&w->guest, 1 * MS, &count, &oldest);
	assert_int_equal(count, 2);
	assert_in_range(oldest, 850 * US, 900 * US);

	guest_world_run(w, 20 * MS);
	guest_unfinished_waits(&w->guest, 20 * MS, &count, &oldest);
	assert_int_equal(count, 0);
	assert_int_equal(oldest, 0);
	guest_world_close(w);
}

static void a_wait_is_described_with_what_it_is_for(void **state)
{
	struct guest_world *w = guest_world_open(4);
	char text[200];
	int next;

	WORLD_ADD(w, LOCK(), WAIT);
	WORLD_ADD(w, RUN(100 * US), LOCK(.irqsave = 1));
	WORLD_ADD(w, RUN(200 * US), FLUSH(1));
	guest_world_start(w);
	guest_world_run(w, 5 * MS);

	guest_describe_wait(&w->guest, 2, text, sizeof(text), &next);
	assert_int_equal(next, 1);
	assert_non_null(strstr(text, "for vcpu1 to run its tlb_flush"));
	guest_describe_wait(&w->guest, 1, text, sizeof(text), &next);
	assert_int_equal(next, 0);
	assert_non_null(strstr(text, "for lock l held by t0"));
	guest_describe_wait(&w->guest, 0, text, sizeof(text), &next);
	assert_int_equal(next, -1);
	assert_non_null(strstr(text, "for event unit"));
	guest_world_close(w);
}

/* ---- Wrong programs ------------------------------------------------------------------------- */

static void expect_failure(struct guest_world *w, const char *message)
{
	guest_world_start(w);
	assert_int_equal(sim_run(&w->engine, 10 * MS), SIM_STOPPED);
	assert_int_equal(w->guest.status, OVERSUB_BAD_INPUT);
	if (!strstr(w->guest.error.message, message))
		fail_msg("%s", w->guest.error.message);
	guest_world_close(w);
}

static void unlocking_what_one_does_not_hold_ends_the_run(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, RUN(10), UNLOCK);
	expect_failure(w, "t0 unlocks l");
}

static void going_round_without_taking_time_ends_the_run(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, FOREVER(2), RUN(0), LOOP_END(0));
	expect_failure(w, "zero-time loop");
}

static void calling_with_interrupts_off_ends_the_run(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, LOCK(.irqsave = 1), FLUSH(1), UNLOCK);
	expect_failure(w, "thread t0, op tlb_flush: calls other CPUs with interrupts off");
}

static void sleeping_with_interrupts_off_ends_the_run(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, LOCK(.irqsave = 1), SLEEP(10 * US), UNLOCK);
	expect_failure(w, "op sleep: sleeps with interrupts off");
}

static void calling_a_cpu_that_does_not_exist_is_refused(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, CALL_CPU(2, 500));
	assert_int_equal(guest_world_try_start(w), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w->error.message, "calls CPU 2"));
	guest_world_close(w);
}

/* ---- Anything together ---------------------------------------------------------------------- */

static void run_random_world(uint64_t seed)
{
	static const char *const candidates[] = {"none", "mainline", "v3"};
	struct sim_stream dice;
	struct guest_world *w;
	struct op ops[RANDOM_PROGRAM_OPS];
	int nr_vcpus, count;
	int64_t oldest;

	sim_stream_init(&dice, seed, 0, "test", "programs");
	nr_vcpus = (int)sim_stream_below(&dice, 7) + 2;
	w = guest_world_open(nr_vcpus);
	w->host_config.cpus = (int64_t)sim_stream_below(&dice, nr_vcpus) + 1;
	memset(w->affinity, 0, sizeof(w->affinity));
	w->lock.kind = (enum lock_kind)sim_stream_below(&dice, LOCK_PV + 1);
	w->kvm_config.pv_unhalt = 1;
	w->config.pv_spin_threshold = (int64_t)sim_stream_below(&dice, 1000) + 1;
	w->candidate = candidates[sim_stream_below(&dice, 3)];
	w->kvm_config.apicv = (int64_t)sim_stream_below(&dice, 4);
	w->kvm_config.x2apic = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.lapic_timer = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.device_delivery = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.device_trigger = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.pv_eoi = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.steal_time = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.pv_tlb_flush = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.pv_send_ipi = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.pv_sched_yield = (int64_t)sim_stream_below(&dice, 2);
	for (int i = 0; i < nr_vcpus; i++)
		guest_world_add(w, ops, random_program(&dice, nr_vcpus, 20, ops));
	guest_world_start(w);
	guest_world_run(w, 20000 * MS);

	assert_int_equal(w->guest.status, OVERSUB_OK);
	for (int i = 0; i < nr_vcpus; i++) {
		char text[200];
		int next;

		if (w->guest.threads[i].program.state == PROGRAM_ENDED)
			continue;
		guest_describe_wait(&w->guest, i, text, sizeof(text), &next);
		print_message("%s\n", text);
		fail_msg("seed %llu: a thread has not ended", (unsigned long long)seed);
	}
	guest_unfinished_waits(&w->guest, 20000 * MS, &count, &oldest);
	assert_int_equal(count, 0);
	assert_null(w->guest.instance.locks[0].owner);
	for (int i = 0; i < nr_vcpus; i++)
		assert_int_equal(w->guest.cpus[i].calls.first, GUEST_NO_CSD);
	guest_world_close(w);
}

static void random_programs_come_to_their_end_on_any_host(void **state)
{
	for (uint64_t seed = 1; seed <= 60; seed++)
		run_random_world(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queued_lock_released_to_a_preempted_waiter_stays_its_own),
		cmocka_unit_test(a_test_and_set_lock_is_never_granted_to_a_preempted_waiter),
		cmocka_unit_test(a_test_and_set_waiter_that_comes_back_finds_the_lock_free),
		cmocka_unit_test(the_end_of_a_contended_wait_costs_a_cache_line_transfer),
		cmocka_unit_test(an_irqsave_waiter_takes_interrupts_only_after_its_unlock),
		cmocka_unit_test(interrupts_get_in_between_two_irqsave_sections),
		cmocka_unit_test(a_plain_waiter_serves_calls_while_it_spins),
		cmocka_unit_test(a_lock_granted_during_a_handler_is_found_after_it),
		cmocka_unit_test(an_event_wakes_an_idle_cpu_with_a_reschedule_ipi),
		cmocka_unit_test(a_signal_sent_before_the_wait_is_remembered_without_an_ipi),
		cmocka_unit_test(the_last_at_a_barrier_wakes_each_of_the_others),
		cmocka_unit_test(a_sleeper_is_woken_by_its_timer),
		cmocka_unit_test(a_short_sleep_may_end_before_the_cpu_idles),
		cmocka_unit_test(a_periodic_timer_expires_on_its_grid),
		cmocka_unit_test(an_io_exits_and_ends_with_a_device_interrupt),
		cmocka_unit_test(every_arrival_is_served_once),
		cmocka_unit_test(a_cpu_whose_thread_has_ended_sleeps),
		cmocka_unit_test(unfinished_waits_are_counted_with_the_age_of_the_oldest),
		cmocka_unit_test(a_wait_is_described_with_what_it_is_for),
		cmocka_unit_test(unlocking_what_one_does_not_hold_ends_the_run),
		cmocka_unit_test(going_round_without_taking_time_ends_the_run),
		cmocka_unit_test(calling_with_interrupts_off_ends_the_run),
		cmocka_unit_test(sleeping_with_interrupts_off_ends_the_run),
		cmocka_unit_test(calling_a_cpu_that_does_not_exist_is_refused),
		cmocka_unit_test(random_programs_come_to_their_end_on_any_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
