/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The truth behind hints, where it is known by construction: what a spinner waits for, where its
 * chain of waits ends, and what a yield was worth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/run/world.h"
#include "tests/unit/guest_world.h"
#include "tests/unit/vcpu_world.h"

/* ---- Chains of scripted vCPUs --------------------------------------------------------------- */

/*
 * vCPU 0 has CPU 0 for itself, 1 and 2 share CPU 1, 3 has CPU 2. 0 spins from when 1 has been
 * preempted.
 */
static struct vcpu_world *open_chain(void)
{
	struct vcpu_world *w = vcpu_world_open(4, 3);

	w->candidate = "mainline";
	w->on_cpu[0] = 0;
	w->on_cpu[1] = w->on_cpu[2] = 1;
	w->on_cpu[3] = 2;
	SCRIPT(w, 0, USER_SPIN, SPIN);
	SCRIPT(w, 1, KERNEL_WORK(90 * MS));
	SCRIPT(w, 2, WORK(90 * MS));
	SCRIPT(w, 3, WORK(90 * MS));
	return w;
}

static void waits(struct vcpu_world *w, int vcpu, enum vcpu_wait wait, int other)
{
	w->scripts[vcpu].waits_for = other;
	w->scripts[vcpu].wait = wait;
}

/* Up to the first pause-loop exit of vCPU 0, and the yield that follows. */
static const struct hint_stats *first_exit(struct vcpu_world *w)
{
	vcpu_world_start(w);
	while (!vcpu_of_world(w, 1)->dy.preempted || !vcpu_is_spinning(vcpu_of_world(w, 0)))
		vcpu_world_run(w, sim_next_time(&w->engine));
	vcpu_end_spin(vcpu_of_world(w, 0), 0);
	while (exits_of_world(w, EXIT_PAUSE) < 1)
		vcpu_world_run(w, sim_next_time(&w->engine));
	vcpu_world_run(w, now_of_world(w) + 1 * US);
	assert_int_equal(w->vm.stats.hint.all.exits, 1);
	return &w->vm.stats.hint;
}

static void a_call_to_a_preempted_receiver_is_a_csd_wait_of_one_hop(void **state)
{
	struct vcpu_world *w = open_chain();
	const struct hint_stats *hint;

	waits(w, 0, VCPU_WAIT_CSD, 1);
	hint = first_exit(w);
	assert_int_equal(hint->by_wait[VCPU_WAIT_CSD].exits, 1);
	assert_int_equal(hint->by_wait[VCPU_WAIT_CSD].had_right, 1);
	assert_int_equal(hint->by_wait[VCPU_WAIT_CSD].right, 1);
	assert_int_equal(hint->ends[CHAIN_FIRST], 1);
	assert_int_equal(hint->verdicts[HINT_RIGHT], 1);
	assert_int_equal(hint->hops, 1);
	assert_int_equal(hint->irqs_off, 0);
	vcpu_world_close(w);
}

/* 0 waits for 3, which runs with interrupts off and waits for 1, which does not run. */
static void behind_a_receiver_with_interrupts_off_the_holder_is_right(void **state)
{
	struct vcpu_world *w = open_chain();
	const struct hint_stats *hint;

	SCRIPT(w, 3, USER_SPIN_IRQS_OFF);
	waits(w, 0, VCPU_WAIT_CSD, 3);
	waits(w, 3, VCPU_WAIT_LOCK_HOLDER, 1);
	hint = first_exit(w);
	assert_int_equal(hint->by_wait[VCPU_WAIT_CSD].had_right, 1);
	assert_int_equal(hint->ends[CHAIN_SECOND], 1);
	assert_int_equal(hint->hops, 2);
	assert_int_equal(hint->irqs_off, 1);
	/* The scan comes to 1, which was preempted in the kernel. */
	assert_int_equal(hint->verdicts[HINT_RIGHT], 1);
	vcpu_world_close(w);
}

static void a_receiver_that_can_take_interrupts_needs_nobody_to_answer(void **state)
{
	struct vcpu_world *w = open_chain();
	const struct hint_stats *hint;

	SCRIPT(w, 3, USER_SPIN);
	waits(w, 0, VCPU_WAIT_TLB, 3);
	waits(w, 3, VCPU_WAIT_LOCK_HOLDER, 1);
	hint = first_exit(w);
	assert_int_equal(hint->by_wait[VCPU_WAIT_TLB].exits, 1);
	assert_int_equal(hint->all.had_right, 0);
	assert_int_equal(hint->ends[CHAIN_RUNNING], 1);
	assert_int_equal(hint->hops, 0);
	assert_int_equal(hint->verdicts[HINT_WRONG], 1);
	vcpu_world_close(w);
}

static void a_chain_that_ends_in_a_sleeping_vcpu_has_no_right_target(void **state)
{
	struct vcpu_world *w = open_chain();
	const struct hint_stats *hint;

	SCRIPT(w, 3, HALT, WORK(90 * MS));
	waits(w, 0, VCPU_WAIT_SLEEPING_LOCK, 3);
	hint = first_exit(w);
	assert_int_equal(hint->by_wait[VCPU_WAIT_SLEEPING_LOCK].exits, 1);
	assert_int_equal(hint->ends[CHAIN_HALTED], 1);
	assert_int_equal(hint->all.had_right, 0);
	vcpu_world_close(w);
}

static void who_waits_for_nobody_has_no_chain(void **state)
{
	struct vcpu_world *w = open_chain();
	const struct hint_stats *hint = first_exit(w);

	assert_int_equal(hint->by_wait[VCPU_WAIT_OTHER].exits, 1);
	assert_int_equal(hint->ends[CHAIN_NOBODY], 1);
	vcpu_world_close(w);
}

/* 0 waits for 1, which is off its CPU, and that one for 3. */
static void what_is_not_right_may_still_be_on_the_chain(void **state)
{
	static const struct {
		int target;
		bool ipi, awaited;
		enum hint_verdict verdict;
	} yields[] = {
		{1, true, true, HINT_RIGHT},	 {3, true, true, HINT_ALSO_NEEDED},
		{2, false, true, HINT_WRONG},	 {2, true, true, HINT_STALE},
		{2, true, false, HINT_POLLUTED}, {3, false, false, HINT_ALSO_NEEDED},
	};
	struct vcpu_world *w = open_chain();
	struct hint_stats counted = {0};
	struct wait_chain chain;

	SCRIPT(w, 1, USER_SPIN);
	waits(w, 0, VCPU_WAIT_LOCK_QUEUE, 1);
	waits(w, 1, VCPU_WAIT_LOCK_HOLDER, 3);
	first_exit(w);
	chain = vcpu_wait_chain(vcpu_of_world(w, 0));
	for (size_t i = 0; i < sizeof(yields) / sizeof(*yields); i++) {
		uint64_t before = counted.verdicts[yields[i].verdict];

		hint_count_taken(&counted, &chain, vcpu_of_world(w, 0),
				 vcpu_of_world(w, yields[i].target), yields[i].ipi,
				 yields[i].awaited);
		assert_int_equal(counted.verdicts[yields[i].verdict], before + 1);
		assert_int_equal(counted.all.taken, i + 1);
	}
	vcpu_world_close(w);
}

/* A policy may remember older relations than that of the last IPI. */
static void whether_an_ipi_was_waited_for_is_remembered_by_receiver(void **state)
{
	struct vcpu_world *w = open_chain();

	SCRIPT(w, 0, SEND_IPI(1, 0xfb), SEND_IPI(3, 0xfd), SEND_IPI(2, 0xfb), SEND_IPI(2, 0xfd),
	       WORK(1 * MS));
	w->scripts[0].actions[0].awaited = true;
	w->scripts[0].actions[2].awaited = true;
	vcpu_world_start(w);
	vcpu_world_run(w, 100 * US);
	assert_int_equal(w->scripts[0].at, 5);
	assert_int_equal(vcpu_of_world(w, 0)->ipis_awaited[0], 1 << 1);
	vcpu_world_close(w);
}

/* ---- What guests wait for ------------------------------------------------------------------- */

static enum vcpu_wait kind_of(const struct guest_world *w, int vcpu)
{
	return guest_vcpu_ops.wait_kind(&w->vm.vcpus[vcpu]);
}

static void calls_and_flushes_are_told_apart(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, CALL_CPU(2, 500, .wait = 1));
	WORLD_ADD(w, FLUSH(1));
	WORLD_ADD(w, RUN_IRQS_OFF(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 200 * US);
	assert_int_equal(kind_of(w, 0), VCPU_WAIT_CSD);
	assert_int_equal(kind_of(w, 1), VCPU_WAIT_TLB);
	assert_int_equal(kind_of(w, 2), VCPU_WAIT_OTHER);
	guest_world_close(w);
}

/*
 * 0 has queued a call on 1 and found its list empty, so that it owes the IPI, but must first wait
 * for 2 to run an earlier call. 3, which calls 1 meanwhile, sends none.
 */
static void a_call_behind_one_without_ipi_waits_for_who_owes_it(void **state)
{
	struct guest_world *w = guest_world_open(4);
	const struct vcpu *vcpus;

	WORLD_ADD(w, CALL_OTHERS(500), RUN(30 * US), CALL_OTHERS(500));
	WORLD_ADD(w, RUN(90 * MS));
	WORLD_ADD(w, RUN_IRQS_OFF(1 * MS));
	WORLD_ADD(w, RUN(100 * US), CALL_CPU(1, 500, .wait = 1));
	guest_world_start(w);
	guest_world_run(w, 300 * US);
	vcpus = w->vm.vcpus;
	assert_ptr_equal(guest_vcpu_ops.waits_for(&vcpus[0]), &vcpus[2]);
	assert_ptr_equal(guest_vcpu_ops.waits_for(&vcpus[3]), &vcpus[0]);
	assert_true(guest_vcpu_ops.answers(&vcpus[0], &vcpus[2]));
	assert_false(guest_vcpu_ops.answers(&vcpus[3], &vcpus[0]));
	guest_world_run(w, 2 * MS);
	assert_null(guest_vcpu_ops.waits_for(&vcpus[3]));
	guest_world_close(w);
}

/* vCPU 0 holds the lock for a long time, 1 and 2 wait for it in this order. */
static struct guest_world *open_waiters(enum lock_kind kind)
{
	struct guest_world *w = guest_world_open(4);

	w->lock.kind = kind;
	WORLD_ADD(w, LOCK(), RUN_KERNEL(90 * MS), UNLOCK);
	WORLD_ADD(w, RUN(50 * US), LOCK(), UNLOCK);
	WORLD_ADD(w, RUN(100 * US), LOCK(), UNLOCK);
	return w;
}

static void only_a_queue_makes_a_waiter_wait_for_another_waiter(void **state)
{
	static const struct {
		enum lock_kind kind;
		enum vcpu_wait first, second;
	} locks[] = {
		{LOCK_QUEUED, VCPU_WAIT_LOCK_HOLDER, VCPU_WAIT_LOCK_QUEUE},
		{LOCK_TAS, VCPU_WAIT_LOCK_HOLDER, VCPU_WAIT_LOCK_HOLDER},
		/* Of a guest without pv_unhalt: test-and-set as well. */
		{LOCK_SPINLOCK, VCPU_WAIT_LOCK_HOLDER, VCPU_WAIT_LOCK_HOLDER},
		{LOCK_MUTEX, VCPU_WAIT_SLEEPING_LOCK, VCPU_WAIT_SLEEPING_LOCK},
	};

	for (size_t i = 0; i < sizeof(locks) / sizeof(*locks); i++) {
		struct guest_world *w = open_waiters(locks[i].kind);

		guest_world_start(w);
		guest_world_run(w, 200 * US);
		assert_int_equal(kind_of(w, 0), VCPU_WAIT_OTHER);
		assert_int_equal(kind_of(w, 1), locks[i].first);
		assert_int_equal(kind_of(w, 2), locks[i].second);
		guest_world_close(w);
	}
}

/* Run until vCPU could run, but does not, while the other one spins. */
static void run_until_off_cpu(struct guest_world *w, int vcpu, int spinner, int64_t limit)
{
	for (int64_t now = sim_now(&w->engine); now < limit; now += 20 * US) {
		const struct vcpu *off = &w->vm.vcpus[vcpu];

		guest_world_run(w, now);
		if (off->dy.preempted && vcpu_executing(&w->vm.vcpus[spinner]) &&
		    w->vm.vcpus[spinner].action.kind == GUEST_SPIN)
			return;
	}
	fail_msg("vCPU %d is not preempted while %d spins", vcpu, spinner);
}

static void behind_a_preempted_waiter_the_holder_is_not_the_right_target(void **state)
{
	struct guest_world *w = open_waiters(LOCK_QUEUED);
	struct wait_chain chain;

	/* vCPU 3 computes on the CPU of the first waiter. */
	w->affinity[3] = w->affinity[1];
	WORLD_ADD(w, RUN(90 * MS));
	guest_world_start(w);
	guest_world_run(w, 200 * US);
	run_until_off_cpu(w, 1, 2, 80 * MS);
	chain = vcpu_wait_chain(&w->vm.vcpus[2]);
	assert_int_equal(chain.wait, VCPU_WAIT_LOCK_QUEUE);
	assert_ptr_equal(chain.right, &w->vm.vcpus[1]);
	assert_int_equal(chain.end, CHAIN_FIRST);

	/* When it runs, the chain leads on to the holder, who runs as well. */
	while (w->vm.vcpus[1].dy.preempted)
		guest_world_run(w, sim_now(&w->engine) + 20 * US);
	chain = vcpu_wait_chain(&w->vm.vcpus[2]);
	assert_null(chain.right);
	assert_int_equal(chain.end, CHAIN_RUNNING);
	guest_world_close(w);
}

/* The same as above with scripts, by way of the guest kernel: 2 calls 1, which waits for 0. */
static void the_holder_behind_an_irqsave_waiter_is_two_hops_away(void **state)
{
	for (int irqsave = 0; irqsave <= 1; irqsave++) {
		struct guest_world *w = guest_world_open(4);
		struct hint_stats counted = {0};
		struct wait_chain chain;

		w->affinity[3] = w->affinity[0];
		WORLD_ADD(w, LOCK(), RUN_KERNEL(90 * MS), UNLOCK);
		WORLD_ADD(w, RUN(10 * US), LOCK(.irqsave = irqsave), UNLOCK);
		WORLD_ADD(w, FOREVER(2), CALL_CPU(1, 500, .wait = 1), LOOP_END(0));
		WORLD_ADD(w, RUN(90 * MS));
		guest_world_start(w);
		guest_world_run(w, 200 * US);
		run_until_off_cpu(w, 0, 2, 80 * MS);
		assert_int_equal(kind_of(w, 2), VCPU_WAIT_CSD);
		chain = vcpu_wait_chain(&w->vm.vcpus[2]);
		assert_ptr_equal(chain.right, irqsave ? &w->vm.vcpus[0] : NULL);
		assert_int_equal(chain.hops, irqsave ? 2 : 0);
		assert_int_equal(chain.irqs_off, irqsave);
		assert_int_equal(chain.end, irqsave ? CHAIN_SECOND : CHAIN_RUNNING);
		hint_count_taken(&counted, &chain, &w->vm.vcpus[2], &w->vm.vcpus[0], false, false);
		assert_int_equal(counted.verdicts[irqsave ? HINT_RIGHT : HINT_WRONG], 1);
		guest_world_close(w);
	}
}

/* 0 flushes on all others; 1 and 2 cannot answer, and 0 waits for 1 first. */
static void a_later_receiver_of_the_same_call_is_needed_as_well(void **state)
{
	struct guest_world *w = guest_world_open(4);
	struct hint_stats counted = {0};
	struct wait_chain chain;

	WORLD_ADD(w, RUN(10 * US), FLUSH(1));
	WORLD_ADD(w, RUN_IRQS_OFF(1 * MS));
	WORLD_ADD(w, RUN_IRQS_OFF(1 * MS));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 200 * US);
	assert_int_equal(kind_of(w, 0), VCPU_WAIT_TLB);
	chain = vcpu_wait_chain(&w->vm.vcpus[0]);
	hint_count_taken(&counted, &chain, &w->vm.vcpus[0], &w->vm.vcpus[2], true, true);
	assert_int_equal(counted.verdicts[HINT_ALSO_NEEDED], 1);
	/* 3 has answered. */
	hint_count_taken(&counted, &chain, &w->vm.vcpus[0], &w->vm.vcpus[3], true, true);
	assert_int_equal(counted.verdicts[HINT_STALE], 1);
	guest_world_close(w);
}

/*
 * vCPU 0 wakes the thread of 1, and then spins for a lock that 2 holds. 1 shares its CPU with 3, so
 * it is often off it when 0 exits: the series takes the reschedule IPI for one that is waited for.
 */
static void a_reschedule_ipi_pollutes_what_the_series_tracks(void **state)
{
	struct guest_world *w = guest_world_open(4);
	const struct hint_stats *hint = &w->vm.stats.hint;

	w->candidate = "v3_strict";
	w->kvm_config.apicv = KVM_APICV_ON;
	w->affinity[3] = w->affinity[1];
	WORLD_ADD(w, FOREVER(5), RUN(100 * US), WAKE, LOCK(), UNLOCK, LOOP_END(0));
	WORLD_ADD(w, FOREVER(3), WAIT, RUN(300 * US), LOOP_END(0));
	WORLD_ADD(w, FOREVER(4), LOCK(), RUN_KERNEL(2 * MS), UNLOCK, LOOP_END(0));
	WORLD_ADD(w, RUN(90 * MS));
	guest_world_start(w);
	guest_world_run(w, 80 * MS);
	assert_true(w->vm.stats.taken_by_reason[OVERSUB_REASON_IPI_RECEIVER] > 0);
	assert_int_equal(hint->verdicts[HINT_POLLUTED],
			 w->vm.stats.taken_by_reason[OVERSUB_REASON_IPI_RECEIVER]);
	assert_int_equal(hint->verdicts[HINT_STALE], 0);
	guest_world_close(w);
}

/* ---- What a run tells ----------------------------------------------------------------------- */

/* The sum of all metrics of db that begin with prefix. */
static double sum_of(const struct replication_result *result, const char *prefix)
{
	double sum = 0;

	for (size_t i = 0; i < result->nr_metrics; i++)
		if (!strcmp(result->metrics[i].scope, "vm.db") &&
		    !strncmp(result->metrics[i].name, prefix, strlen(prefix)))
			sum += result->metrics[i].value;
	return sum;
}

/* A short run of the shipped scenario of TLB flushes with a candidate policy. */
static struct replication_result run_tlb(const char *candidate)
{
	char sets[3][64] = {"run.measure=100ms", "run.warmup=20ms"};
	struct scenario_override list[3];
	struct scenario_overrides overrides = {.list = list, .nr = 3};
	struct replication_result result;
	struct oversub_error error = {""};
	struct scenario *scenario;

	snprintf(sets[2], sizeof(sets[2]), "yield.candidate.policy=%s", candidate);
	for (int i = 0; i < 3; i++)
		assert_int_equal(scenario_override_parse(sets[i], &list[i], &error), OVERSUB_OK);
	if (scenario_load("tlb", &overrides, &scenario, &error) ||
	    world_run(scenario, 0, NULL, &result, &error))
		fail_msg("%s", error.message);
	scenario_free(scenario);
	return result;
}

static double value_of(const struct replication_result *result, const char *name)
{
	assert_non_null(result_find(result, "vm.db", name));
	return result_find(result, "vm.db", name)->value;
}

static void every_yield_has_one_verdict_and_every_exit_one_kind(void **state)
{
	static const char *const verdicts[] = {"hint.precision", "hint.also_needed", "hint.stale",
					       "hint.polluted", "hint.wrong"};
	struct replication_result result = run_tlb("v3");
	double sum = 0;

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		sum += value_of(&result, verdicts[i]);
	assert_float_equal(sum, 1, 1e-9);
	assert_float_equal(sum_of(&result, "hint.exits."), 1, 1e-9);
	assert_float_equal(sum_of(&result, "hint.chain."), 1, 1e-9);
	assert_true(value_of(&result, "hint.exits.tlb") > 0);
	assert_true(value_of(&result, "hint.hops") >= 1);
	result_free(&result);
}

static void an_oracle_is_right_whatever_is_waited_for(void **state)
{
	static const char *const kinds[] = {
		"hint.precision.tlb",	  "hint.recall.tlb", "hint.precision.lock_queue",
		"hint.recall.lock_queue", "hint.precision",  "hint.recall"};
	struct replication_result result = run_tlb("oracle");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		assert_float_equal(value_of(&result, kinds[i]), 1, 0);
	result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_to_a_preempted_receiver_is_a_csd_wait_of_one_hop),
		cmocka_unit_test(behind_a_receiver_with_interrupts_off_the_holder_is_right),
		cmocka_unit_test(a_receiver_that_can_take_interrupts_needs_nobody_to_answer),
		cmocka_unit_test(a_chain_that_ends_in_a_sleeping_vcpu_has_no_right_target),
		cmocka_unit_test(who_waits_for_nobody_has_no_chain),
		cmocka_unit_test(what_is_not_right_may_still_be_on_the_chain),
		cmocka_unit_test(whether_an_ipi_was_waited_for_is_remembered_by_receiver),
		cmocka_unit_test(calls_and_flushes_are_told_apart),
		cmocka_unit_test(a_call_behind_one_without_ipi_waits_for_who_owes_it),
		cmocka_unit_test(only_a_queue_makes_a_waiter_wait_for_another_waiter),
		cmocka_unit_test(behind_a_preempted_waiter_the_holder_is_not_the_right_target),
		cmocka_unit_test(the_holder_behind_an_irqsave_waiter_is_two_hops_away),
		cmocka_unit_test(a_later_receiver_of_the_same_call_is_needed_as_well),
		cmocka_unit_test(a_reschedule_ipi_pollutes_what_the_series_tracks),
		cmocka_unit_test(every_yield_has_one_verdict_and_every_exit_one_kind),
		cmocka_unit_test(an_oracle_is_right_whatever_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
