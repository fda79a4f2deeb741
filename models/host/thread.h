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
	THREAD_WORK,   /* on its CPU, running the program */
	THREAD_SPIN,   /* on its CPU, waiting for a lock */
	THREAD_REFILL, /* on its CPU, refilling caches after having been away */
	THREAD_KERNEL, /* on its CPU, in system calls and host interrupts */
	THREAD_STEAL,  /* runnable, without a CPU */
	THREAD_SLEEP,  /* asleep, or ended */
	THREAD_TIMES
};
extern const char *const thread_time_names[THREAD_TIMES];

/* What the thread does with its CPU. */
enum thread_segment {
	THREAD_IN_PROGRAM,   /* user mode, or a kernel-mode run */
	THREAD_IN_SPIN,	     /* spins for a lock */
	THREAD_IN_SYSCALL,   /* kernel entry; the effect comes at its end */
	THREAD_IN_INTERRUPT, /* a host interrupt */
	THREAD_OFF_CPU,
};

struct host_threads;

struct host_thread {
	struct host_task task;
	struct exec_waiter waiter;
	struct program_thread program;
	struct host_threads *all;
	char *name; /* class name and number, "hog3"; owned */

	enum thread_segment segment;
	const struct op *op;  /* the action in progress; NULL before the first and after the last */
	int64_t remaining_ns; /* of a run, a system call or an interrupt */
	int64_t spins_left;   /* until it yields; INT64_MAX never */
	int64_t segment_start; /* ns; when the present segment began to execute */
	bool blocks;	       /* the system call in progress ends in sleep */
	bool waited_for_lock;  /* op has waited */
	bool yielding;	       /* the system call in progress is the sched_yield() of a spinner */
	struct sim_event completion;
	struct sim_event wakeup; /* of SLEEP and TIMER */

	enum thread_time time_state;
	int64_t time_since;
	int64_t time_in[THREAD_TIMES]; /* sums to the time since the last reset */
	uint64_t nr_yields;
};

/* The timer behind one arrival source. */
struct host_source {
	struct sim_event event;
	struct host_threads *all;
	int index;
};

/* All host threads of a scenario. */
struct host_threads {
	struct host *host;
	struct thread_config config;
	struct workload_instance instance;
	struct host_thread *threads;
	int nr_threads;
	struct host_source *sources;
	uint64_t *affinity; /* per class, a bitmap for all CPUs of the host; private */
	int affinity_words;

	/* A program did what it must not, or memory ran out: the engine was stopped. */
	enum oversub_status status;
	struct oversub_error error;
};

/*
 * Create the threads of workload (not started). config is copied; workload must outlive them.
 * Refuses programs with ops that host threads do not have.
 */
enum oversub_status host_threads_init(struct host_threads *all, struct host *host,
				      const struct thread_config *config,
				      const struct workload *workload, uint64_t seed,
				      uint32_t replication, struct oversub_error *error);
/* Wake up all threads for the first time, and let the sources begin. */
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

#endif
