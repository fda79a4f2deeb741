/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/plot/plot_measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/compare.h"

/* ---- Values ---------------------------------------------------------------------------------- */

static double sum_of(const struct aggregate *aggregate, const char *scope, const char *beginning,
		     size_t replication)
{
	double sum = 0;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		if (!strcmp(metric->scope, scope) &&
		    !strncmp(metric->name, beginning, strlen(beginning)) &&
		    !isnan(metric->values[replication]))
			sum += metric->values[replication];
	}
	return sum;
}

/* Of the shares of the replications that have one. */
static struct sim_interval share_of(const struct plot_measure *measure,
				    const struct aggregate *aggregate,
				    const struct aggregate_metric *metric)
{
	double *values = calloc(aggregate->nr_replications + 1, sizeof(*values));
	struct sim_interval interval;
	size_t n = 0;

	for (size_t i = 0; values && i < aggregate->nr_replications; i++) {
		double sum = sum_of(aggregate, measure->scope, measure->of, i);

		values[n] = metric->values[i] / sum;
		n += sum > 0 && !isnan(values[n]);
	}
	interval = sim_interval_of(values, n);
	free(values);
	return interval;
}

struct sim_interval plot_measure_interval(const struct plot_measure *measure,
					  const struct aggregate *aggregate)
{
	const struct aggregate_metric *metric =
		aggregate_find(aggregate, measure->scope, measure->name);
	struct sim_interval interval = sim_interval_of(NULL, 0);

	if (metric)
		interval = measure->of ? share_of(measure, aggregate, metric) : metric->interval;
	interval.mean *= measure->scale;
	interval.sd *= measure->scale;
	interval.half_width *= measure->scale;
	return interval;
}

double plot_measure_largest(const struct plot_measure *measure, const struct plot_layout *layout)
{
	double largest = NAN;

	for (size_t i = 0; i < layout->nr_facets * layout->nr_series * layout->nr_x; i++) {
		size_t x = i % layout->nr_x, rest = i / layout->nr_x;
		const struct plot_point *point = plot_layout_get(layout, rest / layout->nr_series,
								 rest % layout->nr_series, x);

		if (point)
			largest = fmax(largest,
				       plot_measure_interval(measure, &point->file.aggregate).mean);
	}
	return largest;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

/* A bar cannot go on for ever; where there is no bound, there is none. */
static void write_row(struct plot_script *script, double x, double mean, double low, double high)
{
	if (!isfinite(mean))
		plot_row(script, "%.10g NaN NaN NaN", x);
	else
		plot_row(script, "%.10g %.10g %.10g %.10g", x, mean, isfinite(low) ? low : mean,
			 isfinite(high) ? high : mean);
}

void plot_measure_write(struct plot_script *script, const struct plot_layout *layout,
			const struct plot_measure *measure, const struct plot_curve *curve)
{
	/* Of all metrics only the growth of a backlog may be negative. */
	double least = strstr(measure->name, ".growth_") ? -INFINITY : 0;

	plot_block(script, "[%s %zu %zu] %s %s: %s", curve->what, curve->place, curve->number,
		   measure->scope, measure->name, layout->series[curve->series].label);
	for (size_t x = 0; x < layout->nr_x; x++) {
		const struct plot_point *point =
			plot_layout_get(layout, curve->facet, curve->series, x);
		struct sim_interval interval = sim_interval_of(NULL, 0);

		if (point)
			interval = plot_measure_interval(measure, &point->file.aggregate);
		write_row(script, layout->x[x], interval.mean,
			  isfinite(interval.half_width)
				  ? fmax(least, interval.mean - interval.half_width)
				  : NAN,
			  interval.mean + interval.half_width);
	}
}

void plot_measure_write_all(struct plot_script *script, const struct plot_layout *layout,
			    const struct plot_measure *measure, const char *what)
{
	for (size_t f = 0; f < layout->nr_facets; f++)
		for (size_t s = 0; s < layout->nr_series; s++)
			plot_measure_write(script, layout, measure,
					   &(struct plot_curve){f, s, what, f, s + 1});
}

void plot_measure_write_change(struct plot_script *script, const struct plot_layout *layout,
			       const struct plot_measure *measure, const struct plot_curve *curve,
			       size_t base)
{
	bool has_base = base != PLOT_NO_SERIES;

	plot_block(script, "[%s %zu %zu] %s %s change in %% from %s: %s", curve->what, curve->place,
		   curve->number, measure->scope, measure->name,
		   has_base ? layout->series[base].label : "what is missing",
		   layout->series[curve->series].label);
	for (size_t x = 0; x < layout->nr_x; x++) {
		const struct plot_point *from =
			has_base ? plot_layout_get(layout, curve->facet, base, x) : NULL;
		const struct plot_point *to =
			plot_layout_get(layout, curve->facet, curve->series, x);
		struct sim_relative change = {.mean = NAN};

		if (from && to)
			change = compare_one(&from->file.aggregate, &to->file.aggregate,
					     measure->scope, measure->name)
					 .relative;
		write_row(script, layout->x[x], 100 * change.mean, 100 * change.low,
			  100 * change.high);
	}
}

/* ---- Units ----------------------------------------------------------------------------------- */

const char *plot_measure_unit(const char *unit, const char *what, double largest, double *scale,
			      char *buffer, size_t size)
{
	static const struct {
		const char *unit; /* NULL: any other */
		double least;	  /* of the largest value */
		double scale;
		const char *name; /* before `what` if unit is any */
	} units[] = {
		{"ns", 2e9, 1e-9, "s"},
		{"ns", 2e6, 1e-6, "ms"},
		{"ns", 2e3, 1e-3, "µs"},
		{"ns", -INFINITY, 1, "ns"},
		{"fraction", -INFINITY, 100, "%"},
		{NULL, 2e6, 1e-6, "million "},
		{NULL, 1e4, 1e-3, "thousand "},
		{NULL, -INFINITY, 1, ""},
	};
	size_t i = 0;

	/* largest may be none. */
	while ((units[i].unit && strcmp(units[i].unit, unit) != 0) ||
	       (isfinite(units[i].least) && !(largest >= units[i].least)))
		i++;
	*scale = units[i].scale;
	snprintf(buffer, size, "%s%s", units[i].name, units[i].unit ? "" : what);
	return buffer;
}
