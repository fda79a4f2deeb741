/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPUs and threads of a guest: what the files of the guest kernel share. Users see guest.h. */
#ifndef MODELS_GUEST_GUEST_CPU_H
#define MODELS_GUEST_GUEST_CPU_H

#include <assert.h>

#include "models/guest/call_function.h"
#include "models/guest/guest.h"
#include "models/guest/guest_sched.h"
#include "models/guest/guest_timer.h"
#include "models/guest/haltpoll.h"
#include "models/guest/guest_interrupt.h"
#include "models/kvm/io_thread.h"
#include "models/sched/placement.h"
#include "models/workload/program.h"
#include "models/workload/waiter.h"
#include "sim/base/container_of.h"
#include "sim/engine/event.h"

/* Below its interrupt frame, a CPU is in one of these. */
enum guest_context {
	GUEST_IN_THREAD,
	GUEST_TO_IDLE,	 /* switching to the idle task */
	GUEST_IDLE,	 /* in the idle loop; here the TLB is lazy */
	GUEST_TO_THREAD, /* switching to the current thread */
};

enum guest_wait_kind { GUEST_WAIT_NONE, GUEST_WAIT_LOCK, GUEST_WAIT_CSD };

/* A wait by spinning; it lasts until the waiter executes again and finds that it is over. */
struct guest_wait {
	enum guest_wait_kind kind;
	uint32_t csd;  /* GUEST_WAIT_CSD: its id */
	int64_t since; /* ns */
};

struct guest_thread {
	/* By what chains of waits are followed: together, so that a hop takes few cache lines. */
	struct guest *guest;
	struct guest_cpu *cpu;	 /* that it runs on, or ran on last */
	struct eevdf_entity *se; /* NULL: there is no scheduler */
	bool asleep;		 /* not runnable, or it has ended */
	struct exec_waiter waiter;

	char name[32]; /* class and number in the class, "worker3" */
	struct program_thread program;
	const struct op *op; /* in progress, NULL between two ops */
	int step;	     /* how far the op is; each op has its own steps, from 0 */
	int64_t op_start;    /* ns */
	bool restore_irqs;   /* by the unlock in progress */
	int irqs_off;	     /* locks it holds or waits for with irqsave */
	int64_t sleep_start; /* ns */
	int64_t woken_at;    /* ns; -1: it has run since */
	bool timer_armed;    /* it waits for the local timer */
	bool io_pending;     /* it waits for a device */
	int next_completed;  /* thread behind it among the completed, -1: it is the last */
	int64_t wake_at;     /* ns; when its timer is to wake it */
	struct guest_thread *next_sleeper; /* behind it in guest_timers.sleepers */
	int cursor;			   /* next CPU, in an op that sends to one after another */
	int answers_due;		   /* RCU_EXPEDITED: CPUs that have not answered */
	struct waiter_queue to_wake;	   /* whom it still has to wake, at a barrier or unlock */
	struct exec_waiter *first_to_wake; /* by its unlock, before those; or NULL */
	struct sim_event io_done;	   /* completion of its I/O by the device alone */
	struct kvm_io_request request;	   /* that an I/O thread serves */
	bool io_handled;		   /* its interrupt has come */

	/* Scheduling; unused without scheduler. */
	struct placement_waker wakes; /* whom it wakes; with guest.wake_affine */
	int recent_used_cpu;	      /* of an earlier wake-up; likewise */
	int preempt_off; /* reasons to keep its CPU: spinlocks it holds or waits for, its call */
	bool migrates;	 /* it is on its way to a CPU that idles, which will queue it */
	bool resumes;	 /* it was preempted in the middle of an action, interrupted */
	struct guest_action interrupted;
};

struct guest_cpu {
	struct guest *guest;
	struct vcpu *vcpu;
	int index; /* of the vCPU */
	enum guest_context context;
	/* Whose turn it is: with a scheduler NULL in the idle loop, without always its thread, even
	 * if that sleeps; NULL: it has none. */
	struct guest_thread *current;
	struct eevdf_rq *rq;	  /* NULL: there is no scheduler */
	struct guest_wait wait;	  /* of the current thread, which keeps the CPU while it spins */
	struct guest_frame frame; /* interrupt handler in progress */
	struct guest_nmi nmi;	  /* NMI handler in progress, above that */
	int nr_activating;	  /* threads in its list of calls, to be queued here */
	struct guest_timers timers;
	int completed;	     /* first thread whose I/O is done and not handled, -1: none */
	int64_t irq_work_ns; /* of the irq_work that it has sent itself */

	/* Idle loop. */
	struct haltpoll haltpoll;
	bool polls;		  /* it executes a poll */
	bool halts;		  /* it has halted, or is about to */
	bool poked;		  /* without an IPI; it has not looked since */
	int64_t idle_state_since; /* ns, when it began either */
	int64_t poll_until;	  /* ns */

	/* Of the current thread, which keeps the CPU while it spins or calls. */
	struct guest_call call;	     /* the call on other CPUs that it makes */
	struct guest_csd_list calls; /* queued by others, to run here */

	/* TLB. */
	bool in_mm; /* in the mm's cpumask: may have its translations */
	bool lazy;  /* runs the idle task on the mm that it ran last */
	uint64_t tlb_generation;
};

static inline struct guest_thread *guest_thread_of_waiter(const struct exec_waiter *waiter)
{
	return container_of((struct exec_waiter *)waiter, struct guest_thread, waiter);
}

/* Where the thread of waiter runs, or ran last. */
static inline struct guest_cpu *guest_cpu_of_waiter(const struct exec_waiter *waiter)
{
	return guest_thread_of_waiter(waiter)->cpu;
}

static inline int64_t guest_now(const struct guest *guest)
{
	return sim_now(guest->engine);
}

/* ---- Actions -------------------------------------------------------------------------------- */

static inline bool guest_irqs_on(const struct guest_thread *thread)
{
	return thread->irqs_off == 0;
}

/* Execute in the kernel for ns. */
static inline void guest_run_kernel(struct guest_action *action, int64_t ns, bool interrupts)
{
	*action = (struct guest_action){
		.kind = GUEST_RUN, .ns = ns, .kernel = true, .interrupts = interrupts};
}

/* The IPI from cpu to a single other one, in the destination mode of the guest. */
static inline struct lapic_message guest_unicast(const struct guest_cpu *cpu, int target,
						 uint8_t vector)
{
	const struct kvm_vm *vm = cpu->vcpu->vm;
	uint32_t id = vm->vcpus[target].lapic.id;
	struct lapic_message icr = lapic_unicast(cpu->index, id, vector);

	if (vm->config.x2apic == KVM_X2APIC_CLUSTER) {
		icr.logical = true;
		icr.dest = lapic_x2apic_logical(id);
	} else if (kvm_is_flat(&vm->config, vm->nr_vcpus)) {
		icr.logical = true;
		icr.dest = UINT32_C(1) << id;
	}
	return icr;
}

/* Write ICR in the kernel. */
static inline void guest_write_icr(struct guest_action *action, struct lapic_message icr,
				   bool interrupts)
{
	*action = (struct guest_action){
		.kind = GUEST_ICR, .kernel = true, .interrupts = interrupts, .icr = icr};
}

/* The action of cpu's thread or idle loop is not vcpu->action but set aside by a handler. */
static inline bool guest_interrupted(const struct guest_cpu *cpu)
{
	return cpu->frame.step != FRAME_NONE || cpu->nmi.step != NMI_NONE;
}

/* Where it is. Only while guest_interrupted(). */
static inline struct guest_action *guest_saved_action(struct guest_cpu *cpu)
{
	return cpu->frame.step != FRAME_NONE ? &cpu->frame.saved : &cpu->nmi.saved;
}

/* Is its current thread asked to make way, in kernel mode or on return to user mode? */
static inline bool guest_need_resched(const struct guest_cpu *cpu, bool to_user)
{
	return cpu->rq && (cpu->rq->need_resched || (to_user && cpu->rq->need_resched_lazy));
}

/* ---- guest_spin.c --------------------------------------------------------------------------- */

/* The guest cannot go on: keep guest->error, which the caller has filled in, and stop the run. */
void guest_fail(struct guest *guest, enum oversub_status status);
/* The same, with a message about thread and its op in progress. */
void guest_fail_thread(struct guest_thread *thread, const char *what);
/*
 * The current thread of cpu begins to spin: action becomes the pause loop. The kind's own field of
 * cpu->wait is set.
 */
void guest_begin_spin(struct guest_cpu *cpu, struct guest_action *action,
		      enum guest_wait_kind kind);
/* What cpu spins for has come true, here and now, through whatever another CPU did. */
void guest_spin_over(struct guest_cpu *cpu);
/* cpu executes after its spin: close the wait. Returns how long it was, ns. */
int64_t guest_end_spin(struct guest_cpu *cpu);

/* thread spins for a lock in this very moment. */
bool guest_spins_now(const struct guest_thread *thread);
/* The spin of cpu, below a handler or not, ends by itself after ns. */
void guest_bound_spin(struct guest_cpu *cpu, int64_t ns);
/*
 * There is something to do for cpu. False: it does not poll for it, and needs an IPI if it is to
 * notice.
 */
bool guest_poke(struct guest_cpu *cpu);

/* ---- guest_trace.c --------------------------------------------------------------------------- */

/* How traces call a csd: locks count from 0, csds from beyond the last lock. */
int64_t guest_trace_csd_id(const struct guest *guest, uint32_t csd);
/* by has done something to lock, whose owner may have changed. */
void guest_trace_lock(const struct guest_cpu *by, const struct sync_lock *lock);
/* thread begins to wait for lock, or has it after ns. */
void guest_trace_lock_wait(const struct guest_thread *thread, const struct sync_lock *lock,
			   bool begins, int64_t ns);
/* by runs the handler; caller owns the csd, which is unlocked now, or else entered. */
void guest_trace_csd(const struct guest_cpu *by, uint32_t csd, int caller, bool unlocked);

/* ---- thread_ops.c --------------------------------------------------------------------------- */

/* The thread's next action. False: it sleeps, or has ended, or guest->status says that it failed.
 */
bool guest_thread_next(struct guest_thread *thread, struct guest_action *action);

/* ---- guest_waits.c -------------------------------------------------------------------------- */

/* The CPU that cpu, or its current thread, waits for, NULL if none. */
struct guest_cpu *guest_waits_for(const struct guest_cpu *cpu);
/*
 * Who has to act next for that: not its call's receiver as long as another CPU owes that the IPI.
 */
struct guest_cpu *guest_next_to_act(const struct guest_cpu *cpu);
/* other receives the call that cpu waits for: it answers if only it takes interrupts. */
bool guest_answers(const struct guest_cpu *cpu, const struct guest_cpu *other);
/* vcpu_guest_ops.needs: the chain of waits of cpu comes to target, or a call on it will. */
bool guest_needs(const struct guest_cpu *cpu, const struct guest_cpu *target);
/* What cpu spins for; VCPU_WAIT_OTHER while a handler runs. */
enum vcpu_wait guest_wait_kind(const struct guest_cpu *cpu);

/* ---- wait_hint.c ---------------------------------------------------------------------------- */

void guest_hint(const struct vcpu *vcpu, struct oversub_guest_hint *hint);

#endif
