/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks into a queue of the EEVDF core by brute force. */
#ifndef TESTS_UNIT_EEVDF_CHECK_H
#define TESTS_UNIT_EEVDF_CHECK_H

#include "models/host/eevdf.h"

#define EEVDF_LISTING_MAX 512

struct eevdf_listing {
	const struct eevdf_entity *entity[EEVDF_LISTING_MAX];
	int nr;
};

/* Add the entities of a subtree, which may be empty, to a listing in the order of the tree. */
void eevdf_list(const struct eevdf_entity *node, struct eevdf_listing *listing);
/* Asserts everything that must hold of a queue between two operations. */
void eevdf_check_queue(const struct eevdf_queue *queue);

#endif
