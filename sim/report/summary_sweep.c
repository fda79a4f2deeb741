/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_sweep.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/base/wrap.h"
#include "sim/report/axis.h"
#include "sim/report/format.h"
#include "sim/report/measure.h"
#include "sim/report/summary_notes.h"
#include "sim/report/sweep_places.h"
#include "sim/report/table.h"
#include "sim/run/overload.h"
#include "sim/run/regret.h"

/* The columns behind the axes; as many as there is room for, from the left. */
static const struct table_column columns[] = {
	{"req/s", 0, 10}, {"", 0, 8},	   {"p50", 0, 9}, {"", 0, 6},	  {"p99", 0, 9},
	{"", 0, 6},	  {"p99.9", 0, 9}, {"", 0, 6},	  {"spin", 0, 6}, {"steal", 0, 6},
};

enum { NR_COLUMNS = sizeof(columns) / sizeof(*columns), LEAST_COLUMNS = 6 };

/* What all rows share. */
struct layout {
	const struct sweep_grid *grid;
	struct sweep_places places;
	int scope_width;
	int nr_columns;
};

static bool has_requests(const struct aggregate_metric *metric)
{
	/* Every class that serves requests has this once. */
	return !strcmp(metric->name, "requests_per_s");
}

/* False: no memory. */
static bool make_layout(const struct sweep_grid *grid, const struct aggregate *first,
			struct layout *layout)
{
	int room = WRAP_WIDTH;

	*layout = (struct layout){.grid = grid, .nr_columns = NR_COLUMNS};
	for (size_t i = 0; i < first->nr_metrics; i++) {
		int length = (int)strlen(measure_scope_name(first->metrics[i].scope));

		if (has_requests(&first->metrics[i]) && length > layout->scope_width)
			layout->scope_width = length;
	}
	room -= 2 + layout->scope_width;
	/* Rates without their intervals and latencies would be no summary. */
	if (!sweep_places_make(grid, room - table_width(columns, LEAST_COLUMNS), &layout->places))
		return false;
	while (layout->nr_columns > LEAST_COLUMNS &&
	       layout->places.width + table_width(columns, layout->nr_columns) > room)
		layout->nr_columns--;
	return true;
}

/* Point, axes and class. */
static void write_place_titles(FILE *stream, const struct layout *layout)
{
	sweep_places_write_titles(stream, &layout->places);
	fprintf(stream, "  %*s", layout->scope_width, "");
}

static void write_titles(FILE *stream, const struct layout *layout)
{
	write_place_titles(stream, layout);
	table_titles(stream, columns, layout->nr_columns);
	fputc('\n', stream);
}

/* A percentile of the first kind of request, or nothing. */
static struct sim_interval percentile(const struct aggregate *aggregate, const char *scope,
				      const char *part)
{
	char request[MEASURE_NAME_MAX] = "";
	size_t position = 0;

	measure_next_request(aggregate, scope, &position, request);
	return measure_interval(aggregate, scope, "%s.%s", request, part);
}

static void write_scope(FILE *stream, const struct layout *layout,
			const struct aggregate *aggregate, const struct aggregate_metric *rate)
{
	const char *scope = rate->scope;
	struct sim_interval p50 = percentile(aggregate, scope, "p50");
	struct sim_interval p99 = percentile(aggregate, scope, "p99");
	struct sim_interval p999 = percentile(aggregate, scope, "p99.9");
	double mean = rate->interval.mean;
	bool is_bound = overload_in(aggregate, scope);
	struct format_buffer b[NR_COLUMNS], marked[3];
	const char *const cells[NR_COLUMNS] = {
		format_grouped(mean, &b[0]),
		format_relative_width(mean, rate->interval.half_width, &b[1]),
		format_bound(format_ns(p50.mean, &b[2]), is_bound, &marked[0]),
		format_short_width(p50.mean, p50.half_width, &b[3]),
		format_bound(format_ns(p99.mean, &b[4]), is_bound, &marked[1]),
		format_short_width(p99.mean, p99.half_width, &b[5]),
		format_bound(format_ns(p999.mean, &b[6]), is_bound, &marked[2]),
		format_short_width(p999.mean, p999.half_width, &b[7]),
		format_percent(aggregate_mean(aggregate, scope, "time.spin"), &b[8]),
		format_percent(aggregate_mean(aggregate, scope, "time.steal"), &b[9]),
	};

	fprintf(stream, "  %-*s", layout->scope_width, measure_scope_name(scope));
	table_cells(stream, columns, layout->nr_columns, cells);
	fputc('\n', stream);
}

static void write_point(FILE *stream, const struct layout *layout, size_t point,
			const struct aggregate *aggregate)
{
	bool again = false;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		if (!has_requests(&aggregate->metrics[i]))
			continue;
		sweep_places_write(stream, &layout->places, point, again);
		again = true;
		write_scope(stream, layout, aggregate, &aggregate->metrics[i]);
	}
}

/* Where arrivals outran service; the rows of these points are marked. */
static void write_overloads(FILE *stream, const struct sweep_grid *grid,
			    const struct aggregate *aggregates)
{
	struct wrap wrap = {.stream = stream, .indent = 2};
	bool any = false;

	for (size_t i = 0; i < grid->nr_points; i++) {
		struct overload overload;
		size_t position = 0;

		if (!overload_next(&aggregates[i], &position, &overload))
			continue;
		if (!any)
			wrap_piece(&wrap, "",
				   "! arrivals outrun service, and latencies (>=) are "
				   "lower bounds, at point");
		wrap_piece(&wrap, any ? ", " : " ", "%zu (%s of %s)", i, overload.name,
			   measure_scope_name(overload.scope));
		any = true;
	}
	if (any)
		wrap_end(&wrap);
}

/* All replications of a and b yielded the same, to the last bit. */
static bool same_results(const struct aggregate *a, const struct aggregate *b)
{
	if (a->nr_metrics != b->nr_metrics || a->nr_replications != b->nr_replications)
		return false;
	for (size_t i = 0; i < a->nr_metrics; i++) {
		const struct aggregate_metric *x = &a->metrics[i], *y = &b->metrics[i];

		if (strcmp(x->scope, y->scope) != 0 || strcmp(x->name, y->name) != 0)
			return false;
		for (size_t r = 0; r < a->nr_replications; r++)
			if (x->values[r] != y->values[r] &&
			    !(isnan(x->values[r]) && isnan(y->values[r])))
				return false;
	}
	return true;
}

/* An axis along which nothing changed was probably meant to change something. */
static void write_idle_axes(FILE *stream, const struct sweep_grid *grid,
			    const struct aggregate *aggregates)
{
	for (size_t a = 0; a < grid->nr_axes; a++) {
		bool same = grid->axes[a].nr_values > 1;

		for (size_t i = 0; same && i < grid->nr_points; i++)
			same = same_results(&aggregates[i],
					    &aggregates[sweep_grid_first(grid, i, a)]);
		if (same)
			fprintf(stream, "! %s changed no metric in any replication\n",
				grid->axes[a].path);
	}
}

/* ---- Regret --------------------------------------------------------------------------------- */

/* Behind what is lost, waits that can be longer than the oracle's, as wide as their names. */
static const struct table_column regrets[] = {
	{"req/s", 0, 8},	 {"", 1, -FORMAT_CHANGE_WIDTH}, {"lock_wait", 2, 9},
	{"ipi_response", 2, 12}, {"tlb_flush", 2, 9},
};

enum { NR_REGRETS = sizeof(regrets) / sizeof(*regrets), FIRST_WAIT = 2 };

/* The point that differs from this one in its candidate policy only, an oracle; point if none. */
static size_t oracle_of(const struct sweep_grid *grid, size_t point)
{
	size_t stride = grid->nr_points;

	for (size_t a = 0; a < grid->nr_axes; a++) {
		const struct sweep_axis *axis = &grid->axes[a];
		size_t own = point % stride / (stride / axis->nr_values);

		stride /= axis->nr_values;
		if (axis_role_of(axis->path) != AXIS_CANDIDATE &&
		    axis_role_of(axis->path) != AXIS_POLICIES)
			continue;
		for (size_t i = 0; i < axis->nr_values; i++)
			if (!strcmp(axis->values[i], REGRET_ORACLE))
				return point - own * stride + i * stride;
	}
	return point;
}

/* "+340us": by how much the p99 of a wait is longer. */
static const char *longer(const struct comparison *comparison, const char *scope, const char *wait,
			  char text[40])
{
	char name[64];
	const struct compared_metric *metric;
	struct regret regret;
	struct format_buffer buffer;

	snprintf(name, sizeof(name), "%s.p99", wait);
	metric = comparison_find(comparison, scope, name);
	if (!metric || !regret_of(metric, &regret) || !isfinite(regret.lost))
		return strcpy(text, "-");
	snprintf(text, 40, "%c%s", regret.lost < 0 ? '-' : '+',
		 format_ns(fabs(regret.lost), &buffer));
	return text;
}

static void write_regret(FILE *stream, const struct layout *layout, size_t point,
			 const struct comparison *comparison)
{
	bool again = false;

	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		const struct compared_metric *metric = &comparison->metrics[i];
		const char *cells[NR_REGRETS];
		char waits[NR_REGRETS][40];
		struct format_buffer b[2];
		struct regret regret;

		if (strcmp(metric->name, "requests_per_s") || !regret_of(metric, &regret))
			continue;
		sweep_places_write(stream, &layout->places, point, again);
		again = true;
		fprintf(stream, "  %-*s", layout->scope_width, measure_scope_name(metric->scope));
		cells[0] = format_signed_percent(regret.relative.mean, &b[0]);
		cells[1] = format_change_interval(&regret.relative, &b[1]);
		for (int w = FIRST_WAIT; w < NR_REGRETS; w++)
			cells[w] = longer(comparison, metric->scope, regrets[w].title, waits[w]);
		table_cells(stream, regrets, NR_REGRETS, cells);
		fputc('\n', stream);
	}
}

static void write_regret_titles(FILE *stream, const struct layout *layout)
{
	fputs("\nregret: throughput lost against candidate oracle, and what the p99 of waits is "
	      "longer\n",
	      stream);
	write_place_titles(stream, layout);
	table_titles(stream, regrets, NR_REGRETS);
	fputc('\n', stream);
}

/* Their columns leave less room for places than those of the first table. */
static bool make_regret_layout(const struct layout *table, struct layout *layout)
{
	int width = table_width(regrets, NR_REGRETS);

	*layout = *table;
	return sweep_places_make(table->grid, WRAP_WIDTH - 2 - table->scope_width - width,
				 &layout->places);
}

/* Nothing at all if no point is an oracle's. */
static void write_regrets(FILE *stream, const struct layout *layout,
			  const struct aggregate *aggregates)
{
	bool any = false;

	for (size_t i = 0; i < layout->grid->nr_points; i++) {
		size_t oracle = oracle_of(layout->grid, i);
		struct compare_side base = {"oracle", "", &aggregates[oracle]};
		struct compare_side other = {"other", "", &aggregates[i]};
		struct comparison comparison;

		if (oracle == i || compare_results(&base, &other, 1, &comparison, NULL))
			continue;
		if (!any)
			write_regret_titles(stream, layout);
		any = true;
		write_regret(stream, layout, i, &comparison);
		comparison_free(&comparison);
	}
}

void summary_write_sweep(FILE *stream, const struct sweep_grid *grid,
			 const struct aggregate *aggregates)
{
	struct layout layout, narrow = {.grid = grid};

	if (!make_layout(grid, &aggregates[0], &layout) || !make_regret_layout(&layout, &narrow)) {
		fputs("! out of memory for the table of points\n", stream);
		goto out;
	}
	write_titles(stream, &layout);
	for (size_t i = 0; i < grid->nr_points; i++)
		write_point(stream, &layout, i, &aggregates[i]);
	write_overloads(stream, grid, aggregates);
	write_idle_axes(stream, grid, aggregates);
	write_regrets(stream, &narrow, aggregates);
	summary_write_drift(stream, aggregates, grid->nr_points);
out:
	sweep_places_free(&layout.places);
	sweep_places_free(&narrow.places);
}
