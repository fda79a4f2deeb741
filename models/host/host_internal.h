/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the host's event shell share among themselves. Nobody else includes this. */
#ifndef MODELS_HOST_HOST_INTERNAL_H
#define MODELS_HOST_HOST_INTERNAL_H

#include "sim/base/bitmap.h"
#include "models/host/host.h"
#include "sim/base/container_of.h"

/* Tasks run nowhere for so long before the first time that nothing is cached. */
#define HOST_LONG_AGO (INT64_MIN / 4)

/* What a CPU has pending. */
enum pcpu_interrupt {
	PCPU_TICK = 1 << 0,
	PCPU_HRTICK = 1 << 1,
	PCPU_RESCHEDULE = 1 << 2, /* reschedule IPI: nothing but the interrupt */
	PCPU_CALL = 1 << 3,    /* call-function IPI: wake list, time for throttled queues, or to arm
				  the slice timer */
	PCPU_BALANCE = 1 << 4, /* to an idle CPU: balance for all idle ones (nohz kick) */
	PCPU_BANDWIDTH = 1 << 5,  /* a timer of a limited group */
	PCPU_GRANT_OVER = 1 << 6, /* co-scheduling: what the running task was granted is used up */
};

/* What of config says how CPUs share hardware; the last of a kind may be smaller (host_config.c).
 */
struct topology_sizes host_config_sizes(const struct host_config *config);

static inline int64_t host_now(const struct host *host)
{
	return sim_now(host->engine);
}

static inline struct host_task *host_task_of(struct eevdf_entity *entity)
{
	return container_of(entity, struct host_task, se);
}

/* The affinity of task allows cpu. */
static inline bool host_task_allows(const struct host_task *task, int cpu)
{
	return !task->cpus || bitmap_test(task->cpus, cpu);
}

/* ---- Lists ------------------------------------------------------------------------------- */

static inline void host_link_remove(struct host_link *link)
{
	if (!link->next)
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->prev = NULL;
	link->next = NULL;
}

/* To the front of the list at head, from wherever it was. */
static inline void host_link_to_front(struct host_link *head, struct host_link *link)
{
	host_link_remove(link);
	link->next = head->next;
	link->prev = head;
	head->next->prev = link;
	head->next = link;
}

/* ---- CPUs (pcpu.c) ----------------------------------------------------------------------- */

/* cpu of a host whose configuration and engine are set: idle, nothing pending. */
void pcpu_init(struct pcpu *cpu, struct host *host, int index);
/* cpu is in another state from now on. */
void pcpu_set_state(struct pcpu *cpu, enum pcpu_state state);
/* bits hit cpu. May end in a schedule(): the caller, an event, does nothing more. */
void pcpu_interrupt(struct pcpu *cpu, uint32_t bits);
/* Account the time in the present state up to now. */
void pcpu_account(struct pcpu *cpu);
/* bits arrive at cpu after flight ns. */
void pcpu_send_interrupt(struct pcpu *cpu, uint32_t bits, int64_t flight);
/* An idle CPU begins to wake up, unless it does already. */
void pcpu_leave_idle(struct pcpu *cpu);

/* ---- After an operation on a run queue (operation.c) --------------------------------------- */

/* The timers of group follow its pool; those started now fire on cpu. */
void host_follow_timers(struct host_group *group, struct pcpu *cpu);
/*
 * To be called after every operation on the run queue of cpu: turns its requests into events and
 * interrupts, and keeps the bitmaps. remote: another CPU did the operation.
 */
void pcpu_after_operation(struct pcpu *cpu, bool remote);

/* ---- schedule() (schedule.c) --------------------------------------------------------------- */

/* cpu, already pcpu_init(), can switch. */
void pcpu_init_schedule(struct pcpu *cpu);

/* ---- Speed (smt.c) ----------------------------------------------------------------------- */

static inline bool host_slows_siblings(const struct host *host)
{
	return host->config.smt > 1 && host->config.smt_speed < HOST_FULL_SPEED;
}

/* cpu was idle and is not any more, or the other way round: its siblings change their speed. */
void host_core_changed(struct pcpu *cpu);

/* ---- Migration (migrate.c) ----------------------------------------------------------------- */

/* The queue of task's group on cpu; NULL: its group has none there yet. */
struct eevdf_queue *host_queue_on(const struct host_task *task, struct pcpu *cpu);
/* task would be parked on cpu at once, for want of its group's time (throttled_lb_pair). */
bool host_task_throttled_on(const struct host_task *task, struct pcpu *cpu);
/*
 * Bind task, which is not queued, to cpu (set_task_cpu); by is the CPU that does it. False: no
 * memory, it stays.
 */
bool host_move_task(struct host_task *task, struct pcpu *cpu, struct pcpu *by);
/*
 * Migrate task, queued and not running, to another CPU, at whose request it is done. False: its
 * affinity or its group's bandwidth forbid that, or there is no memory. The caller sees to
 * pcpu_after_operation() of both.
 */
bool host_pull_task(struct host_task *task, struct pcpu *to);

/* ---- Wake-ups (wakeup.c, select_cpu.c) --------------------------------------------------- */

/* Enqueue the tasks of the wake list of cpu (sched_ttwu_pending). */
void pcpu_activate_wake_list(struct pcpu *cpu);
/* Where task, which sleeps, is to wake up (select_task_rq_fair). waker: the CPU that wakes it. */
struct pcpu *host_select_cpu(struct host_task *task, struct pcpu *waker);
/* Where a new task begins. */
struct pcpu *host_select_first_cpu(struct host_task *task);

/* Nothing runs there, is queued or on its way (available_idle_cpu). */
static inline bool host_cpu_idle(const struct pcpu *cpu)
{
	return cpu->is_idle;
}

/* Weight queued on cpu, not scaled (cpu_load). */
static inline uint64_t host_cpu_load(const struct pcpu *cpu)
{
	return eevdf_scale_load_down(cpu->rq.root.load);
}

/* ---- Directed yields (yield_to.c) --------------------------------------------------------- */

/*
 * target is to be picked next by on, which says whether the hint was honoured. There is one place
 * for a hint per run queue and level, so an earlier one is lost. interrupts: on is interrupted for
 * it.
 */
void host_nominate(struct pcpu *on, struct host_task *target, struct yield_stats *stats,
		   bool interrupts);
/* task has lost cpu to an oracle's choice, and goes to cpu->swap_with if it may (host_oracle.c). */
void host_finish_swap(struct pcpu *cpu, struct host_task *task);

/* ---- Balancing (balancer.c, newidle.c, periodic.c) ------------------------------------------ */

/* No two CPUs on a level, and all intervals as short as they get. */
void balancer_init(struct pcpu *cpu);
/* Bring host->machine up to date. */
void balancer_update(struct host *host);
/*
 * One pass on a level for to, whose state is idle: find a source of work, and move tasks to it
 * (sched_balance_rq). by is the CPU that does it, to itself or an idle one. Returns the number of
 * tasks moved. *go_on, unless NULL: false if higher levels are for another CPU to balance.
 */
int balancer_pass(struct pcpu *to, struct pcpu *by, int level, enum balance_idle idle, bool *go_on);
/* Push task, which was running on from until now, where it is wanted. */
void balancer_push(struct pcpu *from, struct host_task *task);

void newidle_init(struct pcpu *cpu);
/* cpu leaves idle: remember for how long it was. */
void newidle_end_of_idle(struct pcpu *cpu);
/*
 * cpu, in the middle of schedule(), has nothing to run: pull a task from elsewhere. True if its
 * run queue is not empty now (sched_balance_newidle).
 */
bool newidle_balance(struct pcpu *cpu);

/* A tick of a busy CPU: balance what is due, and see to the idle CPUs (sched_balance_trigger). */
void periodic_tick(struct pcpu *cpu);
/* An idle CPU balances for all idle ones (nohz_idle_balance). */
void periodic_balance_idle(struct pcpu *by);
/* cpu has become idle: its next pass is due earlier than that of a busy one. */
void periodic_newly_idle(struct pcpu *cpu);

/* A tick has come: from time to time let the loads of all CPUs decay (load_decay.c). */
void host_decay_loads(struct host *host);

static inline int64_t host_tick_number(const struct host *host)
{
	return host_now(host) / (int64_t)host->eevdf.tick_ns;
}

static inline bool host_tracks_load(const struct host *host)
{
	return host->eevdf.weight_source == EEVDF_WEIGHT_PELT;
}

/* ---- Groups (cgroup.c) ------------------------------------------------------------------- */

void host_groups_fini(struct host *host);
void host_reset_group_stats(struct host *host);
/* The interrupt of such timers. */
void host_handle_bandwidth_timers(struct pcpu *cpu);
/* Queues of cpu have got time again. */
void host_unthrottle(struct pcpu *cpu);

/* ---- Trace (host_trace.c) ---------------------------------------------------------------- */

/* next and prev may be NULL: idle. prev is still cpu->curr. */
void host_trace_switch(struct pcpu *cpu, const struct host_task *prev,
		       const struct host_task *next);
/* task was enqueued on its CPU by whatever runs on by. */
void host_trace_wakeup(struct pcpu *by, const struct host_task *task);
/* task is about to move from its CPU to another one; whatever runs on by does it. */
void host_trace_migrate(struct pcpu *by, const struct host_task *task, const struct pcpu *to);
/* What became of the nomination of nominee; displaced: by another one, next means nothing then. */
void host_trace_yield_resolved(struct pcpu *cpu, const struct host_task *nominee,
			       const struct host_task *next, bool displaced);

#endif
