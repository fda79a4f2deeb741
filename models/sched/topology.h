/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How CPUs share hardware: threads of a core, last-level caches, NUMA nodes. Neighbours have
 * neighbouring numbers, so every domain is a range of CPUs.
 *
 * Work is balanced on levels (sched_domain_topology_level). A domain of a level is split into
 * groups, the domains of the level below; those of the lowest level are single CPUs. A level that
 * is no larger than the one below is left out.
 */
#ifndef MODELS_SCHED_TOPOLOGY_H
#define MODELS_SCHED_TOPOLOGY_H

#include <stdbool.h>

enum topology_kind { TOPOLOGY_SMT, TOPOLOGY_LLC, TOPOLOGY_PKG, TOPOLOGY_NUMA, TOPOLOGY_KINDS };

struct topology_level {
	enum topology_kind kind;
	int span;	      /* CPUs of a domain; fewer in the last one if they do not divide */
	int group;	      /* CPUs of a group */
	int imbalance_pct;    /* a difference of load below this, in percent, is left alone */
	int cache_nice_tries; /* failures after which cache-hot tasks are moved, too */
	bool prefer_sibling;  /* even out the number of tasks per group (SD_PREFER_SIBLING) */
	bool smt_groups;      /* the groups are cores of several threads */
	bool shares_llc;      /* a domain lies within one last-level cache */
};

struct topology {
	int nr_cpus;
	int smt, llc, pkg; /* CPUs per core, last-level cache, NUMA node */
	int imb_numa_nr;   /* tasks that a node may have before others must get some */
	int nr_levels;	   /* 0 for a single CPU */
	int llc_level;	   /* the highest level within a last-level cache, -1 if none */
	struct topology_level levels[TOPOLOGY_KINDS]; /* from below */
};

/*
 * How many CPUs there are, and how many of them share what; all at least 1. Each of smt, llc, pkg
 * is a multiple of the one before, or at least as large as the machine.
 */
struct topology_sizes {
	int nr_cpus, smt, llc, pkg;
	int imb_numa_nr; /* 0: what the kernel would choose (build_sched_domains) */
};
void topology_init(struct topology *topology, struct topology_sizes sizes);

/* First CPU of the range of span CPUs that cpu lies in, and the one behind its last. */
static inline int topology_first(int cpu, int span)
{
	return cpu - cpu % span;
}

static inline int topology_end(const struct topology *topology, int cpu, int span)
{
	int end = topology_first(cpu, span) + span;

	return end < topology->nr_cpus ? end : topology->nr_cpus;
}

static inline bool topology_shares_llc(const struct topology *topology, int a, int b)
{
	return a / topology->llc == b / topology->llc;
}

/* The lowest level with a domain that has both CPUs; NULL if there is none. */
const struct topology_level *topology_common(const struct topology *topology, int a, int b);

#endif
