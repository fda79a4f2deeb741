/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trace records: what happened, in the terms of the kernel's tracepoints, for whoever listens.
 *
 * The models write records into a sink; a writer of some file format is such a sink. The engine
 * knows neither. Without a sink (a null pointer) nothing is built and nothing is paid. The events
 * and their fields are in trace_events.h.
 */
#ifndef SIM_TRACE_TRACE_H
#define SIM_TRACE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

/* ---- Types of fields ------------------------------------------------------------------------ */

/* prev_state of a sched_switch: what took the task off the CPU. */
enum trace_state {
	TRACE_STATE_INTERRUPTIBLE,   /* "S": blocked */
	TRACE_STATE_UNINTERRUPTIBLE, /* "D" */
	TRACE_STATE_RUNNING,	     /* "R": preempted or yielded */
	TRACE_STATES
};

/* Why a vCPU left guest mode, as the hardware says it: EXIT(name, of VMX, of SVM). */
#define TRACE_EXITS(EXIT)                                                                          \
	EXIT(UNKNOWN, "UNKNOWN", "unknown")                                                        \
	EXIT(EXTERNAL_INTERRUPT, "EXTERNAL_INTERRUPT", "interrupt")                                \
	EXIT(PAUSE, "PAUSE_INSTRUCTION", "pause")                                                  \
	EXIT(HLT, "HLT", "hlt")                                                                    \
	EXIT(MSR_WRITE, "MSR_WRITE", "msr")                                                        \
	EXIT(INTERRUPT_WINDOW, "INTERRUPT_WINDOW", "vintr")                                        \
	EXIT(PREEMPTION_TIMER, "PREEMPTION_TIMER", "interrupt")                                    \
	EXIT(IO, "IO_INSTRUCTION", "io")                                                           \
	EXIT(HYPERCALL, "VMCALL", "hypercall")                                                     \
	EXIT(INCOMPLETE_IPI, "UNKNOWN", "avic_incomplete_ipi")                                     \
	EXIT(EOI, "EOI_INDUCED", "avic_unaccelerated_access")                                      \
	EXIT(NMI_WINDOW, "NMI_WINDOW", "iret")                                                     \
	EXIT(APIC_ACCESS, "APIC_ACCESS", "npf")                                                    \
	EXIT(APIC_WRITE, "APIC_WRITE", "avic_unaccelerated_access")

enum trace_exit_reason {
#define EXIT(name, vmx, svm) TRACE_EXIT_##name,
	TRACE_EXITS(EXIT)
#undef EXIT
		TRACE_EXIT_REASONS
};

struct trace_exit {
	enum trace_exit_reason reason;
	bool svm;
};

/* Of the address where a guest exits only the half of the address space is known. */
#define TRACE_RIP_KERNEL ((int64_t)0xffffffff81000000)
#define TRACE_RIP_USER	 INT64_C(0x400000)

/* What stands for an NMI among vectors. */
enum { TRACE_NMI = 2 };

/* comm of the idle tasks, whose pid is 0. */
#define TRACE_IDLE_COMM "swapper"

/* An ICR, without its destination. */
static inline uint32_t trace_icr(uint8_t vector, int delivery, int shorthand)
{
	return vector | (uint32_t)delivery << 8 | (uint32_t)shorthand << 18;
}

static inline int trace_icr_vector(uint32_t icr)
{
	return icr & 0xff;
}

/* For whom the interrupt is; TO_DEST: the destination says it. */
enum trace_shorthand { TRACE_TO_DEST, TRACE_TO_SELF, TRACE_TO_ALL, TRACE_TO_OTHERS };

static inline enum trace_shorthand trace_icr_shorthand(uint32_t icr)
{
	return icr >> 18 & 3;
}

/* ---- Records -------------------------------------------------------------------------------- */

enum trace_kind {
#define EVENT(system, name, fields) TRACE_##name,
#include "sim/trace/trace_events.h"
	TRACE_KINDS, /* how many there are */
};

/* One record. The strings are the writer's to copy: they are valid during the call only. */
struct trace_record {
	int64_t time;	      /* ns, the simulated clock */
	enum trace_kind kind; /* says which member of the union is in use */
	int cpu;	      /* physical CPU it happened on */
	const char *comm;     /* task running there, as in ftrace; no spaces; never NULL */
	int pid;	      /* its pid; 0 is the idle task */
	union {
#define EVENT(system, name, fields)                                                                \
	struct {                                                                                   \
		fields                                                                             \
	} name;
#define FIELD(type, member, format, before) type member;
#define HIDDEN(type, member)		    type member;
#include "sim/trace/trace_events.h"
	};
};

/* A record of the event of that name with these fields (.vcpu = 1, ...); all else is 0. */
#define TRACE_RECORD(event, ...)                                                                   \
	((struct trace_record){.kind = TRACE_##event, .event = {__VA_ARGS__}})

/* Of a yield_to record: KVM took it, and to the vCPU that it should go to. */
static inline bool trace_yield_is_taken(const struct trace_record *record)
{
	return record->yield_to.ret == 1;
}

static inline bool trace_yield_is_right(const struct trace_record *record)
{
	return record->yield_to.right_vcpu >= 0 &&
	       record->yield_to.right_vcpu == record->yield_to.target_vcpu;
}

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

#endif
