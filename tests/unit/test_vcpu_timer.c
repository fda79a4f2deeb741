/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timer of a vCPU's LAPIC in each of its phases, and what a reset leaves of its interrupts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/vcpu_world.h"

static void a_timer_that_expires_in_the_guest_exits_once(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = vcpu_world_open(2, 2);

		w->kvm_config.apicv = apicv;
		SCRIPT(w, 1, TIMER_AT(100 * US), WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);

		assert_int_equal(w->scripts[1].taken[0].vector, 0xec);
		assert_int_equal(w->scripts[1].taken[0].begun, 100 * US + 500 + 1040);
		assert_int_equal(exits_of_world(w, EXIT_TIMER), 1);
		assert_int_equal(exits_of_world(w, EXIT_TIMER_ARM), 1);
		assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 0);
		vcpu_world_close(w);
	}
}

static void a_timer_waits_for_interrupts_to_be_on(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = vcpu_world_open(2, 2);

		w->kvm_config.apicv = apicv;
		SCRIPT(w, 1, TIMER_AT(100 * US), IRQS_OFF(200 * US), WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);

		/* Arming takes an exit, expiry another, and without APICv the window a third. */
		assert_int_equal(w->scripts[1].taken[0].begun,
				 START_NS + 500 + 200 * US + 500 + !apicv * 500 + 1040);
		assert_int_equal(exits_of_world(w, EXIT_TIMER), 1);
		assert_int_equal(exits_of_world(w, EXIT_INTERRUPT_WINDOW), !apicv);
		vcpu_world_close(w);
	}
}

static void a_timer_that_expires_outside_the_guest_needs_no_exit(void **state)
{
	for (int64_t after = 0; after < 2300; after += 109) {
		for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
			struct vcpu_world *w = vcpu_world_open(1, 1);
			int64_t exit = START_NS + 500 + 50 * US;

			w->kvm_config.apicv = apicv;
			SCRIPT(w, 0, TIMER_AT(exit + after), WORK(50 * US), DEVICE_IO,
			       WORK(10 * MS));
			vcpu_world_start(w);
			vcpu_world_run(w, 1 * MS);

			assert_int_equal(w->scripts[0].nr_taken, 1);
			if (after) {
				assert_int_equal(exits_of_world(w, EXIT_TIMER), 0);
				assert_int_equal(w->scripts[0].taken[0].begun, exit + 2300 + 1040);
			}
			vcpu_world_close(w);
		}
	}
}

static void a_timer_wakes_a_blocked_vcpu(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = vcpu_world_open(2, 2);

		w->candidate = "mainline";
		w->kvm_config.apicv = apicv;
		SCRIPT(w, 1, TIMER_AT(100 * US), HALT, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 100 * US);
		/* Woken by its own CPU; nothing has been raised yet that others could see. */
		assert_true(vcpu_of_world(w, 1)->dy.ready);
		assert_false(oversub_vcpu_dy_runnable(&vcpu_of_world(w, 1)->dy));
		vcpu_world_run(w, 1 * MS);

		assert_int_equal(w->scripts[1].nr_taken, 1);
		assert_int_equal(w->scripts[1].taken[0].begun, 100 * US + 1550 + 1300 + 250 + 1040);
		vcpu_world_close(w);
	}
}

static void a_timer_ends_a_poll(void **state)
{
	struct vcpu_world *w = vcpu_world_open(1, 1);

	w->kvm_config.halt_poll.halt_poll_ns = 200 * US;
	SCRIPT(w, 0, TIMER_AT(50 * US), HALT, TIMER_AT(62 * US), HALT, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run_until(w, vcpu_is_polling, 0, 1 * MS);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[0].nr_taken, 2);
	assert_int_equal(w->scripts[0].taken[1].begun, 62 * US + 250 + 1040);
	vcpu_world_close(w);
}

static void a_timer_that_expires_without_a_cpu_is_noticed_when_there_is_one(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 1);
	int64_t off;

	SCRIPT(w, 0, TIMER_AT(100 * MS), WORK(50 * MS));
	SCRIPT(w, 1, WORK(50 * MS));
	vcpu_world_start(w);
	vcpu_world_run_until(w, vcpu_is_preempted, 0, 20 * MS);
	off = now_of_world(w);
	sim_schedule(&w->engine, &w->vm.vcpus[0].lapic_timer, off + 10 * US);
	vcpu_world_run(w, off + 20 * US);
	assert_true(vcpu_of_world(w, 0)->lapic_timer_pending);
	assert_false(vcpu_of_world(w, 0)->dy.request_event);
	assert_int_equal(w->scripts[0].nr_taken, 0);
	vcpu_world_run(w, off + 20 * MS);

	assert_int_equal(w->scripts[0].nr_taken, 1);
	assert_int_equal(exits_of_world(w, EXIT_TIMER), 0);
	vcpu_world_close(w);
}

static void a_timer_leaves_a_vcpu_that_halts_with_interrupts_off_halted(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = vcpu_world_open(1, 1);

		w->kvm_config.apicv = apicv;
		SCRIPT(w, 0, TIMER_AT(100 * US), HALT_IRQS_OFF, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);

		assert_int_equal(w->scripts[0].at, 2);
		assert_true(vcpu_is_asleep(vcpu_of_world(w, 0)));
		vcpu_world_close(w);
	}
}

/* KVM raises the vector before it looks at the resched bits: a scan sees it on a preempted vCPU. */
static void a_timer_that_exits_is_raised_before_the_thread_gives_way(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = vcpu_world_open(1, 1);
		struct vcpu *vcpu;

		w->kvm_config.apicv = apicv;
		SCRIPT(w, 0, TIMER_AT(100 * US), WORK(10 * MS));
		vcpu_world_start(w);
		vcpu = vcpu_of_world(w, 0);
		/* In the first half of the timer's exit; the second half follows the look. */
		vcpu_world_run(w, 100 * US + 250);
		assert_int_equal(vcpu->phase, VCPU_ENTERING);
		assert_false(vcpu->lapic_timer_pending);
		assert_int_equal(vcpu->dy.request_event, !apicv);
		assert_int_equal(vcpu->dy.pid_on, apicv);
		vcpu_world_close(w);
	}
}

/* ---- Reset ---------------------------------------------------------------------------------- */

static void a_reset_vcpu_can_be_notified_again(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 2);
	struct vcpu *target;

	w->kvm_config.apicv = KVM_APICV_ON;
	/* The first IPI is pending, ON is set, when the reset comes. */
	SCRIPT(w, 0, SEND_IPI(1, 0xfb), WORK(100 * US), SEND_IPI(1, 0xfc), WORK(10 * MS));
	SCRIPT(w, 1, HALT_IRQS_OFF, HALT, WORK(10 * MS));
	vcpu_world_start(w);
	target = vcpu_of_world(w, 1);
	vcpu_world_run(w, 20 * US);
	sim_schedule(&w->engine, &target->lapic_timer, 50 * US);
	vcpu_reset(target);
	assert_false(target->dy.pid_on);
	assert_int_equal(lapic_vectors_highest(&target->lapic.pir), -1);
	/* It comes back with interrupts on. */
	target->action.interrupts = true;
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 1);
	assert_int_equal(w->scripts[1].taken[0].vector, 0xfc);
	vcpu_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_that_expires_in_the_guest_exits_once),
		cmocka_unit_test(a_timer_waits_for_interrupts_to_be_on),
		cmocka_unit_test(a_timer_that_expires_outside_the_guest_needs_no_exit),
		cmocka_unit_test(a_timer_wakes_a_blocked_vcpu),
		cmocka_unit_test(a_timer_ends_a_poll),
		cmocka_unit_test(a_timer_that_expires_without_a_cpu_is_noticed_when_there_is_one),
		cmocka_unit_test(a_timer_leaves_a_vcpu_that_halts_with_interrupts_off_halted),
		cmocka_unit_test(a_timer_that_exits_is_raised_before_the_thread_gives_way),
		cmocka_unit_test(a_reset_vcpu_can_be_notified_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
