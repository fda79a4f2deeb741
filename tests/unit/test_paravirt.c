/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest does with steal time and the hypercalls that KVM offers it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/guest_world.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

/* Run, event by event, until the condition holds of vcpu; fails if it does not by the limit. */
static void run_until(struct guest_world *world, bool (*condition)(const struct vcpu *), int vcpu,
		      int64_t limit)
{
	while (!condition(&world->vm.vcpus[vcpu])) {
		int64_t time = sim_next_time(&world->engine);

		if (time > limit)
			fail_msg("vCPU %d does not get there by %lld ns", vcpu, (long long)limit);
		guest_world_run(world, time);
	}
}

static bool is_preempted(const struct vcpu *vcpu)
{
	return vcpu->dy.preempted && !vcpu->task.on_cpu;
}

static bool runs_again(const struct vcpu *vcpu)
{
	return vcpu_executing(vcpu);
}

static bool has_yielded(const struct vcpu *vcpu)
{
	return vcpu->boosted && !vcpu->task.on_cpu;
}

/*
 * vCPU 0 flushes now and then; vCPU 1 shares its CPU with vCPU 2, and both compute. So one of the
 * two is always preempted by the tick.
 */
static struct guest_world *flushes_of_preempted_vcpus(void)
{
	struct guest_world *w = guest_world_open(3);

	w->kvm_config.steal_time = 1;
	w->kvm_config.pv_tlb_flush = 1;
	w->affinity[2] = w->affinity[1];
	WORLD_ADD(w, RUN(1 * MS), FOREVER(4), RUN(100 * US), FLUSH(1), LOOP_END(1));
	for (int i = 1; i <= 2; i++)
		WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	return w;
}

/* ---- Steal time ----------------------------------------------------------------------------- */

static void a_vcpu_preempted_by_the_tick_is_reported_until_it_runs_again(void **state)
{
	struct guest_world *w = flushes_of_preempted_vcpus();
	const struct vcpu *vcpu;

	guest_world_start(w);
	vcpu = &w->vm.vcpus[1];
	run_until(w, runs_again, 1, 20 * MS);
	run_until(w, is_preempted, 1, 40 * MS);
	assert_true(vcpu_reported_preempted(vcpu));
	run_until(w, runs_again, 1, 60 * MS);
	assert_false(vcpu_reported_preempted(vcpu));
	assert_true(w->vm.stats.reported_preempted > 0);
	guest_world_close(w);
}

static void without_steal_time_nobody_is_reported(void **state)
{
	struct guest_world *w = flushes_of_preempted_vcpus();

	w->kvm_config.steal_time = 0;
	guest_world_start(w);
	run_until(w, runs_again, 1, 20 * MS);
	run_until(w, is_preempted, 1, 40 * MS);
	assert_false(vcpu_reported_preempted(&w->vm.vcpus[1]));
	guest_world_run(w, 60 * MS);
	assert_int_equal(w->guest.stats.tlb_left_to_host, 0);
	guest_world_close(w);
}

/*
 * vCPU 1 spins for a call on vCPU 2, which has interrupts off, on the same CPU. vCPU 0, elsewhere,
 * flushes after a time.
 */
static struct guest_world *a_spinner_that_yields(int64_t flush_ns)
{
	struct guest_world *w = guest_world_open(3);

	w->candidate = "mainline";
	w->kvm_config.steal_time = 1;
	w->kvm_config.pv_tlb_flush = 1;
	w->affinity[2] = w->affinity[1];
	WORLD_ADD(w, RUN(flush_ns), FLUSH(1));
	WORLD_ADD(w, RUN(20 * MS), CALL_CPU(2, 500, .wait = 1), RUN(1 * MS));
	WORLD_ADD(w, RUN_IRQS_OFF(200 * MS));
	return w;
}

static void a_vcpu_that_yielded_in_a_pause_loop_is_not_reported(void **state)
{
	struct guest_world *w = a_spinner_that_yields(1000 * MS);

	guest_world_start(w);
	run_until(w, has_yielded, 1, 200 * MS);
	assert_true(w->vm.vcpus[1].dy.preempted);
	assert_false(vcpu_reported_preempted(&w->vm.vcpus[1]));
	guest_world_close(w);
}

static void a_host_before_5_19_reports_a_vcpu_that_yielded(void **state)
{
	struct guest_world *w = a_spinner_that_yields(1000 * MS);

	w->kvm_config.report_yielded = 1;
	guest_world_start(w);
	run_until(w, has_yielded, 1, 200 * MS);
	assert_true(vcpu_reported_preempted(&w->vm.vcpus[1]));
	guest_world_close(w);
}

static void a_halted_vcpu_is_not_reported(void **state)
{
	struct guest_world *w = guest_world_open(2);

	w->kvm_config.steal_time = 1;
	WORLD_ADD(w, RUN(1 * MS));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 20 * MS);
	assert_int_equal(w->vm.vcpus[1].task.state, TASK_SLEEPING);
	assert_false(vcpu_reported_preempted(&w->vm.vcpus[1]));
	guest_world_close(w);
}

/* ---- PV TLB flush (T24) --------------------------------------------------------------------- */

static void a_pv_flush_leaves_a_vcpu_preempted_by_the_tick_to_the_host(void **state)
{
	struct guest_world *w = flushes_of_preempted_vcpus();

	guest_world_start(w);
	guest_world_run(w, 100 * MS);
	assert_true(w->guest.stats.tlb_left_to_host > 100);
	assert_in_range(w->vm.stats.tlb_flushes_at_entry, 10, w->guest.stats.tlb_left_to_host);
	/* The other one answers at once: a flush waits only if the tick comes in between. */
	assert_true(w->guest.stats.tlb_flush.count > 700);
	guest_world_close(w);
}

static void a_plain_flush_waits_for_a_preempted_vcpu_instead(void **state)
{
	struct guest_world *w = flushes_of_preempted_vcpus();

	w->kvm_config.pv_tlb_flush = 0;
	guest_world_start(w);
	guest_world_run(w, 100 * MS);
	assert_int_equal(w->guest.stats.tlb_left_to_host, 0);
	assert_int_equal(w->vm.stats.tlb_flushes_at_entry, 0);
	assert_true(w->guest.stats.tlb_flush.max > 1 * MS);
	assert_true(w->guest.stats.tlb_flush.count < 100);
	guest_world_close(w);
}

static void a_pv_flush_interrupts_a_vcpu_that_yielded_and_waits_for_it(void **state)
{
	struct guest_world *w = a_spinner_that_yields(1000 * MS);
	int64_t yielded;

	/* When does it yield? What vCPU 0 does elsewhere does not change that. */
	guest_world_start(w);
	run_until(w, has_yielded, 1, 200 * MS);
	yielded = sim_now(&w->engine);
	guest_world_close(w);

	w = a_spinner_that_yields(yielded + 20 * US);
	guest_world_start(w);
	guest_world_run(w, yielded + 100 * US);
	assert_true(has_yielded(&w->vm.vcpus[1]));
	assert_int_equal(w->guest.stats.tlb_left_to_host, 0);
	/* Its csd is queued, and vCPU 0 spins. */
	assert_int_not_equal(w->guest.cpus[1].calls.first, GUEST_NO_CSD);
	assert_int_equal(w->guest.cpus[0].wait.kind, GUEST_WAIT_CSD);
	guest_world_run(w, 500 * MS);
	assert_int_equal(w->guest.stats.tlb_flush.count, 1);
	assert_true(w->guest.stats.tlb_flush.min > 1 * MS);
	guest_world_close(w);
}

/* ---- PV send-IPI ---------------------------------------------------------------------------- */

/* vCPU 0 flushes on vCPUs 1 to 3; vCPU 4 idles without a thread, lazy, and is no target. */
static struct guest_world *a_flush_on_some(void)
{
	struct guest_world *w = guest_world_open(5);

	WORLD_ADD(w, RUN(100 * US), FLUSH(1));
	for (int i = 1; i <= 3; i++)
		WORLD_ADD(w, RUN(1 * MS));
	return w;
}

static void an_ipi_to_some_is_one_hypercall(void **state)
{
	struct guest_world *w = a_flush_on_some();
	const struct guest_action *call = NULL;

	w->kvm_config.pv_send_ipi = 1;
	guest_world_start(w);
	guest_world_run(w, 2 * MS);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_ICR), 0);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_HYPERCALL), 1);
	for (int i = 0; i < w->nr_notes; i++)
		if (w->notes[i].vector < 0 && w->notes[i].action.kind == GUEST_HYPERCALL)
			call = &w->notes[i].action;
	assert_int_equal(call->hypercall, HYPERCALL_SEND_IPI);
	assert_int_equal(call->icr.dest, 1);
	assert_int_equal(call->mask[0], 7);
	assert_false(call->interrupts);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(guest_world_count_interrupts(w, i, GUEST_VECTOR_CALL_FUNCTION), 1);
	assert_int_equal(w->vm.stats.exits[EXIT_HYPERCALL], 1);
	assert_int_equal(w->vm.stats.ipis_sent, 3);
	assert_int_equal(w->vm.stats.ipis_unicast, 0);
	assert_int_equal(w->guest.stats.tlb_flush.count, 1);
	guest_world_close(w);
}

static void an_ipi_to_some_is_one_write_per_target_without_it(void **state)
{
	struct guest_world *w = a_flush_on_some();

	guest_world_start(w);
	guest_world_run(w, 2 * MS);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_ICR), 3);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_HYPERCALL), 0);
	guest_world_close(w);
}

static void an_ipi_to_one_or_all_others_stays_an_icr_write(void **state)
{
	struct guest_world *w = guest_world_open(3);

	w->kvm_config.pv_send_ipi = 1;
	WORLD_ADD(w, RUN(100 * US), CALL_CPU(2, 500, .wait = 1), CALL_OTHERS(500, .wait = 1));
	for (int i = 1; i <= 2; i++)
		WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_ICR), 2);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_HYPERCALL), 0);
	guest_world_close(w);
}

static void a_hypercall_that_sends_costs_more_per_target(void **state)
{
	int64_t latency[2];

	for (int i = 0; i < 2; i++) {
		struct guest_world *w = a_flush_on_some();

		w->kvm_config.pv_send_ipi = 1;
		w->kvm_config.costs.hypercall_ns = 10 * US;
		w->kvm_config.costs.hypercall_target_ns = i * 100 * US;
		guest_world_start(w);
		guest_world_run(w, 2 * MS);
		latency[i] = w->guest.stats.tlb_flush.max;
		guest_world_close(w);
	}
	/* Half of the 300 us passes before the IPIs leave. The targets' work overlaps the rest. */
	assert_in_range(latency[1] - latency[0], 290 * US, 300 * US);
}

/* ---- PV sched yield ------------------------------------------------------------------------- */

/*
 * vCPU 0 calls functions on all others. vCPU 1 runs; vCPU 2 is preempted by the tick now and then;
 * vCPU 3 computes on the CPU of vCPU 0 or 2.
 */
static struct guest_world *calls_of_preempted_vcpus(int with)
{
	struct guest_world *w = guest_world_open(4);

	w->kvm_config.steal_time = 1;
	w->kvm_config.pv_sched_yield = 1;
	w->affinity[3] = w->affinity[with];
	WORLD_ADD(w, RUN(1 * MS), FOREVER(4), RUN(100 * US), CALL_OTHERS(500, .wait = 1),
		  LOOP_END(1));
	for (int i = 1; i <= 3; i++)
		WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	return w;
}

static void the_sender_yields_to_a_preempted_receiver_on_its_cpu(void **state)
{
	struct guest_world *w = calls_of_preempted_vcpus(0);
	int64_t slow;

	guest_world_start(w);
	guest_world_run(w, 200 * MS);
	assert_true(w->vm.stats.pv_yields_asked > 20);
	assert_true(w->vm.stats.pv_yield.taken > 10);
	assert_int_equal(w->vm.stats.hint.all.exits, 0);
	slow = w->guest.stats.smp_call.max;
	guest_world_close(w);

	/* Without it, it spins its slice out first. */
	w = calls_of_preempted_vcpus(0);
	w->kvm_config.pv_sched_yield = 0;
	guest_world_start(w);
	guest_world_run(w, 200 * MS);
	assert_int_equal(w->vm.stats.pv_yields_asked, 0);
	assert_true(w->guest.stats.smp_call.max > slow / 2);
	guest_world_close(w);
}

static void a_sender_that_is_alone_on_its_cpu_does_not_yield(void **state)
{
	struct guest_world *w = calls_of_preempted_vcpus(2);

	guest_world_start(w);
	guest_world_run(w, 100 * MS);
	assert_true(w->vm.stats.pv_yields_asked > 5);
	assert_int_equal(w->vm.stats.pv_yield.tried, 0);
	guest_world_close(w);
}

static void a_call_on_one_target_does_not_yield(void **state)
{
	struct guest_world *w = guest_world_open(2);

	w->kvm_config.steal_time = 1;
	w->kvm_config.pv_sched_yield = 1;
	w->affinity[1] = w->affinity[0];
	WORLD_ADD(w, FOREVER(3), RUN(100 * US), CALL_CPU(1, 500, .wait = 1), LOOP_END(0));
	WORLD_ADD(w, FOREVER(2), RUN(1 * MS), LOOP_END(0));
	guest_world_start(w);
	guest_world_run(w, 100 * MS);
	assert_true(w->guest.stats.smp_call.count > 5);
	assert_int_equal(w->vm.stats.pv_yields_asked, 0);
	guest_world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vcpu_preempted_by_the_tick_is_reported_until_it_runs_again),
		cmocka_unit_test(without_steal_time_nobody_is_reported),
		cmocka_unit_test(a_vcpu_that_yielded_in_a_pause_loop_is_not_reported),
		cmocka_unit_test(a_host_before_5_19_reports_a_vcpu_that_yielded),
		cmocka_unit_test(a_halted_vcpu_is_not_reported),
		cmocka_unit_test(a_pv_flush_leaves_a_vcpu_preempted_by_the_tick_to_the_host),
		cmocka_unit_test(a_plain_flush_waits_for_a_preempted_vcpu_instead),
		cmocka_unit_test(a_pv_flush_interrupts_a_vcpu_that_yielded_and_waits_for_it),
		cmocka_unit_test(an_ipi_to_some_is_one_hypercall),
		cmocka_unit_test(an_ipi_to_some_is_one_write_per_target_without_it),
		cmocka_unit_test(an_ipi_to_one_or_all_others_stays_an_icr_write),
		cmocka_unit_test(a_hypercall_that_sends_costs_more_per_target),
		cmocka_unit_test(the_sender_yields_to_a_preempted_receiver_on_its_cpu),
		cmocka_unit_test(a_sender_that_is_alone_on_its_cpu_does_not_yield),
		cmocka_unit_test(a_call_on_one_target_does_not_yield),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
