/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How an interrupt reaches a vCPU in each of its phases, how long it takes with the default costs,
 * and which exits it makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/vcpu_world.h"

/* From the ICR write, action of vcpu 0, to the handler of vCPU 1. */
static int64_t latency(const struct vcpu_world *w, int action)
{
	assert_true(w->scripts[1].nr_taken > 0);
	return w->scripts[1].taken[w->scripts[1].nr_taken - 1].begun - w->scripts[0].began[action];
}

/* vCPU 0 waits a while and then interrupts vCPU 1. */
static struct vcpu_world *open_pair(int64_t apicv)
{
	struct vcpu_world *w = vcpu_world_open(2, 2);

	w->kvm_config.apicv = apicv;
	SCRIPT(w, 0, WORK(100 * US), SEND_IPI(1, 0xfb), WORK(10 * MS));
	SCRIPT(w, 1, WORK(10 * MS));
	return w;
}

/* ---- A target in guest mode ----------------------------------------------------------------- */

static void an_ipi_to_a_running_vcpu_kicks_it_out_of_the_guest(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[0].began[0], START_NS);
	/* Half of the ICR write, the flight of the kick, the exit, the way to the handler. */
	assert_int_equal(latency(w, 1), 300 + 900 + 710 + 450 + 1040);
	assert_int_equal(w->vm.stats.ipi_delivery.max, 3400);
	assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 1);
	assert_int_equal(exits_of_world(w, EXIT_INTERRUPT_WINDOW), 0);
	vcpu_world_close(w);
}

static void a_posted_ipi_reaches_a_running_vcpu_without_an_exit(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_ON);

	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(latency(w, 1), 300 + 900 + 1040);
	assert_int_equal(w->vm.stats.ipi_delivery.max, 2240);
	assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 0);
	assert_int_equal(exits_of_world(w, EXIT_ICR_WRITE), 1);
	assert_false(vcpu_of_world(w, 1)->dy.pid_on);
	vcpu_world_close(w);
}

static void with_interrupts_off_a_kick_leads_to_an_interrupt_window(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	SCRIPT(w, 1, IRQS_OFF(200 * US), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 1);
	assert_int_equal(exits_of_world(w, EXIT_INTERRUPT_WINDOW), 1);
	/* The kick's exit, then, when interrupts are on again, the window's. */
	assert_int_equal(w->scripts[1].taken[0].begun,
			 START_NS + 200 * US + 710 + 500 + injection_to_handler(w));
	assert_true(w->scripts[1].began[1] == START_NS + 200 * US + 710);
	vcpu_world_close(w);
}

static void with_interrupts_off_a_posted_ipi_waits_in_the_guest(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_ON);

	SCRIPT(w, 1, IRQS_OFF(200 * US), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 0);
	assert_int_equal(exits_of_world(w, EXIT_INTERRUPT_WINDOW), 0);
	assert_int_equal(w->scripts[1].taken[0].begun, START_NS + 200 * US + 1040);
	vcpu_world_close(w);
}

static void an_ipi_of_the_class_in_service_comes_after_its_handler(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	SCRIPT(w, 0, WORK(100 * US), SEND_IPI(1, 0xfb), WORK(3 * US), SEND_IPI(1, 0xfd),
	       WORK(10 * MS));
	w->scripts[1].handler_ns = 5 * US;
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 2);
	assert_int_equal(w->scripts[1].taken[0].vector, 0xfb);
	assert_int_equal(w->scripts[1].taken[1].vector, 0xfd);
	/* The first handler keeps interrupts off: the second needs a window. */
	assert_int_equal(exits_of_world(w, EXIT_INTERRUPT_WINDOW), 1);
	assert_int_equal(w->vm.stats.eois, 2);
	vcpu_world_close(w);
}

static void a_second_ipi_of_a_vector_coalesces_until_it_is_taken(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	SCRIPT(w, 0, SEND_IPI(1, 0xfb), SEND_IPI(1, 0xfb), WORK(10 * MS));
	SCRIPT(w, 1, IRQS_OFF(100 * US), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 1);
	/* Timed from the first. */
	assert_int_equal(w->vm.stats.ipi_delivery.count, 1);
	assert_int_equal(w->vm.stats.ipi_delivery.max,
			 w->scripts[1].taken[0].begun - w->scripts[0].began[0]);
	vcpu_world_close(w);
}

static void a_delivery_ends_when_the_handler_begins_not_when_it_should_have(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	/* Caches are cold after sleep: the way to the handler takes longer. */
	w->host_config.costs.cache_refill_ns = 10 * MS;
	SCRIPT(w, 0, SEND_IPI(1, 0xfb), WORK(100 * MS));
	SCRIPT(w, 1, HALT);
	vcpu_world_start(w);
	vcpu_world_run(w, 30 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 1);
	assert_true(latency(w, 0) > 5 * MS);
	assert_int_equal(w->vm.stats.ipi_delivery.max, latency(w, 0));
	vcpu_world_close(w);
}

/* ---- A target that exits or enters ---------------------------------------------------------- */

/* Whatever the moment, from the exit to the last instant before the entry. */
static void an_ipi_to_a_vcpu_outside_the_guest_needs_no_kick(void **state)
{
	for (int64_t ahead = 1; ahead < 2300; ahead += 109) {
		for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
			struct vcpu_world *w = open_pair(apicv);
			int64_t exit = START_NS + 100 * US + 300 - ahead;

			SCRIPT(w, 1, WORK(100 * US + 300 - ahead), DEVICE_IO, WORK(10 * MS));
			vcpu_world_start(w);
			vcpu_world_run(w, 1 * MS);

			assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 0);
			/* It is delivered by the entry that follows. */
			assert_int_equal(w->scripts[1].taken[0].begun,
					 exit + 2300 + injection_to_handler(w));
			assert_int_equal(w->scripts[1].nr_taken, 1);
			assert_false(vcpu_of_world(w, 1)->dy.pid_on);
			vcpu_world_close(w);
		}
	}
}

static void a_kick_that_comes_after_a_new_entry_is_an_exit_for_nothing(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	/* The target's own exit begins and ends while the kick is on its way. */
	SCRIPT(w, 1, WORK(100 * US + 400), TIMER_AT(5 * MS), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 1);
	assert_int_equal(w->scripts[1].taken[0].injected, START_NS + 100 * US + 400 + 500);
	assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 1);
	vcpu_world_close(w);
}

static void a_notification_that_comes_after_a_new_entry_finds_nothing(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_ON);

	SCRIPT(w, 0, WORK(100 * US), SEND_IPI(1, 0xfb), WORK(50 * US), SEND_IPI(1, 0xfc),
	       WORK(10 * MS));
	SCRIPT(w, 1, WORK(100 * US + 400), TIMER_AT(5 * MS), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 2);
	assert_int_equal(w->scripts[1].taken[0].injected, START_NS + 100 * US + 400 + 500);
	/* The next one is notified as ever. */
	assert_int_equal(latency(w, 3), 2240);
	assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 0);
	vcpu_world_close(w);
}

/* The notification sent first takes along what was posted since. */
static void a_notification_in_flight_delivers_what_is_posted_meanwhile(void **state)
{
	struct vcpu_world *w = vcpu_world_open(3, 3);

	w->kvm_config.apicv = KVM_APICV_ON;
	SCRIPT(w, 0, WORK(100 * US), SEND_IPI(1, 0xfb), WORK(10 * MS));
	/* The target exits and enters, so that ON is clear again, and then this is posted. */
	SCRIPT(w, 1, WORK(100 * US + 350), TIMER_AT(5 * MS), WORK(10 * MS));
	SCRIPT(w, 2, WORK(100 * US + 700), SEND_IPI(1, 0xec), WORK(10 * MS));
	w->scripts[1].handler_ns = 0;
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 2);
	assert_int_equal(w->scripts[1].taken[0].vector, 0xfb);
	assert_int_equal(w->scripts[1].taken[0].injected, START_NS + 100 * US + 350 + 500);
	/* Known to the hardware when the first notification arrives: served after the handler. */
	assert_int_equal(w->scripts[1].taken[1].injected,
			 w->scripts[1].taken[0].begun + 5 /* EOI */);
	vcpu_world_close(w);
}

/* ---- A target that halts -------------------------------------------------------------------- */

static void an_ipi_wakes_a_blocked_vcpu_on_an_idle_cpu_in_4_us(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = open_pair(apicv);

		SCRIPT(w, 1, HALT, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run_until(w, vcpu_is_asleep, 1, 50 * US);
		/* HLT to sleep: row 22. */
		assert_int_equal(now_of_world(w), START_NS + 1500);
		vcpu_world_run(w, 1 * MS);

		assert_int_equal(latency(w, 1), 300 + 4000 + injection_to_handler(w));
		assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 0);
		vcpu_world_close(w);
	}
}

static void an_ipi_ends_a_poll_at_once(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = open_pair(apicv);

		w->kvm_config.halt_poll.halt_poll_ns = 200 * US;
		SCRIPT(w, 0, WORK(50 * US), SEND_IPI(1, 0xfb), WORK(10 * US), SEND_IPI(1, 0xfb),
		       WORK(10 * MS));
		SCRIPT(w, 1, HALT, HALT, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run_until(w, vcpu_is_polling, 1, 1 * MS);
		vcpu_world_run(w, 1 * MS);

		assert_int_equal(w->scripts[1].nr_taken, 2);
		assert_int_equal(latency(w, 3), 300 + 250 + injection_to_handler(w));
		assert_int_equal(exits_of_world(w, EXIT_EXTERNAL_INTERRUPT), 0);
		vcpu_world_close(w);
	}
}

static void what_arrives_on_the_way_to_sleep_is_not_lost(void **state)
{
	/* From the HLT exit to the moment of sleep. */
	for (int64_t ahead = 100; ahead < 1500; ahead += 100) {
		for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
			struct vcpu_world *w = open_pair(apicv);

			SCRIPT(w, 1, WORK(100 * US + 300 - ahead), HALT, WORK(10 * MS));
			vcpu_world_start(w);
			vcpu_world_run(w, 1 * MS);

			assert_int_equal(w->scripts[1].nr_taken, 1);
			/* It never slept. */
			assert_int_equal(vcpu_time_in(w, 1, VCPU_HALT), 0);
			vcpu_world_close(w);
		}
	}
}

static void an_ipi_to_a_vcpu_that_halts_with_interrupts_off_leaves_it_asleep(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = open_pair(apicv);

		SCRIPT(w, 1, HALT_IRQS_OFF, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, 1 * MS);

		assert_int_equal(w->scripts[1].nr_taken, 0);
		assert_int_equal(w->scripts[1].at, 1);
		assert_true(vcpu_is_asleep(vcpu_of_world(w, 1)));
		/* It was woken, looked, and went to sleep again. */
		assert_true(vcpu_of_world(w, 1)->dy.blocking);
		assert_false(vcpu_of_world(w, 1)->dy.ready);
		vcpu_world_close(w);
	}
}

static void a_device_interrupt_wakes_like_an_ipi_but_is_not_timed(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	SCRIPT(w, 1, HALT, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 50 * US);
	vcpu_device_interrupt(vcpu_of_world(w, 1), 0x30, vcpu_of_world(w, 1)->task.cpu);
	vcpu_world_run(w, 90 * US);

	assert_int_equal(w->scripts[1].nr_taken, 1);
	assert_int_equal(w->scripts[1].taken[0].vector, 0x30);
	assert_int_equal(w->vm.stats.ipi_delivery.count, 0);
	vcpu_world_close(w);
}

/* ---- A target without a CPU ----------------------------------------------------------------- */

static void an_ipi_leaves_a_preempted_vcpu_alone(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = vcpu_world_open(3, 2);
		const struct vcpu *target;
		uint64_t interrupts;

		/* Two on CPU 1: the IPI is for the one that waits there for its first slice. */
		w->candidate = "mainline";
		w->kvm_config.apicv = apicv;
		w->on_cpu[2] = 1;
		SCRIPT(w, 0, WORK(50 * US), SEND_IPI(1, 0xfb), WORK(50 * MS));
		SCRIPT(w, 1, WORK(50 * MS));
		SCRIPT(w, 2, WORK(50 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, START_NS);
		target = vcpu_of_world(w, w->vm.vcpus[1].task.on_cpu ? 2 : 1);
		w->scripts[0].actions[1] = SEND_IPI((uint32_t)target->index, 0xfb);
		interrupts = w->host.cpus[1].stats.interrupts;
		vcpu_world_run(w, START_NS + 60 * US);

		assert_false(target->task.on_cpu);
		assert_int_equal(w->host.cpus[1].stats.interrupts, interrupts);
		assert_int_equal(w->vm.stats.interrupts_injected, 0);
		/* All that there is to see: a request, or the posted descriptor's ON. */
		assert_int_equal(target->dy.request_event, !apicv);
		assert_int_equal(target->dy.pid_on, apicv);
		assert_int_equal(oversub_vcpu_pending_interrupt_hint(&target->dy), apicv);

		vcpu_world_run(w, 20 * MS);
		assert_int_equal(w->scripts[target->index].nr_taken, 1);
		assert_false(target->dy.request_event);
		assert_false(target->dy.pid_on);
		vcpu_world_close(w);
	}
}

static void a_halted_vcpu_without_a_cpu_runs_when_it_gets_one(void **state)
{
	struct vcpu_world *w = vcpu_world_open(3, 2);

	w->on_cpu[2] = 1;
	SCRIPT(w, 0, WORK(1 * MS), SEND_IPI(1, 0xfb), WORK(50 * MS));
	SCRIPT(w, 1, HALT, WORK(10 * US));
	SCRIPT(w, 2, WORK(50 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 20 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 1);
	assert_int_equal(w->scripts[1].at, 2);
	vcpu_world_close(w);
}

/* ---- Several targets ------------------------------------------------------------------------ */

static void an_ipi_to_all_others_takes_the_slow_path(void **state)
{
	struct vcpu_world *w = vcpu_world_open(3, 3);

	SCRIPT(w, 0, WORK(100 * US), SEND_TO_OTHERS(0xfc), WORK(10 * MS));
	SCRIPT(w, 1, WORK(10 * MS));
	SCRIPT(w, 2, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[0].began[2] - w->scripts[0].began[1], 900);
	assert_int_equal(latency(w, 1), 450 + 900 + 710 + injection_to_handler(w));
	assert_int_equal(w->scripts[2].nr_taken, 1);
	assert_int_equal(w->vm.stats.ipis_sent, 1);
	assert_int_equal(w->vm.stats.ipis_unicast, 0);
	assert_int_equal(w->vm.stats.ipi_delivery.count, 2);
	assert_int_equal(w->vm.stats.ipi_delivery.max, latency(w, 1));
	vcpu_world_close(w);
}

/* ---- EOI ------------------------------------------------------------------------------------ */

/* One IPI to a vCPU that runs; returns the time that its handler took up to the end of EOI. */
static int64_t eoi_of(int64_t apicv, int64_t pv_eoi, uint64_t *exits)
{
	struct vcpu_world *w = open_pair(apicv);
	int64_t end;

	w->kvm_config.pv_eoi = pv_eoi;
	w->scripts[1].handler_ns = 0;
	SCRIPT(w, 1, IRQS_OFF(200 * US), WORK(1), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 300 * US);
	*exits = exits_of_world(w, EXIT_EOI_WRITE);
	/* What is left of the 1 ns follows the handler. */
	end = w->scripts[1].began[2] - 1;
	end -= w->scripts[1].taken[0].begun;
	vcpu_world_close(w);
	return end;
}

static void an_eoi_exits_unless_it_is_paravirtual_or_virtual(void **state)
{
	uint64_t exits;

	assert_int_equal(eoi_of(KVM_APICV_OFF, 0, &exits), 550);
	assert_int_equal(exits, 1);
	assert_int_equal(eoi_of(KVM_APICV_OFF, 1, &exits), 5);
	assert_int_equal(exits, 0);
	assert_int_equal(eoi_of(KVM_APICV_ON, 0, &exits), 5);
	assert_int_equal(exits, 0);
	assert_int_equal(eoi_of(KVM_APICV_ON, 1, &exits), 5);
	assert_int_equal(exits, 0);
}

static void the_host_learns_of_a_paravirtual_eoi_at_the_next_exit(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	w->kvm_config.pv_eoi = 1;
	SCRIPT(w, 1, WORK(200 * US), TIMER_AT(5 * MS), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 150 * US);
	assert_int_equal(w->scripts[1].nr_taken, 1);
	assert_int_equal(w->vm.stats.eois, 0);
	assert_true(lapic_vectors_test(&vcpu_of_world(w, 1)->lapic.isr, 0xfb));

	vcpu_world_run(w, 250 * US);
	assert_int_equal(w->vm.stats.eois, 1);
	assert_false(lapic_vectors_test(&vcpu_of_world(w, 1)->lapic.isr, 0xfb));
	vcpu_world_close(w);
}

static void a_paravirtual_eoi_does_not_delay_the_next_ipi(void **state)
{
	struct vcpu_world *w = open_pair(KVM_APICV_OFF);

	w->kvm_config.pv_eoi = 1;
	SCRIPT(w, 0, WORK(100 * US), SEND_IPI(1, 0xfb), WORK(50 * US), SEND_IPI(1, 0xfb),
	       WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	/* The kick makes the exit at which KVM finds that the vector is out of service. */
	assert_int_equal(w->scripts[1].nr_taken, 2);
	assert_int_equal(latency(w, 3), 300 + 900 + 710 + injection_to_handler(w));
	assert_int_equal(exits_of_world(w, EXIT_EOI_WRITE), 0);
	assert_int_equal(exits_of_world(w, EXIT_INTERRUPT_WINDOW), 0);
	vcpu_world_close(w);
}

static void an_eoi_is_written_if_another_vector_is_requested(void **state)
{
	struct vcpu_world *w = vcpu_world_open(3, 3);

	w->kvm_config.pv_eoi = 1;
	SCRIPT(w, 0, SEND_IPI(1, 0xfb), WORK(10 * MS));
	SCRIPT(w, 2, SEND_IPI(1, 0xfd), WORK(10 * MS));
	SCRIPT(w, 1, IRQS_OFF(100 * US), WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);

	assert_int_equal(w->scripts[1].nr_taken, 2);
	/* The first by an exit, as the second was pending when it was injected. */
	assert_int_equal(exits_of_world(w, EXIT_EOI_WRITE), 1);
	vcpu_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipi_to_a_running_vcpu_kicks_it_out_of_the_guest),
		cmocka_unit_test(a_posted_ipi_reaches_a_running_vcpu_without_an_exit),
		cmocka_unit_test(with_interrupts_off_a_kick_leads_to_an_interrupt_window),
		cmocka_unit_test(with_interrupts_off_a_posted_ipi_waits_in_the_guest),
		cmocka_unit_test(an_ipi_of_the_class_in_service_comes_after_its_handler),
		cmocka_unit_test(a_second_ipi_of_a_vector_coalesces_until_it_is_taken),
		cmocka_unit_test(a_delivery_ends_when_the_handler_begins_not_when_it_should_have),
		cmocka_unit_test(an_ipi_to_a_vcpu_outside_the_guest_needs_no_kick),
		cmocka_unit_test(a_kick_that_comes_after_a_new_entry_is_an_exit_for_nothing),
		cmocka_unit_test(a_notification_that_comes_after_a_new_entry_finds_nothing),
		cmocka_unit_test(a_notification_in_flight_delivers_what_is_posted_meanwhile),
		cmocka_unit_test(an_ipi_wakes_a_blocked_vcpu_on_an_idle_cpu_in_4_us),
		cmocka_unit_test(an_ipi_ends_a_poll_at_once),
		cmocka_unit_test(what_arrives_on_the_way_to_sleep_is_not_lost),
		cmocka_unit_test(an_ipi_to_a_vcpu_that_halts_with_interrupts_off_leaves_it_asleep),
		cmocka_unit_test(a_device_interrupt_wakes_like_an_ipi_but_is_not_timed),
		cmocka_unit_test(an_ipi_leaves_a_preempted_vcpu_alone),
		cmocka_unit_test(a_halted_vcpu_without_a_cpu_runs_when_it_gets_one),
		cmocka_unit_test(an_ipi_to_all_others_takes_the_slow_path),
		cmocka_unit_test(an_eoi_exits_unless_it_is_paravirtual_or_virtual),
		cmocka_unit_test(the_host_learns_of_a_paravirtual_eoi_at_the_next_exit),
		cmocka_unit_test(a_paravirtual_eoi_does_not_delay_the_next_ipi),
		cmocka_unit_test(an_eoi_is_written_if_another_vector_is_requested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
