/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLB shootdowns (arch/x86/mm/tlb.c). All threads of a VM share one address space. Its
 * generation grows with every flush; every CPU knows the generation it has reached, and so can
 * tell that it has caught up, or must flush everything because it missed some.
 */
#ifndef MODELS_GUEST_TLB_H
#define MODELS_GUEST_TLB_H

#include <stdbool.h>
#include <stdint.h>

#include "models/guest/guest_cpu.h"

/* More pages than this are flushed as everything (tlb_single_page_flush_ceiling). */
#define TLB_FLUSH_CEILING 33

/* A new flush: the generation that all CPUs must reach. */
uint64_t tlb_new_generation(struct guest *guest);
/* Must a flush for op interrupt cpu? Lazy CPUs need not be, unless page tables are freed. */
bool tlb_should_flush(const struct guest_cpu *cpu, const struct op *op);
/*
 * flush_tlb_func() on cpu, for the flush of op to generation. Returns how long it takes, ns, and in
 * *reached the generation that cpu will have then. local: cpu initiated the flush itself.
 */
int64_t tlb_flush_begin(struct guest_cpu *cpu, const struct op *op, uint64_t generation, bool local,
			uint64_t *reached);
void tlb_flush_end(struct guest_cpu *cpu, uint64_t reached);
/* cpu leaves the idle task for its thread: catch up with what it missed. ns. */
int64_t tlb_leave_lazy(struct guest_cpu *cpu);

#endif
