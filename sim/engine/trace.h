/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trace records: what happened, in the terms of the kernel's tracepoints, for whoever listens.
 *
 * The models write records into a sink; a writer of some file format is such a sink. The engine
 * knows neither. Without a sink (a null pointer) nothing is built and nothing is paid.
 */
#ifndef SIM_ENGINE_TRACE_H
#define SIM_ENGINE_TRACE_H

#include <stdint.h>

/*
 * For each kind: the tracepoint it stands for, and what arg[] and text hold. Arguments that are
 * not named are 0. comm and pid of the record are always those of the task that was running on
 * the record's CPU, as in ftrace; pid 0 is the idle task.
 */
enum trace_kind {
	/*
	 * sched:sched_switch; comm and pid are those of prev.
	 * arg: 0 prev_prio, 1 prev_state (enum trace_state), 2 next_pid, 3 next_prio
	 * text: next_comm
	 */
	TRACE_SCHED_SWITCH,
	/*
	 * sched:sched_wakeup
	 * arg: 0 pid of the woken task, 1 its prio, 2 target_cpu
	 * text: its comm
	 */
	TRACE_SCHED_WAKEUP,
	/*
	 * sched:sched_migrate_task
	 * arg: 0 pid of the migrated task, 1 its prio, 2 orig_cpu, 3 dest_cpu
	 * text: its comm
	 */
	TRACE_SCHED_MIGRATE,
	/*
	 * kvm:kvm_exit
	 * arg: 0 vcpu_id, 1 exit reason (hardware number), 2 isa (1 VMX, 2 SVM), 3 guest_rip,
	 *      4 info1, 5 info2
	 * text: the reason's name ("PAUSE_INSTRUCTION")
	 */
	TRACE_KVM_EXIT,
	/*
	 * kvm:kvm_entry
	 * arg: 0 vcpu_id, 1 guest_rip
	 */
	TRACE_KVM_ENTRY,
	/*
	 * kvm:kvm_apic_ipi; written in the context of the sender.
	 * arg: 0 icr_low, 1 destination (ICR high), 2 vcpu_id of the sender
	 */
	TRACE_KVM_APIC_IPI,
	/*
	 * kvm:kvm_eoi
	 * arg: 0 apicid, 1 vector
	 */
	TRACE_KVM_EOI,
	/*
	 * kvm:kvm_inj_virq
	 * arg: 0 vector, 1 soft (always 0), 2 reinjected (0 or 1), 3 vcpu_id
	 */
	TRACE_KVM_INJ_VIRQ,
	/*
	 * kvm:kvm_ple_window_update
	 * arg: 0 vcpu_id, 1 new window, 2 old window (in the unit of the PLE hardware)
	 */
	TRACE_KVM_PLE_WINDOW,
	/*
	 * oversub:spin_begin; the guest starts to busy-wait.
	 * arg: 0 vcpu_id, 1 vcpu_id it waits for or -1, 2 address-like id of what it waits on
	 * text: what it waits on ("csd", the name of a lock)
	 */
	TRACE_SPIN_BEGIN,
	/*
	 * oversub:spin_end
	 * arg: 0 vcpu_id, 1 ns since the spin_begin, 2 id as in spin_begin
	 * text: as in spin_begin
	 */
	TRACE_SPIN_END,
	/*
	 * oversub:yield_to; a directed yield was tried.
	 * arg: 0 vcpu_id of the yielder, 1 vcpu_id of the target, 2 pid of the target,
	 *      3 result (1, 0 or -ESRCH), 4 vcpu_id of the right target or -1, 5 CPU of the target
	 * text: the target's comm
	 */
	TRACE_YIELD_TO,
	/*
	 * oversub:request_begin
	 * arg: 0 request number, 1 thread number in its VM or host program, 2 vcpu_id or -1
	 * text: the request's name
	 */
	TRACE_REQUEST_BEGIN,
	/*
	 * oversub:request_end
	 * arg: 0 request number, 1 thread number, 2 vcpu_id or -1, 3 latency ns
	 * text: the request's name
	 */
	TRACE_REQUEST_END,
	TRACE_KINDS, /* how many there are */
};

/* prev_state of a sched_switch: what took the task off the CPU. */
enum trace_state {
	TRACE_STATE_RUNNING = 0,	 /* "R": preempted or yielded */
	TRACE_STATE_INTERRUPTIBLE = 1,	 /* "S": blocked */
	TRACE_STATE_UNINTERRUPTIBLE = 2, /* "D" */
};

/* One record. The strings are the writer's to copy: they are valid during the call only. */
struct trace_record {
	int64_t time;	      /* ns, the simulated clock */
	enum trace_kind kind; /* says what arg and text mean */
	int cpu;	      /* physical CPU it happened on */
	const char *comm;     /* task running there; no spaces; never NULL */
	int pid;	      /* its pid; 0 is the idle task */
	int64_t arg[6];	      /* see the kind */
	const char *text;     /* see the kind; NULL if it has none */
};

/* Where records go. Embed it in the writer and find that again with container_of. */
struct trace_sink {
	/* Takes one record. Times never decrease. Errors are kept and reported by the writer. */
	void (*write)(struct trace_sink *sink, const struct trace_record *record);
};

/* Gives the record to the sink; sink may be NULL. */
static inline void trace_write(struct trace_sink *sink, const struct trace_record *record)
{
	if (sink)
		sink->write(sink, record);
}

/* The tracepoint's system ("sched", "kvm", "oversub") and its name ("sched_switch"). */
const char *trace_kind_system(enum trace_kind kind);
const char *trace_kind_name(enum trace_kind kind);

#endif
