/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * yield.candidate: whom KVM nominates when a vCPU exits from a pause loop. Policies include
 * policy.h, which says what all kinds of policy have in common.
 *
 * vCPUs and VMs are opaque. The accessors reveal what real KVM could see on the simulated hardware
 * and nothing else, and of that what the policy has declared that it needs: others answer false, 0
 * or NULL.
 */
#ifndef OVERSUB_CANDIDATE_H
#define OVERSUB_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/policy_head.h>

struct oversub_vcpu;
struct oversub_vm;

/* ---- vCPUs and VMs ------------------------------------------------------------------------ */

/* No VM has more vCPUs. */
#define OVERSUB_MAX_VCPUS 1024

/* The VM of vcpu. */
struct oversub_vm *oversub_vcpu_vm(const struct oversub_vcpu *vcpu);
/* 0 .. oversub_vm_nr_vcpus() - 1; vCPU indices equal APIC ids. */
int oversub_vcpu_index(const struct oversub_vcpu *vcpu);
/* Number of online vCPUs of vm, 1 .. OVERSUB_MAX_VCPUS; constant during a run. */
int oversub_vm_nr_vcpus(const struct oversub_vm *vm);
/* vCPU number index of vm; index must be in range. */
struct oversub_vcpu *oversub_vm_vcpu(const struct oversub_vm *vm, int index);
/* kvm->last_boosted_vcpu: the vCPU that the last completed directed yield of vm went to; 0 at
 * first. */
int oversub_vm_last_boosted(const struct oversub_vm *vm);

/*
 * The policy's private bytes of a vCPU or VM, zeroed at creation and kept for a whole run; the
 * simulator frees them. NULL if it asked for none.
 */
void *oversub_vcpu_private(const struct oversub_vcpu *vcpu);
void *oversub_vm_private(const struct oversub_vm *vm);
/* The policy's parameter struct, filled from the scenario. Constant during a run. */
const void *oversub_vm_params(const struct oversub_vm *vm);
/* Host monotonic clock in ns (ktime_get_mono_fast_ns). */
uint64_t oversub_vm_now(const struct oversub_vm *vm);
/*
 * A random number, uniform in 0 .. n - 1; 0 if n is 0. Every VM has a stream of its own for its
 * policy, given by seed, replication and name of the VM: what a policy draws changes nothing but
 * what it draws next.
 */
uint64_t oversub_vm_random_below(struct oversub_vm *vm, uint64_t n);

/* ---- What KVM knows of its threads: OVERSUB_NEEDS_FLAGS -------------------------------------- */

/* vcpu->ready: scheduled out while runnable, or woken and not run since. */
bool oversub_vcpu_ready(const struct oversub_vcpu *vcpu);
/* vcpu->preempted: scheduled out while runnable, not run since. */
bool oversub_vcpu_preempted(const struct oversub_vcpu *vcpu);
/*
 * vcpu->cpu: number of the physical CPU that its thread runs on or ran on last; -1 if it has not
 * run yet, or if it is not the policy's to know. A migration shows only when it runs again.
 */
int oversub_vcpu_cpu(const struct oversub_vcpu *vcpu);
/* The guest was at CPL 0 when vcpu was last preempted (kvm_arch_vcpu_preempted_in_kernel). */
bool oversub_vcpu_preempted_in_kernel(const struct oversub_vcpu *vcpu);
/* The thread's wait object is armed; stays true after a wake-up until the thread runs. */
bool oversub_vcpu_blocking(const struct oversub_vcpu *vcpu);
/* kvm_vcpu_dy_runnable(): a blocking vCPU has something to run for. */
bool oversub_vcpu_dy_runnable(const struct oversub_vcpu *vcpu);
/* kvm_arch_dy_has_pending_interrupt(): only Intel with APICv reveals it, otherwise false. */
bool oversub_vcpu_pending_interrupt_hint(const struct oversub_vcpu *vcpu);
/* Between a pause-loop exit and the next entry; also while it is off its CPU in between. */
bool oversub_vcpu_in_spin_loop(const struct oversub_vcpu *vcpu);
/*
 * Its last exit was for an interrupt: to take it, to end it, or to set the timer. What was
 * interrupted may go on unchanged, a pause loop, say.
 */
bool oversub_vcpu_exited_for_interrupt(const struct oversub_vcpu *vcpu);
/*
 * kvm_vcpu_eligible_for_directed_yield(): a vCPU that is itself in on_spin is refused at every
 * other evaluation. The evaluation has a side effect: it toggles vcpu->dy_eligible.
 */
bool oversub_vcpu_eligible_for_directed_yield(struct oversub_vcpu *vcpu);

/* ---- What on_spin may do, and nothing else may -------------------------------------------- */

/*
 * kvm_vcpu_yield_to(): try to give the CPU of me to target, another vCPU of its VM. Returns 1 if
 * the scheduler took the hint (me leaves its CPU as soon as the policy returns, so the policy must
 * return target at once), 0 if it did not, -ESRCH if both run queues have one task only.
 */
int oversub_yield_to(struct oversub_vcpu *me, struct oversub_vcpu *target);

/*
 * Plain yield() of me, directed at nobody: it forfeits the rest of its request, if it is eligible.
 * It leaves its CPU as soon as the policy returns, so the policy must return NULL at once.
 */
void oversub_yield(struct oversub_vcpu *me);
/*
 * Let me sleep for ns > 0, from when the policy returns, which it must do at once, with NULL. No
 * interrupt ends the sleep early. To the guest it is as if the vCPU had been descheduled.
 */
void oversub_sleep(struct oversub_vcpu *me, int64_t ns);

/* Why a candidate passed the policy's filter; for statistics only. */
enum oversub_reason {
	OVERSUB_REASON_NONE,		  /* the policy does not say */
	OVERSUB_REASON_IPI_RECEIVER,	  /* tier 1: a tracked IPI of the spinner */
	OVERSUB_REASON_PENDING_INTERRUPT, /* tier 2: oversub_vcpu_pending_interrupt_hint() */
	OVERSUB_REASON_PREEMPTED,  /* tier 3: preempted, in kernel mode if that was asked for */
	OVERSUB_REASON_WOKEN,	   /* ready but not preempted */
	OVERSUB_REASON_RELAXED,	   /* only a relaxed filter let it pass */
	OVERSUB_REASON_GUEST_HINT, /* the guest named it */
	OVERSUB_REASON_CHAIN,	   /* the one that a better candidate itself waits for */
	OVERSUB_REASON_ORACLE,	   /* it is the right target */
	OVERSUB_REASONS		   /* how many there are */
};
/* Say why the next oversub_yield_to() of me is tried. */
void oversub_explain(struct oversub_vcpu *me, enum oversub_reason reason);
/* Charge me the simulated time of looking at candidates more vCPUs (scan_vcpu_ns each). */
void oversub_account_scan(struct oversub_vcpu *me, int candidates);

/* ---- What only some worlds reveal --------------------------------------------------------- */

/*
 * What the guest publishes in memory that it shares with the host, where KVM reads it for nothing
 * but a cache miss. No present kernel does; see models/policies/README.md.
 */
struct oversub_guest_hint {
	int waits_for;	       /* index of the vCPU that this one spins for, -1: none, or unknown */
	unsigned int critical; /* nesting of sections in which it had better not be preempted */
};
/*
 * What vcpu published last. False, and *hint says nothing, unless the policy declares
 * OVERSUB_NEEDS_GUEST_HINT and the VM has guest_hint.
 */
bool oversub_vcpu_guest_hint(const struct oversub_vcpu *vcpu, struct oversub_guest_hint *hint);

/* The truth, which no host knows: OVERSUB_NEEDS_ORACLE. */

/* The vCPU that vcpu waits for at this moment, spinning or halted; NULL: it waits for none. */
struct oversub_vcpu *oversub_oracle_waits_for(const struct oversub_vcpu *vcpu);
/*
 * The right target for vcpu, by which hints are judged: the first on its chain of waits that could
 * run but does not. NULL: there is none. A call is not followed beyond its receiver if that can
 * take interrupts: they make it answer, whatever else it waits for.
 */
struct oversub_vcpu *oversub_oracle_right_target(const struct oversub_vcpu *vcpu);
/* vcpu is runnable, queued and without a CPU. */
bool oversub_oracle_could_run(const struct oversub_vcpu *vcpu);
/* How an oracle gets its choice onto a CPU, wherever it is queued. */
enum oversub_oracle_boost {
	OVERSUB_ORACLE_PULL,	/* migrate it to the CPU of me, and run it there next */
	OVERSUB_ORACLE_PREEMPT, /* run it next where it is queued, and interrupt that CPU */
	OVERSUB_ORACLE_LOCAL,	/* only if it is queued on the CPU of me */
	OVERSUB_ORACLE_SWAP,	/* PULL, and me takes its place if its affinity allows that */
	/*
	 * To be ORed: where both compete for one CPU, let me pay with its lag for what target lacks
	 * to be eligible. Otherwise target pays itself: it will have to wait so much longer later.
	 */
	OVERSUB_ORACLE_FAIR = 1 << 8,
};
/*
 * Make target run at once, whatever the scheduler thinks of it; the time it gets is charged to it
 * as ever. Returns 1: as oversub_yield_to(), me leaves its CPU if target takes it, and the policy
 * returns target. 0: target cannot run there. With the cost waived, see below, the switch to it
 * takes no time either, nor does a migration, caches aside; only an interrupt does.
 */
int oversub_oracle_run(struct oversub_vcpu *me, struct oversub_vcpu *target,
		       enum oversub_oracle_boost how);
/*
 * The pause-loop exit in progress costs nothing, whatever is looked at; said in on_spin, this holds
 * for what remains of it, said in on_exit, for all.
 */
void oversub_oracle_waive_cost(struct oversub_vcpu *me);

/* ---- The candidate policy ---------------------------------------------------------------- */

/*
 * Which information a policy needs. Accessors and callbacks that it has not asked for here stay
 * silent, and so do those that the simulated hardware cannot feed: what KVM would not see on such a
 * machine, no policy sees.
 */
enum oversub_needs {
	OVERSUB_NEEDS_FLAGS = 1 << 0,	   /* ready, preempted, blocking and the like */
	OVERSUB_NEEDS_IPI_SOFT = 1 << 1,   /* on_ipi of ICR writes that KVM itself carries out */
	OVERSUB_NEEDS_IPI_ALL = 1 << 2,	   /* on_ipi of every IPI that KVM hears of in any way */
	OVERSUB_NEEDS_EOI = 1 << 3,	   /* on_eoi of EOIs that KVM sees, perhaps late */
	OVERSUB_NEEDS_GUEST_HINT = 1 << 4, /* what guests publish, if they do */
	OVERSUB_NEEDS_ORACLE = 1 << 5,	   /* the truth; not for policies that could exist */
};

/* How KVM came to hear of an IPI. What hardware delivers by itself, nobody hears of. */
enum oversub_ipi_how {
	OVERSUB_IPI_ICR_WRITE,	/* exit at the ICR write; KVM delivers it */
	OVERSUB_IPI_INCOMPLETE, /* AVIC: exit as a target does not run; hardware set its IRR.
				   Called for each such target; accepted counts the others too */
	OVERSUB_IPI_HYPERCALL,	/* PV send-IPI; called once for each target */
};

/* A guest IPI that has just been delivered (models/kvm/README.md, Interrupts). */
struct oversub_ipi {
	struct oversub_vcpu *source;
	struct oversub_vcpu *target; /* the vCPU that accepted it; the last one if several did */
	int accepted;		     /* how many vCPUs accepted it */
	uint8_t vector;
	bool fixed;	/* delivery mode FIXED as the tracker would see it */
	bool shorthand; /* self, all, all-but-self */
	enum oversub_ipi_how how;
};

/* Hypercalls that change who runs; KVM hears of them all. */
enum oversub_hypercall {
	OVERSUB_HYPERCALL_KICK_CPU,    /* wake target from HLT, and yield to it */
	OVERSUB_HYPERCALL_SEND_IPI,    /* an IPI to several; on_ipi tells of each */
	OVERSUB_HYPERCALL_SCHED_YIELD, /* yield to target */
};

struct oversub_candidate_policy {
	struct oversub_policy head;
	size_t vm_private_size;	  /* bytes per VM */
	size_t vcpu_private_size; /* bytes per vCPU */

	/*
	 * False: pause-loop exits are switched off for the VM (KVM_CAP_X86_DISABLE_EXITS) and
	 * on_spin is never called.
	 */
	bool wants_ple_exits;
	/* If not NULL, decides this instead, from the parameters. */
	bool (*chooses_ple_exits)(const void *params);

	/*
	 * kvm_vcpu_on_spin(): choose and try. Called with me->in_spin_loop already set. Returns the
	 * vCPU for which oversub_yield_to() returned 1, or NULL. last_boosted, in_spin_loop and
	 * dy_eligible are brought up to date by the caller when me runs again.
	 */
	struct oversub_vcpu *(*on_spin)(struct oversub_vcpu *me, bool want_kernel);

	/*
	 * Any of the following may be NULL. They observe; none may yield. All but vcpu_reset are
	 * called only if the policy needs what they say, or else OVERSUB_NEEDS_FLAGS.
	 */

	void (*vcpu_reset)(
		struct oversub_vcpu *vcpu); /* at creation and at every vCPU reset (INIT) */
	/* OVERSUB_NEEDS_IPI_SOFT or _ALL. *ipi is gone after the call. */
	void (*on_ipi)(const struct oversub_ipi *ipi);
	/*
	 * OVERSUB_NEEDS_EOI. receiver retired vector from its ISR, or had none in service: vector
	 * -1 (spurious). pv: KVM learnt of it late, from the PV EOI flag in guest memory.
	 */
	void (*on_eoi)(struct oversub_vcpu *receiver, int vector, bool pv);
	/* Its thread got a CPU (kvm_sched_in), or loses it, preempted or to sleep (kvm_sched_out).
	 * Its flags say so already. */
	void (*on_sched_in)(struct oversub_vcpu *vcpu);
	void (*on_sched_out)(struct oversub_vcpu *vcpu, bool preempted);
	/* It was halted and has something to do (kvm_vcpu_wake_up). */
	void (*on_wake)(struct oversub_vcpu *vcpu);
	/* It is about to execute guest code again. */
	void (*on_guest_entry)(struct oversub_vcpu *vcpu);
	/* It has left the guest at this moment; pause: because of a pause loop. */
	void (*on_exit)(struct oversub_vcpu *vcpu, bool pause);
	/* Its HLT is about to be handled: it will poll, then sleep. */
	void (*on_halt)(struct oversub_vcpu *vcpu);
	/* Its hypercall is about to be handled; target is NULL for one that has several or none. */
	void (*on_hypercall)(struct oversub_vcpu *vcpu, enum oversub_hypercall call,
			     struct oversub_vcpu *target);
	/*
	 * OVERSUB_NEEDS_ORACLE: vcpu, executing, has begun to spin and has a right target, or what
	 * it spins for has got one: a vCPU on its chain of waits has just lost its CPU or been
	 * woken without getting one, or now holds what is waited for and does not run. True: let
	 * vcpu exit now, as if its window were over.
	 */
	bool (*on_wait)(struct oversub_vcpu *vcpu);
};

#endif
