/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scheduler of a guest with more threads than vCPUs: one run queue of models/sched/eevdf.h per
 * CPU, without groups and slice timer, driven by the guest's tick. A guest in which every thread
 * has a vCPU of its own does without (unless asked not to): then thread i stays on CPU i.
 *
 * A woken thread goes to the CPU that it ran on last if that one idles, else to one that does
 * (guest_select.h). A CPU that is about to idle pulls a thread from the longest queue, and the tick
 * of a CPU where threads wait hands one to a CPU that idles, by an IPI (nohz_balancer_kick; in the
 * kernel that CPU pulls it then). Balancing between CPUs that are all busy (guest_balance.h) and
 * wake_affine() are switches. They decide which of the guest's CPUs runs a thread; a vCPU with any
 * runnable thread wants its physical CPU just the same.
 *
 * Clocks are those of the wall: time that the host steals counts as run time of whoever was on the
 * vCPU, as in a guest without paravirtual time accounting.
 */
#ifndef MODELS_GUEST_GUEST_SCHED_H
#define MODELS_GUEST_GUEST_SCHED_H

#include <stdbool.h>

#include <oversub/error.h>

#include "models/guest/guest_balance.h"
#include "models/sched/balance.h"
#include "models/sched/eevdf.h"
#include "models/kvm/kvm.h"

struct guest;
struct guest_cpu;
struct guest_thread;
struct waiter_queue;

/* What is allocated if there is a scheduler. */
struct guest_sched {
	struct eevdf_config config;
	struct eevdf_rq *rqs;	       /* per CPU */
	struct eevdf_entity *entities; /* per thread */
	struct topology topology;      /* what the guest sees: all its CPUs share one cache */
	/* With load tracking: */
	int64_t next_decay;		/* ns; see guest_load.h */
	struct balance_machine machine; /* as of the last pass */
	struct guest_domain *domains;	/* per CPU */
};

/* More threads than CPUs, or guest->config.scheduler. */
bool guest_needs_sched(const struct guest *guest);
/*
 * Give guest its scheduler, if it needs one, once its CPUs exist and its threads know theirs.
 * OVERSUB_FAILED without memory.
 */
enum oversub_status guest_sched_init(struct guest *guest, struct oversub_error *error);
void guest_sched_fini(struct guest *guest);

/*
 * schedule() on cpu: the thread to run next, NULL to idle. block says what becomes of the current
 * one. Only if there is a scheduler.
 */
struct guest_thread *guest_sched_pick(struct guest_cpu *cpu, enum eevdf_block block);

/*
 * Make thread runnable (try_to_wake_up), in the kernel on CPU by with interrupts off. True: action
 * is the IPI that by sends now. No effect on a thread that does not sleep.
 */
bool guest_wake(struct guest_cpu *by, struct guest_thread *thread, struct guest_action *action);
/* Wake the threads of queue up to the first for which there is an IPI to send: true. */
bool guest_wake_all(struct guest_cpu *by, struct waiter_queue *queue, struct guest_action *action);
/* thread, which a remote CPU has put onto the list of its CPU, is queued there (ttwu_pending). */
void guest_sched_activate(struct guest_thread *thread);

/* The tick accounts for the thread on cpu and may ask for another. */
void guest_sched_tick(struct guest_cpu *cpu);
/*
 * After the tick: if threads wait on cpu while another CPU idles, one of them goes there. True:
 * action is the IPI for that.
 */
bool guest_sched_balance(struct guest_cpu *cpu, struct guest_action *action);
/* sched_yield() of the thread on cpu; guest_sched_pick() follows. */
void guest_sched_yield(struct guest_cpu *cpu);

/* May the current thread be switched out, now that it is between two actions? */
bool guest_preemptible(const struct guest_cpu *cpu);
/* If the thread on cpu spins for a mutex or rwsem while another should run, it stops. */
void guest_sched_look(struct guest_cpu *cpu);

/* Threads on the run queue of cpu that wait for it or run. Only if there is a scheduler. */
bool guest_sched_has_work(const struct guest_cpu *cpu);

#endif
