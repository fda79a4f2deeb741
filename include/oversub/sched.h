/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * yield.sched: what the host scheduler does for the vCPU that KVM nominates. Policies include
 * policy.h, which says what all kinds of policy have in common.
 *
 * Run queues and entities are opaque.
 */
#ifndef OVERSUB_SCHED_H
#define OVERSUB_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/policy_head.h>

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
	/* For the functions oversub_yield_*(); policies leave them alone. */
	const struct oversub_yield_machine *machine; /* NULL: there is one CPU */
	bool *spared;				     /* set by the core */
};

/* How far the CPU of the target is from that of the yielder. */
enum oversub_distance {
	OVERSUB_SAME_CPU,
	OVERSUB_SAME_CORE, /* threads of one core */
	OVERSUB_SAME_LLC,  /* they share the last-level cache */
	OVERSUB_SAME_NODE, /* and that much only of the machine: a NUMA node */
	OVERSUB_OTHER_NODE,
};
enum oversub_distance oversub_yield_distance(const struct oversub_yield *yield);
/* For how many ns the target has been on its run queue, running or not, since it came to it. */
int64_t oversub_yield_residency(const struct oversub_yield *yield);
/*
 * Move the target to yield->rq, with its lag and what is left of its request, as the balancer would
 * move it. False, and nothing has changed: its affinity does not allow that, or its group has no
 * time left there. Afterwards yield->target_rq is where it was; nobody is interrupted there.
 */
bool oversub_yield_pull(const struct oversub_yield *yield);
/* Take the hint without rescheduling the remote CPU: the target gets on when it is picked there. */
void oversub_yield_spare(const struct oversub_yield *yield);

/*
 * The primitives of models/sched/eevdf_yield.c that policies compose. All act at the current clock
 * of the run queue; virtual times are signed 64-bit and wrap: compare differences.
 */

/* The clock of rq in ns (rq_clock). */
uint64_t oversub_eevdf_clock(const struct eevdf_rq *rq);
/* Number of tasks on rq, delayed ones included (rq->nr_running). */
unsigned int oversub_eevdf_nr_running(const struct eevdf_rq *rq);
/* The group entity above entity, or NULL at the root level. */
struct eevdf_entity *oversub_eevdf_parent(const struct eevdf_entity *entity);
/* Entities (nr_queued) or tasks below (h_nr_queued) of the queue that entity competes in. */
unsigned int oversub_eevdf_nr_queued(const struct eevdf_entity *entity);
unsigned int oversub_eevdf_h_nr_queued(const struct eevdf_entity *entity);
/* The same tasks without the delayed ones (h_nr_runnable). */
unsigned int oversub_eevdf_h_nr_runnable(const struct eevdf_entity *entity);
/* Climb both to ancestors-or-self that compete in one queue (find_matching_se). Same rq only. */
void oversub_eevdf_common_ancestor(struct eevdf_entity **a, struct eevdf_entity **b);
bool oversub_eevdf_same_queue(const struct eevdf_entity *a, const struct eevdf_entity *b);

uint64_t oversub_eevdf_vruntime(const struct eevdf_entity *entity);
uint64_t oversub_eevdf_deadline(const struct eevdf_entity *entity);
/* slice of entity in ns: its own if it has one, else the base slice. */
uint64_t oversub_eevdf_slice(const struct eevdf_rq *rq, const struct eevdf_entity *entity);
/* The base slice of the machine in ns (sysctl_sched_base_slice). */
uint64_t oversub_eevdf_base_slice(const struct eevdf_rq *rq);
/* delta ns of CPU time in virtual time of entity (calc_delta_fair). */
uint64_t oversub_eevdf_calc_delta_fair(uint64_t delta, const struct eevdf_entity *entity);
/* Upper bound of the lag of entity: calc_delta_fair(max_slice + TICK_NSEC), entity_lag().
 */
int64_t oversub_eevdf_lag_limit(struct eevdf_rq *rq, const struct eevdf_entity *entity);
/* entity may be picked now: its lag is not negative (vruntime_eligible). */
bool oversub_eevdf_eligible(const struct eevdf_entity *entity);
/*
 * A nomination of target, a task, would be honoured if its run queue, which may be a remote one,
 * picked at its clock: at every level it is alone or eligible. Nothing is accounted.
 */
bool oversub_eevdf_buddy_would_run(const struct eevdf_entity *target);
/*
 * For how many ns others of its queue must run until entity is eligible; 0 if it is. At the clock,
 * but nothing is accounted.
 */
uint64_t oversub_eevdf_until_eligible(const struct eevdf_entity *entity);
/* Weighted mean of the queue minus vruntime of entity, virtual ns, not bounded. */
int64_t oversub_eevdf_lag(const struct eevdf_entity *entity);
/* CPU time in ns in which entity gets delta > 0 virtual ns, rounded up. */
uint64_t oversub_eevdf_cpu_time(uint64_t delta, const struct eevdf_entity *entity);
/*
 * The least by which the vruntime of entity must grow so that other, of the same queue, is
 * eligible; 0 if it is.
 */
uint64_t oversub_eevdf_push_needed(const struct eevdf_entity *entity,
				   const struct eevdf_entity *other);
/*
 * CPU time in ns that entity, given as much by nobody of its queue, needs to be eligible: the mean
 * follows it. 0 if it is eligible.
 */
uint64_t oversub_eevdf_gift_needed(const struct eevdf_entity *entity);
/* The most by which the vruntime of entity may grow so that its lag is still within bounds. */
uint64_t oversub_eevdf_push_limit(struct eevdf_rq *rq, const struct eevdf_entity *entity);
/* entity is the running one of its queue. */
bool oversub_eevdf_is_curr(const struct eevdf_entity *entity);

/* Make target the next buddy at every level of its chain on its own run queue (set_next_buddy). */
void oversub_eevdf_nominate(struct eevdf_entity *target);
/* yield_task_fair(): the running task of rq gives up the rest of its request, if it is eligible. */
void oversub_eevdf_forfeit(struct eevdf_rq *rq);
/*
 * The same for one level: account the running entity, a task or a group, and if it is eligible take
 * the rest of its request. Returns whether it was eligible.
 */
bool oversub_eevdf_forfeit_entity(struct eevdf_rq *rq, struct eevdf_entity *entity);
/* Account the running entity of the queue that entity competes in (update_curr of that level). */
void oversub_eevdf_account(struct eevdf_rq *rq, struct eevdf_entity *entity);
/*
 * Raise entity, which is queued and not delayed, to lag margin > 0 in virtual ns, so that it is
 * eligible (models/sched/README.md, Yields). No effect on an eligible entity or one that is alone.
 * Returns true if it changed anything.
 */
bool oversub_eevdf_credit(struct eevdf_rq *rq, struct eevdf_entity *entity, int64_t margin);
/* Add penalty > 0 virtual ns to entity's vruntime and renew its deadline. */
void oversub_eevdf_charge(struct eevdf_rq *rq, struct eevdf_entity *entity, uint64_t penalty);
/*
 * Move ns of CPU time of lag from one entity to another of the same queue: the mean stays where it
 * is, but for what rounding to whole virtual ns loses. from takes it out of its request first, and
 * begins another one when that is used up; the request of to moves with it. from NULL: what to gets
 * was taken from somebody at another time; then the mean moves.
 */
void oversub_eevdf_transfer(struct eevdf_rq *rq, struct eevdf_entity *from, struct eevdf_entity *to,
			    uint64_t ns);
/* End the slice protection of a running entity (cancel_protect_slice). */
void oversub_eevdf_cancel_protection(struct eevdf_entity *entity);
/* Full reschedule request on rq (resched_curr). */
void oversub_eevdf_resched(struct eevdf_rq *rq);

/* ---- The sched policy -------------------------------------------------------------------- */

struct oversub_sched_policy {
	struct oversub_policy head;
	size_t rq_private_size;

	/*
	 * Called with both run queues current and the target known to be queued, runnable and not
	 * running. Returns true if the hint was taken; the core then reschedules the CPU of the
	 * target if that is a remote one and not spared, and the yielder calls schedule().
	 */
	bool (*yield_to)(const struct oversub_yield *yield);
};

#endif
