/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows and lists of csds. */
#ifndef MODELS_GUEST_CSD_H
#define MODELS_GUEST_CSD_H

#include "models/guest/guest_cpu.h"

/* csds of one CPU. */
static inline uint32_t csd_row_length(const struct guest *guest)
{
	return (uint32_t)guest->nr_cpus + GUEST_CSD_SINGLES;
}

/* Whose row it is in. */
static inline struct guest_cpu *csd_owner(const struct guest *guest, uint32_t id)
{
	return &guest->cpus[id / csd_row_length(guest)];
}

static inline void csd_push(struct guest *guest, struct guest_csd_list *list, uint32_t id)
{
	guest->csds[id].next = GUEST_NO_CSD;
	if (list->first == GUEST_NO_CSD)
		list->first = id;
	else
		guest->csds[list->last].next = id;
	list->last = id;
}

/* The first, taken out; GUEST_NO_CSD: there is none. */
static inline uint32_t csd_pop(struct guest *guest, struct guest_csd_list *list)
{
	uint32_t id = list->first;

	if (id != GUEST_NO_CSD)
		list->first = guest->csds[id].next;
	return id;
}

/* The csd that cpu's call uses for target. */
uint32_t csd_for(const struct guest_cpu *cpu, int target);

#endif
