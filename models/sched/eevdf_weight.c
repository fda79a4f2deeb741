/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that follow from nice values, cpu.weight, the CPU count and HZ. */
#include <assert.h>

#include "models/sched/eevdf_internal.h"

#define WEIGHT_SHIFT		 10
#define WEIGHT_IDLE		 3
#define NORMALIZED_BASE_SLICE_NS 700000
#define CPU_WEIGHT_DEFAULT	 100
#define NSEC_PER_SEC		 1000000000

#define SLICE_MIN_NS		 100000
#define SLICE_MAX_NS		 100000000

/* Nice -20 to 19; one step is about a quarter (sched_prio_to_weight). */
static const uint32_t nice_weight[40] = {
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
	9548,  7620,  6100,  4904,  3906,  3121,  2501,	 1991,	1586,  1277,
	1024,  820,   655,   526,   423,   335,	  272,	 215,	172,   137,
	110,   87,    70,    56,    45,	   36,	  29,	 23,	18,    15,
};

uint64_t eevdf_task_weight(int nice, enum eevdf_policy policy)
{
	assert(nice >= -20 && nice <= 19);
	if (policy == EEVDF_IDLE)
		return (uint64_t)WEIGHT_IDLE << WEIGHT_SHIFT;
	return (uint64_t)nice_weight[nice + 20] << WEIGHT_SHIFT;
}

uint64_t eevdf_shares_from_cpu_weight(unsigned int cpu_weight)
{
	return ((uint64_t)cpu_weight * 1024 + CPU_WEIGHT_DEFAULT / 2) / CPU_WEIGHT_DEFAULT;
}

uint64_t eevdf_scale_shares(uint64_t shares)
{
	if (shares < EEVDF_MIN_SHARES)
		shares = EEVDF_MIN_SHARES;
	if (shares > EEVDF_MAX_SHARES)
		shares = EEVDF_MAX_SHARES;
	return shares << 10;
}

uint64_t eevdf_base_slice_ns(int nr_cpus)
{
	unsigned int cpus = nr_cpus < 8 ? (unsigned int)nr_cpus : 8;
	uint64_t factor = 1;

	while (cpus >>= 1)
		factor++;
	return factor * NORMALIZED_BASE_SLICE_NS;
}

uint64_t eevdf_clamp_slice(uint64_t slice_ns)
{
	if (slice_ns < SLICE_MIN_NS)
		return SLICE_MIN_NS;
	return slice_ns > SLICE_MAX_NS ? SLICE_MAX_NS : slice_ns;
}

uint64_t eevdf_tick_ns(int hz)
{
	return (uint64_t)((NSEC_PER_SEC + hz / 2) / hz);
}

struct eevdf_config eevdf_default_config(int nr_cpus, int hz)
{
	return (struct eevdf_config){
		.base_slice_ns = eevdf_base_slice_ns(nr_cpus),
		.normalized_base_slice_ns = NORMALIZED_BASE_SLICE_NS,
		.tick_ns = eevdf_tick_ns(hz),
		.features = EEVDF_FEATURES_DEFAULT,
		.lazy_preemption = true,
		.weight_source = EEVDF_WEIGHT_FIXED,
	};
}
