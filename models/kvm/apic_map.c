/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who has which interrupt destination: the optimised map of a VM. Source:
 * kvm_recalculate_apic_map() and its helpers, arch/x86/kvm/lapic.c, Linux 7.2.
 */
#include "models/kvm/lapic.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XAPIC_MAX_ID 255

enum oversub_status apic_map_init(struct apic_map *map, struct lapic **lapics, int nr,
				  uint32_t max_id, struct oversub_error *error)
{
	uint32_t capacity = max_id > XAPIC_MAX_ID ? max_id : XAPIC_MAX_ID;

	*map = (struct apic_map){
		.lapics = lapics,
		.nr = nr,
		.x2apic_format = true,
		.broadcast_quirk_disabled = true,
		.vector_hashing = true,
		.max_id = XAPIC_MAX_ID,
		.capacity = capacity,
	};
	if (nr > INT16_MAX || capacity > INT16_MAX)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "a VM with %d vCPUs and APIC ids up to %u: at most %d of each",
				    nr, (unsigned)max_id, INT16_MAX);
	map->physical = malloc((capacity + 1) * sizeof(*map->physical));
	if (!map->physical)
		return oversub_fail(error, OVERSUB_FAILED,
				    "out of memory for the APIC map of a VM with %d vCPUs", nr);
	return OVERSUB_OK;
}

void apic_map_destroy(struct apic_map *map)
{
	free(map->physical);
	map->physical = NULL;
}

/* Enter an APIC into the physical table. False: its id is taken and there can be no map. */
static bool add_physical(struct apic_map *map, int index)
{
	const struct lapic *lapic = map->lapics[index];
	bool x2apic = lapic->mode == LAPIC_X2APIC;
	uint32_t key = x2apic ? lapic->id : lapic->xapic_id;

	if (!map->x2apic_format) {
		if (map->physical[key] >= 0)
			return false;
		map->physical[key] = (int16_t)index;
		return true;
	}
	/* 32-bit ids are unique; an 8-bit one that is taken loses. */
	if (x2apic || lapic->id > XAPIC_MAX_ID)
		map->physical[lapic->id] = (int16_t)index;
	if (!x2apic && map->physical[lapic->xapic_id] < 0)
		map->physical[lapic->xapic_id] = (int16_t)index;
	return true;
}

static enum apic_map_mode logical_mode(const struct lapic *lapic)
{
	if (lapic->mode == LAPIC_X2APIC)
		return APIC_MAP_X2APIC;
	return lapic->dfr == LAPIC_DFR_FLAT ? APIC_MAP_XAPIC_FLAT : APIC_MAP_XAPIC_CLUSTER;
}

/* Enter an APIC into the logical table, or find that the logical ids make no table. */
static void add_logical(struct apic_map *map, int index)
{
	const struct lapic *lapic = map->lapics[index];
	enum apic_map_mode mode = logical_mode(lapic);
	unsigned int base = 0, bits = lapic->ldr;
	int16_t *slot;

	if (map->mode == APIC_MAP_DISABLED || !lapic->software_enabled)
		return;
	if (mode != APIC_MAP_X2APIC && !lapic->ldr)
		return;
	if (map->mode == APIC_MAP_SW_DISABLED)
		map->mode = mode;
	else if (map->mode != mode)
		map->mode = APIC_MAP_DISABLED;
	/* The logical id of an x2APIC follows from its id: the physical table serves. */
	if (map->mode == APIC_MAP_DISABLED || mode == APIC_MAP_X2APIC)
		return;

	if (mode == APIC_MAP_XAPIC_CLUSTER) {
		base = (unsigned int)(lapic->ldr >> 4) * 4;
		bits = lapic->ldr & 0xf;
	}
	if (!bits)
		return;
	slot = &map->xapic_logical[base + (unsigned int)__builtin_ctz(bits)];
	if ((bits & (bits - 1)) || *slot >= 0)
		map->mode = APIC_MAP_DISABLED;
	else
		*slot = (int16_t)index;
}

void apic_map_recompute(struct apic_map *map)
{
	memset(map->physical, -1, (map->capacity + 1) * sizeof(*map->physical));
	memset(map->xapic_logical, -1, sizeof(map->xapic_logical));
	map->max_id = XAPIC_MAX_ID;
	map->mode = APIC_MAP_SW_DISABLED;
	for (int i = 0; i < map->nr; i++) {
		if (map->lapics[i]->mode == LAPIC_OFF)
			continue;
		assert(map->lapics[i]->id <= map->capacity);
		if (map->lapics[i]->id > map->max_id)
			map->max_id = map->lapics[i]->id;
	}
	for (int i = 0; i < map->nr; i++) {
		if (map->lapics[i]->mode == LAPIC_OFF)
			continue;
		if (!add_physical(map, i)) {
			map->mode = APIC_MAP_NONE;
			return;
		}
		add_logical(map, i);
	}
}
