/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host: physical CPUs, their ticks and context switches, wakeups and directed yields. The
 * event shell around the pure scheduler of eevdf.h. It does not know what a vCPU is: whatever it
 * runs is a struct host_task with three functions.
 *
 * How a task and its CPU deal with each other:
 *
 *   sched_in     the CPU is the task's. It executes by arming an event of its own, in segments.
 *   interrupt    a host interrupt hits the CPU while the task executes interruptibly. The task ends
 *                its segment (a vCPU leaves guest mode, which takes time), then calls
 *                pcpu_handle_interrupts(), and, before guest entry and the return to user mode,
 *                pcpu_exit_work().
 *   sched_out    the CPU has gone. Called from within pcpu_schedule().
 *
 * A task in the middle of something that cannot be preempted (exit handling, a switch) simply does
 * not set executing; the interrupt waits in the CPU's pending bits until the task looks.
 */
#ifndef MODELS_HOST_HOST_H
#define MODELS_HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <oversub/error.h>
#include <oversub/param.h>
#include <oversub/policy.h>

#include "models/sched/balance.h"
#include "models/host/cgroup.h"
#include "models/host/host_cosched.h"
#include "models/sched/eevdf.h"
#include "models/sched/placement.h"
#include "models/sched/topology.h"
#include "sim/engine/event.h"
#include "sim/engine/random.h"
#include "sim/trace/trace.h"
#include "sim/stats/histogram.h"

enum host_preempt { HOST_PREEMPT_LAZY, HOST_PREEMPT_FULL, HOST_PREEMPT_NONE };
/* What the host has been doing before the first instant: the same load, or nothing. */
enum host_start { HOST_START_SETTLED, HOST_START_BOOT };
enum host_start_order { HOST_START_SHUFFLED, HOST_START_BY_VM };
/* Where the weights of groups come from, enum eevdf_weight_source. */
enum host_group_weights {
	HOST_WEIGHTS_INSTANTANEOUS,
	HOST_WEIGHTS_PELT,
	HOST_WEIGHTS_FIXED,
};
/* Who moves tasks between CPUs: nobody, CPUs that run dry, and from time to time all CPUs. */
enum host_balance { HOST_BALANCE_NONE, HOST_BALANCE_NEWIDLE, HOST_BALANCE_FULL };
enum host_start_cpu { HOST_START_IDLEST, HOST_START_FORK };
/*
 * Task groups: none; one per VM; in it one per vCPU; or all that libvirt and systemd make:
 * machine.slice, in it a scope per VM, in that "libvirt", and in that one per vCPU and "emulator".
 */
enum host_layout { HOST_LAYOUT_NONE, HOST_LAYOUT_VM, HOST_LAYOUT_VCPU, HOST_LAYOUT_LIBVIRT };

/* Costs in ns; rows are those of the table in models/kvm/README.md. */
struct host_costs {
	int64_t context_switch_ns; /* row 19: between two threads, direct */
	/* row 20: cache_refill_ns * min(time off the CPU / cache_refill_tau_ns, 1) */
	int64_t cache_refill_ns;     /* time to refill the whole working set */
	int64_t cache_refill_tau_ns; /* off-CPU time after which all of it is cold */
	int64_t ipi_flight_ns;	     /* row 15: IPI sent to interrupt taken on the other CPU */
	int64_t idle_wake_ns;	     /* interrupt taken by an idle CPU to scheduling */
	int64_t cstate_exit_ns;	     /* from a deep idle state, on top of idle_wake_ns */
	int64_t cstate_after_ns;     /* a CPU that has been idle for so long is in one */
	int64_t interrupt_ns;	     /* host interrupt while a plain thread runs */
	int64_t migration_ns;	     /* row 21: extra refill after moving to another LLC */
};

struct host_config {
	int64_t cpus;	       /* physical CPUs, 1 .. OVERSUB_MAX_CPUS */
	int64_t hz;	       /* enum index into host_hz_choices: 100, 250, 300, 1000 */
	int64_t preempt;       /* enum host_preempt */
	int64_t hrtick;	       /* bool: high-resolution slice timer */
	int64_t tsc_khz;       /* TSC frequency */
	int64_t cgroup_layout; /* enum host_layout */
	int64_t llc_cpus;      /* CPUs that share a last-level cache, 0 = all of a node */
	int64_t smt;	       /* threads per core, neighbours; divides llc_cpus */
	int64_t smt_speed;     /* of a CPU while another one of its core is busy, in thousandths */
	int64_t numa_nodes;    /* divides cpus; more than one: a multiple of llc_cpus each */
	int64_t balance;       /* enum host_balance */
	int64_t base_slice_ns; /* 0 = the kernel's value for the number of CPUs */
	int64_t skew_tick;     /* bool: boot option skew_tick=1 */
	int64_t start;	       /* enum host_start */
	int64_t start_order;   /* enum host_start_order */
	int64_t start_cpu;     /* enum host_start_cpu */
	int64_t group_weights; /* enum host_group_weights */
	struct host_costs costs;
};

extern const struct oversub_param host_params[];       /* of struct host_config, without costs */
extern const struct oversub_param host_costs_params[]; /* of struct host_costs */
/* OVERSUB_BAD_INPUT if the sizes of cores, caches and nodes do not fit together. */
enum oversub_status host_config_check(const struct host_config *config,
				      struct oversub_error *error);
/* The tick rate in Hz that config->hz selects. */
int host_config_hz(const struct host_config *config);

struct host;
struct pcpu;
struct host_task;

/* Member or head of a doubly linked circular list; a member that is in no list has NULLs. */
struct host_link {
	struct host_link *prev, *next;
};

struct host_task_ops {
	/* The switch to task is over: it owns task->cpu and starts to execute. */
	void (*sched_in)(struct host_task *task);
	/*
	 * task lost its CPU. runnable: not about to sleep (kvm_sched_out's test); it may be
	 * throttled (host_task_throttled).
	 */
	void (*sched_out)(struct host_task *task, bool runnable);
	/* A host interrupt hits the CPU while task->executing. See the top of this file. */
	void (*interrupt)(struct host_task *task);
	/* task, parked because a group of its had no time left, is queued again. May be NULL. */
	void (*unthrottled)(struct host_task *task);
	/* task, just woken, is queued on task->cpu. May be NULL. */
	void (*queued)(struct host_task *task);
	/*
	 * task->cpu->speed is another one from now on. A task in the middle of a segment accounts
	 * what it did at task->speed, and goes on at the new one; it does nothing else to the host.
	 * In any state of a task that owns its CPU; NULL: the task is as fast as ever.
	 */
	void (*speed_changed)(struct host_task *task);
	/* What <oversub/cosched.h> says of oversub_cosched_published_critical() and
	 * oversub_cosched_critical(). Of vCPUs; NULL: nobody knows. */
	unsigned int (*published_critical)(const struct host_task *task);
	bool (*in_critical_code)(const struct host_task *task);
};

/* Speeds are in thousandths of that of a CPU whose core has nothing else to do. */
#define HOST_FULL_SPEED 1000

enum host_task_state { TASK_NEW, TASK_RUNNING, TASK_SLEEPING, TASK_DEAD };

struct host_task {
	struct eevdf_entity se; /* scheduling entity; owned by the scheduler core */
	const struct host_task_ops *ops;
	struct host *host;
	struct pcpu *cpu; /* where it is queued, or ran last */
	enum host_task_state state;
	bool on_cpu;	  /* it owns its CPU, or is being switched to */
	bool executing;	  /* set by the task: a host interrupt must call ops->interrupt. Not set
			     while the task itself acts on the host (wakes, yields, schedules) */
	bool polls;	  /* set by the task: it executes only while it is alone on its CPU, and is
			      interrupted as soon as another task is queued there (halt polling) */
	const char *comm; /* for traces, no spaces; outlives the task */
	int pid;	  /* unique, from 1 */
	int vm; /* index of the VM it belongs to, -1 for host threads: placement statistics */
	const uint64_t *cpus;	   /* affinity bitmap of host->nr_cpus bits; NULL = all CPUs */
	struct eevdf_group *group; /* its task group, NULL = root */

	int64_t off_since;	/* ns; when it last left a CPU; long ago if it never ran */
	int64_t runnable_since; /* ns; when it was last woken or preempted */
	bool waking;		/* became runnable by a wakeup and has not run since */
	int64_t refill_ns; /* cache refill that it owes; host sets it before sched_in, task consumes
			      it */
	int64_t speed;	   /* of the segment in progress; set by the task, full at first */
	int64_t work_ahead;  /* thousandths of a ns of work done, and not counted yet (smt.c) */
	int recent_used_cpu; /* select_idle_sibling's memory */
	struct placement_waker waker; /* as one that wakes others */

	/* Private to the host. */
	int nr_allowed;		     /* CPUs that the affinity allows */
	int64_t moved_at;	     /* ns; when it came to cpu */
	int ran_on;		     /* CPU it last ran on, -1 before the first time */
	struct host_task *wake_next; /* in the wake list of cpu */
	struct host_link link;	     /* in the tasks of cpu; may be stale while it is not queued */
	struct host_task_cosched cosched;

	struct sim_histogram
		*runqueue_wait; /* runnable but off CPU, per wait; NULL = not recorded */
	struct sim_histogram
		*wakeup_wait; /* the part of them that began with a wakeup; may be NULL */
};

/* What a directed yield did; one per VM. Counts. */
struct yield_stats {
	uint64_t tried;		    /* yield_to calls */
	uint64_t taken;		    /* returned 1 */
	uint64_t refused;	    /* returned 0: target running, sleeping or not queued */
	uint64_t esrch;		    /* returned -ESRCH: both run queues have one task */
	uint64_t honoured;	    /* taken, and the target ran next on its CPU */
	uint64_t futile;	    /* taken, and something else ran next there */
	uint64_t same_rq, cross_rq; /* of those taken */
	uint64_t for_nothing;	    /* of the futile: another CPU was interrupted for it */
};

/* Where every ns of a pCPU goes. */
enum pcpu_state { PCPU_IDLE, PCPU_SWITCH, PCPU_BUSY, PCPU_STATES };

/* What a pCPU counts. */
struct pcpu_stats {
	int64_t time_in[PCPU_STATES]; /* ns */
	uint64_t switches;	      /* context switches */
	uint64_t migrations;	      /* tasks that came here from another CPU */
	uint64_t interrupts;	      /* host interrupts taken */
};

/* What the host counts as a whole. */
struct host_stats {
	/* Tasks moved: by CPUs that ran dry, by periodic passes, while they ran. */
	uint64_t pulled_newidle, pulled_periodic, pushed;
	uint64_t cosched[COSCHED_COUNTS];
};

/* One level of balancing, as seen from one CPU (sched_domain). */
struct balance_domain {
	struct balance_newidle newidle;

	/* Periodic balancing. */
	int64_t last_balance;	/* tick number of the last pass */
	int interval_ms;	/* to the next one; of a busy CPU 16 times that */
	unsigned int nr_failed; /* passes that moved nothing although they should have */
};

/* An interrupt on its way. */
struct pcpu_ipi {
	int64_t time;  /* ns; when it arrives */
	uint32_t bits; /* to be set in pending */
};

/* CPUs that share a last-level cache: a range of indices. */
struct host_llc {
	int first, nr_cpus;
	int nr_busy;	  /* of them not idle */
	int nr_idle_scan; /* CPUs that a wake-up may look at; periodic balancing sets it */
	bool idle_cores;  /* SMT: some core may be without work */
};

struct pcpu {
	struct host *host;
	int index;
	struct host_llc *llc;
	struct eevdf_rq rq;
	struct host_task *curr; /* NULL = idle */
	int64_t speed;		/* of programs here: host_config's smt_speed, or full */
	enum pcpu_state state;
	int64_t state_since;
	struct pcpu_stats stats;

	/* Private to the host. */
	struct sim_event tick, hrtick, ipi;
	struct sim_event switched; /* end of a context switch, or of leaving idle */
	uint32_t pending;	   /* interrupts taken by nobody yet */
	bool unthrottle_sent;	   /* an IPI to look at rq.unthrottling_first is under way */
	bool throttle_kicked;	   /* an IPI was sent as another CPU found curr out of time */
	struct host_bandwidth_timer *due_timers; /* fired here, and not handled yet */
	uint32_t ipi_head, ipi_count;
	struct pcpu_ipi ipis[32];    /* in flight, a ring ordered by time */
	struct host_task *wake_list; /* tasks to be activated here by an IPI in flight, in order */
	struct host_task *wake_list_last;
	struct host_link tasks;	   /* queued tasks, the most recently set next first (cfs_tasks) */
	bool resched_known;	   /* rq.need_resched as of the last operation */
	bool is_idle;		   /* its bit in idle_cpus */
	bool is_overloaded;	   /* its bit in overloaded_cpus */
	struct host_task *nominee; /* of the last directed yield to this CPU, until it picks */
	struct yield_stats *nominee_stats;
	bool nominee_interrupts;		       /* the nomination sent an interrupt here */
	int64_t avg_idle, idle_stamp;		       /* ns */
	struct balance_domain domains[TOPOLOGY_KINDS]; /* from below, of each level */
	int64_t next_balance;			       /* tick number of the next periodic pass */
	struct host_task
		*run_next;	/* an oracle's: to be picked next, whatever the scheduler thinks */
	bool free_switch;	/* and the switch takes no time */
	struct pcpu *swap_with; /* where the task that loses the CPU to it goes; or NULL */
	struct pcpu *push_to;	/* its running task is to go there (active balance), or NULL */
	int push_level;		/* on behalf of this level of push_to */
	void *sched_policy_private;
	struct pcpu_cosched cosched;
};

struct host {
	struct sim_engine *engine;
	struct host_config config;
	struct eevdf_config eevdf;
	struct pcpu *cpus;
	int nr_cpus;
	const struct oversub_sched_policy *sched_policy;
	const void *sched_policy_params;
	struct host_cosched *cosched; /* co-scheduling; NULL = none. host_cosched_init() */
	struct trace_sink *trace;     /* NULL = no trace */
	struct host_stats stats;
	struct sim_stream newidle_dice;
	int next_pid;
	uint64_t seed; /* of random streams */
	uint32_t replication;

	/* Private to the host. */
	struct host_llc *llcs;
	int nr_llcs;
	uint64_t *idle_cpus;	   /* bitmap: nothing runs there, is queued or on its way */
	uint64_t *overloaded_cpus; /* bitmap: two tasks or more, delayed ones included */
	int nr_overloaded;
	bool overload; /* rd->overload: set at once, cleared by a balancing pass over the host */
	struct topology topology;
	struct balance_machine machine; /* of the CPUs as of the last balancer_update() */
	uint64_t *stale_cpus;		/* bitmap: changed since then */
	int64_t nohz_next_balance;	/* tick number: a busy CPU has the idle ones balanced */
	int last_start;			/* CPU where a task began last */
	struct host_settling *settling; /* while tasks of a settled host start; or NULL */
	int64_t next_load_decay;	/* when tracked loads of idle CPUs are updated */
	struct host_group *groups;	/* made by host_group(), the youngest first */
	uint32_t nr_groups;
	int nr_limited;		      /* of them, those with a cpu.max */
	struct eevdf_group **cgroups; /* by number, see host_make_cgroups(); NULL: there are none */
	void *policy_memory;	      /* behind sched_policy_private */
};

/*
 * Create and destroy. config is copied; policy and params must outlive the host. All memory is
 * taken here. Returns OVERSUB_FAILED when there is none.
 */
enum oversub_status host_init(struct host *host, struct sim_engine *engine,
			      const struct host_config *config,
			      const struct oversub_sched_policy *policy, const void *policy_params,
			      uint64_t seed, uint32_t replication, struct oversub_error *error);
void host_fini(struct host *host);

/*
 * Prepare task: fills every field from the arguments. cpus may be NULL (no affinity) and must
 * outlive the task; nice -20..19; slice_ns 0 = base slice. What its group needs on the allowed CPUs
 * is allocated here if they are few (up to 64), so that nothing is allocated while the clock runs.
 * Returns false when there is no memory.
 */
bool host_task_init(struct host_task *task, struct host *host, const struct host_task_ops *ops,
		    const char *comm, struct eevdf_group *group, const uint64_t *cpus, int nice,
		    int64_t slice_ns);
/* First wakeup (wake_up_new_task): placed on the idlest allowed CPU. */
void host_task_start(struct host_task *task);
/*
 * Start a host that has been up for a while: tasks, those alike in this order, on the CPUs where
 * the balancer would have them, the heaviest first. Tasks that start by themselves before
 * host_settle_end(), which must follow in the same instant, are put on idle or little loaded CPUs
 * and not counted as load. False: no memory, host_fini() may follow.
 */
bool host_settle_begin(struct host *host, struct host_task *const *tasks, size_t n);
/* All have started: load averages, weights and requests become those of minutes (eevdf_settle.h).
 */
void host_settle_end(struct host *host);
/*
 * try_to_wake_up() by whatever runs on waker; NULL: on the CPU where task ran last. Returns true if
 * the task was asleep and is now runnable (or on its way), false if it was awake. If the current
 * task of waker is executing, then it is not the one that wakes but an interrupt that hits it, and
 * it is interrupted at this instant (a timer expires there, say).
 */
bool host_wake(struct host_task *task, struct pcpu *waker);

/* Why the current task calls schedule(). */
enum pcpu_schedule { PCPU_PREEMPT, PCPU_BLOCK, PCPU_EXIT };
/*
 * schedule() by the current task of cpu, which must not be executing. Handles pending interrupts
 * first. Returns true if the CPU went
 * to another task or to idle: sched_out has been called and the caller returns at once. False:
 * the task keeps the CPU and goes on.
 */
bool pcpu_schedule(struct pcpu *cpu, enum pcpu_schedule why);
/* The resched bits as they are seen before guest entry and at return to user mode. */
bool pcpu_need_resched(const struct pcpu *cpu);
/*
 * What the kernel does last, before guest entry and before the return to user mode: the current
 * task of cpu is rescheduled, or parked if its group has no time left (exit_to_user_mode_loop,
 * xfer_to_guest_mode_handle_work). Interrupts have been handled. True: the CPU went elsewhere, as
 * for pcpu_schedule().
 */
bool pcpu_exit_work(struct pcpu *cpu);
bool pcpu_exit_work_pending(const struct pcpu *cpu);
/* task is parked: runnable, but a group of its has no time left. */
static inline bool host_task_throttled(const struct host_task *task)
{
	return task->se.limbo;
}
/* As seen when a plain thread is interrupted in kernel mode: the full bit, unless
 * preempt=none. */
bool pcpu_need_resched_in_kernel(const struct pcpu *cpu);
/* Perform what the pending host interrupts do (tick, hrtick, IPI). */
void pcpu_handle_interrupts(struct pcpu *cpu);
bool pcpu_interrupt_pending(const struct pcpu *cpu);
/* Only one task is runnable or delayed here (single_task_running). */
bool pcpu_single_task(const struct pcpu *cpu);
/* Send a reschedule IPI that carries no reschedule: makes a vCPU leave guest mode (kvm kick). */
void pcpu_kick(struct pcpu *cpu);
/* sched_yield() by the current task; the caller calls pcpu_schedule(PCPU_PREEMPT) next. */
void pcpu_yield(struct pcpu *cpu);
/*
 * yield_to(target, preempt=true) by the current task of cpu. 1: taken, the caller
 * must call pcpu_schedule(PCPU_PREEMPT) next; 0; or -ESRCH. stats is counted now and, for honoured
 * and futile, when the target's CPU picks next; it must outlive the run.
 */
int host_yield_to(struct pcpu *cpu, struct host_task *target, struct yield_stats *stats);

/*
 * What no kernel could do: the current task of cpu sees to it that target, which is queued and does
 * not run, is next on its CPU, or on cpu, as how says (candidate.h); free: in no time. 1 or 0, and
 * stats, as for host_yield_to().
 */
int host_oracle_run(struct pcpu *cpu, struct host_task *target, enum oversub_oracle_boost how,
		    bool free, struct yield_stats *stats);

/*
 * How long task needs for work_ns of work (what takes work_ns at full speed) at task->speed, ns;
 * and how much it has done elapsed_ns after the segment or the last such call. After exactly its
 * duration, work is done to the ns.
 */
int64_t host_task_duration(const struct host_task *task, int64_t work_ns);
int64_t host_task_work(struct host_task *task, int64_t elapsed_ns);
/*
 * The same as host_task_work() if the task first pays what it owes of refill_ns: subtracts that,
 * and returns the work that is left over. *refilled_ns: how much of elapsed_ns went into refill.
 */
int64_t host_task_refill(struct host_task *task, int64_t elapsed_ns, int64_t *refilled_ns);

/*
 * Write a record of the trace event of that name, whose fields follow (.vcpu = 1, ...), as what by,
 * NULL for idle, does on cpu now. Without a trace nothing is evaluated.
 */
#define host_trace(cpu, by, event, ...)                                                            \
	do {                                                                                       \
		if ((cpu)->host->trace)                                                            \
			host_trace_record((cpu), (by), TRACE_RECORD(event, __VA_ARGS__));          \
	} while (0)
/* The same of a record of which kind and fields are set. */
void host_trace_record(const struct pcpu *cpu, const struct host_task *by,
		       struct trace_record record);

/* Bring time_in of every CPU up to now. */
void host_account(struct host *host);
/* Zero all counters and time_in at the end of the warm-up. */
void host_reset_stats(struct host *host);

#endif
