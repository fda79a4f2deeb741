/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the EEVDF core share among themselves. Nobody else includes this.
 *
 * One step of the algorithm is one function here; the comments name the kernel function it
 * reproduces. Unless stated otherwise functions act at rq->clock.
 */
#ifndef MODELS_SCHED_EEVDF_INTERNAL_H
#define MODELS_SCHED_EEVDF_INTERNAL_H

#include "models/sched/eevdf.h"

/* How a task or entity comes and goes (ENQUEUE_*, DEQUEUE_*). */
enum eevdf_flags {
	EEVDF_F_WAKEUP = 1 << 0,
	EEVDF_F_INITIAL = 1 << 1, /* first enqueue of a new task */
	EEVDF_F_SLEEP = 1 << 2,
	EEVDF_F_SPECIAL = 1 << 3,  /* must not be delayed */
	EEVDF_F_DELAYED = 1 << 4,  /* finish a delayed entity */
	EEVDF_F_MIGRATE = 1 << 5,  /* the task goes to another CPU */
	EEVDF_F_THROTTLE = 1 << 6, /* the task gets parked: no level is delayed */
};

/* How a task was woken (WF_*). */
enum eevdf_wake_flags {
	EEVDF_WF_FORK = 1 << 0,
	EEVDF_WF_SYNC = 1 << 1,
};

static inline bool eevdf_feature(const struct eevdf_rq *rq, uint32_t feature)
{
	return rq->config->features & feature;
}

/* a lies before b; valid while they are less than 2^63 apart. */
static inline bool eevdf_before(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) < 0;
}

static inline uint64_t eevdf_earlier(uint64_t a, uint64_t b)
{
	return eevdf_before(a, b) ? a : b;
}

/* delta ns of CPU time as virtual time of weight (calc_delta_fair). The product may wrap. */
static inline uint64_t eevdf_scale(uint64_t delta, uint64_t weight)
{
	if (weight == EEVDF_NICE_0_LOAD)
		return delta;
	return delta * EEVDF_NICE_0_LOAD / weight;
}

/* Entity of policy idle; a group never is (se_is_idle). */
static inline bool eevdf_is_idle_class(const struct eevdf_entity *entity)
{
	return !entity->own_queue && entity->policy == EEVDF_IDLE;
}

/* ---- The tree of a queue (eevdf_tree.c) -------------------------------------------------- */

/*
 * A treap in the order of the deadlines; of equal ones the later insertion lies to the right. Each
 * node knows the least vruntime and the least and greatest slice below it. Deadline and vruntime
 * must not change while an entity is in the tree.
 */
void eevdf_tree_insert(struct eevdf_queue *queue, struct eevdf_entity *entity);
void eevdf_tree_remove(struct eevdf_queue *queue, struct eevdf_entity *entity);
/* The slice of an entity in the tree has changed. */
void eevdf_tree_slice_changed(struct eevdf_entity *entity);
/* First entity in tree order whose vruntime is eligible; NULL if there is none. O(log n). */
struct eevdf_entity *eevdf_tree_first_eligible(const struct eevdf_queue *queue);

/* ---- Virtual time (eevdf_queue.c) -------------------------------------------------------- */

/* curr if it is queued, and so counts for the mean, eligibility and slices; else NULL. */
static inline struct eevdf_entity *eevdf_queued_curr(const struct eevdf_queue *queue)
{
	return queue->curr && queue->curr->on_rq ? queue->curr : NULL;
}

/* Sum over all queued entities: of weight * (vruntime - zero_vruntime), and of weight. */
struct eevdf_sums {
	int64_t w_vruntime;
	int64_t weight;
};

static inline struct eevdf_sums eevdf_queue_sums(const struct eevdf_queue *queue)
{
	const struct eevdf_entity *curr = eevdf_queued_curr(queue);
	struct eevdf_sums sums = {queue->sum_w_vruntime, (int64_t)queue->sum_weight};

	if (curr) {
		sums.w_vruntime +=
			(int64_t)((curr->vruntime - queue->zero_vruntime) * curr->weight);
		sums.weight += (int64_t)curr->weight;
	}
	return sums;
}

/* Exactly vruntime <= true mean, without a division and wherever zero_vruntime is. */
static inline bool eevdf_sums_eligible(struct eevdf_sums sums, uint64_t zero_vruntime,
				       uint64_t vruntime)
{
	return sums.w_vruntime >= (__int128)(int64_t)(vruntime - zero_vruntime) * sums.weight;
}

/* Same value as eevdf_avg_vruntime(), and zero_vruntime moves there. */
uint64_t eevdf_queue_recentre(struct eevdf_queue *queue);
/* Least and greatest slice of all queued entities; UINT64_MAX and 0 if there are none. */
struct eevdf_slices eevdf_queue_slices(const struct eevdf_queue *queue);
/* In and out of the tree, with the sums. */
void eevdf_queue_insert(struct eevdf_queue *queue, struct eevdf_entity *entity);
void eevdf_queue_remove(struct eevdf_queue *queue, struct eevdf_entity *entity);
/* Change queue->load, and the load sum of its group with it. */
void eevdf_queue_set_load(struct eevdf_queue *queue, uint64_t load);

/* Greatest absolute lag of entity, virtual ns. */
int64_t eevdf_entity_lag_limit(const struct eevdf_entity *entity);
/* Store the lag at a dequeue; true if it was cut (update_entity_lag). */
bool eevdf_update_entity_lag(struct eevdf_entity *entity);
/* Give an entity that is out of the tree its vruntime and deadline (place_entity). */
void eevdf_place_entity(struct eevdf_entity *entity, uint32_t flags);
/* slice := base slice unless it is its own. The entity is not in the tree. */
static inline void eevdf_refresh_slice(struct eevdf_entity *entity)
{
	if (!entity->custom_slice)
		entity->slice = entity->queue->rq->config->base_slice_ns;
}
/* deadline := one slice from vruntime. The entity is not in the tree. */
void eevdf_renew_deadline(struct eevdf_entity *entity);

/* Account the running entity of one queue up to the clock (update_curr). */
void eevdf_update_curr(struct eevdf_queue *queue);

/* ---- Requests ---------------------------------------------------------------------------- */

/* Lazy request: the ordinary one under full preemption or if idle (resched_curr_lazy). */
static inline void eevdf_resched_lazy(struct eevdf_rq *rq)
{
	if (rq->config->lazy_preemption && rq->curr)
		rq->need_resched_lazy = true;
	else
		rq->need_resched = true;
}

/* ---- Buddies and protection (eevdf_queue.c) ---------------------------------------------- */

void eevdf_clear_buddies(struct eevdf_entity *entity);
void eevdf_set_next_buddy(struct eevdf_entity *entity);

/* The running entity may not be displaced yet (protect_slice). */
static inline bool eevdf_protected(const struct eevdf_entity *entity)
{
	return eevdf_before(entity->vruntime, entity->vprot);
}

/* At the switch to entity, which is out of the tree and not curr yet (set_protect_slice). */
void eevdf_set_protection(struct eevdf_entity *entity);
/* After a wake-up that did not preempt entity (update_protect_slice). */
void eevdf_update_protection(struct eevdf_entity *entity);

/* ---- Coming and going (eevdf_enqueue.c) -------------------------------------------------- */

void eevdf_enqueue_task(struct eevdf_rq *rq, struct eevdf_entity *task, uint32_t flags);
/* A delayed entity goes on where it is (requeue_delayed_entity). */
void eevdf_requeue_delayed(struct eevdf_entity *entity);
/* entity: a task, or a delayed group entity to finish. False: it was delayed, and stays queued. */
bool eevdf_dequeue_task(struct eevdf_rq *rq, struct eevdf_entity *entity, uint32_t flags);

/* ---- Picking (eevdf_pick.c) -------------------------------------------------------------- */

/*
 * The best entity of one non-empty queue (pick_eevdf); NULL if the best one was delayed, and is
 * now dequeued: try again. protect: buddies and slice protection count.
 */
struct eevdf_entity *eevdf_pick_entity(struct eevdf_queue *queue, bool protect);
/* Take every level of the running chain off the CPU, and back (sched_change). */
void eevdf_put_curr(struct eevdf_rq *rq);
void eevdf_restore_curr(struct eevdf_rq *rq);

/* ---- Slice timer (eevdf_hrtick.c) -------------------------------------------------------- */

/* Start the slice timer for task if it should have one (hrtick_start_fair). */
void eevdf_hrtick_arm(struct eevdf_rq *rq, struct eevdf_entity *task);
/* It is known who runs: what was put off is done (hrtick_schedule_exit). */
void eevdf_hrtick_settle(struct eevdf_rq *rq);

/* ---- Preemption (eevdf_wakeup.c) --------------------------------------------------------- */

/* task was just enqueued: should it have the CPU? (wakeup_preempt_fair) */
void eevdf_wakeup_preempt(struct eevdf_rq *rq, struct eevdf_entity *task, uint32_t wake_flags);

/* ---- Load tracking (eevdf_load.c, eevdf_leaf.c) ------------------------------------------ */

/* What comes with an update of the averages (UPDATE_TG, DO_ATTACH, DO_DETACH, UTIL_EST). */
enum eevdf_load_flags {
	EEVDF_LOAD_PUBLISH = 1 << 0,  /* tell the group if the load of the queue has changed */
	EEVDF_LOAD_ATTACH = 1 << 1,   /* the entity joins the averages unless it is there */
	EEVDF_LOAD_DETACH = 1 << 2,   /* it leaves them: the task goes to another CPU */
	EEVDF_LOAD_UTIL_EST = 1 << 3, /* the task goes to sleep: note its utilization */
};

static inline bool eevdf_tracks_load(const struct eevdf_rq *rq)
{
	return __builtin_expect(rq->config->weight_source == EEVDF_WEIGHT_PELT, 0);
}

/* The following belong behind eevdf_tracks_load(). */

/* Averages of entity and of the queue where it competes, up to now (update_load_avg). */
void eevdf_load_update(struct eevdf_entity *entity, uint32_t flags);
/* A group entity takes note of how many of its tasks are runnable (se_update_runnable). */
void eevdf_load_note_runnable(struct eevdf_entity *entity);
/* The part of a group on one CPU has come into being, or goes. */
void eevdf_load_add_part(struct eevdf_group_part *part);
void eevdf_load_remove_part(struct eevdf_group_part *part);
/* A new task is about to be enqueued for the first time. */
void eevdf_load_start(struct eevdf_entity *task);
/* The estimated utilization of a task, counted at the root while it is runnable (util_est_*). */
void eevdf_load_add_util_est(struct eevdf_entity *task);
void eevdf_load_sub_util_est(struct eevdf_entity *task);
/* A queued task has left the averages, on its way to another CPU. */
void eevdf_load_detached(struct eevdf_entity *task);
/* task leaves the averages: a sleeper that goes to another CPU, at now, or an exiting one. */
void eevdf_load_migrate(struct eevdf_entity *task, uint64_t now);
void eevdf_load_exit(struct eevdf_entity *task);
/* The weight of entity changes to weight; its field still has the old one. */
void eevdf_load_reweight(struct eevdf_entity *entity, uint64_t weight);

/* List of the queues of a CPU whose averages decay (list_add_leaf_cfs_rq). */
void eevdf_leaf_add(struct eevdf_queue *queue);
void eevdf_leaf_remove(struct eevdf_queue *queue);
/* Nothing is left in queue that could change, nor in a queue below it (cfs_rq_is_decayed). */
bool eevdf_leaf_is_decayed(const struct eevdf_queue *queue);

/* ---- Bandwidth (eevdf_throttle.c, eevdf_unthrottle.c)
 * -------------------------------------------------------- */

/* From which queue, of a group, draws its time. */
static inline struct bandwidth_pool *eevdf_pool_of(const struct eevdf_queue *queue)
{
	return &queue->group->bandwidth;
}

/* Time was used, or is needed: false if there is some (account_cfs_rq_runtime). */
bool eevdf_account_bandwidth(struct eevdf_queue *queue, uint64_t delta);
/* The first entity was queued, the last one has left: the latter twice, see there. */
void eevdf_bandwidth_first_queued(struct eevdf_queue *queue);
void eevdf_bandwidth_last_left(struct eevdf_queue *queue);
/* The clock of the averages of queue stands still: it is throttled and empty. Or goes on. */
void eevdf_stop_pelt_clock(struct eevdf_queue *queue);
void eevdf_start_pelt_clock(struct eevdf_queue *queue);
/* task, not queued, joins the parked ones of its queue, or leaves them. */
void eevdf_park(struct eevdf_entity *task);
void eevdf_leave_limbo(struct eevdf_entity *task);
/* A parked task comes and goes: true if that is all there is to do. */
bool eevdf_enqueue_parked(struct eevdf_entity *task);
void eevdf_dequeue_parked(struct eevdf_entity *task, uint32_t flags);
/* A part of a group has come into being, or goes. */
void eevdf_bandwidth_add_part(struct eevdf_group_part *part);
void eevdf_bandwidth_remove_part(struct eevdf_group_part *part);
/* Index of the first part whose CPU is not below cpu. */
static inline int eevdf_part_index(const struct eevdf_group *group, int cpu)
{
	int low = 0;
	int high = group->nr_parts;

	while (low < high) {
		int middle = (low + high) / 2;

		if (group->parts[middle]->queue.rq->cpu < cpu)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The part of group on the CPU of rq if there is one. */
static inline struct eevdf_group_part *eevdf_find_part(const struct eevdf_group *group,
						       const struct eevdf_rq *rq)
{
	int at = eevdf_part_index(group, rq->cpu);

	if (at < group->nr_parts && group->parts[at]->queue.rq == rq)
		return group->parts[at];
	return NULL;
}

/* Time is accounted on this level. */
static inline bool eevdf_has_bandwidth(const struct eevdf_queue *queue)
{
	return __builtin_expect(queue->bandwidth.enabled, 0);
}

/* ---- Weights (eevdf_reweight.c) ---------------------------------------------------------- */

/* Bring the weight of a group entity up to date (update_cfs_group). No effect on tasks. */
void eevdf_update_group_weight(struct eevdf_entity *entity);
/* The same of any entity that is not queued, to weight. */
void eevdf_reweight_absent(struct eevdf_entity *entity, uint64_t weight);
/* A custom slice within its range, 0.1..100 ms. */
uint64_t eevdf_clamp_slice(uint64_t slice_ns);
/* Shares within their range, scaled (eevdf_weight.c, as the slice above). */
uint64_t eevdf_scale_shares(uint64_t shares);

#endif
