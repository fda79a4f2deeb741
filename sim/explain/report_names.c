/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reports call causes and occupants. */
#include "sim/explain/report.h"

const struct report_cause report_causes[WAIT_CAUSES] = {
	[CAUSE_NEEDED] = {"runs_it", "ran what was waited for; the waiter: was about to notice",
			  "runs what is waited for", "what is waited for was being done"},
	[CAUSE_EARLIER] = {"earlier_calls", "in the handler of calls, not there yet",
			   "is in the handler of calls, not there yet",
			   "who is to do it was in its handler, but not there yet"},
	[CAUSE_HANDLER] = {"other_handler", "in another interrupt handler",
			   "is in another interrupt handler", "it was in another handler"},
	[CAUSE_IRQS_OFF] = {"interrupts_off", "ran with interrupts off", "runs with interrupts off",
			    "it had interrupts off"},
	[CAUSE_IPI] = {"ipi_in_flight", "ran, with the interrupt on its way",
		       "runs, the interrupt is on its way", "the interrupt was on its way"},
	[CAUSE_GUEST] = {"guest_scheduler",
			 "on a vCPU that runs another thread of its guest, or idles",
			 "runs another thread of its guest", "its vCPU ran another thread"},
	[CAUSE_EXIT] = {"exit", "on its CPU, in the hypervisor or being switched to",
			"is in the hypervisor", "it was in the hypervisor"},
	[CAUSE_PREEMPTED] = {"preempted", "off its CPU, preempted", "is preempted",
			     "it was preempted"},
	[CAUSE_YIELDED] = {"yielded", "off its CPU, which it gave away in a directed yield",
			   "has given its CPU away in a yield", "it gave its CPU away in a yield"},
	[CAUSE_WOKEN] = {"woken", "off its CPU, woken and not run yet",
			 "was woken and has not run yet", "it was woken and has not run yet"},
	[CAUSE_STOPPED] = {"co_stopped", "off its CPU, stopped by the co-scheduling policy",
			   "is stopped by the co-scheduling policy", "co-scheduling stopped it"},
	[CAUSE_THROTTLED] = {"throttled", "off its CPU, throttled (cpu.max)", "is throttled",
			     "it is throttled"},
	[CAUSE_HALTED] = {"halted", "halted", "is halted", "it is halted"},
	[CAUSE_UNKNOWN] = {"unknown", "nobody in particular was waited for", "", ""},
};

const struct report_occupant report_occupants[OCCUPANTS] = {
	[OCCUPANT_NOBODY] = {"nobody", "nobody yet: it is about to be switched to", ""},
	[OCCUPANT_SIBLING_SPINS] = {"sibling_spins", "a sibling, which spins",
				    "siblings that spin"},
	[OCCUPANT_SIBLING] = {"sibling_works", "a sibling, which works", "siblings that work"},
	[OCCUPANT_OTHER_SPINS] = {"other_vm_spins", "a vCPU of another VM, which spins",
				  "vCPUs of other VMs that spin"},
	[OCCUPANT_OTHER] = {"other_vm_works", "a vCPU of another VM, which works",
			    "vCPUs of other VMs that work"},
	[OCCUPANT_THREAD] = {"host_thread", "a host thread", "host threads"},
};
