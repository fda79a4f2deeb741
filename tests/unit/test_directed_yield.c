/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "tests/unit/scripted_vm.h"

/* ---- mainline ----------------------------------------------------------------------------- */

static void the_scan_rotates_from_the_last_boosted_vcpu(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 4);
	scripted_vm_flags(&scripted, 1, "rp"); /* in user mode: refused */
	scripted_vm_flags(&scripted, 2, "rpk");
	scripted_vm_flags(&scripted, 3, "rpk");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	assert_int_equal(scripted.vm.last_boosted, 2);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 3);
	assert_int_equal(scripted.vm.last_boosted, 3);
	/* 0 is the spinner and 1 is refused: round to 2 again. */
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	scripted_vm_close(&scripted);
}

static void mainline_takes_a_vcpu_that_was_woken_and_the_series_does_not(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 4);
	scripted_vm_flags(&scripted, 1, "r");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_WOKEN);
	scripted_vm_close(&scripted);

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_flags(&scripted, 1, "r");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 8); /* both passes were made */
	scripted.v3.accept_woken = 1;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);
}

static void a_woken_vcpu_passes_only_with_something_to_run_for(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 4);
	scripted_vm_flags(&scripted, 1, "rbE"); /* by an IPI */
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_flags(&scripted, 1, "rb"); /* by its timer */
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted_vm_close(&scripted);
}

static void a_spinner_is_refused_at_every_other_evaluation(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 4);
	scripted_vm_flags(&scripted, 1, "rpks");
	for (int round = 0; round < 3; round++) {
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
		assert_true(scripted.vcpus[1].dy_eligible);
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
		assert_false(scripted.vcpus[1].dy_eligible);
	}
	/* Its own spin ends: from now on it is always taken. */
	directed_yield_finish(&scripted.vcpus[1], NULL);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);
}

static void every_vcpu_ready_and_in_kernel(struct scripted_vm *scripted, int result)
{
	for (int i = 0; i < scripted->vm.nr_vcpus; i++) {
		scripted_vm_flags(scripted, i, "rpk");
		scripted->results[i] = result;
	}
}

static void a_yield_that_is_refused_costs_no_budget(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 16);
	scripted.vm.last_boosted = 5;
	every_vcpu_ready_and_in_kernel(&scripted, 0);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 15);
	assert_int_equal(scripted.tries[0], 6);
	assert_int_equal(scripted.vm.last_boosted, 5);
	scripted_vm_close(&scripted);
}

static void the_third_lack_of_a_second_task_ends_the_scan(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 16);
	every_vcpu_ready_and_in_kernel(&scripted, -ESRCH);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 3);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 3);
	scripted_vm_close(&scripted);
}

static void a_user_mode_spinner_takes_user_mode_candidates(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 4);
	scripted.vm.vendor = KVM_VENDOR_AMD;
	scripted_vm_flags(&scripted, 1, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, false), 1);
	scripted_vm_close(&scripted);
}

static void a_single_vcpu_never_enters_its_spin_loop(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 1);
	scripted_vm_flags(&scripted, 0, "d");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_true(scripted.vcpus[0].dy_eligible);
	scripted_vm_close(&scripted);
}

static void only_intel_with_apicv_reveals_pending_interrupts(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "mainline", 2);
	scripted_vm_flags(&scripted, 1, "rp");
	scripted.vcpus[1].pid_on = true;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted.vcpus[1].apicv_active = true;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_PENDING_INTERRUPT);
	scripted.vm.vendor = KVM_VENDOR_AMD;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted_vm_close(&scripted);
}

static void a_spinner_that_yielded_stays_in_its_loop_until_it_runs_again(void **state)
{
	struct scripted_vm scripted;
	struct oversub_vcpu *boosted;

	scripted_vm_open(&scripted, "mainline", 4);
	scripted_vm_flags(&scripted, 2, "rpk");
	scripted_vm_flags(&scripted, 3, "rpk");
	boosted = directed_yield_begin(&scripted.vcpus[0], true);
	assert_int_equal(boosted->index, 2);
	/* Meanwhile another spinner still starts from the old index. */
	assert_true(scripted.vcpus[0].in_spin_loop);
	assert_int_equal(scripted.vm.last_boosted, 0);
	assert_int_equal(scripted_vm_spin(&scripted, 1, true), 2);
	directed_yield_finish(&scripted.vcpus[0], boosted);
	assert_false(scripted.vcpus[0].in_spin_loop);
	assert_int_equal(scripted.vm.last_boosted, 2);
	scripted_vm_close(&scripted);
}

/* ---- the series --------------------------------------------------------------------------- */

static void the_tiers_filter_and_do_not_rank(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_flags(&scripted, 1, "rpk");
	scripted_vm_flags(&scripted, 2, "rp");
	scripted_vm_ipi(&scripted, 0, 2, 0xfb);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_PREEMPTED);
	/* Its turn comes in the rotation, and it passes although it was in user mode. */
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_IPI_RECEIVER);
	scripted_vm_close(&scripted);
}

static void the_relaxed_pass_takes_user_mode_candidates(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_flags(&scripted, 1, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_RELAXED);
	scripted_vm_close(&scripted);

	scripted_vm_open(&scripted, "v3_strict", 4);
	scripted_vm_flags(&scripted, 1, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 4);
	scripted_vm_close(&scripted);
}

static void the_relaxed_pass_takes_the_spinner_that_the_strict_one_refused(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_flags(&scripted, 1, "rpks");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	assert_false(scripted.vcpus[1].dy_eligible);

	scripted.v3.toggle_once = 1;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_true(scripted.vcpus[1].dy_eligible);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);
}

static void a_receiver_that_runs_is_skipped(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted_vm_ipi(&scripted, 0, 1, 0xfb);
	assert_true(scripted_vm_is_receiver(&scripted, 0, 1));
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 0);
	scripted_vm_close(&scripted);
}

static void a_spent_budget_leaves_the_relaxed_pass_without_limit(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 17);
	every_vcpu_ready_and_in_kernel(&scripted, -ESRCH);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 3 + 16);
	scripted.v3.rearm_tries = 1;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 3 + 3);
	scripted_vm_close(&scripted);
}

/* ---- the registry ------------------------------------------------------------------------- */

static void v3_and_its_strict_preset_differ_in_the_relaxed_pass_alone(void **state)
{
	struct scripted_vm posted, strict;

	scripted_vm_open(&posted, "v3", 2);
	scripted_vm_open(&strict, "v3_strict", 2);
	assert_int_equal(posted.v3.tracking.ipi_window_ns, 50000000);
	assert_int_equal(posted.v3.tracking.ipi_tracking_enabled, 1);
	assert_int_equal(posted.v3.tracking.shared_vector, 1);
	assert_int_equal(posted.v3.enable_relaxed_boost, 1);
	assert_int_equal(strict.v3.enable_relaxed_boost, 0);
	strict.v3.enable_relaxed_boost = 1;
	assert_memory_equal(&posted.v3, &strict.v3, sizeof(posted.v3));
	scripted_vm_close(&posted);
	scripted_vm_close(&strict);
}

static void without_pause_exits_nobody_is_boosted(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "none", 4);
	assert_false(scripted.vm.policy->wants_ple_exits);
	every_vcpu_ready_and_in_kernel(&scripted, 1);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 0);
	scripted_vm_close(&scripted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scan_rotates_from_the_last_boosted_vcpu),
		cmocka_unit_test(mainline_takes_a_vcpu_that_was_woken_and_the_series_does_not),
		cmocka_unit_test(a_woken_vcpu_passes_only_with_something_to_run_for),
		cmocka_unit_test(a_spinner_is_refused_at_every_other_evaluation),
		cmocka_unit_test(a_yield_that_is_refused_costs_no_budget),
		cmocka_unit_test(the_third_lack_of_a_second_task_ends_the_scan),
		cmocka_unit_test(a_user_mode_spinner_takes_user_mode_candidates),
		cmocka_unit_test(a_single_vcpu_never_enters_its_spin_loop),
		cmocka_unit_test(only_intel_with_apicv_reveals_pending_interrupts),
		cmocka_unit_test(a_spinner_that_yielded_stays_in_its_loop_until_it_runs_again),
		cmocka_unit_test(the_tiers_filter_and_do_not_rank),
		cmocka_unit_test(the_relaxed_pass_takes_user_mode_candidates),
		cmocka_unit_test(the_relaxed_pass_takes_the_spinner_that_the_strict_one_refused),
		cmocka_unit_test(a_receiver_that_runs_is_skipped),
		cmocka_unit_test(a_spent_budget_leaves_the_relaxed_pass_without_limit),
		cmocka_unit_test(v3_and_its_strict_preset_differ_in_the_relaxed_pass_alone),
		cmocka_unit_test(without_pause_exits_nobody_is_boosted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
