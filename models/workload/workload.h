/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What threads do, whoever runs them: a workload is a set of named locks, events, barriers,
 * arrival sources and thread classes, and every thread of a class runs the class's program.
 *
 * The description (struct workload) is built once from a scenario, is constant, and may be shared
 * by many VMs and many simulations. What changes while the clock runs is in workload_instance
 * (one per VM, or one for the host's own threads) and program_thread (one per thread).
 */
#ifndef MODELS_WORKLOAD_WORKLOAD_H
#define MODELS_WORKLOAD_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/param.h>

#include "sim/engine/distribution.h"

enum op_kind {
	/* Control: done by program_next() itself, take no time. */
	OP_LOOP,	/* body count times, or forever */
	OP_LOOP_END,	/* made by the builder */
	OP_REQUEST,	/* body is one unit of work; its end is counted, its latency recorded */
	OP_REQUEST_END, /* made by the builder */
	/* Actions: returned by program_next(), done by whatever runs the thread. */
	OP_RUN,	      /* execute for a time */
	OP_LOCK,      /* acquire lock[object] */
	OP_UNLOCK,    /* release lock[object] */
	OP_SMP_CALL,  /* call a function on other CPUs of the VM (smp_call_function_*) */
	OP_TLB_FLUSH, /* TLB shootdown on other CPUs of the VM (flush_tlb_multi) */
	OP_WAIT,      /* sleep until event[object] has been signalled; consumes one signal */
	OP_WAKE,    /* signal event[object]: wakes one waiter, or is remembered if there is none */
	OP_SLEEP,   /* sleep for a time (clock_nanosleep relative) */
	OP_TIMER,   /* sleep until the next expiry of a periodic timer of this thread */
	OP_YIELD,   /* sched_yield() */
	OP_BARRIER, /* sleep until all parties of barrier[object] have arrived */
	OP_IO,	    /* device request: exit to the host, sleep until completion interrupt */
	OP_TAKE, /* wait for an arrival of source[object]; starts the enclosing request's clock at
		    its arrival */
	OP_NMI,	 /* send an NMI to other CPUs of the VM */
	OP_RESCHED,	  /* reschedule IPIs to other CPUs of the VM */
	OP_IRQ_WORK,	  /* irq_work on this CPU or on others */
	OP_RCU_EXPEDITED, /* expedited grace period: one call to each busy CPU, then sleep */
	OP_SERVE,	  /* do what others have for it, or sleep; of programs that models make */
	OP_KINDS
};

enum op_cpu_mode { OP_MODE_USER, OP_MODE_KERNEL };
enum op_target {
	OP_TARGET_RANDOM_OTHER, /* one other CPU of the VM, uniformly */
	OP_TARGET_NEXT,		/* the next CPU by index, wrapping */
	OP_TARGET_OTHERS,	/* all other CPUs */
	OP_TARGET_SELF,		/* this CPU; IRQ_WORK only */
	OP_TARGET_CPU,		/* the CPU with index target_cpu */
};

/* Who carries out a device request. */
enum op_server {
	OP_SERVED_BY_DEVICE,	/* the device alone, in a time that passes by itself */
	OP_SERVED_BY_IO_THREAD, /* a thread of the host, which needs a CPU */
};

/* "random_other", "next", "others", "self", NULL; the CPU is written as its index. */
extern const char *const op_target_names[];

/*
 * Parameters of one op, whatever its kind; each kind uses some of them (op_descriptions says
 * which). int64_t so that the parameter tables can write them.
 */
struct op {
	enum op_kind kind;
	int object; /* index of the lock, event, barrier, request or source it names; -1 if none */
	int jump;   /* LOOP, REQUEST: index of the matching end; LOOP_END, REQUEST_END: of the begin
		     */

	struct sim_distribution duration; /* RUN, SLEEP, IO (of whoever serves it); LOCK and
					     others: unused */
	int64_t count;			  /* LOOP: passes, -1 forever */
	double probability;		  /* any op: chance that it is done at all, default 1 */
	int64_t mode;			  /* RUN: enum op_cpu_mode, default user */
	int64_t interrupts;  /* RUN: 0 = with interrupts off (kernel mode only), default 1 */
	int64_t lock_mode;   /* LOCK: enum lock_mode; LOCK_READ for an rwsem only */
	int64_t irqsave;     /* LOCK: 1 = interrupts off while waiting and holding */
	int64_t yield_after; /* LOCK, host threads: sched_yield() after so many spins, 0 never */
	int64_t target;	     /* SMP_CALL, TLB_FLUSH, NMI: enum op_target */
	int64_t target_cpu;
	int64_t wait;	     /* SMP_CALL: 1 = spin until the function has run there */
	int64_t function_ns; /* SMP_CALL: run time of the function on each target */
	int64_t pages;	     /* TLB_FLUSH: pages to flush; more than 33 flush everything */
	int64_t free_tables; /* TLB_FLUSH: page tables are freed, so lazy CPUs are interrupted too
			      */
	int64_t period_ns;   /* TIMER */
	int64_t phase_ns;    /* TIMER: offset of the first expiry */
	int64_t served_by;   /* IO: enum op_server */
	int64_t device_ns;   /* IO served by a thread: what the device takes besides */
};

/* Who runs the threads of a workload. */
enum workload_runner { WORKLOAD_OF_VM, WORKLOAD_OF_HOST, WORKLOAD_RUNNERS };

/* What the value of an op's own key is. The first ones name an object of the workload. */
enum op_argument {
	OP_ARGUMENT_LOCK,
	OP_ARGUMENT_EVENT,
	OP_ARGUMENT_BARRIER,
	OP_ARGUMENT_SOURCE,
	OP_ARGUMENT_REQUEST,	  /* any name */
	OP_ARGUMENT_DISTRIBUTION, /* a time */
	OP_ARGUMENT_COUNT,	  /* 1 or more, or "forever" */
	OP_ARGUMENT_TARGET,	  /* a name out of op_target_names, or the index of a CPU */
	OP_ARGUMENT_PERIOD,	  /* a time that is always the same */
	OP_ARGUMENT_TRUE,	  /* there is nothing to say */
	OP_ARGUMENTS,
	WORKLOAD_OBJECTS = OP_ARGUMENT_REQUEST, /* those that a workload declares */
};
extern const char *const op_argument_names[OP_ARGUMENTS]; /* for people: "lock", "true" ... */

/* What an op is called, what its own key means, and its parameters; for loader, list and schema. */
struct op_description {
	const char *name; /* the key that makes a JSON object this op: "run", "lock" ... */
	enum op_argument argument;
	bool has_body; /* takes "body": [ ops ] */
	/* Further keys of the object, by who runs it; NULL: threads of that kind cannot do it. */
	const struct oversub_param *params[WORKLOAD_RUNNERS];
	const char *help;
};

/* Indexed by op_kind; entries without a name are made by the builder only. */
extern const struct op_description op_descriptions[OP_KINDS];

enum lock_kind {
	/*
	 * The one to ask for. A Linux guest makes TAS, QUEUED or PV of it, by the VM that it finds:
	 * guest_spinlocks(). Host threads make TAS of it, as pthread_spin_lock() does.
	 */
	LOCK_SPINLOCK,
	LOCK_TAS,
	LOCK_QUEUED,
	LOCK_PV,
	LOCK_MUTEX,
	LOCK_RWSEM,
};
/* "spinlock", "tas", "queued", "pv", "mutex", "rwsem", NULL */
extern const char *const lock_kind_names[];
enum lock_mode { LOCK_WRITE, LOCK_READ };

struct workload_lock {
	char *name;
	enum lock_kind kind;
};

struct workload_barrier {
	char *name;
	int parties; /* threads that must arrive */
};

/* Open arrivals: work items that arrive at their own pace and queue for OP_TAKE. */
struct workload_source {
	char *name;
	struct sim_distribution interarrival;
};

struct workload_thread_class {
	char *name;
	int count;    /* threads of this class */
	int per_vcpu; /* besides, so many for each vCPU of the VM; 0 on the host */
	struct op *ops;
	int nr_ops;
	/* Host threads only. */
	int64_t nice;	    /* -20 .. 19 */
	int64_t slice_ns;   /* custom slice, 0 = base slice */
	int emulator_of;    /* VM class whose emulator threads these are, in turn of each of its
			       VMs, from 1; 0: of none */
	int cgroup;	    /* number among the host's cgroups, 0 = root */
	int64_t cpu_weight; /* > 0: the class has a cgroup of its own with this weight, in cgroup;
			       0: its threads are in cgroup itself */
	int64_t quota_ns;   /* > 0: cpu.max of that cgroup (there is one then, whatever
			       cpu_weight says), with the next two; 0: no limit */
	int64_t period_ns, burst_ns;
	uint64_t cpus; /* affinity, bit per pCPU for hosts of up to 64 CPUs; 0 = all */
};

struct workload {
	char *name;
	struct workload_lock *locks;
	int nr_locks;
	char **events;
	int nr_events;
	struct workload_barrier *barriers;
	int nr_barriers;
	struct workload_source *sources;
	int nr_sources;
	char **requests; /* distinct request names, in order of first appearance */
	int nr_requests;
	struct workload_thread_class *classes;
	int nr_classes;
};

/* The key under which a workload declares objects of a kind: "locks", "events" ... */
extern const char *const workload_object_keys[WORKLOAD_OBJECTS];
/* The name of object number index of a kind below WORKLOAD_OBJECTS; NULL behind the last one. */
const char *workload_object_name(const struct workload *workload, enum op_argument kind, int index);
/* Whether an op of any thread class names it. */
bool workload_object_used(const struct workload *workload, enum op_argument kind, int index);

/* Whether any program waits for that event: then its signals are a queue that somebody serves. */
bool workload_awaits(const struct workload *workload, int event);

/* Whether any of its threads has I/O that threads of the host serve. */
bool workload_needs_io_threads(const struct workload *workload);

/* Threads of the class in a VM of vcpus vCPUs; the host has 0. */
int workload_class_threads(const struct workload_thread_class *class, int vcpus);
/* Threads of all classes together. */
int workload_nr_threads(const struct workload *workload, int vcpus);
/* Free everything that workload points to (all of it malloc'ed), not workload itself. */
void workload_free(struct workload *workload);

#endif
