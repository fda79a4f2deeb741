/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waits inside guests, and what those who are waited for do meanwhile.
 *
 * A wait is one of a thread for a lock, from when it finds it taken until it has it and executes;
 * or one of a vCPU for a call (smp_call, tlb_flush), from its first pause loop to its last. At
 * every moment somebody is awaited: the owner of the lock, the vCPU that has not run the call. If
 * that one cannot go on before somebody else does something, the chain goes on there: a call does
 * not go on beyond a vCPU that takes interrupts. The end of the chain is who would have to run, and
 * what it does instead is the cause, ns by ns. When the wait is over but the waiter does not
 * execute, the cause lies with the waiter itself.
 *
 * A chain changes only when a wait begins, is over or ends, or a lock changes hands. In between,
 * the cause changes only with the state of the task at the end, so waits are settled when that
 * changes.
 */
#ifndef SIM_EXPLAIN_WAIT_H
#define SIM_EXPLAIN_WAIT_H

#include "sim/explain/mirror.h"

enum wait_cause {
	CAUSE_NEEDED,	 /* runs what is waited for; the waiter: is about to notice */
	CAUSE_EARLIER,	 /* in the handler of calls, not at this one yet */
	CAUSE_HANDLER,	 /* in another interrupt handler */
	CAUSE_IRQS_OFF,	 /* in guest mode, with interrupts off */
	CAUSE_IPI,	 /* in guest mode, the interrupt is on its way */
	CAUSE_GUEST,	 /* its vCPU runs in guest mode, but another thread, or the idle loop */
	CAUSE_EXIT,	 /* on its CPU, in the hypervisor */
	CAUSE_PREEMPTED, /* off its CPU, see enum task_origin; these three have a culprit */
	CAUSE_YIELDED,
	CAUSE_WOKEN,
	CAUSE_STOPPED, /* by a co-scheduling policy */
	CAUSE_THROTTLED,
	CAUSE_HALTED,
	CAUSE_UNKNOWN, /* nobody in particular is waited for */
	WAIT_CAUSES
};

enum wait_role { ROLE_AWAITED, ROLE_WAITER, WAIT_ROLES };

enum wait_kind { WAIT_LOCK, WAIT_CALL };

/* Longer chains count as this long. */
enum { WAIT_MAX_HOPS = 3 };
/* What a wait remembers of its course; more is folded. */
enum { WAIT_MAX_STEPS = 64 };

/* What the waiter's yields came to. */
struct wait_yields {
	unsigned int tried, taken;
	unsigned int right;	     /* taken, and to who keeps it waiting */
	unsigned int right_honoured; /* of those, that ran next */
	unsigned int honoured;	     /* of all */
	unsigned int futile;
};

/* Who a step remembers. */
enum { WAIT_MAX_OCCUPANTS = 3 };

struct wait_occupant {
	const struct explain_task *task;
	int64_t ns;
};

/* A stretch of a wait with one cause. */
struct wait_step {
	int64_t begin, ns;
	int64_t own_ns; /* of its cause; the rest is what was folded into it */
	enum wait_cause cause;
	enum wait_role role;
	const struct explain_task *end; /* of the chain; NULL: nobody */
	const struct explain_task *via; /* the first of the chain, if that is not the end */
	bool in_user;			/* end lost its CPU in user mode */
	bool via_lock;			/* the wait of `via` is for a lock */
	int cpu;			/* of end */
	int64_t since;			/* ns; since when end was where it was */
	unsigned int folded;		/* shorter steps that this one swallowed */
	/* Who had that CPU meanwhile, most of the time first; not all of them. */
	struct wait_occupant occupants[WAIT_MAX_OCCUPANTS];
	int nr_occupants;
	int64_t idle_ns; /* nobody had it: it was being switched to */
	int64_t spin_ns; /* who had it spun */
	struct wait_yields yields;
	const struct explain_task *ran_instead; /* when a right yield was futile; or NULL */
};

struct explain_wait {
	uint64_t serial; /* of the wait; 0: not in use */
	int vm;
	struct explain_task *waiter;
	int thread; /* WAIT_LOCK */
	enum wait_kind kind;
	char what[32];		     /* "lock mmap", "tlb_flush", "call" if not known yet */
	int64_t object;		     /* number of the lock, id of the csd */
	struct explain_task *target; /* WAIT_CALL: who has to run it; NULL: unknown */
	bool interrupts;	     /* are on while it waits */
	bool over;		     /* what it waits for has come true */
	int64_t begin;		     /* ns */
	int64_t since;		     /* ns; when it began to wait for this object */
	int nr_objects;		     /* how many it has waited for: a call may have many */

	/* The chain. */
	struct explain_task *end;  /* NULL: nobody in particular */
	int end_thread;		   /* that has to run there; -1: whatever is there */
	struct explain_wait *last; /* the wait that is for end */
	enum wait_role role;
	int hops;					  /* waits of others that it goes through */
	struct explain_wait *watch_next, *watch_previous; /* among end's watchers */
	struct explain_wait *active_next, *active_previous;

	int64_t settled; /* ns; up to when ns is complete */
	int64_t ns[WAIT_ROLES][WAIT_CAUSES][CULPRITS];
	int64_t hop_ns[WAIT_MAX_HOPS + 1];
	int64_t user_ns; /* for one that was preempted in user mode: KVM's filter wants others */
	struct wait_yields yields;
	struct wait_step steps[WAIT_MAX_STEPS];
	int nr_steps;
};

/* What settling needs to know. */
struct wait_table {
	struct mirror mirror;
	int64_t ipi_flight_ns;
	uint64_t serials; /* waits so far */
};

/* Bring the waits whose chains end at task up to now: before any change of its state. */
void wait_settle_task(const struct wait_table *table, struct explain_task *task, int64_t now);
/* The same for all who are queued on a CPU: before that gets another task, or that one begins or
 * ceases to spin. Their stolen time is settled, too. */
void wait_settle_queue(const struct wait_table *table, int cpu, int64_t now);
/* Bring one up to now. */
void wait_settle(const struct wait_table *table, struct explain_wait *wait, int64_t now);
/* A wait of vm began, is over or ended, or a lock of its changed hands: settle before, relink
 * after. */
void wait_settle_vm(const struct wait_table *table, int vm, int64_t now);
void wait_relink_vm(const struct wait_table *table, int vm);

/* The wait of thread for a lock, begun at now; NULL without memory. */
struct explain_wait *wait_begin_lock(struct wait_table *table, struct explain_task *waiter,
				     int thread, int lock, bool interrupts, int64_t now);
/* The wait of waiter for a call that target is to run. */
struct explain_wait *wait_begin_call(struct wait_table *table, struct explain_task *waiter,
				     struct explain_task *target, int64_t csd, int64_t now);
/* thread has got vCPU `on` of its guest, or the idle loop has, for -1. */
void wait_guest_switch(struct wait_table *table, struct explain_task *on, int thread, int64_t now);
/* The wait that thread has for a lock, NULL if it has none. */
struct explain_wait *wait_of_thread(const struct wait_table *table, int vm, int thread);
/* It is settled: take it out of all lists. Its contents stay until it is used again. */
void wait_end(struct wait_table *table, struct explain_wait *wait);

/* Sum over all causes, ns. */
int64_t wait_total(const struct explain_wait *wait);

#endif
