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

#include "sim/trace/replay.h"

struct explain_wait;

/* ---- Tasks ---------------------------------------------------------------------------------- */

/* Who has the CPU that a queued task needs. */
enum cpu_occupant {
	OCCUPANT_NOBODY, /* it is being switched to */
	OCCUPANT_SIBLING_SPINS,
	OCCUPANT_SIBLING,
	OCCUPANT_OTHER_SPINS, /* a vCPU of another VM, in a pause loop or an exit from it */
	OCCUPANT_OTHER,
	OCCUPANT_THREAD, /* a host thread */
	OCCUPANTS
};

/* What became of a pause-loop exit. */
enum pause_outcome {
	PAUSE_RIGHT,   /* it yielded to the vCPU that the chain of waits ends with */
	PAUSE_WRONG,   /* it yielded to another one */
	PAUSE_NOTHING, /* it yielded to nobody */
	PAUSE_OUTCOMES
};

/* What is kept of each task beside its state. */
struct explain_task {
	struct replay_task is; /* the first member */

	struct explain_wait *watchers; /* the waits whose chains end here */
	struct explain_wait *wait;     /* what it spins for, NULL: nothing */
	struct explain_wait *call;     /* made for its first wait for a call, and used again */

	/* The pause-loop exit in progress. */
	bool pausing;
	enum pause_outcome pause_outcome;
	int64_t pause_time;
	struct explain_task *pause_right; /* whom it should have yielded to, NULL: unknown */
	/* Exits of others whose right target this is, since it lost its CPU: how many, and the sum
	 * of their times. */
	uint64_t pauses[PAUSE_OUTCOMES];
	__int128 pause_times[PAUSE_OUTCOMES];

	int64_t stolen_until;	   /* ns; up to when stolen is complete */
	int64_t stolen[OCCUPANTS]; /* ns queued, by who had the CPU */
	int64_t awaited_ns;	   /* that others waited for it while it did not run */
	int64_t in_the_way_ns;	   /* that others waited for somebody whose CPU it had */
};

/* The state of each task of a wait_table begins one of these. */
static inline struct explain_task *explain_task_of(const struct replay_task *task)
{
	return (struct explain_task *)task;
}

/* ---- Waits ---------------------------------------------------------------------------------- */

enum wait_cause {
	CAUSE_NEEDED,	 /* runs what is waited for; the waiter: is about to notice */
	CAUSE_EARLIER,	 /* in the handler of calls, not at this one yet */
	CAUSE_HANDLER,	 /* in another interrupt handler */
	CAUSE_IRQS_OFF,	 /* in guest mode, with interrupts off */
	CAUSE_IPI,	 /* in guest mode, the interrupt is on its way */
	CAUSE_GUEST,	 /* its vCPU runs in guest mode, but another thread, or the idle loop */
	CAUSE_EXIT,	 /* on its CPU, in the hypervisor */
	CAUSE_PREEMPTED, /* off its CPU, see enum task_origin; these three have an occupant */
	CAUSE_YIELDED,
	CAUSE_WOKEN,
	CAUSE_STOPPED, /* by a co-scheduling policy */
	CAUSE_THROTTLED,
	CAUSE_HALTED,
	CAUSE_UNKNOWN, /* nobody in particular is waited for */
	WAIT_CAUSES
};

/* Who is waited for is queued, and maybe somebody has its CPU. */
static inline bool wait_has_occupant(enum wait_cause cause)
{
	return cause >= CAUSE_PREEMPTED && cause <= CAUSE_WOKEN;
}

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
};

/* Who a step remembers. */
enum { WAIT_MAX_OCCUPANTS = 3 };

struct wait_occupant {
	const struct explain_task *task;
	int64_t ns;
};

/* A part of a wait with one cause. */
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
	int64_t ns[WAIT_ROLES][WAIT_CAUSES][OCCUPANTS];
	int64_t hop_ns[WAIT_MAX_HOPS + 1];
	int64_t user_ns; /* for one that was preempted in user mode: KVM's filter wants others */
	struct wait_step steps[WAIT_MAX_STEPS];
	int nr_steps;
};

/* ---- All of them ---------------------------------------------------------------------------- */

struct wait_lock {
	bool known;
	int owner_vcpu, owner_thread; /* or the one who is to take it; -1: nobody */
	bool free;		      /* owner is only told to take it */
	bool reading;		      /* readers hold it */
	int nr_waiters;
};

/* A thread of a guest. */
struct wait_thread {
	struct explain_wait *wait; /* for a lock: made once, and used again */
	bool placed;
	int vcpu; /* that it runs on, if placed; otherwise it is where it is met */
};

/* By number of the VM. */
struct wait_vm {
	struct wait_lock *locks;
	int nr_locks;
	struct wait_thread *threads;
	int nr_threads;
	struct explain_wait *active; /* list of the waits that are not over */
};

/* The last yield to a task of a CPU that has not been resolved. */
struct wait_nomination {
	struct explain_task *by, *nominee; /* NULL: none */
	bool right;
	uint64_t wait; /* serial of the wait in which it was made, 0: none */
};

/* What pause-loop exits and directed yields came to, of all waits and outside them. */
struct explain_yields {
	uint64_t pauses[PAUSE_OUTCOMES]; /* pause-loop exits in waits for one that could run */
	uint64_t pauses_in_vain;	 /* those in waits for one that could not, or runs */
	/* From such an exit until the one that is waited for runs: number and sum of ns. */
	uint64_t runs[PAUSE_OUTCOMES];
	__int128 run_ns[PAUSE_OUTCOMES];

	uint64_t tried, refused, esrch, taken;
	uint64_t right;	 /* taken, to the end of the chain, which could run and did not */
	uint64_t missed; /* taken, to another one although there was such a one */
	uint64_t nobody; /* taken, though there was none */
	uint64_t right_futile, right_honoured, other_futile, other_honoured;
};

struct wait_table {
	struct replay replay; /* its failed says that memory ran out here, too */
	struct wait_vm *vms;
	int nr_vms;
	struct wait_nomination *nominations; /* by CPU */
	int nr_nominations;
	struct explain_yields yields;
	int64_t ipi_flight_ns;
	uint64_t serials; /* waits so far */
	/* Its spin has ended, and goes on if the next record says so: a call waits for its targets
	 * one after the other. */
	struct explain_wait *ending;
	/* Called with each wait that is over and settled, before it is forgotten. */
	void (*ended)(struct wait_table *table, const struct explain_wait *wait);
};

void wait_table_init(struct wait_table *table, int64_t ipi_flight_ns);
void wait_table_free(struct wait_table *table);
/* Task number `index` of those that have been met. */
static inline struct explain_task *wait_table_task(const struct wait_table *table, int index)
{
	return explain_task_of(table->replay.tasks[index]);
}

static inline struct explain_task *wait_table_vcpu(const struct wait_table *table, int vm, int vcpu)
{
	return explain_task_of(replay_vcpu(&table->replay, vm, vcpu));
}

/* Lock number `lock` of vm; NULL without memory. */
struct wait_lock *wait_lock_of(struct wait_table *table, int vm, int64_t lock);
/* The wait that thread has for a lock, NULL if it has none. */
struct explain_wait *wait_of_thread(const struct wait_table *table, int vm, int thread);

/* ---- wait_records.c ------------------------------------------------------------------------- */

/* Take the next record: of a run all are wanted, from its beginning on. */
void wait_take(struct wait_table *table, const struct trace_record *record);
/* No more records follow. */
void wait_take_end(struct wait_table *table);

/* ---- wait.c: beginning and end -------------------------------------------------------------- */

/* The wait of thread for a lock, begun at now; NULL without memory. */
struct explain_wait *wait_begin_lock(struct wait_table *table, struct explain_task *waiter,
				     int thread, int64_t lock, bool interrupts, int64_t now);
/* The wait of waiter for a call that target is to run. */
struct explain_wait *wait_begin_call(struct wait_table *table, struct explain_task *waiter,
				     struct explain_task *target, int64_t csd, int64_t now);
/* thread has got vCPU `on` of its guest, or the idle loop has, for -1; settled, not relinked. */
void wait_guest_switch(struct wait_table *table, struct explain_task *on, int thread);
/* wait is no longer among the watchers of the end of its chain. */
void wait_unwatch(struct explain_wait *wait);
/* It is settled: take it out of all lists. Its contents stay until it is used again. */
void wait_end(struct wait_table *table, struct explain_wait *wait);

/* Sum over all causes, ns. */
int64_t wait_total(const struct explain_wait *wait);

/* ---- wait_settle.c: time up to now, by cause ------------------------------------------------ */

/* Bring one up to now. */
void wait_settle(const struct wait_table *table, struct explain_wait *wait, int64_t now);
/* Bring the waits whose chains end at task up to now: before any change of its state. */
void wait_settle_task(const struct wait_table *table, struct explain_task *task, int64_t now);
/* The same for all who are queued on a CPU: before that gets another task, or that one begins or
 * ceases to spin. Their stolen time is settled, too. */
void wait_settle_queue(const struct wait_table *table, int cpu, int64_t now);
/* The same for all waits of vm: before one begins, is over or ends, a lock changes hands, or a
 * vCPU gets another thread. */
void wait_settle_vm(const struct wait_table *table, int vm, int64_t now);

/* ---- wait_chain.c --------------------------------------------------------------------------- */

/* Find the ends of all chains of vm: after what wait_settle_vm() comes before. */
void wait_relink_vm(const struct wait_table *table, int vm);

/* ---- wait_steps.c: the course of a wait in a bounded number of steps ------------------------- */

/* Go on with the last step of wait, if it is of the same kind as step, or add step. */
void wait_steps_add(struct explain_wait *wait, const struct wait_step *step);
/* The step in progress, to which yields belong; NULL at the very beginning. */
struct wait_step *wait_steps_last(struct explain_wait *wait);
/* a and b overlap, are for the same kind of thing, and mostly for the same task. */
bool wait_steps_alike(const struct explain_wait *a, const struct explain_wait *b);
/*
 * Fold the shortest steps of wait into their neighbours until there are at most nr >= 1, and no
 * shorter ones than ns.
 */
void wait_steps_shorten(struct explain_wait *wait, int nr, int64_t ns);

/* ---- yields.c: what pause-loop exits and directed yields did --------------------------------- */

/* task leaves its pause loop. */
void yields_pause(struct explain_task *task, int64_t now);
/* A yield_to of task. */
void yields_tried(struct wait_table *table, struct explain_task *task,
		  const struct trace_record *record);
/* A yield_resolved. */
void yields_resolved(struct wait_table *table, const struct trace_record *record);
/* task enters the guest again, or loses its CPU: its pause-loop exit is over. */
void yields_pause_over(struct explain_yields *yields, struct explain_task *task);
/* task gets its CPU at now. */
void yields_runs(struct explain_yields *yields, struct explain_task *task, int64_t now);

#endif
