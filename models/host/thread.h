/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plain host threads: they run the same programs as the threads of a guest, but directly on the
 * host, so that the host scheduler can be compared with a real kernel without any VM.
 */
#ifndef MODELS_HOST_THREAD_H
#define MODELS_HOST_THREAD_H

#include <oversub/error.h>
#include <oversub/param.h>

#include "models/host/host.h"
#include "models/workload/instance.h"
#include "models/workload/program.h"
#include "models/workload/waiter.h"
#include "models/workload/workload.h"
#include "sim/engine/event.h"

struct thread_config {
	int64_t syscall_ns; /* kernel time of a yield, sleep, wait or wake */
	int64_t spin_ns;    /* one pass of a spinning thread's PAUSE loop */
};

extern const struct oversub_param thread_params[];

/* Where every ns of a thread goes. */
enum thread_time {
	THREAD_WORK,	  /* on its CPU, running the program */
	THREAD_SPIN,	  /* on its CPU, waiting for a lock */
	THREAD_REFILL,	  /* on its CPU, refilling caches after having been away */
	THREAD_KERNEL,	  /* on its CPU, in system calls and host interrupts */
	THREAD_STEAL,	  /* runnable, without a CPU */
	THREAD_THROTTLED, /* the same, as a group of its had no time left (cpu.max) */
	THREAD_SLEEP,	  /* asleep, or ended */
	THREAD_TIMES
};
extern const char *const thread_time_names[THREAD_TIMES];

/* What the thread does with its CPU at this moment. */
enum thread_segment {
	THREAD_OFF_CPU,
	THREAD_RUNS,	  /* executes a run op, preceded by the cache refill that it owes */
	THREAD_SPINS,	  /* executes the PAUSE loop of a lock op, likewise */
	THREAD_SYSCALL,	  /* system call, not preemptible; the effect comes at its end */
	THREAD_INTERRUPT, /* a host interrupt, not preemptible; the effect comes at its end */
};

/* How far it is with its present op: where it goes on after an interrupt or when it runs again. */
enum thread_step {
	STEP_NEXT,    /* done with it: ask the program for the next one */
	STEP_RUN,     /* remaining_ns are left to run */
	STEP_SPIN,    /* waits for a lock; remaining_ns until it yields */
	STEP_SYSCALL, /* is to make the system call of op */
};

/* What a thread counts. */
struct thread_stats {
	int64_t time_in[THREAD_TIMES]; /* ns; sums to the time since the start or the last reset */
	uint64_t yields;	       /* sched_yield() calls */
};

struct host_threads;

struct host_thread {
	struct host_task task;
	struct exec_waiter waiter;
	struct program_thread program;
	struct host_threads *all;
	char *name; /* class name and number, "hog3"; owned */

	const struct op *op; /* the action in progress; NULL before the first and after the last */
	enum thread_step step;
	enum thread_segment segment;
	int64_t remaining_ns; /* of a run or, INT64_MAX = for ever, of a spin; without refill */
	bool spin_yields;     /* STEP_SYSCALL is the sched_yield() of a spinner, op is the lock */
	bool in_kernel;	      /* on the way back to user mode: the resched bits count there */
	int64_t expiry;	      /* ns, of the TIMER in progress */
	struct sim_event completion; /* end of the present segment; only while it has a CPU */
	struct sim_event alarm;	     /* end of a SLEEP or TIMER; the start of one that is late */
	int64_t start_ns;	     /* in the past: with all others */

	int64_t time_since; /* ns; up to when time_in is complete */
	bool asleep;	    /* off its CPU: asleep or ended, not runnable */
	bool throttled;	    /* off its CPU: parked until its group has time again */
	struct thread_stats stats;
};

/* The timer behind one arrival source. */
struct host_source {
	struct sim_event event;
	struct host_threads *all;
	int index;
};

/* Work that threads do for others, piece by piece, by OP_SERVE. */
struct host_service {
	/* Is there any for thread? */
	bool (*has_work)(struct host_thread *thread);
	/* thread begins with the next piece: how much of its CPU that takes, ns, >= 0. */
	int64_t (*begin)(struct host_thread *thread);
	/* thread, on its CPU, is through with it. */
	void (*end)(struct host_thread *thread);
};

/* All host threads of a scenario, or those that serve a VM. */
struct host_threads {
	struct host *host;
	struct thread_config config;
	struct workload_instance instance;
	struct host_thread *threads;
	int nr_threads;
	struct host_source *sources;
	const struct host_service *service; /* for OP_SERVE; set between init and start */
	uint64_t *affinity; /* per class, a bitmap for all CPUs of the host; private */
	int affinity_words;

	/* A program did what it must not, or memory ran out: the engine was stopped. */
	enum oversub_status status;
	struct oversub_error error;
};

/* Where thread number of a class belongs whose emulator_of is vm_class, and when it is started. */
struct host_emulators {
	struct eevdf_group *(*group)(void *context, int vm_class, int number);
	int64_t (*start_ns)(void *context, int vm_class, int number);
	void *context;
};

/*
 * Create the threads of workload (not started). config is copied; workload must outlive them.
 * emulators is asked during the call; it may be NULL if no class has an emulator_of. Refuses
 * programs with ops that host threads do not have.
 */
enum oversub_status host_threads_init(struct host_threads *all, struct host *host,
				      const struct thread_config *config,
				      const struct workload *workload,
				      const struct host_emulators *emulators, uint64_t seed,
				      uint32_t replication, struct oversub_error *error);
/* Wake up all threads for the first time, now or when they start, and let the sources begin. */
void host_threads_start(struct host_threads *all);
void host_threads_fini(struct host_threads *all);

/* Bring time_in of every thread up to now; zero all counters at the end of the warm-up. */
void host_threads_account(struct host_threads *all);
void host_threads_reset_stats(struct host_threads *all);

/*
 * What thread does if it is not going on by itself, for a deadlock report: "waits 300 ns for lock
 * l held by hog1", "sleeps". "" for one that has work to do, or has ended.
 */
void host_thread_describe(const struct host_thread *thread, char *text, size_t size);

/* ---- One thread; used by host_threads_*() ------------------------------------------------- */

/*
 * Prepare thread number `number` of a class; thread->name is set, and the caller's to free. group
 * and cpus may be NULL. False: no memory.
 */
bool host_thread_init(struct host_thread *thread, struct host_threads *all, int class_index,
		      int number, struct eevdf_group *group, const uint64_t *cpus, uint64_t seed,
		      uint32_t replication);
/* Wake it up for the first time, now or at its start_ns. */
void host_thread_start(struct host_thread *thread);
/* Bring time_in up to now. */
void host_thread_account(struct host_thread *thread);
static inline int64_t host_thread_now(const struct host_thread *thread)
{
	return sim_now(thread->all->host->engine);
}

/* thread ends its sleep by what runs on waker, NULL: by an interrupt where it ran last. */
void host_thread_wake(struct host_thread *thread, struct pcpu *waker);
/* Record the error of all->status, and stop the engine. */
void host_threads_fail(struct host_threads *all, enum oversub_status status);

/*
 * Do what of thread->op needs no system call (thread_program.c); step says what is next, STEP_NEXT
 * if that was all.
 */
void host_thread_begin_op(struct host_thread *thread);
/* The kernel's part of thread->op. Returns true if the thread must sleep. */
bool host_thread_syscall(struct host_thread *thread);

#endif
