/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One IPI of a trace from the write of ICR to the end of the sender's wait: the steps on its way,
 * and what each vCPU that matters did meanwhile or why it was off its CPU.
 */
#ifndef SIM_TRACE_JOURNEY_H
#define SIM_TRACE_JOURNEY_H

#include "sim/trace/trace_read.h"

/* vCPUs in a picture: the sender, the receiver, and others that were on the receiver's CPU or that
 * the sender yielded to. */
#define JOURNEY_MAX_TASKS 7
#define JOURNEY_MAX_STEPS 16

/* What a task did for a while. */
struct journey_interval {
	const struct replay_task *task;
	enum replay_doing doing;      /* threads of the host are in HOST, too */
	int64_t begin, end;	      /* ns, begin < end */
	int cpu;		      /* it was on; PREEMPTED and YIELDED: that it had to leave */
	const struct replay_task *by; /* who got that CPU then; NULL: nobody */
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
	int64_t time;			 /* ns */
	const struct replay_task *task;	 /* whose row it is in */
	const struct replay_task *other; /* NULL: none, or idle */
	int cpu;
	int count;
	bool right;
};

struct journey {
	int64_t from, to; /* shown; a little longer than the journey */
	const struct replay_task *tasks[JOURNEY_MAX_TASKS];
	int nr_tasks; /* tasks[0] is the sender and tasks[1] the receiver */
	int vector;
	struct journey_interval receiver; /* what it did when the IPI was sent; no begin, no end */
	struct journey_step steps[JOURNEY_MAX_STEPS];
	int nr_steps;
	struct journey_interval *intervals; /* in the order of their ends */
	size_t nr_intervals;
};

/*
 * The IPI, sent from `from` to `to` ns, of which there is most to see: its sender waits for a
 * receiver that is off its CPU, KVM yields, and the receiver runs. *found is false if no sender in
 * there waited for an IPI. OVERSUB_FAILED without memory. Free it with journey_free() if found;
 * tasks are those of trace.
 */
enum oversub_status journey_find(struct trace *trace, int64_t from, int64_t to,
				 struct journey *journey, bool *found, struct oversub_error *error);
void journey_free(struct journey *journey);

#endif
