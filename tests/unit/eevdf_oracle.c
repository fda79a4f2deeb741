/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/eevdf_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/sched/eevdf_internal.h"

void eevdf_list(const struct eevdf_entity *node, struct eevdf_listing *listing)
{
	if (!node)
		return;
	eevdf_list(node->tree_child[0], listing);
	assert_true(listing->nr < EEVDF_LISTING_MAX);
	listing->entity[listing->nr++] = node;
	eevdf_list(node->tree_child[1], listing);
}

/* Exact sums over the listing and the running entity, relative to base. */
struct exact {
	__int128 w_vruntime;
	__int128 weight;
};

static void add(struct exact *exact, const struct eevdf_entity *entity, uint64_t base)
{
	exact->w_vruntime += (__int128)(int64_t)(entity->vruntime - base) * entity->weight;
	exact->weight += entity->weight;
}

static struct exact exact_sums(const struct eevdf_queue *queue, const struct eevdf_listing *listing,
			       uint64_t base)
{
	struct exact exact = {0, 0};

	for (int i = 0; i < listing->nr; i++)
		add(&exact, listing->entity[i], base);
	if (eevdf_queued_curr(queue))
		add(&exact, queue->curr, base);
	return exact;
}

/* No greater than the exact mean. */
static bool oracle_eligible(struct exact exact, uint64_t base, uint64_t vruntime)
{
	return (__int128)(int64_t)(vruntime - base) * exact.weight <= exact.w_vruntime;
}

void eevdf_oracle_agrees(const struct eevdf_queue *queue)
{
	const struct eevdf_entity *curr = eevdf_queued_curr(queue);
	uint64_t base = queue->zero_vruntime;
	struct eevdf_listing listing = {.nr = 0};
	struct exact all;
	const struct eevdf_entity *first = NULL;
	bool any = false;
	__int128 excess;

	eevdf_list(queue->tree, &listing);
	all = exact_sums(queue, &listing, base);
	if (!queue->nr_queued)
		return;

	/* The mean rounded down: the lags sum to less than one unit of the total weight. */
	excess =
		all.w_vruntime - (__int128)(int64_t)(eevdf_avg_vruntime(queue) - base) * all.weight;
	assert_true(excess >= 0 && excess < all.weight);

	for (int i = 0; i < listing.nr; i++) {
		const struct eevdf_entity *entity = listing.entity[i];
		bool eligible = oracle_eligible(all, base, entity->vruntime);

		assert_int_equal(oversub_eevdf_eligible(entity), eligible);
		if (eligible && !first)
			first = entity;
		any |= eligible;
	}
	if (curr) {
		assert_int_equal(oversub_eevdf_eligible(curr),
				 oracle_eligible(all, base, curr->vruntime));
		any |= oversub_eevdf_eligible(curr);
	}
	assert_true(any);
	assert_ptr_equal(eevdf_tree_first_eligible(queue), first);
}
