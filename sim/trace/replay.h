/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is where, doing what, since when: the state of a host and its guests as a trace tells it,
 * record by record, whether the run writes them now or they are read from a file. Tasks, CPUs and
 * VMs are met when a record first names them. Who sees a run from its beginning knows everything;
 * otherwise what has not been heard of is unknown.
 */
#ifndef SIM_TRACE_REPLAY_H
#define SIM_TRACE_REPLAY_H

#include <stddef.h>

#include "sim/trace/trace.h"

enum task_place {
	PLACE_UNKNOWN,
	PLACE_ASLEEP,
	PLACE_QUEUED, /* runnable, without its CPU */
	PLACE_RUNNING,
	PLACE_PARKED, /* throttled: its group has no time left */
};

/* Why a queued task does not run. */
enum task_origin {
	ORIGIN_WOKEN,	  /* it was woken, and has not had its turn yet */
	ORIGIN_PREEMPTED, /* it was preempted, or unthrottled */
	ORIGIN_YIELDED,	  /* it gave its CPU away in a directed yield */
};

/* What a task does, in one word. */
enum replay_doing {
	DOING_UNKNOWN,	 /* before the first record that tells of it */
	DOING_WORK,	 /* in guest mode */
	DOING_SPIN,	 /* busy-waits in guest mode */
	DOING_HOST,	 /* a vCPU on its CPU in KVM: exits, switches, halt polling */
	DOING_THREAD,	 /* a task of the host that is no vCPU, on its CPU */
	DOING_PREEMPTED, /* off its CPU, runnable: another task took it */
	DOING_YIELDED,	 /* off its CPU, runnable: it gave the CPU away in a directed yield */
	DOING_WOKEN,	 /* woken, waiting for a CPU */
	DOING_PARKED,	 /* throttled */
	DOING_SLEEP,	 /* asleep; a vCPU is halted */
	DOINGS
};

enum { THREAD_UNKNOWN = -2 };

/* Larger numbers, which no kernel has, are nobody's. */
enum { REPLAY_MAX_PID = 1 << 22, REPLAY_MAX_CPU = 65535 };

/* Whoever replays may keep more of each task: see replay_init(). */
struct replay_task {
	char comm[64]; /* "db1/vcpu7" */
	int pid;
	int index; /* among replay->tasks */
	int vm;	   /* -1: a host thread */
	int vcpu;  /* its number in the VM, -1: a host thread */

	enum task_place place;
	enum task_origin origin;     /* PLACE_QUEUED */
	int64_t since;		     /* ns; of place */
	int cpu;		     /* it is on, queued on, or was on last; -1: not known */
	struct replay_task *lost_to; /* who got the CPU that it had last, NULL: idle */
	struct replay_task *queue_next, *queue_previous; /* those queued on the same CPU */

	/* vCPU threads. */
	bool in_guest;	  /* guest mode; otherwise the hypervisor has the CPU */
	bool in_user;	  /* it left guest mode in user mode the last time */
	bool halting;	  /* in an HLT exit */
	bool yielded;	  /* a yield was taken in the exit in progress */
	bool stopped;	  /* by a co-scheduling policy */
	bool spinning;	  /* in a busy wait, whether or not it has its CPU */
	int64_t entered;  /* ns; of its last entry into guest mode */
	int handler;	  /* vector of the handler in progress, -1: none */
	bool nmi;	  /* in the handler of an NMI, whatever else */
	int64_t csd;	  /* whose function it runs, -1: none */
	int guest_thread; /* that has the vCPU, -1: idle, THREAD_UNKNOWN: the guest never switched
			   */
};

struct replay_cpu {
	bool known;		     /* current is */
	struct replay_task *current; /* NULL: idle */
	struct replay_task *queued;  /* the first of those without the CPU */
};

struct replay_vm {
	char name[64];
	struct replay_task **vcpus; /* by number; NULL: not met */
	int nr_vcpus;
};

struct replay {
	size_t task_size;
	struct replay_task **tasks; /* in the order in which they were met */
	int nr_tasks;
	int *index_of_pid; /* among tasks, plus 1; 0: not met */
	int nr_pids;
	struct replay_cpu *cpus;
	int nr_cpus;
	struct replay_vm **vms;
	int nr_vms;
	bool failed; /* memory ran out: nothing is right any more */
};

/*
 * Begin. task_size: of whatever begins with a struct replay_task, and is made, otherwise zeroed,
 * for each task. End with replay_free().
 */
void replay_init(struct replay *replay, size_t task_size);
void replay_free(struct replay *replay);

/* Take the next record. */
void replay_take(struct replay *replay, const struct trace_record *record);
/* Forget all but the names, and begin again. */
void replay_rewind(struct replay *replay);
/* Number VMs in the order of their names as people have it: db2 before db10. */
void replay_sort_vms(struct replay *replay);

/* The task of that pid; NULL if it has not been met, and for idle (0). */
struct replay_task *replay_task(const struct replay *replay, int pid);
/* vCPU number `vcpu` of vm (-1: none); NULL if it has not been met. */
struct replay_task *replay_vcpu(const struct replay *replay, int vm, int vcpu);
enum replay_doing replay_doing(const struct replay_task *task);

#endif
