/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vCPUs whose VM has used up its cpu.max: where they stop, and what that does to the guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/guest_world.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static struct guest_world *limited_world(int nr_vcpus, int64_t quota)
{
	struct guest_world *world = guest_world_open(nr_vcpus);

	world->cpu_max = (struct host_cpu_max){quota, 100 * MS, 0};
	return world;
}

static void it_leaves_before_it_enters_the_guest_again(void **state)
{
	struct guest_world *world = limited_world(1, 10 * MS);
	const struct vcpu *vcpu;
	int64_t pending_since = -1, longest = 0;
	bool was_throttled = false;
	int nr_stops = 0;

	WORLD_ADD(world, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(world);
	vcpu = &world->vm.vcpus[0];
	for (int64_t now = 0; now < 500 * MS; now += US / 2) {
		guest_world_run(world, now);
		nr_stops += !was_throttled && host_task_throttled(&vcpu->task);
		was_throttled = host_task_throttled(&vcpu->task);
		if (!vcpu->task.se.throttle_work) {
			pending_since = -1;
			continue;
		}
		/* Whatever found it out was an interrupt, so that it is on its way already. */
		assert_false(vcpu_executing(vcpu));
		if (pending_since < 0)
			pending_since = now;
		if (now - pending_since > longest)
			longest = now - pending_since;
	}
	assert_true(nr_stops >= 4);
	assert_true(longest <= 2 * US);
	guest_world_close(world);
}

static void it_is_stopped_with_a_lock_of_the_guest_in_hand(void **state)
{
	struct guest_world *world = limited_world(2, 20 * MS);
	const struct sim_histogram *waits;

	WORLD_ADD(world, FOREVER(4), LOCK(), RUN_KERNEL(30 * MS), UNLOCK, LOOP_END(0));
	WORLD_ADD(world, RUN(1 * MS), LOCK(), UNLOCK);
	guest_world_start(world);
	/* The quota of the first period is there at once, and both use it: one spins. */
	guest_world_run(world, 20 * MS);
	assert_true(host_task_throttled(&world->vm.vcpus[0].task));
	assert_true(host_task_throttled(&world->vm.vcpus[1].task));
	assert_true(world->vm.vcpus[0].action.kernel);
	assert_int_equal(world->vm.vcpus[1].action.kind, GUEST_SPIN);

	guest_world_run(world, 1000 * MS);
	waits = &world->guest.instance.stats.lock_wait;
	assert_true(waits->count >= 1);
	/* 30 ms of work at 10 ms in 100: the waiter burns the other half. */
	assert_true(waits->max > 100 * MS);
	guest_world_close(world);
}

static void what_it_lacks_is_neither_steal_nor_halt(void **state)
{
	struct guest_world *world = limited_world(1, 25 * MS);
	const struct vcpu_stats *stats;

	WORLD_ADD(world, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(world);
	guest_world_run(world, 4000 * MS);
	kvm_vm_account(&world->vm);
	stats = &world->vm.vcpus[0].stats;
	assert_in_range(stats->time_in[VCPU_THROTTLED], 2930 * MS, 3020 * MS);
	assert_true(stats->time_in[VCPU_STEAL] < 1 * MS);
	assert_int_equal(stats->time_in[VCPU_HALT], 0);
	guest_world_close(world);
}

static void a_sleeper_that_is_woken_meanwhile_waits_for_time_like_the_others(void **state)
{
	struct guest_world *world = limited_world(2, 10 * MS);

	WORLD_ADD(world, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	WORLD_ADD(world, FOREVER(3), SLEEP(3 * MS), RUN(100 * US), LOOP_END(0));
	guest_world_start(world);
	guest_world_run(world, 2000 * MS);
	kvm_vm_account(&world->vm);
	/* It used little, but its VM has one account. */
	assert_true(world->vm.vcpus[1].stats.time_in[VCPU_THROTTLED] > 1000 * MS);
	guest_world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_leaves_before_it_enters_the_guest_again),
		cmocka_unit_test(it_is_stopped_with_a_lock_of_the_guest_in_hand),
		cmocka_unit_test(what_it_lacks_is_neither_steal_nor_halt),
		cmocka_unit_test(a_sleeper_that_is_woken_meanwhile_waits_for_time_like_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
