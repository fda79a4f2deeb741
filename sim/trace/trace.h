/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trace records: what happened, in the terms of the kernel's tracepoints, for whoever listens.
 *
 * The models write records into a sink; a writer of some file format is such a sink. The engine
 * knows neither. Without a sink (a null pointer) nothing is built and nothing is paid.
 */
#ifndef SIM_TRACE_TRACE_H
#define SIM_TRACE_TRACE_H

#include <stdint.h>

/*
 * For each kind: the tracepoint it stands for, and what arg[] and text hold. Arguments that are
 * not named are 0. comm and pid of the record are always those of the task that was running on
 * the record's CPU, as in ftrace; pid 0 is the idle task.
 */
enum trace_kind {
	/*
	 * sched:sched_switch; comm and pid are those of prev.
	 * arg: 0 prev_prio, 1 prev_state (enum trace_state), 2 next_pid, 3 next_prio,
	 *      4 prev is throttled, 0 or 1 (not in the text of the tracepoint)
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
	 * arg: 0 vcpu_id, 1 exit reason (hardware number), 2 isa (1 VMX, 2 SVM),
	 *      3 guest_rip (TRACE_RIP_KERNEL or TRACE_RIP_USER), 4 info1, 5 info2
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
	/*
	 * oversub:yield_resolved; the CPU that a directed yield was for has scheduled, or was given
	 * another nominee before it did.
	 * arg: 0 pid of the nominee, 1 whether it was picked, 2 pid of who was (0: idle, -1: not
	 *      known)
	 * text: comm of the nominee
	 */
	TRACE_YIELD_RESOLVED,
	/*
	 * oversub:unthrottle; a parked task may run again.
	 * arg: 0 its pid, 1 its CPU
	 * text: its comm
	 */
	TRACE_UNTHROTTLE,
	/*
	 * oversub:co_stop; a co-scheduling policy wants a task to have no CPU, or to have one
	 * again. arg: 0 its pid, 1 whether it is stopped text: its comm
	 */
	TRACE_CO_STOP,
	/*
	 * oversub:lock_wait_begin; a guest thread finds a lock taken. It spins or sleeps until it
	 * has it.
	 * arg: 0 vcpu_id, 1 thread number in its VM, 2 number of the lock in its VM, 3 whether
	 *      interrupts are on
	 * text: name of the lock
	 */
	TRACE_LOCK_WAIT_BEGIN,
	/*
	 * oversub:lock_wait_end; it has the lock and executes.
	 * arg: 0 vcpu_id, 1 thread number, 2 number of the lock, 3 ns since the lock_wait_begin
	 * text: name of the lock
	 */
	TRACE_LOCK_WAIT_END,
	/*
	 * oversub:lock_owner; whose a lock of a guest is from now on. May come without a change.
	 * arg: 0 number of the lock, 1 vcpu_id and 2 thread number of the owner, or of one of the
	 *      readers, or -1, 3 vcpu_id and 4 thread number of the one that was woken or kicked to
	 *      take it, or -1, 5 number of readers
	 * text: name of the lock
	 */
	TRACE_LOCK_OWNER,
	/*
	 * oversub:guest_switch; the scheduler of a guest gives a vCPU to another thread.
	 * arg: 0 vcpu_id, 1 thread number in its VM or -1: idle
	 */
	TRACE_GUEST_SWITCH,
	/*
	 * oversub:csd_function_entry; the handler of a call-function interrupt comes to a csd.
	 * arg: 0 vcpu_id, 1 id of the csd as in spin_begin, 2 vcpu_id of the caller
	 * text: the op that called ("tlb_flush")
	 */
	TRACE_CSD_ENTRY,
	/* oversub:csd_unlock; from now on its caller need not wait for it. As csd_function_entry.
	 */
	TRACE_CSD_UNLOCK,
	/*
	 * oversub:irq_exit; the guest's handler of what kvm_inj_virq injected is over. That of an
	 * NMI may have come within another one.
	 * arg: 0 vcpu_id, 1 vector, TRACE_NMI of an NMI
	 */
	TRACE_IRQ_EXIT,
	TRACE_KINDS, /* how many there are */
};

/* Of the address where a guest exits only the half of the address space is known. */
#define TRACE_RIP_KERNEL ((int64_t)0xffffffff81000000)
#define TRACE_RIP_USER	 INT64_C(0x400000)

/* What stands for an NMI among vectors. */
enum { TRACE_NMI = 2 };

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
