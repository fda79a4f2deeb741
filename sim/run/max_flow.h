/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The largest flow through a network of arcs with capacities (Dinic's algorithm), in real numbers.
 */
#ifndef SIM_RUN_MAX_FLOW_H
#define SIM_RUN_MAX_FLOW_H

#include <stdbool.h>

struct flow_arc {
	int from, to;
	double capacity; /* >= 0; may be INFINITY */
	double flow;	 /* of its reverse: minus that */
	int next;	 /* arc out of the same node, -1 = none */
};

struct flow_network {
	int nr_nodes; /* node 0 is the source, node 1 the sink */
	int nr_arcs;  /* arc i and arc i ^ 1 are each other's reverse */
	struct flow_arc *arcs;
	int *first;  /* per node: its first arc, -1 = none */
	int *level;  /* per node: arcs from the source, -1 = out of reach, after flow_maximize() */
	int *cursor; /* per node: scratch */
	bool failed; /* memory ran out: nothing else is of use */
};

enum { FLOW_SOURCE, FLOW_SINK };

/* An empty network with its source and its sink; owns memory until flow_fini(). */
void flow_init(struct flow_network *network);
void flow_fini(struct flow_network *network);
/* The number of the new node or arc; 0 with network->failed set if memory ran out. */
int flow_add_node(struct flow_network *network);
int flow_add_arc(struct flow_network *network, int from, int to, double capacity);

/*
 * The largest flow from the source to the sink, from scratch; capacities may have changed since
 * the last one. What is less than tolerance counts as nothing. Leaves the flow in the arcs, and in
 * level whom the source still reaches (level >= 0): the arcs out of that set are a smallest cut.
 */
double flow_maximize(struct flow_network *network, double tolerance);

#endif
