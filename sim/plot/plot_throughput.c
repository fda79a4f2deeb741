/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Throughput by policy and number of VMs: a row of panels for each class of VMs, on the left what
 * was measured, on the right the change from mainline under the same conditions, where small
 * differences show.
 */
#include <stdio.h>
#include <string.h>

#include "sim/plot/plot_measure.h"
#include "sim/plot/plot_pictures.h"
#include "sim/report/axis.h"

enum { MAX_SCOPES = 4 };

static const char metric[] = "requests_per_s";

/* Scopes whose requests are counted, those of VMs first; at most MAX_SCOPES. */
static size_t find_scopes(const struct plot_data *data, const char **scopes)
{
	const struct aggregate *aggregate = &data->first->file.aggregate;
	size_t nr = 0;

	for (size_t i = 0; i < aggregate->nr_metrics && nr < MAX_SCOPES; i++) {
		const struct aggregate_metric *found = &aggregate->metrics[i];

		if (!strcmp(found->name, metric) && found->interval.mean > 0)
			scopes[nr++] = found->scope;
	}
	return nr;
}

static bool applies(const struct plot_data *data, const struct plot_options *options)
{
	const char *scopes[MAX_SCOPES];

	return axis_any_policy(&data->grid) && find_scopes(data, scopes) > 0;
}

/* Of more policies than can be told apart, the matrix says more. */
static bool by_default(const struct plot_data *data, const struct plot_options *options)
{
	return axis_with(&data->grid, AXIS_POLICIES) < 0 ||
	       axis_combinations(&data->grid, true) <= PLOT_MAX_SERIES;
}

static void write_scope(struct plot_script *script, const struct plot_layout *layout,
			const char *scope, size_t row)
{
	struct plot_measure measure = {.scope = scope, .name = metric, .scale = 1};
	double largest = plot_measure_largest(&measure, layout);
	char unit[64];

	plot_measure_unit("1/s", "requests/s", largest, &measure.scale, unit, sizeof(unit));
	plot_element(script, "UNIT", row, "%s", unit);
	plot_element(script, "SCOPE", row, "%s", plot_scope_label(scope));
	for (size_t s = 0; s < layout->nr_series; s++)
		plot_measure_write(script, layout, &measure,
				   &(struct plot_curve){0, s, "measured", row, s + 1});
	for (size_t s = 0; s < layout->nr_series; s++)
		plot_measure_write_change(script, layout, &measure,
					  &(struct plot_curve){0, s, "change", row, s + 1},
					  layout->series[s].base);
}

/*
 * BASE: what changes are from; IS_BASE: whose own change, 0, is not worth a mark; SEVERAL_BASES:
 * then no single one has the colour of the line at 0, and the legend tells which they are.
 */
static void write_bases(struct plot_script *script, const struct plot_layout *layout)
{
	plot_text(script, "BASE", "%s", layout->base_label);
	plot_number(script, "BASELINE", (double)layout->baseline + 1);
	plot_number(script, "SEVERAL_BASES", layout->several_bases);
	plot_array(script, "IS_BASE", layout->nr_series);
	for (size_t s = 0; s < layout->nr_series; s++) {
		bool is_base = layout->series[s].base == s;
		char label[sizeof(layout->series->label) + 16];

		plot_element(script, "IS_BASE", s, "%s", is_base ? "1" : "");
		snprintf(label, sizeof(label), "%s (base)", layout->series[s].label);
		if (is_base && layout->several_bases)
			plot_element(script, "LABEL", s, "%s", label);
	}
}

static void write(struct plot_script *script, const struct plot_layout *layout)
{
	const char *scopes[MAX_SCOPES];
	size_t nr = find_scopes(layout->data, scopes);

	write_bases(script, layout);
	plot_number(script, "NR_SCOPES", (double)nr);
	plot_array(script, "UNIT", nr);
	plot_array(script, "SCOPE", nr);
	for (size_t i = 0; i < nr; i++)
		write_scope(script, layout, scopes[i], i);
}

const struct plot_picture plot_throughput = {
	.name = "throughput",
	.help = "requests/s, and their change from mainline",
	.needs = "a sweep over policies, and requests",
	.applies = applies,
	.by_default = by_default,
	.categorical = true,
	.write = write,
};
