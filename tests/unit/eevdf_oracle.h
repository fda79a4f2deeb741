/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks into a queue of the EEVDF core by brute force. */
#ifndef TESTS_UNIT_EEVDF_ORACLE_H
#define TESTS_UNIT_EEVDF_ORACLE_H

#include "models/sched/eevdf.h"

#define EEVDF_LISTING_MAX 512

struct eevdf_listing {
	const struct eevdf_entity *entity[EEVDF_LISTING_MAX];
	int nr;
};

/* Add the entities of a subtree, which may be empty, to a listing in the order of the tree. */
void eevdf_list(const struct eevdf_entity *node, struct eevdf_listing *listing);
/*
 * Asserts that queue knows its mean, who is eligible, and who of them comes first, as exact sums
 * over all entities have it. What eevdf_check() finds is not looked for again.
 */
void eevdf_oracle_agrees(const struct eevdf_queue *queue);

#endif
