/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Progressive filling. Claims of one depth are filled together, the outermost first: a common level
 * rises, each claim gets its rate times the level, until a set of claims is stuck: then what they
 * have is their share, and the others go on. A level is possible if a flow exists that carries
 * everybody's time to CPUs that they may use. The highest one is found by Newton's method on
 * smallest cuts: a cut through which the level does not fit says how high it may be.
 */
#include "sim/run/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/bitmap.h"
#include "sim/run/max_flow.h"

/* What counts as nothing, of all there is. */
#define TOLERANCE 1e-12

struct filling {
	struct share_claim *claims;
	int nr;
	const struct share_outlet *outlets;
	int nr_outlets;
	const double *supply;
	int nr_cpus;
	double total; /* of supply */
	/* Per claim. */
	int *depth;
	bool *is_parent;
	bool *settled; /* it has its share */
	double *rate;  /* ns per unit of the level; of the depth that is being filled */
	int *in, *out; /* its nodes; between them is what it may have */
	int *arc;      /* into it, from outside */
	/* Per outlet: the node of its set of CPUs. */
	int *set;
};

/* ---- The network ---------------------------------------------------------------------------- */

static bool same_cpus(const struct filling *filling, const uint64_t *a, const uint64_t *b)
{
	if (!a || !b)
		return a == b;
	return a == b || !memcmp(a, b, (size_t)bitmap_words(filling->nr_cpus) * sizeof(*a));
}

static bool has_cpu(const uint64_t *cpus, int cpu)
{
	return !cpus || bitmap_test(cpus, cpu);
}

/* Outlets with the same CPUs share a node; where all have the same, so do the CPUs. */
static void add_sets(struct filling *filling, struct flow_network *network)
{
	bool one = true;

	for (int i = 1; i < filling->nr_outlets; i++)
		one = one && same_cpus(filling, filling->outlets[0].cpus, filling->outlets[i].cpus);
	for (int i = 0; i < filling->nr_outlets; i++) {
		filling->set[i] = 0;
		for (int k = 0; k < i && !filling->set[i]; k++)
			if (same_cpus(filling, filling->outlets[i].cpus, filling->outlets[k].cpus))
				filling->set[i] = filling->set[k];
		if (filling->set[i])
			continue;
		filling->set[i] = flow_add_node(network);
		if (one) {
			double supply = 0;

			for (int c = 0; c < filling->nr_cpus; c++)
				if (has_cpu(filling->outlets[i].cpus, c))
					supply += filling->supply[c];
			flow_add_arc(network, filling->set[i], FLOW_SINK, supply);
		}
	}
	if (one)
		return;
	for (int c = 0; c < filling->nr_cpus; c++) {
		int cpu = flow_add_node(network), last = 0;

		flow_add_arc(network, cpu, FLOW_SINK, filling->supply[c]);
		for (int i = 0; i < filling->nr_outlets; i++) {
			/* The nodes of sets were made in the order of their first outlets. */
			if (filling->set[i] <= last)
				continue;
			last = filling->set[i];
			if (has_cpu(filling->outlets[i].cpus, c))
				flow_add_arc(network, filling->set[i], cpu, INFINITY);
		}
	}
}

/*
 * From the source come the claims of the depth that is filled, by way of their parents, who have
 * their shares already, and claims further out that have no parts. From them it goes on to all that
 * is within them, to outlets and CPUs.
 */
static void build(struct filling *filling, int depth, struct flow_network *network)
{
	flow_init(network);
	for (int i = 0; i < filling->nr; i++) {
		struct share_claim *claim = &filling->claims[i];
		int from = FLOW_SOURCE;

		filling->in[i] = filling->out[i] = filling->arc[i] = -1;
		if (filling->depth[i] < depth - 1 && filling->is_parent[i])
			continue;
		filling->in[i] = flow_add_node(network);
		filling->out[i] = flow_add_node(network);
		if (claim->parent >= 0 && filling->depth[i] >= depth)
			from = filling->out[claim->parent];
		filling->arc[i] = flow_add_arc(network, from, filling->in[i],
					       filling->settled[i] ? claim->share : INFINITY);
		flow_add_arc(network, filling->in[i], filling->out[i],
			     claim->fixed ? INFINITY : claim->limit);
	}
	add_sets(filling, network);
	for (int i = 0; i < filling->nr_outlets; i++)
		flow_add_arc(network, filling->out[filling->outlets[i].claim], filling->set[i],
			     filling->outlets[i].demand);
}

/* ---- Levels --------------------------------------------------------------------------------- */

static bool rises(const struct filling *filling, int depth, int claim)
{
	return filling->depth[claim] == depth && !filling->settled[claim];
}

/* Does what the level wants of an arc count in the cut, or is it stuck before or behind? */
static bool crosses(const struct flow_network *network, const struct flow_arc *arc)
{
	return network->level[arc->from] >= 0 && network->level[arc->to] < 0;
}

/* The claims of this depth and what else ends at the source's side: everybody who must be served.
 */
static bool is_served(const struct filling *filling, int depth, int claim)
{
	return filling->depth[claim] == depth ||
	       (filling->depth[claim] < depth && !filling->is_parent[claim]);
}

static double wanted_of(const struct filling *filling, struct flow_network *network, int depth,
			double level)
{
	double wanted = 0;

	for (int i = 0; i < filling->nr; i++) {
		struct flow_arc *arc;

		if (!is_served(filling, depth, i))
			continue;
		arc = &network->arcs[filling->arc[i]];
		if (rises(filling, depth, i))
			arc->capacity = filling->rate[i] * level;
		wanted += arc->capacity;
	}
	return wanted;
}

/* The level at which the last smallest cut would be just wide enough. */
static double level_of_cut(const struct filling *filling, const struct flow_network *network,
			   int depth)
{
	double cut = 0, fixed = 0, rate = 0;

	for (int a = 0; a < network->nr_arcs; a += 2)
		if (crosses(network, &network->arcs[a]))
			cut += network->arcs[a].capacity;
	for (int i = 0; i < filling->nr; i++) {
		if (!is_served(filling, depth, i))
			continue;
		if (!rises(filling, depth, i)) {
			fixed += filling->claims[i].share;
		} else if (crosses(network, &network->arcs[filling->arc[i]])) {
			cut -= network->arcs[filling->arc[i]].capacity;
		} else {
			rate += filling->rate[i];
		}
	}
	return rate > 0 ? fmax((cut - fixed) / rate, 0) : INFINITY;
}

static void settle(struct filling *filling, struct flow_network *network, int claim, double share)
{
	filling->claims[claim].share = share;
	filling->settled[claim] = true;
	network->arcs[filling->arc[claim]].capacity = share;
}

/* Raise the level as far as it goes, and settle the claims that hold it up. False if none rises. */
static bool raise_level(struct filling *filling, struct flow_network *network, int depth)
{
	double tolerance = TOLERANCE * filling->total, level = 0;
	bool any = false, *stuck = filling->settled + filling->nr;

	for (int i = 0; i < filling->nr; i++) {
		if (!rises(filling, depth, i))
			continue;
		any = true;
		stuck[i] = true;
		/* More than anybody can get. */
		level = fmax(level, 2 * filling->total / filling->rate[i]);
	}
	while (any) {
		double wanted = wanted_of(filling, network, depth, level), next;

		if (flow_maximize(network, tolerance) >= wanted - 2 * tolerance * network->nr_nodes)
			break;
		next = level_of_cut(filling, network, depth);
		if (!(next < level))
			break;
		level = next;
		for (int i = 0; i < filling->nr; i++)
			if (rises(filling, depth, i))
				stuck[i] = !crosses(network, &network->arcs[filling->arc[i]]);
	}
	for (int i = 0; i < filling->nr; i++)
		if (rises(filling, depth, i) && stuck[i])
			settle(filling, network, i, level * filling->rate[i]);
	return any;
}

/* Weights count among siblings, as parts of what their parent has. */
static void set_rates(struct filling *filling, int depth)
{
	for (int i = 0; i < filling->nr; i++) {
		int parent = filling->claims[i].parent;
		double siblings = 0;

		if (filling->depth[i] != depth || filling->settled[i])
			continue;
		for (int k = 0; k < filling->nr; k++)
			if (filling->claims[k].parent == parent && !filling->claims[k].fixed)
				siblings += filling->claims[k].weight;
		filling->rate[i] = filling->claims[i].weight / siblings *
				   (parent >= 0 ? filling->claims[parent].share : filling->total);
		if (!(filling->rate[i] > TOLERANCE * filling->total)) {
			filling->claims[i].share = 0;
			filling->settled[i] = true;
		}
	}
}

/* ---- All depths ----------------------------------------------------------------------------- */

static int measure_depths(struct filling *filling)
{
	int deepest = 0;

	for (int i = 0; i < filling->nr; i++) {
		int parent = filling->claims[i].parent;

		filling->settled[i] = filling->claims[i].fixed;
		filling->depth[i] = parent < 0 ? 0 : filling->depth[parent] + 1;
		filling->is_parent[i] = false;
		if (parent >= 0)
			filling->is_parent[parent] = true;
		if (filling->depth[i] > deepest)
			deepest = filling->depth[i];
	}
	return deepest;
}

static bool fill(struct filling *filling)
{
	int deepest = measure_depths(filling);
	bool ok = true;

	for (int c = 0; c < filling->nr_cpus; c++)
		filling->total += filling->supply[c];
	for (int depth = 0; ok && depth <= deepest; depth++) {
		struct flow_network network;

		set_rates(filling, depth);
		build(filling, depth, &network);
		ok = !network.failed;
		while (ok && raise_level(filling, &network, depth))
			;
		flow_fini(&network);
	}
	return ok;
}

bool share_fill(struct share_claim *claims, int nr_claims, const struct share_outlet *outlets,
		int nr_outlets, const double *supply, int nr_cpus)
{
	size_t n = (size_t)nr_claims + 1;
	struct filling filling = {
		.claims = claims,
		.nr = nr_claims,
		.outlets = outlets,
		.nr_outlets = nr_outlets,
		.supply = supply,
		.nr_cpus = nr_cpus,
		.rate = calloc(n, sizeof(double)),
		.depth = calloc(4 * n, sizeof(int)),
		.is_parent = calloc(3 * n, sizeof(bool)),
		.set = calloc((size_t)nr_outlets + 1, sizeof(int)),
	};
	bool ok = filling.rate && filling.depth && filling.is_parent && filling.set;

	if (ok) {
		filling.in = filling.depth + n;
		filling.out = filling.in + n;
		filling.arc = filling.out + n;
		filling.settled = filling.is_parent + n; /* with as many again for scratch */
		ok = fill(&filling);
	}
	free(filling.rate);
	free(filling.depth);
	free(filling.is_parent);
	free(filling.set);
	return ok;
}
