/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/scripted_vm.h"

#define CALL_FUNCTION_SINGLE 0xfb
#define RESCHEDULE	     0xfd
#define LOCAL_TIMER	     0xec
#define WINDOW		     50000000

static void eoi(struct scripted_vm *scripted, int receiver, int vector)
{
	directed_yield_eoi(&scripted->vcpus[receiver], vector, false);
}

static void a_relation_counts_up_to_the_window_inclusive(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted.now = 1000;
	scripted_vm_ipi(&scripted, 0, 1, CALL_FUNCTION_SINGLE);
	scripted.now = 1000 + WINDOW;
	assert_true(scripted_vm_is_receiver(&scripted, 0, 1));
	assert_false(scripted_vm_is_receiver(&scripted, 1, 0));
	scripted.now = 1000 + WINDOW + 1;
	assert_false(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted.now = 999; /* a clock that went back makes it old */
	assert_false(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted_vm_close(&scripted);
}

static void the_last_receiver_replaces_the_one_before(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_ipi(&scripted, 0, 1, CALL_FUNCTION_SINGLE);
	scripted_vm_ipi(&scripted, 0, 2, CALL_FUNCTION_SINGLE);
	assert_false(scripted_vm_is_receiver(&scripted, 0, 1));
	assert_true(scripted_vm_is_receiver(&scripted, 0, 2));
	/* The EOI of the forgotten receiver says nothing about the present one. */
	eoi(&scripted, 1, CALL_FUNCTION_SINGLE);
	assert_true(scripted_vm_is_receiver(&scripted, 0, 2));
	scripted_vm_close(&scripted);
}

static void one_eoi_clears_the_last_of_two_senders(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_ipi(&scripted, 0, 2, CALL_FUNCTION_SINGLE);
	scripted_vm_ipi(&scripted, 1, 2, CALL_FUNCTION_SINGLE);
	eoi(&scripted, 2, CALL_FUNCTION_SINGLE);
	assert_false(scripted_vm_is_receiver(&scripted, 1, 2));
	assert_true(scripted_vm_is_receiver(&scripted, 0, 2));
	scripted_vm_close(&scripted);
}

static void a_timer_eoi_clears_everything_in_v2_and_nothing_in_v3(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_ipi(&scripted, 0, 1, CALL_FUNCTION_SINGLE);
	eoi(&scripted, 1, LOCAL_TIMER);
	assert_true(scripted_vm_is_receiver(&scripted, 0, 1));
	assert_int_equal(scripted_vm_track(&scripted, 1)->last_sender, 0);

	scripted.v3.eoi = CANDIDATE_V3_EOI_V2;
	scripted_vm_ipi(&scripted, 1, 3, CALL_FUNCTION_SINGLE); /* the receiver waits itself */
	eoi(&scripted, 1, LOCAL_TIMER);
	assert_false(scripted_vm_is_receiver(&scripted, 0, 1));
	assert_false(scripted_vm_is_receiver(&scripted, 1, 3));
	assert_int_equal(scripted_vm_track(&scripted, 1)->last_sender, -1);
	scripted_vm_close(&scripted);
}

static void a_shared_vector_hides_the_eoi_of_a_receiver_that_sent_since(void **state)
{
	struct scripted_vm scripted;

	for (int shared = 0; shared <= 1; shared++) {
		scripted_vm_open(&scripted, "v3", 4);
		scripted.v3.tracking.shared_vector = shared;
		scripted_vm_ipi(&scripted, 0, 1, CALL_FUNCTION_SINGLE);
		scripted_vm_ipi(&scripted, 1, 2, RESCHEDULE);
		eoi(&scripted, 1, CALL_FUNCTION_SINGLE);
		assert_int_equal(scripted_vm_is_receiver(&scripted, 0, 1), shared);
		assert_true(scripted_vm_is_receiver(&scripted, 1, 2));
		scripted_vm_close(&scripted);
	}
}

static void a_reset_ends_the_relation_and_keeps_its_time(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted.now = 1000;
	scripted_vm_ipi(&scripted, 0, 1, CALL_FUNCTION_SINGLE);
	directed_yield_reset(&scripted.vcpus[0]);
	assert_false(scripted_vm_is_receiver(&scripted, 0, 1));
	assert_int_equal(scripted_vm_track(&scripted, 0)->sent_at, 1000);
	scripted_vm_close(&scripted);
}

static void only_fixed_unicast_to_another_vcpu_is_tracked(void **state)
{
	struct scripted_vm scripted;
	struct oversub_ipi ipi;

	scripted_vm_open(&scripted, "v3", 4);
	ipi = (struct oversub_ipi){.source = &scripted.vcpus[0],
				   .target = &scripted.vcpus[1],
				   .accepted = 1,
				   .vector = CALL_FUNCTION_SINGLE};
	directed_yield_ipi(&ipi); /* lowest priority */
	ipi.fixed = true;
	ipi.accepted = 2;
	directed_yield_ipi(&ipi);
	ipi.accepted = 1;
	ipi.shorthand = true;
	directed_yield_ipi(&ipi);
	ipi.shorthand = false;
	ipi.target = &scripted.vcpus[0];
	directed_yield_ipi(&ipi);
	assert_false(scripted_vm_track(&scripted, 0)->pending);
	ipi.target = &scripted.vcpus[1];
	directed_yield_ipi(&ipi);
	assert_true(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted_vm_close(&scripted);
}

static void an_eoi_learnt_late_counts_only_if_the_hook_is_there(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted.v3.eoi_hook_pv = 0;
	scripted_vm_ipi(&scripted, 0, 1, CALL_FUNCTION_SINGLE);
	directed_yield_eoi(&scripted.vcpus[1], CALL_FUNCTION_SINGLE, true);
	assert_true(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted.v3.eoi_hook_pv = 1;
	directed_yield_eoi(&scripted.vcpus[1], CALL_FUNCTION_SINGLE, true);
	assert_false(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted_vm_close(&scripted);
}

static void without_an_eoi_hook_only_the_window_ends_a_relation(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted.v3.eoi = CANDIDATE_V3_EOI_NONE;
	scripted_vm_ipi(&scripted, 0, 1, CALL_FUNCTION_SINGLE);
	eoi(&scripted, 1, CALL_FUNCTION_SINGLE);
	assert_true(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted.now = WINDOW + 1;
	assert_false(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted_vm_close(&scripted);
}

static void switching_the_tracker_off_freezes_what_it_knows(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_ipi(&scripted, 0, 1, CALL_FUNCTION_SINGLE);
	scripted.v3.tracking.ipi_tracking_enabled = 0;
	assert_false(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted_vm_ipi(&scripted, 0, 2, CALL_FUNCTION_SINGLE);
	eoi(&scripted, 1, CALL_FUNCTION_SINGLE);
	scripted.v3.tracking.ipi_tracking_enabled = 1;
	assert_true(scripted_vm_is_receiver(&scripted, 0, 1));
	scripted_vm_close(&scripted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relation_counts_up_to_the_window_inclusive),
		cmocka_unit_test(the_last_receiver_replaces_the_one_before),
		cmocka_unit_test(one_eoi_clears_the_last_of_two_senders),
		cmocka_unit_test(a_timer_eoi_clears_everything_in_v2_and_nothing_in_v3),
		cmocka_unit_test(a_shared_vector_hides_the_eoi_of_a_receiver_that_sent_since),
		cmocka_unit_test(a_reset_ends_the_relation_and_keeps_its_time),
		cmocka_unit_test(only_fixed_unicast_to_another_vcpu_is_tracked),
		cmocka_unit_test(an_eoi_learnt_late_counts_only_if_the_hook_is_there),
		cmocka_unit_test(without_an_eoi_hook_only_the_window_ends_a_relation),
		cmocka_unit_test(switching_the_tracker_off_freezes_what_it_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
