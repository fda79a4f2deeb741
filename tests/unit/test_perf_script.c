/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace records as lines of `perf script`, to the letter. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sim/trace/perf_script.h"

/* Write one record from vCPU 3 of vm0, which runs on CPU 2 at 1.002003004 s. */
static void prints(enum trace_kind kind, const int64_t *arg, const char *text, const char *expected)
{
	static const char head[] = "       vm0/vcpu3   103 [002]     1.002003: ";
	struct trace_record record = {.time = 1002003004,
				      .kind = kind,
				      .cpu = 2,
				      .comm = "vm0/vcpu3",
				      .pid = 103,
				      .text = text};
	struct perf_script script;
	char *line, *whole;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	memcpy(record.arg, arg, sizeof(record.arg));
	perf_script_start(&script, stream);
	trace_write(&script.sink, &record);
	fclose(stream);
	whole = malloc(strlen(head) + strlen(expected) + 2);
	sprintf(whole, "%s%s\n", head, expected);
	assert_string_equal(line, whole);
	free(whole);
	free(line);
}

#define ARGS(...) ((const int64_t[6]){__VA_ARGS__})

static void scheduler_events_have_the_fields_of_the_kernel(void **state)
{
	prints(TRACE_SCHED_SWITCH, ARGS(120, TRACE_STATE_RUNNING, 104, 120), "vm1/vcpu0",
	       "sched:sched_switch: prev_comm=vm0/vcpu3 prev_pid=103 prev_prio=120 prev_state=R "
	       "==> next_comm=vm1/vcpu0 next_pid=104 next_prio=120");
	prints(TRACE_SCHED_SWITCH, ARGS(120, TRACE_STATE_INTERRUPTIBLE, 0, 120), "swapper",
	       "sched:sched_switch: prev_comm=vm0/vcpu3 prev_pid=103 prev_prio=120 prev_state=S "
	       "==> next_comm=swapper/2 next_pid=0 next_prio=120");
	prints(TRACE_SCHED_WAKEUP, ARGS(104, 120, 7), "vm1/vcpu0",
	       "sched:sched_wakeup: comm=vm1/vcpu0 pid=104 prio=120 target_cpu=007");
	prints(TRACE_SCHED_MIGRATE, ARGS(104, 120, 7, 11), "vm1/vcpu0",
	       "sched:sched_migrate_task: comm=vm1/vcpu0 pid=104 prio=120 orig_cpu=7 dest_cpu=11");
}

static void kvm_events_have_the_fields_of_the_kernel(void **state)
{
	prints(TRACE_KVM_EXIT, ARGS(3, 40, 1, 0xffff), "PAUSE_INSTRUCTION",
	       "kvm:kvm_exit: vcpu 3 reason PAUSE_INSTRUCTION rip 0xffff "
	       "info1 0x0000000000000000 info2 0x0000000000000000 "
	       "intr_info 0x00000000 error_code 0x00000000");
	prints(TRACE_KVM_ENTRY, ARGS(3, 0xffff), NULL, "kvm:kvm_entry: vcpu 3, rip 0xffff");
	prints(TRACE_KVM_EOI, ARGS(11, 251), NULL, "kvm:kvm_eoi: apicid b vector 251");
	prints(TRACE_KVM_INJ_VIRQ, ARGS(0xfb, 0, 0, 3), NULL, "kvm:kvm_inj_virq: IRQ 0xfb");
	prints(TRACE_KVM_INJ_VIRQ, ARGS(0xec, 0, 1, 3), NULL,
	       "kvm:kvm_inj_virq: IRQ 0xec [reinjected]");
	prints(TRACE_KVM_PLE_WINDOW, ARGS(3, 8192, 4096), NULL,
	       "kvm:kvm_ple_window_update: vcpu 3 old 4096 new 8192 (growed)");
	prints(TRACE_KVM_PLE_WINDOW, ARGS(3, 4096, 8192), NULL,
	       "kvm:kvm_ple_window_update: vcpu 3 old 8192 new 4096 (shrinked)");
}

static void an_ipi_shows_what_its_icr_says(void **state)
{
	prints(TRACE_KVM_APIC_IPI, ARGS(0xfb, 5, 3), NULL,
	       "kvm:kvm_apic_ipi: dst 5 vec 251 (Fixed|physical|de-assert|edge|dst)");
	prints(TRACE_KVM_APIC_IPI, ARGS(0xfc | 1 << 11 | 1 << 14 | 3 << 18, 0xff, 3), NULL,
	       "kvm:kvm_apic_ipi: dst ff vec 252 (Fixed|logical|assert|edge|all-but-self)");
	prints(TRACE_KVM_APIC_IPI, ARGS(4 << 8 | 1 << 15 | 1 << 18, 0, 3), NULL,
	       "kvm:kvm_apic_ipi: dst 0 vec 0 (NMI|physical|de-assert|level|self)");
}

static void events_of_the_simulator_have_keys_and_values(void **state)
{
	prints(TRACE_SPIN_BEGIN, ARGS(3, -1, 0x10), "csd",
	       "oversub:spin_begin: vcpu=3 on=csd id=0x10 waits_for=-1");
	prints(TRACE_SPIN_END, ARGS(3, 1500, 0x10), "csd",
	       "oversub:spin_end: vcpu=3 on=csd id=0x10 ns=1500");
	prints(TRACE_YIELD_TO, ARGS(3, 5, 105, -ESRCH, -1, 9), "vm0/vcpu5",
	       "oversub:yield_to: vcpu=3 target_vcpu=5 target_comm=vm0/vcpu5 target_pid=105 "
	       "target_cpu=9 ret=-3 right_vcpu=-1");
	prints(TRACE_REQUEST_BEGIN, ARGS(17, 4, 3), "chunk",
	       "oversub:request_begin: request=chunk number=17 thread=4 vcpu=3");
	prints(TRACE_REQUEST_END, ARGS(17, 4, 3, 212000), "chunk",
	       "oversub:request_end: request=chunk number=17 thread=4 vcpu=3 ns=212000");
}

static void waits_inside_a_guest_have_keys_and_values(void **state)
{
	prints(TRACE_YIELD_RESOLVED, ARGS(105, 0, 104), "vm0/vcpu5",
	       "oversub:yield_resolved: nominee_comm=vm0/vcpu5 nominee_pid=105 honoured=0 "
	       "next_pid=104");
	prints(TRACE_UNTHROTTLE, ARGS(105, 7), "vm0/vcpu5",
	       "oversub:unthrottle: comm=vm0/vcpu5 pid=105 target_cpu=007");
	prints(TRACE_CO_STOP, ARGS(105, 1), "vm0/vcpu5",
	       "oversub:co_stop: comm=vm0/vcpu5 pid=105 stopped=1");
	prints(TRACE_LOCK_WAIT_BEGIN, ARGS(3, 4, 1, 1), "mmap",
	       "oversub:lock_wait_begin: vcpu=3 thread=4 lock=mmap id=0x1 interrupts=1");
	prints(TRACE_LOCK_WAIT_END, ARGS(3, 4, 1, 2500), "mmap",
	       "oversub:lock_wait_end: vcpu=3 thread=4 lock=mmap id=0x1 ns=2500");
	prints(TRACE_LOCK_OWNER, ARGS(1, 3, 4, -1, -1, 0), "mmap",
	       "oversub:lock_owner: lock=mmap id=0x1 owner_vcpu=3 owner_thread=4 heir_vcpu=-1 "
	       "heir_thread=-1 readers=0");
	prints(TRACE_GUEST_SWITCH, ARGS(3, -1), NULL,
	       "oversub:guest_switch: vcpu=3 next_thread=-1");
	prints(TRACE_CSD_ENTRY, ARGS(3, 0x12, 5), "tlb_flush",
	       "oversub:csd_function_entry: vcpu=3 id=0x12 op=tlb_flush caller=5");
	prints(TRACE_CSD_UNLOCK, ARGS(3, 0x12, 5), "tlb_flush",
	       "oversub:csd_unlock: vcpu=3 id=0x12 op=tlb_flush caller=5");
	prints(TRACE_IRQ_EXIT, ARGS(3, 0xfb), NULL, "oversub:irq_exit: vcpu=3 vector=251");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scheduler_events_have_the_fields_of_the_kernel),
		cmocka_unit_test(kvm_events_have_the_fields_of_the_kernel),
		cmocka_unit_test(an_ipi_shows_what_its_icr_says),
		cmocka_unit_test(events_of_the_simulator_have_keys_and_values),
		cmocka_unit_test(waits_inside_a_guest_have_keys_and_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
