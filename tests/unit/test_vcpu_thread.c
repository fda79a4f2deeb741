/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vCPU as a thread of the host: what the flags that directed yield reads say after each
 * transition, where its time goes, and how it polls and sleeps in HLT.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vcpu_world.h"

/* The flags as letters, for comparison: see flag_letters. */
static const char *flags(const struct vcpu *vcpu)
{
	static _Thread_local char text[8];
	const struct oversub_vcpu *dy = &vcpu->dy;

	snprintf(text, sizeof(text), "%s%s%s%s%s", dy->ready ? "r" : "", dy->preempted ? "p" : "",
		 dy->preempted_in_kernel ? "k" : "", dy->blocking ? "b" : "",
		 dy->scheduled_out ? "o" : "");
	return text;
}

/* Ready, preempted, preempted in kernel, blocking, scheduled out. */
#define assert_flags(vcpu_, letters_) assert_string_equal(flags(vcpu_), letters_)

/* A device interrupt for vcpu, from its own CPU. */
static void interrupt(struct vcpu_world *w, int vcpu)
{
	struct vcpu *target = vcpu_of_world(w, vcpu);

	vcpu_device_interrupt(target, 0x30, target->task.cpu);
}

/* vcpu asks for so short slices that it preempts others when it wakes up. Before the start. */
static void make_urgent(struct vcpu_world *w, int vcpu)
{
	assert_true(eevdf_set_slice(&vcpu_of_world(w, vcpu)->task.se, 100 * US, 0));
}

/* ---- Flags ---------------------------------------------------------------------------------- */

static void a_preempted_vcpu_is_ready_and_its_cpl_is_sampled(void **state)
{
	for (int kernel = 0; kernel <= 1; kernel++) {
		struct vcpu_world *w = vcpu_world_open(2, 1);
		struct vcpu *vcpu;

		SCRIPT(w, 0, kernel ? KERNEL_WORK(50 * MS) : WORK(50 * MS));
		SCRIPT(w, 1, WORK(50 * MS));
		vcpu_world_start(w);
		vcpu = vcpu_of_world(w, 0);
		assert_flags(vcpu, "");
		vcpu_world_run_until(w, vcpu_is_in_guest, 0, 20 * MS);
		assert_flags(vcpu, "");
		vcpu_world_run_until(w, vcpu_is_preempted, 0, 20 * MS);
		assert_flags(vcpu, kernel ? "rpko" : "rpo");
		vcpu_world_run_until(w, vcpu_is_in_guest, 0, 20 * MS);
		/* What was sampled stays. */
		assert_flags(vcpu, kernel ? "k" : "");
		vcpu_world_close(w);
	}
}

static void a_blocked_vcpu_is_neither_ready_nor_preempted(void **state)
{
	struct vcpu_world *w = vcpu_world_open(1, 1);

	SCRIPT(w, 0, HALT, WORK(10 * US));
	vcpu_world_start(w);
	vcpu_world_run_until(w, vcpu_is_asleep, 0, 1 * MS);
	assert_flags(vcpu_of_world(w, 0), "bo");
	vcpu_world_close(w);
}

static void a_woken_vcpu_is_ready_and_blocking_until_it_runs(void **state)
{
	struct vcpu_world *w = vcpu_world_open(1, 1);
	struct vcpu *vcpu;

	w->candidate = "mainline";
	SCRIPT(w, 0, HALT, WORK(10 * US));
	vcpu_world_start(w);
	vcpu = vcpu_of_world(w, 0);
	vcpu_world_run(w, 1 * MS);
	interrupt(w, 0);
	assert_flags(vcpu, "rbo");
	assert_true(oversub_vcpu_dy_runnable(&vcpu->dy));
	/* The whole way through idle exit and switch. */
	vcpu_world_run(w, 1 * MS + 1550 + 1300 - 1);
	assert_flags(vcpu, "rbo");
	vcpu_world_run(w, 1 * MS + 1550 + 1300);
	assert_flags(vcpu, "");
	vcpu_world_close(w);
}

static void a_sleeper_that_stays_queued_is_not_preempted(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 1);
	struct vcpu *vcpu;

	/* It has run more than its share when it halts. */
	SCRIPT(w, 0, WORK(500 * US), HALT, WORK(10 * US));
	SCRIPT(w, 1, WORK(50 * MS));
	vcpu_world_start(w);
	vcpu = vcpu_of_world(w, 0);
	vcpu_world_run_until(w, vcpu_is_asleep, 0, 20 * MS);
	assert_true(vcpu->task.se.on_rq);
	assert_true(vcpu->task.se.delayed);
	assert_flags(vcpu, "bo");

	interrupt(w, 0);
	assert_false(vcpu->task.se.delayed);
	assert_flags(vcpu, "rbo");
	vcpu_world_run(w, 20 * MS);
	assert_int_equal(w->scripts[0].nr_taken, 1);
	vcpu_world_close(w);
}

static void a_vcpu_in_user_space_looks_as_if_nothing_had_happened(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 1);
	struct vcpu *vcpu;

	w->host_config.preempt = HOST_PREEMPT_FULL;
	SCRIPT(w, 0, WORK(5 * MS), DEVICE_IO, WORK(10 * MS));
	SCRIPT(w, 1, HALT, WORK(1 * MS));
	vcpu_world_start(w);
	make_urgent(w, 1);
	vcpu = vcpu_of_world(w, 0);
	while (!w->scripts[0].began[1])
		vcpu_world_run(w, sim_next_time(&w->engine));
	assert_int_equal(vcpu->phase, VCPU_EXITING);
	vcpu->ple_window = 12345;
	interrupt(w, 1);
	vcpu_world_run(w, now_of_world(w) + 1150);
	/* Off its CPU, though runnable, and outside KVM_RUN. */
	assert_false(vcpu->task.on_cpu);
	assert_true(vcpu->task.se.on_rq);
	assert_flags(vcpu, "");
	assert_false(vcpu->dy.wants_to_run);
	vcpu_world_run_until(w, vcpu_is_in_guest, 0, 20 * MS);
	assert_true(vcpu->dy.wants_to_run);
	assert_int_equal(vcpu->ple_window, 12345);
	vcpu_world_close(w);
}

static void a_halting_vcpu_gives_way_before_it_sleeps(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 1);
	struct vcpu *vcpu;

	w->host_config.preempt = HOST_PREEMPT_FULL;
	SCRIPT(w, 0, WORK(5 * MS), HALT, WORK(10 * MS));
	SCRIPT(w, 1, HALT, WORK(1 * MS));
	vcpu_world_start(w);
	make_urgent(w, 1);
	vcpu = vcpu_of_world(w, 0);
	while (!w->scripts[0].began[1])
		vcpu_world_run(w, sim_next_time(&w->engine));
	interrupt(w, 1);
	vcpu_world_run(w, now_of_world(w) + 250);
	/* A false candidate: nothing will come of it but sleep. */
	assert_flags(vcpu, "rpko");
	vcpu_world_run_until(w, vcpu_is_asleep, 0, 20 * MS);
	assert_flags(vcpu, "kbo");
	vcpu_world_close(w);
}

/* A vCPU that polls while one that shares its CPU sleeps. */
static struct vcpu_world *open_poller(int64_t preempt)
{
	struct vcpu_world *w = vcpu_world_open(2, 1);

	w->host_config.preempt = preempt;
	w->kvm_config.halt_poll.halt_poll_ns = 200 * US;
	/* The first, short halt opens the window. */
	SCRIPT(w, 0, WORK(1 * MS), TIMER_AT(2050 * US), HALT, WORK(1 * MS), HALT, WORK(10 * MS));
	SCRIPT(w, 1, HALT, WORK(100 * US));
	vcpu_world_start(w);
	make_urgent(w, 1);
	vcpu_of_world(w, 0)->halt_poll_ns = 100 * US;
	while (!w->scripts[0].began[4])
		vcpu_world_run(w, sim_next_time(&w->engine));
	vcpu_world_run_until(w, vcpu_is_polling, 0, 20 * MS);
	assert_flags(vcpu_of_world(w, 0), "");
	return w;
}

static void a_vcpu_preempted_while_it_polls_is_a_false_candidate(void **state)
{
	struct vcpu_world *w = open_poller(HOST_PREEMPT_FULL);
	struct vcpu *vcpu = vcpu_of_world(w, 0);

	interrupt(w, 1);
	vcpu_world_run(w, now_of_world(w));
	assert_flags(vcpu, "rpko");
	assert_int_equal(vcpu->time_state, VCPU_STEAL);
	/* When it is back its window is over. */
	vcpu_world_run_until(w, vcpu_is_asleep, 0, 20 * MS);
	assert_flags(vcpu, "kbo");
	vcpu_world_close(w);
}

static void a_poll_ends_at_once_when_the_cpu_has_another_task(void **state)
{
	struct vcpu_world *w = open_poller(HOST_PREEMPT_LAZY);
	struct vcpu *vcpu = vcpu_of_world(w, 0);
	int64_t polled = vcpu_time_in(w, 0, VCPU_POLL);

	interrupt(w, 1);
	vcpu_world_run(w, now_of_world(w));
	assert_int_equal(vcpu->phase, VCPU_BLOCKING);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_POLL), polled);
	vcpu_world_run_until(w, vcpu_is_asleep, 0, 20 * MS);
	/* It went of its own will. */
	assert_flags(vcpu, "bo");
	vcpu_world_close(w);
}

/* ---- Halt polling --------------------------------------------------------------------------- */

static void a_window_grows_with_short_halts_and_shrinks_with_long_ones(void **state)
{
	static const int64_t halts[] = {50 * US, 50 * US, 15 * US, 5 * MS, 5 * MS};
	static const uint32_t windows[] = {10000, 20000, 20000, 10000, 0};
	struct vcpu_world *w = vcpu_world_open(1, 1);
	int64_t at = 1 * MS;

	w->kvm_config.halt_poll.halt_poll_ns = 200 * US;
	/* Each halt is ended by a timer. */
	for (int i = 0; i < 5; i++) {
		w->scripts[0].actions[2 * i] = TIMER_AT(at + halts[i]);
		w->scripts[0].actions[2 * i + 1] = HALT;
		at += 10 * MS;
	}
	w->scripts[0].nr = 10;
	vcpu_world_start(w);
	at = 1 * MS;
	for (int i = 0; i < 5; i++) {
		struct script_taken *taken = &w->scripts[0].taken[i];
		int64_t slept = vcpu_time_in(w, 0, VCPU_HALT);
		int64_t expiry;

		/* The timer is moved so that the halt lasts as long as it should. */
		while (w->scripts[0].at < 2 * i + 2)
			vcpu_world_run(w, sim_next_time(&w->engine));
		expiry = now_of_world(w) + 250 + halts[i];
		sim_schedule(&w->engine, &w->vm.vcpus[0].lapic_timer, expiry);
		while (!taken->injected)
			vcpu_world_run(w, sim_next_time(&w->engine));
		assert_int_equal(vcpu_of_world(w, 0)->halt_poll_ns, windows[i]);
		/* Within the window: it polled, and never slept. */
		if (halts[i] == 15 * US) {
			assert_int_equal(vcpu_time_in(w, 0, VCPU_HALT), slept);
			assert_int_equal(taken->injected, expiry + 250);
		} else {
			assert_true(vcpu_time_in(w, 0, VCPU_HALT) > slept);
		}
	}
	vcpu_world_close(w);
}

static void a_vcpu_with_company_never_polls(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 1);

	w->kvm_config.halt_poll.halt_poll_ns = 200 * US;
	SCRIPT(w, 0, TIMER_AT(2 * MS), HALT, TIMER_AT(4 * MS), HALT, TIMER_AT(6 * MS), HALT,
	       WORK(1 * MS));
	SCRIPT(w, 1, WORK(50 * MS));
	vcpu_world_start(w);
	vcpu_of_world(w, 0)->halt_poll_ns = 100 * US;
	vcpu_world_run(w, 20 * MS);

	assert_int_equal(w->scripts[0].at, 7);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_POLL), 0);
	vcpu_world_close(w);
}

/* ---- Time ----------------------------------------------------------------------------------- */

static void the_way_from_wake_up_to_the_cpu_is_steal_not_halt(void **state)
{
	struct vcpu_world *w = vcpu_world_open(1, 1);

	SCRIPT(w, 0, HALT, WORK(10 * MS));
	vcpu_world_start(w);
	vcpu_world_run(w, 1 * MS);
	interrupt(w, 0);
	vcpu_world_run(w, 2 * MS);

	/* Up to the first entry, and from the wake-up to the thread. */
	assert_int_equal(vcpu_time_in(w, 0, VCPU_STEAL), 1550 + 1300 + 1550 + 1300);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_HALT), 1 * MS - (START_NS + 1500));
	vcpu_world_close(w);
}

static void a_segment_is_split_at_the_end_of_the_warm_up(void **state)
{
	struct vcpu_world *w = vcpu_world_open(2, 2);
	int64_t sum = 0;

	w->host_config.costs.cache_refill_ns = 100 * US;
	SCRIPT(w, 0, WORK(1 * MS), SPIN);
	SCRIPT(w, 1, SPIN);
	vcpu_world_start(w);
	/* In the middle of the refill, of the work and of a spin. */
	vcpu_world_run(w, 50 * US);
	kvm_vm_reset_stats(&w->vm);
	w->counted_from = now_of_world(w);
	vcpu_world_run(w, 60 * US);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_REFILL), 10 * US);
	assert_int_equal(vcpu_time_in(w, 1, VCPU_SPIN), 10 * US);
	vcpu_world_run(w, 500 * US);
	kvm_vm_reset_stats(&w->vm);
	w->counted_from = now_of_world(w);
	vcpu_world_run(w, 2 * MS);

	assert_int_equal(w->scripts[0].began[1], START_NS + 100 * US + 1 * MS);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_WORK), w->scripts[0].began[1] - 500 * US);
	for (int t = 0; t < VCPU_TIMES; t++)
		sum += vcpu_time_in(w, 0, (enum vcpu_time)t);
	assert_int_equal(sum, 1500 * US);
	/* So that the final check adds up. */
	w->vm.vcpus[0].stats.time_in[VCPU_WORK] += 500 * US;
	w->vm.vcpus[1].stats.time_in[VCPU_WORK] += 500 * US;
	vcpu_world_close(w);
}

static void refill_is_owed_for_time_away_and_paid_by_work_alone(void **state)
{
	struct vcpu_world *w = vcpu_world_open(1, 1);

	w->host_config.costs.cache_refill_ns = 100 * US;
	w->host_config.costs.cache_refill_tau_ns = 5 * MS;
	/* All at the start; after 1 ms of sleep a fifth. */
	SCRIPT(w, 0, WORK(200 * US), HALT, SPIN, WORK(200 * US));
	vcpu_world_start(w);
	vcpu_world_run_until(w, vcpu_is_asleep, 0, 1 * MS);
	assert_int_equal(vcpu_time_in(w, 0, VCPU_REFILL), 100 * US);
	vcpu_world_run(w, now_of_world(w) + 1 * MS - 1550);
	interrupt(w, 0);
	vcpu_world_run(w, now_of_world(w) + 1550);
	assert_int_equal(vcpu_of_world(w, 0)->task.refill_ns, 20 * US);
	vcpu_world_run_until(w, vcpu_is_spinning, 0, 5 * MS);
	/* The way to the handler paid it. */
	assert_int_equal(vcpu_time_in(w, 0, VCPU_REFILL), 120 * US);
	vcpu_world_close(w);
}

/* 10 us * min(away / 5 ms, 1). */
static void refill_grows_in_proportion_to_the_time_away_up_to_tau(void **state)
{
	static const struct {
		int64_t away_ns, refill_ns;
	} cases[] = {{20 * US, 40},
		     {100 * US, 200},
		     {1 * MS, 2 * US},
		     {5 * MS, 10 * US},
		     {50 * MS, 10 * US}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct vcpu_world *w = vcpu_world_open(1, 1);

		w->host_config.costs.cache_refill_ns = 10 * US;
		w->host_config.costs.cache_refill_tau_ns = 5 * MS;
		SCRIPT(w, 0, WORK(200 * US), HALT, SPIN);
		vcpu_world_start(w);
		vcpu_world_run_until(w, vcpu_is_asleep, 0, 1 * MS);
		/* The last 1550 ns are on the way from the interrupt to the CPU. */
		vcpu_world_run(w, now_of_world(w) + cases[i].away_ns - 1550);
		interrupt(w, 0);
		vcpu_world_run(w, now_of_world(w) + 1550);
		assert_int_equal(vcpu_of_world(w, 0)->task.refill_ns, cases[i].refill_ns);
		vcpu_world_run_until(w, vcpu_is_spinning, 0, 100 * MS);
		vcpu_world_close(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_preempted_vcpu_is_ready_and_its_cpl_is_sampled),
		cmocka_unit_test(a_blocked_vcpu_is_neither_ready_nor_preempted),
		cmocka_unit_test(a_woken_vcpu_is_ready_and_blocking_until_it_runs),
		cmocka_unit_test(a_sleeper_that_stays_queued_is_not_preempted),
		cmocka_unit_test(a_vcpu_in_user_space_looks_as_if_nothing_had_happened),
		cmocka_unit_test(a_halting_vcpu_gives_way_before_it_sleeps),
		cmocka_unit_test(a_vcpu_preempted_while_it_polls_is_a_false_candidate),
		cmocka_unit_test(a_poll_ends_at_once_when_the_cpu_has_another_task),
		cmocka_unit_test(a_window_grows_with_short_halts_and_shrinks_with_long_ones),
		cmocka_unit_test(a_vcpu_with_company_never_polls),
		cmocka_unit_test(the_way_from_wake_up_to_the_cpu_is_steal_not_halt),
		cmocka_unit_test(a_segment_is_split_at_the_end_of_the_warm_up),
		cmocka_unit_test(refill_is_owed_for_time_away_and_paid_by_work_alone),
		cmocka_unit_test(refill_grows_in_proportion_to_the_time_away_up_to_tau),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
