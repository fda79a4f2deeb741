/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paravirtual queued spinlock: its own rules, and what they do to vCPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/workload/pv_lock.h"
#include "sim/base/container_of.h"
#include "tests/unit/guest_world.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

/* ---- The rules ------------------------------------------------------------------------------ */

struct contender {
	struct exec_waiter waiter;
	bool on_cpu; /* executes its spin */
	int restarts, hurries;
};

static struct contender *contender_of(struct exec_waiter *waiter)
{
	return container_of(waiter, struct contender, waiter);
}

static bool spins(struct exec_waiter *waiter)
{
	return contender_of(waiter)->on_cpu;
}

static void restart(struct exec_waiter *waiter)
{
	contender_of(waiter)->restarts++;
}

static void hurry(struct exec_waiter *waiter)
{
	contender_of(waiter)->hurries++;
}

static void grant(struct exec_waiter *waiter)
{
	assert_ptr_equal(waiter->lock->owner, waiter);
}

static const struct pv_lock_ops ops = {spins, restart, hurry, grant};
static const struct workload_lock description = {(char *)"l", LOCK_PV};

struct contest {
	struct sync_lock lock;
	struct contender threads[4]; /* a, b, c, d */
};

#define WAITER(contest_, i_) (&(contest_)->threads[i_].waiter)

static void arrive(struct contest *contest, int i)
{
	contest->threads[i].on_cpu = true;
	if (lock_try(&contest->lock, WAITER(contest, i), NULL) == LOCK_TAKEN)
		return;
	lock_wait(&contest->lock, WAITER(contest, i), 0);
	pv_lock_spins(WAITER(contest, i));
}

/* a owns the lock, the others wait in this order. */
static void contend(struct contest *contest, int nr)
{
	static const char *const names[] = {"a", "b", "c", "d"};

	memset(contest, 0, sizeof(*contest));
	lock_init(&contest->lock, &description);
	contest->lock.pv_ops = &ops;
	for (int i = 0; i < 4; i++)
		waiter_init(WAITER(contest, i), names[i]);
	for (int i = 0; i < nr; i++)
		arrive(contest, i);
}

/* i releases; who has to be kicked? */
static struct exec_waiter *release(struct contest *contest, int i)
{
	struct exec_waiter *next;
	struct oversub_error error;

	assert_int_equal(lock_release(&contest->lock, WAITER(contest, i), &next, &error),
			 OVERSUB_OK);
	assert_null(next);
	return contest->lock.to_kick;
}

static void it_goes_round_in_order_of_arrival(void **state)
{
	struct contest c;

	contend(&c, 4);
	for (int i = 0; i < 3; i++) {
		assert_null(release(&c, i));
		assert_ptr_equal(c.lock.owner, WAITER(&c, i + 1));
	}
	assert_null(release(&c, 3));
	assert_null(c.lock.owner);
	assert_false(c.lock.pending);
}

static void a_spinning_head_claims_the_lock_and_gets_it_even_off_its_cpu(void **state)
{
	struct contest c;

	contend(&c, 2);
	assert_true(c.lock.pending);
	c.threads[1].on_cpu = false;
	assert_null(release(&c, 0));
	assert_ptr_equal(c.lock.owner, WAITER(&c, 1));
}

static void a_head_that_spun_for_too_long_halts_and_is_kicked(void **state)
{
	struct contest c;

	contend(&c, 2);
	assert_true(pv_lock_gives_up(WAITER(&c, 1)));
	assert_int_equal(c.threads[1].waiter.pv_state, PV_HASHED);
	assert_false(c.lock.pending);
	c.threads[1].on_cpu = false;
	/* It is not handed over: the head has to come and take it. */
	assert_ptr_equal(release(&c, 0), WAITER(&c, 1));
	assert_null(c.lock.owner);

	c.threads[1].on_cpu = true;
	pv_lock_wakes(WAITER(&c, 1));
	pv_lock_spins(WAITER(&c, 1));
	assert_ptr_equal(c.lock.owner, WAITER(&c, 1));
	assert_null(release(&c, 1));
}

static void a_newcomer_steals_while_the_head_is_halted(void **state)
{
	struct contest c;

	contend(&c, 2);
	pv_lock_gives_up(WAITER(&c, 1));
	c.threads[1].on_cpu = false;
	/* c waits outside the queue. */
	arrive(&c, 2);
	assert_int_equal(c.lock.stealers.length, 1);
	assert_ptr_equal(release(&c, 0), WAITER(&c, 1));
	assert_ptr_equal(c.lock.owner, WAITER(&c, 2));
	/* d finds it free. */
	assert_null(release(&c, 2));
	arrive(&c, 3);
	assert_ptr_equal(c.lock.owner, WAITER(&c, 3));
}

static void a_thief_without_a_cpu_steals_nothing(void **state)
{
	struct contest c;

	contend(&c, 2);
	pv_lock_gives_up(WAITER(&c, 1));
	arrive(&c, 2);
	c.threads[2].on_cpu = false;
	release(&c, 0);
	assert_null(c.lock.owner);
	/* It does when it is back. */
	c.threads[2].on_cpu = true;
	pv_lock_spins(WAITER(&c, 2));
	assert_ptr_equal(c.lock.owner, WAITER(&c, 2));
}

static void a_head_that_claims_the_lock_sends_thieves_to_the_queue(void **state)
{
	struct contest c;

	contend(&c, 2);
	pv_lock_gives_up(WAITER(&c, 1));
	arrive(&c, 2);
	pv_lock_wakes(WAITER(&c, 1));
	pv_lock_spins(WAITER(&c, 1));
	assert_int_equal(c.lock.stealers.length, 0);
	assert_ptr_equal(c.lock.waiters.last, WAITER(&c, 2));
	assert_int_equal(lock_try(&c.lock, WAITER(&c, 3), NULL), LOCK_BUSY);
}

static void a_kicked_head_that_was_robbed_spins_and_does_not_halt_again(void **state)
{
	struct contest c;

	contend(&c, 2);
	pv_lock_gives_up(WAITER(&c, 1));
	arrive(&c, 2);
	release(&c, 0); /* c has it */
	pv_lock_wakes(WAITER(&c, 1));
	pv_lock_spins(WAITER(&c, 1));
	/* It is in the hash no more, so nobody would kick it. */
	assert_false(pv_lock_gives_up(WAITER(&c, 1)));
	assert_true(c.lock.pending);
	assert_null(release(&c, 2));
	assert_ptr_equal(c.lock.owner, WAITER(&c, 1));
}

static void a_head_woken_by_an_interrupt_halts_again(void **state)
{
	struct contest c;

	contend(&c, 2);
	pv_lock_gives_up(WAITER(&c, 1));
	pv_lock_wakes(WAITER(&c, 1));
	pv_lock_spins(WAITER(&c, 1));
	assert_true(c.lock.pending);
	assert_true(pv_lock_gives_up(WAITER(&c, 1)));
	assert_ptr_equal(release(&c, 0), WAITER(&c, 1));
}

static void who_halts_hurries_the_one_behind(void **state)
{
	struct contest c;

	contend(&c, 4);
	assert_int_equal(c.threads[3].hurries, 0);
	assert_true(pv_lock_gives_up(WAITER(&c, 2)));
	assert_int_equal(c.threads[2].waiter.pv_state, PV_HALTED);
	assert_int_equal(c.threads[3].hurries, 1);
	assert_true(pv_lock_gives_up(WAITER(&c, 3)));
	/* It wakes up for another reason, sees the same, and is to halt at once. */
	pv_lock_wakes(WAITER(&c, 3));
	assert_int_equal(c.threads[3].hurries, 2);
}

static void a_halted_waiter_that_becomes_head_is_kicked_by_the_next_release(void **state)
{
	struct contest c;

	contend(&c, 3);
	assert_true(pv_lock_gives_up(WAITER(&c, 2)));
	/* b gets the lock, and does not wake c, but marks the lock. */
	assert_null(release(&c, 0));
	assert_ptr_equal(c.lock.owner, WAITER(&c, 1));
	assert_int_equal(c.threads[2].waiter.pv_state, PV_HASHED);
	assert_true(c.lock.slow);
	assert_ptr_equal(release(&c, 1), WAITER(&c, 2));
	assert_null(c.lock.owner);
}

static void a_head_without_a_cpu_claims_nothing_before_it_runs(void **state)
{
	struct contest c;

	contend(&c, 3);
	c.threads[2].on_cpu = false;
	release(&c, 0); /* b has it, c is the head */
	assert_false(c.lock.pending);
	arrive(&c, 3);
	assert_int_equal(c.lock.stealers.length, 1);
	release(&c, 1);
	assert_ptr_equal(c.lock.owner, WAITER(&c, 3));
	c.threads[2].on_cpu = true;
	pv_lock_spins(WAITER(&c, 2));
	assert_true(c.lock.pending);
}

/* ---- vCPUs ---------------------------------------------------------------------------------- */

static struct guest_world *pv_world(int nr_vcpus)
{
	struct guest_world *w = guest_world_open(nr_vcpus);

	w->lock.kind = LOCK_PV;
	w->kvm_config.pv_unhalt = 1;
	return w;
}

/* The first time at which vcpu was told to do kind; -1 if never. */
static int64_t first_action(const struct guest_world *w, int vcpu, enum guest_action_kind kind)
{
	for (int i = 0; i < w->nr_notes; i++)
		if (w->notes[i].vector < 0 && w->notes[i].vcpu == vcpu &&
		    w->notes[i].action.kind == kind)
			return w->notes[i].time;
	return -1;
}

static const struct workload_stats *workload_stats(const struct guest_world *w)
{
	return &w->guest.instance.stats;
}

static void a_short_wait_ends_without_a_halt(void **state)
{
	struct guest_world *w = pv_world(2);

	WORLD_ADD(w, LOCK(), RUN_KERNEL(1 * MS), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(), UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 10 * MS);
	assert_int_equal(workload_stats(w)->lock_acquired, 2);
	assert_int_equal(w->guest.stats.lock_halts, 0);
	assert_int_equal(w->vm.stats.exits[EXIT_HYPERCALL], 0);
	guest_world_close(w);
}

static void a_waiter_halts_after_the_threshold_and_is_kicked_by_the_unlock(void **state)
{
	struct guest_world *w = pv_world(2);
	int64_t halted, locked;

	w->kvm_config.halt_poll.halt_poll_ns = 0;
	WORLD_ADD(w, LOCK(), RUN_KERNEL(5 * MS), UNLOCK, RUN(1 * MS));
	WORLD_ADD(w, RUN(10 * US), LOCK(), RUN_KERNEL(1 * MS), UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 4 * MS);
	locked = first_action(w, 1, GUEST_SPIN);
	halted = first_action(w, 1, GUEST_HLT);
	/* 2^15 passes of 56 ns. */
	assert_int_equal(halted - locked, 32768 * 56);
	assert_int_equal(w->vm.vcpus[1].task.state, TASK_SLEEPING);
	guest_world_run(w, 20 * MS);
	assert_int_equal(w->guest.stats.lock_halts, 1);
	assert_int_equal(w->vm.stats.pv_kicks, 1);
	assert_int_equal(workload_stats(w)->lock_acquired, 2);
	/* Release, hypercall, wake-up. */
	assert_in_range(workload_stats(w)->lock_wait.max, 5 * MS - 10 * US, 5 * MS + 20 * US);
	guest_world_close(w);
}

static void pauses_that_exit_do_not_count_twice(void **state)
{
	int64_t spun[2];

	for (int i = 0; i < 2; i++) {
		struct guest_world *w = pv_world(3);

		/* Exits, whether or not anybody can be found to yield to. */
		w->candidate = i ? "mainline" : "none";
		WORLD_ADD(w, LOCK(), RUN_KERNEL(20 * MS), UNLOCK);
		WORLD_ADD(w, RUN(10 * US), LOCK(), UNLOCK);
		guest_world_start(w);
		guest_world_run(w, 10 * MS);
		assert_int_equal(w->guest.stats.lock_halts, 1);
		kvm_vm_account(&w->vm);
		spun[i] = w->vm.vcpus[1].stats.time_in[VCPU_SPIN];
		assert_int_equal(w->vm.stats.exits[EXIT_PAUSE] > 3, i);
		guest_world_close(w);
	}
	assert_int_equal(spun[0], 32768 * 56);
	assert_int_equal(spun[1], spun[0]);
}

static void a_waiter_behind_a_halted_one_halts_at_its_next_look(void **state)
{
	struct guest_world *w = pv_world(4);
	int64_t second, third;

	WORLD_ADD(w, LOCK(), RUN_KERNEL(20 * MS), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(), RUN_KERNEL(100 * US), UNLOCK);
	WORLD_ADD(w, RUN(1 * MS), LOCK(), RUN_KERNEL(100 * US), UNLOCK);
	/* Comes when the head is halted and steals in vain; so it never halts. */
	WORLD_ADD(w, RUN(10 * MS), LOCK(), RUN_KERNEL(100 * US), UNLOCK);
	guest_world_start(w);
	guest_world_run(w, 15 * MS);
	second = first_action(w, 1, GUEST_HLT);
	third = first_action(w, 2, GUEST_HLT);
	assert_in_range(third - second, 0, 256 * 56);
	assert_int_equal((third - first_action(w, 2, GUEST_SPIN)) % (256 * 56), 0);
	assert_int_equal(first_action(w, 3, GUEST_HLT), -1);
	guest_world_run(w, 100 * MS);
	assert_int_equal(workload_stats(w)->lock_acquired, 4);
	/* The third was marked by the second, kicked, and so on: everybody got it. */
	assert_int_equal(w->vm.stats.pv_kicks, 2);
	guest_world_close(w);
}

/* vCPU 1 halts for the lock of vCPU 0, and vCPU 2 calls it meanwhile. */
static int64_t call_of_a_halted_waiter(int irqsave)
{
	struct guest_world *w = pv_world(3);
	int64_t latency;

	WORLD_ADD(w, LOCK(.irqsave = irqsave), RUN_KERNEL(10 * MS), UNLOCK);
	WORLD_ADD(w, RUN(10 * US), LOCK(.irqsave = irqsave), RUN_KERNEL(10 * US), UNLOCK,
		  RUN(1 * MS));
	WORLD_ADD(w, RUN(5 * MS), CALL_CPU(1, 500, .wait = 1));
	guest_world_start(w);
	guest_world_run(w, 50 * MS);
	assert_true(w->guest.stats.lock_halts >= 1);
	assert_int_equal(workload_stats(w)->lock_acquired, 2);
	assert_int_equal(w->guest.stats.smp_call.count, 1);
	latency = w->guest.stats.smp_call.max;
	guest_world_close(w);
	return latency;
}

static void a_halted_waiter_serves_calls_unless_its_interrupts_are_off(void **state)
{
	assert_true(call_of_a_halted_waiter(0) < 100 * US);
	assert_true(call_of_a_halted_waiter(1) > 4900 * US);
}

static void a_kick_yields_to_the_waiter_on_the_same_cpu(void **state)
{
	struct guest_world *w = pv_world(2);

	/* The releaser would compute on; the waiter shares its CPU. */
	w->affinity[1] = w->affinity[0];
	w->config.pv_spin_threshold = 100;
	WORLD_ADD(w, FOREVER(5), LOCK(), RUN_KERNEL(100 * US), UNLOCK, RUN(5 * MS), LOOP_END(0));
	WORLD_ADD(w, FOREVER(5), RUN(100 * US), LOCK(), RUN_KERNEL(100 * US), UNLOCK, LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 500 * MS);
	assert_true(w->vm.stats.pv_kicks > 3);
	assert_int_equal(w->vm.stats.pv_yields_asked, w->vm.stats.pv_kicks);
	assert_true(w->vm.stats.pv_yield.taken > 3);
	guest_world_close(w);
}

static void without_pv_unhalt_a_pv_lock_is_refused(void **state)
{
	struct guest_world *w = pv_world(1);

	w->kvm_config.pv_unhalt = 0;
	WORLD_ADD(w, LOCK(), UNLOCK);
	assert_int_equal(guest_world_try_start(w), OVERSUB_BAD_INPUT);
	assert_non_null(strstr(w->error.message, "pv_unhalt"));
	guest_world_close(w);
}

static enum lock_kind kind_of_spinlock(int nr_vcpus, bool pv_unhalt, bool realtime_hint)
{
	struct guest_world *w = guest_world_open(nr_vcpus);
	enum lock_kind kind;

	w->lock.kind = LOCK_SPINLOCK;
	w->kvm_config.pv_unhalt = pv_unhalt;
	w->kvm_config.realtime_hint = realtime_hint;
	w->kvm_config.pv_tlb_flush = w->kvm_config.pv_sched_yield = 1;
	WORLD_ADD(w, LOCK(), UNLOCK);
	guest_world_start(w);
	assert_int_equal(w->vm.config.pv_tlb_flush, !realtime_hint);
	assert_int_equal(w->vm.config.pv_sched_yield, !realtime_hint);
	kind = w->guest.instance.locks[0].kind;
	guest_world_close(w);
	return kind;
}

static void a_spinlock_is_what_linux_makes_of_the_vm(void **state)
{
	assert_int_equal(kind_of_spinlock(2, false, false), LOCK_TAS);
	assert_int_equal(kind_of_spinlock(2, true, false), LOCK_PV);
	assert_int_equal(kind_of_spinlock(2, true, true), LOCK_QUEUED);
	assert_int_equal(kind_of_spinlock(1, true, false), LOCK_QUEUED);
}

/* Before Linux 5.4. */
static bool is_off_cpu(const struct exec_waiter *waiter)
{
	return !container_of((struct exec_waiter *)waiter, struct contender, waiter)->on_cpu;
}

static void a_waiter_that_cares_halts_behind_one_that_is_preempted(void **state)
{
	static const struct pv_lock_ops seeing = {spins, restart, hurry, grant, is_off_cpu};
	struct contest c;

	contend(&c, 3);
	c.threads[1].on_cpu = false;
	/* d queues up behind c, which runs; c learns that b does not. */
	pv_lock_preempted(WAITER(&c, 1));
	assert_int_equal(c.threads[2].hurries, 1);
	assert_int_equal(c.threads[3].hurries, 0);
	assert_true(pv_lock_gives_up(WAITER(&c, 2)));
	assert_int_equal(c.threads[2].waiter.pv_state, PV_HALTED);

	/* Who comes later sees it by itself. */
	contend(&c, 3);
	c.lock.pv_ops = &seeing;
	c.threads[2].on_cpu = false;
	arrive(&c, 3);
	assert_int_equal(c.threads[3].hurries, 1);
	contend(&c, 3);
	c.threads[2].on_cpu = false;
	arrive(&c, 3);
	assert_int_equal(c.threads[3].hurries, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_round_in_order_of_arrival),
		cmocka_unit_test(a_spinning_head_claims_the_lock_and_gets_it_even_off_its_cpu),
		cmocka_unit_test(a_head_that_spun_for_too_long_halts_and_is_kicked),
		cmocka_unit_test(a_newcomer_steals_while_the_head_is_halted),
		cmocka_unit_test(a_thief_without_a_cpu_steals_nothing),
		cmocka_unit_test(a_head_that_claims_the_lock_sends_thieves_to_the_queue),
		cmocka_unit_test(a_kicked_head_that_was_robbed_spins_and_does_not_halt_again),
		cmocka_unit_test(a_head_woken_by_an_interrupt_halts_again),
		cmocka_unit_test(who_halts_hurries_the_one_behind),
		cmocka_unit_test(a_halted_waiter_that_becomes_head_is_kicked_by_the_next_release),
		cmocka_unit_test(a_head_without_a_cpu_claims_nothing_before_it_runs),
		cmocka_unit_test(a_short_wait_ends_without_a_halt),
		cmocka_unit_test(a_waiter_halts_after_the_threshold_and_is_kicked_by_the_unlock),
		cmocka_unit_test(pauses_that_exit_do_not_count_twice),
		cmocka_unit_test(a_waiter_behind_a_halted_one_halts_at_its_next_look),
		cmocka_unit_test(a_halted_waiter_serves_calls_unless_its_interrupts_are_off),
		cmocka_unit_test(a_kick_yields_to_the_waiter_on_the_same_cpu),
		cmocka_unit_test(without_pv_unhalt_a_pv_lock_is_refused),
		cmocka_unit_test(a_spinlock_is_what_linux_makes_of_the_vm),
		cmocka_unit_test(a_waiter_that_cares_halts_behind_one_that_is_preempted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
