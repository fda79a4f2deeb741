/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of curves: a measure of the points of a series, with its interval, as rows of a block. */
#ifndef SIM_PLOT_PLOT_MEASURE_H
#define SIM_PLOT_PLOT_MEASURE_H

#include <stddef.h>

#include "sim/plot/plot_layout.h"
#include "sim/plot/plot_script.h"
#include "sim/run/aggregate.h"
#include "sim/stats/interval.h"

/* A metric, or for a share one metric over the sum of all metrics that begin alike. */
struct plot_measure {
	const char *scope, *name;
	const char *of; /* NULL, or "yield.by.": name over the sum of what begins so */
	double scale;	/* what is drawn is the value times this */
};

/*
 * The scaled measure with its interval, as the result has it: a percentile is that of all
 * replications together. A share is taken replication by replication.
 */
struct sim_interval plot_measure_interval(const struct plot_measure *measure,
					  const struct aggregate *aggregate);
/* The largest mean of the measure over all points of layout; NAN if there is none. */
double plot_measure_largest(const struct plot_measure *measure, const struct plot_layout *layout);

/* A curve: the points of a series at a value of the facet, and what its block is called. */
struct plot_curve {
	size_t facet, series;
	const char *what;
	size_t place, number; /* of the panel, from 0, and there of the curve, from 1 */
};

/* A block of rows "x mean low high", one for each x; "x NaN NaN NaN" where missing. */
void plot_measure_write(struct plot_script *script, const struct plot_layout *layout,
			const struct plot_measure *measure, const struct plot_curve *curve);
/*
 * The same for the change of the metric from series base, in %, paired by replication.
 * PLOT_NO_SERIES: all is missing.
 */
void plot_measure_write_change(struct plot_script *script, const struct plot_layout *layout,
			       const struct plot_measure *measure, const struct plot_curve *curve,
			       size_t base);
/* A curve of each series in a panel for each value of the facet. */
void plot_measure_write_all(struct plot_script *script, const struct plot_layout *layout,
			    const struct plot_measure *measure, const char *what);

/*
 * The unit in which values in `unit` up to `largest` read best: sets *scale and returns the name,
 * "thousand requests/s" ("what" is "requests/s"), "ms", "%".
 */
const char *plot_measure_unit(const char *unit, const char *what, double largest, double *scale,
			      char *buffer, size_t size);

#endif
