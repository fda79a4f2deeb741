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
		assert_int_equal(w->scripts[1].taken[0].begun,
				 100 * US + 500 + injection_to_handler(w));
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
		assert_int_equal(w->scripts[1].taken[0].begun, START_NS + 500 + 200 * US + 500 +
								       !apicv * 500 +
								       injection_to_handler(w));
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
				assert_int_equal(w->scripts[0].taken[0].begun,
						 exit + 2300 + injection_to_handler(w));
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
		assert_int_equal(w->scripts[1].taken[0].begun,
				 100 * US + 1550 + 1300 + 250 + injection_to_handler(w));
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
	assert_int_equal(w->scripts[0].taken[1].begun, 62 * US + 250 + injection_to_handler(w));
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

/* ---- Modes and vendors ---------------------------------------------------------------------- */

#define ARM(timer_, ns_)                                                                           \
	ACTION(.kind = GUEST_TIMER_ARM, .timer = (timer_), .ns = (ns_), .interrupts = true,        \
	       .kernel = true)

static struct vcpu_world *open_with_timer(struct guest_action arm)
{
	struct vcpu_world *w = vcpu_world_open(1, 1);

	SCRIPT(w, 0, arm, WORK(10 * MS));
	return w;
}

static void a_one_shot_count_begins_to_run_when_kvm_handles_the_write(void **state)
{
	/* A count is a whole number of ticks of 16 ns. */
	static const int64_t delays[] = {100 * US, 100 * US + 1, 1};
	static const int64_t counted[] = {100 * US, 100 * US + 16, 16};

	for (int i = 0; i < 3; i++) {
		struct vcpu_world *w =
			open_with_timer(ARM(KVM_TIMER_ONE_SHOT, START_NS + delays[i]));
		int64_t expiry = START_NS + 400 + counted[i];

		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(exits_of_world(w, EXIT_TIMER_COUNT), 1);
		assert_int_equal(exits_of_world(w, EXIT_TIMER_ARM), 0);
		assert_int_equal(w->scripts[0].nr_taken, 1);
		/* The shortest has expired before the write's exit is over. */
		if (delays[i] > 1)
			assert_int_equal(w->scripts[0].taken[0].injected, expiry + 500);
		vcpu_world_close(w);
	}
}

static void a_periodic_timer_starts_anew_by_itself(void **state)
{
	struct vcpu_world *w = open_with_timer(ARM(KVM_TIMER_PERIODIC, 1 * MS));

	vcpu_world_start(w);
	vcpu_world_run(w, 5 * MS);
	assert_int_equal(exits_of_world(w, EXIT_TIMER_COUNT), 1);
	assert_int_equal(exits_of_world(w, EXIT_TIMER), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(w->scripts[0].taken[i].injected,
				 START_NS + 400 + (i + 1) * MS + 500);
	vcpu_world_close(w);
}

/* What a preempted vCPU misses is one interrupt, however many periods it was. */
static void periods_that_nobody_saw_are_one_interrupt(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 1);
	int64_t left;
	int nr;

	SCRIPT(w, 0, ARM(KVM_TIMER_PERIODIC, 100 * US), WORK(200 * MS));
	SCRIPT(w, 1, WORK(200 * MS));
	vcpu_world_start(w);
	/* At the beginning the turns are short. */
	do {
		vcpu_world_run_until(w, vcpu_is_preempted, 0, 50 * MS);
		left = now_of_world(w);
		nr = w->scripts[0].nr_taken;
		vcpu_world_run_until(w, vcpu_is_in_guest, 0, 60 * MS);
	} while (now_of_world(w) - left < 5 * 100 * US);
	assert_int_equal(w->scripts[0].nr_taken, nr + 1);
	vcpu_world_close(w);
}

static void a_write_of_zero_stops_a_timer(void **state)
{
	for (int timer = KVM_TIMER_TSC_DEADLINE; timer <= KVM_TIMER_PERIODIC; timer++) {
		struct vcpu_world *w = vcpu_world_open(1, 1);

		SCRIPT(w, 0, ARM(timer, timer == KVM_TIMER_PERIODIC ? 1 * MS : START_NS + 1 * MS),
		       WORK(1500 * US), ARM(timer, 0), WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 10 * MS);
		assert_int_equal(w->scripts[0].nr_taken, 1);
		vcpu_world_close(w);
	}
}

static void on_svm_a_timer_is_an_interrupt_of_the_host(void **state)
{
	for (int amd = 0; amd < 2; amd++) {
		struct vcpu_world *w = open_with_timer(TIMER_AT(200 * US));

		w->kvm_config.ple.type = amd ? PLE_AMD : PLE_INTEL;
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), amd);
		assert_int_equal(exits_of_world(w, EXIT_TIMER), !amd);
		assert_int_equal(w->scripts[0].taken[0].injected, 200 * US + (amd ? 710 : 500));
		vcpu_world_close(w);
	}
}

static void a_timer_that_fires_early_delivers_at_its_deadline(void **state)
{
	static const int64_t advances[] = {0, 300, 500, 1000, 5000};

	for (int i = 0; i < 5; i++) {
		struct vcpu_world *w = open_with_timer(TIMER_AT(200 * US));
		int64_t late = 500 - advances[i];

		w->kvm_config.timer_advance = advances[i];
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);
		assert_int_equal(w->scripts[0].taken[0].injected, 200 * US + (late > 0 ? late : 0));
		vcpu_world_close(w);
	}
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
		cmocka_unit_test(a_one_shot_count_begins_to_run_when_kvm_handles_the_write),
		cmocka_unit_test(a_periodic_timer_starts_anew_by_itself),
		cmocka_unit_test(periods_that_nobody_saw_are_one_interrupt),
		cmocka_unit_test(a_write_of_zero_stops_a_timer),
		cmocka_unit_test(on_svm_a_timer_is_an_interrupt_of_the_host),
		cmocka_unit_test(a_timer_that_fires_early_delivers_at_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
