/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/max_flow.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "sim/base/array.h"

int flow_add_node(struct flow_network *network)
{
	int node = network->nr_nodes, nr_levels = node, nr_cursors = node;
	int *first = array_add(network->first, network->nr_nodes);
	int *level = array_add(network->level, nr_levels);

	if (!first || !level || !array_add(network->cursor, nr_cursors)) {
		network->nr_nodes = node;
		network->failed = true;
		return 0;
	}
	*first = *level = -1;
	return node;
}

static bool append_arc(struct flow_network *network, int from, int to, double capacity)
{
	int number = network->nr_arcs;
	struct flow_arc *arc = array_add(network->arcs, network->nr_arcs);

	if (!arc)
		return false;
	*arc = (struct flow_arc){
		.from = from, .to = to, .capacity = capacity, .next = network->first[from]};
	network->first[from] = number;
	return true;
}

int flow_add_arc(struct flow_network *network, int from, int to, double capacity)
{
	network->failed = network->failed || !append_arc(network, from, to, capacity) ||
			  !append_arc(network, to, from, 0);
	return network->failed ? 0 : network->nr_arcs - 2;
}

void flow_init(struct flow_network *network)
{
	*network = (struct flow_network){0};
	flow_add_node(network);
	flow_add_node(network);
}

void flow_fini(struct flow_network *network)
{
	free(network->arcs);
	free(network->first);
	free(network->level);
	free(network->cursor);
	*network = (struct flow_network){0};
}

static double left_on(const struct flow_arc *arc)
{
	return arc->capacity - arc->flow;
}

/* Number the nodes by their distance from the source; true if the sink is within reach. */
static bool number_levels(struct flow_network *network, double tolerance)
{
	int *queue = network->cursor, head = 0, tail = 0;

	for (int i = 0; i < network->nr_nodes; i++)
		network->level[i] = -1;
	network->level[FLOW_SOURCE] = 0;
	queue[tail++] = FLOW_SOURCE;
	while (head < tail) {
		int node = queue[head++];

		for (int a = network->first[node]; a >= 0; a = network->arcs[a].next) {
			const struct flow_arc *arc = &network->arcs[a];

			if (network->level[arc->to] >= 0 || left_on(arc) <= tolerance)
				continue;
			network->level[arc->to] = network->level[node] + 1;
			queue[tail++] = arc->to;
		}
	}
	return network->level[FLOW_SINK] >= 0;
}

/* Push up to wanted from node towards the sink; as deep as the network has levels. */
static double push(struct flow_network *network, int node, double wanted, double tolerance)
{
	double pushed = 0;

	if (node == FLOW_SINK)
		return wanted;
	while (network->cursor[node] >= 0 && wanted - pushed > tolerance) {
		int a = network->cursor[node];
		struct flow_arc *arc = &network->arcs[a];

		if (left_on(arc) > tolerance &&
		    network->level[arc->to] == network->level[node] + 1) {
			double part = push(network, arc->to, fmin(wanted - pushed, left_on(arc)),
					   tolerance);

			arc->flow += part;
			network->arcs[a ^ 1].flow -= part;
			pushed += part;
			if (wanted - pushed <= tolerance)
				break;
		}
		network->cursor[node] = arc->next;
	}
	return pushed;
}

double flow_maximize(struct flow_network *network, double tolerance)
{
	double total = 0;

	for (int a = 0; a < network->nr_arcs; a++)
		network->arcs[a].flow = 0;
	while (number_levels(network, tolerance)) {
		double pushed;

		for (int i = 0; i < network->nr_nodes; i++)
			network->cursor[i] = network->first[i];
		pushed = push(network, FLOW_SOURCE, INFINITY, tolerance);
		if (pushed <= tolerance)
			break;
		total += pushed;
	}
	return total;
}
