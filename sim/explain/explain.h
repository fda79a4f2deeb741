/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the time of a run went: an analyser that reads the trace of a replication as it is made, in
 * bounded memory, and says what those who were waited for did meanwhile.
 *
 * A wait counts with its whole length if it ends while the run measures, or is unfinished at the
 * end, so the lengths of those for locks are those of the run's own histogram lock_wait. Shares by
 * cause sum to 1. All else (yields, stolen time) is counted while the run measures.
 */
#ifndef SIM_EXPLAIN_EXPLAIN_H
#define SIM_EXPLAIN_EXPLAIN_H

#include <oversub/error.h>

#include "sim/explain/wait.h"

struct explain_options {
	int64_t measure_start; /* ns; what happens before is followed, but not counted */
	int64_t ipi_flight_ns; /* of the host */
	int top;	       /* how many of the longest waits to tell, >= 0 */
};

/* Waits for one thing. */
struct explain_kind {
	char what[32];
	uint64_t count; /* unfinished ones included */
	int64_t ns, longest;
	int64_t unfinished_ns; /* part of ns */
};

/* Kinds beyond this many are counted as one. */
enum { EXPLAIN_MAX_KINDS = 16 };

/* Others that are kept with a long wait that they are like. */
enum { EXPLAIN_MAX_ALIKE = 15 };

/* A long wait. */
struct explain_long_wait {
	const struct explain_wait *wait;		     /* settled, with a serial */
	const struct explain_wait *alike[EXPLAIN_MAX_ALIKE]; /* longest first */
	int nr_alike;
};

struct explanation {
	uint64_t nr_waits, nr_unfinished; /* the first includes the second */
	int64_t wait_ns, unfinished_ns;
	int64_t ns[WAIT_ROLES][WAIT_CAUSES][OCCUPANTS];
	int64_t hop_ns[WAIT_MAX_HOPS + 1];
	int64_t user_ns; /* for who was preempted in user mode */
	struct explain_kind kinds[EXPLAIN_MAX_KINDS];
	int nr_kinds;
	struct explain_yields yields;
	int64_t stolen[OCCUPANTS]; /* of all vCPUs: runnable without a CPU, by who had it */

	/*
	 * The longest, longest first. Of those that overlap and mostly wait for the same one is
	 * told, and the others follow it in `alike`.
	 */
	struct explain_long_wait *top;
	int nr_top;
};

struct explain;

/* NULL without memory. */
struct explain *explain_new(const struct explain_options *options);
void explain_free(struct explain *explain);
/* Give it all records of a replication, those of its warm-up included. */
struct trace_sink *explain_sink(struct explain *explain);
/* The run has ended, at `end` ns. OVERSUB_FAILED: memory ran out on the way. */
enum oversub_status explain_finish(struct explain *explain, int64_t end,
				   struct oversub_error *error);
/* After explain_finish(): what came out; it and all it points to belong to explain. */
const struct explanation *explain_result(const struct explain *explain);
/* The tasks that were met: for who was waited for, and who was in the way. */
const struct wait_table *explain_table(const struct explain *explain);

/* Sum over occupants, and over both roles for role < 0. */
int64_t explanation_cause(const struct explanation *explanation, int role, enum wait_cause cause);
/* The same over causes, while occupant had the CPU. */
int64_t explanation_occupant(const struct explanation *explanation, int role,
			     enum cpu_occupant occupant);

#endif
