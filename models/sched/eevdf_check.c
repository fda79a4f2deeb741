/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/sched/eevdf_check.h"

#include <inttypes.h>

#include "models/sched/eevdf_internal.h"

/* What is found in a queue, to be compared with what it says. */
struct found {
	unsigned int nr_queued, h_nr_queued, h_nr_runnable;
	int64_t sum_w_vruntime;
	uint64_t sum_weight, load;
};

struct check {
	const struct eevdf_rq *rq;
	eevdf_check_task *task;
	void *context;
	struct oversub_error *error;
};

static enum oversub_status broken(const struct check *check, const struct eevdf_queue *queue,
				  const char *what, int64_t kept, int64_t found)
{
	return oversub_fail(check->error, OVERSUB_FAILED,
			    "CPU %d, %s queue: %s is %" PRId64 ", and should be %" PRId64,
			    check->rq->cpu, queue->group ? "a group's" : "the root", what, kept,
			    found);
}

/* ---- The tree ------------------------------------------------------------------------------- */

/* A node knows the extremes of its subtree. */
static enum oversub_status check_node(const struct check *check, const struct eevdf_queue *queue,
				      const struct eevdf_entity *node)
{
	uint64_t min = node->vruntime;
	struct eevdf_slices slices = {node->slice, node->slice};

	for (int side = 0; side < 2; side++) {
		const struct eevdf_entity *child = node->tree_child[side];

		if (!child)
			continue;
		if (child->tree_parent != node)
			return broken(check, queue, "a child's parent in the tree", 0, 1);
		min = eevdf_earlier(child->subtree_min_vruntime, min);
		if (child->subtree_slices.min < slices.min)
			slices.min = child->subtree_slices.min;
		if (child->subtree_slices.max > slices.max)
			slices.max = child->subtree_slices.max;
	}
	if (node->subtree_min_vruntime != min)
		return broken(check, queue, "the least vruntime of a subtree",
			      (int64_t)node->subtree_min_vruntime, (int64_t)min);
	if (node->subtree_slices.min != slices.min || node->subtree_slices.max != slices.max)
		return broken(check, queue, "the least slice of a subtree",
			      (int64_t)node->subtree_slices.min, (int64_t)slices.min);
	return OVERSUB_OK;
}

static const struct eevdf_entity *leftmost(const struct eevdf_entity *node)
{
	while (node && node->tree_child[0])
		node = node->tree_child[0];
	return node;
}

static const struct eevdf_entity *in_order_next(const struct eevdf_entity *node)
{
	if (node->tree_child[1])
		return leftmost(node->tree_child[1]);
	while (node->tree_parent && node->tree_parent->tree_child[1] == node)
		node = node->tree_parent;
	return node->tree_parent;
}

/* ---- Entities ------------------------------------------------------------------------------- */

static enum oversub_status check_queue(const struct check *check, const struct eevdf_queue *queue);

static enum oversub_status check_entity(const struct check *check, const struct eevdf_queue *queue,
					const struct eevdf_entity *entity, struct found *found)
{
	const struct eevdf_queue *own = entity->own_queue;

	if (entity->queue != queue)
		return broken(check, queue, "the queue of an entity in it", 0, 1);
	if (!entity->on_rq)
		return broken(check, queue, "on_rq of an entity in it", 0, 1);
	if (entity->parent != queue->entity)
		return broken(check, queue, "the parent of an entity in it", 0, 1);
	found->nr_queued++;
	found->load += entity->weight;
	if (!own) {
		found->h_nr_queued++;
		found->h_nr_runnable += !entity->delayed;
		return check->task ? check->task(check->context, entity, check->error) : OVERSUB_OK;
	}
	found->h_nr_queued += own->h_nr_queued;
	found->h_nr_runnable += own->h_nr_runnable;
	/* A delayed group entity stays until it is picked, although nothing is in its queue. */
	if (!entity->delayed && own->nr_queued == 0)
		return broken(check, queue, "number of entities of a queued group", 0, 1);
	return check_queue(check, own);
}

static enum oversub_status check_tree(const struct check *check, const struct eevdf_queue *queue,
				      struct found *found)
{
	const struct eevdf_entity *previous = NULL;

	for (const struct eevdf_entity *node = leftmost(queue->tree); node;
	     node = in_order_next(node)) {
		enum oversub_status status = check_node(check, queue, node);

		if (status == OVERSUB_OK && node == queue->curr)
			return broken(check, queue, "running and in the tree", 1, 0);
		if (status == OVERSUB_OK && previous &&
		    eevdf_before(node->deadline, previous->deadline))
			return broken(check, queue, "a deadline in the tree",
				      (int64_t)node->deadline, (int64_t)previous->deadline);
		if (status == OVERSUB_OK)
			status = check_entity(check, queue, node, found);
		if (status != OVERSUB_OK)
			return status;
		found->sum_weight += node->weight;
		found->sum_w_vruntime +=
			(int64_t)((node->vruntime - queue->zero_vruntime) * node->weight);
		previous = node;
	}
	return OVERSUB_OK;
}

/* ---- A queue -------------------------------------------------------------------------------- */

static enum oversub_status compare(const struct check *check, const struct eevdf_queue *queue,
				   const struct found *found)
{
	const struct {
		const char *what;
		int64_t kept, found;
	} sums[] = {
		{"nr_queued", queue->nr_queued, found->nr_queued},
		{"h_nr_queued", queue->h_nr_queued, found->h_nr_queued},
		{"h_nr_runnable", queue->h_nr_runnable, found->h_nr_runnable},
		{"sum_w_vruntime", queue->sum_w_vruntime, found->sum_w_vruntime},
		{"sum_weight", (int64_t)queue->sum_weight, (int64_t)found->sum_weight},
		{"load", (int64_t)queue->load, (int64_t)found->load},
	};

	for (size_t i = 0; i < sizeof(sums) / sizeof(*sums); i++)
		if (sums[i].kept != sums[i].found)
			return broken(check, queue, sums[i].what, sums[i].kept, sums[i].found);
	return OVERSUB_OK;
}

static enum oversub_status check_queue(const struct check *check, const struct eevdf_queue *queue)
{
	const struct eevdf_entity *curr = eevdf_queued_curr(queue);
	struct found found = {0};
	enum oversub_status status;

	if (queue->rq != check->rq)
		return broken(check, queue, "the CPU of the queue", queue->rq->cpu, check->rq->cpu);
	status = check_tree(check, queue, &found);
	if (status == OVERSUB_OK && curr)
		status = check_entity(check, queue, curr, &found);
	if (status == OVERSUB_OK && queue->next &&
	    (!queue->next->on_rq || queue->next->queue != queue))
		return broken(check, queue, "being queued of its buddy", queue->next->on_rq, 1);
	return status == OVERSUB_OK ? compare(check, queue, &found) : status;
}

/* From the running task up, each level's curr is the one below's group entity. */
static enum oversub_status check_chain(const struct check *check)
{
	const struct eevdf_rq *rq = check->rq;
	const struct eevdf_queue *queue = &rq->root;

	if (!rq->curr)
		return queue->curr ? broken(check, queue, "running while the CPU is idle", 1, 0)
				   : OVERSUB_OK;
	for (const struct eevdf_entity *entity = rq->curr; entity; entity = entity->parent) {
		if (entity->queue->curr != entity)
			return broken(check, entity->queue,
				      "running of the entity of the task on the CPU", 0, 1);
		queue = entity->queue;
	}
	return queue == &rq->root ? OVERSUB_OK
				  : broken(check, queue, "top of the running chain", 0, 1);
}

enum oversub_status eevdf_check(const struct eevdf_rq *rq, eevdf_check_task *task, void *context,
				struct oversub_error *error)
{
	const struct check check = {.rq = rq, .task = task, .context = context, .error = error};
	enum oversub_status status = check_chain(&check);

	if (status == OVERSUB_OK)
		status = check_queue(&check, &rq->root);
	if (status == OVERSUB_OK && rq->nr_running != rq->root.h_nr_queued)
		return broken(&check, &rq->root, "nr_running", rq->nr_running,
			      rq->root.h_nr_queued);
	return status;
}
