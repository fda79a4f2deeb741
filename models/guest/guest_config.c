/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/guest.h"

#define COST(field_, def_, help_)                                                                  \
	OVERSUB_DURATION(struct guest_config, field_, def_, 0, 1000 * 1000 * 1000, help_)

const struct oversub_param guest_params[] = {
	COST(cache_line_ns, 50,
	     "Transfer of the cache line that ends a spin, from the releaser to the waiter."),
	COST(pause_ns, 56,
	     "One pass of a pause loop of the guest kernel, 140 cycles; about 4 ns before "
	     "Skylake."),
	OVERSUB_INT(struct guest_config, pv_spin_threshold, "passes", 32768, 1, INT64_C(1) << 30,
		    "Passes of its pause loop after which a waiter for a pv lock halts "
		    "(SPIN_THRESHOLD)."),
	COST(tlb_flush_page_ns, 100, "Flush of one more page of a range."),
	COST(tlb_flush_range_ns, 400,
	     "Handler of a TLB shootdown of a range, its first page included."),
	COST(tlb_flush_full_ns, 700, "Flush of the whole TLB, in the handler or locally."),
	COST(tlb_caught_up_ns, 50,
	     "Handler of a TLB shootdown that finds the TLB up to date already."),
	COST(reschedule_ns, 300, "Handler of a reschedule IPI."),
	COST(timer_interrupt_ns, 700, "Handler of a local timer interrupt."),
	COST(device_interrupt_ns, 700, "Handler of a device interrupt."),
	COST(nmi_ns, 2000, "Handler of an NMI: a backtrace."),
	OVERSUB_DURATION(struct guest_config, timer_period_ns, 4000 * 1000, 200 * 1000,
			 1000 * 1000 * 1000,
			 "Period of the LAPIC timers in periodic mode, the tick of the guest."),
	COST(syscall_ns, 200,
	     "System call of a wait, wake, barrier, sleep, timer, yield or io, without its "
	     "context switch."),
	COST(sleep_ns, 500, "Context switch from a thread that goes to sleep to the idle task."),
	COST(sched_ns, 1000, "Context switch from the idle task to a thread that was woken."),
	OVERSUB_PARAM_END,
};
