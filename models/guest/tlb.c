/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/guest/tlb.h"

uint64_t tlb_new_generation(struct guest *guest)
{
	return ++guest->tlb_generation;
}

bool tlb_should_flush(const struct guest_cpu *cpu, const struct op *op)
{
	return cpu->in_mm && (!cpu->lazy || op->free_tables);
}

static int64_t range_ns(const struct guest_config *config, int64_t pages, bool local)
{
	if (pages < 1)
		pages = 1;
	if (local)
		return pages * config->tlb_flush_page_ns;
	return config->tlb_flush_range_ns + (pages - 1) * config->tlb_flush_page_ns;
}

int64_t tlb_flush_begin(struct guest_cpu *cpu, const struct op *op, uint64_t generation, bool local,
			uint64_t *reached)
{
	struct guest *guest = cpu->guest;
	const struct guest_config *config = &guest->config;

	*reached = cpu->tlb_generation;
	if (cpu->lazy) {
		/* It leaves the mm rather than flush: nobody need interrupt it again. */
		cpu->in_mm = false;
		return config->tlb_flush_full_ns;
	}
	if (generation <= cpu->tlb_generation)
		return config->tlb_caught_up_ns;
	/* A range is enough only if it is all that this CPU has missed. */
	*reached = guest->tlb_generation;
	if (op->pages <= TLB_FLUSH_CEILING && generation == cpu->tlb_generation + 1 &&
	    generation == guest->tlb_generation)
		return range_ns(config, op->pages, local);
	return config->tlb_flush_full_ns;
}

void tlb_flush_end(struct guest_cpu *cpu, uint64_t reached)
{
	cpu->tlb_generation = reached;
}

int64_t tlb_leave_lazy(struct guest_cpu *cpu)
{
	bool behind = !cpu->in_mm || cpu->tlb_generation < cpu->guest->tlb_generation;

	cpu->lazy = false;
	cpu->in_mm = true;
	cpu->tlb_generation = cpu->guest->tlb_generation;
	return behind ? cpu->guest->config.tlb_flush_full_ns : 0;
}
