/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of functions on other CPUs (kernel/smp.c). A call is queued on each target as a
 * csd. The target's interrupt handler runs it and unlocks it; a caller that waits spins for its
 * csds in the order of their CPUs. Only a target whose list was empty gets an IPI.
 */
#ifndef MODELS_GUEST_CALL_FUNCTION_H
#define MODELS_GUEST_CALL_FUNCTION_H

#include <oversub/error.h>

#include "models/kvm/kvm.h"
#include "models/workload/workload.h"

struct guest;
struct guest_cpu;

/*
 * A call_single_data. Every CPU owns a row of them: one per target for calls on several CPUs, then
 * one for single calls that do not wait, then one for single calls that do (the one on the stack).
 * If there is a scheduler, every thread has one behind those, for its remote wake-ups. The id of a
 * csd is its place among all; GUEST_NO_CSD is none.
 */
struct guest_csd {
	const struct op *op; /* what asked for it: the function to run; NULL: a wake-up */
	struct guest_thread *caller;
	uint32_t next;	 /* in its list */
	uint16_t target; /* CPU that it was queued on last */
	bool locked;	 /* queued, or being run */
	bool sync;	 /* its owner waits for it */
};

#define GUEST_NO_CSD UINT32_MAX

/* A CPU's own csds besides one per target. */
enum { GUEST_CSD_SINGLE_ASYNC, GUEST_CSD_SINGLE_SYNC, GUEST_CSD_SINGLES };

struct guest_thread;

/* First in, first out. */
struct guest_csd_list {
	uint32_t first, last;
};

enum guest_call_step {
	CALL_QUEUE, /* queue csds, having waited for those that are still in use */
	CALL_SEND,  /* IPIs */
	CALL_YIELD, /* to a target that is preempted (PV sched yield) */
	CALL_FLUSH, /* TLB_FLUSH: begin to flush here */
	CALL_FLUSHED,
	CALL_WAIT, /* for the targets in order */
	CALL_DONE
};

/* The call that a CPU makes: one at a time. */
struct guest_call {
	enum guest_call_step step;
	const struct op *op;
	int target;  /* the only CPU to call, -1: all others */
	bool single; /* smp_call_function_single() */
	bool wait;
	bool several;	      /* IPIs to more than one target */
	int cursor;	      /* next CPU to look at in this step */
	int nr_queued;	      /* targets with a csd of this call */
	int nr_ipis;	      /* of those, the ones that need an IPI */
	uint64_t *queued;     /* bitmap of the first */
	uint64_t *ipis;	      /* bitmap of the second */
	int64_t sent;	      /* ns, when all was queued */
	int64_t last_unlock;  /* ns, when the last csd so far was unlocked */
	uint64_t generation;  /* TLB_FLUSH: what the targets must reach */
	uint64_t local_flush; /* TLB_FLUSH: generation that the local flush reaches */
};

/* The csds of guest and the CPUs' bitmaps; guest->cpus exists. OVERSUB_FAILED without memory. */
enum oversub_status call_function_init(struct guest *guest, struct oversub_error *error);
void call_function_fini(struct guest *guest);

/* Prepare a call of op on CPU target, or on all others if it is -1, by cpu. */
void call_begin(struct guest_cpu *cpu, const struct op *op, int target);
/* The call's next action. False: it is complete. */
bool call_next(struct guest_cpu *cpu, struct guest_action *action);

/* cpu makes a call that waits, and CPU target has not answered yet. */
bool call_awaits(const struct guest_cpu *cpu, int target);

/* Something is queued on cpu. */
bool call_pending(const struct guest_cpu *cpu);
/*
 * Queue the wake-up of thread on its CPU (__ttwu_queue_wakelist). True: that CPU's list was empty,
 * so it needs an IPI.
 */
bool call_queue_wakeup(struct guest_thread *thread);
/*
 * The idle loop of cpu runs what is queued, without an interrupt (flush_smp_call_function_queue).
 * False: it has all been done.
 */
bool call_flush(struct guest_cpu *cpu, struct guest_action *action);

/* The handler: take over what is queued on cpu. */
void call_handler_begin(struct guest_cpu *cpu);
/* Finish the function in progress, begin the next. False: none is left. */
bool call_handler_next(struct guest_cpu *cpu, struct guest_action *action);

/* The CPU on which csd runs. */
struct guest_cpu *call_target_of(const struct guest *guest, uint32_t id);
/*
 * Who has to act for a locked csd to be run: the CPU that it is queued on, if that has been told;
 * else the one that found the list empty and has not got round to sending its IPI, perhaps because
 * it has to wait for another csd first.
 */
struct guest_cpu *call_next_to_act(const struct guest *guest, uint32_t id);

#endif
