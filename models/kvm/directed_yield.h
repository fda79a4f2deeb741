/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of a vCPU and of a VM that directed yield looks at, and the frame around a candidate
 * policy: what kvm_vcpu_on_spin() does before and after the scan.
 *
 * Plain data: no clock, no events. The owner (the vCPU shell, a replayer, a test) embeds the
 * structs, keeps the flags as models/kvm/README.md has them, and supplies yield_to() and the time.
 */
#ifndef MODELS_KVM_DIRECTED_YIELD_H
#define MODELS_KVM_DIRECTED_YIELD_H

#include <oversub/error.h>
#include <oversub/policy.h>

#include "sim/engine/random.h"

enum kvm_vendor {
	KVM_VENDOR_INTEL, /* VMX */
	KVM_VENDOR_AMD,	  /* SVM: reveals no pending-interrupt hint */
};

/* What directed yield needs from its owner. */
struct directed_yield_ops {
	/*
	 * kvm_vcpu_yield_to(): 1 the hint was taken, 0 it was not, -ESRCH both run queues have one
	 * task. On 1 the owner lets me schedule() once directed_yield_begin() has returned.
	 */
	int (*yield_to)(struct oversub_vcpu *me, struct oversub_vcpu *target);
	/* Host monotonic clock in ns. */
	uint64_t (*now)(const struct oversub_vm *vm);

	/* The rest may be NULL: then what it is for does nothing, or says nothing. */

	/* What candidate.h says of the functions of the same names. */
	bool (*guest_hint)(const struct oversub_vcpu *vcpu, struct oversub_guest_hint *hint);
	struct oversub_vcpu *(*waits_for)(const struct oversub_vcpu *vcpu);
	struct oversub_vcpu *(*right_target)(const struct oversub_vcpu *vcpu);
	bool (*could_run)(const struct oversub_vcpu *vcpu);
	int (*oracle_run)(struct oversub_vcpu *me, struct oversub_vcpu *target,
			  enum oversub_oracle_boost how);
};

/* What the owner does with a vCPU whose on_spin returned nobody, before it goes on. */
enum directed_yield_leave {
	DIRECTED_YIELD_STAY,  /* back to the guest */
	DIRECTED_YIELD_YIELD, /* yield() */
	DIRECTED_YIELD_SLEEP, /* sleep for leave_ns, whatever happens meanwhile */
};

/* The policy-visible part of struct kvm_vcpu. All flags are false at creation. */
struct oversub_vcpu {
	struct oversub_vm *vm;
	int index;	      /* 0 .. vm->nr_vcpus - 1; the APIC id as policies know it */
	uint32_t revealed;    /* the policy's needs; set by directed_yield_attach() */
	void *policy_private; /* owned by directed_yield_attach() */

	int cpu; /* the owner's number of the CPU that it runs on or ran on last; -1 never */

	/* Host thread (kvm_sched_out, kvm_sched_in, kvm_vcpu_wake_up). */
	bool ready;		  /* scheduled out while runnable, or woken; not run since */
	bool preempted;		  /* scheduled out while runnable; not run since */
	bool preempted_in_kernel; /* CPL 0 at the last preempted schedule-out; kept when it runs */
	bool blocking;		  /* wait object armed; still true when woken, until it runs */
	bool scheduled_out;	  /* cleared as the last step of schedule-in */
	bool wants_to_run;	  /* inside KVM_RUN */

	bool interrupt_exit; /* the last exit was to take or end an interrupt, or to arm a timer */

	/* Directed yield's own (kvm_vcpu.spin_loop). */
	bool in_spin_loop; /* between directed_yield_begin() and _finish() */
	bool dy_eligible;  /* toggled by every evaluation while in_spin_loop */

	/* Reasons to run of a blocking vCPU (kvm_arch_dy_runnable). */
	bool pv_unhalted;   /* KICK_CPU arrived */
	bool request_event; /* KVM_REQ_EVENT */
	bool request_nmi;   /* KVM_REQ_NMI */
	bool request_smi;   /* KVM_REQ_SMI */
	bool async_pf;	    /* a completed async page fault is queued */

	/* Posted-interrupt descriptor; meaningful on Intel with APICv only. */
	bool apicv_active;
	bool pid_on;	    /* ON: a notification is outstanding */
	bool pid_sn;	    /* SN: notifications are suppressed */
	bool pir_not_empty; /* some PIR bit is set */

	/* What the scan of the last directed_yield_begin() of this vCPU cost and found. */
	int scan_candidates;	    /* vCPUs looked at, all passes together */
	int scan_attempts;	    /* oversub_yield_to() calls */
	enum oversub_reason reason; /* of the last attempt */
	bool choosing; /* on_spin is at work, and has not succeeded: only then may it yield */
	struct oversub_vcpu *taken; /* its success */
	bool cost_waived; /* by an oracle: the pause-loop exit in progress takes no time; the owner
			     clears it at each exit, before directed_yield_exit() */
	enum directed_yield_leave leave;
	int64_t leave_ns; /* DIRECTED_YIELD_SLEEP: > 0 */
};

/* The policy-visible part of struct kvm. */
struct oversub_vm {
	enum kvm_vendor vendor;
	int nr_vcpus;		     /* online vCPUs, at least 1 */
	struct oversub_vcpu **vcpus; /* nr_vcpus pointers; owned by the owner of the VM */
	int last_boosted;	     /* last_boosted_vcpu, 0 .. nr_vcpus - 1 */

	const struct oversub_candidate_policy *policy;
	const void *params;   /* policy->head.params_size bytes; owned by the owner of the VM */
	void *policy_private; /* owned by directed_yield_attach() */

	const struct directed_yield_ops *ops;
	struct sim_stream *random; /* what the policy draws from; the owner's. NULL: only zeros */
	void *context;		   /* the owner's, untouched here */
};

/* Are there to be pause-loop exits under policy with params? */
bool directed_yield_wants_exits(const struct oversub_candidate_policy *policy, const void *params);

/*
 * Give vm a policy: allocate zeroed private bytes for the VM and each vCPU and call vcpu_reset for
 * each. vm->vcpus, nr_vcpus and ops must be set and every vCPU must have its vm, index and cpu.
 * params may be NULL if the policy has none. Fails only for want of memory.
 */
enum oversub_status directed_yield_attach(struct oversub_vm *vm,
					  const struct oversub_candidate_policy *policy,
					  const void *params, struct oversub_error *error);
/* Free what attach allocated. The VM keeps no policy. Harmless without one. */
void directed_yield_detach(struct oversub_vm *vm);

/*
 * First half of kvm_vcpu_on_spin(): mark me as spinning and let the policy choose and try. Returns
 * the vCPU whose yield succeeded: the owner then schedules me away and calls
 * directed_yield_finish() when me next runs. Returns NULL if nobody was boosted: unless me->leave
 * says that me leaves its CPU all the same, it is already finished then. With fewer than two vCPUs
 * nobody is asked.
 */
struct oversub_vcpu *directed_yield_begin(struct oversub_vcpu *me, bool want_kernel);
/* Second half, when me runs again: last_boosted := boosted (if not NULL), me leaves its spin loop.
 */
void directed_yield_finish(struct oversub_vcpu *me, const struct oversub_vcpu *boosted);

/*
 * Tell the policy what has happened, if it has a callback for it and asked for such news: of all
 * but a reset it must have. The names are those of candidate.h's callbacks.
 */
void directed_yield_ipi(const struct oversub_ipi *ipi);
void directed_yield_eoi(struct oversub_vcpu *receiver, int vector, bool pv);
void directed_yield_reset(struct oversub_vcpu *vcpu);
void directed_yield_sched_in(struct oversub_vcpu *vcpu);
void directed_yield_sched_out(struct oversub_vcpu *vcpu, bool preempted);
void directed_yield_wake(struct oversub_vcpu *vcpu);
void directed_yield_guest_entry(struct oversub_vcpu *vcpu);
void directed_yield_exit(struct oversub_vcpu *vcpu, bool pause);
void directed_yield_halt(struct oversub_vcpu *vcpu);
void directed_yield_hypercall(struct oversub_vcpu *vcpu, enum oversub_hypercall call,
			      struct oversub_vcpu *target);
/*
 * vcpu, in the guest, spins: should it exit now? The policy is asked only if it knows the truth and
 * vcpu has a right target.
 */
bool directed_yield_wait(struct oversub_vcpu *vcpu);

#endif
