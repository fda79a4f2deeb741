/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Latency of requests against the rate of arrivals: where the knee is. Where arrivals outran
 * service the latencies are lower bounds, and marked.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/plot/plot_pictures.h"
#include "sim/report/axis.h"
#include "sim/report/measure.h"
#include "sim/run/overload.h"

enum { NAME_SIZE = MEASURE_NAME_MAX };

static const char *const parts[] = {"p50", "p99"};
enum { NR_PARTS = sizeof(parts) / sizeof(*parts) };

static int x_axis(const struct plot_data *data)
{
	return axis_with(&data->grid, AXIS_RATE);
}

/* Whose requests wait for the source that is varied; NULL if no point tells. */
static const char *scope_of(const struct plot_data *data)
{
	char source[64], name[NAME_SIZE];
	int axis = x_axis(data);

	if (axis < 0)
		return NULL;
	snprintf(name, sizeof(name), "source.%s.offered_per_s",
		 axis_source(data->grid.axes[axis].path, source, sizeof(source)));
	return plot_scope_with(data, name);
}

static bool find_request(const struct plot_data *data, const char *scope, char *request)
{
	size_t position = 0;

	return measure_next_request(&data->first->file.aggregate, scope, &position, request);
}

static bool applies(const struct plot_data *data, const struct plot_options *options)
{
	const char *scope = scope_of(data);
	char request[NAME_SIZE];

	return scope && find_request(data, scope, request);
}

/*
 * "x mean low high bound": bound is the mean again where it is a lower bound. The interval is that
 * of the logarithm, by the delta method: it never reaches 0.
 */
static void write_row(struct plot_script *script, double x, const struct plot_point *point,
		      const char *scope, const char *name)
{
	const struct aggregate_metric *metric =
		point ? aggregate_find(&point->file.aggregate, scope, name) : NULL;
	double mean = metric ? metric->interval.mean : NAN;
	double half = metric ? metric->interval.half_width : NAN, spread;
	char bound[32] = "NaN";

	if (!(mean > 0)) {
		plot_row(script, "%.10g NaN NaN NaN NaN", x);
		return;
	}
	spread = exp(isfinite(half) ? half / mean : 0);
	if (overload_in(&point->file.aggregate, scope))
		snprintf(bound, sizeof(bound), "%.10g", mean);
	plot_row(script, "%.10g %.10g %.10g %.10g %s", x, mean, mean / spread, mean * spread,
		 bound);
}

static void write_panels(struct plot_script *script, const struct plot_layout *layout,
			 const char *scope, const char *request)
{
	char name[NAME_SIZE + 16];

	for (size_t p = 0; p < NR_PARTS; p++) {
		snprintf(name, sizeof(name), "%s.%s", request, parts[p]);
		for (size_t s = 0; s < layout->nr_series; s++) {
			plot_block(script, "[latency %zu %zu] %s", p, s + 1,
				   layout->series[s].label);
			for (size_t x = 0; x < layout->nr_x; x++)
				write_row(script, layout->x[x], plot_layout_get(layout, 0, s, x),
					  scope, name);
		}
	}
}

/* Whether any mark says that arrivals outran service. */
static bool any_bound(const struct plot_data *data, const char *scope)
{
	for (size_t i = 0; i < data->nr_points; i++)
		if (data->points[i].present && overload_in(&data->points[i].file.aggregate, scope))
			return true;
	return false;
}

static void write(struct plot_script *script, const struct plot_layout *layout)
{
	const char *scope = scope_of(layout->data);
	char request[NAME_SIZE];

	find_request(layout->data, scope, request);
	plot_text(script, "SCOPE", "%s", plot_scope_label(scope));
	plot_text(script, "REQUEST", "%s", request + strlen(MEASURE_REQUEST));
	plot_number(script, "ANY_BOUND", any_bound(layout->data, scope));
	plot_array(script, "PANEL", NR_PARTS);
	for (size_t p = 0; p < NR_PARTS; p++)
		plot_element(script, "PANEL", p, "%s", parts[p]);
	write_panels(script, layout, scope, request);
}

const struct plot_picture plot_load = {
	.name = "load",
	.help = "latency of requests against the rate of arrivals",
	.needs = "a sweep over the rate of a source, or its mean interarrival time, and requests",
	.applies = applies,
	.x_axis = x_axis,
	.write = write,
};
