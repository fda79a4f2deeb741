/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies that remember an IPI at its receiver, or look past it: vee21, recv_mask, two_hop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/scripted_vm.h"

/* vCPU index loses its CPU; letters say how. */
static void goes(struct scripted_vm *scripted, int index, const char *letters)
{
	scripted_vm_flags(scripted, index, letters);
	directed_yield_sched_out(&scripted->vcpus[index], *letters == 'r');
}

static void gets_a_cpu(struct scripted_vm *scripted, int index)
{
	scripted_vm_flags(scripted, index, "");
	directed_yield_sched_in(&scripted->vcpus[index]);
}

static void ipi(struct scripted_vm *scripted, int from, int to, enum oversub_ipi_how how)
{
	directed_yield_ipi(&(struct oversub_ipi){
		.source = &scripted->vcpus[from],
		.target = &scripted->vcpus[to],
		.accepted = 1,
		.vector = 0xfb,
		.fixed = true,
		.how = how,
	});
}

static void set_param(struct scripted_vm *scripted, const char *name, int64_t value)
{
	const struct oversub_param *param = scripted->vm.policy->head.params;

	while (strcmp(param->name, name) != 0)
		param++;
	*(int64_t *)((char *)scripted_vm_params(scripted) + param->offset) = value;
}

/* ---- vee21 -------------------------------------------------------------------------------- */

static void vee21_refuses_a_woken_vcpu_once_to_each_spinner(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "vee21", 4);
	goes(&scripted, 2, "rbE");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted_vm_spin(&scripted, 1, true), -1);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_WOKEN);
	/* It has run: everything begins anew. */
	gets_a_cpu(&scripted, 2);
	goes(&scripted, 2, "rbE");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);

	set_param(&scripted, "refuse_once", 0);
	gets_a_cpu(&scripted, 2);
	goes(&scripted, 2, "rbE");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	ipi(&scripted, 0, 2, OVERSUB_IPI_ICR_WRITE);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	scripted_vm_close(&scripted);
}

static void vee21_asks_a_vcpu_for_leave_before_it_asks_whether_it_sleeps(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "vee21", 4);
	goes(&scripted, 2, "b");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted_vm_flags(&scripted, 2, "rbE");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	scripted_vm_close(&scripted);
}

static void vee21_takes_a_receiver_out_of_user_mode_until_it_enters_the_guest(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "vee21", 4);
	/* Sent while it ran: not recorded. */
	ipi(&scripted, 0, 1, OVERSUB_IPI_ICR_WRITE);
	goes(&scripted, 1, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	ipi(&scripted, 0, 1, OVERSUB_IPI_ICR_WRITE);
	assert_int_equal(scripted_vm_spin(&scripted, 2, true), -1);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_IPI_RECEIVER);
	directed_yield_guest_entry(&scripted.vcpus[1]);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	scripted_vm_close(&scripted);
}

static void vee21_holds_many_senders_of_one_receiver_but_only_so_many(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "vee21", 8);
	set_param(&scripted, "mask_width", 6);
	goes(&scripted, 1, "rp");
	for (int sender = 2; sender < 8; sender++)
		ipi(&scripted, sender, 1, OVERSUB_IPI_ICR_WRITE);
	for (int sender = 2; sender < 8; sender++)
		assert_int_equal(scripted_vm_spin(&scripted, sender, true), sender < 6 ? 1 : -1);
	scripted_vm_close(&scripted);
}

static void vee21_neither_sees_hypercalls_nor_scans_twice(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "vee21", 4);
	goes(&scripted, 1, "rp");
	ipi(&scripted, 0, 1, OVERSUB_IPI_HYPERCALL);
	ipi(&scripted, 0, 1, OVERSUB_IPI_INCOMPLETE);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 4);
	scripted_vm_close(&scripted);
}

/* ---- recv_mask ---------------------------------------------------------------------------- */

static void recv_mask_finds_each_receiver_of_a_call_to_several(void **state)
{
	struct scripted_vm masks, series;

	scripted_vm_open(&masks, "recv_mask", 5);
	scripted_vm_open(&series, "v3_ranked", 5);
	for (int i = 1; i < 5; i++) {
		goes(&masks, i, i % 2 ? "rpk" : "rp");
		goes(&series, i, i % 2 ? "rpk" : "rp");
	}
	for (int i = 2; i < 5; i += 2) {
		ipi(&masks, 0, i, OVERSUB_IPI_HYPERCALL);
		ipi(&series, 0, i, OVERSUB_IPI_HYPERCALL);
	}
	assert_int_equal(scripted_vm_spin(&masks, 0, true), 2);
	assert_int_equal(scripted_vm_spin(&masks, 0, true), 4);
	assert_int_equal(masks.vcpus[0].reason, OVERSUB_REASON_IPI_RECEIVER);
	assert_int_equal(scripted_vm_spin(&series, 0, true), 1);
	assert_int_equal(scripted_vm_spin(&series, 0, true), 3);
	/* Once it runs it needs no help any more. */
	gets_a_cpu(&masks, 2);
	directed_yield_guest_entry(&masks.vcpus[2]);
	goes(&masks, 2, "rp");
	assert_int_equal(scripted_vm_spin(&masks, 0, true), 4);
	scripted_vm_close(&masks);
	scripted_vm_close(&series);
}

static void recv_mask_hears_of_ipis_from_where_it_is_told_to(void **state)
{
	static const char *const sources[] = {"icr_exit", "avic_exit", "pv_ipi"};

	for (int how = 0; how < 3; how++) {
		for (int off = 0; off < 3; off++) {
			struct scripted_vm scripted;

			scripted_vm_open(&scripted, "recv_mask", 3);
			set_param(&scripted, "enable_relaxed_boost", 0);
			set_param(&scripted, sources[off], 0);
			goes(&scripted, 1, "rp");
			ipi(&scripted, 0, 1, (enum oversub_ipi_how)how);
			assert_int_equal(scripted_vm_spin(&scripted, 0, true), how == off ? -1 : 1);
			scripted_vm_close(&scripted);
		}
	}
}

static void recv_mask_notes_nothing_that_reaches_its_target_without_help(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "recv_mask", 4);
	set_param(&scripted, "enable_relaxed_boost", 0);
	/* The target runs when the IPI comes, and is preempted afterwards. */
	ipi(&scripted, 0, 1, OVERSUB_IPI_ICR_WRITE);
	goes(&scripted, 1, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	/* Several have got the IPI: who the others are is not known. */
	directed_yield_ipi(&(struct oversub_ipi){
		.source = &scripted.vcpus[0],
		.target = &scripted.vcpus[1],
		.accepted = 2,
		.vector = 0xfb,
		.fixed = true,
	});
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	ipi(&scripted, 0, 1, OVERSUB_IPI_ICR_WRITE);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);
}

static void recv_mask_takes_woken_vcpus_unless_told_not_to(void **state)
{
	for (int accept = 0; accept < 2; accept++) {
		struct scripted_vm scripted;

		scripted_vm_open(&scripted, "recv_mask", 3);
		set_param(&scripted, "accept_woken", accept);
		goes(&scripted, 1, "rbE");
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), accept ? 1 : -1);
		scripted_vm_close(&scripted);
	}
}

static void a_receiver_that_never_got_to_its_guest_still_has_senders(void **state)
{
	for (int sched_in = 0; sched_in < 2; sched_in++) {
		struct scripted_vm scripted;

		scripted_vm_open(&scripted, "recv_mask", 3);
		set_param(&scripted, "enable_relaxed_boost", 0);
		set_param(&scripted, "clear_on", sched_in);
		goes(&scripted, 1, "rp");
		ipi(&scripted, 0, 1, OVERSUB_IPI_ICR_WRITE);
		gets_a_cpu(&scripted, 1);
		goes(&scripted, 1, "rp");
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), sched_in ? -1 : 1);
		scripted_vm_close(&scripted);
	}
}

/* ---- two_hop ------------------------------------------------------------------------------ */

static void two_hop_follows_a_receiver_that_spins(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "two_hop", 5);
	scripted_vm_flags(&scripted, 1, "rpk");
	scripted_vm_flags(&scripted, 2, "rpks");
	scripted_vm_flags(&scripted, 3, "rp");
	ipi(&scripted, 0, 2, OVERSUB_IPI_ICR_WRITE);
	ipi(&scripted, 2, 3, OVERSUB_IPI_ICR_WRITE);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 3);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_CHAIN);
	set_param(&scripted, "depth", 1);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	/* It does not spin: it is what is waited for. */
	scripted_vm_flags(&scripted, 2, "rp");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 2);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_IPI_RECEIVER);
	scripted_vm_close(&scripted);
}

/* Where the receiver spins for a lock, one of those that do not spin may hold it. */
static void two_hop_takes_who_does_not_spin_before_who_does(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "two_hop", 4);
	scripted_vm_flags(&scripted, 1, "rpksd"); /* would pass the spin-loop test */
	scripted_vm_flags(&scripted, 3, "rpk");
	ipi(&scripted, 0, 1, OVERSUB_IPI_ICR_WRITE);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 3);
	scripted_vm_flags(&scripted, 3, "");
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);

	scripted_vm_open(&scripted, "v3_ranked", 4);
	scripted_vm_flags(&scripted, 1, "rpksd");
	scripted_vm_flags(&scripted, 3, "rpk");
	ipi(&scripted, 0, 1, OVERSUB_IPI_ICR_WRITE);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);
}

static void a_circle_of_receivers_is_nobodys_turn(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "two_hop", 4);
	set_param(&scripted, "depth", 64);
	set_param(&scripted, "enable_relaxed_boost", 0);
	for (int i = 1; i < 4; i++)
		scripted_vm_flags(&scripted, i, "rpks");
	ipi(&scripted, 0, 1, OVERSUB_IPI_ICR_WRITE);
	ipi(&scripted, 1, 2, OVERSUB_IPI_ICR_WRITE);
	ipi(&scripted, 2, 1, OVERSUB_IPI_ICR_WRITE);
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	/* All are refused once, and then the first in rotation is taken. */
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vee21_refuses_a_woken_vcpu_once_to_each_spinner),
		cmocka_unit_test(vee21_asks_a_vcpu_for_leave_before_it_asks_whether_it_sleeps),
		cmocka_unit_test(vee21_takes_a_receiver_out_of_user_mode_until_it_enters_the_guest),
		cmocka_unit_test(vee21_holds_many_senders_of_one_receiver_but_only_so_many),
		cmocka_unit_test(vee21_neither_sees_hypercalls_nor_scans_twice),
		cmocka_unit_test(recv_mask_finds_each_receiver_of_a_call_to_several),
		cmocka_unit_test(recv_mask_hears_of_ipis_from_where_it_is_told_to),
		cmocka_unit_test(recv_mask_notes_nothing_that_reaches_its_target_without_help),
		cmocka_unit_test(recv_mask_takes_woken_vcpus_unless_told_not_to),
		cmocka_unit_test(a_receiver_that_never_got_to_its_guest_still_has_senders),
		cmocka_unit_test(two_hop_follows_a_receiver_that_spins),
		cmocka_unit_test(two_hop_takes_who_does_not_spin_before_who_does),
		cmocka_unit_test(a_circle_of_receivers_is_nobodys_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
