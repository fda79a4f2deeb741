/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thread's way through its program. The program says what comes next; whoever runs the thread
 * (guest kernel or plain host thread) says when, and asks again once an action is done.
 */
#ifndef MODELS_WORKLOAD_PROGRAM_H
#define MODELS_WORKLOAD_PROGRAM_H

#include <oversub/error.h>

#include "models/workload/instance.h"
#include "models/workload/workload.h"
#include "sim/engine/random.h"

enum {
	PROGRAM_MAX_NESTING = 8,	/* loops in loops, and requests in requests */
	PROGRAM_MAX_STEPS = 1000 * 1000 /* ops in one instant before it counts as a hang */
};

enum program_state {
	PROGRAM_RUNNING,
	PROGRAM_ENDED,
	PROGRAM_STUCK, /* goes round without taking time; see program_error() */
};

struct program_thread;

/* Told about requests, for traces. latency is 0 when the request begins. */
typedef void program_request_fn(struct program_thread *thread, int request, bool begins,
				int64_t now, int64_t latency);

/* Must not be moved after program_thread_init() (the streams point into themselves). */
struct program_thread {
	struct workload_instance *instance;
	const struct workload_thread_class *class;
	int index; /* of the thread among all of its instance, from 0 */
	enum program_state state;
	program_request_fn *on_request; /* NULL = nobody listens; set by the runner */

	int pc; /* next op to look at */
	int loop_depth;
	int64_t passes_left[PROGRAM_MAX_NESTING]; /* of the loops it is in; < 0 forever */
	int request_depth;
	int64_t request_start[PROGRAM_MAX_NESTING]; /* ns, of the requests it is in */

	struct sim_stream durations; /* purpose "duration" */
	struct sim_stream choices;   /* purpose "choice": probabilities and targets */
	int64_t last_time;	     /* ns, of the last program_next() */
	int steps;		     /* ops since last_time changed */
};

/*
 * Put thread number `number` of class `class_index` at the start of its program. Its streams are
 * named after the instance, the class and number, and so do not depend on anything else.
 */
void program_thread_init(struct program_thread *thread, struct workload_instance *instance,
			 int class_index, int number, uint64_t seed, uint32_t replication);

/*
 * The next action, at now (ns). Loops, requests and probabilities are dealt with on the way; the
 * end of a request is counted in the instance's statistics. NULL: there is none, see state.
 */
const struct op *program_next(struct program_thread *thread, int64_t now);

/* After PROGRAM_STUCK: says what is wrong and returns OVERSUB_BAD_INPUT. OVERSUB_OK otherwise. */
enum oversub_status program_error(const struct program_thread *thread, struct oversub_error *error);

/* How long this time? ns, >= 0. Call it exactly once for each RUN, SLEEP and IO. */
int64_t program_draw_ns(struct program_thread *thread, const struct op *op);

enum {
	PROGRAM_TARGET_OTHERS = -1, /* all other CPUs */
	PROGRAM_TARGET_NONE = -2,   /* there is no such other CPU: the op does nothing */
};
/*
 * Which CPU this time? The index of one other than self_cpu, or one of the above. Call it exactly
 * once for each SMP_CALL and TLB_FLUSH.
 */
int program_draw_target(struct program_thread *thread, const struct op *op, int self_cpu,
			int nr_cpus);

/* After a TAKE: the innermost request counts from arrival (ns) on. */
void program_took(struct program_thread *thread, int64_t arrival);

/* TIMER: its first expiry after now, ns: expiries are at phase_ns + n * period_ns, n >= 0. */
int64_t program_next_expiry(const struct op *op, int64_t now);

#endif
