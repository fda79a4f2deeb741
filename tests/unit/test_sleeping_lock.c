/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mutex and rwsem: their own rules, and what they do to threads and vCPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/workload/sleeping_lock.h"
#include "sim/base/container_of.h"
#include "tests/unit/guest_world.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

/* ---- The rules ------------------------------------------------------------------------------ */

enum { A, B, C, D, E, THREADS };

struct contender {
	struct exec_waiter waiter;
	bool off_cpu;	/* does not execute at the moment */
	bool asleep;	/* its thread does not run as its kernel sees it */
	bool preempted; /* and that is reported */
	int64_t bound;	/* of its spin, 0 for none */
	int over;	/* spins that have ended */
};

static struct contender *contender_of(struct exec_waiter *waiter)
{
	return container_of(waiter, struct contender, waiter);
}

static bool spins(struct exec_waiter *waiter)
{
	return !contender_of(waiter)->off_cpu;
}

static bool runs(struct exec_waiter *waiter)
{
	return !contender_of(waiter)->asleep && !contender_of(waiter)->preempted;
}

static bool reported_preempted(struct exec_waiter *waiter)
{
	return contender_of(waiter)->preempted;
}

static void spin_over(struct exec_waiter *waiter)
{
	contender_of(waiter)->over++;
}

static void bound(struct exec_waiter *waiter, int64_t ns)
{
	contender_of(waiter)->bound = ns;
}

static const struct sleeping_lock_ops lock_ops = {spins, runs, reported_preempted, spin_over,
						  bound};
static const struct workload_lock mutex = {(char *)"m", LOCK_MUTEX},
				  rwsem = {(char *)"s", LOCK_RWSEM};

struct contest {
	struct sync_lock lock;
	struct contender threads[THREADS];
};

#define WAITER(contest_, i_) (&(contest_)->threads[i_].waiter)

static void begin(struct contest *c, const struct workload_lock *description)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};

	memset(c, 0, sizeof(*c));
	lock_init(&c->lock, description);
	c->lock.sleeping_ops = &lock_ops;
	for (int i = 0; i < THREADS; i++)
		waiter_init(WAITER(c, i), names[i]);
}

/* i wants the lock at now. */
static enum sleeping_result want(struct contest *c, int i, enum lock_mode mode, int64_t now)
{
	enum sleeping_result result = SLEEPING_TAKEN;

	WAITER(c, i)->lock_mode = mode;
	assert_int_equal(sleeping_lock_check(&c->lock, WAITER(c, i), true, NULL), OVERSUB_OK);
	if (sleeping_lock_try(&c->lock, WAITER(c, i)))
		return result;
	result = sleeping_lock_wait(&c->lock, WAITER(c, i), now);
	if (result == SLEEPING_SPIN && !c->threads[i].off_cpu)
		sleeping_lock_spins(WAITER(c, i), now);
	return result;
}

static void release(struct contest *c, int i, int64_t now)
{
	sleeping_lock_release(&c->lock, WAITER(c, i), now);
}

static enum sleeping_result go_on(struct contest *c, int i, int64_t now)
{
	return sleeping_lock_continue(&c->lock, WAITER(c, i), now);
}

static void a_waiter_spins_while_the_owner_runs_and_gets_the_lock(void **state)
{
	struct contest c;

	begin(&c, &mutex);
	assert_int_equal(want(&c, A, LOCK_WRITE, 0), SLEEPING_TAKEN);
	assert_int_equal(want(&c, B, LOCK_WRITE, 0), SLEEPING_SPIN);
	release(&c, A, 10);
	assert_ptr_equal(c.lock.owner, WAITER(&c, B));
	assert_int_equal(c.threads[B].over, 1);
	assert_int_equal(go_on(&c, B, 10), SLEEPING_TAKEN);
	assert_null(c.lock.to_wake);
}

static void a_waiter_sleeps_if_the_owner_does_not_run(void **state)
{
	struct contest c;

	begin(&c, &mutex);
	want(&c, A, LOCK_WRITE, 0);
	c.threads[A].asleep = true;
	assert_int_equal(want(&c, B, LOCK_WRITE, 0), SLEEPING_SLEEP);
	release(&c, A, 10);
	/* It is woken, but has to take the lock itself. */
	assert_ptr_equal(c.lock.to_wake, WAITER(&c, B));
	assert_null(c.lock.owner);
	assert_int_equal(go_on(&c, B, 20), SLEEPING_TAKEN);
	assert_ptr_equal(c.lock.owner, WAITER(&c, B));
}

static void spinners_give_up_when_the_owner_stops(void **state)
{
	struct contest c;

	begin(&c, &mutex);
	want(&c, A, LOCK_WRITE, 0);
	want(&c, B, LOCK_WRITE, 0);
	want(&c, C, LOCK_WRITE, 0);
	want(&c, D, LOCK_WRITE, 0);
	c.threads[D].off_cpu = true;
	c.threads[A].preempted = true;
	sleeping_lock_stops(WAITER(&c, A), 5);
	assert_int_equal(c.threads[B].over, 1);
	assert_int_equal(go_on(&c, B, 5), SLEEPING_SLEEP);
	assert_int_equal(go_on(&c, C, 5), SLEEPING_SLEEP);
	/* D does not execute and cannot see it, and finds A running again when it does. */
	assert_int_equal(c.threads[D].over, 0);
	c.threads[A].preempted = false;
	c.threads[D].off_cpu = false;
	sleeping_lock_spins(WAITER(&c, D), 6);
	assert_int_equal(c.threads[D].over, 0);
}

static void a_spinner_behind_a_preempted_one_leaves(void **state)
{
	struct contest c;

	begin(&c, &mutex);
	want(&c, A, LOCK_WRITE, 0);
	want(&c, B, LOCK_WRITE, 0);
	want(&c, C, LOCK_WRITE, 0);
	want(&c, D, LOCK_WRITE, 0);
	c.threads[B].off_cpu = c.threads[B].preempted = true;
	sleeping_lock_stops(WAITER(&c, B), 5);
	assert_int_equal(go_on(&c, C, 5), SLEEPING_SLEEP);
	assert_int_equal(go_on(&c, D, 5), SLEEPING_SLEEP);
	assert_int_equal(c.lock.spinners.length, 1);
	/* A newcomer sees it at once. */
	want(&c, E, LOCK_WRITE, 6);
	assert_int_equal(c.threads[E].over, 1);
	/* If it is not reported (it yielded), they stay. */
	begin(&c, &mutex);
	want(&c, A, LOCK_WRITE, 0);
	want(&c, B, LOCK_WRITE, 0);
	want(&c, C, LOCK_WRITE, 0);
	c.threads[B].off_cpu = true;
	assert_int_equal(c.lock.spinners.length, 2);
	assert_int_equal(c.threads[C].over, 0);
}

static void a_preempted_spinner_is_not_given_the_lock(void **state)
{
	struct contest c;

	begin(&c, &mutex);
	want(&c, A, LOCK_WRITE, 0);
	want(&c, B, LOCK_WRITE, 0);
	c.threads[B].off_cpu = true;
	release(&c, A, 5);
	assert_null(c.lock.owner);
	assert_int_equal(want(&c, C, LOCK_WRITE, 6), SLEEPING_TAKEN);
	release(&c, C, 7);
	c.threads[B].off_cpu = false;
	sleeping_lock_spins(WAITER(&c, B), 8);
	assert_ptr_equal(c.lock.owner, WAITER(&c, B));
}

static void a_sleeper_that_was_robbed_gets_the_mutex_handed_over(void **state)
{
	struct contest c;

	begin(&c, &mutex);
	want(&c, A, LOCK_WRITE, 0);
	c.threads[A].asleep = true;
	want(&c, B, LOCK_WRITE, 0); /* sleeps */
	c.threads[A].asleep = false;
	want(&c, C, LOCK_WRITE, 0); /* spins, and is faster */
	release(&c, A, 10);
	assert_ptr_equal(c.lock.owner, WAITER(&c, C));
	assert_ptr_equal(c.lock.to_wake, WAITER(&c, B));
	/* Awake, it spins for C, and nobody else can have it any more. */
	assert_int_equal(go_on(&c, B, 12), SLEEPING_SPIN);
	assert_int_equal(want(&c, D, LOCK_WRITE, 13), SLEEPING_SPIN);
	c.threads[B].off_cpu = true;
	release(&c, C, 14);
	assert_ptr_equal(c.lock.owner, WAITER(&c, B));
	assert_false(c.lock.handoff);
	assert_int_equal(go_on(&c, B, 15), SLEEPING_TAKEN);
	release(&c, B, 16);
	assert_ptr_equal(c.lock.owner, WAITER(&c, D));
}

static void a_sleeper_that_the_mutex_is_handed_to_is_woken(void **state)
{
	struct contest c;

	begin(&c, &mutex);
	want(&c, A, LOCK_WRITE, 0);
	c.threads[A].asleep = true;
	want(&c, B, LOCK_WRITE, 0);
	release(&c, A, 10);
	want(&c, C, LOCK_WRITE, 11); /* takes it before B is awake */
	c.threads[C].asleep = true;
	assert_int_equal(go_on(&c, B, 12), SLEEPING_SLEEP);
	release(&c, C, 14);
	assert_ptr_equal(c.lock.owner, WAITER(&c, B));
	assert_ptr_equal(waiter_queue_pop(&c.lock.granted), WAITER(&c, B));
	assert_int_equal(go_on(&c, B, 20), SLEEPING_TAKEN);
}

static void readers_share_and_a_writer_waits_for_the_last(void **state)
{
	struct contest c;

	begin(&c, &rwsem);
	assert_int_equal(want(&c, A, LOCK_READ, 0), SLEEPING_TAKEN);
	assert_int_equal(want(&c, B, LOCK_READ, 0), SLEEPING_TAKEN);
	assert_int_equal(c.lock.readers, 2);
	assert_int_equal(want(&c, C, LOCK_WRITE, 0), SLEEPING_SPIN);
	release(&c, A, 1);
	assert_null(c.lock.owner);
	release(&c, B, 2);
	assert_ptr_equal(c.lock.owner, WAITER(&c, C));
	/* Readers never spin. */
	assert_int_equal(want(&c, D, LOCK_READ, 3), SLEEPING_SLEEP);
}

static void a_writer_spins_for_readers_for_a_bounded_time(void **state)
{
	struct contest c;

	begin(&c, &rwsem);
	want(&c, A, LOCK_READ, 0);
	want(&c, B, LOCK_READ, 0);
	want(&c, C, LOCK_WRITE, 1000);
	/* (20 + 2) / 2 us */
	assert_int_equal(c.threads[C].bound, 11 * US);
	sleeping_lock_spins(WAITER(&c, C), 1000 + 11 * US);
	assert_int_equal(c.threads[C].over, 1);
	assert_int_equal(go_on(&c, C, 12 * US), SLEEPING_SLEEP);
	/* Nor do other writers spin, until one has had it. */
	assert_true(c.lock.nonspinnable);
	assert_int_equal(want(&c, D, LOCK_WRITE, 13 * US), SLEEPING_SLEEP);
	release(&c, A, 20 * US);
	release(&c, B, 20 * US);
	assert_ptr_equal(c.lock.to_wake, WAITER(&c, C));
	assert_int_equal(go_on(&c, C, 21 * US), SLEEPING_TAKEN);
	assert_false(c.lock.nonspinnable);
}

static void a_reader_queues_behind_a_sleeping_writer(void **state)
{
	struct contest c;

	begin(&c, &rwsem);
	want(&c, A, LOCK_READ, 0);
	c.lock.nonspinnable = true;
	assert_int_equal(want(&c, B, LOCK_WRITE, 0), SLEEPING_SLEEP);
	assert_int_equal(want(&c, C, LOCK_READ, 1), SLEEPING_SLEEP);
	release(&c, A, 2);
	assert_ptr_equal(c.lock.to_wake, WAITER(&c, B));
	assert_int_equal(go_on(&c, B, 3), SLEEPING_TAKEN);
	release(&c, B, 4);
	assert_int_equal(c.lock.readers, 1);
	assert_ptr_equal(waiter_queue_pop(&c.lock.granted), WAITER(&c, C));
}

static void all_sleeping_readers_get_it_together_past_writers(void **state)
{
	struct contest c;

	begin(&c, &rwsem);
	want(&c, A, LOCK_WRITE, 0);
	c.threads[A].asleep = true;
	want(&c, B, LOCK_READ, 0);
	want(&c, C, LOCK_WRITE, 0);
	want(&c, D, LOCK_READ, 0);
	release(&c, A, 1);
	assert_int_equal(c.lock.readers, 2);
	assert_int_equal(c.lock.granted.length, 2);
	assert_ptr_equal(c.lock.waiters.first, WAITER(&c, C));
	assert_int_equal(go_on(&c, B, 2), SLEEPING_TAKEN);
	assert_int_equal(go_on(&c, D, 2), SLEEPING_TAKEN);
}

static void a_writer_demands_an_rwsem_only_after_4_ms(void **state)
{
	struct contest c;

	begin(&c, &rwsem);
	want(&c, A, LOCK_WRITE, 0);
	c.threads[A].asleep = true;
	want(&c, B, LOCK_WRITE, 0);
	release(&c, A, 1 * MS);
	want(&c, C, LOCK_WRITE, 1 * MS);
	assert_int_equal(go_on(&c, B, 2 * MS), SLEEPING_SLEEP);
	assert_false(c.lock.handoff);
	release(&c, C, 5 * MS);
	want(&c, C, LOCK_WRITE, 5 * MS);
	assert_int_equal(go_on(&c, B, 5 * MS), SLEEPING_SPIN);
	assert_true(c.lock.handoff);
	release(&c, C, 6 * MS);
	assert_ptr_equal(c.lock.owner, WAITER(&c, B));
}

static void what_is_held_or_not_is_checked(void **state)
{
	struct contest c;
	struct oversub_error error;

	begin(&c, &rwsem);
	want(&c, A, LOCK_READ, 0);
	assert_int_equal(sleeping_lock_check(&c.lock, WAITER(&c, A), true, &error),
			 OVERSUB_BAD_INPUT);
	assert_int_equal(sleeping_lock_check(&c.lock, WAITER(&c, A), false, &error), OVERSUB_OK);
	assert_int_equal(sleeping_lock_check(&c.lock, WAITER(&c, B), false, &error),
			 OVERSUB_BAD_INPUT);
}

/* ---- Threads and vCPUs ---------------------------------------------------------------------- */

static struct guest_world *world_of(enum lock_kind kind, int nr_vcpus)
{
	struct guest_world *w = guest_world_open(nr_vcpus);

	w->lock.kind = kind;
	w->kvm_config.steal_time = 1;
	return w;
}

static const struct workload_stats *workload_stats(const struct guest_world *w)
{
	return &w->guest.instance.stats;
}

static void a_mutex_is_spun_for_while_its_owner_computes(void **state)
{
	struct guest_world *w = world_of(LOCK_MUTEX, 2);

	WORLD_ADD(w, LOCK(), RUN_KERNEL(1 * MS), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(), UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 10 * MS);
	assert_int_equal(workload_stats(w)->lock_acquired, 2);
	assert_int_equal(workload_stats(w)->lock_contended, 1);
	assert_in_range(workload_stats(w)->lock_wait.max, 990 * US, 991 * US);
	assert_int_equal(w->guest.stats.lock_sleeps, 0);
	assert_int_equal(w->guest.stats.reschedules, 0);
	guest_world_close(w);
}

static void a_mutex_whose_owner_sleeps_is_slept_for(void **state)
{
	struct guest_world *w = world_of(LOCK_MUTEX, 2);

	WORLD_ADD(w, LOCK(), RUN_KERNEL(100 * US), SLEEP(5 * MS), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(), UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 3 * MS);
	/* It has spun for 90 us, until the owner went to sleep. */
	kvm_vm_account(&w->vm);
	assert_in_range(w->vm.vcpus[1].stats.time_in[VCPU_SPIN], 85 * US, 95 * US);
	assert_int_equal(w->vm.vcpus[1].task.state, TASK_SLEEPING);
	assert_ptr_equal(guest_vcpu_ops.waits_for(&w->vm.vcpus[1]), &w->vm.vcpus[0]);
	guest_world_run(w, 20 * MS);
	assert_int_equal(w->guest.stats.lock_sleeps, 1);
	assert_int_equal(w->guest.stats.reschedules, 1);
	assert_int_equal(workload_stats(w)->lock_acquired, 2);
	assert_null(w->guest.instance.locks[0].owner);
	guest_world_close(w);
}

/* vCPU 0 owns the mutex and shares its CPU with vCPU 2, so that it is preempted now and then. */
static uint64_t sleeps_for_a_preempted_owner(int steal_time)
{
	struct guest_world *w = world_of(LOCK_MUTEX, 3);
	uint64_t sleeps;

	w->kvm_config.steal_time = steal_time;
	w->affinity[2] = w->affinity[0];
	WORLD_ADD(w, FOREVER(5), LOCK(), RUN_KERNEL(1 * MS), UNLOCK, RUN(1 * US), LOOP_END(0));
	WORLD_ADD(w, FOREVER(5), LOCK(), RUN_KERNEL(1 * US), UNLOCK, RUN(1 * US), LOOP_END(0));
	WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 200 * MS);
	assert_int_equal(w->guest.status, OVERSUB_OK);
	sleeps = w->guest.stats.lock_sleeps;
	guest_world_close(w);
	return sleeps;
}

static void a_spinner_sleeps_when_the_owner_is_reported_preempted(void **state)
{
	assert_true(sleeps_for_a_preempted_owner(1) > 10);
	assert_int_equal(sleeps_for_a_preempted_owner(0), 0);
}

static void a_writer_spins_for_two_readers_for_11_us_and_sleeps(void **state)
{
	struct guest_world *w = world_of(LOCK_RWSEM, 3);

	for (int i = 0; i < 2; i++)
		WORLD_ADD(w, LOCK(.lock_mode = LOCK_READ), RUN_KERNEL(1 * MS), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(), RUN_KERNEL(1 * US), UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 500 * US);
	kvm_vm_account(&w->vm);
	assert_in_range(w->vm.vcpus[2].stats.time_in[VCPU_SPIN], 11 * US, 11 * US + 100);
	assert_int_equal(w->guest.stats.lock_sleeps, 1);
	guest_world_run(w, 10 * MS);
	assert_int_equal(workload_stats(w)->lock_acquired, 3);
	assert_int_equal(w->guest.instance.locks[0].readers, 0);
	guest_world_close(w);
}

static void an_unlock_wakes_every_reader_by_ipi(void **state)
{
	struct guest_world *w = world_of(LOCK_RWSEM, 4);

	WORLD_ADD(w, LOCK(), RUN_KERNEL(1 * MS), UNLOCK);
	for (int i = 0; i < 3; i++)
		WORLD_ADD(w, RUN(10 * US), LOCK(.lock_mode = LOCK_READ), RUN_KERNEL(1 * MS),
			  UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 20 * MS);
	assert_int_equal(w->guest.stats.lock_sleeps, 3);
	assert_int_equal(w->guest.stats.reschedules, 3);
	assert_int_equal(workload_stats(w)->lock_acquired, 4);
	/* They had it together. */
	assert_true(workload_stats(w)->lock_wait.max < 1 * MS + 50 * US);
	guest_world_close(w);
}

static void modes_and_irqsave_that_do_not_fit_are_refused(void **state)
{
	struct guest_world *w = world_of(LOCK_MUTEX, 1);

	WORLD_ADD(w, LOCK(.lock_mode = LOCK_READ), UNLOCK);
	assert_int_equal(guest_world_try_start(w), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w->error.message, "rwsem"));
	guest_world_close(w);

	w = world_of(LOCK_RWSEM, 1);
	WORLD_ADD(w, LOCK(.irqsave = 1), UNLOCK);
	assert_int_equal(guest_world_try_start(w), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w->error.message, "irqsave"));
	guest_world_close(w);
}

static void unlocking_a_mutex_that_one_does_not_hold_ends_the_run(void **state)
{
	struct guest_world *w = world_of(LOCK_MUTEX, 1);

	WORLD_ADD(w, UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 1 * MS);
	assert_int_equal(w->guest.status, OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w->guest.error.message, "does not hold"));
	guest_world_close(w);
}

/* ---- Random programs ------------------------------------------------------------------------ */

/* One section, in which the thread may sleep or call others. */
static int random_section(struct sim_stream *dice, enum lock_kind kind, struct op *ops)
{
	int64_t mode = kind == LOCK_RWSEM && sim_stream_below(dice, 3) ? LOCK_READ : LOCK_WRITE;
	int n = 0;

	ops[n++] = LOCK(.lock_mode = mode);
	ops[n++] = RUN_KERNEL((int64_t)sim_stream_below(dice, 60 * US) + 1);
	switch (sim_stream_below(dice, 4)) {
	case 0: ops[n++] = SLEEP((int64_t)sim_stream_below(dice, 100 * US) + 1); break;
	case 1: ops[n++] = CALL_OTHERS(500, .wait = 1); break;
	case 2: ops[n++] = FLUSH(1); break;
	}
	ops[n++] = UNLOCK;
	ops[n++] = RUN((int64_t)sim_stream_below(dice, 30 * US) + 1);
	return n;
}

static void run_random_world(uint64_t seed)
{
	enum { SECTIONS = 4, PASSES = 60 };
	static const char *const candidates[] = {"none", "mainline", "v3"};
	struct sim_stream dice;
	struct guest_world *w;
	struct op ops[SECTIONS * 5 + 2];
	int nr_vcpus;

	sim_stream_init(&dice, seed, 0, "test", "sleeping locks");
	nr_vcpus = (int)sim_stream_below(&dice, 7) + 2;
	w = world_of(sim_stream_below(&dice, 2) ? LOCK_MUTEX : LOCK_RWSEM, nr_vcpus);
	w->host_config.cpus = (int64_t)sim_stream_below(&dice, nr_vcpus) + 1;
	memset(w->affinity, 0, sizeof(w->affinity));
	w->candidate = candidates[sim_stream_below(&dice, 3)];
	w->kvm_config.apicv = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.steal_time = (int64_t)sim_stream_below(&dice, 2);
	w->kvm_config.pv_tlb_flush = (int64_t)sim_stream_below(&dice, 2);
	for (int i = 0; i < nr_vcpus; i++) {
		int n = 1;

		for (int s = 0; s < SECTIONS; s++)
			n += random_section(&dice, w->lock.kind, ops + n);
		ops[0] = OP(.kind = OP_LOOP, .count = PASSES, .jump = n);
		ops[n++] = LOOP_END(0);
		guest_world_add(w, ops, n);
	}
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
	assert_int_equal(workload_stats(w)->lock_acquired, nr_vcpus * SECTIONS * PASSES);
	assert_null(w->guest.instance.locks[0].owner);
	assert_int_equal(w->guest.instance.locks[0].readers, 0);
	assert_false(w->guest.instance.locks[0].handoff);
	guest_world_close(w);
}

static void random_sections_come_to_their_end_on_any_host(void **state)
{
	for (uint64_t seed = 1; seed <= 60; seed++)
		run_random_world(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_waiter_spins_while_the_owner_runs_and_gets_the_lock),
		cmocka_unit_test(a_waiter_sleeps_if_the_owner_does_not_run),
		cmocka_unit_test(spinners_give_up_when_the_owner_stops),
		cmocka_unit_test(a_spinner_behind_a_preempted_one_leaves),
		cmocka_unit_test(a_preempted_spinner_is_not_given_the_lock),
		cmocka_unit_test(a_sleeper_that_was_robbed_gets_the_mutex_handed_over),
		cmocka_unit_test(a_sleeper_that_the_mutex_is_handed_to_is_woken),
		cmocka_unit_test(readers_share_and_a_writer_waits_for_the_last),
		cmocka_unit_test(a_writer_spins_for_readers_for_a_bounded_time),
		cmocka_unit_test(a_reader_queues_behind_a_sleeping_writer),
		cmocka_unit_test(all_sleeping_readers_get_it_together_past_writers),
		cmocka_unit_test(a_writer_demands_an_rwsem_only_after_4_ms),
		cmocka_unit_test(what_is_held_or_not_is_checked),
		cmocka_unit_test(a_mutex_is_spun_for_while_its_owner_computes),
		cmocka_unit_test(a_mutex_whose_owner_sleeps_is_slept_for),
		cmocka_unit_test(a_spinner_sleeps_when_the_owner_is_reported_preempted),
		cmocka_unit_test(a_writer_spins_for_two_readers_for_11_us_and_sleeps),
		cmocka_unit_test(an_unlock_wakes_every_reader_by_ipi),
		cmocka_unit_test(modes_and_irqsave_that_do_not_fit_are_refused),
		cmocka_unit_test(unlocking_a_mutex_that_one_does_not_hold_ends_the_run),
		cmocka_unit_test(random_sections_come_to_their_end_on_any_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
