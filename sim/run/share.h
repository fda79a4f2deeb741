/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Weighted max-min shares of CPU time where not everybody may use every CPU, and claimants may be
 * nested (VMs in cgroups). Nobody's share can grow but at the cost of somebody in the same cgroup
 * who has, by weight, no more; and all shares can be had at the same time on the CPUs that each
 * may use.
 */
#ifndef SIM_RUN_SHARE_H
#define SIM_RUN_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct share_claim {
	int parent;    /* number of the claim that it is in, -1 = none; always a smaller number */
	double weight; /* > 0, against the others with the same parent */
	double limit;  /* ns that it may have at most, INFINITY = no limit */
	bool fixed;    /* share is given, and comes off the top; parent must be -1 */
	double share;  /* ns; the result */
};

/* Where a claim can use its time; a claim may have several, and one that is a parent has none. */
struct share_outlet {
	int claim;
	double demand;	      /* ns that can be used there at most */
	const uint64_t *cpus; /* bitmap of the CPUs, NULL = all; borrowed */
};

/*
 * Fill in the share of every claim that is not fixed. supply: ns that each of nr_cpus has to give.
 * Time: some maximal flows through a network with a node per claim, outlet and CPU. False if
 * memory ran out.
 */
bool share_fill(struct share_claim *claims, int nr_claims, const struct share_outlet *outlets,
		int nr_outlets, const double *supply, int nr_cpus);

#endif
