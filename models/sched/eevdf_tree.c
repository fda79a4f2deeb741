/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tree of a queue: a treap, because it is short and, with a handful of entities, as fast as
 * anything. Its shape depends on pseudo-random priorities, its order and so every answer does not.
 */
#include "models/sched/eevdf_internal.h"

static uint32_t next_priority(struct eevdf_queue *queue)
{
	uint32_t x = queue->tree_seed;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	queue->tree_seed = x;
	return x;
}

static inline void widen(struct eevdf_entity *node, uint64_t min_vruntime,
			 struct eevdf_slices slices)
{
	node->subtree_min_vruntime = eevdf_earlier(min_vruntime, node->subtree_min_vruntime);
	if (slices.min < node->subtree_slices.min)
		node->subtree_slices.min = slices.min;
	if (slices.max > node->subtree_slices.max)
		node->subtree_slices.max = slices.max;
}

static inline void reset(struct eevdf_entity *node)
{
	node->subtree_min_vruntime = node->vruntime;
	node->subtree_slices.min = node->slice;
	node->subtree_slices.max = node->slice;
}

static void recompute(struct eevdf_entity *node)
{
	reset(node);
	for (int side = 0; side < 2; side++) {
		const struct eevdf_entity *child = node->tree_child[side];

		if (child)
			widen(node, child->subtree_min_vruntime, child->subtree_slices);
	}
}

/* The pointer that leads to node. */
static inline struct eevdf_entity **link_to(struct eevdf_queue *queue, struct eevdf_entity *node)
{
	struct eevdf_entity *parent = node->tree_parent;

	if (!parent)
		return &queue->tree;
	return &parent->tree_child[parent->tree_child[1] == node];
}

/* Swap node with its parent, keeping the order. */
static void rotate_up(struct eevdf_queue *queue, struct eevdf_entity *node)
{
	struct eevdf_entity *parent = node->tree_parent;
	struct eevdf_entity **link = link_to(queue, parent);
	int side = parent->tree_child[1] == node;
	struct eevdf_entity *middle = node->tree_child[!side];

	parent->tree_child[side] = middle;
	if (middle)
		middle->tree_parent = parent;
	*link = node;
	node->tree_parent = parent->tree_parent;
	node->tree_child[!side] = parent;
	parent->tree_parent = node;

	node->subtree_min_vruntime = parent->subtree_min_vruntime;
	node->subtree_slices = parent->subtree_slices;
	recompute(parent);
}

void eevdf_tree_insert(struct eevdf_queue *queue, struct eevdf_entity *entity)
{
	struct eevdf_entity **link = &queue->tree;
	struct eevdf_entity *parent = NULL;

	entity->tree_child[0] = NULL;
	entity->tree_child[1] = NULL;
	entity->tree_priority = next_priority(queue);
	reset(entity);

	while (*link) {
		parent = *link;
		widen(parent, entity->vruntime, entity->subtree_slices);
		link = &parent->tree_child[!eevdf_before(entity->deadline, parent->deadline)];
	}
	entity->tree_parent = parent;
	*link = entity;

	while (entity->tree_parent && entity->tree_priority < entity->tree_parent->tree_priority)
		rotate_up(queue, entity);
}

static void recompute_upward(struct eevdf_entity *node)
{
	for (; node; node = node->tree_parent)
		recompute(node);
}

void eevdf_tree_remove(struct eevdf_queue *queue, struct eevdf_entity *entity)
{
	struct eevdf_entity *only;

	while (entity->tree_child[0] && entity->tree_child[1]) {
		struct eevdf_entity *left = entity->tree_child[0];
		struct eevdf_entity *right = entity->tree_child[1];

		rotate_up(queue, left->tree_priority < right->tree_priority ? left : right);
	}
	only = entity->tree_child[entity->tree_child[0] == NULL];
	*link_to(queue, entity) = only;
	if (only)
		only->tree_parent = entity->tree_parent;
	recompute_upward(entity->tree_parent);
}

void eevdf_tree_slice_changed(struct eevdf_entity *entity)
{
	recompute_upward(entity);
}

struct eevdf_entity *eevdf_tree_first_eligible(const struct eevdf_queue *queue)
{
	struct eevdf_sums sums = eevdf_queue_sums(queue);
	uint64_t zero = queue->zero_vruntime;
	struct eevdf_entity *node = queue->tree;

	while (node) {
		struct eevdf_entity *left = node->tree_child[0];

		if (left && eevdf_sums_eligible(sums, zero, left->subtree_min_vruntime))
			node = left;
		else if (eevdf_sums_eligible(sums, zero, node->vruntime))
			return node;
		else
			node = node->tree_child[1];
	}
	return NULL;
}
