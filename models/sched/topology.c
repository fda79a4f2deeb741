/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/sched/topology.h"

#include <stddef.h>

#define IMBALANCE_PCT	  117
#define SMT_IMBALANCE_PCT 110

static const int cache_nice_tries[TOPOLOGY_KINDS] = {
	[TOPOLOGY_SMT] = 0,
	[TOPOLOGY_LLC] = 1,
	[TOPOLOGY_PKG] = 1,
	[TOPOLOGY_NUMA] = 2,
};

static void add_level(struct topology *topology, enum topology_kind kind, int span)
{
	const struct topology_level *below =
		topology->nr_levels ? &topology->levels[topology->nr_levels - 1] : NULL;

	if (span > topology->nr_cpus)
		span = topology->nr_cpus;
	if (span <= (below ? below->span : 1))
		return;
	topology->levels[topology->nr_levels] = (struct topology_level){
		.kind = kind,
		.span = span,
		.group = below ? below->span : 1,
		.imbalance_pct = kind == TOPOLOGY_SMT ? SMT_IMBALANCE_PCT : IMBALANCE_PCT,
		.cache_nice_tries = cache_nice_tries[kind],
		.prefer_sibling = below != NULL,
		.smt_groups = below && below->kind == TOPOLOGY_SMT,
		.shares_llc = kind <= TOPOLOGY_LLC,
	};
	if (kind <= TOPOLOGY_LLC)
		topology->llc_level = topology->nr_levels;
	topology->nr_levels++;
}

/* An eighth of a node that is one cache; else one task for each cache. */
static int default_imb_numa_nr(int llc, int pkg)
{
	int llcs = pkg / llc;
	int nr = llcs > 1 ? llcs : pkg / 8;

	return nr > 1 ? nr : 1;
}

void topology_init(struct topology *topology, struct topology_sizes sizes)
{
	if (!sizes.imb_numa_nr)
		sizes.imb_numa_nr = default_imb_numa_nr(sizes.llc, sizes.pkg);
	*topology = (struct topology){
		.nr_cpus = sizes.nr_cpus,
		.smt = sizes.smt,
		.llc = sizes.llc,
		.pkg = sizes.pkg,
		.imb_numa_nr = sizes.imb_numa_nr,
		.llc_level = -1,
	};
	add_level(topology, TOPOLOGY_SMT, sizes.smt);
	add_level(topology, TOPOLOGY_LLC, sizes.llc);
	add_level(topology, TOPOLOGY_PKG, sizes.pkg);
	add_level(topology, TOPOLOGY_NUMA, sizes.nr_cpus);
}

const struct topology_level *topology_common(const struct topology *topology, int a, int b)
{
	for (int i = 0; i < topology->nr_levels; i++) {
		if (a / topology->levels[i].span == b / topology->levels[i].span)
			return &topology->levels[i];
	}
	return NULL;
}
