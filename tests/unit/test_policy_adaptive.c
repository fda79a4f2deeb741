/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows the guest's ways: guest_wait_hint, adaptive_window, and the controller adaptive_ple.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/scripted_vm.h"
#include "models/policies/builtin.h"

/* ---- guest_wait_hint ---------------------------------------------------------------------- */

static void whom_the_guest_names_is_taken_wherever_he_is_in_the_rotation(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "guest_wait_hint", 8);
	for (int i = 1; i < 8; i++)
		scripted_vm_flags(&scripted, i, "rpk");
	scripted_vm_flags(&scripted, 5, "rps"); /* in user mode, and spinning itself */
	scripted.publishes = true;
	scripted.waits_for[0] = 5;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 5);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_GUEST_HINT);
	assert_int_equal(scripted.vcpus[0].scan_candidates, 1);
	scripted_vm_close(&scripted);
}

static void nobody_yields_while_the_named_one_runs(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "guest_wait_hint", 4);
	scripted_vm_flags(&scripted, 1, "rpk");
	scripted.publishes = true;
	scripted.waits_for[0] = 2;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 0);
	/* Two that run and call each other: their handlers will do. */
	scripted.waits_for[2] = 0;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), -1);
	assert_int_equal(scripted.nr_tries, 0);
	scripted_vm_close(&scripted);
}

static void a_chain_is_followed_to_its_first_vcpu_without_a_cpu(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "guest_wait_hint", 6);
	scripted_vm_flags(&scripted, 1, "rpk");
	scripted_vm_flags(&scripted, 4, "rp");
	scripted.publishes = true;
	scripted.waits_for[0] = 2; /* runs */
	scripted.waits_for[2] = 3; /* halted */
	scripted_vm_flags(&scripted, 3, "b");
	scripted.waits_for[3] = 4;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 4);
	assert_int_equal(scripted.vcpus[0].reason, OVERSUB_REASON_CHAIN);
	/* Beyond depth, and where the guest is silent, mainline takes over. */
	*(int64_t *)((char *)scripted_vm_params(&scripted) +
		     scripted.vm.policy->head.params[0].offset) = 2;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted.waits_for[0] = -1;
	assert_int_equal(scripted_vm_spin(&scripted, 0, true), 1);
	scripted_vm_close(&scripted);
}

static void without_a_hint_it_is_mainline_or_v3(void **state)
{
	for (int v3 = 0; v3 < 2; v3++) {
		struct scripted_vm scripted;

		scripted_vm_open(&scripted, "guest_wait_hint", 4);
		assert_string_equal(scripted.vm.policy->head.params[1].name, "fallback");
		*(int64_t *)((char *)scripted_vm_params(&scripted) +
			     scripted.vm.policy->head.params[1].offset) = v3;
		scripted_vm_flags(&scripted, 1, "rp");
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), v3 ? 1 : -1);
		scripted_vm_flags(&scripted, 1, "rbE");
		assert_int_equal(scripted_vm_spin(&scripted, 0, true), v3 ? -1 : 1);
		scripted_vm_close(&scripted);
	}
}

/* ---- adaptive_window ---------------------------------------------------------------------- */

/* An IPI that takes latency ns from send to EOI. */
static void timed_ipi(struct scripted_vm *scripted, int from, int to, uint64_t latency)
{
	scripted->now += 1000000;
	scripted_vm_ipi(scripted, from, to, 0xfb);
	scripted->now += latency;
	directed_yield_eoi(&scripted->vcpus[to], 0xfb, false);
}

static void with_constant_latency_the_window_is_k_times_it(void **state)
{
	const uint64_t latencies[] = {10000, 200000, 1000000, 30000000};
	const uint64_t windows[] = {100000, 800000, 4000000, 50000000};

	for (int i = 0; i < 4; i++) {
		struct scripted_vm adaptive, fixed;

		scripted_vm_open(&adaptive, "adaptive_window", 3);
		scripted_vm_open(&fixed, "v3", 3);
		fixed.v3.tracking.ipi_window_ns = (int64_t)windows[i];
		for (int round = 0; round < 5; round++)
			timed_ipi(&adaptive, 0, 1, latencies[i]);
		scripted_vm_ipi(&adaptive, 0, 1, 0xfb);
		fixed.now = adaptive.now;
		scripted_vm_ipi(&fixed, 0, 1, 0xfb);
		for (int late = 0; late < 2; late++) {
			adaptive.now += late ? 1 : windows[i];
			fixed.now = adaptive.now;
			scripted_vm_flags(&adaptive, 1, "rpk");
			scripted_vm_flags(&fixed, 1, "rpk");
			assert_int_equal(scripted_vm_spin(&adaptive, 0, true), 1);
			assert_int_equal(scripted_vm_spin(&fixed, 0, true), 1);
			assert_int_equal(adaptive.vcpus[0].reason,
					 late ? OVERSUB_REASON_PREEMPTED
					      : OVERSUB_REASON_IPI_RECEIVER);
			assert_int_equal(fixed.vcpus[0].reason, adaptive.vcpus[0].reason);
		}
		scripted_vm_close(&adaptive);
		scripted_vm_close(&fixed);
	}
}

static int64_t window_of(struct scripted_vm *scripted, int index)
{
	return ((struct candidate_v3_vcpu *)scripted->vcpus[index].policy_private)->window_ns;
}

static void each_sender_has_a_window_of_its_own_that_moves_by_an_eighth(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "adaptive_window", 4);
	timed_ipi(&scripted, 0, 1, 1000000);
	timed_ipi(&scripted, 2, 1, 2000000);
	assert_int_equal(window_of(&scripted, 0), 4000000);
	assert_int_equal(window_of(&scripted, 2), 8000000);
	assert_int_equal(window_of(&scripted, 1), 0);
	timed_ipi(&scripted, 0, 1, 9000000);
	assert_int_equal(window_of(&scripted, 0), 8000000);
	scripted_vm_close(&scripted);
}

static void without_eois_the_last_pause_exit_ends_the_latency(void **state)
{
	struct scripted_vm scripted;

	scripted_vm_open(&scripted, "adaptive_window", 3);
	scripted_vm_ipi(&scripted, 0, 1, 0xfb);
	for (int i = 0; i < 3; i++) {
		scripted.now += 200000;
		directed_yield_exit(&scripted.vcpus[0], true);
	}
	scripted.now += 7000000;
	assert_int_equal(window_of(&scripted, 0), 0);
	scripted_vm_ipi(&scripted, 0, 2, 0xfb);
	assert_int_equal(window_of(&scripted, 0), 4 * 600000);
	scripted_vm_close(&scripted);
}

static void a_sender_that_gets_further_does_not_wait_any_more(void **state)
{
	for (int clear = 0; clear < 2; clear++) {
		struct scripted_vm scripted;
		const struct oversub_param *param;

		scripted_vm_open(&scripted, "adaptive_window", 3);
		for (param = scripted.vm.policy->head.params;
		     strcmp(param->name, "progress_clear");)
			param++;
		*(int64_t *)((char *)scripted_vm_params(&scripted) + param->offset) = clear;
		scripted_vm_ipi(&scripted, 0, 1, 0xfb);
		directed_yield_exit(&scripted.vcpus[0], true);
		assert_true(scripted_vm_track(&scripted, 0)->pending);
		scripted.vcpus[0].interrupt_exit = true;
		directed_yield_exit(&scripted.vcpus[0], false);
		assert_true(scripted_vm_track(&scripted, 0)->pending);
		scripted.vcpus[0].interrupt_exit = false;
		directed_yield_exit(&scripted.vcpus[0], false);
		assert_int_equal(scripted_vm_track(&scripted, 0)->pending, !clear);
		scripted_vm_close(&scripted);
	}
}

/* ---- adaptive_ple ------------------------------------------------------------------------- */

struct controlled {
	const struct oversub_window_policy *policy;
	struct oversub_window_limits limits;
	max_align_t params[16], state[16];
	uint32_t window;
	uint64_t now;
};

static void open_controller(struct controlled *c)
{
	memset(c, 0, sizeof(*c));
	c->policy = &window_adaptive_ple;
	c->limits = (struct oversub_window_limits){
		.base = 4096, .max = UINT32_MAX, .grow = 2, .unit_ns = 0.5, .slice_ns = 3000000};
	oversub_param_defaults(c->policy->head.params, c->params);
	assert_true(c->policy->vcpu_private_size <= sizeof(c->state));
}

/* The window after an event that comes after ns. */
static uint32_t after(struct controlled *c, uint64_t ns, enum oversub_window_event event)
{
	c->now += ns;
	c->window = c->policy->next_window(NULL, event, c->window, &c->limits, c->now, c->params,
					   c->state);
	return c->window;
}

/* Futile exits, one after the other. */
static void waste(struct controlled *c, int exits, enum oversub_window_event how)
{
	for (int i = 0; i < exits; i++) {
		after(c, (uint64_t)(c->window * c->limits.unit_ns), OVERSUB_WINDOW_EXIT);
		after(c, 0, how);
	}
}

static void windows_grow_once_too_many_exits_come_to_nothing_and_end_at_half_a_slice(void **state)
{
	struct controlled c;

	open_controller(&c);
	assert_int_equal(after(&c, 0, OVERSUB_WINDOW_CREATE), 4096);
	/* 1 - (7/8)^n passes 0.3 with the third. */
	waste(&c, 2, OVERSUB_WINDOW_DECLINED);
	assert_int_equal(c.window, 4096);
	waste(&c, 1, OVERSUB_WINDOW_FUTILE);
	assert_int_equal(c.window, 8192);
	waste(&c, 1, OVERSUB_WINDOW_DECLINED);
	assert_int_equal(c.window, 16384);
	waste(&c, 30, OVERSUB_WINDOW_FUTILE);
	assert_int_equal(c.window, 3000000); /* ticks of half a ns */
	c.limits.max = 65535;
	waste(&c, 1, OVERSUB_WINDOW_FUTILE);
	assert_int_equal(c.window, 65535);
}

static void set_progress_windows(struct controlled *c, int64_t windows)
{
	const struct oversub_param *param = c->policy->head.params;

	while (strcmp(param->name, "progress_windows") != 0)
		param++;
	*(int64_t *)((char *)c->params + param->offset) = windows;
}

static void an_absence_shrinks_the_window_step_by_step_and_does_not_reset_it(void **state)
{
	struct controlled c;

	open_controller(&c);
	after(&c, 0, OVERSUB_WINDOW_CREATE);
	waste(&c, 6, OVERSUB_WINDOW_DECLINED);
	assert_int_equal(c.window, 65536);
	/* By a yield; then by preemption. */
	assert_int_equal(after(&c, 100000, OVERSUB_WINDOW_EXIT), 65536);
	assert_int_equal(after(&c, 5000000, OVERSUB_WINDOW_LOADED), 32768);
	assert_int_equal(after(&c, 5000000, OVERSUB_WINDOW_LOADED), 16384);
	for (int i = 0; i < 8; i++)
		after(&c, 1000000, OVERSUB_WINDOW_LOADED);
	assert_int_equal(c.window, 4096);
}

static void on_demand_only_progress_shrinks_the_window(void **state)
{
	struct controlled c;

	open_controller(&c);
	set_progress_windows(&c, 2);
	after(&c, 0, OVERSUB_WINDOW_CREATE);
	waste(&c, 6, OVERSUB_WINDOW_DECLINED);
	assert_int_equal(c.window, 65536);
	/* A yield, and another exit within two windows. */
	after(&c, 100000, OVERSUB_WINDOW_EXIT);
	assert_int_equal(after(&c, 5000000, OVERSUB_WINDOW_LOADED), 65536);
	assert_int_equal(after(&c, 2 * 65536 / 2, OVERSUB_WINDOW_EXIT), 65536);
	/* The next one helps: it is long until there is another. */
	after(&c, 5000000, OVERSUB_WINDOW_LOADED);
	assert_int_equal(after(&c, 2 * 65536 / 2 + 1, OVERSUB_WINDOW_EXIT), 32768);
	/* That goes on down to the base. */
	for (int i = 0; i < 8; i++) {
		after(&c, 1000000, OVERSUB_WINDOW_LOADED);
		after(&c, 1000000, OVERSUB_WINDOW_EXIT);
	}
	assert_int_equal(c.window, 4096);
}

static void a_preemption_is_no_yield_that_helped(void **state)
{
	struct controlled c;

	open_controller(&c);
	set_progress_windows(&c, 2);
	after(&c, 0, OVERSUB_WINDOW_CREATE);
	waste(&c, 6, OVERSUB_WINDOW_DECLINED);
	after(&c, 1000000, OVERSUB_WINDOW_LOADED);
	assert_int_equal(after(&c, 10000000, OVERSUB_WINDOW_LOADED), 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whom_the_guest_names_is_taken_wherever_he_is_in_the_rotation),
		cmocka_unit_test(nobody_yields_while_the_named_one_runs),
		cmocka_unit_test(a_chain_is_followed_to_its_first_vcpu_without_a_cpu),
		cmocka_unit_test(without_a_hint_it_is_mainline_or_v3),
		cmocka_unit_test(with_constant_latency_the_window_is_k_times_it),
		cmocka_unit_test(each_sender_has_a_window_of_its_own_that_moves_by_an_eighth),
		cmocka_unit_test(without_eois_the_last_pause_exit_ends_the_latency),
		cmocka_unit_test(a_sender_that_gets_further_does_not_wait_any_more),
		cmocka_unit_test(
			windows_grow_once_too_many_exits_come_to_nothing_and_end_at_half_a_slice),
		cmocka_unit_test(an_absence_shrinks_the_window_step_by_step_and_does_not_reset_it),
		cmocka_unit_test(on_demand_only_progress_shrinks_the_window),
		cmocka_unit_test(a_preemption_is_no_yield_that_helped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
