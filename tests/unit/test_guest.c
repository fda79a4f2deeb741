/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls, shootdowns and interrupts of a guest, on a real host with real vCPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/guest_world.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static const struct guest_stats *stats(const struct guest_world *world)
{
	return &world->guest.stats;
}

static int waits_for(const struct guest_world *world, int vcpu)
{
	const struct vcpu *other = guest_vcpu_ops.waits_for(&world->vm.vcpus[vcpu]);

	return other ? other->index : -1;
}

/* ---- One target ----------------------------------------------------------------------------- */

static void a_waiting_call_lasts_until_its_function_has_run(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, CALL_CPU(1, 20 * US, .wait = 1));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(stats(w)->smp_call.count, 1);
	assert_true(stats(w)->smp_call.min >= 20 * US);
	assert_true(stats(w)->smp_call.max <= 40 * US);
	assert_int_equal(stats(w)->ipi_response.count, 1);
	assert_true(stats(w)->ipi_response.max <= stats(w)->smp_call.max);
	guest_world_close(w);
}

static void a_call_without_wait_does_not_wait(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, CALL_CPU(1, 20 * US));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(stats(w)->calls_served, 1);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_SPIN), 0);
	assert_int_equal(stats(w)->ipi_response.count, 0);
	guest_world_close(w);
}

static void a_single_target_gets_the_single_vector_by_unicast(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, CALL_CPU(2, 500, .wait = 1));
	WORLD_ADD(w, RUN(1 * MS));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_actions(w, 0, GUEST_ICR), 1);
	assert_int_equal(guest_world_count_interrupts(w, 2, 0xfb), 1);
	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfb), 0);
	assert_int_equal(w->vm.stats.ipis_unicast, 1);
	guest_world_close(w);
}

static void only_the_ipis_of_a_call_that_waits_are_awaited(void **state)
{
	for (int wait = 0; wait <= 1; wait++) {
		struct guest_world *w = guest_world_open(3);

		/* One by unicast, two by shorthand, and a wake-up, for which nobody waits. */
		WORLD_ADD(w, CALL_CPU(2, 500, .wait = wait), RUN(20 * US),
			  CALL_OTHERS(500, .wait = wait), RUN(20 * US), WAKE);
		WORLD_ADD(w, WAIT);
		WORLD_ADD(w, RUN(1 * MS));
		guest_world_start(w);
		guest_world_run(w, 2 * MS);

		assert_int_equal(guest_world_count_actions(w, 0, GUEST_ICR), 3);
		for (int i = 0; i < w->nr_notes; i++) {
			const struct guest_action *action = &w->notes[i].action;

			if (w->notes[i].vector < 0 && action->kind == GUEST_ICR)
				assert_int_equal(action->awaited,
						 wait && action->icr.vector != 0xfd);
		}
		guest_world_close(w);
	}
}

static void eoi_precedes_the_handlers_work(void **state)
{
	struct guest_world *w = guest_world_open(2);
	const struct world_note *note;
	int i;

	WORLD_ADD(w, CALL_CPU(1, 7777, .wait = 1));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	i = guest_world_find_interrupt(w, 1, 0xfb, 0);
	assert_true(i < w->nr_notes);
	i = guest_world_next_note(w, 1, i);
	assert_int_equal(w->notes[i].action.kind, GUEST_EOI);
	assert_false(w->notes[i].action.interrupts);
	note = &w->notes[i = guest_world_next_note(w, 1, i)];
	assert_int_equal(note->action.kind, GUEST_RUN);
	assert_int_equal(note->action.ns, 7777);
	assert_true(note->action.kernel);
	assert_false(note->action.interrupts);
	/* And then what it interrupted. */
	note = &w->notes[guest_world_next_note(w, 1, i)];
	assert_int_equal(note->action.kind, GUEST_RUN);
	assert_false(note->action.kernel);
	assert_true(note->action.interrupts);
	assert_in_range(note->action.ns, 900 * US, 1 * MS);
	guest_world_close(w);
}

static void a_second_caller_finds_the_list_non_empty_and_sends_no_ipi(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, CALL_CPU(2, 500, .wait = 1));
	WORLD_ADD(w, RUN(10 * US), CALL_CPU(2, 500, .wait = 1));
	WORLD_ADD(w, RUN_IRQS_OFF(100 * US), RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(stats(w)->ipis_avoided, 1);
	assert_int_equal(guest_world_count_actions(w, -1, GUEST_ICR), 1);
	/* One IPI serves both. */
	assert_int_equal(guest_world_count_interrupts(w, 2, 0xfb), 1);
	assert_int_equal(stats(w)->calls_served, 2);
	assert_int_equal(stats(w)->smp_call.count, 2);
	guest_world_close(w);
}

static void waiting_calls_are_served_before_others_in_order(void **state)
{
	struct guest_world *w = guest_world_open(4);
	int64_t order[3];
	int i;

	WORLD_ADD(w, RUN(10 * US), CALL_CPU(3, 1001));
	WORLD_ADD(w, RUN(20 * US), CALL_CPU(3, 1002, .wait = 1));
	WORLD_ADD(w, RUN(30 * US), CALL_CPU(3, 1003, .wait = 1));
	WORLD_ADD(w, RUN_IRQS_OFF(100 * US), RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	i = guest_world_next_note(w, 3, guest_world_find_interrupt(w, 3, 0xfb, 0));
	for (int n = 0; n < 3; n++) {
		i = guest_world_next_note(w, 3, i);
		order[n] = w->notes[i].action.ns;
	}
	assert_int_equal(order[0], 1002);
	assert_int_equal(order[1], 1003);
	assert_int_equal(order[2], 1001);
	guest_world_close(w);
}

static void a_csd_in_flight_is_waited_for_before_its_next_use(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, CALL_CPU(1, 500), CALL_CPU(1, 500));
	WORLD_ADD(w, RUN_IRQS_OFF(100 * US), RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 50 * US);
	assert_int_equal(waits_for(w, 0), 1);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_actions(w, 0, GUEST_SPIN), 1);
	assert_true(w->vm.vcpus[0].stats.time_in[VCPU_SPIN] > 50 * US);
	assert_int_equal(stats(w)->calls_served, 2);
	guest_world_close(w);
}

static void an_idle_cpu_is_woken_to_serve_a_call_and_halts_again(void **state)
{
	struct guest_world *w = guest_world_open(2);
	int i;

	WORLD_ADD(w, RUN(1 * MS), CALL_CPU(1, 500, .wait = 1));
	guest_world_start(w);
	guest_world_run(w, 3 * MS);

	assert_int_equal(stats(w)->calls_served, 1);
	i = guest_world_find_interrupt(w, 1, 0xfb, 0);
	i = guest_world_next_note(w, 1, i); /* EOI */
	i = guest_world_next_note(w, 1, i); /* the function */
	i = guest_world_next_note(w, 1, i); /* the completed HLT */
	while (i < w->nr_notes && w->notes[i].action.kind == GUEST_RUN) {
		assert_int_equal(w->notes[i].action.ns, 0);
		i = guest_world_next_note(w, 1, i);
	}
	assert_true(i < w->nr_notes);
	assert_int_equal(w->notes[i].action.kind, GUEST_HLT);
	guest_world_close(w);
}

static void two_cpus_that_call_each_other_serve_each_other(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, CALL_CPU(1, 500, .wait = 1));
	WORLD_ADD(w, CALL_CPU(0, 500, .wait = 1));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);

	assert_int_equal(stats(w)->smp_call.count, 2);
	guest_world_close(w);
}

/* ---- Several targets ------------------------------------------------------------------------ */

static void a_call_to_all_others_is_one_write_with_the_shorthand(void **state)
{
	struct guest_world *w = guest_world_open(4);
	int i;

	WORLD_ADD(w, CALL_OTHERS(500, .wait = 1));
	for (i = 0; i < 2; i++)
		WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_actions(w, 0, GUEST_ICR), 1);
	for (i = 1; i < 4; i++)
		assert_int_equal(guest_world_count_interrupts(w, i, 0xfc), 1);
	assert_int_equal(w->vm.stats.ipis_unicast, 0);
	assert_int_equal(stats(w)->calls_served, 3);
	guest_world_close(w);
}

static void a_call_to_some_others_is_one_unicast_for_each(void **state)
{
	struct guest_world *w = guest_world_open(4);

	/* vCPU 3 has no thread, so it never runs the address space. */
	WORLD_ADD(w, FLUSH(1));
	WORLD_ADD(w, RUN(1 * MS));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_actions(w, 0, GUEST_ICR), 2);
	for (int i = 0; i < w->nr_notes; i++)
		if (w->notes[i].vector < 0 && w->notes[i].action.kind == GUEST_ICR)
			assert_false(w->notes[i].action.interrupts);
	assert_int_equal(w->vm.stats.ipis_unicast, 2);
	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfc), 1);
	assert_int_equal(guest_world_count_interrupts(w, 2, 0xfc), 1);
	assert_int_equal(guest_world_count_interrupts(w, 3, 0xfc), 0);
	guest_world_close(w);
}

static void only_targets_with_an_empty_list_count_for_the_kind_of_ipi(void **state)
{
	struct guest_world *w = guest_world_open(3);

	/* vCPU 2 has been sent one already when vCPU 0 calls both. */
	WORLD_ADD(w, RUN(20 * US), CALL_OTHERS(500, .wait = 1));
	WORLD_ADD(w, CALL_CPU(2, 500, .wait = 1), RUN(1 * MS));
	WORLD_ADD(w, RUN_IRQS_OFF(100 * US), RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfb), 1);
	assert_int_equal(guest_world_count_interrupts(w, -1, 0xfc), 0);
	assert_int_equal(stats(w)->ipis_avoided, 1);
	assert_int_equal(stats(w)->smp_call.count, 2);
	guest_world_close(w);
}

static void the_wait_goes_through_the_targets_in_cpu_order(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, RUN(10 * US), CALL_OTHERS(500, .wait = 1));
	WORLD_ADD(w, RUN_IRQS_OFF(200 * US), RUN(1 * MS));
	WORLD_ADD(w, RUN_IRQS_OFF(400 * US), RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 100 * US);
	assert_int_equal(waits_for(w, 0), 1);
	guest_world_run(w, 300 * US);
	assert_int_equal(waits_for(w, 0), 2);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_actions(w, 0, GUEST_SPIN), 2);
	assert_true(stats(w)->smp_call.min > 380 * US);
	assert_int_equal(waits_for(w, 0), -1);
	guest_world_close(w);
}

static void a_slow_first_target_hides_the_others(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, RUN(10 * US), CALL_OTHERS(500, .wait = 1));
	WORLD_ADD(w, RUN_IRQS_OFF(200 * US), RUN(1 * MS));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(stats(w)->calls_served, 2);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_SPIN), 1);
	guest_world_close(w);
}

/* ---- TLB shootdowns ------------------------------------------------------------------------- */

static void a_lazy_cpu_gets_no_tlb_ipi(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, RUN(500 * US), FLUSH(1));
	WORLD_ADD(w, SLEEP(10 * MS));
	guest_world_start(w);
	guest_world_run(w, 5 * MS);

	assert_int_equal(stats(w)->tlb_flush.count, 1);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_ICR), 0);
	guest_world_close(w);
}

static void a_lazy_cpu_is_interrupted_once_if_page_tables_are_freed(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, RUN(500 * US), FLUSH(1, .free_tables = 1), FLUSH(1, .free_tables = 1));
	WORLD_ADD(w, SLEEP(10 * MS));
	guest_world_start(w);
	guest_world_run(w, 5 * MS);

	/* The first makes it leave the address space. */
	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfb), 1);
	assert_int_equal(stats(w)->tlb_flush.count, 2);
	guest_world_close(w);
}

static void a_thread_that_missed_a_flush_catches_up_when_it_is_scheduled(void **state)
{
	for (int missed = 0; missed < 2; missed++) {
		struct guest_world *w = guest_world_open(2);
		int i;

		if (missed)
			WORLD_ADD(w, RUN(500 * US), FLUSH(1));
		else
			WORLD_ADD(w, RUN(500 * US));
		WORLD_ADD(w, SLEEP(2 * MS));
		w->config.sched_ns = 1111;
		w->config.tlb_flush_full_ns = 700;
		guest_world_start(w);
		guest_world_run(w, 5 * MS);

		i = guest_world_find_interrupt(w, 1, 0xec, 0);
		while (i < w->nr_notes && w->notes[i].action.ns < 1111)
			i = guest_world_next_note(w, 1, i);
		assert_true(i < w->nr_notes);
		assert_int_equal(w->notes[i].action.ns, missed ? 1811 : 1111);
		guest_world_close(w);
	}
}

static void concurrent_shootdowns_coalesce(void **state)
{
	struct guest_world *w = guest_world_open(3);
	bool caught_up = false;

	WORLD_ADD(w, RUN(10 * US), FLUSH(1));
	WORLD_ADD(w, RUN(10 * US), FLUSH(1));
	WORLD_ADD(w, RUN_IRQS_OFF(100 * US), RUN(1 * MS));
	w->config.tlb_caught_up_ns = 1313;
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	/* One handler on vCPU 2: the first flush reaches the generation of the second. */
	assert_int_equal(guest_world_count_interrupts(w, 2, 0xfc), 1);
	for (int i = 0; i < w->nr_notes; i++)
		caught_up |= w->notes[i].action.ns == 1313;
	assert_true(caught_up);
	assert_int_equal(stats(w)->tlb_flush.count, 2);
	for (int i = 0; i < 3; i++)
		assert_int_equal(w->guest.cpus[i].tlb_generation, 2);
	guest_world_close(w);
}

/* The time that the handler of a flush of so many pages takes. */
static int64_t handler_ns(int64_t pages)
{
	struct guest_world *w = guest_world_open(2);
	int64_t ns;
	int i;

	WORLD_ADD(w, RUN(10 * US), FLUSH(pages));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);
	i = guest_world_next_note(w, 1, guest_world_find_interrupt(w, 1, 0xfb, 0));
	ns = w->notes[guest_world_next_note(w, 1, i)].action.ns;
	guest_world_close(w);
	return ns;
}

static void more_pages_than_the_ceiling_flush_everything(void **state)
{
	assert_int_equal(handler_ns(1), 400);
	assert_int_equal(handler_ns(2), 500);
	assert_int_equal(handler_ns(33), 3600);
	assert_int_equal(handler_ns(34), 700);
}

static void a_flush_without_other_cpus_is_local(void **state)
{
	struct guest_world *w = guest_world_open(1);

	/* The caches are warm by then. */
	WORLD_ADD(w, RUN(100 * US), FLUSH(3));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);

	assert_int_equal(stats(w)->tlb_flush.count, 1);
	assert_int_equal(stats(w)->tlb_flush.max, 300);
	assert_int_equal(stats(w)->ipi_response.count, 0);
	guest_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_waiting_call_lasts_until_its_function_has_run),
		cmocka_unit_test(a_call_without_wait_does_not_wait),
		cmocka_unit_test(a_single_target_gets_the_single_vector_by_unicast),
		cmocka_unit_test(only_the_ipis_of_a_call_that_waits_are_awaited),
		cmocka_unit_test(eoi_precedes_the_handlers_work),
		cmocka_unit_test(a_second_caller_finds_the_list_non_empty_and_sends_no_ipi),
		cmocka_unit_test(waiting_calls_are_served_before_others_in_order),
		cmocka_unit_test(a_csd_in_flight_is_waited_for_before_its_next_use),
		cmocka_unit_test(an_idle_cpu_is_woken_to_serve_a_call_and_halts_again),
		cmocka_unit_test(two_cpus_that_call_each_other_serve_each_other),
		cmocka_unit_test(a_call_to_all_others_is_one_write_with_the_shorthand),
		cmocka_unit_test(a_call_to_some_others_is_one_unicast_for_each),
		cmocka_unit_test(only_targets_with_an_empty_list_count_for_the_kind_of_ipi),
		cmocka_unit_test(the_wait_goes_through_the_targets_in_cpu_order),
		cmocka_unit_test(a_slow_first_target_hides_the_others),
		cmocka_unit_test(a_lazy_cpu_gets_no_tlb_ipi),
		cmocka_unit_test(a_lazy_cpu_is_interrupted_once_if_page_tables_are_freed),
		cmocka_unit_test(a_thread_that_missed_a_flush_catches_up_when_it_is_scheduled),
		cmocka_unit_test(concurrent_shootdowns_coalesce),
		cmocka_unit_test(more_pages_than_the_ceiling_flush_everything),
		cmocka_unit_test(a_flush_without_other_cpus_is_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
