/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a host as its trace tells it: where each task is and why, what each vCPU does, and
 * who stands on which CPU. Tasks, CPUs and VMs are met when a record first names them. A reader
 * that sees a run from its beginning knows everything; otherwise what it has not heard of is
 * unknown.
 *
 * The mirror only remembers. Whoever accounts time settles it (struct mirror_ops) before a change.
 */
#ifndef SIM_EXPLAIN_MIRROR_H
#define SIM_EXPLAIN_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/trace/trace.h"

struct explain_wait;

/* Where a task is. */
enum task_place {
	PLACE_ASLEEP,
	PLACE_QUEUED, /* runnable, without its CPU */
	PLACE_RUNNING,
	PLACE_PARKED, /* throttled: its group has no time left */
};

/* Why a queued task does not run. */
enum task_origin {
	ORIGIN_WOKEN,	  /* it was woken, and has not had its turn yet */
	ORIGIN_PREEMPTED, /* it was preempted */
	ORIGIN_YIELDED,	  /* it gave its CPU away in a directed yield */
};

/* Who has the CPU that a queued task needs. */
enum culprit {
	CULPRIT_NOBODY, /* it is being switched to */
	CULPRIT_SIBLING_SPINS,
	CULPRIT_SIBLING,
	CULPRIT_OTHER_SPINS, /* a vCPU of another VM, in a pause loop or an exit from it */
	CULPRIT_OTHER,
	CULPRIT_THREAD, /* a host thread */
	CULPRITS
};

/* What became of a pause-loop exit. */
enum pause_outcome {
	PAUSE_RIGHT,   /* it yielded to the vCPU that the chain of waits ends with */
	PAUSE_WRONG,   /* it yielded to another one */
	PAUSE_NOTHING, /* it yielded to nobody */
	PAUSE_OUTCOMES
};

enum { THREAD_UNKNOWN = -2 };

struct explain_task {
	char name[48]; /* "db1/vcpu7" */
	int pid;
	int vm;	  /* -1: a host thread */
	int vcpu; /* its number in the VM */

	int cpu;
	enum task_place place;
	enum task_origin origin;			  /* PLACE_QUEUED */
	int64_t since;					  /* ns; of place */
	struct explain_task *queue_next, *queue_previous; /* those queued on the same CPU */

	/* vCPU threads. */
	bool in_guest;	 /* guest mode; otherwise the hypervisor has the CPU */
	bool in_user;	 /* it left guest mode in user mode the last time */
	bool halting;	 /* in an HLT exit */
	bool yielded;	 /* a yield was taken in the exit in progress */
	bool stopped;	 /* by a co-scheduling policy */
	bool spinning;	 /* in a busy wait, whether or not it has its CPU */
	int64_t entered; /* ns; of its last entry into guest mode */
	int handler;	 /* vector of the handler in progress, -1: none */
	bool nmi;	 /* in the handler of an NMI, whatever else */
	int64_t csd;	 /* whose function it runs, -1: none */

	int guest_thread; /* that has the vCPU, -1: idle, THREAD_UNKNOWN: the guest never switched
			   */

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

	int64_t stolen_until;	  /* ns; up to when stolen is complete */
	int64_t stolen[CULPRITS]; /* ns queued, by who had the CPU */
	int64_t awaited_ns;	  /* that others waited for it while it did not run */
	int64_t in_the_way_ns;	  /* that others waited for somebody whose CPU it had */
};

struct explain_cpu {
	struct explain_task *current; /* NULL: idle */
	struct explain_task *queued;  /* the first of those without the CPU */
	/* The last yield to a task here that has not been resolved. */
	struct explain_task *nominator;
	struct explain_task *nominee;
	bool nominee_right;
	uint64_t nominator_wait; /* serial of the wait in which it yielded, 0: none */
};

struct explain_lock {
	char name[32];
	bool known;
	int owner_vcpu, owner_thread; /* or the one who is to take it; -1: nobody */
	bool free;		      /* owner is only told to take it */
	bool reading;		      /* readers hold it */
	int nr_waiters;
};

struct explain_vm {
	char name[40];
	struct explain_task **vcpus; /* by number; NULL: not met */
	int nr_vcpus, vcpus_capacity;
	struct explain_lock *locks;
	int nr_locks, locks_capacity;
	struct explain_wait **lock_waits; /* by thread; each is made once and used again */
	int nr_lock_waits, lock_waits_capacity;
	int *homes; /* by thread: the vCPU that it runs on, plus 1; 0: where it is met */
	int nr_homes, homes_capacity;
	struct explain_wait *active; /* list of the waits that are not over */
};

struct mirror {
	struct explain_task **tasks; /* by pid; NULL: not met */
	int nr_tasks, tasks_capacity;
	struct explain_cpu *cpus;
	int nr_cpus, cpus_capacity;
	struct explain_vm **vms;
	int nr_vms, vms_capacity;
	bool failed; /* memory ran out: nothing is right any more */
};

void mirror_free(struct mirror *mirror);

/* Room for one more than index elements of size bytes, zeroed; false without memory. */
bool mirror_reserve(struct mirror *mirror, void **array, int *capacity, int index, size_t size);

/* The task pid, made if it is met for the first time; NULL for idle and without memory. */
struct explain_task *mirror_task(struct mirror *mirror, int pid, const char *name);
struct explain_cpu *mirror_cpu(struct mirror *mirror, int cpu);
/* vCPU number `vcpu` of vm, NULL if it has not been met. */
struct explain_task *mirror_vcpu(const struct mirror *mirror, int vm, int vcpu);
struct explain_lock *mirror_lock(struct mirror *mirror, int vm, int lock);

/* Who keeps task, which is queued, from its CPU. */
enum culprit mirror_culprit(const struct mirror *mirror, const struct explain_task *task);

/* Changes. Settle whatever depends on task, and on who is queued on its CPU, before. */
void mirror_set_place(struct mirror *mirror, struct explain_task *task, enum task_place place,
		      int cpu, int64_t now);

#endif
