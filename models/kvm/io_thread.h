/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads of the host that serve the device requests of a VM: vhost workers, or iothreads of QEMU.
 * A request waits in the queue of a thread until that has a CPU and has served those before it; the
 * device may then work on it without a CPU, and the thread handles its completion. Thread i serves
 * vCPUs i, i + n, i + 2n ... of n threads, as virtqueues are bound to threads.
 */
#ifndef MODELS_KVM_IO_THREAD_H
#define MODELS_KVM_IO_THREAD_H

#include <oversub/error.h>

#include "models/host/thread.h"
#include "sim/engine/event.h"
#include "sim/stats/histogram.h"

struct kvm_vm;
struct kvm_io;
struct io_queue;

/* Owned by whoever submits it; must stay where it is until it is done. */
struct kvm_io_request {
	int64_t service_ns; /* CPU time of the thread that it takes, >= 0 */
	int64_t device_ns;  /* after that, without a CPU; 0: it is done then */
	/* It is done, by its thread, which runs on cpu: the guest is to be interrupted. */
	void (*done)(struct kvm_io_request *request, struct pcpu *cpu);

	/* Private. */
	struct io_queue *queue;
	struct kvm_io_request *next;
	int64_t submitted;	 /* ns */
	bool completes;		 /* the device is through with it */
	struct sim_event device; /* end of device_ns */
};

/* What the I/O threads of a VM count. */
struct kvm_io_stats {
	uint64_t requests;	   /* done */
	struct sim_histogram wait; /* ns, from the kick until a thread begins with the request */
};

/*
 * Create nr threads for vm, whose cgroups exist. *io is for kvm_io_free(), NULL if it fails:
 * OVERSUB_FAILED without memory.
 */
enum oversub_status kvm_io_new(struct kvm_io **io, struct kvm_vm *vm, int nr,
			       struct oversub_error *error);
/* io may be NULL. Requests must have been cancelled. */
void kvm_io_free(struct kvm_io *io);
/* Wake up the threads for the first time. io may be NULL, here and below. */
void kvm_io_start(struct kvm_io *io);
/* Bring all times up to now; zero what is counted at the end of the warm-up. */
void kvm_io_account(struct kvm_io *io);
void kvm_io_reset_stats(struct kvm_io *io);

/* To be called before a request is submitted for the first time. */
void kvm_io_init_request(struct kvm_io_request *request, uint32_t owner);
/* vCPU number vcpu, which runs on from, has kicked the queue. */
void kvm_io_submit(struct kvm_io *io, struct kvm_io_request *request, int vcpu, struct pcpu *from);
/* Nobody will hear of it any more. For the end of a world. */
void kvm_io_cancel(struct sim_engine *engine, struct kvm_io_request *request);

/* Its threads and what they have counted; of a VM that has some. */
struct host_threads *kvm_io_threads(struct kvm_io *io);
const struct kvm_io_stats *kvm_io_stats(const struct kvm_io *io);

#endif
