/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests with more threads than vCPUs: who runs when, where threads wake, what IPIs that takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/guest_world.h"
#include "tests/unit/random_program.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static uint64_t finished(const struct guest_world *w)
{
	return w->guest.instance.stats.requests[0].count;
}

static int64_t cpu_time(const struct guest_world *w, int thread)
{
	return (int64_t)w->guest.threads[thread].se->sum_exec;
}

/* ---- Sharing a CPU -------------------------------------------------------------------------- */

static void two_threads_on_one_vcpu_share_it_evenly(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, FOREVER(2), RUN(100 * US), LOOP_END(0));
	WORLD_ADD(w, FOREVER(2), RUN(100 * US), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 1000 * MS);

	assert_in_range(cpu_time(w, 0), 490 * MS, 510 * MS);
	assert_in_range(cpu_time(w, 1), 490 * MS, 510 * MS);
	/* A slice is the first tick after 2.8 ms or less: a few hundred switches a second. */
	assert_in_range(w->guest.stats.switches, 150, 400);
	guest_world_close(w);
}

static void two_threads_on_one_vcpu_share_it_as_their_weights_say(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, FOREVER(2), RUN(100 * US), LOOP_END(0));
	WORLD_ADD(w, FOREVER(2), RUN(100 * US), LOOP_END(0));
	w->classes[0].nice = 0;
	w->classes[1].nice = 5; /* 335 of 1024 + 335 */
	guest_world_start(w);
	guest_world_run(w, 2000 * MS);

	assert_in_range(cpu_time(w, 0), 1480 * MS, 1530 * MS);
	assert_in_range(cpu_time(w, 1), 470 * MS, 520 * MS);
	guest_world_close(w);
}

static void a_long_action_is_interrupted_and_goes_on_where_it_was(void **state)
{
	struct guest_world *w = guest_world_open(1);

	/* Each is one action of 20 ms; together they take 40 ms and some switches. */
	WORLD_ADD(w, REQUEST(2), RUN(20 * MS), REQUEST_END(0));
	WORLD_ADD(w, REQUEST(2), RUN(20 * MS), REQUEST_END(0));
	guest_world_start(w);
	guest_world_run(w, 38 * MS);
	assert_int_equal(finished(w), 0);
	guest_world_run(w, 45 * MS);
	assert_int_equal(finished(w), 2);
	assert_true(w->guest.stats.switches > 4);
	guest_world_close(w);
}

static void threads_over_fewer_vcpus_finish_the_same_work(void **state)
{
	for (int vcpus = 1; vcpus <= 4; vcpus++) {
		struct guest_world *w = guest_world_open(vcpus);

		for (int i = 0; i < 8; i++)
			WORLD_ADD(w, OP(.kind = OP_LOOP, .count = 100, .jump = 6), REQUEST(5),
				  RUN(100 * US), SLEEP(50 * US), RUN_KERNEL(10 * US),
				  REQUEST_END(1), LOOP_END(0));
		guest_world_start(w);
		/* 8 * 100 * 110 us = 88 ms of work for all CPUs together. */
		guest_world_run(w, 88 * MS / vcpus);
		assert_true(finished(w) < 800);
		guest_world_run(w, 130 * MS / vcpus + 20 * MS);
		assert_int_equal(finished(w), 800);
		guest_world_close(w);
	}
}

static void a_thread_in_a_spinlock_section_is_not_switched_out(void **state)
{
	struct guest_world *w = guest_world_open(1);

	/* The holder has the CPU for 30 ms, seven ticks, with another one waiting. */
	WORLD_ADD(w, LOCK(), RUN_KERNEL(30 * MS), UNLOCK, REQUEST(5), RUN(1), REQUEST_END(3));
	WORLD_ADD(w, FOREVER(2), RUN(100 * US), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 5 * MS);
	if (w->guest.cpus[0].current != &w->guest.threads[0])
		guest_world_run(w, 10 * MS);
	assert_ptr_equal(w->guest.cpus[0].current, &w->guest.threads[0]);
	guest_world_run(w, 25 * MS);
	assert_ptr_equal(w->guest.cpus[0].current, &w->guest.threads[0]);
	/* Then the other one catches up. */
	guest_world_run(w, 100 * MS);
	assert_int_equal(finished(w), 1);
	guest_world_close(w);
}

static void yielding_lets_the_other_thread_run(void **state)
{
	struct guest_world *w = guest_world_open(1);

	for (int i = 0; i < 2; i++)
		WORLD_ADD(w, FOREVER(3), RUN(50 * US), OP(.kind = OP_YIELD), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 100 * MS);

	/* Without it there are about 50 switches in that time. */
	assert_true(w->guest.stats.switches > 100);
	assert_in_range(cpu_time(w, 0), 45 * MS, 55 * MS);
	guest_world_close(w);
}

static void a_spinner_for_a_mutex_sleeps_when_another_thread_should_run(void **state)
{
	struct guest_world *w = guest_world_open(2);

	w->lock.kind = LOCK_MUTEX;
	/* Threads 0 and 2 begin on vCPU 0, 1 on vCPU 1: 1 holds for 50 ms while 0 wants the lock.
	 */
	WORLD_ADD(w, RUN(1 * MS), LOCK(), UNLOCK);
	WORLD_ADD(w, LOCK(), RUN_KERNEL(50 * MS), UNLOCK);
	WORLD_ADD(w, REQUEST(2), RUN(20 * MS), REQUEST_END(0));
	guest_world_start(w);
	guest_world_run(w, 40 * MS);

	assert_int_equal(finished(w), 1);
	assert_int_equal(w->guest.stats.lock_sleeps, 1);
	guest_world_run(w, 80 * MS);
	assert_int_equal(w->guest.instance.stats.lock_acquired, 2);
	guest_world_close(w);
}

/* ---- Waking --------------------------------------------------------------------------------- */

static void a_thread_wakes_on_an_idle_cpu_by_the_list_of_calls(void **state)
{
	struct guest_world *w = guest_world_open(2);

	w->config.scheduler = 1;
	WORLD_ADD(w, RUN(5 * MS), WAKE, RUN(5 * MS));
	WORLD_ADD(w, WAIT, REQUEST(3), RUN(1 * MS), REQUEST_END(1));
	guest_world_start(w);
	guest_world_run(w, 8 * MS);

	assert_int_equal(finished(w), 1);
	assert_int_equal(w->guest.stats.wake_ipis, 1);
	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfb), 1);
	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfd), 0);
	guest_world_close(w);
}

static void a_thread_that_must_preempt_sends_a_reschedule_ipi(void **state)
{
	struct guest_world *w = guest_world_open(2);

	/* Both CPUs compute; the sleeper of vCPU 1 has lag to spend when it is woken. */
	w->config.preemption = GUEST_PREEMPT_FULL;
	WORLD_ADD(w, FOREVER(3), RUN(2 * MS), WAKE, LOOP_END(0));
	WORLD_ADD(w, FOREVER(2), RUN(3 * MS), LOOP_END(0));
	WORLD_ADD(w, RUN(100 * US));
	WORLD_ADD(w, FOREVER(5), WAIT, REQUEST(4), RUN(10 * US), REQUEST_END(2), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 200 * MS);

	assert_true(finished(w) > 50);
	assert_true(guest_world_count_interrupts(w, 1, 0xfd) > 10);
	guest_world_close(w);
}

static void a_thread_avoids_an_idle_cpu_that_is_reported_preempted(void **state)
{
	struct guest_world *w = guest_world_open(3);

	w->config.scheduler = 1;
	WORLD_ADD(w, RUN(5 * MS), WAKE, RUN(5 * MS));
	WORLD_ADD(w, WAIT, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 4 * MS);
	w->vm.config.steal_time = 1;
	w->vm.vcpus[1].steal_preempted = 1;
	guest_world_run(w, 8 * MS);

	assert_int_equal(w->guest.threads[1].cpu->index, 2);
	assert_int_equal(w->guest.stats.wake_migrations, 1);
	guest_world_close(w);
}

static void a_cpu_that_runs_dry_pulls_a_thread_that_waits_elsewhere(void **state)
{
	struct guest_world *w = guest_world_open(2);

	/* 0 and 2 begin on vCPU 0. vCPU 1 is out of work after 1 ms. */
	WORLD_ADD(w, REQUEST(2), RUN(20 * MS), REQUEST_END(0));
	WORLD_ADD(w, RUN(1 * MS));
	WORLD_ADD(w, REQUEST(2), RUN(20 * MS), REQUEST_END(0));
	guest_world_start(w);
	guest_world_run(w, 22 * MS);

	assert_int_equal(w->guest.stats.pulls, 1);
	assert_int_equal(finished(w), 2);
	guest_world_close(w);
}

static void a_thread_that_waits_goes_to_an_idle_cpu_with_the_tick(void **state)
{
	struct guest_world *w = guest_world_open(2);

	/* vCPU 1 idles, but is reported preempted when thread 0 wakes: it stays with thread 2. */
	w->config.tick_hz = GUEST_HZ_250;
	WORLD_ADD(w, WAIT, REQUEST(3), RUN(20 * MS), REQUEST_END(1));
	WORLD_ADD(w, RUN(1 * MS));
	WORLD_ADD(w, RUN(5 * MS), WAKE, RUN(50 * MS));
	guest_world_start(w);
	guest_world_run(w, 4 * MS);
	assert_ptr_equal(w->guest.threads[0].cpu, &w->guest.cpus[0]);
	w->vm.vcpus[1].steal_preempted = 1;
	guest_world_run(w, 5500 * US);
	assert_false(w->guest.threads[0].asleep);
	assert_ptr_equal(w->guest.threads[0].cpu, &w->guest.cpus[0]);
	guest_world_run(w, 10 * MS);
	assert_ptr_not_equal(w->guest.threads[0].cpu, w->guest.threads[2].cpu);
	guest_world_run(w, 30 * MS);
	assert_int_equal(finished(w), 1);
	guest_world_close(w);
}

/* ---- Waits ---------------------------------------------------------------------------------- */

static void a_vcpu_waits_for_the_one_whose_queue_holds_the_owner(void **state)
{
	struct guest_world *w = guest_world_open(2);
	struct guest_thread *owner;

	WORLD_ADD(w, RUN(10 * US), LOCK(), UNLOCK);
	WORLD_ADD(w, LOCK(), RUN_KERNEL(10 * MS), UNLOCK);
	WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 5 * MS);
	owner = guest_thread_of_waiter(w->guest.instance.locks[0].owner);
	assert_ptr_equal(owner->cpu, &w->guest.cpus[1]);
	if (w->guest.cpus[0].wait.kind == GUEST_WAIT_LOCK)
		assert_ptr_equal(guest_vcpu_ops.waits_for(&w->vm.vcpus[0]), &w->vm.vcpus[1]);
	assert_null(guest_vcpu_ops.waits_for(&w->vm.vcpus[1]));
	guest_world_close(w);
}

static void two_sleepers_in_vain_are_no_deadlock_while_others_run(void **state)
{
	struct guest_world *w = guest_world_open(1);

	/* The owner ends with the mutex; its waiter sleeps for ever; a third one goes on. */
	w->lock.kind = LOCK_MUTEX;
	WORLD_ADD(w, LOCK(), RUN(1 * MS));
	WORLD_ADD(w, RUN(8 * MS), LOCK(), UNLOCK);
	WORLD_ADD(w, OP(.kind = OP_LOOP, .count = 100, .jump = 2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 60 * MS);
	assert_true(w->guest.threads[1].asleep);
	assert_false(guest_waits_in_vain(&w->guest, 1));
	guest_world_run(w, 200 * MS);
	assert_true(guest_waits_in_vain(&w->guest, 1));
	guest_world_close(w);
}

static void a_spinner_for_the_lock_of_a_thread_that_has_ended_waits_in_vain(void **state)
{
	struct guest_world *w = guest_world_open(1);

	/* It keeps its CPU from the third thread, too. */
	WORLD_ADD(w, LOCK());
	WORLD_ADD(w, RUN(8 * MS), LOCK(), UNLOCK);
	WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 100 * MS);
	assert_ptr_equal(w->guest.cpus[0].current, &w->guest.threads[1]);
	assert_true(guest_waits_in_vain(&w->guest, 1));
	assert_false(guest_waits_in_vain(&w->guest, 2));
	guest_world_close(w);
}

static void sleeping_with_a_spinlock_ends_the_run(void **state)
{
	struct guest_world *w = guest_world_open(1);

	WORLD_ADD(w, LOCK(), SLEEP(10 * US), UNLOCK);
	WORLD_ADD(w, RUN(1));
	guest_world_start(w);
	assert_int_equal(sim_run(&w->engine, 10 * MS), SIM_STOPPED);
	assert_non_null(strstr(w->guest.error.message, "sleeps while it holds a spinlock"));
	guest_world_close(w);
}

/* ---- Anything together ---------------------------------------------------------------------- */

static void expect_all_ended(const struct guest_world *w, uint64_t seed)
{
	for (int i = 0; i < w->guest.nr_threads; i++) {
		char text[200];
		int next;

		if (w->guest.threads[i].program.state == PROGRAM_ENDED)
			continue;
		guest_describe_wait(&w->guest, i, text, sizeof(text), &next);
		print_message("%s\n", text);
		fail_msg("seed %llu: a thread has not ended", (unsigned long long)seed);
	}
}

static void expect_all_time_accounted(struct guest_world *w, uint64_t seed)
{
	kvm_vm_account(&w->vm);
	for (int i = 0; i < w->nr_vcpus; i++) {
		int64_t total = 0;

		for (int t = 0; t < VCPU_TIMES; t++)
			total += w->vm.vcpus[i].stats.time_in[t];
		if (total != sim_now(&w->engine))
			fail_msg("seed %llu: vcpu%d accounts for %lld ns", (unsigned long long)seed,
				 i, (long long)total);
	}
}

static void choose_options(struct guest_world *w, struct sim_stream *dice)
{
	static const char *const candidates[] = {"none", "mainline", "v3"};

	w->host_config.cpus = (int64_t)sim_stream_below(dice, w->nr_vcpus) + 1;
	memset(w->affinity, 0, sizeof(w->affinity));
	w->lock.kind = (enum lock_kind)sim_stream_below(dice, LOCK_RWSEM + 1);
	w->kvm_config.pv_unhalt = 1;
	w->config.pv_spin_threshold = (int64_t)sim_stream_below(dice, 1000) + 1;
	w->candidate = candidates[sim_stream_below(dice, 3)];
	w->kvm_config.apicv = (int64_t)sim_stream_below(dice, 2);
	w->kvm_config.steal_time = (int64_t)sim_stream_below(dice, 2);
	w->kvm_config.pv_tlb_flush = (int64_t)sim_stream_below(dice, 2);
	w->kvm_config.pv_sched_yield = (int64_t)sim_stream_below(dice, 2);
	w->kvm_config.lapic_timer = (int64_t)sim_stream_below(dice, 3);
	w->kvm_config.timer_advance = 1000 * (int64_t)sim_stream_below(dice, 2);
	w->kvm_config.device_delivery = (int64_t)sim_stream_below(dice, 2);
	w->config.scheduler = (int64_t)sim_stream_below(dice, 2);
	w->config.preemption = (int64_t)sim_stream_below(dice, 2);
	w->config.tick_hz = (int64_t)sim_stream_below(dice, 5);
	w->config.nohz = (int64_t)sim_stream_below(dice, 2);
	w->config.haltpoll.haltpoll = (int64_t)sim_stream_below(dice, 2);
}

static void run_random_world(uint64_t seed)
{
	struct sim_stream dice;
	struct guest_world *w;
	struct op ops[RANDOM_PROGRAM_OPS];
	int nr_vcpus, nr_threads, count;
	int64_t oldest;

	sim_stream_init(&dice, seed, 0, "test", "programs");
	nr_vcpus = (int)sim_stream_below(&dice, 6) + 1;
	nr_threads = nr_vcpus + (int)sim_stream_below(&dice, 9);
	w = guest_world_open(nr_vcpus);
	choose_options(w, &dice);
	for (int i = 0; i < nr_threads; i++) {
		int n = random_program(&dice, nr_vcpus, 20, ops);

		for (int j = 0; j < n && (w->lock.kind == LOCK_MUTEX || w->lock.kind == LOCK_RWSEM);
		     j++)
			ops[j].irqsave = 0;
		guest_world_add(w, ops, n);
	}
	guest_world_start(w);
	guest_world_run(w, 20000 * MS);

	if (w->guest.status)
		fail_msg("seed %llu: %s", (unsigned long long)seed, w->guest.error.message);
	expect_all_ended(w, seed);
	expect_all_time_accounted(w, seed);
	guest_unfinished_waits(&w->guest, 20000 * MS, &count, &oldest);
	assert_int_equal(count, 0);
	assert_null(w->guest.instance.locks[0].owner);
	for (int i = 0; i < nr_vcpus; i++)
		assert_int_equal(w->guest.cpus[i].calls.first, GUEST_NO_CSD);
	guest_world_close(w);
}

static void random_programs_of_many_threads_come_to_their_end(void **state)
{
	for (uint64_t seed = 1; seed <= 60; seed++)
		run_random_world(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_threads_on_one_vcpu_share_it_evenly),
		cmocka_unit_test(two_threads_on_one_vcpu_share_it_as_their_weights_say),
		cmocka_unit_test(a_long_action_is_interrupted_and_goes_on_where_it_was),
		cmocka_unit_test(threads_over_fewer_vcpus_finish_the_same_work),
		cmocka_unit_test(a_thread_in_a_spinlock_section_is_not_switched_out),
		cmocka_unit_test(yielding_lets_the_other_thread_run),
		cmocka_unit_test(a_spinner_for_a_mutex_sleeps_when_another_thread_should_run),
		cmocka_unit_test(a_thread_wakes_on_an_idle_cpu_by_the_list_of_calls),
		cmocka_unit_test(a_thread_that_must_preempt_sends_a_reschedule_ipi),
		cmocka_unit_test(a_thread_avoids_an_idle_cpu_that_is_reported_preempted),
		cmocka_unit_test(a_cpu_that_runs_dry_pulls_a_thread_that_waits_elsewhere),
		cmocka_unit_test(a_thread_that_waits_goes_to_an_idle_cpu_with_the_tick),
		cmocka_unit_test(a_spinner_for_the_lock_of_a_thread_that_has_ended_waits_in_vain),
		cmocka_unit_test(a_vcpu_waits_for_the_one_whose_queue_holds_the_owner),
		cmocka_unit_test(two_sleepers_in_vain_are_no_deadlock_while_others_run),
		cmocka_unit_test(sleeping_with_a_spinlock_ends_the_run),
		cmocka_unit_test(random_programs_of_many_threads_come_to_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
