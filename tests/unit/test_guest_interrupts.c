/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a guest does with its interrupt hardware: destination modes of its IPIs, NMIs, devices whose
 * interrupts any vCPU may take, and timers in all modes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/guest_world.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

/* ---- Destination modes ---------------------------------------------------------------------- */

/*
 * 20 vCPUs, of which two have no thread and so never need a flush: CPU 0 interrupts 17 others, too
 * many for one write and too few for the shorthand.
 */
static struct guest_world *flush_of_17(int64_t x2apic)
{
	struct guest_world *w = guest_world_open(20);

	w->kvm_config.x2apic = x2apic;
	WORLD_ADD(w, RUN(100 * US), FLUSH(1), RUN(10 * MS));
	for (int i = 1; i < 18; i++)
		WORLD_ADD(w, RUN(10 * MS));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);
	assert_int_equal(guest_world_count_interrupts(w, -1, GUEST_VECTOR_CALL_FUNCTION), 17);
	assert_int_equal(w->guest.stats.calls_served, 17);
	return w;
}

static void in_physical_mode_a_group_is_one_write_per_target(void **state)
{
	struct guest_world *w = flush_of_17(KVM_X2APIC_PHYSICAL);

	assert_int_equal(w->vm.stats.exits[EXIT_ICR_WRITE], 17);
	assert_int_equal(w->vm.stats.ipis_unicast, 17);
	guest_world_close(w);
}

static void in_cluster_mode_a_group_is_one_write_per_cluster(void **state)
{
	struct guest_world *w = flush_of_17(KVM_X2APIC_CLUSTER);
	static const uint32_t dests[] = {0xfffe, 1 << 16 | 0x3};
	int nr = 0;

	for (int i = 0; i < w->nr_notes; i++) {
		const struct guest_action *action = &w->notes[i].action;

		if (w->notes[i].vector >= 0 || action->kind != GUEST_ICR)
			continue;
		assert_true(nr < 2 && action->icr.logical);
		assert_int_equal(action->icr.dest, dests[nr]);
		nr++;
	}
	assert_int_equal(nr, 2);
	assert_int_equal(w->vm.stats.exits[EXIT_ICR_WRITE], 2);
	/* Two or more acceptors per write: none of them is an IPI from one to one. */
	assert_int_equal(w->vm.stats.ipis_unicast, 0);
	guest_world_close(w);
}

static void in_cluster_mode_single_ipis_have_logical_destinations_too(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_AVIC; apicv++) {
		struct guest_world *w = guest_world_open(3);
		/* IPI virtualisation knows physical destinations only. */
		bool exits = apicv != KVM_APICV_AVIC;

		w->kvm_config.apicv = apicv;
		w->kvm_config.x2apic = KVM_X2APIC_CLUSTER;
		WORLD_ADD(w, RUN(100 * US), CALL_CPU(2, 500, .wait = 1), RUN(10 * MS));
		WORLD_ADD(w, RUN(10 * MS));
		WORLD_ADD(w, RUN(10 * MS));
		guest_world_start(w);
		guest_world_run(w, 1 * MS);
		assert_int_equal(w->vm.stats.exits[EXIT_ICR_WRITE], exits);
		assert_int_equal(w->vm.stats.ipis_unicast, 1);
		assert_int_equal(guest_world_count_interrupts(w, 2, 0xfb), 1);
		guest_world_close(w);
	}
}

static void all_others_are_one_write_in_either_mode(void **state)
{
	for (int x2apic = 0; x2apic < 2; x2apic++) {
		struct guest_world *w = guest_world_open(4);

		w->kvm_config.x2apic = x2apic;
		WORLD_ADD(w, RUN(100 * US), CALL_OTHERS(500, .wait = 1));
		guest_world_start(w);
		guest_world_run(w, 1 * MS);
		assert_int_equal(w->vm.stats.exits[EXIT_ICR_WRITE], 1);
		assert_int_equal(w->guest.stats.calls_served, 3);
		guest_world_close(w);
	}
}

/* ---- NMIs ----------------------------------------------------------------------------------- */

#define NMI(cpu_) OP(.kind = OP_NMI, .target = OP_TARGET_CPU, .target_cpu = (cpu_))

static void an_nmi_does_not_wait_for_the_end_of_a_stretch_with_interrupts_off(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, RUN(100 * US), NMI(1), CALL_CPU(1, 500, .wait = 1), RUN(10 * MS));
	WORLD_ADD(w, RUN_IRQS_OFF(1 * MS), RUN(10 * MS));
	guest_world_start(w);
	guest_world_run(w, 500 * US);
	assert_int_equal(w->vm.stats.nmis, 1);
	assert_int_equal(guest_world_count_interrupts(w, 1, GUEST_VECTOR_NMI), 1);
	assert_int_equal(w->guest.stats.calls_served, 0);
	guest_world_run(w, 2 * MS);
	assert_int_equal(w->guest.stats.calls_served, 1);
	guest_world_close(w);
}

static void an_nmi_to_all_others_reaches_idle_and_spinning_cpus(void **state)
{
	struct guest_world *w = guest_world_open(4);

	WORLD_ADD(w, LOCK(), RUN(200 * US), OP(.kind = OP_NMI, .target = OP_TARGET_OTHERS),
		  RUN(100 * US), UNLOCK);
	WORLD_ADD(w, RUN(50 * US), LOCK(.irqsave = 1), UNLOCK);
	WORLD_ADD(w, RUN(10 * MS));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);
	assert_int_equal(w->vm.stats.nmis, 3);
	for (int i = 1; i < 4; i++)
		assert_int_equal(guest_world_count_interrupts(w, i, GUEST_VECTOR_NMI), 1);
	/* The spinner went back to its spin, and got the lock. */
	assert_int_equal(w->guest.instance.stats.lock_wait.count, 1);
	guest_world_close(w);
}

static void a_lock_released_during_an_nmi_is_not_lost(void **state)
{
	/* The unlock comes before, within, or after the handler. */
	for (int64_t ns = 100; ns < 8 * US; ns += 100) {
		struct guest_world *w = guest_world_open(3);

		WORLD_ADD(w, LOCK(), RUN(200 * US), RUN_KERNEL(ns), UNLOCK);
		WORLD_ADD(w, RUN(50 * US), LOCK(), UNLOCK);
		WORLD_ADD(w, RUN(200 * US), NMI(1));
		guest_world_start(w);
		guest_world_run(w, 1 * MS);
		assert_int_equal(w->vm.stats.nmis, 1);
		assert_int_equal(w->guest.threads[1].program.state, PROGRAM_ENDED);
		assert_int_equal(w->guest.instance.stats.lock_wait.count, 1);
		guest_world_close(w);
	}
}

/* ---- Devices -------------------------------------------------------------------------------- */

static void a_lowest_priority_completion_is_taken_where_hashing_says(void **state)
{
	struct guest_world *w = guest_world_open(5);
	/* One vector for the device: one vCPU takes all of its interrupts. */
	int taker = GUEST_VECTOR_DEVICE % 5;
	int waiter = 1;

	assert_int_equal(taker, 3);
	w->kvm_config.device_delivery = KVM_DEVICE_LOWEST;
	WORLD_ADD(w, RUN(1 * US));
	WORLD_ADD(w, IO(100 * US), RUN(300 * US));
	WORLD_ADD(w, IO(100 * US), RUN(300 * US));
	WORLD_ADD(w, IO(200 * US), RUN(300 * US));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);

	for (int i = 0; i < 5; i++)
		assert_int_equal(guest_world_count_interrupts(w, i, GUEST_VECTOR_DEVICE) > 0,
				 i == taker);
	/* It wakes the others by a reschedule IPI, and itself without one. */
	assert_int_equal(w->guest.stats.reschedules, 2);
	assert_int_equal(guest_world_count_interrupts(w, waiter, GUEST_VECTOR_RESCHEDULE), 1);
	for (int i = 1; i < 4; i++)
		assert_int_equal(w->guest.threads[i].program.state, PROGRAM_ENDED);
	guest_world_close(w);
}

static void a_fixed_completion_is_taken_by_who_waits(void **state)
{
	struct guest_world *w = guest_world_open(5);

	WORLD_ADD(w, RUN(1 * US));
	WORLD_ADD(w, IO(100 * US));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);
	assert_int_equal(guest_world_count_interrupts(w, 1, GUEST_VECTOR_DEVICE), 1);
	assert_int_equal(w->guest.stats.reschedules, 0);
	guest_world_close(w);
}

/* ---- Timers --------------------------------------------------------------------------------- */

static void a_sleep_ends_with_one_shot_timers_as_with_deadlines(void **state)
{
	for (int timer = KVM_TIMER_TSC_DEADLINE; timer <= KVM_TIMER_ONE_SHOT; timer++) {
		struct guest_world *w = guest_world_open(1);
		bool one_shot = timer == KVM_TIMER_ONE_SHOT;

		w->kvm_config.lapic_timer = timer;
		WORLD_ADD(w, SLEEP(100 * US), SLEEP(100 * US));
		guest_world_start(w);
		guest_world_run(w, 1 * MS);
		assert_int_equal(w->vm.stats.exits[EXIT_TIMER_COUNT], one_shot ? 2 : 0);
		assert_int_equal(w->vm.stats.exits[EXIT_TIMER_ARM], one_shot ? 0 : 2);
		assert_int_equal(guest_world_count_interrupts(w, 0, GUEST_VECTOR_TIMER), 2);
		assert_int_equal(w->guest.threads[0].program.state, PROGRAM_ENDED);
		guest_world_close(w);
	}
}

static void with_periodic_timers_a_sleep_ends_at_a_tick(void **state)
{
	struct guest_world *w = guest_world_open(2);
	int note;

	w->kvm_config.lapic_timer = KVM_TIMER_PERIODIC;
	WORLD_ADD(w, SLEEP(5 * MS), RUN(100 * US));
	guest_world_start(w);
	guest_world_run(w, 20 * MS);

	/* One write per vCPU at boot, and then ticks, also of idle vCPUs. */
	assert_int_equal(w->vm.stats.exits[EXIT_TIMER_COUNT], 2);
	assert_int_equal(guest_world_count_interrupts(w, 0, GUEST_VECTOR_TIMER), 4);
	assert_int_equal(guest_world_count_interrupts(w, 1, GUEST_VECTOR_TIMER), 4);
	/* Not at the first tick, after 4 ms, but at the second. */
	for (note = 0; note < w->nr_notes; note++)
		if (w->notes[note].vcpu == 0 && w->notes[note].vector < 0 &&
		    w->notes[note].action.kind == GUEST_RUN && w->notes[note].action.ns == 100 * US)
			break;
	assert_true(note < w->nr_notes);
	assert_in_range(w->notes[note].time, 8 * MS, 8 * MS + 50 * US);
	guest_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_physical_mode_a_group_is_one_write_per_target),
		cmocka_unit_test(in_cluster_mode_a_group_is_one_write_per_cluster),
		cmocka_unit_test(in_cluster_mode_single_ipis_have_logical_destinations_too),
		cmocka_unit_test(all_others_are_one_write_in_either_mode),
		cmocka_unit_test(an_nmi_does_not_wait_for_the_end_of_a_stretch_with_interrupts_off),
		cmocka_unit_test(an_nmi_to_all_others_reaches_idle_and_spinning_cpus),
		cmocka_unit_test(a_lock_released_during_an_nmi_is_not_lost),
		cmocka_unit_test(a_lowest_priority_completion_is_taken_where_hashing_says),
		cmocka_unit_test(a_fixed_completion_is_taken_by_who_waits),
		cmocka_unit_test(a_sleep_ends_with_one_shot_timers_as_with_deadlines),
		cmocka_unit_test(with_periodic_timers_a_sleep_ends_at_a_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
