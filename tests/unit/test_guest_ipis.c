/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPIs that guests send without waiting for them, and what they do to a tracker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/policies/ipi_track.h"
#include "models/workload/program.h"
#include "sim/run/world.h"
#include "tests/unit/checked_run.h"
#include "tests/unit/guest_world.h"

#define US		  INT64_C(1000)
#define MS		  INT64_C(1000000)

#define RESCHED(target_)  OP(.kind = OP_RESCHED, .target = (target_))
#define IRQ_WORK(target_) OP(.kind = OP_IRQ_WORK, .target = (target_), .function_ns = 500)
#define RCU_EXPEDITED	  OP(.kind = OP_RCU_EXPEDITED, .function_ns = 500)

static void a_reschedule_ipi_goes_to_each_target_and_nobody_waits(void **state)
{
	struct guest_world *w = guest_world_open(4);

	WORLD_ADD(w, RUN(10 * US), RESCHED(OP_TARGET_OTHERS), RESCHED(OP_TARGET_NEXT));
	for (int i = 1; i < 4; i++)
		WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfd), 2);
	assert_int_equal(guest_world_count_interrupts(w, 2, 0xfd), 1);
	assert_int_equal(guest_world_count_interrupts(w, 3, 0xfd), 1);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_SPIN), 0);
	assert_int_equal(w->vm.stats.ipis_unicast, 4);
	guest_world_close(w);
}

static void irq_work_for_this_cpu_is_a_self_ipi(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, RUN(10 * US), IRQ_WORK(OP_TARGET_SELF), RUN(10 * US));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_interrupts(w, 0, 0xf6), 1);
	assert_int_equal(w->guest.stats.calls_served, 0);
	guest_world_close(w);
}

static void irq_work_for_another_cpu_uses_its_list_of_calls(void **state)
{
	struct guest_world *w = guest_world_open(2);

	WORLD_ADD(w, RUN(10 * US), IRQ_WORK(OP_TARGET_NEXT));
	WORLD_ADD(w, RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfb), 1);
	assert_int_equal(w->guest.stats.calls_served, 1);
	assert_int_equal(guest_world_count_actions(w, 0, GUEST_SPIN), 0);
	guest_world_close(w);
}

static void a_grace_period_asks_each_busy_cpu_and_ends_with_the_last_answer(void **state)
{
	struct guest_world *w = guest_world_open(4);

	/* vCPU 1 is idle, vCPU 3 answers late. */
	WORLD_ADD(w, RUN(50 * US), REQUEST(3), RCU_EXPEDITED, REQUEST_END(1));
	WORLD_ADD(w, RUN(10 * US));
	WORLD_ADD(w, RUN(1 * MS));
	WORLD_ADD(w, RUN_IRQS_OFF(400 * US), RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 200 * US);
	assert_true(w->guest.threads[0].asleep);
	guest_world_run(w, 2 * MS);

	assert_int_equal(guest_world_count_interrupts(w, 1, 0xfb), 0);
	assert_int_equal(guest_world_count_interrupts(w, 2, 0xfb), 1);
	assert_int_equal(guest_world_count_interrupts(w, 3, 0xfb), 1);
	assert_int_equal(w->guest.instance.stats.requests[0].count, 1);
	assert_in_range(w->guest.instance.stats.requests[0].min, 350 * US, 370 * US);
	guest_world_close(w);
}

static void a_grace_period_of_idle_cpus_ends_at_once(void **state)
{
	struct guest_world *w = guest_world_open(3);

	WORLD_ADD(w, RUN(50 * US), REQUEST(3), RCU_EXPEDITED, REQUEST_END(1));
	guest_world_start(w);
	guest_world_run(w, 1 * MS);

	assert_int_equal(w->guest.instance.stats.requests[0].count, 1);
	assert_true(w->guest.instance.stats.requests[0].max < 1 * US);
	assert_int_equal(w->vm.stats.ipis_sent, 0);
	guest_world_close(w);
}

static void the_burst_of_a_grace_period_leaves_a_tracker_at_its_last_target(void **state)
{
	struct guest_world *w = guest_world_open(4);
	const struct ipi_track *track;

	/* It has called vCPU 1 and waited; then it asks all, and vCPU 3 does not answer yet. */
	w->candidate = "v3";
	WORLD_ADD(w, RUN(50 * US), CALL_CPU(1, 500, .wait = 1), RCU_EXPEDITED);
	WORLD_ADD(w, RUN(1 * MS));
	WORLD_ADD(w, RUN(1 * MS));
	WORLD_ADD(w, RUN_IRQS_OFF(400 * US), RUN(1 * MS));
	guest_world_start(w);
	guest_world_run(w, 200 * US);

	track = oversub_vcpu_private(&w->vm.vcpus[0].dy);
	assert_int_equal(track->last_receiver, 3);
	assert_true(track->pending);
	assert_int_equal(w->vm.stats.ipis_unicast, 4);
	/* Nobody spins for it: its thread sleeps. */
	assert_null(guest_vcpu_ops.waits_for(&w->vm.vcpus[0]));
	guest_world_close(w);
}

/* ---- The shipped scenario ------------------------------------------------------------------- */

/* Unicast IPIs a second and vCPU of a VM that is alone. */
static double hackbench_ipis(const char *set)
{
	char texts[4][40] = {"vms.db.count=1", "run.measure=60ms", "run.warmup=20ms"};
	struct scenario_override list[4];
	struct scenario_overrides overrides = {.list = list};
	struct scenario *scenario;
	struct replication_result result;
	struct oversub_error error = {""};
	double value;

	snprintf(texts[3], sizeof(texts[3]), "%s", set);
	for (int i = 0; i < 4; i++, overrides.nr++)
		assert_int_equal(scenario_override_parse(texts[i], &list[i], &error), OVERSUB_OK);
	if (scenario_load("hackbench", &overrides, &scenario, &error) ||
	    world_run(scenario, 0, &checked_run, &result, &error))
		fail_msg("%s", error.message);
	value = result_find(&result, "vm.db", "ipis_unicast_per_s")->value;
	result_free(&result);
	scenario_free(scenario);
	return value / 16;
}

static void hackbench_sends_as_many_unicast_ipis_as_it_is_said_to(void **state)
{
	double ipis = hackbench_ipis("guest.haltpoll=false");

	assert_true(ipis > 5000 && ipis < 30000);
	/* Idle CPUs that poll need none, only those on their way into the idle loop. */
	assert_true(hackbench_ipis("guest.haltpoll=true") < 0.7 * ipis);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reschedule_ipi_goes_to_each_target_and_nobody_waits),
		cmocka_unit_test(irq_work_for_this_cpu_is_a_self_ipi),
		cmocka_unit_test(irq_work_for_another_cpu_uses_its_list_of_calls),
		cmocka_unit_test(a_grace_period_asks_each_busy_cpu_and_ends_with_the_last_answer),
		cmocka_unit_test(a_grace_period_of_idle_cpus_ends_at_once),
		cmocka_unit_test(the_burst_of_a_grace_period_leaves_a_tracker_at_its_last_target),
		cmocka_unit_test(hackbench_sends_as_many_unicast_ipis_as_it_is_said_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
