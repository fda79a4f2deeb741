/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>

#include "sim/trace/trace.h"

static const struct {
	const char *system;
	const char *name;
} tracepoints[TRACE_KINDS] = {
	[TRACE_SCHED_SWITCH] = {"sched", "sched_switch"},
	[TRACE_SCHED_WAKEUP] = {"sched", "sched_wakeup"},
	[TRACE_SCHED_MIGRATE] = {"sched", "sched_migrate_task"},
	[TRACE_KVM_EXIT] = {"kvm", "kvm_exit"},
	[TRACE_KVM_ENTRY] = {"kvm", "kvm_entry"},
	[TRACE_KVM_APIC_IPI] = {"kvm", "kvm_apic_ipi"},
	[TRACE_KVM_EOI] = {"kvm", "kvm_eoi"},
	[TRACE_KVM_INJ_VIRQ] = {"kvm", "kvm_inj_virq"},
	[TRACE_KVM_PLE_WINDOW] = {"kvm", "kvm_ple_window_update"},
	[TRACE_SPIN_BEGIN] = {"oversub", "spin_begin"},
	[TRACE_SPIN_END] = {"oversub", "spin_end"},
	[TRACE_YIELD_TO] = {"oversub", "yield_to"},
	[TRACE_REQUEST_BEGIN] = {"oversub", "request_begin"},
	[TRACE_REQUEST_END] = {"oversub", "request_end"},
	[TRACE_YIELD_RESOLVED] = {"oversub", "yield_resolved"},
	[TRACE_UNTHROTTLE] = {"oversub", "unthrottle"},
	[TRACE_CO_STOP] = {"oversub", "co_stop"},
	[TRACE_LOCK_WAIT_BEGIN] = {"oversub", "lock_wait_begin"},
	[TRACE_LOCK_WAIT_END] = {"oversub", "lock_wait_end"},
	[TRACE_LOCK_OWNER] = {"oversub", "lock_owner"},
	[TRACE_GUEST_SWITCH] = {"oversub", "guest_switch"},
	[TRACE_CSD_ENTRY] = {"oversub", "csd_function_entry"},
	[TRACE_CSD_UNLOCK] = {"oversub", "csd_unlock"},
	[TRACE_IRQ_EXIT] = {"oversub", "irq_exit"},
};

const char *trace_kind_system(enum trace_kind kind)
{
	assert(kind < TRACE_KINDS);
	return tracepoints[kind].system;
}

const char *trace_kind_name(enum trace_kind kind)
{
	assert(kind < TRACE_KINDS);
	return tracepoints[kind].name;
}
