/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One IPI of a trace, followed from send to EOI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/trace/journey.h"

/*
 * vm/vcpu0 on CPU 0 sends to vm/vcpu1, which other/vcpu0 has preempted on CPU 1. KVM yields to
 * vcpu2 on CPU 2 first, then to the right one, which runs, answers, and frees the sender.
 */
static const char text_of_trace[] =
	"vm/vcpu0 1 [000] 0.000000: kvm:kvm_entry: vcpu 0, rip 0x0\n"
	"vm/vcpu1 2 [001] 0.000000: kvm:kvm_entry: vcpu 1, rip 0x0\n"
	"vm/vcpu2 3 [002] 0.000000: kvm:kvm_entry: vcpu 2, rip 0x0\n"
	"vm/vcpu2 3 [002] 0.000900: sched:sched_switch: prev_state=S ==> next_comm=swapper/2 "
	"next_pid=0\n"
	"vm/vcpu1 2 [001] 0.001000: sched:sched_switch: prev_state=R ==> next_comm=other/vcpu0 "
	"next_pid=4\n"
	"other/vcpu0 4 [001] 0.001001: kvm:kvm_entry: vcpu 0, rip 0x0\n"
	"vm/vcpu0 1 [000] 0.002000: kvm:kvm_exit: vcpu 0 reason MSR_WRITE\n"
	"vm/vcpu0 1 [000] 0.002000: kvm:kvm_apic_ipi: dst 1 vec 251 "
	"(Fixed|physical|assert|edge|dst)\n"
	"vm/vcpu0 1 [000] 0.002001: kvm:kvm_entry: vcpu 0, rip 0x0\n"
	"vm/vcpu0 1 [000] 0.002001: oversub:spin_begin: vcpu=0 on=csd id=0x0 waits_for=1\n"
	"vm/vcpu0 1 [000] 0.002003: kvm:kvm_exit: vcpu 0 reason PAUSE_INSTRUCTION\n"
	"vm/vcpu0 1 [000] 0.002003: oversub:yield_to: vcpu=0 target_vcpu=2 target_comm=vm/vcpu2 "
	"target_pid=3 target_cpu=2 ret=1 right_vcpu=1\n"
	"vm/vcpu0 1 [000] 0.002004: kvm:kvm_entry: vcpu 0, rip 0x0\n"
	"swapper/2 0 [002] 0.002004: sched:sched_wakeup: comm=vm/vcpu2 pid=3 prio=120 "
	"target_cpu=002\n"
	"vm/vcpu0 1 [000] 0.002007: kvm:kvm_exit: vcpu 0 reason PAUSE_INSTRUCTION\n"
	"vm/vcpu0 1 [000] 0.002007: oversub:yield_to: vcpu=0 target_vcpu=1 target_comm=vm/vcpu1 "
	"target_pid=2 target_cpu=1 ret=1 right_vcpu=1\n"
	"other/vcpu0 4 [001] 0.002010: sched:sched_switch: prev_state=R ==> next_comm=vm/vcpu1 "
	"next_pid=2\n"
	"vm/vcpu1 2 [001] 0.002011: kvm:kvm_entry: vcpu 1, rip 0x0\n"
	"vm/vcpu1 2 [001] 0.002011: kvm:kvm_inj_virq: IRQ 0xfb\n"
	"vm/vcpu1 2 [001] 0.002012: kvm:kvm_eoi: apicid 1 vector 251\n"
	"vm/vcpu0 1 [000] 0.002014: kvm:kvm_entry: vcpu 0, rip 0x0\n"
	"vm/vcpu0 1 [000] 0.002050: oversub:spin_end: vcpu=0 on=csd id=0x0 ns=49000\n"
	"vm/vcpu0 1 [000] 0.003000: kvm:kvm_exit: vcpu 0 reason HLT\n";

static void read_text(const char *text, struct trace *trace)
{
	FILE *stream = fmemopen((void *)text, strlen(text), "r");
	struct oversub_error error;

	assert_non_null(stream);
	assert_int_equal(trace_read(stream, "text", 0, INT64_MAX, trace, &error), OVERSUB_OK);
	fclose(stream);
}

static const struct journey_interval *interval_of(const struct journey *journey, const char *name,
						  int64_t time)
{
	for (size_t i = 0; i < journey->nr_intervals; i++) {
		const struct journey_interval *interval = &journey->intervals[i];

		if (!strcmp(interval->task->comm, name) && interval->begin <= time &&
		    time < interval->end)
			return interval;
	}
	return NULL;
}

static void find(struct trace *trace, struct journey *journey)
{
	struct oversub_error error;
	bool found;

	read_text(text_of_trace, trace);
	assert_int_equal(journey_find(trace, 0, INT64_MAX, journey, &found, &error), OVERSUB_OK);
	assert_true(found);
}

static void an_ipi_is_followed_from_send_to_the_end_of_the_wait(void **state)
{
	static const struct {
		enum journey_step_kind kind;
		int64_t time;
		const char *task;
	} expected[] = {
		{JOURNEY_SENT, 2000000, "vm/vcpu0"},  {JOURNEY_SPIN_BEGINS, 2001000, "vm/vcpu0"},
		{JOURNEY_YIELD, 2003000, "vm/vcpu0"}, {JOURNEY_YIELD, 2007000, "vm/vcpu0"},
		{JOURNEY_RUNS, 2010000, "vm/vcpu1"},  {JOURNEY_INJECTED, 2011000, "vm/vcpu1"},
		{JOURNEY_EOI, 2012000, "vm/vcpu1"},   {JOURNEY_SPIN_ENDS, 2050000, "vm/vcpu0"},
	};
	struct trace trace;
	struct journey journey;

	find(&trace, &journey);
	assert_int_equal(journey.nr_steps, sizeof(expected) / sizeof(*expected));
	for (int i = 0; i < journey.nr_steps; i++) {
		assert_int_equal(journey.steps[i].kind, expected[i].kind);
		assert_int_equal(journey.steps[i].time, expected[i].time);
		assert_string_equal(journey.steps[i].task->comm, expected[i].task);
	}
	assert_int_equal(journey.vector, 0xfb);
	assert_false(journey.steps[2].right);
	assert_true(journey.steps[3].right);
	journey_free(&journey);
	trace_free(&trace);
}

static void sender_and_receiver_come_first_and_others_that_matter_follow(void **state)
{
	struct trace trace;
	struct journey journey;

	find(&trace, &journey);
	assert_int_equal(journey.nr_tasks, 4);
	assert_string_equal(journey.tasks[0]->comm, "vm/vcpu0");
	assert_string_equal(journey.tasks[1]->comm, "vm/vcpu1");
	assert_string_equal(journey.tasks[2]->comm, "vm/vcpu2");
	assert_string_equal(journey.tasks[3]->comm, "other/vcpu0");
	journey_free(&journey);
	trace_free(&trace);
}

static void it_says_why_a_vcpu_is_off_its_cpu(void **state)
{
	const struct journey_interval *interval;
	struct trace trace;
	struct journey journey;

	find(&trace, &journey);
	assert_int_equal(journey.receiver.doing, DOING_PREEMPTED);
	assert_string_equal(journey.receiver.by->comm, "other/vcpu0");

	interval = interval_of(&journey, "vm/vcpu1", 2005000);
	assert_int_equal(interval->doing, DOING_PREEMPTED);
	assert_int_equal(interval->cpu, 1);
	assert_int_equal(interval_of(&journey, "vm/vcpu2", 2002000)->doing, DOING_SLEEP);
	assert_int_equal(interval_of(&journey, "vm/vcpu2", 2020000)->doing, DOING_WOKEN);
	assert_int_equal(interval_of(&journey, "vm/vcpu0", 2020000)->doing, DOING_SPIN);
	journey_free(&journey);
	trace_free(&trace);
}

/* The receiver yields, gets its CPU back, and loses it before it has entered the guest. */
static void who_loses_its_cpu_again_after_a_yield_is_preempted(void **state)
{
	static const char text[] =
		"vm/vcpu1 2 [001] 0.000000: kvm:kvm_exit: vcpu 1 reason PAUSE_INSTRUCTION\n"
		"vm/vcpu1 2 [001] 0.000001: oversub:yield_to: vcpu=1 target_vcpu=0 "
		"target_comm=vm/vcpu0 target_pid=1 target_cpu=0 ret=1 right_vcpu=0\n"
		"vm/vcpu1 2 [001] 0.000002: sched:sched_switch: prev_state=R ==> "
		"next_comm=other/vcpu0 next_pid=4\n"
		"other/vcpu0 4 [001] 0.001990: sched:sched_switch: prev_state=R ==> "
		"next_comm=vm/vcpu1 next_pid=2\n"
		"vm/vcpu1 2 [001] 0.001995: sched:sched_switch: prev_state=R ==> "
		"next_comm=other/vcpu0 next_pid=4\n"
		"vm/vcpu0 1 [000] 0.002000: kvm:kvm_apic_ipi: dst 1 vec 251 "
		"(Fixed|physical|assert|edge|dst)\n"
		"vm/vcpu0 1 [000] 0.002001: kvm:kvm_entry: vcpu 0, rip 0x0\n"
		"vm/vcpu0 1 [000] 0.002001: oversub:spin_begin: vcpu=0 on=csd id=0x0 waits_for=1\n"
		"other/vcpu0 4 [001] 0.002010: sched:sched_switch: prev_state=R ==> "
		"next_comm=vm/vcpu1 next_pid=2\n"
		"vm/vcpu1 2 [001] 0.002011: kvm:kvm_entry: vcpu 1, rip 0x0\n"
		"vm/vcpu1 2 [001] 0.002011: kvm:kvm_inj_virq: IRQ 0xfb\n"
		"vm/vcpu0 1 [000] 0.002050: oversub:spin_end: vcpu=0 on=csd id=0x0 ns=49000\n";
	struct trace trace;
	struct journey journey;
	struct oversub_error error;
	bool found;

	read_text(text, &trace);
	assert_int_equal(journey_find(&trace, 0, INT64_MAX, &journey, &found, &error), OVERSUB_OK);
	assert_true(found);
	assert_int_equal(journey.receiver.doing, DOING_PREEMPTED);
	assert_string_equal(journey.receiver.by->comm, "other/vcpu0");
	journey_free(&journey);
	trace_free(&trace);
}

static void without_a_wait_for_an_ipi_there_is_no_journey(void **state)
{
	struct trace trace;
	struct journey journey;
	struct oversub_error error;
	bool found = true;

	read_text(text_of_trace, &trace);
	assert_int_equal(journey_find(&trace, 2100000, INT64_MAX, &journey, &found, &error),
			 OVERSUB_OK);
	assert_false(found);
	trace_free(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipi_is_followed_from_send_to_the_end_of_the_wait),
		cmocka_unit_test(sender_and_receiver_come_first_and_others_that_matter_follow),
		cmocka_unit_test(it_says_why_a_vcpu_is_off_its_cpu),
		cmocka_unit_test(who_loses_its_cpu_again_after_a_yield_is_preempted),
		cmocka_unit_test(without_a_wait_for_an_ipi_there_is_no_journey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
