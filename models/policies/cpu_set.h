/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of CPUs of the host, for policies that hand each of them out once. */
#ifndef MODELS_POLICIES_CPU_SET_H
#define MODELS_POLICIES_CPU_SET_H

#include <oversub/policy.h>

/* 0 bytes are an empty set. */
struct cpu_set {
	uint64_t words[OVERSUB_MAX_CPUS / 64];
};

static inline void cpu_set_add(struct cpu_set *set, const struct pcpu *cpu)
{
	int index = oversub_cosched_cpu_index(cpu);

	set->words[index / 64] |= UINT64_C(1) << index % 64;
}

static inline bool cpu_set_has(const struct cpu_set *set, const struct pcpu *cpu)
{
	int index = oversub_cosched_cpu_index(cpu);

	return set->words[index / 64] >> index % 64 & 1;
}

#endif
