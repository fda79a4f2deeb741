/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/summary_sweep.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/output/format.h"
#include "sim/output/summary.h"

enum { POINT_WIDTH = 5, SCOPE_WIDTH = 12, REQUEST_SIZE = 256, MAX_WIDTH = 28 };

static const char *axis_title(const struct sweep_axis *axis)
{
	const char *dot = strrchr(axis->path, '.');
	const char *before = dot;

	if (!dot)
		return axis->path;
	/* "policy" alone says too little: both axes of a yield have one. */
	if (!strcmp(dot, ".policy")) {
		while (before > axis->path && before[-1] != '.')
			before--;
		return before;
	}
	return dot + 1;
}

static int axis_width(const struct sweep_axis *axis)
{
	size_t width = strlen(axis_title(axis));

	for (size_t i = 0; i < axis->nr_values; i++) {
		size_t length = strlen(axis->values[i]);

		width = length > width ? length : width;
	}
	return width < MAX_WIDTH ? (int)width : MAX_WIDTH;
}

static void write_titles(FILE *stream, const struct sweep_grid *grid)
{
	fprintf(stream, "%*s", POINT_WIDTH, "point");
	for (size_t i = 0; i < grid->nr_axes; i++) {
		int width = axis_width(&grid->axes[i]);

		fprintf(stream, "  %-*.*s", width, width, axis_title(&grid->axes[i]));
	}
	fprintf(stream, "  %-*s %10s %-8s %8s %8s %8s %6s %6s\n", SCOPE_WIDTH, "", "requests/s", "",
		"p50", "p99", "p99.9", "spin", "steal");
}

static double request_part(const struct aggregate *aggregate, const char *scope, const char *part)
{
	char request[REQUEST_SIZE], metric[REQUEST_SIZE + 16];
	size_t position = 0;

	if (!summary_next_request(aggregate, scope, &position, request, sizeof(request)))
		return NAN;
	snprintf(metric, sizeof(metric), "%s.%s", request, part);
	return aggregate_mean(aggregate, scope, metric);
}

static void write_scope(FILE *stream, const struct aggregate *aggregate, const char *scope)
{
	const struct aggregate_metric *rate = aggregate_find(aggregate, scope, "requests_per_s");
	double mean = rate ? rate->interval.mean : NAN;
	struct format_buffer b[7];

	fprintf(stream, "  %-*s %10s %-8s %8s %8s %8s %6s %6s\n", SCOPE_WIDTH,
		strncmp(scope, "vm.", 3) ? scope : scope + 3, format_grouped(mean, &b[0]),
		format_relative_width(mean, rate ? rate->interval.half_width : NAN, &b[1]),
		format_ns(request_part(aggregate, scope, "p50"), &b[2]),
		format_ns(request_part(aggregate, scope, "p99"), &b[3]),
		format_ns(request_part(aggregate, scope, "p99.9"), &b[4]),
		format_percent(aggregate_mean(aggregate, scope, "time.spin"), &b[5]),
		format_percent(aggregate_mean(aggregate, scope, "time.steal"), &b[6]));
}

static void write_point(FILE *stream, const struct sweep_grid *grid, size_t point,
			const struct aggregate *aggregate)
{
	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		/* Every class that serves requests has this once. */
		if (strcmp(metric->name, "requests_per_s"))
			continue;
		fprintf(stream, "%*zu", POINT_WIDTH, point);
		for (size_t a = 0; a < grid->nr_axes; a++) {
			int width = axis_width(&grid->axes[a]);

			fprintf(stream, "  %-*.*s", width, width, sweep_grid_value(grid, point, a));
		}
		write_scope(stream, aggregate, metric->scope);
	}
}

void summary_write_sweep(FILE *stream, const struct sweep_grid *grid,
			 const struct aggregate *aggregates)
{
	write_titles(stream, grid);
	for (size_t i = 0; i < grid->nr_points; i++)
		write_point(stream, grid, i, &aggregates[i]);
}
