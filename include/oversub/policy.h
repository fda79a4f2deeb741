/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a yield policy sees and what it may do. This header is all that a policy includes.
 *
 * A directed yield has two independent halves, and a scenario picks one policy for each:
 *
 *   yield.candidate  whom KVM nominates when a vCPU exits from a pause loop
 *   yield.sched      what the host scheduler does for the nominee
 *
 * A policy is a const struct of functions and one line in models/policies/registry.c. It keeps no
 * state of its own outside the private bytes that the simulator allocates for it (zeroed) per VM,
 * per vCPU or per run queue: a thousand simulations may share the process.
 *
 * vCPUs, VMs, run queues and entities are opaque. The accessors reveal what real KVM could see on
 * the simulated hardware and nothing else.
 */
#ifndef OVERSUB_POLICY_H
#define OVERSUB_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/param.h>

/* Bumped whenever a struct or the meaning of a function below changes. */
#define OVERSUB_POLICY_VERSION 1

struct oversub_vcpu;
struct oversub_vm;

/* ---- What a candidate policy may ask about vCPUs (kvm.md 1.2, 2.1) ---------------------- */

/* The VM of vcpu. */
struct oversub_vm *oversub_vcpu_vm(const struct oversub_vcpu *vcpu);
/* 0 .. oversub_vm_nr_vcpus() - 1; vCPU indices equal APIC ids. */
int oversub_vcpu_index(const struct oversub_vcpu *vcpu);
/* Number of online vCPUs of vm, at least 1. */
int oversub_vm_nr_vcpus(const struct oversub_vm *vm);
/* vCPU number index of vm; index must be in range. */
struct oversub_vcpu *oversub_vm_vcpu(const struct oversub_vm *vm, int index);
/* kvm->last_boosted_vcpu: the vCPU that the last completed directed yield of vm went to; 0 at
 * first. */
int oversub_vm_last_boosted(const struct oversub_vm *vm);

/* vcpu->ready: scheduled out while runnable, or woken and not run since. */
bool oversub_vcpu_ready(const struct oversub_vcpu *vcpu);
/* vcpu->preempted: scheduled out while runnable, not run since. */
bool oversub_vcpu_preempted(const struct oversub_vcpu *vcpu);
/* The guest was at CPL 0 when vcpu was last preempted (kvm_arch_vcpu_preempted_in_kernel). */
bool oversub_vcpu_preempted_in_kernel(const struct oversub_vcpu *vcpu);
/* The thread's wait object is armed; stays true after a wake-up until the thread runs. */
bool oversub_vcpu_blocking(const struct oversub_vcpu *vcpu);
/* kvm_vcpu_dy_runnable(): a blocking vCPU has something to run for. */
bool oversub_vcpu_dy_runnable(const struct oversub_vcpu *vcpu);
/* kvm_arch_dy_has_pending_interrupt(): only Intel with APICv reveals it, otherwise false. */
bool oversub_vcpu_pending_interrupt_hint(const struct oversub_vcpu *vcpu);
/*
 * kvm_vcpu_eligible_for_directed_yield(): a vCPU that is itself in on_spin is refused at every
 * other evaluation. The evaluation has a side effect: it toggles vcpu->dy_eligible.
 */
bool oversub_vcpu_eligible_for_directed_yield(struct oversub_vcpu *vcpu);

/* The policy's private bytes of a vCPU or VM, zeroed at creation. NULL if it asked for none. */
void *oversub_vcpu_private(const struct oversub_vcpu *vcpu);
void *oversub_vm_private(const struct oversub_vm *vm);
/* The policy's parameter struct, filled from the scenario. Constant during a run. */
const void *oversub_vm_params(const struct oversub_vm *vm);
/* Host monotonic clock in ns (ktime_get_mono_fast_ns). */
uint64_t oversub_vm_now(const struct oversub_vm *vm);

/*
 * kvm_vcpu_yield_to(): try to give the CPU of me to target. Returns 1 if the scheduler took the
 * hint (me leaves its CPU as soon as the policy returns, so the policy must return target at
 * once), 0 if it did not, -ESRCH if both run queues have one task only.
 */
int oversub_yield_to(struct oversub_vcpu *me, struct oversub_vcpu *target);

/* Why a candidate passed the policy's filter; for statistics only. */
enum oversub_reason {
	OVERSUB_REASON_NONE,		  /* the policy does not say */
	OVERSUB_REASON_IPI_RECEIVER,	  /* tier 1: a tracked IPI of the spinner */
	OVERSUB_REASON_PENDING_INTERRUPT, /* tier 2: oversub_vcpu_pending_interrupt_hint() */
	OVERSUB_REASON_PREEMPTED, /* tier 3: preempted, in kernel mode if that was asked for */
	OVERSUB_REASON_WOKEN,	  /* ready but not preempted */
	OVERSUB_REASON_RELAXED,	  /* only a relaxed filter let it pass */
	OVERSUB_REASONS		  /* how many there are */
};
/* Say why the next oversub_yield_to() of me is tried. */
void oversub_explain(struct oversub_vcpu *me, enum oversub_reason reason);
/* Charge me the simulated time of looking at candidates more vCPUs (kvm.md 7, row 16). */
void oversub_account_scan(struct oversub_vcpu *me, int candidates);

/* ---- The candidate policy ---------------------------------------------------------------- */

/* Which information a policy needs; the engine withholds callbacks the hardware cannot feed. */
enum oversub_needs {
	OVERSUB_NEEDS_FLAGS = 1 << 0,	 /* the accessors above */
	OVERSUB_NEEDS_IPI_SOFT = 1 << 1, /* IPIs that KVM itself delivers */
	OVERSUB_NEEDS_EOI = 1 << 2,	 /* EOIs that KVM itself sees */
};

/* A guest IPI that KVM has just delivered in software (kvm.md 2.4, patch 7). */
struct oversub_ipi {
	struct oversub_vcpu *source;
	struct oversub_vcpu *target; /* the vCPU that accepted it; the last one if several did */
	int accepted;		     /* how many vCPUs accepted it */
	uint8_t vector;
	bool fixed;	/* delivery mode FIXED as the tracker would see it */
	bool shorthand; /* self, all, all-but-self */
};

struct oversub_candidate_policy {
	uint32_t version; /* OVERSUB_POLICY_VERSION */
	uint32_t size;	  /* sizeof(struct oversub_candidate_policy) */
	const char *name; /* in scenarios: yield.candidate.policy */
	const char *help; /* one sentence */
	uint32_t needs;	  /* enum oversub_needs */

	const struct oversub_param *params; /* may be NULL; ends with OVERSUB_PARAM_END */
	size_t params_size;		    /* of the parameter struct */
	size_t vm_private_size;
	size_t vcpu_private_size;

	/*
	 * False: pause-loop exits are switched off for the VM (KVM_CAP_X86_DISABLE_EXITS) and
	 * on_spin is never called.
	 */
	bool wants_ple_exits;

	/*
	 * kvm_vcpu_on_spin(): choose and try. Called with me->in_spin_loop already set. Returns the
	 * vCPU for which oversub_yield_to() returned 1, or NULL. last_boosted, in_spin_loop and
	 * dy_eligible are brought up to date by the caller when me runs again.
	 */
	struct oversub_vcpu *(*on_spin)(struct oversub_vcpu *me, bool want_kernel);

	/* Any of the following may be NULL. */
	void (*vcpu_reset)(
		struct oversub_vcpu *vcpu); /* at creation and at every vCPU reset (INIT) */
	void (*on_ipi)(const struct oversub_ipi *ipi);
	/*
	 * receiver retired vector from its ISR, or had none in service: vector -1 (spurious). pv:
	 * KVM learnt of it late, from the PV EOI flag in guest memory.
	 */
	void (*on_eoi)(struct oversub_vcpu *receiver, int vector, bool pv);
};

/* ---- What a sched policy may do ---------------------------------------------------------- */

struct eevdf_rq;     /* one CPU's fair run queue */
struct eevdf_entity; /* a task or, per CPU, a group */

/* One directed yield, as the scheduler class sees it (yield_to_task_fair). */
struct oversub_yield {
	struct eevdf_rq *rq;	      /* run queue of the yielder */
	struct eevdf_rq *target_rq;   /* run queue of the target; may be the same */
	struct eevdf_entity *yielder; /* the running task of rq */
	struct eevdf_entity *target;  /* a queued task that does not run */
	const void *params;	      /* the policy's parameter struct */
	void *rq_private;	      /* the policy's private bytes of rq */
};

/*
 * The primitives of models/host/eevdf_yield.c that policies compose. All act at the current clock
 * of the run queue; virtual times are signed 64-bit and wrap: compare differences.
 */

/* The clock of rq in ns (rq_clock). */
uint64_t eevdf_clock(const struct eevdf_rq *rq);
/* Number of tasks on rq, delayed ones included (rq->nr_running). */
unsigned int eevdf_nr_running(const struct eevdf_rq *rq);
/* The group entity above entity, or NULL at the root level. */
struct eevdf_entity *eevdf_parent(const struct eevdf_entity *entity);
/* Entities (nr_queued) or tasks below (h_nr_queued) of the queue that entity competes in. */
unsigned int eevdf_nr_queued(const struct eevdf_entity *entity);
unsigned int eevdf_h_nr_queued(const struct eevdf_entity *entity);
/* The same tasks without the delayed ones (h_nr_runnable). */
unsigned int eevdf_h_nr_runnable(const struct eevdf_entity *entity);
/* Climb both to ancestors-or-self that compete in one queue (find_matching_se). Same rq only. */
void eevdf_common_ancestor(struct eevdf_entity **a, struct eevdf_entity **b);
bool eevdf_same_queue(const struct eevdf_entity *a, const struct eevdf_entity *b);

uint64_t eevdf_vruntime(const struct eevdf_entity *entity);
uint64_t eevdf_deadline(const struct eevdf_entity *entity);
/* slice of entity in ns: its own if it has one, else the base slice. */
uint64_t eevdf_slice(const struct eevdf_rq *rq, const struct eevdf_entity *entity);
/* The base slice of the machine in ns (sysctl_sched_base_slice). */
uint64_t eevdf_base_slice(const struct eevdf_rq *rq);
/* delta ns of CPU time in virtual time of entity (calc_delta_fair). */
uint64_t eevdf_calc_delta_fair(uint64_t delta, const struct eevdf_entity *entity);
/* Upper bound of the lag of entity: calc_delta_fair(max_slice + TICK_NSEC), host-scheduler.md 2.5.
 */
int64_t eevdf_lag_limit(struct eevdf_rq *rq, const struct eevdf_entity *entity);
/* entity may be picked now: its lag is not negative (vruntime_eligible). */
bool eevdf_eligible(const struct eevdf_entity *entity);
/* entity is the running one of its queue. */
bool eevdf_is_curr(const struct eevdf_entity *entity);

/* Make target the next buddy at every level of its chain on its own run queue (set_next_buddy). */
void eevdf_nominate(struct eevdf_entity *target);
/* yield_task_fair(): the running task of rq gives up the rest of its request, if it is eligible. */
void eevdf_forfeit(struct eevdf_rq *rq);
/*
 * The same for one level: account the running entity, a task or a group, and if it is eligible take
 * the rest of its request. Returns whether it was eligible.
 */
bool eevdf_forfeit_entity(struct eevdf_rq *rq, struct eevdf_entity *entity);
/* Account the running entity of the queue that entity competes in (update_curr of that level). */
void eevdf_account(struct eevdf_rq *rq, struct eevdf_entity *entity);
/*
 * Raise entity, which is queued and not delayed, to lag margin > 0 in virtual ns, so that it is
 * eligible (host-scheduler.md 6.2 credit). No effect on an eligible entity or one that is alone.
 * Returns true if it changed anything.
 */
bool eevdf_credit(struct eevdf_rq *rq, struct eevdf_entity *entity, int64_t margin);
/* Add penalty > 0 virtual ns to entity's vruntime and renew its deadline (6.4). */
void eevdf_charge(struct eevdf_rq *rq, struct eevdf_entity *entity, uint64_t penalty);
/* End the slice protection of a running entity (cancel_protect_slice). */
void eevdf_cancel_protection(struct eevdf_entity *entity);
/* Full reschedule request on rq (resched_curr). */
void eevdf_resched(struct eevdf_rq *rq);

/* ---- The sched policy -------------------------------------------------------------------- */

struct oversub_sched_policy {
	uint32_t version; /* OVERSUB_POLICY_VERSION */
	uint32_t size;	  /* sizeof(struct oversub_sched_policy) */
	const char *name; /* in scenarios: yield.sched.policy */
	const char *help;

	const struct oversub_param *params; /* may be NULL */
	size_t params_size;
	size_t rq_private_size;

	/*
	 * Called with both run queues current and the target known to be queued, runnable and not
	 * running. Returns true if the hint was taken; the core then reschedules the remote CPU if
	 * the run queues differ, and the yielder calls schedule().
	 */
	bool (*yield_to)(const struct oversub_yield *yield);
};

/* ---- The registry ------------------------------------------------------------------------ */

/* Built-in policies, NULL-terminated, in the order `oversub list policies` shows them. */
extern const struct oversub_candidate_policy *const oversub_candidate_policies[];
extern const struct oversub_sched_policy *const oversub_sched_policies[];

#endif
