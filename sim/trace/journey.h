/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One IPI of a trace from the write of ICR to the end of the sender's wait: the steps on its way,
 * and what each vCPU that matters did meanwhile or why it was off its CPU.
 */
#ifndef SIM_TRACE_JOURNEY_H
#define SIM_TRACE_JOURNEY_H

#include "sim/trace/timeline.h"

/* vCPUs in a picture: the sender, the receiver, and others that were on the receiver's CPU or that
 * the sender yielded to. */
#define JOURNEY_MAX_TASKS 7
#define JOURNEY_MAX_STEPS 16

enum journey_state {
	JOURNEY_UNKNOWN,   /* before the first event that tells of it */
	JOURNEY_WORK,	   /* in guest mode */
	JOURNEY_SPIN,	   /* busy-waits in guest mode */
	JOURNEY_HOST,	   /* on its CPU outside guest mode */
	JOURNEY_PREEMPTED, /* off its CPU, runnable: another task took it */
	JOURNEY_YIELDED,   /* off its CPU, runnable: it gave the CPU away in a directed yield */
	JOURNEY_HALTED,	   /* asleep */
	JOURNEY_WOKEN,	   /* woken, waiting for a CPU */
	JOURNEY_STATES
};

/* What a task did for a while. */
struct journey_stretch {
	int task;
	enum journey_state state;
	int64_t begin, end; /* ns, begin < end */
	int cpu;	    /* it is on, or was on last; -1 if that is not known */
	int by;		    /* the task that got the CPU, PREEMPTED and YIELDED; else -1 */
};

enum journey_step_kind {
	JOURNEY_SENT,	     /* task writes ICR; other: the receiver */
	JOURNEY_SPIN_BEGINS, /* the sender begins to wait */
	JOURNEY_YIELD,	     /* the sender yields to other; right: it waits for that one */
	JOURNEY_MORE_YIELDS, /* more of them than are listed: count */
	JOURNEY_RUNS,	     /* the receiver gets a CPU */
	JOURNEY_INJECTED,    /* the interrupt enters the receiver */
	JOURNEY_EOI,	     /* and is ended there; not seen with APICv */
	JOURNEY_SPIN_ENDS,   /* the sender goes on */
};

struct journey_step {
	enum journey_step_kind kind;
	int64_t time; /* ns */
	int task;     /* whose row it is in */
	int other;    /* -1: none */
	int cpu;
	int count;
	bool right;
};

struct journey {
	int64_t from, to; /* shown; a little longer than the journey */
	int tasks[JOURNEY_MAX_TASKS];
	int nr_tasks; /* tasks[0] is the sender and tasks[1] the receiver */
	int vector;
	enum journey_state receiver_was; /* when it was sent */
	int receiver_lost_to;		 /* the task that had taken its CPU then; -1 */
	struct journey_step steps[JOURNEY_MAX_STEPS];
	int nr_steps;
	struct journey_stretch *stretches;
	size_t nr_stretches, stretches_capacity;
};

/*
 * The IPI, sent from `from` to `to` ns, whose story is the most complete: its sender waits for a
 * receiver that is off its CPU, KVM yields, and the receiver runs. *found is false if no sender in
 * there waited for an IPI. OVERSUB_FAILED without memory. Free it with journey_free() if found.
 */
enum oversub_status journey_find(const struct timeline_trace *trace, int64_t from, int64_t to,
				 struct journey *journey, bool *found, struct oversub_error *error);
void journey_free(struct journey *journey);

#endif
