/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest kernel of one VM. It runs the threads of a workload on the VM's vCPUs, thread i on vCPU
 * i, or by a scheduler if there are more threads than vCPUs, and says what each vCPU does next
 * (struct vcpu_guest_ops of models/kvm/kvm.h): run, spin, send an IPI, halt. A vCPU without a
 * runnable thread idles.
 * What is in which file: models/guest/README.md.
 *
 * Usage: kvm_vm_init() with guest_ops = &guest_vcpu_ops, then guest_init(), guest_start(),
 * kvm_vm_start(), sim_run(). A guest that cannot go on calls sim_stop(): look at status then.
 */
#ifndef MODELS_GUEST_GUEST_H
#define MODELS_GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>
#include <oversub/param.h>

#include "models/guest/haltpoll.h"
#include "models/kvm/kvm.h"
#include "models/workload/instance.h"
#include "models/workload/workload.h"
#include "sim/stats/histogram.h"

/* Interrupt vectors of Linux on x86. */
enum guest_vector {
	GUEST_VECTOR_NMI = 2,	    /* by its delivery mode; the vector is ignored */
	GUEST_VECTOR_DEVICE = 0x30, /* completion of an I/O, arrival of work */
	GUEST_VECTOR_TIMER = 0xec,  /* local timer */
	GUEST_VECTOR_IRQ_WORK = 0xf6,
	GUEST_VECTOR_CALL_FUNCTION_SINGLE = 0xfb, /* call-function IPI to one CPU */
	GUEST_VECTOR_CALL_FUNCTION = 0xfc,	  /* call-function IPI to several CPUs */
	GUEST_VECTOR_RESCHEDULE = 0xfd,
};

enum guest_preempt { GUEST_PREEMPT_LAZY, GUEST_PREEMPT_FULL };
enum guest_hz { GUEST_HZ_OFF, GUEST_HZ_100, GUEST_HZ_250, GUEST_HZ_300, GUEST_HZ_1000 };

/* The guest kernel: its costs, ns (models/kvm/README.md, Costs), and its configuration. */
struct guest_config {
	int64_t cache_line_ns;		/* row 29: the end of a spin, seen by the waiter */
	int64_t pause_ns;		/* row 28: one pass of a pause loop */
	int64_t pv_spin_threshold;	/* passes; a waiter for a pv lock halts after so many */
	int64_t pv_wait_sees_preempted; /* bool: or if its predecessor is preempted; before 5.4 */
	int64_t tlb_flush_page_ns;	/* one more page of a range flush */
	int64_t tlb_flush_range_ns;  /* row 27: handler of a range flush, its first page included */
	int64_t tlb_flush_full_ns;   /* row 27: flush of everything, there or here */
	int64_t tlb_caught_up_ns;    /* handler that finds this CPU's TLB up to date already */
	int64_t reschedule_ns;	     /* row 27: handler of a reschedule IPI */
	int64_t timer_interrupt_ns;  /* handler of a local timer interrupt */
	int64_t device_interrupt_ns; /* handler of a device interrupt */
	int64_t nmi_ns;		     /* handler of an NMI */
	int64_t timer_period_ns;     /* of a LAPIC timer in periodic mode: the guest's tick */
	int64_t syscall_ns;   /* system call that wakes or yields, or finds it need not sleep */
	int64_t sleep_ns;     /* switch from a thread to the idle task */
	int64_t sched_ns;     /* switch from the idle task or another thread to a thread */
	int64_t wakeup_ns;    /* a woken thread is queued on its CPU by that CPU */
	int64_t tick_work_ns; /* work of a tick, beyond that of a timer interrupt */
	/* How it schedules, see guest_sched.h. */
	int64_t scheduler;    /* bool: even with a vCPU per thread */
	int64_t preemption;   /* enum guest_preempt */
	int64_t slice_ns;     /* 0: the kernel's for so many CPUs */
	int64_t wake_affine;  /* bool: guest_select.h */
	int64_t balance_busy; /* bool: guest_balance.h */
	int64_t tick_hz;      /* enum guest_hz */
	int64_t nohz;	      /* bool: an idle CPU has no tick */
	struct haltpoll_config haltpoll;
};

extern const struct oversub_param guest_params[]; /* of struct guest_config */

/*
 * What the guest counts. Histograms hold ns. Latencies of lock waits, events, barriers and requests
 * are in instance.stats.
 */
struct guest_stats {
	/* Waiting calls (smp_call and tlb_flush): queued to the last csd unlocked. */
	struct sim_histogram ipi_response;
	/* Whole ops, until their thread executes again. */
	struct sim_histogram smp_call; /* those that wait */
	struct sim_histogram tlb_flush;
	uint64_t ipis_avoided;	   /* calls queued without one: the target's list was not empty */
	uint64_t tlb_left_to_host; /* targets not interrupted: preempted, PV TLB flush */
	uint64_t calls_served;	   /* functions run for other CPUs */
	uint64_t reschedules;	   /* reschedule IPIs sent */
	uint64_t lock_halts;	   /* halts of waiters for pv locks */
	uint64_t lock_sleeps;	   /* sleeps of waiters for mutexes and rwsems */
	uint64_t wakeups;	   /* of threads that slept */
	uint64_t wake_ipis;	   /* remote wake-ups by the call list that needed an IPI */
	uint64_t wake_migrations;  /* wake-ups on another CPU than the last */
	uint64_t pulls;		   /* threads that waited, and went to a CPU with less to do */
	uint64_t switches;	   /* context switches, to and from idle too; with a scheduler */
	uint64_t ticks;
	uint64_t polls;			  /* of idle CPUs (haltpoll) */
	struct sim_histogram tick_delay;  /* a tick was due to its work done */
	struct sim_histogram wakeup_wait; /* a thread was woken to its CPU having switched to it */
};

struct guest_cpu;
struct guest_thread;
struct guest_csd;
struct guest_arrivals;

struct guest {
	struct kvm_vm *vm;
	struct sim_engine *engine;
	struct guest_config config;
	struct workload_instance instance;
	struct guest_stats stats;
	enum oversub_status status; /* not OVERSUB_OK: the guest cannot go on, error says why */
	struct oversub_error error;

	/* Private, see guest_cpu.h. */
	struct guest_cpu *cpus; /* by vCPU index */
	int nr_cpus;
	struct guest_thread *threads; /* class by class */
	int nr_threads;
	struct guest_sched *sched;	 /* guest_sched.c; NULL: thread i stays on CPU i */
	int hz;				 /* ticks a second, 0: none */
	int64_t tick_ns;		 /* their distance, 0: none */
	struct guest_csd *csds;		 /* call_function.c */
	uint64_t *call_masks;		 /* backing store of the CPUs' bitmaps */
	int completed;			 /* first thread whose I/O is listed; -1: none */
	bool *irqsave;			 /* per lock: its owner took it with irqsave */
	struct guest_arrivals *arrivals; /* per source */
	uint64_t tlb_generation;	 /* of the one address space that all threads share */
};

extern const struct vcpu_guest_ops guest_vcpu_ops;

/* What a guest makes of locks of kind LOCK_SPINLOCK. */
struct guest_spinlocks {
	enum lock_kind kind; /* LOCK_TAS, LOCK_QUEUED or LOCK_PV */
	const char *reason;  /* what of the VM decided it, for people: "no pv_unhalt" */
};
/* Of the guest of a VM with that configuration and number of vCPUs, >= 1. */
struct guest_spinlocks guest_spinlocks(const struct kvm_config *config, int64_t nr_vcpus);
/*
 * What would have to be different for such a guest to have spinlocks of that kind, for people:
 * "with the REALTIME hint". NULL: nothing, or kind is none of those above.
 */
const char *guest_spinlock_needs(enum lock_kind kind, const struct kvm_config *config,
				 int64_t nr_vcpus);

/*
 * Whether a VM with that configuration and number of vCPUs can run workload: OVERSUB_BAD_INPUT if
 * an op is for a CPU that does not exist, or a lock is of kind pv without pv_unhalt.
 */
enum oversub_status guest_workload_check(const struct workload *workload,
					 const struct kvm_config *config, int64_t nr_vcpus,
					 struct oversub_error *error);

/*
 * Boot the guest of vm, created before with guest_ops = &guest_vcpu_ops; vm, workload and vm's name
 * must outlive it. config is copied. Every vcpu->guest and vm->guest is set. guest must not be
 * moved afterwards. OVERSUB_BAD_INPUT if the workload does not fit the VM (guest_workload_check())
 * or no VM (workload_check()), OVERSUB_FAILED without memory; then nothing is kept.
 */
enum oversub_status guest_init(struct guest *guest, struct kvm_vm *vm,
			       const struct workload *workload, const struct guest_config *config,
			       uint64_t seed, uint32_t replication, struct oversub_error *error);
/* Cancel all of its events and free its memory. Call it while the engine exists. */
void guest_fini(struct guest *guest);
/* Arm the arrival sources. Call it right before kvm_vm_start(). */
void guest_start(struct guest *guest);
/* End of the warm-up: forget what was counted, here and in the instance; waits go on. */
void guest_reset_stats(struct guest *guest);

/*
 * Waits for locks and csds that are not over at now (ns): how many, and how long ago the
 * oldest began, ns, 0 if there are none.
 */
void guest_unfinished_waits(const struct guest *guest, int64_t now, int *count, int64_t *oldest_ns);
/*
 * Whether what a thread, by its index, waits for can never come true: each in the chain of waits
 * waits for the next, interrupts cannot help, and the chain comes back to itself or to a thread
 * that has ended. If threads share CPUs, one that sleeps so is said to only when no other can run.
 */
bool guest_waits_in_vain(const struct guest *guest, int thread);
/*
 * What a thread waits for, for people: "vcpu1: worker0 waits 5000 ns for lock mmap_lock held by
 * worker3". *next is the index of the thread that it waits for, or that runs on the CPU that it
 * waits for, or -1 if it waits for none or for anybody. The caller walks the chain, with a hop
 * limit and a cycle check.
 */
void guest_describe_wait(const struct guest *guest, int thread, char *buffer, size_t size,
			 int *next);

#endif
