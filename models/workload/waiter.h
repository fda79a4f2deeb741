/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thread as the things that it waits for see it: a node for their queues.
 *
 * There are no edges of a wait-for graph to keep: a waiting thread stores what it waits for, and
 * the chain is walked on demand with waiter_waits_for() of
 * lock.h.
 */
#ifndef MODELS_WORKLOAD_WAITER_H
#define MODELS_WORKLOAD_WAITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>

struct exec_waiter;
struct sync_lock;
struct sync_event;
struct sync_barrier;
struct source_state;

enum waiter_state {
	WAITER_IDLE,	/* waits for nothing that is known here */
	WAITER_LOCK,	/* in the queue of lock, spinning or off its CPU */
	WAITER_EVENT,	/* sleeps until event is signalled */
	WAITER_BARRIER, /* sleeps until the others arrive at barrier */
	WAITER_SOURCE,	/* sleeps until work arrives at source */
};

/* What a waiter for a pv lock lets the others know. */
enum pv_state {
	PV_RUNNING, /* spins, on its CPU or not */
	PV_HALTED,  /* halted in the queue, or about to */
	PV_HASHED,  /* the same, and first in the queue: the next release kicks it */
};

/* What a waiter for a mutex or rwsem does. */
enum sleeper_state {
	SLEEPER_SPINS,	 /* in the lock's spinners, or the first of its sleepers and awake */
	SLEEPER_GAVE_UP, /* does not spin any more, does not sleep yet */
	SLEEPER_SLEEPS,
	SLEEPER_WOKEN, /* to try again */
};

/* Locks of kind rwsem that a thread can hold for reading at the same time. */
#define WAITER_READS 4

/* First in, first out; intrusive. 0 bytes are an empty queue. */
struct waiter_queue {
	struct exec_waiter *first, *last;
	int length;
};

/*
 * Embedded in each thread, guest or host; find the thread with container_of. Written by the
 * functions of waiter.h, lock.h, event.h, barrier.h and source.h only.
 */
struct exec_waiter {
	const char *name; /* "worker3", for messages; outlives the waiter */
	enum waiter_state state;
	union { /* state says which */
		struct sync_lock *lock;
		struct sync_event *event;
		struct sync_barrier *barrier;
		struct source_state *source;
	};
	int64_t since;		/* ns, when its last wait began; kept after the wait */
	int64_t arrival;	/* ns, arrival time of the work that source_arrive() gave it */
	enum pv_state pv_state; /* pv lock; see pv_lock.c */
	bool pv_hashed;		/* it has marked the lock as slow already in this wait */

	/* mutex and rwsem; see sleeping_lock.c. */
	enum sleeper_state sleeper_state;
	int lock_mode;		/* enum lock_mode of the lock op in progress; set by its runner */
	int64_t spin_until;	/* ns; end of its spin for readers, INT64_MAX = not begun */
	struct sync_lock *held; /* exclusively; through next_held */
	struct sync_lock *reading[WAITER_READS]; /* NULL = unused */

	bool executing; /* it has its CPU and can act in this very moment */

	struct exec_waiter *next, *previous; /* in queue */
	struct waiter_queue *queue;	     /* where it stands; NULL if nowhere */
};

/* Prepare waiter: waits for nothing, does not execute. */
void waiter_init(struct exec_waiter *waiter, const char *name);

/*
 * The runner says that the thread got or lost its CPU (for a guest thread: its vCPU executes it in
 * guest mode, or no more). Only an executing waiter can grab a test-and-set lock that becomes free;
 * one that begins to execute must call lock_poll() right after this.
 */
void waiter_set_executing(struct exec_waiter *waiter, bool executing);

/*
 * Write "waits 12345 ns for lock mmap_lock held by worker3", or the like, into text of size bytes;
 * now in ns. An idle waiter gives "".
 */
void waiter_describe(const struct exec_waiter *waiter, int64_t now, char *text, size_t size);

/* Queue primitives, for the sync objects. */
void waiter_queue_push(struct waiter_queue *queue, struct exec_waiter *waiter);
/* The head, taken out; NULL if the queue is empty. */
struct exec_waiter *waiter_queue_pop(struct waiter_queue *queue);
/* Take waiter out of the queue it stands in. */
void waiter_queue_remove(struct exec_waiter *waiter);

#endif
