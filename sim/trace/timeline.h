/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trace in the form of `perf script`, read back and turned into what a picture of a short stretch
 * needs: boxes (who was on a CPU and what it did), directed yields and interrupts in flight.
 */
#ifndef SIM_TRACE_TIMELINE_H
#define SIM_TRACE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <oversub/error.h>

/* A trace may be longer than memory; a picture does not need more. */
#define TIMELINE_MAX_EVENTS 2000000

/* ---- The trace ------------------------------------------------------------------------------ */

enum timeline_event_kind {
	TIMELINE_SWITCH,     /* other: the next task */
	TIMELINE_EXIT,	     /* out of guest mode */
	TIMELINE_ENTRY,	     /* into guest mode */
	TIMELINE_SPIN_BEGIN, /* a busy-wait begins; it may outlast exits and preemptions */
	TIMELINE_SPIN_END,   /* it is over */
	TIMELINE_YIELD,	     /* other: the target; cpu2: its CPU */
	TIMELINE_IPI,	     /* an ICR write; vector, destination */
	TIMELINE_INJECT,     /* an interrupt enters the guest; vector */
	TIMELINE_EOI,	     /* it has been ended in a way that KVM saw; vector */
	TIMELINE_WAKEUP,     /* other: the task that was woken */
};

struct timeline_event {
	int64_t time; /* ns */
	enum timeline_event_kind kind;
	int cpu, cpu2;
	int task;	 /* that ran on cpu: index into tasks */
	int other;	 /* index into tasks, or -1 */
	int vector;	 /* of IPI, INJECT and EOI */
	int waits_for;	 /* SPIN_BEGIN: number of the vCPU, -1: none */
	int destination; /* APIC id; -1: all but the sender, -2: the sender or all */
	bool preempted;	 /* SWITCH: the task could have gone on */
	bool taken;	 /* YIELD: yield_to returned 1 */
	bool right;	 /* YIELD: the target was the right one */
};

struct timeline_task {
	char comm[64];
	int vm;	  /* index into vms; -1: no vCPU */
	int vcpu; /* -1: no vCPU */
	bool idle;
};

struct timeline_trace {
	struct timeline_event *events; /* times never decrease */
	size_t nr_events, events_capacity;
	struct timeline_task *tasks;
	size_t nr_tasks, tasks_capacity;
	char (*vms)[64]; /* names in the order of their names */
	size_t nr_vms;
	int nr_cpus; /* highest CPU + 1 */
};

/* Index of the task that is that vCPU of that VM; -1 if the trace does not know it. */
int timeline_find_vcpu(const struct timeline_trace *trace, int vm, int vcpu);

/*
 * Read the events of stream from `from` to `to` ns, at most TIMELINE_MAX_EVENTS. Lines of other
 * events and comments are skipped. OVERSUB_BAD_INPUT if nothing is left; name is for messages. Free
 * it with timeline_trace_free() if OVERSUB_OK.
 */
enum oversub_status timeline_read(FILE *stream, const char *name, int64_t from, int64_t to,
				  struct timeline_trace *trace, struct oversub_error *error);
void timeline_trace_free(struct timeline_trace *trace);

/* ---- A stretch of it --------------------------------------------------------------------------
 */

enum timeline_state {
	TIMELINE_IDLE,
	TIMELINE_WORK,	 /* in guest mode */
	TIMELINE_SPIN,	 /* busy-waits in guest mode */
	TIMELINE_HOST,	 /* a vCPU in KVM: exits, switches, halt polling */
	TIMELINE_THREAD, /* a task of the host that is no vCPU */
};

struct timeline_box {
	int cpu, task;
	enum timeline_state state;
	int64_t begin, end; /* ns, begin < end */
	bool preempted;	    /* it ends because another task took the CPU */
};

struct timeline_yield {
	int64_t time;
	int from_cpu, to_cpu; /* of the yielder and of the target */
	bool taken, right;
};

/* An IPI on its way, from the write of ICR to its injection. */
struct timeline_flight {
	int64_t sent, injected;
	int from_cpu, to_cpu;
};

struct timeline {
	int64_t from, to;
	struct timeline_box *boxes;
	size_t nr_boxes, boxes_capacity;
	struct timeline_yield *yields;
	size_t nr_yields, yields_capacity;
	struct timeline_flight *flights;
	size_t nr_flights, flights_capacity;
};

/*
 * The start of a stretch of *length ns in which many directed yields, but not more than a picture
 * can show, happen; the beginning of the trace if there are none. If *length is 0 it is set: 5 ms
 * or, where yields are dense, less.
 */
int64_t timeline_choose(const struct timeline_trace *trace, int64_t *length);

/*
 * What happened from `from` on for `length` ns. Boxes shorter than `resolution` that do not matter
 * (an exit between two spins) go to their neighbours. IPIs in flight that are shorter than that are
 * left out. OVERSUB_FAILED if memory runs out. Free it with timeline_free() if OVERSUB_OK.
 */
enum oversub_status timeline_derive(const struct timeline_trace *trace, int64_t from,
				    int64_t length, int64_t resolution, struct timeline *timeline,
				    struct oversub_error *error);
void timeline_free(struct timeline *timeline);

#endif
