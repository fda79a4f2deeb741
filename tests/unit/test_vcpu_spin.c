/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pause-loop exits and directed yields of real vCPUs: what they cost, how windows grow, what a
 * yield leaves behind until the yielder runs again, and what the truth metrics say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/vcpu_world.h"

/* The pause loop of 4096 ticks at 2.5 GHz. */
#define WINDOW_NS 1638

static const struct kvm_stats *stats(const struct vcpu_world *w)
{
	return &w->vm.stats;
}

/* The user-mode spin of vcpu is over: it goes on with its script. Intel sees no such spin. */
static void proceed(struct vcpu_world *w, int vcpu)
{
	assert_int_equal(vcpu_of_world(w, vcpu)->action.kind, GUEST_SPIN);
	vcpu_end_spin(vcpu_of_world(w, vcpu), 0);
}

static void run_for(struct vcpu_world *w, int64_t ns)
{
	vcpu_world_run(w, now_of_world(w) + ns);
}

static void run_until_exits(struct vcpu_world *w, uint64_t exits)
{
	while (exits_of_world(w, EXIT_PAUSE) < exits)
		vcpu_world_run(w, sim_next_time(&w->engine));
}

/*
 * vCPU 0 has CPU 0 for itself, 1 and 2 share CPU 1, 3 has CPU 2. Runs until vCPU 1 has been
 * preempted, with vCPU 0 in user mode at the beginning of what it was asked to do.
 */
static void run_until_vcpu_1_is_preempted(struct vcpu_world *w)
{
	vcpu_world_start(w);
	while (!vcpu_of_world(w, 1)->dy.preempted || !vcpu_is_spinning(vcpu_of_world(w, 0)))
		vcpu_world_run(w, sim_next_time(&w->engine));
	proceed(w, 0);
}

static struct vcpu_world *open_spinner(const char *candidate)
{
	struct vcpu_world *w = vcpu_world_open(4, 3);

	w->candidate = candidate;
	w->on_cpu[0] = 0;
	w->on_cpu[1] = w->on_cpu[2] = 1;
	w->on_cpu[3] = 2;
	SCRIPT(w, 0, USER_SPIN, SPIN);
	SCRIPT(w, 1, KERNEL_WORK(90 * MS));
	SCRIPT(w, 2, KERNEL_WORK(90 * MS));
	SCRIPT(w, 3, WORK(90 * MS));
	return w;
}

/* ---- Costs ---------------------------------------------------------------------------------- */

static void a_pause_exit_without_candidate_costs_15_ns_for_each_vcpu(void **state)
{
	for (int n = 2; n <= 16; n += 7) {
		struct vcpu_world *w = vcpu_world_open(n, n);

		w->candidate = "mainline";
		SCRIPT(w, 0, SPIN);
		for (int i = 1; i < n; i++)
			SCRIPT(w, i, WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run(w, START_NS + WINDOW_NS + 500 + 15 * n - 1);
		assert_false(vcpu_is_spinning(vcpu_of_world(w, 0)));
		run_for(w, 1);
		assert_true(vcpu_is_spinning(vcpu_of_world(w, 0)));
		assert_int_equal(vcpu_time_in(w, 0, VCPU_EXIT), 250 + 500 + 15 * n);
		assert_int_equal(stats(w)->yield.tried, 0);
		vcpu_world_close(w);
	}
}

static void a_yield_that_fails_costs_another_250_ns(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 2);

	/* The candidate has been woken, and is on its way to its idle CPU. */
	w->candidate = "mainline";
	SCRIPT(w, 0, WORK(50 * US), SEND_IPI(1, 0xfb), SPIN);
	SCRIPT(w, 1, HALT, WORK(10 * MS));
	vcpu_world_start(w);
	run_until_exits(w, 1);
	vcpu_world_run_until(w, vcpu_is_spinning, 0, 1 * MS);

	assert_int_equal(stats(w)->yield.tried, 1);
	assert_int_equal(stats(w)->yield.taken, 0);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_EXIT), 250 + 600 + 500 + 15 * 2 + 250);
	assert_int_equal(now_of_world(w), START_NS + 50 * US + 600 + WINDOW_NS + 780);
	vcpu_world_close(w);
}

static void without_a_policy_there_are_no_pause_exits(void **state)
{
	struct vcpu_world *w = open_spinner("none");

	run_until_vcpu_1_is_preempted(w);
	run_for(w, 5 * MS);
	assert_int_equal(exits_of_world(w, EXIT_PAUSE), 0);
	assert_int_equal(vcpu_of_world(w, 0)->ple_window, 0);
	vcpu_world_close(w);
}

static void only_amd_sees_pause_loops_in_user_mode(void **state)
{
	for (int type = PLE_INTEL; type <= PLE_AMD; type++) {
		struct vcpu_world *w = vcpu_world_open(2, 2);

		w->candidate = "mainline";
		w->kvm_config.ple.type = type;
		SCRIPT(w, 0, USER_SPIN);
		SCRIPT(w, 1, WORK(10 * MS));
		vcpu_world_start(w);
		/* 3000 times 55 cycles at 2.5 GHz. */
		vcpu_world_run(w, START_NS + 66 * US);
		assert_int_equal(exits_of_world(w, EXIT_PAUSE), type == PLE_AMD);
		vcpu_world_close(w);
	}
}

/* ---- Windows -------------------------------------------------------------------------------- */

/* T20 */
static void the_window_doubles_at_each_exit_while_nothing_is_switched(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 2);
	int64_t at = START_NS;

	w->candidate = "mainline";
	w->host_config.hz = 0; /* the first tick is after 10 ms */
	SCRIPT(w, 0, SPIN);
	SCRIPT(w, 1, WORK(50 * MS));
	vcpu_world_start(w);
	for (int k = 0; k < 11; k++) {
		assert_int_equal(vcpu_of_world(w, 0)->ple_window, UINT32_C(4096) << k);
		at += (INT64_C(4096) << k) * 2 / 5;
		vcpu_world_run(w, at - 1);
		assert_int_equal(exits_of_world(w, EXIT_PAUSE), k);
		vcpu_world_run(w, at);
		assert_int_equal(exits_of_world(w, EXIT_PAUSE), k + 1);
		at += 500 + 2 * 15;
		vcpu_world_run(w, at);
	}
	vcpu_world_close(w);
}

/* T20 */
static void a_futile_yield_leaves_the_window_and_a_switch_resets_it(void **state)
{
	struct vcpu_world *w = open_spinner("mainline");
	struct vcpu *spinner;

	w->nr_vcpus = 5;
	w->on_cpu[4] = 0;
	SCRIPT(w, 4, TIMER_AT(40 * MS), HALT, WORK(90 * MS));
	run_until_vcpu_1_is_preempted(w);
	spinner = vcpu_of_world(w, 0);
	run_until_exits(w, 5);
	run_for(w, 1 * US);
	/* Every yield was taken, but on its own CPU there is nobody else. */
	assert_int_equal(stats(w)->yield.taken, 5);
	assert_int_equal(stats(w)->yield.cross_rq, 5);
	assert_int_equal(spinner->ple_window, 4096 << 5);
	assert_false(spinner->dy.scheduled_out);

	vcpu_world_run_until(w, vcpu_is_preempted, 0, 60 * MS);
	assert_true(spinner->ple_window > 4096);
	vcpu_world_run_until(w, vcpu_is_in_guest, 0, 60 * MS);
	assert_int_equal(spinner->ple_window, 4096);
	vcpu_world_close(w);
}

static void an_interrupt_makes_the_detector_begin_anew(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = vcpu_world_open(2, 2);

		/* In the middle of the first window, with an exit or without one. */
		w->candidate = "mainline";
		w->kvm_config.apicv = apicv;
		SCRIPT(w, 0, SPIN);
		SCRIPT(w, 1, SEND_IPI(0, 0xfb), WORK(10 * MS));
		vcpu_world_start(w);
		vcpu_world_run_until(w, vcpu_took_interrupt, 0, 1 * MS);
		assert_int_equal(exits_of_world(w, EXIT_PAUSE), 0);
		vcpu_world_run_until(w, vcpu_is_spinning, 0, 1 * MS);
		run_for(w, WINDOW_NS - 1);
		assert_int_equal(exits_of_world(w, EXIT_PAUSE), 0);
		run_for(w, 1);
		assert_int_equal(exits_of_world(w, EXIT_PAUSE), 1);
		vcpu_world_close(w);
	}
}

/* ---- What a yield leaves behind ------------------------------------------------------------- */

static void the_tail_of_a_yield_runs_when_the_yielder_does(void **state)
{
	struct vcpu_world *w = vcpu_world_open(7, 4);
	static const int cpus[] = {0, 1, 1, 0, 2, 3, 3};
	struct vcpu *yielder, *other;

	/*
	 * 3 spins beside 0, 4 spins alone; 1 and 2 share a CPU, and so do 5 and 6, so that of each
	 * pair one is always preempted.
	 */
	w->candidate = "mainline";
	for (int i = 0; i < 7; i++) {
		w->on_cpu[i] = cpus[i];
		SCRIPT(w, i, KERNEL_WORK(90 * MS));
	}
	SCRIPT(w, 3, USER_SPIN, SPIN);
	SCRIPT(w, 4, USER_SPIN, SPIN);
	vcpu_world_start(w);
	yielder = vcpu_of_world(w, 3);
	other = vcpu_of_world(w, 4);
	while (!vcpu_is_spinning(yielder) || !vcpu_of_world(w, 0)->dy.ready ||
	       vcpu_of_world(w, 6)->dy.ready)
		vcpu_world_run(w, sim_next_time(&w->engine));

	/* The first of the rotation from 6 that is ready is 0; the second yield gives it the CPU.
	 */
	proceed(w, 3);
	while (!vcpu_has_yielded(yielder)) {
		w->vm.dy.last_boosted = 5;
		vcpu_world_run(w, sim_next_time(&w->engine));
	}
	assert_ptr_equal(yielder->boosted, &vcpu_of_world(w, 0)->dy);
	assert_true(yielder->dy.in_spin_loop);
	assert_true(yielder->dy.ready && yielder->dy.preempted && yielder->dy.preempted_in_kernel);
	assert_int_equal(w->vm.dy.last_boosted, 5);

	/* Meanwhile 6 is preempted. Another spinner finds it, as it starts from the old index. */
	vcpu_world_run_until(w, vcpu_is_preempted, 6, now_of_world(w) + 10 * MS);
	assert_true(vcpu_has_yielded(yielder));
	assert_true(vcpu_of_world(w, 1)->dy.ready || vcpu_of_world(w, 2)->dy.ready);
	proceed(w, 4);
	run_until_exits(w, 3);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->yield.taken, 3);
	assert_int_equal(w->vm.dy.last_boosted, 6);
	assert_false(other->dy.in_spin_loop);

	/* Then the first yielder runs, and only now its own choice counts. */
	sim_cancel(&w->engine, &other->completion);
	vcpu_world_run_until(w, vcpu_is_in_guest, 3, now_of_world(w) + 30 * MS);
	assert_false(yielder->dy.in_spin_loop);
	assert_false(vcpu_has_yielded(yielder));
	assert_int_equal(w->vm.dy.last_boosted, 0);
	vcpu_world_close(w);
}

/* T4 */
static void a_yielder_off_its_cpu_is_refused_at_every_other_scan(void **state)
{
	struct vcpu_world *w = vcpu_world_open(3, 2);
	struct vcpu *yielder;

	w->candidate = "mainline";
	w->on_cpu[0] = w->on_cpu[1] = 0;
	w->on_cpu[2] = 1;
	SCRIPT(w, 0, USER_SPIN, SPIN);
	SCRIPT(w, 1, KERNEL_WORK(90 * MS));
	SCRIPT(w, 2, USER_SPIN, SPIN);
	vcpu_world_start(w);
	yielder = vcpu_of_world(w, 0);
	while (!vcpu_is_spinning(yielder) || !vcpu_of_world(w, 1)->dy.ready)
		vcpu_world_run(w, sim_next_time(&w->engine));
	proceed(w, 0);
	vcpu_world_run_until(w, vcpu_has_yielded, 0, now_of_world(w) + 3 * US);
	assert_int_equal(stats(w)->yield.same_rq, 1);

	proceed(w, 2);
	run_until_exits(w, 2);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->yield.tried, 1);
	assert_true(yielder->dy.dy_eligible);
	run_until_exits(w, 3);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->yield.tried, 2);
	assert_false(yielder->dy.dy_eligible);
	vcpu_world_close(w);
}

/* ---- Tracked IPIs --------------------------------------------------------------------------- */

/* The receiver, vCPU 1, is preempted in user mode; the sender sends and then spins. */
static struct vcpu_world *open_sender(const char *candidate)
{
	struct vcpu_world *w = open_spinner(candidate);

	SCRIPT(w, 0, USER_SPIN, SEND_IPI(1, 0xfb), SPIN);
	SCRIPT(w, 1, WORK(90 * MS));
	SCRIPT(w, 2, WORK(90 * MS));
	w->scripts[0].actions[1].awaited = true;
	return w;
}

static void an_ipi_receiver_in_user_mode_is_boosted_by_the_series_alone(void **state)
{
	for (int series = 0; series <= 1; series++) {
		struct vcpu_world *w = open_sender(series ? "v3_strict" : "mainline");

		run_until_vcpu_1_is_preempted(w);
		w->scripts[0].waits_for = 1;
		run_until_exits(w, 1);
		run_for(w, 1 * US);
		assert_int_equal(stats(w)->taken_by_reason[OVERSUB_REASON_IPI_RECEIVER], series);
		assert_int_equal(stats(w)->hint.all.taken, series);
		assert_int_equal(stats(w)->hint.all.right, series);
		assert_int_equal(stats(w)->hint.all.had_right, 1);
		assert_int_equal(stats(w)->hint.verdicts[HINT_STALE] +
					 stats(w)->hint.verdicts[HINT_POLLUTED],
				 0);
		vcpu_world_close(w);
	}
}

static void a_reset_of_the_sender_ends_its_relation(void **state)
{
	struct vcpu_world *w = open_sender("v3_strict");

	run_until_vcpu_1_is_preempted(w);
	run_for(w, 1 * US);
	vcpu_reset(vcpu_of_world(w, 0));
	run_until_exits(w, 1);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->hint.all.taken, 0);
	vcpu_world_close(w);
}

static void an_eoi_that_is_seen_ends_the_relation(void **state)
{
	for (int apicv = KVM_APICV_OFF; apicv <= KVM_APICV_ON; apicv++) {
		struct vcpu_world *w = open_sender("v3_strict");

		w->kvm_config.apicv = apicv;
		SCRIPT(w, 0, USER_SPIN, SEND_IPI(1, 0xfb), USER_SPIN, SPIN);
		w->scripts[0].actions[1].awaited = true;
		run_until_vcpu_1_is_preempted(w);
		vcpu_world_run_until(w, vcpu_took_interrupt, 1, 40 * MS);
		run_for(w, 100 * US);
		vcpu_world_run_until(w, vcpu_is_preempted, 1, 40 * MS);
		proceed(w, 0);
		run_until_exits(w, 1);
		run_for(w, 1 * US);
		/* With APICv KVM sees no EOI, and yields to one on whom nobody waits. */
		assert_int_equal(stats(w)->hint.all.taken, apicv);
		assert_int_equal(stats(w)->hint.verdicts[HINT_STALE], apicv);
		assert_int_equal(stats(w)->hint.all.right, 0);
		vcpu_world_close(w);
	}
}

static void a_yield_for_an_ipi_that_nobody_waits_for_is_polluted(void **state)
{
	struct vcpu_world *w = open_sender("v3_strict");

	w->scripts[0].actions[1].awaited = false;
	run_until_vcpu_1_is_preempted(w);
	run_until_exits(w, 1);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->hint.all.taken, 1);
	assert_int_equal(stats(w)->hint.verdicts[HINT_POLLUTED], 1);
	assert_int_equal(stats(w)->hint.verdicts[HINT_STALE], 0);
	vcpu_world_close(w);
}

/* ---- The truth ------------------------------------------------------------------------------ */

static void the_right_target_is_the_first_on_the_chain_without_a_cpu(void **state)
{
	struct vcpu_world *w = open_spinner("mainline");

	/* 0 waits for 3, which runs and waits for 1. */
	SCRIPT(w, 3, USER_SPIN);
	w->scripts[0].waits_for = 3;
	w->scripts[3].waits_for = 1;
	run_until_vcpu_1_is_preempted(w);
	run_until_exits(w, 1);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->hint.all.had_right, 1);
	assert_int_equal(stats(w)->hint.all.taken, 1);
	assert_int_equal(stats(w)->hint.all.right, 1);
	vcpu_world_close(w);
}

static void a_chain_that_ends_in_a_running_vcpu_has_no_right_target(void **state)
{
	struct vcpu_world *w = open_spinner("mainline");

	w->scripts[0].waits_for = 3;
	run_until_vcpu_1_is_preempted(w);
	run_until_exits(w, 1);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->hint.all.had_right, 0);
	assert_int_equal(stats(w)->hint.all.taken, 1);
	assert_int_equal(stats(w)->hint.all.right, 0);
	vcpu_world_close(w);
}

static void a_sleeping_vcpu_is_no_right_target(void **state)
{
	struct vcpu_world *w = open_spinner("mainline");

	SCRIPT(w, 3, HALT, WORK(90 * MS));
	w->scripts[0].waits_for = 3;
	run_until_vcpu_1_is_preempted(w);
	run_until_exits(w, 1);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->hint.all.had_right, 0);
	vcpu_world_close(w);
}

static void a_circle_of_waits_has_no_right_target(void **state)
{
	struct vcpu_world *w = open_spinner("mainline");

	SCRIPT(w, 3, USER_SPIN);
	w->scripts[0].waits_for = 3;
	w->scripts[3].waits_for = 0;
	run_until_vcpu_1_is_preempted(w);
	run_until_exits(w, 1);
	run_for(w, 1 * US);
	assert_int_equal(stats(w)->hint.all.had_right, 0);
	vcpu_world_close(w);
}

static void every_taken_yield_is_honoured_or_futile_in_the_end(void **state)
{
	struct vcpu_world *w = open_spinner("mainline");
	const struct yield_stats *yield;
	uint64_t pending = 0;

	run_until_vcpu_1_is_preempted(w);
	run_for(w, 50 * MS);
	yield = &stats(w)->yield;
	for (int i = 0; i < 3; i++)
		pending += w->host.cpus[i].nominee != NULL;
	assert_true(yield->taken > 10);
	assert_int_equal(yield->taken, yield->honoured + yield->futile + pending);
	assert_int_equal(yield->taken, yield->same_rq + yield->cross_rq);
	assert_int_equal(yield->tried, yield->taken + yield->refused + yield->esrch);
	vcpu_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_exit_without_candidate_costs_15_ns_for_each_vcpu),
		cmocka_unit_test(a_yield_that_fails_costs_another_250_ns),
		cmocka_unit_test(without_a_policy_there_are_no_pause_exits),
		cmocka_unit_test(only_amd_sees_pause_loops_in_user_mode),
		cmocka_unit_test(the_window_doubles_at_each_exit_while_nothing_is_switched),
		cmocka_unit_test(a_futile_yield_leaves_the_window_and_a_switch_resets_it),
		cmocka_unit_test(an_interrupt_makes_the_detector_begin_anew),
		cmocka_unit_test(the_tail_of_a_yield_runs_when_the_yielder_does),
		cmocka_unit_test(a_yielder_off_its_cpu_is_refused_at_every_other_scan),
		cmocka_unit_test(an_ipi_receiver_in_user_mode_is_boosted_by_the_series_alone),
		cmocka_unit_test(a_reset_of_the_sender_ends_its_relation),
		cmocka_unit_test(an_eoi_that_is_seen_ends_the_relation),
		cmocka_unit_test(a_yield_for_an_ipi_that_nobody_waits_for_is_polluted),
		cmocka_unit_test(the_right_target_is_the_first_on_the_chain_without_a_cpu),
		cmocka_unit_test(a_chain_that_ends_in_a_running_vcpu_has_no_right_target),
		cmocka_unit_test(a_sleeping_vcpu_is_no_right_target),
		cmocka_unit_test(a_circle_of_waits_has_no_right_target),
		cmocka_unit_test(every_taken_yield_is_honoured_or_futile_in_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
