/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/workload/barrier.h"
#include "models/workload/workload_event.h"
#include "models/workload/lock.h"
#include "models/workload/source.h"
#include "sim/engine/random.h"

static const struct workload_lock queued = {"q", LOCK_QUEUED}, tas = {"t", LOCK_TAS};

enum { THREADS = 4 };

static const char *const names[THREADS] = {"a", "b", "c", "d"};

/* Threads a, b, c, d; a owns the lock, the others wait in this order, all of them executing. */
static void contend(struct sync_lock *lock, const struct workload_lock *description,
		    struct exec_waiter *threads)
{
	lock_init(lock, description);
	for (int i = 0; i < THREADS; i++) {
		waiter_init(&threads[i], names[i]);
		waiter_set_executing(&threads[i], true);
		if (i == 0) {
			assert_int_equal(lock_try(lock, &threads[i], NULL), LOCK_TAKEN);
		} else {
			assert_int_equal(lock_try(lock, &threads[i], NULL), LOCK_BUSY);
			lock_wait(lock, &threads[i], 10 * i);
		}
	}
}

static struct exec_waiter *release(struct sync_lock *lock, struct exec_waiter *thread)
{
	struct exec_waiter *next;
	struct oversub_error error;

	assert_int_equal(lock_release(lock, thread, &next, &error), OVERSUB_OK);
	return next;
}

static void a_queued_lock_goes_round_in_order_of_arrival(void **state)
{
	struct exec_waiter t[THREADS];
	struct sync_lock lock;

	contend(&lock, &queued, t);
	for (int i = 0; i + 1 < THREADS; i++)
		assert_ptr_equal(release(&lock, &t[i]), &t[i + 1]);
	assert_null(release(&lock, &t[THREADS - 1]));
	assert_null(lock.owner);
}

static void a_queued_lock_goes_to_its_head_even_off_cpu(void **state)
{
	struct exec_waiter t[THREADS];
	struct sync_lock lock;

	contend(&lock, &queued, t);
	waiter_set_executing(&t[1], false);
	assert_ptr_equal(release(&lock, &t[0]), &t[1]);
	assert_ptr_equal(lock.owner, &t[1]);
	assert_int_equal(t[1].state, WAITER_IDLE);
}

static void an_off_cpu_waiter_cannot_grab_a_tas_lock(void **state)
{
	struct exec_waiter t[THREADS];
	struct sync_lock lock;

	contend(&lock, &tas, t);
	waiter_set_executing(&t[1], false);
	assert_ptr_equal(release(&lock, &t[0]), &t[2]);
	waiter_set_executing(&t[3], false);
	assert_null(release(&lock, &t[2]));
	assert_null(lock.owner);
	assert_null(waiter_waits_for(&t[1]));
}

static void a_free_tas_lock_goes_to_the_first_that_executes_again(void **state)
{
	struct exec_waiter t[THREADS];
	struct sync_lock lock;

	contend(&lock, &tas, t);
	for (int i = 1; i < THREADS; i++)
		waiter_set_executing(&t[i], false);
	assert_null(release(&lock, &t[0]));
	waiter_set_executing(&t[3], true);
	assert_true(lock_poll(&t[3]));
	assert_ptr_equal(lock.owner, &t[3]);
	waiter_set_executing(&t[1], true);
	assert_false(lock_poll(&t[1]));
	assert_ptr_equal(release(&lock, &t[3]), &t[1]);
}

static void a_tas_lock_prefers_whoever_has_spun_longest_without_a_break(void **state)
{
	struct exec_waiter t[THREADS];
	struct sync_lock lock;

	contend(&lock, &tas, t);
	waiter_set_executing(&t[1], false);
	waiter_set_executing(&t[1], true);
	assert_ptr_equal(release(&lock, &t[0]), &t[2]);
}

static void a_newcomer_overtakes_waiters_that_do_not_execute(void **state)
{
	struct exec_waiter t[THREADS];
	struct sync_lock lock;

	contend(&lock, &tas, t);
	for (int i = 1; i < THREADS; i++)
		waiter_set_executing(&t[i], false);
	release(&lock, &t[0]);
	assert_int_equal(lock_try(&lock, &t[0], NULL), LOCK_TAKEN);
}

static void relocking_and_foreign_unlocking_are_reported_by_name(void **state)
{
	struct exec_waiter t[THREADS], *next;
	struct sync_lock lock;
	struct oversub_error error;

	contend(&lock, &queued, t);
	assert_int_equal(lock_try(&lock, &t[0], &error), LOCK_ERROR);
	assert_non_null(strstr(error.message, "thread a locks q"));
	lock_init(&lock, &queued);
	waiter_init(&t[1], "b");
	assert_int_equal(lock_release(&lock, &t[1], &next, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "thread b unlocks q"));
	assert_int_equal(lock_try(&lock, &t[0], NULL), LOCK_TAKEN);
	assert_int_equal(lock_release(&lock, &t[1], &next, &error), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(error.message, "held by a"));
}

static void the_wait_chain_leads_over_predecessors_to_the_owner(void **state)
{
	struct exec_waiter t[THREADS];
	struct sync_lock lock;

	contend(&lock, &queued, t);
	assert_ptr_equal(waiter_waits_for(&t[3]), &t[2]);
	assert_ptr_equal(waiter_waits_for(&t[2]), &t[1]);
	assert_ptr_equal(waiter_waits_for(&t[1]), &t[0]);
	assert_null(waiter_waits_for(&t[0]));
	contend(&lock, &tas, t);
	assert_ptr_equal(waiter_waits_for(&t[3]), &t[0]);
}

static void a_wait_can_be_described(void **state)
{
	struct exec_waiter t[THREADS];
	struct sync_lock lock;
	char text[128];

	contend(&lock, &queued, t);
	waiter_describe(&t[2], 120, text, sizeof(text));
	assert_string_equal(text, "waits 100 ns for lock q held by a");
	waiter_describe(&t[0], 120, text, sizeof(text));
	assert_string_equal(text, "");
}

/* Whoever owns a lock took it alone, and every waiter gets it in the end. */
static void random_contention_keeps_mutual_exclusion(void **state)
{
	const uint64_t seed = 7;
	struct exec_waiter t[THREADS];
	struct sync_lock lock;
	struct sim_stream stream;
	int acquired[THREADS] = {0};

	print_message("seed %d\n", (int)seed);
	sim_stream_init(&stream, seed, 0, "test", "choice");
	lock_init(&lock, &tas);
	for (int i = 0; i < THREADS; i++)
		waiter_init(&t[i], names[i]);
	for (int step = 0; step < 10000; step++) {
		struct exec_waiter *thread = &t[sim_stream_below(&stream, THREADS)], *next;

		if (thread == lock.owner) {
			next = release(&lock, thread);
			assert_true(!next || (next->executing && next == lock.owner));
		} else if (thread->state == WAITER_LOCK) {
			waiter_set_executing(thread, !thread->executing);
			if (thread->executing)
				lock_poll(thread);
		} else {
			waiter_set_executing(thread, true);
			if (lock_try(&lock, thread, NULL) == LOCK_BUSY)
				lock_wait(&lock, thread, step);
		}
		if (lock.owner)
			acquired[lock.owner - t]++;
		else
			assert_null(lock.waiters.first);
	}
	for (int i = 0; i < THREADS; i++)
		assert_true(acquired[i] > 0);
}

static struct exec_waiter *signal_at(struct sync_event *event, int64_t now)
{
	struct exec_waiter *waiter;

	assert_int_equal(event_wake(event, now, &waiter, NULL), OVERSUB_OK);
	return waiter;
}

static void an_event_remembers_signals_that_nobody_waits_for(void **state)
{
	struct sync_event event;
	struct exec_waiter a;

	event_init(&event, "e", 0);
	waiter_init(&a, "a");
	assert_null(signal_at(&event, 10));
	assert_null(signal_at(&event, 20));
	assert_int_equal(backlog_oldest(&event.backlog, 50), 40);
	assert_true(event_wait(&event, &a, 60));
	assert_int_equal(backlog_oldest(&event.backlog, 60), 40);
	assert_true(event_wait(&event, &a, 70));
	assert_int_equal(backlog_oldest(&event.backlog, 70), 0);
	assert_false(event_wait(&event, &a, 80));
	event_fini(&event);
}

static void an_event_wakes_in_order_of_arrival_one_for_each_signal(void **state)
{
	struct sync_event event;
	struct exec_waiter a, b;

	event_init(&event, "e", 0);
	waiter_init(&a, "a");
	waiter_init(&b, "b");
	assert_false(event_wait(&event, &a, 0));
	assert_false(event_wait(&event, &b, 0));
	assert_ptr_equal(signal_at(&event, 1), &a);
	assert_ptr_equal(signal_at(&event, 2), &b);
	assert_null(signal_at(&event, 3));
	assert_int_equal(event.backlog.nr, 1);
	assert_int_equal(event.backlog.offered, 3);
	assert_int_equal(event.backlog.served, 2);
	event_fini(&event);
}

static void a_barrier_releases_all_when_the_last_arrives_and_starts_again(void **state)
{
	const struct workload_barrier description = {"bar", 3};
	struct sync_barrier barrier;
	struct waiter_queue released;
	struct exec_waiter t[3];

	barrier_init(&barrier, &description);
	for (int i = 0; i < 3; i++)
		waiter_init(&t[i], names[i]);
	for (int round = 0; round < 2; round++) {
		assert_false(barrier_arrive(&barrier, &t[0], 0, &released));
		assert_false(barrier_arrive(&barrier, &t[1], 0, &released));
		assert_true(barrier_arrive(&barrier, &t[2], 0, &released));
		assert_ptr_equal(waiter_queue_pop(&released), &t[0]);
		assert_ptr_equal(waiter_queue_pop(&released), &t[1]);
		assert_null(waiter_queue_pop(&released));
	}
}

static void a_barrier_of_one_stops_nobody(void **state)
{
	const struct workload_barrier description = {"bar", 1};
	struct sync_barrier barrier;
	struct waiter_queue released;
	struct exec_waiter a;

	barrier_init(&barrier, &description);
	waiter_init(&a, "a");
	assert_true(barrier_arrive(&barrier, &a, 0, &released));
	assert_null(released.first);
}

static const struct workload_source every_10 = {
	.name = "src", .interarrival = {.kind = SIM_CONSTANT, .mean_ns = 10}};

static void arrivals_wait_in_order_and_the_queue_grows(void **state)
{
	struct source_state source;
	struct exec_waiter a, *served;
	const int items = 3000;

	waiter_init(&a, "a");
	source_init(&source, &every_10, "host", 1000, 1, 0);
	/* Some are taken first, so that the ring is not aligned when it grows. */
	for (int i = 1; i <= items; i++) {
		assert_int_equal(source.next_arrival, 1000 + 10 * i);
		assert_int_equal(source_arrive(&source, &served, NULL), OVERSUB_OK);
		assert_null(served);
		if (i <= 100) {
			assert_true(source_take(&source, &a, source.next_arrival));
			assert_int_equal(a.arrival, 1000 + 10 * i);
		}
	}
	for (int i = 101; i <= items; i++) {
		assert_true(source_take(&source, &a, source.next_arrival));
		assert_int_equal(a.arrival, 1000 + 10 * i);
	}
	assert_false(source_take(&source, &a, source.next_arrival));
	source_fini(&source);
}

static void an_arrival_serves_the_thread_that_has_waited_longest(void **state)
{
	struct source_state source;
	struct exec_waiter a, b, *served;

	waiter_init(&a, "a");
	waiter_init(&b, "b");
	source_init(&source, &every_10, "host", 0, 1, 0);
	assert_false(source_take(&source, &b, 1));
	assert_false(source_take(&source, &a, 2));
	source_arrive(&source, &served, NULL);
	assert_ptr_equal(served, &b);
	assert_int_equal(b.arrival, 10);
	assert_int_equal(source.backlog.nr, 0);
	source_fini(&source);
}

/* 1 from 10 on, 2 from 20 on, 1 from 50 to the end at 80. */
static void a_backlog_knows_its_mean_length_and_its_length_at_the_ends_of_parts(void **state)
{
	static const uint32_t marks[BACKLOG_PARTS + 1] = {0, 1, 2, 2, 2, 1, 1, 1, 1};
	struct backlog backlog;

	backlog_init(&backlog, 0);
	assert_true(backlog_push(&backlog, 0));
	backlog_pop(&backlog, 0);
	backlog_begin(&backlog, 0, 80);
	backlog_pass(&backlog, 5);
	assert_true(backlog_push(&backlog, 10));
	assert_true(backlog_push(&backlog, 20));
	assert_int_equal(backlog_pop(&backlog, 50), 10);
	backlog_account(&backlog, 80);
	assert_int_equal(backlog.offered, 3);
	assert_int_equal(backlog.served, 2);
	assert_true(backlog.area == 10 * 1 + 30 * 2 + 30 * 1);
	assert_int_equal(backlog.nr_marks, BACKLOG_PARTS + 1);
	for (int i = 0; i <= BACKLOG_PARTS; i++)
		if (i != 1 && i != 2 && i != 5) /* at the time of a change, either is right */
			assert_int_equal(backlog.marks[i], marks[i]);
	assert_int_equal(backlog_oldest(&backlog, 80), 60);
	backlog_fini(&backlog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queued_lock_goes_round_in_order_of_arrival),
		cmocka_unit_test(a_queued_lock_goes_to_its_head_even_off_cpu),
		cmocka_unit_test(an_off_cpu_waiter_cannot_grab_a_tas_lock),
		cmocka_unit_test(a_free_tas_lock_goes_to_the_first_that_executes_again),
		cmocka_unit_test(a_tas_lock_prefers_whoever_has_spun_longest_without_a_break),
		cmocka_unit_test(a_newcomer_overtakes_waiters_that_do_not_execute),
		cmocka_unit_test(relocking_and_foreign_unlocking_are_reported_by_name),
		cmocka_unit_test(the_wait_chain_leads_over_predecessors_to_the_owner),
		cmocka_unit_test(a_wait_can_be_described),
		cmocka_unit_test(random_contention_keeps_mutual_exclusion),
		cmocka_unit_test(an_event_remembers_signals_that_nobody_waits_for),
		cmocka_unit_test(an_event_wakes_in_order_of_arrival_one_for_each_signal),
		cmocka_unit_test(
			a_backlog_knows_its_mean_length_and_its_length_at_the_ends_of_parts),
		cmocka_unit_test(a_barrier_releases_all_when_the_last_arrives_and_starts_again),
		cmocka_unit_test(a_barrier_of_one_stops_nobody),
		cmocka_unit_test(arrivals_wait_in_order_and_the_queue_grows),
		cmocka_unit_test(an_arrival_serves_the_thread_that_has_waited_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
