/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers of one local APIC. Source: arch/x86/kvm/lapic.c, Linux 7.2. */
#include "models/kvm/lapic.h"

#include <string.h>

#include "sim/base/bitmap.h"

/* The priority class of a vector, TPR or PPR, kept in place. */
static int class_of(int value)
{
	return value & 0xf0;
}

bool lapic_vectors_test(const struct lapic_vectors *vectors, uint8_t vector)
{
	return bitmap_test(vectors->word, vector);
}

void lapic_vectors_set(struct lapic_vectors *vectors, uint8_t vector)
{
	bitmap_set(vectors->word, vector, true);
}

void lapic_vectors_clear(struct lapic_vectors *vectors, uint8_t vector)
{
	bitmap_set(vectors->word, vector, false);
}

int lapic_vectors_highest(const struct lapic_vectors *vectors)
{
	for (int i = 3; i >= 0; i--) {
		if (vectors->word[i])
			return i * 64 + 63 - __builtin_clzll(vectors->word[i]);
	}
	return -1;
}

void lapic_init(struct lapic *lapic, uint32_t id, enum lapic_mode mode)
{
	*lapic = (struct lapic){
		.id = id,
		.xapic_id = (uint8_t)id,
		.ldr = (uint8_t)(id < 8 ? 1u << id : 0),
		.mode = (uint8_t)mode,
		.dfr = LAPIC_DFR_FLAT,
		.software_enabled = true,
	};
}

void lapic_reset(struct lapic *lapic)
{
	memset(&lapic->irr, 0, sizeof(lapic->irr));
	memset(&lapic->isr, 0, sizeof(lapic->isr));
	memset(&lapic->tmr, 0, sizeof(lapic->tmr));
	memset(&lapic->pir, 0, sizeof(lapic->pir));
	lapic->tpr = 0;
	lapic->ppr = 0;
}

/* Recompute PPR from TPR and ISR. True if it became smaller. */
static bool update_ppr(struct lapic *lapic)
{
	int in_service = lapic_vectors_highest(&lapic->isr);
	int service_class = in_service < 0 ? 0 : class_of(in_service);
	uint8_t old = lapic->ppr;

	if (class_of(lapic->tpr) >= service_class)
		lapic->ppr = lapic->tpr;
	else
		lapic->ppr = (uint8_t)service_class;
	return lapic->ppr < old;
}

/* Highest requested vector above PPR, whether or not the APIC is enabled. */
static int above_ppr(const struct lapic *lapic)
{
	int vector = lapic_vectors_highest(&lapic->irr);

	return vector >= 0 && class_of(vector) > class_of(lapic->ppr) ? vector : -1;
}

enum lapic_raised lapic_accept(struct lapic *lapic, uint8_t vector, bool level_triggered,
			       bool asserted)
{
	if ((level_triggered && !asserted) || lapic->mode == LAPIC_OFF || !lapic->software_enabled)
		return LAPIC_REJECTED;
	if (level_triggered)
		lapic_vectors_set(&lapic->tmr, vector);
	else
		lapic_vectors_clear(&lapic->tmr, vector);
	if (!lapic->posted) {
		lapic_vectors_set(&lapic->irr, vector);
		return LAPIC_RAISED_EVENT;
	}
	if (lapic_vectors_test(&lapic->pir, vector))
		return LAPIC_RAISED_AGAIN;
	lapic_vectors_set(&lapic->pir, vector);
	return LAPIC_RAISED_POSTED;
}

int lapic_deliverable(const struct lapic *lapic)
{
	return lapic->mode == LAPIC_OFF ? -1 : above_ppr(lapic);
}

int lapic_inject(struct lapic *lapic)
{
	int vector = lapic_deliverable(lapic);

	if (vector < 0)
		return -1;
	lapic_vectors_clear(&lapic->irr, (uint8_t)vector);
	lapic_vectors_set(&lapic->isr, (uint8_t)vector);
	update_ppr(lapic);
	return vector;
}

int lapic_eoi(struct lapic *lapic)
{
	int vector = lapic_vectors_highest(&lapic->isr);

	if (vector < 0)
		return -1;
	lapic_vectors_clear(&lapic->isr, (uint8_t)vector);
	update_ppr(lapic);
	return vector;
}

bool lapic_set_tpr(struct lapic *lapic, uint8_t tpr)
{
	lapic->tpr = tpr;
	return update_ppr(lapic) && above_ppr(lapic) >= 0;
}

bool lapic_set_cr8(struct lapic *lapic, uint8_t cr8)
{
	return lapic_set_tpr(lapic, (uint8_t)((cr8 & 0xf) << 4));
}

bool lapic_sync_posted(struct lapic *lapic)
{
	uint64_t any = 0;

	for (int i = 0; i < 4; i++) {
		any |= lapic->pir.word[i];
		lapic->irr.word[i] |= lapic->pir.word[i];
		lapic->pir.word[i] = 0;
	}
	return any != 0;
}
