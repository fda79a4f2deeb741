/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A VM and its vCPU threads as KVM sees them: the event shell around lapic.h, ple.h, halt_poll.h
 * and directed_yield.h. It does not know what the guest does: it asks through vcpu_guest_ops for
 * the next action, and acts it out with the exits, costs and delays of the simulated hardware.
 */
#ifndef MODELS_KVM_KVM_H
#define MODELS_KVM_KVM_H

#include <stdbool.h>
#include <stdint.h>

#include "models/host/host.h"
#include "models/kvm/directed_yield.h"
#include "models/kvm/halt_poll.h"
#include "models/kvm/lapic.h"
#include "models/kvm/ple.h"
#include "models/kvm/truth.h"
#include "sim/base/container_of.h"
#include "sim/stats/histogram.h"

/* Interrupt hardware that a VM gets. */
enum kvm_apicv {
	KVM_APICV_OFF,
	KVM_APICV_ON,	/* posted interrupts, virtual EOI; IPI sends exit */
	KVM_APICV_IPIV, /* Intel: and hardware delivers physical unicast IPIs */
	KVM_APICV_AVIC, /* AMD x2AVIC: hardware delivers IPIs, and exits if a target does not run */
};

/*
 * Destination mode in which a guest drives its x2APICs (apic_x2apic_phys, apic_x2apic_cluster), or
 * that they are xAPICs (apic_physflat, apic_flat).
 */
enum kvm_x2apic {
	KVM_X2APIC_PHYSICAL, /* one ICR write per target */
	KVM_X2APIC_CLUSTER,  /* logical ids: one ICR write per cluster of 16 targets */
	KVM_XAPIC_PHYSICAL,  /* xAPIC, through memory; one IPI per target */
	KVM_XAPIC_FLAT,	     /* xAPIC; up to 8 vCPUs: logical ids, one IPI for all targets */
};

/* vCPUs that xAPICs can address: ids have 8 bits, and 255 is everybody; in flat mode 8 bits of a
 * mask. */
#define KVM_XAPIC_VCPUS	     255
#define KVM_XAPIC_FLAT_VCPUS 8

/* Mode in which a guest uses its LAPIC timers. */
enum kvm_lapic_timer {
	KVM_TIMER_TSC_DEADLINE, /* an absolute time is written to an MSR */
	KVM_TIMER_ONE_SHOT,	/* a count, from the moment that KVM handles the write */
	KVM_TIMER_PERIODIC,	/* a count that starts anew by itself */
};

/* Messages of devices. */
enum kvm_device_delivery { KVM_DEVICE_FIXED, KVM_DEVICE_LOWEST };
enum kvm_device_trigger { KVM_DEVICE_EDGE, KVM_DEVICE_LEVEL };

/* Sets of paravirtual features; a feature that is given by itself is as given. */
enum kvm_pv {
	KVM_PV_NONE,
	KVM_PV_DEFAULT, /* all that most Linux guests use where KVM offers everything */
	KVM_PV_KICK,	/* locks whose waiters halt and are kicked, nothing else */
};

/* Costs in ns; rows are those of the table in models/kvm/README.md. */
struct kvm_costs {
	int64_t exit_ns;	       /* row 1 */
	int64_t external_interrupt_ns; /* row 5 */
	int64_t icr_write_ns;	       /* row 6 */
	int64_t icr_write_slow_ns;     /* row 7: to destinations that the APIC map cannot resolve */
	int64_t icr_target_ns;	       /* row 26: each further target of a logical destination */
	int64_t xapic_access_ns; /* row 33: on top of an exit for an access that is emulated */
	int64_t icr_virtual_ns;	 /* row 13: ICR write that the hardware carries out */
	int64_t hardware_ipi_ns; /* from there to its arrival; makes row 12 come out */
	int64_t self_ipi_ns;	 /* row 13: virtualised self IPI, write to handler */
	int64_t eoi_write_ns;	 /* row 8 */
	int64_t eoi_virtual_ns;	 /* row 9 */
	int64_t scan_vcpu_ns;	 /* row 16: per vCPU of the VM, per on_spin */
	int64_t yield_to_ns;	 /* row 17: per yield_to call */
	int64_t halt_block_ns;	 /* rest of row 22: HLT exit handled to thread asleep */
	int64_t timer_exit_ns;	 /* row 24 */
	int64_t timer_count_ns;	 /* row 1, plus what row 7 has more than row 6 */
	int64_t software_injection_ns; /* "window cost" of row 11 */
	int64_t guest_interrupt_ns;    /* injected to first instruction of the handler; makes row 10
					  come out */
	int64_t io_exit_ns;	       /* row 4 */
	int64_t ioeventfd_ns;	       /* row 31 */
	int64_t io_complete_ns;	       /* row 32; CPU time of an I/O thread */
	int64_t hypercall_ns;	       /* row 25 */
	int64_t hypercall_target_ns;   /* row 26: per target of a SEND_IPI hypercall */
	int64_t guest_hint_ns;	       /* the guest changes what it publishes */
};

/* Threads of the host that serve a VM's I/O. */
enum kvm_io_thread { KVM_IO_VHOST, KVM_IO_IOTHREAD };

struct kvm_config {
	int64_t apicv;		 /* enum kvm_apicv */
	int64_t x2apic;		 /* enum kvm_x2apic */
	int64_t lapic_timer;	 /* enum kvm_lapic_timer */
	int64_t timer_advance;	 /* ns, see interrupt.c; TSC-deadline mode only */
	int64_t device_delivery; /* enum kvm_device_delivery */
	int64_t device_trigger;	 /* enum kvm_device_trigger */
	int64_t pv_eoi;		 /* bool */
	int64_t pv; /* enum kvm_pv: which of the following are on unless given otherwise */
	/* Paravirtual features that the guest finds and uses, bool each. */
	int64_t pv_unhalt;	/* a hypercall wakes a halted vCPU; locks of kind pv need it */
	int64_t steal_time;	/* its vCPUs are told which of them are preempted */
	int64_t pv_tlb_flush;	/* flushes of preempted vCPUs are left to the host; steal_time */
	int64_t pv_send_ipi;	/* one hypercall sends an IPI to several vCPUs */
	int64_t pv_sched_yield; /* yields to a preempted receiver of such an IPI; steal_time */
	int64_t realtime_hint;	/* bool: KVM_HINTS_REALTIME, vCPUs are said to own their CPUs */
	int64_t guest_hint;	/* bool: the guest publishes whom it waits for */
	/* bool: steal time also tells of those that left in the middle of an exit; before 5.19 */
	int64_t report_yielded;
	int64_t cpu_pm;	    /* bool: HLT and PAUSE do not exit (KVM_CAP_X86_DISABLE_EXITS) */
	int64_t io_thread;  /* enum kvm_io_thread */
	int64_t io_threads; /* >= 1; if its guest has I/O that they serve */
	struct ple_config ple;
	struct halt_poll_config halt_poll;
	struct kvm_costs costs;
};

/* Is the parameter name of kvm_params, a paravirtual feature, in the set? False for any other. */
bool kvm_pv_includes(enum kvm_pv set, const char *name);
/*
 * Resolve ple.type, and switch off what a guest does not use under the realtime hint, and what KVM
 * does not offer with cpu_pm.
 */
void kvm_config_settle(struct kvm_config *config);

extern const struct oversub_param kvm_params[];	      /* of struct kvm_config's own fields */
extern const struct oversub_param kvm_costs_params[]; /* of struct kvm_costs */

/*
 * OVERSUB_BAD_INPUT if no machine has all that config asks for; *field (may be NULL) is then the
 * name of the parameter at fault.
 */
enum oversub_status kvm_config_check(const struct kvm_config *config, const char **field,
				     struct oversub_error *error);

enum exit_reason {
	EXIT_EXTERNAL_INTERRUPT,
	EXIT_PAUSE,
	EXIT_HLT,
	EXIT_ICR_WRITE,
	EXIT_EOI_WRITE,
	EXIT_INTERRUPT_WINDOW,
	EXIT_TIMER,	/* the VMX preemption timer expired */
	EXIT_TIMER_ARM, /* write of the TSC-deadline MSR */
	EXIT_IO,
	EXIT_HYPERCALL,
	EXIT_INCOMPLETE_IPI, /* AVIC: a target of an IPI does not run */
	EXIT_EOI_INDUCED,    /* EOI of a vector of which KVM wants to hear, with APICv */
	EXIT_NMI_WINDOW,     /* the NMI handler is over, and another NMI waits */
	EXIT_TIMER_COUNT,    /* write of the initial count of the LAPIC timer */
	EXIT_REASONS
};
extern const char *const exit_reason_names[EXIT_REASONS];

/* Where every ns of a vCPU goes. */
enum vcpu_time {
	VCPU_WORK,	 /* guest mode, getting something done */
	VCPU_SPIN,	 /* guest mode, in a pause loop for somebody else */
	VCPU_REFILL,	 /* guest mode, refilling caches after having been away */
	VCPU_EXIT,	 /* on its CPU outside guest mode */
	VCPU_POLL,	 /* halt polling */
	VCPU_GUEST_POLL, /* guest mode, idle: in the pause loop of haltpoll, or an HLT that does not
			    exit */
	VCPU_STEAL,	 /* runnable, without a CPU */
	VCPU_THROTTLED,	 /* the same, as a group of its had no time left (cpu.max) */
	VCPU_HALT,	 /* blocked: halted, or put to sleep by a candidate policy */
	VCPU_TIMES
};
extern const char *const vcpu_time_names[VCPU_TIMES];

/* The guest's LAPICs are in xAPIC mode. */
static inline bool kvm_has_xapic(const struct kvm_config *config)
{
	return config->x2apic >= KVM_XAPIC_PHYSICAL;
}
/* A guest of nr_vcpus uses the logical ids of xAPICs: Linux does so as long as they suffice. */
static inline bool kvm_is_flat(const struct kvm_config *config, int nr_vcpus)
{
	return config->x2apic == KVM_XAPIC_FLAT && nr_vcpus <= KVM_XAPIC_FLAT_VCPUS;
}
/* OVERSUB_BAD_INPUT if LAPICs as config has them cannot address so many vCPUs. */
enum oversub_status kvm_vcpus_check(const struct kvm_config *config, int64_t nr_vcpus,
				    struct oversub_error *error);

/* ---- What the guest does ----------------------------------------------------------------- */

enum guest_action_kind {
	GUEST_RUN,	 /* execute for ns */
	GUEST_SPIN,	 /* pause loop until vcpu_end_spin(), or, if bounded, for ns */
	GUEST_ICR,	 /* write icr: send an IPI */
	GUEST_EOI,	 /* write EOI */
	GUEST_HLT,	 /* halt until an interrupt */
	GUEST_TIMER_ARM, /* arm the LAPIC timer: see timer; ns 0 disarms */
	GUEST_IO,	 /* device access that exits: to user space, or kicks an I/O thread */
	GUEST_HYPERCALL, /* call the host */
};

enum kvm_hypercall {
	HYPERCALL_KICK_CPU,    /* wake icr.dest from HLT, and yield to it */
	HYPERCALL_SCHED_YIELD, /* yield to icr.dest (kvm_sched_yield) */
	HYPERCALL_SEND_IPI,    /* icr.vector to those in mask (kvm_pv_send_ipi) */
};

/* APIC ids that one SEND_IPI hypercall can reach. */
#define HYPERCALL_SEND_IPI_IDS 128

struct guest_action {
	enum guest_action_kind kind;
	int64_t ns;	 /* RUN, bounded SPIN: what is left; TIMER_ARM: absolute expiry, or the
			    period if timer is KVM_TIMER_PERIODIC */
	bool kernel;	 /* CPL 0 */
	bool interrupts; /* IF = 1 */
	bool bounded;	 /* SPIN: next() follows after ns of it */
	bool idle;	 /* SPIN: for nobody, the guest polls before it halts */
	bool spinning;	 /* RUN: account it as spin (the last cache-line transfer of a wait) */
	bool kick;	 /* IO: of an I/O thread; vcpu_guest_ops.kick follows */
	bool awaited;	 /* ICR, SEND_IPI: the sender will wait for the receiver. For the truth
			    metrics. */
	enum kvm_lapic_timer timer; /* TIMER_ARM: mode of the timer */
	struct lapic_message icr;   /* ICR; HYPERCALL: its destination and vector */
	enum kvm_hypercall hypercall;
	uint64_t mask[HYPERCALL_SEND_IPI_IDS / 64]; /* SEND_IPI: bit i is APIC id icr.dest + i */
};

struct vcpu;

struct vcpu_guest_ops {
	/* In guest mode, the last action is complete: fill in the next one. */
	void (*next)(struct vcpu *vcpu, struct guest_action *action);
	/*
	 * vector is injected and IF is cleared: set vcpu->action aside (what is left of it is in
	 * there) and arrange that next() yields the handler's actions, beginning with its EOI, and
	 * then the old one.
	 */
	void (*interrupt)(struct vcpu *vcpu, uint8_t vector);
	/*
	 * The same for an NMI, which may come with IF = 0 and in the middle of a handler, but not
	 * while another NMI is handled: the guest says vcpu_nmi_done() when it is. There is no EOI.
	 * May be NULL for a guest that is never sent NMIs.
	 */
	void (*nmi)(struct vcpu *vcpu);
	/* vcpu->action is a spin that is about to execute, again: the guest may find that it is
	 * over. */
	void (*spin_begins)(struct vcpu *vcpu);
	/* The vCPU that this one waits for, in any state; NULL if it waits for none. For the truth
	 * metrics. */
	struct vcpu *(*waits_for)(const struct vcpu *vcpu);
	/* What vcpu waits for at this moment. NULL: always VCPU_WAIT_OTHER. Also for the truth. */
	enum vcpu_wait (*wait_kind)(const struct vcpu *vcpu);
	/*
	 * vcpu waits for other, and all that takes is that other handles an interrupt. NULL: so it
	 * is with every call.
	 */
	bool (*answers)(const struct vcpu *vcpu, const struct vcpu *other);
	/*
	 * vcpu cannot go on before other has run: somebody on the chain of waits from vcpu on waits
	 * for it, or will, later in the same call. NULL: nobody but waits_for() needs to run. For
	 * the truth as well.
	 */
	bool (*needs)(const struct vcpu *vcpu, const struct vcpu *other);
	/* The exit of a kick: submit what its thread wants done. NULL: it never kicks. */
	void (*kick)(struct vcpu *vcpu);
	/* From now on vcpu_reported_preempted(vcpu) is true. NULL: the guest does not care. */
	void (*reported_preempted)(struct vcpu *vcpu);
	/* What the guest of an executing vcpu knows of itself and would publish now. NULL: nothing.
	 */
	void (*hint)(const struct vcpu *vcpu, struct oversub_guest_hint *hint);
};

/* ---- vCPU --------------------------------------------------------------------------------- */

enum vcpu_phase {
	VCPU_IN_GUEST, /* mode IN_GUEST_MODE: action runs, spins */
	VCPU_EXITING,  /* first half of an exit; effects come at its end */
	VCPU_ENTERING, /* second half; entry checks come at its end */
	VCPU_POLLING,  /* halt polling */
	VCPU_BLOCKING, /* on the way from HLT to sleep */
	VCPU_OFF_CPU,  /* no CPU; resume says how it goes on */
};

/* Where a vCPU thread goes on when it gets a CPU again. */
enum vcpu_resume {
	RESUME_ENTRY, /* on the way to the guest */
	RESUME_YIELD, /* in the middle of on_spin, which yielded or slept */
	RESUME_HALT,  /* before an HLT is handled */
	RESUME_POLL,  /* in the poll loop */
	RESUME_BLOCK, /* in the block loop */
};

struct vcpu_stats {
	int64_t time_in[VCPU_TIMES];
};

struct kvm_vm;

struct vcpu {
	struct host_task task;	/* its thread; ops in vcpu.c */
	struct oversub_vcpu dy; /* flags that directed yield reads */
	struct lapic lapic;
	struct kvm_vm *vm;
	int index;
	void *guest; /* the guest kernel's side; set by the guest */

	enum vcpu_phase phase;
	enum vcpu_resume resume;
	enum exit_reason exit_reason;
	bool kicked;		      /* EXITING has been set by a kicker: no second IPI */
	bool irq_window;	      /* interrupt-window exit requested */
	bool nmi_window;	      /* NMI-window exit requested */
	bool at_instruction_boundary; /* a host interrupt was its last exit, this time round */
	bool lapic_timer_pending;     /* it has expired, but no vector has been raised yet */
	bool pv_eoi_done; /* the guest has skipped an EOI write; the host learns of it at the next
			     exit */
	uint8_t steal_preempted;     /* flags in the guest's memory, see steal_time.c */
	int nmi_pending;	     /* NMIs to be injected, 0 to 2 */
	struct guest_action action;  /* what the guest is doing; valid in every phase */
	struct sim_event completion; /* end of the segment or half exit in progress */
	int64_t segment_start;
	int64_t pause_exit;	  /* ns; when the spin in progress will exit, INT64_MAX = never */
	uint32_t ple_window;	  /* ticks or counts, see ple.h */
	int64_t entry_cost;	  /* second half of the exit in progress, not yet paid */
	int64_t hint_debt_ns;	  /* cost of publishing, to be paid with the next run */
	int64_t timer_wait_until; /* ns; the entry waits for this deadline, 0: for none */
	struct oversub_vcpu *boosted; /* target of a yield whose tail has not run yet */
	bool asked_oracle;	      /* whether to exit from the spin in progress */
	enum vcpu_time time_state;
	int64_t time_since;
	struct vcpu_stats stats;

	/* What is not used all the time. */
	struct sim_event notification; /* posted-interrupt notification in flight */
	struct sim_event lapic_timer;
	int64_t timer_deadline; /* ns; when it is due, perhaps later than it fires */
	int64_t timer_period;	/* ns; 0: it fires once */
	bool nmi_masked;	/* its NMI handler has not returned */
	int ipi_accepted;	/* how many accepted the IPI that AVIC could not complete */

	int64_t icr_sent[16];	/* per vector of class 15: when an IPI not taken yet was sent, -1
				   if there is none */
	int64_t taken_icr_sent; /* the same of the one whose handler is about to begin */
	uint64_t *ipis_awaited; /* bit i: it waited for i when KVM last heard of an IPI to i */

	uint32_t halt_poll_ns;
	int64_t halt_start;		/* when HLT began to be handled */
	bool pv_eoi_armed;		/* the guest may skip the EOI write of what is in service */
	int64_t asked_oracle_at;	/* ns; when it was told to, -1: never */
	struct sim_event sleep_timer;	/* ends a sleep that the policy asked for */
	struct oversub_guest_hint hint; /* that the guest published last; with guest_hint */
};

/* What a VM's vCPUs count. Histograms hold ns. */
struct kvm_stats {
	uint64_t exits[EXIT_REASONS];
	struct yield_stats yield;
	uint64_t taken_by_reason[OVERSUB_REASONS]; /* yields on_spin took, by why that target */
	struct hint_stats hint;			   /* the truth at pause-loop exits */
	uint64_t ipis_sent, ipis_unicast, interrupts_injected, eois;
	uint64_t ipis_by_hardware;     /* of those sent, the ones that KVM never heard of */
	uint64_t nmis;		       /* injected */
	struct yield_stats pv_yield;   /* yields that the guest asked for */
	uint64_t pv_kicks;	       /* KICK_CPU hypercalls */
	uint64_t pv_yields_asked;      /* such requests, most of which find nobody to yield to */
	uint64_t reported_preempted;   /* schedules out of which the guest was told */
	uint64_t tlb_flushes_at_entry; /* left to the host by PV TLB flushes */
	struct sim_histogram ipi_delivery;  /* ICR write to handler start, per receiver */
	struct sim_histogram runqueue_wait; /* runnable without a CPU */
	struct sim_histogram wakeup_wait;   /* woken to running */
};

/* cpu.weight of the groups inside a VM's own: all the same, as libvirt leaves them. */
#define KVM_INNER_CPU_WEIGHT 100

struct kvm_vm {
	struct host *host;
	struct kvm_config config;
	struct oversub_vm dy;
	struct apic_map map; /* destination resolution */
	int index;	     /* among the VMs of the host */
	const char *name;    /* "db0" */
	struct vcpu *vcpus;
	int nr_vcpus;
	int64_t start_ns; /* when kvm_vm_start() is called; until then all vCPUs count as halted */
	struct eevdf_group *group;    /* the VM's cgroup; NULL if the layout has none */
	struct eevdf_group *emulator; /* where its emulator threads belong; NULL = root */
	struct ple_limits ple; /* of config.ple, without pause exits if the policy wants none */
	const struct oversub_window_policy *window; /* changes the vCPUs' ple_window */
	const void *window_params;
	size_t window_private_size; /* per vCPU, so that each is aligned */
	char *window_private;	    /* of all vCPUs; NULL if the policy wants none */
	struct oversub_window_limits window_limits;
	const struct vcpu_guest_ops *guest_ops;
	void *guest;			 /* the guest kernel of the VM */
	struct sim_stream policy_random; /* purpose "policy" */
	struct sim_event waits_changed;	 /* an oracle is to be asked again, see vcpu_oracle.c */
	struct kvm_stats stats;
	struct kvm_io *io;	/* its I/O threads; NULL: it has none */
	char *comms;		/* thread names, private */
	struct lapic **lapics;	/* by index, private */
	uint64_t *ipis_awaited; /* the vCPUs' bitmaps, private */
};

struct kvm_vm_params {
	const char *name; /* outlives the VM */
	int index;
	int nr_vcpus;
	int64_t start_ns;	     /* when it will be started; in the past: at once */
	bool has_io_threads;	     /* as many as config says */
	int64_t cpu_weight;	     /* of the VM's cgroup */
	struct host_cpu_max cpu_max; /* of the VM's cgroup; all 0: no limit */
	struct eevdf_group *cgroup;  /* that the VM's is in; NULL = root */
	const uint64_t *const *cpus; /* per vCPU affinity bitmap, NULL = none */
	const struct oversub_candidate_policy *policy;
	const void *policy_params;
	const struct oversub_window_policy *window; /* NULL: KVM's own */
	const void *window_params;
	const struct vcpu_guest_ops *guest_ops;
	void *guest;
};

/*
 * Create a VM with its vCPU threads (not started) in cgroups as host->config.cgroup_layout says.
 * config is copied; vm->config.ple.type is then the real one. Returns OVERSUB_FAILED without
 * memory, OVERSUB_BAD_INPUT if kvm_config_check() says so.
 */
enum oversub_status kvm_vm_init(struct kvm_vm *vm, struct host *host,
				const struct kvm_config *config, const struct kvm_vm_params *params,
				struct oversub_error *error);
void kvm_vm_fini(struct kvm_vm *vm);
/*
 * Wake up all vCPU threads for the first time: each enters the guest and asks it for an action. At
 * vm->start_ns if that is not in the past; a VM that starts with the others may also be started
 * vCPU by vCPU, by host_task_start().
 */
void kvm_vm_start(struct kvm_vm *vm);
/* The same for its I/O threads alone, if it has any. */
void kvm_vm_start_io(struct kvm_vm *vm);

/* Guest mode, action in progress, on a CPU. */
bool vcpu_executing(const struct vcpu *vcpu);
/*
 * The condition vcpu spins for has come true: its spin action becomes the last transfer of a cache
 * line, transfer_ns long, executed now if it is executing and otherwise when it is again.
 * Only while vcpu->action.kind is GUEST_SPIN.
 */
void vcpu_end_spin(struct vcpu *vcpu, int64_t transfer_ns);
/*
 * Steal time: does the guest's memory say that vcpu is preempted? Only ever with steal_time. A vCPU
 * that was scheduled out because it yielded or halted is not reported.
 */
bool vcpu_reported_preempted(const struct vcpu *vcpu);
/* If so, ask the host to flush the TLB of vcpu at its next entry. False: the guest has to do it. */
bool vcpu_leave_flush_to_host(struct vcpu *vcpu);
/*
 * Let the spin of vcpu end by itself after another ns >= 0 of it, executed now or later. Only while
 * vcpu->action.kind is GUEST_SPIN.
 */
void vcpu_bound_spin(struct vcpu *vcpu, int64_t ns);
/* How much of a bounded spin is left at this moment, ns. */
int64_t vcpu_spin_left(const struct vcpu *vcpu);
/* The guest returns from its NMI handler (IRET): the next one may come. */
void vcpu_nmi_done(struct vcpu *vcpu);
/*
 * A device raises vector; the host side runs on CPU from. Not tracked as an IPI. With fixed
 * delivery it goes to vcpu. With lowest priority it is addressed to all vCPUs, or the first cluster
 * of 16, and vector hashing chooses one of them.
 */
void vcpu_device_interrupt(struct vcpu *vcpu, uint8_t vector, struct pcpu *from);
/* Reset (INIT) of a vCPU: interrupts, timer and policy state are forgotten; its ids stay. */
void vcpu_reset(struct vcpu *vcpu);

/* Bring all time_in up to now; zero everything at the end of the warm-up. */
void kvm_vm_account(struct kvm_vm *vm);
void kvm_vm_reset_stats(struct kvm_vm *vm);

/* Write a trace record of what vcpu does: host_trace(). */
#define vcpu_trace(vcpu, event, ...) host_trace((vcpu)->task.cpu, &(vcpu)->task, event, __VA_ARGS__)

static inline struct vcpu *vcpu_of_task(struct host_task *task)
{
	return container_of(task, struct vcpu, task);
}

static inline struct vcpu *vcpu_of_dy(struct oversub_vcpu *dy)
{
	return container_of(dy, struct vcpu, dy);
}

#endif
