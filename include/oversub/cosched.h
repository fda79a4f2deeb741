/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host.cosched: which vCPUs of a VM run where and when together, whatever the scheduler of each CPU
 * thinks best. Policies include policy.h, which says what all kinds of policy have in common.
 *
 * Hosts, CPUs and threads are opaque. VMs are numbered from 0; a thread that is the vCPU of none
 * belongs to VM -1, and policies leave it alone.
 */
#ifndef OVERSUB_COSCHED_H
#define OVERSUB_COSCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/candidate.h>
#include <oversub/policy_head.h>

/* No host has more CPUs. */
#define OVERSUB_MAX_CPUS 4096

struct host;	  /* the host */
struct pcpu;	  /* one of its CPUs */
struct host_task; /* a thread of the host: that of a vCPU, or another one */

/* ---- What a policy may ask ---------------------------------------------------------------- */

/*
 * The policy's parameter struct, constant during a run; its private bytes of each thing, zeroed at
 * first and kept for a whole run, NULL if it asked for none. The simulator frees them.
 */
const void *oversub_cosched_params(const struct host *host);
void *oversub_cosched_host_private(const struct host *host);
void *oversub_cosched_cpu_private(const struct pcpu *cpu);
void *oversub_cosched_vm_private(const struct host *host, int vm);
void *oversub_cosched_vcpu_private(const struct host_task *vcpu);

/* Simulated time in ns; the base slice of the host's scheduler in ns. */
int64_t oversub_cosched_now(const struct host *host);
int64_t oversub_cosched_base_slice(const struct host *host);

/* 1 .. OVERSUB_MAX_CPUS. */
int oversub_cosched_nr_cpus(const struct host *host);
/* CPU number index, 0 .. oversub_cosched_nr_cpus() - 1. */
struct pcpu *oversub_cosched_cpu(const struct host *host, int index);
/* 0 or more VMs; each has 1 vCPU or more. vm is below oversub_cosched_nr_vms(). */
int oversub_cosched_nr_vms(const struct host *host);
int oversub_cosched_nr_vcpus(const struct host *host, int vm);
/* vCPU number index, 0 .. oversub_cosched_nr_vcpus() - 1, of VM number vm. */
struct host_task *oversub_cosched_vcpu(const struct host *host, int vm, int index);

/* The host of cpu, and which of its CPUs it is. */
struct host *oversub_cosched_host_of_cpu(const struct pcpu *cpu);
int oversub_cosched_cpu_index(const struct pcpu *cpu);
/* Who has cpu, or is being switched to; NULL: nobody, it is idle. */
struct host_task *oversub_cosched_current(const struct pcpu *cpu);
/* Tasks queued on cpu, the running one and sleepers that are not dequeued yet included. */
unsigned int oversub_cosched_nr_queued(const struct pcpu *cpu);
/* Nothing runs there, is queued or on its way. */
bool oversub_cosched_idle(const struct pcpu *cpu);
/* Both CPUs share a last-level cache, are of one NUMA node. */
bool oversub_cosched_same_llc(const struct pcpu *a, const struct pcpu *b);
bool oversub_cosched_same_node(const struct pcpu *a, const struct pcpu *b);

struct host *oversub_cosched_host_of(const struct host_task *task);
/* The VM of task, -1 if it is no vCPU; and, if it is one, which of its VM's. */
int oversub_cosched_vm_of(const struct host_task *task);
int oversub_cosched_index_of(const struct host_task *task);
/* Where task is queued, or ran last. */
struct pcpu *oversub_cosched_cpu_of(const struct host_task *task);
/* task has a CPU, or is being switched to. */
bool oversub_cosched_on_cpu(const struct host_task *task);
/* It is awake: it has a CPU, or would like one. A stopped one may be. */
bool oversub_cosched_runnable(const struct host_task *task);
/* Runnable, or asleep and not yet dequeued: it counts on its run queue. */
bool oversub_cosched_on_queue(const struct host_task *task);
/* It has begun to run, once. */
bool oversub_cosched_started(const struct host_task *task);
/* oversub_cosched_stop() holds it. */
bool oversub_cosched_stopped(const struct host_task *task);
/* Its affinity allows cpu. */
bool oversub_cosched_allowed(const struct host_task *task, const struct pcpu *cpu);
/* For how long it has been runnable without a CPU since it began, in all, ns. */
int64_t oversub_cosched_waited(const struct host_task *task);

/*
 * How many sections, in which it had better not be preempted, the guest says it is in. 0 unless the
 * policy declares OVERSUB_NEEDS_GUEST_HINT and the VM has guest_hint.
 */
unsigned int oversub_cosched_published_critical(const struct host_task *vcpu);
/*
 * The guest's instruction pointer lies in a function that others wait for: it holds a lock, handles
 * an interrupt or is about to take one. False unless the policy declares OVERSUB_NEEDS_GUEST_CODE.
 */
bool oversub_cosched_critical(const struct host_task *vcpu);

/* What a co-scheduling policy may declare besides enum oversub_needs. */
enum oversub_cosched_needs {
	OVERSUB_NEEDS_GUEST_CODE = 1 << 6, /* a table of the guest kernel's functions */
};

/* ---- What a policy may do ------------------------------------------------------------------
 * With vCPUs only, and from any hook but those of which it says that they do nothing else: there it
 * has no effect. Other CPUs learn of it by interrupt.
 */

/* Let cpu choose anew who runs. */
void oversub_cosched_resched(struct pcpu *cpu);
/*
 * Co-stop: vcpu, runnable or not, gets no CPU until it is started again. It keeps its lag; one that
 * is on a CPU leaves it as soon as that is interrupted.
 */
void oversub_cosched_stop(struct host_task *vcpu);
void oversub_cosched_start(struct host_task *vcpu);
/*
 * Run vcpu, which is runnable and has no CPU, next where it is queued, for up to slice_ns > 0,
 * whatever the scheduler thinks of it; the time is charged to it as ever. Several wait for their
 * turn in order. False: it cannot be.
 */
bool oversub_cosched_run_next(struct host_task *vcpu, int64_t slice_ns);
/* The same as a mere nomination: it runs next if it is eligible. */
void oversub_cosched_prefer(struct host_task *vcpu);
/*
 * Move vcpu, which is awake, to cpu; one that is on a CPU when that is interrupted. False: it
 * sleeps, or its affinity forbids it.
 */
bool oversub_cosched_migrate(struct host_task *vcpu, struct pcpu *cpu);
/* Let vcpu pay another ns of cache refill when it next runs. */
void oversub_cosched_add_refill(struct host_task *vcpu, int64_t ns);
/* Call the timer hook at time; replaces an earlier one. */
void oversub_cosched_set_timer(struct host *host, int64_t time);

/* ---- The co-scheduling policy -------------------------------------------------------------- */

enum oversub_cosched_target {
	OVERSUB_TARGET_RUNNING,	  /* it has a CPU */
	OVERSUB_TARGET_PREEMPTED, /* it is runnable and has none */
	OVERSUB_TARGET_ASLEEP,	  /* the IPI has woken it */
};

/* An IPI between vCPUs of one VM, at the time of the send. */
struct oversub_cosched_ipi {
	struct host_task *source, *target;
	uint8_t vector;
	enum oversub_ipi_how how;
	enum oversub_cosched_target state; /* of the target before */
};

struct oversub_cosched_policy {
	struct oversub_policy head;
	size_t host_private_size; /* bytes */
	size_t cpu_private_size;  /* bytes per CPU */
	size_t vm_private_size;	  /* bytes per VM */
	size_t vcpu_private_size; /* bytes per vCPU */

	/* Any of the following may be NULL. */

	/* All VMs are there, and nothing runs yet. */
	void (*start)(struct host *host);
	/*
	 * Where vcpu wakes up or begins, if not on proposed; a CPU that its affinity allows.
	 * Decides and does nothing else.
	 */
	struct pcpu *(*place)(struct host_task *vcpu, struct pcpu *proposed);
	/* May the balancer move vcpu to that CPU? Decides and does nothing else. */
	bool (*may_move)(const struct host_task *vcpu, const struct pcpu *to);
	/*
	 * cpu chooses who runs next: proposed, NULL: it would become idle. Returns that, or another
	 * task queued there, or NULL: it stays idle until oversub_cosched_resched(), or until
	 * something else is queued there. *slice_ns, 0 at first: it keeps the CPU for so long.
	 * Decides and does nothing else.
	 */
	struct host_task *(*pick)(struct pcpu *cpu, struct host_task *proposed, int64_t *slice_ns);
	/*
	 * vcpu, which would go on, is about to lose cpu and did not offer it. Returns for how long
	 * it may keep it, ns; 0: not at all. Decides and does nothing else.
	 */
	int64_t (*preempt)(struct pcpu *cpu, struct host_task *vcpu);
	/* cpu goes from prev to next, either NULL: idle. Called when that is done. */
	void (*switched)(struct pcpu *cpu, struct host_task *prev, struct host_task *next);
	/* The slice of oversub_cosched_run_next() or pick, or what preempt allowed, is over. */
	void (*slice_over)(struct pcpu *cpu, struct host_task *task);
	/* vcpu was asleep and is runnable. */
	void (*wake)(struct host_task *vcpu);
	/* The periodic tick of a busy CPU. */
	void (*tick)(struct pcpu *cpu);
	/* The time given to oversub_cosched_set_timer() has come. */
	void (*timer)(struct host *host);
	/*
	 * One call per receiver; *ipi is gone after it. With OVERSUB_NEEDS_IPI_SOFT those of ICR
	 * writes that KVM carries out, with OVERSUB_NEEDS_IPI_ALL all that the hardware lets KVM
	 * know of.
	 */
	void (*ipi)(const struct oversub_cosched_ipi *ipi);
	/* A pause-loop exit of vcpu, before the candidate policy is asked. */
	void (*pause)(struct host_task *vcpu);
};

#endif
