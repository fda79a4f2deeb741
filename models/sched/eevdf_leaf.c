/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queues of a CPU whose averages are not zero yet, children before their parents. A queue comes
 * onto the list with its first member, and leaves when its averages have decayed.
 *
 * A new branch comes bottom up, so a queue can precede its parent on the way to the list:
 * leaf_branch remembers the place until the branch has grown to a queue whose parent is there.
 */
#include <stddef.h>

#include "models/sched/eevdf_internal.h"

static struct eevdf_queue *parent_of(const struct eevdf_queue *queue)
{
	return queue->entity ? queue->entity->queue : NULL;
}

/* Put queue between two neighbours; NULL is the end of the list. */
static void link_between(struct eevdf_queue *prev, struct eevdf_queue *queue,
			 struct eevdf_queue *next)
{
	struct eevdf_rq *rq = queue->rq;

	queue->leaf_prev = prev;
	queue->leaf_next = next;
	if (prev)
		prev->leaf_next = queue;
	else
		rq->leaf_first = queue;
	if (next)
		next->leaf_prev = queue;
	else
		rq->leaf_last = queue;
	queue->on_leaf_list = true;
}

void eevdf_leaf_add(struct eevdf_queue *queue)
{
	struct eevdf_queue *parent = parent_of(queue);
	struct eevdf_rq *rq = queue->rq;

	if (queue->on_leaf_list)
		return;
	if (!parent) {
		link_between(rq->leaf_last, queue, NULL);
		rq->leaf_branch = NULL;
	} else if (parent->on_leaf_list) {
		link_between(parent->leaf_prev, queue, parent);
		rq->leaf_branch = NULL;
	} else {
		struct eevdf_queue *after = rq->leaf_branch;

		link_between(after, queue, after ? after->leaf_next : rq->leaf_first);
		rq->leaf_branch = queue;
	}
}

void eevdf_leaf_remove(struct eevdf_queue *queue)
{
	struct eevdf_rq *rq = queue->rq;

	if (!queue->on_leaf_list)
		return;
	if (rq->leaf_branch == queue)
		rq->leaf_branch = queue->leaf_prev;
	if (queue->leaf_prev)
		queue->leaf_prev->leaf_next = queue->leaf_next;
	else
		rq->leaf_first = queue->leaf_next;
	if (queue->leaf_next)
		queue->leaf_next->leaf_prev = queue->leaf_prev;
	else
		rq->leaf_last = queue->leaf_prev;
	queue->on_leaf_list = false;
}

bool eevdf_leaf_is_decayed(const struct eevdf_queue *queue)
{
	const struct pelt_avg *avg = &queue->pelt.avg;

	if (queue->load || avg->load_sum || avg->util_sum || avg->runnable_sum)
		return false;
	if (queue->leaf_prev && parent_of(queue->leaf_prev) == queue)
		return false;
	return !queue->pelt.contrib;
}
