/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a picture of a short part of a trace needs: boxes (who was on a CPU and what it did),
 * directed yields and interrupts in flight.
 */
#ifndef SIM_TRACE_TIMELINE_H
#define SIM_TRACE_TIMELINE_H

#include "sim/trace/trace_read.h"

struct timeline_box {
	int cpu;
	const struct replay_task *task; /* of the trace */
	enum replay_doing doing;	/* WORK, SPIN, HOST or THREAD */
	int64_t begin, end;		/* ns, begin < end */
	bool preempted;			/* it ends because another task took the CPU */
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
	size_t nr_boxes;
	struct timeline_yield *yields;
	size_t nr_yields;
	struct timeline_flight *flights;
	size_t nr_flights;
};

/*
 * The start of *length ns in which many directed yields, but not more than a picture can show,
 * happen; the beginning of the trace if there are none. If *length is 0 it is set: 5 ms or, where
 * yields are dense, less.
 */
int64_t timeline_choose(const struct trace *trace, int64_t *length);

/*
 * What happened from `from` on for `length` ns. Boxes shorter than `resolution` that do not matter
 * (an exit between two spins) go to their neighbours. IPIs in flight that are shorter than that are
 * left out. OVERSUB_FAILED if memory runs out. Free it with timeline_free() if OVERSUB_OK.
 */
enum oversub_status timeline_derive(struct trace *trace, int64_t from, int64_t length,
				    int64_t resolution, struct timeline *timeline,
				    struct oversub_error *error);
void timeline_free(struct timeline *timeline);

#endif
