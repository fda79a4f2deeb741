/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The presets of v3: what each accident of the posted series does, and what mends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "sim/engine/random.h"
#include "tests/unit/scripted_vm.h"

static const char *const posted_and_mended[] = {"v3", "v3_fixed", "v3_ranked"};

/* Whom vCPU 0 of a VM of nr boosts; letters say how the others are. -1: nobody. */
static int choice_of(const char *policy, const char *const letters[], int nr)
{
	struct scripted_vm scripted;
	int choice;

	scripted_vm_open(&scripted, policy, nr);
	for (int i = 1; i < nr; i++)
		scripted_vm_flags(&scripted, i, letters[i]);
	choice = scripted_vm_spin(&scripted, 0, true);
	scripted_vm_close(&scripted);
	return choice;
}

static void a_ranking_takes_the_receiver_before_the_first_preempted(void **state)
{
	static const int choices[] = {1, 1, 2};

	for (int i = 0; i < 3; i++) {
		struct scripted_vm scripted;

		scripted_vm_open(&scripted, posted_and_mended[i], 4);
		scripted_vm_flags(&scripted, 1, "rpk");
		scripted_vm_flags(&scripted, 2, "rp");
		scripted_vm_ipi(&scripted, 0, 2, 0xfb);
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), choices[i]);
		scripted_vm_close(&scripted);
	}
}

static void a_ranking_tries_tier_after_tier_for_the_price_of_one_scan(void **state)
{
	struct scripted_vm scripted;
	static const int order[] = {4, 3, 5, 1, 2};

	scripted_vm_open(&scripted, "v3_ranked", 6);
	for (int i = 1; i < 6; i++) {
		scripted_vm_flags(&scripted, i, i == 3 ? "rp" : "rpk");
		scripted.results[i] = 0;
	}
	scripted_vm_flags(&scripted, 2, "rp");
	scripted.vm.last_boosted = 2;
	scripted.vcpus[3].apicv_active = true;
	scripted.vcpus[3].pid_on = true;
	scripted_vm_ipi(&scripted, 0, 4, 0xfb);
	((struct candidate_v3_params *)scripted_vm_params(&scripted))->enable_relaxed_boost = 0;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(scripted.tries[i], order[i]);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 6);

	/* Relaxed comes last, again without looking again. */
	((struct candidate_v3_params *)scripted_vm_params(&scripted))->enable_relaxed_boost = 1;
	scripted.results[2] = 1;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_RELAXED);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 6);
	scripted_vm_close(&scripted);
}

static void a_lack_of_second_tasks_ends_the_call_of_the_mended(void **state)
{
	static const int tries[] = {3 + 16, 3, 3};

	for (int i = 0; i < 3; i++) {
		struct scripted_vm scripted;

		scripted_vm_open(&scripted, posted_and_mended[i], 17);
		for (int v = 1; v < 17; v++) {
			scripted_vm_flags(&scripted, v, "rpk");
			scripted.results[v] = -ESRCH;
		}
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
		assert_int_equal(scripted.nr_tries, tries[i]);
		scripted_vm_close(&scripted);
	}
}

static void the_second_scan_starts_where_the_first_did(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3", 4);
	scripted.vm.last_boosted = 1;
	for (int v = 1; v < 4; v++)
		scripted_vm_flags(&scripted, v, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	assert_int_equal(scripted.nr_tries, 1);
	scripted_vm_close(&scripted);
}

static void the_mended_take_woken_vcpus_and_refuse_spinners_all_call_long(void **state)
{
	static const char *const woken[] = {"", "rbE", "", ""};
	static const char *const spinner[] = {"", "rpks", "", ""};

	assert_int_equal(choice_of("v3", woken, 4), -1);
	assert_int_equal(choice_of("v3_fixed", woken, 4), 1);
	assert_int_equal(choice_of("v3_ranked", woken, 4), 1);
	assert_int_equal(choice_of("v3", spinner, 4), 1);
	assert_int_equal(choice_of("v3_fixed", spinner, 4), -1);
	assert_int_equal(choice_of("v3_ranked", spinner, 4), -1);
}

static void the_mended_tell_the_two_roles_of_a_vcpu_apart(void **state)
{
	for (int i = 0; i < 3; i++) {
		struct scripted_vm scripted;

		/* 0 calls 1, which calls 2 before it has served 0. */
		scripted_vm_open(&scripted, posted_and_mended[i], 3);
		scripted_vm_ipi(&scripted, 0, 1, 0xfb);
		scripted_vm_ipi(&scripted, 1, 2, 0xfc);
		directed_yield_eoi(&scripted.vcpus[1], 0xfb, false);
		assert_int_equal(scripted_vm_is_receiver(&scripted, 0, 1), i == 0);
		assert_true(scripted_vm_is_receiver(&scripted, 1, 2));
		scripted_vm_close(&scripted);
	}
}

static void on_demand_nobody_yields_while_the_receiver_runs(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "v3_ranked", 4);
	scripted_vm_flags(&scripted, 1, "rpk");
	scripted_vm_ipi(&scripted, 0, 2, 0xfb);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted.v3.ret_if_rcv_running = 1;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 0);
	/* It has been looked at, and nobody else. */
	assert_int_equal(scripted.vcpus[0].scan_candidates, 1);
	/* It waits for a CPU, or has fallen asleep: there is something to be done again. */
	scripted_vm_flags(&scripted, 2, "rpk");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	scripted_vm_flags(&scripted, 2, "b");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);
}

/*
 * At most one vCPU passes, none spins or was woken, none of the run queues is short of tasks, and
 * nobody who sends has received.
 */
static void without_accidents_the_presets_agree(void **state)
{
	struct sim_stream random;

	sim_stream_init(&random, 1, 0, "presets", "agree");
	for (int round = 0; round < 2000; round++) {
		struct scripted_vm scripted[3];
		int target = (int)sim_stream_below(&random, 7) + 1;
		const char *letters =
			(const char *const[]){"rp", "rpk", ""}[sim_stream_below(&random, 3)];
		bool sent = sim_stream_below(&random, 2), served = sim_stream_below(&random, 2);

		for (int i = 0; i < 3; i++) {
			scripted_vm_open(&scripted[i], posted_and_mended[i], 8);
			scripted[i].vm.last_boosted = round % 8;
			scripted_vm_flags(&scripted[i], target, letters);
			scripted[i].results[target] = round % 5 != 0;
			if (sent)
				scripted_vm_ipi(&scripted[i], 0, target, 0xfb);
			if (served)
				directed_yield_eoi(&scripted[i].vcpus[target], 0xfb, false);
			scripted_vm_spin(&scripted[i], 0, true);
			assert_int_equal(scripted[i].vm.last_boosted, scripted[0].vm.last_boosted);
			assert_int_equal(scripted[i].vcpus[0].reason, scripted[0].vcpus[0].reason);
		}
		for (int i = 0; i < 3; i++)
			scripted_vm_close(&scripted[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ranking_takes_the_receiver_before_the_first_preempted),
		cmocka_unit_test(a_ranking_tries_tier_after_tier_for_the_price_of_one_scan),
		cmocka_unit_test(a_lack_of_second_tasks_ends_the_call_of_the_mended),
		cmocka_unit_test(the_second_scan_starts_where_the_first_did),
		cmocka_unit_test(the_mended_take_woken_vcpus_and_refuse_spinners_all_call_long),
		cmocka_unit_test(the_mended_tell_the_two_roles_of_a_vcpu_apart),
		cmocka_unit_test(on_demand_nobody_yields_while_the_receiver_runs),
		cmocka_unit_test(without_accidents_the_presets_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
