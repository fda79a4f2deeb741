/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fair class of one CPU: earliest eligible virtual deadline first, as in Linux 7.2.
 *
 * Pure data structures and functions on them: no clock, no events, no I/O, no calls upwards. Time
 * comes in as an argument. Decisions go out as the return value of eevdf_schedule() and as the
 * fields need_resched, need_resched_lazy and hrtick_* of the run queue, which the caller reads
 * after each operation and turns into events.
 *
 * Every operation that takes `now` (ns, never smaller than in an earlier call for the same run
 * queue) first sets the clock of the run queue to it; nothing is accounted by that alone. In the
 * kernel the operation would hold the run queue's lock.
 *
 * Virtual times are uint64_t that wrap: compare two of them by the sign of their difference only.
 */
#ifndef MODELS_SCHED_EEVDF_H
#define MODELS_SCHED_EEVDF_H

#include <stdbool.h>
#include <stdint.h>

#include <oversub/error.h>
#include <oversub/policy.h>

#include "models/sched/bandwidth.h"
#include "models/sched/pelt.h"

/* ---- Weights (eevdf_weight.c) ------------------------------------------------------------ */

/* Weight of a nice-0 task, scaled up by 1024 (NICE_0_LOAD). At this weight virtual time is time. */
#define EEVDF_NICE_0_LOAD ((uint64_t)1 << 20)

/* Range of a group's shares before scaling (MIN_SHARES, MAX_SHARES). */
#define EEVDF_MIN_SHARES 2
#define EEVDF_MAX_SHARES (1 << 18)

enum eevdf_policy {
	EEVDF_NORMAL, /* SCHED_NORMAL */
	EEVDF_BATCH,  /* SCHED_BATCH: does not preempt when it wakes */
	EEVDF_IDLE,   /* SCHED_IDLE: least weight, everybody else preempts it */
};

/* Weight of a task, scaled; nice is -20..19 (sched_prio_to_weight). */
uint64_t eevdf_task_weight(int nice, enum eevdf_policy policy);
/* Weight without the scaling: 0 for 0, else at least 2 (scale_load_down). */
static inline uint64_t eevdf_scale_load_down(uint64_t weight)
{
	uint64_t down = weight >> 10;

	if (!weight)
		return 0;
	return down < 2 ? 2 : down;
}
/* Shares of a cgroup v2 cpu.weight of 1..10000: 100 is 1024 (sched_weight_from_cgroup). */
uint64_t eevdf_shares_from_cpu_weight(unsigned int cpu_weight);
/* Base slice in ns of a machine with nr_cpus >= 1 online CPUs (update_sysctl). */
uint64_t eevdf_base_slice_ns(int nr_cpus);
/* Length of a tick in ns; hz > 0 (TICK_NSEC). */
uint64_t eevdf_tick_ns(int hz);

/* ---- Configuration ----------------------------------------------------------------------- */

/* Scheduler features, with the kernel's names (kernel/sched/features.h). */
enum eevdf_feature {
	EEVDF_PLACE_LAG = 1 << 0,
	EEVDF_PLACE_DEADLINE_INITIAL = 1 << 1,
	EEVDF_PLACE_REL_DEADLINE = 1 << 2,
	EEVDF_RUN_TO_PARITY = 1 << 3,
	EEVDF_PREEMPT_SHORT = 1 << 4,
	EEVDF_NEXT_BUDDY = 1 << 5, /* off by default */
	EEVDF_PICK_BUDDY = 1 << 6,
	EEVDF_DELAY_DEQUEUE = 1 << 7,
	EEVDF_DELAY_ZERO = 1 << 8,
	EEVDF_WAKEUP_PREEMPTION = 1 << 9,
	EEVDF_HRTICK = 1 << 10,
};

#define EEVDF_FEATURES_DEFAULT                                                                     \
	(EEVDF_PLACE_LAG | EEVDF_PLACE_DEADLINE_INITIAL | EEVDF_PLACE_REL_DEADLINE |               \
	 EEVDF_RUN_TO_PARITY | EEVDF_PREEMPT_SHORT | EEVDF_PICK_BUDDY | EEVDF_DELAY_DEQUEUE |      \
	 EEVDF_DELAY_ZERO | EEVDF_WAKEUP_PREEMPTION | EEVDF_HRTICK)

/* Where the weight of a group's entity on one CPU comes from (calc_group_shares). */
enum eevdf_weight_source {
	EEVDF_WEIGHT_FIXED,	    /* the shares of the group, whatever runs where */
	EEVDF_WEIGHT_INSTANTANEOUS, /* shares split over CPUs by the present queue loads */
	EEVDF_WEIGHT_PELT,	    /* the same by load averages, as the kernel does */
};

struct eevdf_entity;

/* One per machine, constant while it runs. */
struct eevdf_config {
	uint64_t base_slice_ns;		   /* request size of who has no custom slice; > 0 */
	uint64_t normalized_base_slice_ns; /* the same before the CPU factor: 700000 */
	uint64_t tick_ns;		   /* also part of the lag bound; > 0 */
	uint32_t features;		   /* enum eevdf_feature */
	bool lazy_preemption;		   /* preempt=lazy: two kinds of request; else full */
	enum eevdf_weight_source weight_source;
	/*
	 * Decides whether an entity that goes to sleep is delayed. NULL: its lag does. For replays
	 * of records that do not know lags; EEVDF_DELAY_DEQUEUE must be on.
	 */
	bool (*delays)(void *context, const struct eevdf_entity *entity);
	void *delays_context;
};

/* The kernel's defaults on x86-64 for nr_cpus CPUs and hz ticks a second, fixed group weights. */
struct eevdf_config eevdf_default_config(int nr_cpus, int hz);

/* ---- Entities, queues, run queues, groups ------------------------------------------------ */

struct eevdf_queue;
struct eevdf_group;

/* Slice lengths in ns of an entity or a subtree. */
struct eevdf_slices {
	uint64_t min;
	uint64_t max;
};

/*
 * A task, or a group on one CPU (sched_entity). The owner embeds it and keeps it where it is from
 * the first enqueue to the exit. All fields are the core's; others may read those documented.
 */
struct eevdf_entity {
	/* Place in the queue's tree (eevdf_tree.c); meaningless for a running entity. */
	struct eevdf_entity *tree_parent;
	struct eevdf_entity *tree_child[2];
	uint64_t subtree_min_vruntime;
	struct eevdf_slices subtree_slices;

	struct eevdf_queue *queue;     /* where it competes (cfs_rq_of) */
	struct eevdf_entity *parent;   /* the group entity above; NULL at the root level */
	struct eevdf_queue *own_queue; /* the queue of a group entity; NULL for a task (my_q) */
	struct eevdf_group *group; /* group it is a member of (task) or stands for; NULL: root */

	uint64_t weight;   /* scaled by 1024 (load.weight); at least 2 */
	uint64_t vruntime; /* virtual ns */
	uint64_t deadline; /* virtual ns; relative to vruntime while rel_deadline is set */
	uint64_t vprot;	   /* virtual ns: a running entity keeps the CPU until then */
	int64_t vlag;	   /* virtual ns: V - vruntime when last dequeued, delayed or reweighted */
	uint64_t slice;	   /* ns: the request size of the next deadline */
	uint64_t exec_start; /* ns: clock up to which a running entity is accounted; 0: never ran
				here (not cache hot) */
	uint64_t sum_exec;   /* ns of CPU time accounted */

	uint32_t tree_priority;
	int8_t nice;	   /* task: -20..19 */
	uint8_t policy;	   /* task: enum eevdf_policy */
	uint8_t depth;	   /* group entities above it */
	bool on_rq;	   /* queued (the running and the delayed one are) */
	bool delayed;	   /* asleep, but queued until its lag is used up (sched_delayed) */
	bool rel_deadline; /* deadline is relative: the entity is between two queues */
	bool custom_slice; /* slice was set, else the base slice is used */

	/* Bandwidth control (eevdf_bandwidth.h); a task only. */
	bool throttle_work; /* look at eevdf_throttle_work() before it returns to user or guest */
	bool limbo;	    /* parked: runnable, but not queued, as its group has used its time */
	struct eevdf_entity *limbo_prev, *limbo_next; /* in a list of parked or unparked tasks */

	/* Load tracking (eevdf_load.c); unused unless the weights come from it. */
	bool attached;		  /* its averages are part of the queue's */
	uint32_t runnable_weight; /* group: tasks of its queue that were runnable when last
				     enqueued or dequeued */
	struct pelt_avg avg;
};

/* What competes on one level of one CPU (cfs_rq). */
struct eevdf_queue {
	struct eevdf_entity *tree; /* all queued entities but the running one; root of the tree */
	struct eevdf_entity *curr; /* the running task or the group entity above it; or NULL */
	struct eevdf_entity *next; /* buddy: picked before others if eligible; or NULL */
	struct eevdf_rq *rq;
	struct eevdf_entity *entity; /* the group entity of this queue; NULL for a root queue */
	struct eevdf_group *group;   /* NULL for a root queue */

	int64_t sum_w_vruntime; /* over the tree: weight * (vruntime - zero_vruntime) */
	uint64_t sum_weight;	/* over the tree */
	uint64_t zero_vruntime; /* reference point of the sum */
	uint64_t load; /* sum of the weights of all queued entities, the running included */

	unsigned int nr_queued;	    /* entities here, running and delayed included */
	unsigned int h_nr_queued;   /* tasks here and below, delayed included */
	unsigned int h_nr_runnable; /* tasks here and below without the delayed */
	uint32_t tree_seed;	    /* of the tree's priorities; deterministic */

	/* Load tracking, as above. */
	struct pelt_queue pelt;
	struct eevdf_queue *leaf_prev; /* in the list of queues with load (eevdf_leaf.c) */
	struct eevdf_queue *leaf_next;
	bool on_leaf_list;
	uint64_t h_load;       /* the part of the CPU's load_avg that this queue stands for */
	uint64_t h_load_stamp; /* jiffy at which h_load was computed */

	/* Bandwidth control (eevdf_bandwidth.h). */
	struct bandwidth_queue bandwidth;
	struct eevdf_entity *limbo;  /* parked tasks, the last one first */
	bool pelt_stopped;	     /* empty and throttled: averages do not decay */
	uint64_t pelt_stopped_since; /* ns, of the clock */
	uint64_t pelt_stopped_time;  /* ns in all, before */
};

/* One CPU (rq). Public fields may be read between operations; need_resched* may be cleared. */
struct eevdf_rq {
	const struct eevdf_config *config;
	struct eevdf_queue root;
	struct eevdf_entity *curr; /* the task on the CPU; NULL: idle */
	uint64_t clock;		   /* ns */
	unsigned int nr_running;   /* tasks, delayed ones included */
	int cpu;

	/*
	 * Requests to call eevdf_schedule(), cleared by it. need_resched is the ordinary kind that
	 * an interrupt return honours and a remote CPU is sent an interrupt for; need_resched_lazy,
	 * used under lazy preemption only, waits for the return to user or guest mode.
	 */
	bool need_resched;
	bool need_resched_lazy;

	/* The high-resolution slice timer: the caller keeps a timer at hrtick_expires (ns). */
	bool hrtick_pending;
	uint64_t hrtick_expires;

	uint64_t nr_switches; /* times that curr changed; idle counts as a task */

	/* Queues with load that decays, children first; load tracking only (leaf_cfs_rq_list). */
	struct eevdf_queue *leaf_first;
	struct eevdf_queue *leaf_last;
	struct eevdf_queue *leaf_branch; /* last one added whose parent is not there yet; or NULL */
	struct eevdf_entity *exiting;	 /* its load is removed when it has left the CPU; or NULL */

	/* Queues that have got time again: not NULL asks for eevdf_unthrottle() on this CPU. */
	struct bandwidth_queue *unthrottling_first, *unthrottling_last;
	/* For the caller to take: pools of which a timer was started on this CPU (next_started). */
	struct bandwidth_pool *started_first;
	/* Tasks that the last operation of eevdf_bandwidth.h let go on here (limbo_next). */
	struct eevdf_entity *unparked_first;

	/* Internal to eevdf_schedule(): a timer start is put off to its end. */
	bool in_schedule;
	bool hrtick_requested;
	uint64_t hrtick_delay;
};

/* The part of a group on one CPU: its entity in the parent's queue, and its own queue. */
struct eevdf_group_part {
	struct eevdf_entity entity;
	struct eevdf_queue queue;
};

/* A control group with the cpu controller (task_group). */
struct eevdf_group {
	struct eevdf_group *parent;			/* NULL: directly below the root */
	struct eevdf_group *first_child, *next_sibling; /* the youngest first; not of the root */
	uint64_t shares;      /* scaled by 1024: 1048576 is cpu.weight 100 */
	uint64_t part_weight; /* of the entity of a new part, until something is queued in it */
	uint64_t load_sum;    /* over CPUs: scale_load_down(load) of its queues, as of now */
	uint64_t load_avg;    /* over CPUs: what its queues have published (tg->load_avg) */
	struct eevdf_group_part **parts; /* sorted by CPU; only CPUs where it has been */
	int nr_parts;
	struct bandwidth_pool bandwidth; /* cpu.max; see eevdf_bandwidth.h */
};

/* ---- Set-up (eevdf_group.c) ----------------------------------------------------------------- */

/* Empty run queue of CPU cpu. config is kept and must outlive rq. */
void eevdf_rq_init(struct eevdf_rq *rq, const struct eevdf_config *config, int cpu);

/* shares unscaled; clamped to EEVDF_MIN_SHARES..EEVDF_MAX_SHARES. parent is kept, NULL: the root.
 */
void eevdf_group_init(struct eevdf_group *group, struct eevdf_group *parent, uint64_t shares);
/*
 * Free what group owns; no task may be queued in it, its children must be gone, and the run queues
 * that it has parts on must still be there.
 */
void eevdf_group_destroy(struct eevdf_group *group);
/*
 * The part of group on the CPU of rq, made (with those of its ancestors) at the first call, as a
 * machine of many CPUs has far more possible than used parts. Call it at set-up for the CPUs that
 * will be used if nothing may be allocated later. NULL: out of memory.
 */
struct eevdf_group_part *eevdf_group_part(struct eevdf_group *group, struct eevdf_rq *rq);

/*
 * A new task, neither queued nor bound to a CPU. slice_ns 0: no custom slice, else clamped to
 * 0.1..100 ms.
 */
void eevdf_task_init(struct eevdf_entity *task, int nice, enum eevdf_policy policy,
		     uint64_t slice_ns);
/*
 * Bind a task that is not queued to the queue of group (NULL: root) on rq (set_task_rq): before
 * its first enqueue, and when it moves. Its lag and relative deadline go with it, and so does its
 * load: for that, the clock of rq must be up to date (eevdf_update_clock()). False: out of memory,
 * nothing changed.
 */
bool eevdf_task_set_rq(struct eevdf_entity *task, struct eevdf_group *group, struct eevdf_rq *rq);

/* The run queue that a bound entity belongs to. */
static inline struct eevdf_rq *eevdf_entity_rq(const struct eevdf_entity *entity)
{
	return entity->queue->rq;
}

/* The task is queued and not asleep (TASK_RUNNING); it may be the one on the CPU. */
static inline bool eevdf_task_runnable(const struct eevdf_entity *task)
{
	return task->on_rq && !task->delayed;
}

/* Some request to reschedule, of either kind, is pending on rq. */
static inline bool eevdf_resched_pending(const struct eevdf_rq *rq)
{
	return rq->need_resched || rq->need_resched_lazy;
}

/* ---- Operations (eevdf_pick.c, eevdf_wakeup.c, eevdf_reweight.c, eevdf_yield.c) ----------- */

/* First wake-up of a new task bound to rq: placed with half a slice (wake_up_new_task). */
void eevdf_start(struct eevdf_rq *rq, struct eevdf_entity *task, uint64_t now);
/*
 * Wake a task bound to rq that sleeps (try_to_wake_up): if it is still queued (delayed) it goes on
 * there, otherwise it is enqueued; then it may ask for preemption. No effect on a runnable task. A
 * delayed task cannot be moved to another CPU by a wake-up. sync: the waker is about to sleep.
 */
void eevdf_wake(struct eevdf_rq *rq, struct eevdf_entity *task, bool sync, uint64_t now);

enum eevdf_block {
	EEVDF_STAY,  /* the task on the CPU remains runnable */
	EEVDF_BLOCK, /* it goes to sleep; it may stay queued as delayed */
	EEVDF_EXIT,  /* it goes for good, or in a state that must not be delayed */
};

/*
 * __schedule(): optionally block the task on the CPU, pick, switch; clears both requests. Returns
 * the task to run (rq->curr), NULL for idle.
 *
 * A caller that looks for work elsewhere before it goes idle (newidle balancing) uses the three
 * steps instead: eevdf_schedule_begin(), eevdf_pick() as often as needed (tasks may be attached
 * between two picks), eevdf_schedule_end() with the last pick. A pick has side effects: it
 * accounts, and it finishes delayed entities.
 */
struct eevdf_entity *eevdf_schedule(struct eevdf_rq *rq, enum eevdf_block block, uint64_t now);
void eevdf_schedule_begin(struct eevdf_rq *rq, enum eevdf_block block, uint64_t now);
struct eevdf_entity *eevdf_pick(struct eevdf_rq *rq);
void eevdf_schedule_end(struct eevdf_rq *rq, struct eevdf_entity *next);
/* In place of a pick: task, which must be runnable on rq, eligible or not. Accounts like a pick. */
struct eevdf_entity *eevdf_pick_task(struct eevdf_entity *task);

/*
 * Dequeue a delayed task or group entity, as a pick does that meets one (DEQUEUE_DELAYED). For
 * replays; no effect on an entity that is not delayed.
 */
void eevdf_finish_delayed(struct eevdf_rq *rq, struct eevdf_entity *entity, uint64_t now);

/* The periodic tick: accounts every level of the running chain (task_tick_fair). */
void eevdf_tick(struct eevdf_rq *rq, uint64_t now);
/* The pending slice timer fired: accounts every level and asks for a full reschedule. */
void eevdf_hrtick(struct eevdf_rq *rq, uint64_t now);
/* sched_yield() of the running task, without the schedule that the caller does next. */
void eevdf_yield(struct eevdf_rq *rq, uint64_t now);

/* What stands behind the functions oversub_yield_*() of <oversub/sched.h>, which see. */
struct oversub_yield_machine {
	enum oversub_distance (*distance)(const struct oversub_yield *yield);
	int64_t (*residency)(const struct oversub_yield *yield);
	bool (*pull)(const struct oversub_yield *yield);
};

/*
 * yield_to(): the running task of yield->rq gives way to yield->target, in the manner of policy.
 * Returns -ESRCH if both run queues have a single task; 0 if the target runs already, is not
 * runnable, or the policy declines; otherwise 1: then a remote run queue has got a full reschedule
 * request, and the caller schedules the local one at once. On 0 and -ESRCH nothing has changed
 * (unless a policy says otherwise).
 */
int eevdf_yield_to(const struct oversub_sched_policy *policy, const struct oversub_yield *yield,
		   uint64_t now);

/*
 * Parameter changes (sched_change): of any task bound to a run queue, in whatever state. No effect
 * if nothing changes. eevdf_set_slice(): slice_ns 0 is back to the base slice; returns false if
 * slice_ns is not 0 and is the present slice.
 */
void eevdf_set_nice(struct eevdf_entity *task, int nice, uint64_t now);
bool eevdf_set_slice(struct eevdf_entity *task, uint64_t slice_ns, uint64_t now);
/* cpu.weight write, unscaled shares, clamped: reweights its chain on every CPU where it has tasks.
 */
void eevdf_set_shares(struct eevdf_group *group, uint64_t shares, uint64_t now);

/*
 * Migration of a queued task that is not on the CPU. Detach takes it off with its lag and relative
 * deadline; the caller binds it to the other run queue (eevdf_task_set_rq); attach places it there
 * and lets it ask for preemption. Also works for delayed tasks.
 */
void eevdf_detach(struct eevdf_rq *rq, struct eevdf_entity *task, uint64_t now);
void eevdf_attach(struct eevdf_rq *rq, struct eevdf_entity *task, uint64_t now);

/* The clock of rq := now, unless it is there already; nothing is accounted (update_rq_clock). */
static inline void eevdf_update_clock(struct eevdf_rq *rq, uint64_t now)
{
	if (now > rq->clock)
		rq->clock = now;
}

/* ---- Load tracking (eevdf_load.c, eevdf_leaf.c); no effect without EEVDF_WEIGHT_PELT ----------
 */

/* What eevdf_update_blocked_averages() found; ORed together. */
enum eevdf_blocked {
	EEVDF_BLOCKED_DECAYED = 1 << 0, /* the averages of the root queue have changed */
	EEVDF_BLOCKED_LEFT = 1 << 1,	/* some queue has load or utilization: call again */
};

/*
 * Let the averages of all queues of rq decay, also of those where nothing is queued. The kernel
 * does so when a CPU is about to go idle, between eevdf_schedule_begin() and eevdf_schedule_end(),
 * and from time to time for idle CPUs (sched_balance_update_blocked_averages).
 */
int eevdf_update_blocked_averages(struct eevdf_rq *rq, uint64_t now);
/*
 * How much of the load_avg of its CPU a task bound to it stands for (task_h_load). jiffies: ticks
 * since time 0; what is computed for queues holds until it changes.
 */
uint64_t eevdf_task_h_load(struct eevdf_entity *task, uint64_t jiffies);

/* ---- Looking at a queue (no side effects) ------------------------------------------------ */

/* Weighted mean V of the vruntimes of all queued entities, rounded down (avg_vruntime). */
uint64_t eevdf_avg_vruntime(const struct eevdf_queue *queue);
/* Lag of a queued entity in virtual ns: V - vruntime, within the bound (entity_lag). */
int64_t eevdf_entity_lag(const struct eevdf_entity *entity);
/* x as a vruntime would be eligible in queue (vruntime_eligible). */
bool eevdf_vruntime_eligible(const struct eevdf_queue *queue, uint64_t x);
/* Weight that the entity of a group's queue should have now, by config->weight_source
 * (calc_group_shares). */
uint64_t eevdf_group_weight(const struct eevdf_queue *queue);

#endif
