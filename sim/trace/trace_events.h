/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The trace events, each in one place: what its tracepoint is called, and its fields in the order
 * of its text. Like a trace header of the kernel this file is included several times; whoever does
 * says what the macros are to mean, or nothing. Records, names, writer and reader all follow.
 *
 *	EVENT(system, name, fields)		system:name; TRACE_name is its kind, name its member
 *						of struct trace_record
 *	FIELD(type, member, format, before)	a field, and the text before it
 *	HIDDEN(type, member)			a field that the text does not have
 *	SHOWN(value, format, before)		what the text has beside the fields
 *	TEXT(text)				always the same
 *
 * Formats are those of perf_script.c (put_FORMAT) and perf_parse.c (get_FORMAT): decimal, flag (0
 * or 1), hex, cpu (three digits), word (without blanks), comm, state, icr, exit. Events of the
 * kernel have its fields in its format; the simulator's own, oversub:*, have key=value.
 */
/* clang-format off */
#ifndef FIELD
#define FIELD(type, member, format, before)
#endif
#ifndef HIDDEN
#define HIDDEN(type, member)
#endif
#ifndef SHOWN
#define SHOWN(value, format, before)
#endif
#ifndef TEXT
#define TEXT(text)
#endif

/* ---- The host's scheduler ------------------------------------------------------------------- */

/* The CPU goes from comm and pid of the record to another task. throttled: as cpu.max wants it. */
EVENT(sched, sched_switch,
	SHOWN(record->comm, comm, "prev_comm=")
	SHOWN(record->pid, decimal, " prev_pid=")
	FIELD(int, prev_prio, decimal, " prev_prio=")
	FIELD(enum trace_state, prev_state, state, " prev_state=")
	FIELD(const char *, next_comm, comm, " ==> next_comm=")
	FIELD(int, next_pid, decimal, " next_pid=")
	FIELD(int, next_prio, decimal, " next_prio=")
	HIDDEN(bool, throttled))

/* A task is queued on target_cpu. */
EVENT(sched, sched_wakeup,
	FIELD(const char *, comm, word, "comm=")
	FIELD(int, pid, decimal, " pid=")
	FIELD(int, prio, decimal, " prio=")
	FIELD(int, target_cpu, cpu, " target_cpu="))

EVENT(sched, sched_migrate_task,
	FIELD(const char *, comm, word, "comm=")
	FIELD(int, pid, decimal, " pid=")
	FIELD(int, prio, decimal, " prio=")
	FIELD(int, orig_cpu, decimal, " orig_cpu=")
	FIELD(int, dest_cpu, decimal, " dest_cpu="))

/* The CPU that a directed yield was for has scheduled, or was given another nominee before it did.
 * next_pid: who runs now, -1 in the second case. */
EVENT(oversub, yield_resolved,
	FIELD(const char *, nominee_comm, word, "nominee_comm=")
	FIELD(int, nominee_pid, decimal, " nominee_pid=")
	FIELD(bool, honoured, flag, " honoured=")
	FIELD(int, next_pid, decimal, " next_pid="))

/* A task that was parked by cpu.max may run again. */
EVENT(oversub, unthrottle,
	FIELD(const char *, comm, word, "comm=")
	FIELD(int, pid, decimal, " pid=")
	FIELD(int, target_cpu, cpu, " target_cpu="))

/* A co-scheduling policy wants a task to have no CPU, or to have one again. */
EVENT(oversub, co_stop,
	FIELD(const char *, comm, word, "comm=")
	FIELD(int, pid, decimal, " pid=")
	FIELD(bool, stopped, flag, " stopped="))

/* ---- KVM ------------------------------------------------------------------------------------ */

/* Of the address where a guest exits only the half of the address space is known: TRACE_RIP_*. */
EVENT(kvm, kvm_exit,
	FIELD(int, vcpu, decimal, "vcpu ")
	FIELD(struct trace_exit, exit, exit, " reason ")
	FIELD(int64_t, rip, hex, " rip 0x")
	TEXT(" info1 0x0000000000000000 info2 0x0000000000000000"
	     " intr_info 0x00000000 error_code 0x00000000"))

EVENT(kvm, kvm_entry,
	FIELD(int, vcpu, decimal, "vcpu ")
	TEXT(", rip 0x0"))

/* A write of ICR, in the context of the sender. */
EVENT(kvm, kvm_apic_ipi,
	FIELD(uint32_t, dest, hex, "dst ")
	FIELD(uint32_t, icr, icr, " vec "))

EVENT(kvm, kvm_eoi,
	FIELD(uint32_t, apicid, hex, "apicid ")
	FIELD(int, vector, decimal, " vector "))

/* An interrupt enters the guest. */
EVENT(kvm, kvm_inj_virq,
	FIELD(int, vector, hex, "IRQ 0x"))

/* In the unit of the PLE hardware. */
EVENT(kvm, kvm_ple_window_update,
	FIELD(int, vcpu, decimal, "vcpu ")
	FIELD(uint32_t, old, decimal, " old ")
	FIELD(uint32_t, new, decimal, " new ")
	SHOWN(event->old < event->new ? "(growed)" : "(shrinked)", word, " "))

/* A vCPU tried a directed yield: ret is 1, 0 or -ESRCH. right_vcpu: whom it should have been for,
 * or -1. */
EVENT(oversub, yield_to,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(int, target_vcpu, decimal, " target_vcpu=")
	FIELD(const char *, target_comm, word, " target_comm=")
	FIELD(int, target_pid, decimal, " target_pid=")
	FIELD(int, target_cpu, decimal, " target_cpu=")
	FIELD(int, ret, decimal, " ret=")
	FIELD(int, right_vcpu, decimal, " right_vcpu="))

/* ---- Guests --------------------------------------------------------------------------------- */

/* The guest starts to busy-wait on a lock, or on a csd, whose ids go on where those of locks end.
 * waits_for: a vCPU, or -1. */
EVENT(oversub, spin_begin,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(const char *, on, word, " on=")
	FIELD(int64_t, id, hex, " id=0x")
	FIELD(int, waits_for, decimal, " waits_for="))

EVENT(oversub, spin_end,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(const char *, on, word, " on=")
	FIELD(int64_t, id, hex, " id=0x")
	FIELD(int64_t, ns, decimal, " ns="))

/* thread: number in its VM or host program; vcpu: -1 of a thread of the host. */
EVENT(oversub, request_begin,
	FIELD(const char *, request, word, "request=")
	FIELD(int, number, decimal, " number=")
	FIELD(int, thread, decimal, " thread=")
	FIELD(int, vcpu, decimal, " vcpu="))

/* ns: the latency of the request. */
EVENT(oversub, request_end,
	FIELD(const char *, request, word, "request=")
	FIELD(int, number, decimal, " number=")
	FIELD(int, thread, decimal, " thread=")
	FIELD(int, vcpu, decimal, " vcpu=")
	FIELD(int64_t, ns, decimal, " ns="))

/* A guest thread finds a lock taken. It spins or sleeps until it has it. */
EVENT(oversub, lock_wait_begin,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(int, thread, decimal, " thread=")
	FIELD(const char *, lock, word, " lock=")
	FIELD(int64_t, id, hex, " id=0x")
	FIELD(bool, interrupts, flag, " interrupts="))

/* It has the lock and executes; ns since the lock_wait_begin. */
EVENT(oversub, lock_wait_end,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(int, thread, decimal, " thread=")
	FIELD(const char *, lock, word, " lock=")
	FIELD(int64_t, id, hex, " id=0x")
	FIELD(int64_t, ns, decimal, " ns="))

/* Whose a lock is from now on; may come without a change. owner: or one of the readers; heir: the
 * one that was woken or kicked to take it; each -1 if there is none. */
EVENT(oversub, lock_owner,
	FIELD(const char *, lock, word, "lock=")
	FIELD(int64_t, id, hex, " id=0x")
	FIELD(int, owner_vcpu, decimal, " owner_vcpu=")
	FIELD(int, owner_thread, decimal, " owner_thread=")
	FIELD(int, heir_vcpu, decimal, " heir_vcpu=")
	FIELD(int, heir_thread, decimal, " heir_thread=")
	FIELD(int, readers, decimal, " readers="))

/* The scheduler of a guest gives a vCPU to a thread, or to its idle loop, for -1. */
EVENT(oversub, guest_switch,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(int, next_thread, decimal, " next_thread="))

/* The handler of a call-function interrupt comes to a csd, of the vCPU caller. */
EVENT(oversub, csd_function_entry,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(int64_t, id, hex, " id=0x")
	FIELD(const char *, op, word, " op=")
	FIELD(int, caller, decimal, " caller="))

/* From now on its caller need not wait for it. */
EVENT(oversub, csd_unlock,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(int64_t, id, hex, " id=0x")
	FIELD(const char *, op, word, " op=")
	FIELD(int, caller, decimal, " caller="))

/* The handler of what kvm_inj_virq injected is over. That of an NMI may have come within another
 * one; its vector is TRACE_NMI. */
EVENT(oversub, irq_exit,
	FIELD(int, vcpu, decimal, "vcpu=")
	FIELD(int, vector, decimal, " vector="))

/* clang-format on */
#undef EVENT
#undef FIELD
#undef HIDDEN
#undef SHOWN
#undef TEXT
