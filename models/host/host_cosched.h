/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Co-scheduling (host.cosched): how the host asks a policy of <oversub/cosched.h>, and does what it
 * says. A host without one has host->cosched NULL, and none of this is called.
 *
 * The scheduler core knows nothing of it. A co-stopped task is detached from its run queue as if it
 * moved elsewhere, so that it keeps its lag, and is attached again when it is started; one that the
 * core queues meanwhile by itself is detached when it is picked. A task that runs out of turn is
 * handed to the core in place of its own pick.
 */
#ifndef MODELS_HOST_HOST_COSCHED_H
#define MODELS_HOST_HOST_COSCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>
#include <oversub/policy.h>

#include "sim/engine/event.h"

struct host;
struct host_task;
struct pcpu;

/* What co-scheduling keeps about a task. */
struct host_task_cosched {
	int index;		/* of the vCPU in its VM */
	bool stopped;		/* a policy wants it to have no CPU */
	bool detached;		/* so it was taken off its run queue */
	int64_t slice_ns;	/* for so long it runs out of turn */
	int64_t waited_ns;	/* runnable without a CPU, up to when it last got one */
	struct pcpu *move_to;	/* where it goes when it leaves its CPU; NULL: nowhere */
	struct pcpu *turn_on;	/* in whose list of tasks that run out of turn; NULL: in none */
	struct host_task *next; /* in that list */
	void *policy_private;
};

/* And about a CPU. */
struct pcpu_cosched {
	struct host_task *first, *last; /* tasks that run out of turn */
	struct host_task *granted;	/* keeps the CPU until the event; NULL: nobody */
	struct sim_event grant_over;
	bool over;    /* it has fired */
	bool offered; /* the running task yields */
	void *policy_private;
};

struct host_cosched_vm {
	struct host_task **vcpus;
	int nr_vcpus;
	void *policy_private;
};

/* Counts of what policies did. */
enum host_cosched_count {
	COSCHED_STOPS,	    /* vCPUs co-stopped */
	COSCHED_URGENT,	    /* slices out of turn that began */
	COSCHED_EXTENSIONS, /* preemptions put off */
	COSCHED_MOVES,	    /* vCPUs moved to another CPU, not by the balancer or a wake-up */
	COSCHED_COUNTS
};

struct host_cosched {
	const struct oversub_cosched_policy *policy;
	const void *params;
	struct host *host;
	struct sim_event timer;
	struct pcpu *at; /* the CPU whose hook is being called; NULL: none, or a timer's */
	bool deciding;	 /* in a hook that must do nothing else */
	struct host_cosched_vm *vms;
	int nr_vms;
	void *policy_private;
	void *cpu_memory; /* behind policy_private of the CPUs */
};

/*
 * Give host a policy, before there is any task. params must outlive it. Nothing is done for a
 * policy without any hook. OVERSUB_FAILED without memory.
 */
enum oversub_status host_cosched_init(struct host *host,
				      const struct oversub_cosched_policy *policy,
				      const void *params, struct oversub_error *error);
void host_cosched_fini(struct host *host);
/*
 * task is vCPU number index of VM number task->vm, which has nr_vcpus; VMs come in order. False: no
 * memory. Harmless without a policy, as is the next.
 */
bool host_cosched_add(struct host *host, struct host_task *task, int index, int nr_vcpus);
/* All tasks are there, and none has begun. */
void host_cosched_start(struct host *host);

/* The source of ipi, which runs, has sent it, the target has accepted it, and KVM knows of it. */
void host_cosched_ipi(const struct oversub_cosched_ipi *ipi);
/* A pause-loop exit of vcpu, which runs. */
void host_cosched_pause(struct host_task *vcpu);

#endif
