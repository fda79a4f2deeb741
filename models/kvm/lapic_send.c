/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delivery of an interrupt message to the APICs of a VM: the fast route through the map and the
 * slow route that asks every vCPU. Source: kvm_irq_delivery_to_apic_fast(),
 * kvm_irq_delivery_to_apic(), kvm_apic_match_dest(), arch/x86/kvm, Linux 7.2.
 */
#include <stddef.h>

#include "models/kvm/lapic.h"

#define XAPIC_BROADCAST	 0xffu
#define X2APIC_BROADCAST 0xffffffffu

/* One delivery in progress. */
struct delivery {
	struct apic_map *map;
	struct lapic_message message; /* a copy: the slow route may turn it into a fixed one */
	bool lowest;		      /* one of the matching APICs, not all */
	lapic_accepted accepted;
	void *context;
	struct lapic_result result;
};

/* ---- Acceptance --------------------------------------------------------------------------- */

/* Offer the message to vCPU index; count and report an accept. */
static void offer(struct delivery *delivery, int index)
{
	struct lapic *lapic = delivery->map->lapics[index];
	const struct lapic_message *message = &delivery->message;
	enum lapic_raised raised = LAPIC_RAISED_NMI;

	if (message->delivery == LAPIC_LOWEST)
		lapic->arbitration++; /* even if it is rejected */
	if (message->delivery != LAPIC_NMI)
		raised = lapic_accept(lapic, message->vector, message->level_triggered,
				      message->asserted);
	if (raised == LAPIC_REJECTED)
		return;
	delivery->result.accepted++;
	delivery->result.target = index;
	if (delivery->accepted)
		delivery->accepted(delivery->context, index, raised);
}

/* The less often arbitrated of two vCPUs; best may be -1. The earlier one wins a tie. */
static int less_arbitrated(const struct apic_map *map, int best, int other)
{
	if (best < 0 || map->lapics[other]->arbitration < map->lapics[best]->arbitration)
		return other;
	return best;
}

/* ---- Fast route --------------------------------------------------------------------------- */

static bool source_is_x2apic(const struct delivery *delivery)
{
	int source = delivery->message.source;

	return source >= 0 && delivery->map->lapics[source]->mode == LAPIC_X2APIC;
}

static bool is_broadcast(const struct delivery *delivery)
{
	uint32_t dest = delivery->message.dest;

	if (delivery->map->broadcast_quirk_disabled)
		return dest == X2APIC_BROADCAST ||
		       (dest == XAPIC_BROADCAST && delivery->map->mode != APIC_MAP_X2APIC);
	return dest == (source_is_x2apic(delivery) ? X2APIC_BROADCAST : XAPIC_BROADCAST);
}

/*
 * Resolve a logical destination: the first of a row of slots (vCPU indices, -1 empty) and the
 * positions in it that are addressed. False: the row is beyond the highest id.
 */
static bool logical_slots(const struct delivery *delivery, const int16_t **slots, uint32_t *bits)
{
	const struct apic_map *map = delivery->map;
	uint32_t dest = delivery->message.dest, base;

	switch (map->mode) {
	case APIC_MAP_X2APIC:
		base = (dest >> 16) * 16;
		if (base > map->max_id)
			return false;
		*slots = &map->physical[base];
		*bits = dest & 0xffff;
		if (map->max_id - base < 15)
			*bits &= (2u << (map->max_id - base)) - 1;
		return true;
	case APIC_MAP_XAPIC_FLAT:
		*slots = map->xapic_logical;
		*bits = dest & 0xff;
		return true;
	default:
		*slots = &map->xapic_logical[(dest >> 4 & 0xf) * 4];
		*bits = dest & 0xf;
		return true;
	}
}

/* Position number nth (from 0) of the set bits. */
static int nth_bit(uint32_t bits, unsigned int nth)
{
	while (nth--)
		bits &= bits - 1;
	return __builtin_ctz(bits);
}

/* The one vCPU of a row that a lowest-priority message goes to, -1 if it is dropped. */
static int choose_slot(const struct delivery *delivery, const int16_t *slots, uint32_t bits)
{
	const struct apic_map *map = delivery->map;
	int best = -1;

	if (!bits)
		return -1;
	/* Hashing counts addressed positions, empty ones included. */
	if (map->vector_hashing)
		return slots[nth_bit(bits, delivery->message.vector %
						   (unsigned int)__builtin_popcount(bits))];
	for (; bits; bits &= bits - 1) {
		int index = slots[__builtin_ctz(bits)];

		if (index >= 0)
			best = less_arbitrated(map, best, index);
	}
	return best;
}

static void fast_logical(struct delivery *delivery)
{
	const int16_t *slots;
	uint32_t bits;

	if (!logical_slots(delivery, &slots, &bits))
		return;
	if (delivery->lowest) {
		int index = choose_slot(delivery, slots, bits);

		if (index >= 0)
			offer(delivery, index);
		return;
	}
	for (; bits; bits &= bits - 1) {
		int index = slots[__builtin_ctz(bits)];

		if (index >= 0)
			offer(delivery, index);
	}
}

/* Deliver through the map. False: the map cannot tell, nothing has been done. */
static bool deliver_fast(struct delivery *delivery)
{
	const struct apic_map *map = delivery->map;
	const struct lapic_message *message = &delivery->message;

	if (message->shorthand == LAPIC_SELF) {
		offer(delivery, message->source);
		return true;
	}
	if (message->shorthand != LAPIC_DEST || map->mode == APIC_MAP_NONE ||
	    is_broadcast(delivery))
		return false;
	if (!message->logical) {
		if (message->dest <= map->max_id && map->physical[message->dest] >= 0)
			offer(delivery, map->physical[message->dest]);
		return true;
	}
	if (map->mode == APIC_MAP_DISABLED)
		return false;
	if (map->mode != APIC_MAP_SW_DISABLED)
		fast_logical(delivery);
	return true;
}

/* ---- Slow route --------------------------------------------------------------------------- */

static bool matches_logical(const struct lapic *lapic, uint32_t dest)
{
	if (lapic->mode == LAPIC_X2APIC)
		return dest >> 16 == lapic->id >> 4 && dest >> (lapic->id & 0xf) & 1;
	switch (lapic->dfr) {
	case LAPIC_DFR_FLAT: return lapic->ldr & dest;
	case LAPIC_DFR_CLUSTER: return lapic->ldr >> 4 == dest >> 4 && (lapic->ldr & dest & 0xf);
	default: return false;
	}
}

static bool matches_dest(const struct delivery *delivery, const struct lapic *lapic)
{
	const struct lapic_message *message = &delivery->message;
	bool x2apic = lapic->mode == LAPIC_X2APIC;
	uint32_t dest = message->dest;

	/* The quirk: 0xff from a device reaches x2APICs as a broadcast. */
	if (message->source < 0 && !delivery->map->broadcast_quirk_disabled &&
	    dest == XAPIC_BROADCAST && x2apic)
		dest = X2APIC_BROADCAST;
	if (dest == (x2apic ? X2APIC_BROADCAST : XAPIC_BROADCAST))
		return true;
	if (message->logical)
		return matches_logical(lapic, dest);
	return dest == (x2apic || dest > XAPIC_BROADCAST ? lapic->id : lapic->xapic_id);
}

static bool matches(const struct delivery *delivery, int index)
{
	const struct lapic_message *message = &delivery->message;

	switch (message->shorthand) {
	case LAPIC_SELF: return index == message->source;
	case LAPIC_ALL: return true;
	case LAPIC_ALL_BUT_SELF: return index != message->source;
	default: return matches_dest(delivery, delivery->map->lapics[index]);
	}
}

bool lapic_matches(const struct apic_map *map, const struct lapic_message *message, int index)
{
	struct delivery delivery = {.map = (struct apic_map *)map, .message = *message};

	return matches(&delivery, index);
}

/* A vCPU that takes part in lowest-priority arbitration of this message. */
static bool competes(const struct delivery *delivery, int index)
{
	const struct lapic *lapic = delivery->map->lapics[index];

	return lapic->mode != LAPIC_OFF && lapic->software_enabled && matches(delivery, index);
}

/* The vCPU that wins a lowest-priority message, -1 if nobody competes. */
static int arbitrate(const struct delivery *delivery)
{
	const struct apic_map *map = delivery->map;
	int best = -1, nr = 0;

	for (int i = 0; i < map->nr; i++) {
		if (!competes(delivery, i))
			continue;
		best = less_arbitrated(map, best, i);
		nr++;
	}
	if (!nr || !map->vector_hashing)
		return best;
	nr = delivery->message.vector % nr;
	for (int i = 0;; i++) {
		if (competes(delivery, i) && nr-- == 0)
			return i;
	}
}

/* Ask every vCPU. Returns whether any matched. */
static bool deliver_slow(struct delivery *delivery)
{
	struct lapic_message *message = &delivery->message;
	bool matched = false;

	if (!message->logical && message->dest == XAPIC_BROADCAST && delivery->lowest) {
		message->delivery = LAPIC_FIXED;
		delivery->lowest = message->redirection_hint;
	}
	if (delivery->lowest) {
		int index = arbitrate(delivery);

		if (index >= 0)
			offer(delivery, index);
		return index >= 0;
	}
	for (int i = 0; i < delivery->map->nr; i++) {
		if (delivery->map->lapics[i]->mode == LAPIC_OFF || !matches(delivery, i))
			continue;
		matched = true;
		offer(delivery, i);
	}
	return matched;
}

struct lapic_result lapic_send(struct apic_map *map, const struct lapic_message *message,
			       lapic_accepted accepted, void *context)
{
	struct delivery delivery = {
		.map = map,
		.message = *message,
		.lowest = message->delivery == LAPIC_LOWEST || message->redirection_hint,
		.accepted = accepted,
		.context = context,
		.result = {.target = -1},
	};
	bool matched = true;

	if (message->source >= 0 && map->lapics[message->source]->mode == LAPIC_XAPIC)
		delivery.message.dest &= 0xff;
	delivery.result.fast = deliver_fast(&delivery);
	if (!delivery.result.fast)
		matched = deliver_slow(&delivery);
	delivery.result.result = matched ? delivery.result.accepted : -1;
	delivery.result.fixed = delivery.message.delivery == LAPIC_FIXED;
	return delivery.result;
}
