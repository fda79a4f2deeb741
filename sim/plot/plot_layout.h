/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the points of a grid spread over a picture: one axis goes along x, at most one over columns
 * or panels, and the combinations of the others are series, each with its colour.
 */
#ifndef SIM_PLOT_PLOT_LAYOUT_H
#define SIM_PLOT_PLOT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/plot/plot_data.h"

enum {
	PLOT_MAX_AXES = 16,
	PLOT_MAX_SERIES = 10, /* more cannot be told apart */
};

#define PLOT_NO_SERIES ((size_t)-1)

struct plot_series {
	char label[160];	     /* for the legend */
	size_t policies_length;	     /* of the part of label that names policies; 0: none does */
	char policy[96];	     /* "candidate+sched", which the style has a colour for; "": the
				      * next one of the palette */
	size_t value[PLOT_MAX_AXES]; /* an index into the values of each axis */
	/*
	 * What the series is fairly compared with: the one with the policies of the baseline and
	 * its own values on all other axes (but those that the baseline's policies do not have).
	 * PLOT_NO_SERIES if its points are missing.
	 */
	size_t base;
};

struct plot_layout {
	const struct plot_data *data;
	int x_axis;	/* -1: the picture has no x axis of the grid */
	int facet_axis; /* -1: one panel */
	size_t nr_facets;
	size_t nr_series;
	struct plot_series series[PLOT_MAX_SERIES];
	char fixed[256]; /* "apicv off": axes that found no place, and where they stand; or "" */

	size_t baseline;      /* the series with policy mainline on all axes, else the first */
	bool several_bases;   /* not all series are compared with the baseline */
	char base_label[256]; /* "mainline", or "mainline with the same pv" with several bases */

	/* Where the values of the x axis are; a log axis has the decimal logarithm as its place. */
	size_t nr_x;
	double *x; /* owned */
	bool categorical;
};

/*
 * Spread data. x_axis and facet_axis are indices of axes or -1. Axes beyond what PLOT_MAX_SERIES
 * series can show stand at their first value. Free it with plot_layout_free().
 */
enum oversub_status plot_layout_make(const struct plot_data *data, int x_axis, int facet_axis,
				     struct plot_layout *layout, struct oversub_error *error);
void plot_layout_free(struct plot_layout *layout);

/* The point of a series at the given value of the facet and the x axis; NULL if it is missing. */
const struct plot_point *plot_layout_get(const struct plot_layout *layout, size_t facet,
					 size_t series, size_t x);

/* Put the values of the x axis at 0, 1, 2 ..., for bars. */
void plot_layout_make_categorical(struct plot_layout *layout);

/* The axis that most pictures put along x: the rate of arrivals, else the count of VMs, else the
 * window, else the first that is no policy; -1 if there are only policies. */
int plot_layout_default_x(const struct plot_data *data);

#endif
