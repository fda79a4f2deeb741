/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cooperating guest publishes, how old it may be, and what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/kvm/vcpu.h"
#include "tests/unit/guest_world.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static struct oversub_guest_hint hint(const struct guest_world *w, int vcpu)
{
	struct oversub_guest_hint read = {.waits_for = -2};

	assert_true(vcpu_read_hint(&w->vm.vcpus[vcpu].dy, &read));
	return read;
}

/* vCPU 0 holds the lock, 1 spins for it with interrupts off, 2 calls 1. */
static struct guest_world *open_chain(bool guest_hint)
{
	struct guest_world *w = guest_world_open(3);

	w->kvm_config.guest_hint = guest_hint;
	WORLD_ADD(w, LOCK(), RUN_KERNEL(200 * US), UNLOCK, RUN(1 * MS));
	WORLD_ADD(w, RUN(10 * US), LOCK(.irqsave = 1), RUN_KERNEL(50 * US), UNLOCK, RUN(1 * MS));
	WORLD_ADD(w, RUN(50 * US), CALL_CPU(1, 20 * US, .wait = 1), RUN(1 * MS));
	return w;
}

static void spinners_say_for_whom_they_wait_and_holders_that_they_hold(void **state)
{
	struct guest_world *w = open_chain(true);

	guest_world_start(w);
	guest_world_run(w, 100 * US);
	assert_int_equal(hint(w, 0).waits_for, -1);
	assert_int_equal(hint(w, 0).critical, 1);
	assert_int_equal(hint(w, 1).waits_for, 0);
	assert_int_equal(hint(w, 1).critical, 0);
	assert_int_equal(hint(w, 2).waits_for, 1);
	assert_int_equal(hint(w, 2).critical, 0);
	/* The lock has gone to vCPU 1. */
	guest_world_run(w, 225 * US);
	assert_int_equal(hint(w, 0).critical, 0);
	assert_int_equal(hint(w, 1).waits_for, -1);
	assert_int_equal(hint(w, 1).critical, 1);
	/* It handles the call, without the lock. */
	guest_world_run(w, 270 * US);
	assert_int_equal(hint(w, 1).critical, 1);
	assert_int_equal(hint(w, 2).waits_for, 1);
	guest_world_run(w, 400 * US);
	assert_int_equal(hint(w, 1).critical, 0);
	assert_int_equal(hint(w, 2).waits_for, -1);
	guest_world_close(w);
}

static void without_guest_hint_nothing_is_published(void **state)
{
	struct guest_world *w = open_chain(false);
	struct oversub_guest_hint read;

	guest_world_start(w);
	guest_world_run(w, 100 * US);
	assert_false(vcpu_read_hint(&w->vm.vcpus[1].dy, &read));
	guest_world_close(w);
}

static void what_a_vcpu_published_stays_while_it_has_no_cpu(void **state)
{
	struct guest_world *w = guest_world_open(3);
	const struct vcpu *waiter;

	/* vCPU 2 takes the waiter's CPU now and then, also when vCPU 0 unlocks. */
	w->kvm_config.guest_hint = true;
	w->lock.kind = LOCK_TAS;
	w->affinity[2] = w->affinity[1];
	WORLD_ADD(w, LOCK(), RUN_KERNEL(17 * MS), UNLOCK, RUN(100 * MS));
	WORLD_ADD(w, RUN(1 * US), LOCK(), RUN_KERNEL(1 * US), UNLOCK);
	WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	waiter = &w->vm.vcpus[1];
	while (!w->guest.instance.locks[0].owner)
		guest_world_run(w, sim_next_time(&w->engine));
	while (w->guest.instance.locks[0].owner)
		guest_world_run(w, sim_next_time(&w->engine));
	assert_true(waiter->dy.preempted);
	assert_int_equal(hint(w, 1).waits_for, 0);
	guest_world_run(w, 60 * MS);
	assert_int_equal(w->guest.instance.stats.lock_acquired, 2);
	assert_int_equal(hint(w, 1).waits_for, -1);
	guest_world_close(w);
}

/* When vCPU 0 begins its last op, ns. */
static int64_t end_of_section(bool guest_hint, int64_t cost)
{
	struct guest_world *w = guest_world_open(1);
	int64_t time = 0;

	w->kvm_config.guest_hint = guest_hint;
	w->kvm_config.costs.guest_hint_ns = cost;
	WORLD_ADD(w, LOCK(), RUN_KERNEL(10 * US), UNLOCK, RUN(10 * US), SLEEP(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 500 * US);
	for (int i = 0; i < w->nr_notes && !time; i++)
		if (w->notes[i].action.kind == GUEST_TIMER_ARM)
			time = w->notes[i].time;
	guest_world_close(w);
	return time;
}

static void each_change_of_what_is_published_costs(void **state)
{
	int64_t plain = end_of_section(false, 700);

	assert_true(plain > 0);
	assert_int_equal(end_of_section(true, 0), plain);
	/* The section begins, and ends. */
	assert_int_equal(end_of_section(true, 700), plain + 2 * 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spinners_say_for_whom_they_wait_and_holders_that_they_hold),
		cmocka_unit_test(without_guest_hint_nothing_is_published),
		cmocka_unit_test(what_a_vcpu_published_stays_while_it_has_no_cpu),
		cmocka_unit_test(each_change_of_what_is_published_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
