/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace records as lines of `perf script`, to the letter, and read back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/trace/perf_parse.h"
#include "sim/trace/perf_script.h"

static char *printed(const struct trace_record *record)
{
	struct perf_script script;
	char *line;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	perf_script_start(&script, stream);
	trace_write(&script.sink, record);
	fclose(stream);
	return line;
}

/* What vCPU 3 of vm0 does on CPU 2 at 1.002003 s is printed as expected, and that is read back. */
static void check(struct trace_record record, const char *expected)
{
	static const char head[] = "       vm0/vcpu3   103 [002]     1.002003: ";
	struct trace_words words = {{NULL}};
	struct trace_record read;
	char *line, *again, *whole;

	record.time = 1002003000;
	record.cpu = 2;
	record.comm = "vm0/vcpu3";
	record.pid = 103;
	line = printed(&record);
	whole = malloc(strlen(head) + strlen(expected) + 2);
	sprintf(whole, "%s%s\n", head, expected);
	assert_string_equal(line, whole);

	assert_true(perf_parse(line, UINT64_MAX, &words, &read));
	assert_int_equal(read.kind, record.kind);
	assert_int_equal(read.time, record.time);
	assert_int_equal(read.pid, record.pid);
	again = printed(&read);
	assert_string_equal(again, line);
	trace_words_free(&words);
	free(again);
	free(whole);
	free(line);
}

/* The event with these fields is printed so. */
#define PRINTS(expected, event, ...) check(TRACE_RECORD(event, __VA_ARGS__), expected)

static void scheduler_events_have_the_fields_of_the_kernel(void **state)
{
	PRINTS("sched:sched_switch: prev_comm=vm0/vcpu3 prev_pid=103 prev_prio=120 prev_state=R "
	       "==> next_comm=vm1/vcpu0 next_pid=104 next_prio=120",
	       sched_switch, .prev_prio = 120, .prev_state = TRACE_STATE_RUNNING,
	       .next_comm = "vm1/vcpu0", .next_pid = 104, .next_prio = 120);
	PRINTS("sched:sched_switch: prev_comm=vm0/vcpu3 prev_pid=103 prev_prio=120 prev_state=S "
	       "==> next_comm=swapper/2 next_pid=0 next_prio=120",
	       sched_switch, .prev_prio = 120, .prev_state = TRACE_STATE_INTERRUPTIBLE,
	       .next_comm = "swapper", .next_prio = 120);
	PRINTS("sched:sched_wakeup: comm=vm1/vcpu0 pid=104 prio=120 target_cpu=007", sched_wakeup,
	       .comm = "vm1/vcpu0", .pid = 104, .prio = 120, .target_cpu = 7);
	PRINTS("sched:sched_migrate_task: comm=vm1/vcpu0 pid=104 prio=120 orig_cpu=7 dest_cpu=11",
	       sched_migrate_task, .comm = "vm1/vcpu0", .pid = 104, .prio = 120, .orig_cpu = 7,
	       .dest_cpu = 11);
}

static void kvm_events_have_the_fields_of_the_kernel(void **state)
{
	PRINTS("kvm:kvm_exit: vcpu 3 reason PAUSE_INSTRUCTION rip 0xffff "
	       "info1 0x0000000000000000 info2 0x0000000000000000 "
	       "intr_info 0x00000000 error_code 0x00000000",
	       kvm_exit, .vcpu = 3, .exit = {TRACE_EXIT_PAUSE}, .rip = 0xffff);
	PRINTS("kvm:kvm_exit: vcpu 3 reason pause rip 0xffff "
	       "info1 0x0000000000000000 info2 0x0000000000000000 "
	       "intr_info 0x00000000 error_code 0x00000000",
	       kvm_exit, .vcpu = 3, .exit = {TRACE_EXIT_PAUSE, .svm = true}, .rip = 0xffff);
	PRINTS("kvm:kvm_entry: vcpu 3, rip 0x0", kvm_entry, .vcpu = 3);
	PRINTS("kvm:kvm_eoi: apicid b vector 251", kvm_eoi, .apicid = 11, .vector = 251);
	PRINTS("kvm:kvm_inj_virq: IRQ 0xfb", kvm_inj_virq, .vector = 0xfb);
	PRINTS("kvm:kvm_ple_window_update: vcpu 3 old 4096 new 8192 (growed)",
	       kvm_ple_window_update, .vcpu = 3, .old = 4096, .new = 8192);
	PRINTS("kvm:kvm_ple_window_update: vcpu 3 old 8192 new 4096 (shrinked)",
	       kvm_ple_window_update, .vcpu = 3, .old = 8192, .new = 4096);
}

static void an_ipi_shows_what_its_icr_says(void **state)
{
	PRINTS("kvm:kvm_apic_ipi: dst 5 vec 251 (Fixed|physical|de-assert|edge|dst)", kvm_apic_ipi,
	       .dest = 5, .icr = 0xfb);
	PRINTS("kvm:kvm_apic_ipi: dst ff vec 252 (Fixed|logical|assert|edge|all-but-self)",
	       kvm_apic_ipi, .dest = 0xff, .icr = 0xfc | 1 << 11 | 1 << 14 | 3 << 18);
	PRINTS("kvm:kvm_apic_ipi: dst 0 vec 0 (NMI|physical|de-assert|level|self)", kvm_apic_ipi,
	       .icr = 4 << 8 | 1 << 15 | 1 << 18);
}

static void events_of_the_simulator_have_keys_and_values(void **state)
{
	PRINTS("oversub:spin_begin: vcpu=3 on=csd id=0x10 waits_for=-1", spin_begin, .vcpu = 3,
	       .on = "csd", .id = 0x10, .waits_for = -1);
	PRINTS("oversub:spin_end: vcpu=3 on=csd id=0x10 ns=1500", spin_end, .vcpu = 3, .on = "csd",
	       .id = 0x10, .ns = 1500);
	PRINTS("oversub:yield_to: vcpu=3 target_vcpu=5 target_comm=vm0/vcpu5 target_pid=105 "
	       "target_cpu=9 ret=-3 right_vcpu=-1",
	       yield_to, .vcpu = 3, .target_vcpu = 5, .target_comm = "vm0/vcpu5", .target_pid = 105,
	       .target_cpu = 9, .ret = -ESRCH, .right_vcpu = -1);
	PRINTS("oversub:request_begin: request=chunk number=17 thread=4 vcpu=3", request_begin,
	       .request = "chunk", .number = 17, .thread = 4, .vcpu = 3);
	PRINTS("oversub:request_end: request=chunk number=17 thread=4 vcpu=3 ns=212000",
	       request_end, .request = "chunk", .number = 17, .thread = 4, .vcpu = 3, .ns = 212000);
}

static void waits_inside_a_guest_have_keys_and_values(void **state)
{
	PRINTS("oversub:yield_resolved: nominee_comm=vm0/vcpu5 nominee_pid=105 honoured=0 "
	       "next_pid=104",
	       yield_resolved, .nominee_comm = "vm0/vcpu5", .nominee_pid = 105, .next_pid = 104);
	PRINTS("oversub:unthrottle: comm=vm0/vcpu5 pid=105 target_cpu=007", unthrottle,
	       .comm = "vm0/vcpu5", .pid = 105, .target_cpu = 7);
	PRINTS("oversub:co_stop: comm=vm0/vcpu5 pid=105 stopped=1", co_stop, .comm = "vm0/vcpu5",
	       .pid = 105, .stopped = true);
	PRINTS("oversub:lock_wait_begin: vcpu=3 thread=4 lock=mmap id=0x1 interrupts=1",
	       lock_wait_begin, .vcpu = 3, .thread = 4, .lock = "mmap", .id = 1,
	       .interrupts = true);
	PRINTS("oversub:lock_wait_end: vcpu=3 thread=4 lock=mmap id=0x1 ns=2500", lock_wait_end,
	       .vcpu = 3, .thread = 4, .lock = "mmap", .id = 1, .ns = 2500);
	PRINTS("oversub:lock_owner: lock=mmap id=0x1 owner_vcpu=3 owner_thread=4 heir_vcpu=-1 "
	       "heir_thread=-1 readers=0",
	       lock_owner, .lock = "mmap", .id = 1, .owner_vcpu = 3, .owner_thread = 4,
	       .heir_vcpu = -1, .heir_thread = -1);
	PRINTS("oversub:guest_switch: vcpu=3 next_thread=-1", guest_switch, .vcpu = 3,
	       .next_thread = -1);
	PRINTS("oversub:csd_function_entry: vcpu=3 id=0x12 op=tlb_flush caller=5",
	       csd_function_entry, .vcpu = 3, .id = 0x12, .op = "tlb_flush", .caller = 5);
	PRINTS("oversub:csd_unlock: vcpu=3 id=0x12 op=tlb_flush caller=5", csd_unlock, .vcpu = 3,
	       .id = 0x12, .op = "tlb_flush", .caller = 5);
	PRINTS("oversub:irq_exit: vcpu=3 vector=251", irq_exit, .vcpu = 3, .vector = 251);
}

static void what_is_no_event_of_the_table_is_not_read_as_one(void **state)
{
	static const char *const lines[] = {
		"# vm0/vcpu3 103 [002] 1.002003: kvm:kvm_entry: vcpu 3, rip 0x0",
		"vm0/vcpu3 103 [002] 1.002003: kvm:kvm_entry_failed: vcpu 3",
		"vm0/vcpu3 103 [002] 1.002003: kvm:kvm_entr: vcpu 3",
		"vm0/vcpu3 103 [002] 1.002003: kvm:kvm_fpu: load",
		"vm0/vcpu3 103 [002] 1.002003: kvm_entry vcpu 3",
		"vm0/vcpu3 103 [002] one: kvm:kvm_entry: vcpu 3, rip 0x0",
		"vm0/vcpu3 103 [two] 1.002003: kvm:kvm_entry: vcpu 3, rip 0x0",
		"[002] 1.002003: kvm:kvm_entry: vcpu 3, rip 0x0",
		"vm0/vcpu3 103 [002] 1.002003: sched:sched_switch: prev_comm=a prev_pid=1",
		"",
	};
	struct trace_words words = {{NULL}};
	struct trace_record record;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (perf_parse(lines[i], UINT64_MAX, &words, &record))
			fail_msg("read as an event: %s", lines[i]);
	trace_words_free(&words);
}

static void only_the_kinds_that_are_asked_for_are_read(void **state)
{
	static const char line[] = "vm0/vcpu3 103 [002] 1.002003: kvm:kvm_entry: vcpu 3, rip 0x0";
	struct trace_words words = {{NULL}};
	struct trace_record record;

	assert_true(perf_parse(line, 1 << TRACE_kvm_entry, &words, &record));
	assert_false(perf_parse(line, 1 << TRACE_kvm_exit, &words, &record));
	trace_words_free(&words);
}

/* As perf shows it with its plug-in, and a name with brackets. */
static void a_switch_in_the_form_of_perfs_plugin_is_read(void **state)
{
	static const char line[] = "kworker/0:[x] 17 [000] 3.5: sched:sched_switch: "
				   "kworker/0:[x]:17 [120] R ==> vm0/vcpu3:103 [110]";
	struct trace_words words = {{NULL}};
	struct trace_record record;

	assert_true(perf_parse(line, UINT64_MAX, &words, &record));
	assert_string_equal(record.comm, "kworker/0:[x]");
	assert_int_equal(record.time, 3500000000);
	assert_int_equal(record.sched_switch.prev_state, TRACE_STATE_RUNNING);
	assert_string_equal(record.sched_switch.next_comm, "vm0/vcpu3");
	assert_int_equal(record.sched_switch.next_pid, 103);
	trace_words_free(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scheduler_events_have_the_fields_of_the_kernel),
		cmocka_unit_test(kvm_events_have_the_fields_of_the_kernel),
		cmocka_unit_test(an_ipi_shows_what_its_icr_says),
		cmocka_unit_test(events_of_the_simulator_have_keys_and_values),
		cmocka_unit_test(waits_inside_a_guest_have_keys_and_values),
		cmocka_unit_test(what_is_no_event_of_the_table_is_not_read_as_one),
		cmocka_unit_test(only_the_kinds_that_are_asked_for_are_read),
		cmocka_unit_test(a_switch_in_the_form_of_perfs_plugin_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
