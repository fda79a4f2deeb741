/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The controls: candidate policies that know nothing, or one thing only, and that are to do exactly
 * that, so that a comparison with them says where a gain comes from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "tests/unit/scripted_vm.h"

enum { NR = 8, DRAWS = 20000 };

/* A VM of NR whose vCPU 0 runs and all others have the flags in letters. */
static void open_all(struct scripted_vm *scripted, const char *policy, const char *letters)
{
	scripted_vm_open(scripted, policy, NR);
	for (int i = 1; i < NR; i++)
		scripted_vm_flags(scripted, i, letters);
}

static void set(struct scripted_vm *scripted, const char *name, int64_t value)
{
	const struct oversub_param *param = scripted->vm.policy->head.params;

	while (strcmp(param->name, name) != 0)
		param++;
	*(int64_t *)((char *)scripted_vm_params(scripted) + param->offset) = value;
}

static void switch_on(struct scripted_vm *scripted, const char *name)
{
	set(scripted, name, 1);
}

/* Probability of counts at least as uneven as these if all were equally likely. */
static double p_of_uniform(const int *counts, int nr, int draws)
{
	double expected = (double)draws / nr, chi_square = 0;

	for (int i = 0; i < nr; i++)
		chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
	return gsl_cdf_chisq_Q(chi_square, nr - 1);
}

/* ---- any_preempted -------------------------------------------------------------------------- */

static void any_preempted_goes_round_from_the_last_boosted(void **state)
{
	static const int order[] = {1, 2, 3, 4, 5, 6, 7, 1, 2};
	struct scripted_vm scripted;

	open_all(&scripted, "any_preempted", "rp");
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), order[i]);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 1);
	scripted_vm_close(&scripted);
}

static void any_preempted_takes_whom_mainline_filters_out(void **state)
{
	static const char *const policies[] = {"mainline", "any_preempted"};

	for (int any = 0; any < 2; any++) {
		struct scripted_vm scripted;

		/* A spinner, and one that was preempted in user mode; then one to mainline's taste.
		 */
		open_all(&scripted, policies[any], "");
		scripted_vm_flags(&scripted, 1, "rpks");
		scripted_vm_flags(&scripted, 2, "rp");
		scripted_vm_flags(&scripted, 3, "rpk");
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), any ? 1 : 3);
		/* The test of a spinner is not so much as made: nothing is toggled. */
		assert_int_equal(scripted.vcpus[1].dy_eligible, !any);
		if (any) {
			assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_PREEMPTED);
			assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
			assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_RELAXED);
		}
		scripted_vm_close(&scripted);
	}
}

static void no_control_takes_a_vcpu_that_was_only_woken(void **state)
{
	static const char *const policies[] = {"any_preempted", "random_preempted", "v3_untracked",
					       "tracked_only", "random_tracked"};

	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		struct scripted_vm scripted;

		open_all(&scripted, policies[i], "rbE");
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
		scripted_vm_close(&scripted);
	}
}

static void the_third_lack_of_a_second_task_ends_the_uninformed(void **state)
{
	static const char *const policies[] = {"any_preempted", "random_preempted"};

	for (int i = 0; i < 2; i++) {
		struct scripted_vm scripted;

		open_all(&scripted, policies[i], "rp");
		for (int vcpu = 1; vcpu < NR; vcpu++)
			scripted.results[vcpu] = -ESRCH;
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
		assert_int_equal(scripted.nr_tries, 3);
		/* A refusal of another kind costs no budget. */
		for (int vcpu = 1; vcpu < NR; vcpu++)
			scripted.results[vcpu] = 0;
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
		assert_int_equal(scripted.nr_tries, NR - 1);
		scripted_vm_close(&scripted);
	}
}

/* ---- random_preempted ----------------------------------------------------------------------- */

static void a_random_choice_is_uniform_and_forgets_the_last_one(void **state)
{
	static const int candidates[] = {1, 2, 4, 5, 7};
	int counts[5] = {0}, pairs[25] = {0}, last = -1;
	struct scripted_vm scripted;

	open_all(&scripted, "random_preempted", "");
	for (int i = 0; i < 5; i++)
		scripted_vm_flags(&scripted, candidates[i], i % 2 ? "rp" : "rpks");
	for (int i = 0; i < DRAWS; i++) {
		int choice = scripted_vm_spin(&scripted, 0, true), place = 0;

		while (place < 5 && candidates[place] != choice)
			place++;
		assert_in_range(place, 0, 4);
		counts[place]++;
		if (last >= 0)
			pairs[last * 5 + place]++;
		last = place;
	}
	assert_true(p_of_uniform(counts, 5, DRAWS) > 0.001);
	assert_true(p_of_uniform(pairs, 25, DRAWS - 1) > 0.001);
	/* One look at each vCPU. */
	assert_int_equal(scripted.vcpus[0].scan_candidates, NR);
	scripted_vm_close(&scripted);
}

/* The choices of a VM whose stream has that seed, replication and name. */
static void draw(uint64_t seed, uint32_t replication, const char *name, int choices[DRAWS])
{
	struct scripted_vm scripted;

	open_all(&scripted, "random_preempted", "rp");
	sim_stream_init(&scripted.random, seed, replication, name, "policy");
	for (int i = 0; i < DRAWS; i++)
		choices[i] = scripted_vm_spin(&scripted, 0, true);
	scripted_vm_close(&scripted);
}

static void choices_are_a_function_of_seed_replication_and_vm(void **state)
{
	static const struct {
		uint64_t seed;
		uint32_t replication;
		const char *name;
	} others[] = {{2, 0, "db0"}, {1, 1, "db0"}, {1, 0, "db1"}};
	int first[DRAWS], other[DRAWS];

	draw(1, 0, "db0", first);
	draw(1, 0, "db0", other);
	assert_memory_equal(first, other, sizeof(first));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		draw(others[i].seed, others[i].replication, others[i].name, other);
		assert_memory_not_equal(first, other, sizeof(first));
	}
}

static void who_refuses_is_followed_by_another_but_nobody_is_asked_twice(void **state)
{
	struct scripted_vm scripted;

	open_all(&scripted, "random_preempted", "rp");
	for (int i = 1; i < NR; i++)
		scripted.results[i] = i == 6;
	for (int i = 0; i < 100; i++) {
		int asked[NR] = {0};

		assert_int_equal(scripted_vm_spin(&scripted, 0, true), 6);
		for (int try = 0; try < scripted.nr_tries; try++)
			assert_int_equal(++asked[scripted.tries[try]], 1);
	}
	scripted_vm_close(&scripted);
}

static void on_demand_a_random_choice_is_of_those_in_kernel_mode(void **state)
{
	struct scripted_vm scripted;
	bool chosen[NR] = {false};

	open_all(&scripted, "random_preempted", "rp");
	scripted_vm_flags(&scripted, 3, "rpk");
	scripted_vm_flags(&scripted, 5, "rpk");
	/* As for mainline, a pending interrupt will do, where hardware shows it. */
	scripted.vcpus[6].apicv_active = scripted.vcpus[6].pid_on = true;
	switch_on(&scripted, "in_kernel");
	for (int i = 0; i < 200; i++)
		chosen[scripted_vm_spin(&scripted, 0, true)] = true;
	for (int i = 0; i < NR; i++)
		assert_int_equal(chosen[i], i == 3 || i == 5 || i == 6);
	/* A spinner in user mode does not ask. */
	for (int i = 0; i < 200; i++)
		chosen[scripted_vm_spin(&scripted, 0, false)] = true;
	for (int i = 1; i < NR; i++)
		assert_true(chosen[i]);
	scripted_vm_close(&scripted);
}

/* ---- Tracking without the rest, and the rest without tracking ------------------------------- */

static void tracked_only_declines_without_a_receiver_that_waits_for_a_cpu(void **state)
{
	struct scripted_vm scripted;

	open_all(&scripted, "tracked_only", "rpk");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 0);
	scripted_vm_ipi(&scripted, 0, 5, 0xfb);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 5);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_IPI_RECEIVER);
	/* In user mode, too; but not while it runs, and not when it has answered. */
	scripted_vm_flags(&scripted, 5, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 5);
	scripted_vm_flags(&scripted, 5, "");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 0);
	scripted_vm_flags(&scripted, 5, "rp");
	directed_yield_eoi(&scripted.vcpus[5], 0xfb, false);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted_vm_close(&scripted);
}

static void v3_untracked_takes_no_notice_of_ipis(void **state)
{
	struct scripted_vm scripted;

	open_all(&scripted, "v3_untracked", "rp");
	scripted_vm_flags(&scripted, 6, "rpk");
	scripted_vm_ipi(&scripted, 0, 3, 0xfb);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 6);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_PREEMPTED);
	scripted_vm_flags(&scripted, 6, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 7);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_RELAXED);
	scripted_vm_close(&scripted);
}

static void in_the_place_of_a_receiver_stands_anybody_preempted(void **state)
{
	int counts[NR - 1] = {0};
	struct scripted_vm scripted;

	/* In user mode nobody but the receiver passes the first scan. */
	open_all(&scripted, "random_tracked", "rp");
	scripted_vm_ipi(&scripted, 0, 5, 0xfb);
	for (int i = 0; i < DRAWS; i++) {
		int choice = scripted_vm_spin(&scripted, 0, true);

		assert_in_range(choice, 1, NR - 1);
		counts[choice - 1]++;
	}
	assert_true(p_of_uniform(counts, NR - 1, DRAWS) > 0.001);
	/* Statistics do not take it for knowledge. */
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_RELAXED);
	scripted_vm_close(&scripted);
}

static void without_a_receiver_nobody_stands_in_and_it_is_v3(void **state)
{
	static const char *const policies[] = {"v3", "random_tracked"};
	int choices[2][40];

	for (int i = 0; i < 2; i++) {
		struct scripted_vm scripted;

		open_all(&scripted, policies[i], "rp");
		scripted_vm_flags(&scripted, 3, "rpk");
		scripted_vm_flags(&scripted, 6, "rpks");
		for (int n = 0; n < 40; n++)
			choices[i][n] = scripted_vm_spin(&scripted, n % 3 ? 0 : 1, n % 5);
		scripted_vm_close(&scripted);
	}
	assert_memory_equal(choices[0], choices[1], sizeof(choices[0]));
}

static void on_demand_nobody_stands_in_for_a_receiver_that_runs(void **state)
{
	struct scripted_vm scripted;

	open_all(&scripted, "random_tracked", "rp");
	scripted_vm_flags(&scripted, 5, "");
	scripted_vm_ipi(&scripted, 0, 5, 0xfb);
	/* Without a second scan only the one who stands in can be tried. */
	((struct candidate_v3_params *)scripted_vm_params(&scripted))->enable_relaxed_boost = 0;
	assert_int_not_equal(scripted_vm_spin(&scripted, 0, true), -1);
	switch_on(&scripted, "only_waiting");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted_vm_flags(&scripted, 5, "rp");
	assert_int_not_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted_vm_close(&scripted);
}

/* ---- What all policies may use -------------------------------------------------------------- */

static void a_stream_that_is_missing_or_asked_for_nothing_gives_zeros(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "none", 2);
	assert_int_equal(oversub_vm_random_below(&scripted.vm, 0), 0);
	assert_int_equal(oversub_vm_random_below(&scripted.vm, 1), 0);
	scripted.vm.random = NULL;
	assert_int_equal(oversub_vm_random_below(&scripted.vm, 10), 0);
	scripted_vm_close(&scripted);
}

/* mainline: before Linux 5.3 it did not. */
static void who_was_only_woken_is_taken_or_not_as_the_parameter_says(void **state)
{
	struct scripted_vm scripted;

	open_all(&scripted, "any_preempted", "r");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	switch_on(&scripted, "accept_woken");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);

	open_all(&scripted, "mainline", "r");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	set(&scripted, "accept_woken", 0);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted_vm_flags(&scripted, 3, "rpk");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 3);
	scripted_vm_close(&scripted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_preempted_goes_round_from_the_last_boosted),
		cmocka_unit_test(who_was_only_woken_is_taken_or_not_as_the_parameter_says),
		cmocka_unit_test(any_preempted_takes_whom_mainline_filters_out),
		cmocka_unit_test(no_control_takes_a_vcpu_that_was_only_woken),
		cmocka_unit_test(the_third_lack_of_a_second_task_ends_the_uninformed),
		cmocka_unit_test(a_random_choice_is_uniform_and_forgets_the_last_one),
		cmocka_unit_test(choices_are_a_function_of_seed_replication_and_vm),
		cmocka_unit_test(who_refuses_is_followed_by_another_but_nobody_is_asked_twice),
		cmocka_unit_test(on_demand_a_random_choice_is_of_those_in_kernel_mode),
		cmocka_unit_test(tracked_only_declines_without_a_receiver_that_waits_for_a_cpu),
		cmocka_unit_test(v3_untracked_takes_no_notice_of_ipis),
		cmocka_unit_test(in_the_place_of_a_receiver_stands_anybody_preempted),
		cmocka_unit_test(without_a_receiver_nobody_stands_in_and_it_is_v3),
		cmocka_unit_test(on_demand_nobody_stands_in_for_a_receiver_that_runs),
		cmocka_unit_test(a_stream_that_is_missing_or_asked_for_nothing_gives_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
