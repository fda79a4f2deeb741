/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any metric over the first axis of any sweep, for which there is no picture of its own. */
#include <stdio.h>
#include <string.h>

#include "sim/plot/plot_measure.h"
#include "sim/plot/plot_pictures.h"
#include "sim/report/axis.h"

static const char usual[] = "requests_per_s";

/* The metric that text, "SCOPE:NAME" or "NAME", names; NULL: no point has it. */
static const struct aggregate_metric *choose_metric(const struct plot_data *data, const char *text)
{
	const struct aggregate_metric *metric = NULL;
	const char *name = text ? text : usual, *colon = strchr(name, ':');
	const char *first = colon ? "" : plot_scope_with(data, name);
	char scope[128];

	if (!first)
		return NULL;
	snprintf(scope, sizeof(scope), "%.*s", colon ? (int)(colon - name) : (int)strlen(first),
		 colon ? name : first);
	for (size_t i = 0; !metric && i < data->nr_points; i++)
		metric = aggregate_find(&data->points[i].file.aggregate, scope,
					colon ? colon + 1 : name);
	return metric;
}

/* Who asks for the picture by its name may have any sweep. */
static bool applies(const struct plot_data *data, const struct plot_options *options)
{
	return data->is_sweep && choose_metric(data, options->metric);
}

/* Who names a metric wants to see it. */
static bool by_default(const struct plot_data *data, const struct plot_options *options)
{
	return options->metric ||
	       (!axis_any_policy(&data->grid) && axis_with(&data->grid, AXIS_WINDOW) < 0 &&
		axis_with(&data->grid, AXIS_RATE) < 0);
}

static void label_metric(const struct aggregate_metric *metric, const char *unit, char *label,
			 size_t size)
{
	if (!strcmp(metric->name, usual))
		snprintf(label, size, "%s", unit);
	else if (!strcmp(unit, "1/s") || !strcmp(unit, "count"))
		snprintf(label, size, "%s", metric->name);
	else
		snprintf(label, size, "%s (%s)", metric->name, unit);
}

static void write(struct plot_script *script, const struct plot_layout *layout)
{
	const struct aggregate_metric *metric =
		choose_metric(layout->data, script->options->metric);
	struct plot_measure measure = {.scope = metric->scope, .name = metric->name, .scale = 1};
	const char *what = !strcmp(metric->name, usual) ? "requests/s" : metric->unit;
	char unit[96], label[256];

	plot_measure_unit(metric->unit, what, plot_measure_largest(&measure, layout),
			  &measure.scale, unit, sizeof(unit));
	label_metric(metric, unit, label, sizeof(label));
	plot_text(script, "Y_LABEL", "%s", label);
	plot_text(script, "SCOPE", "%s", plot_scope_label(metric->scope));
	plot_text(script, "METRIC", "%s", metric->name);
	plot_measure_write_all(script, layout, &measure, "metric");
}

enum oversub_status plot_generic_check(const struct plot_data *data,
				       const struct plot_options *options,
				       struct oversub_error *error)
{
	const char *name = options->metric;

	if (!data->is_sweep)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--metric %.100s: %s is one run, but this picture needs a "
				    "sweep; metrics.csv has the metrics of a run",
				    name, data->directory);
	if (strpbrk(name, "*?["))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--metric %.100s: a picture shows one metric; write its whole "
				    "name, such as vm.db:request.chunk.p99",
				    name);
	if (!choose_metric(data, options->metric))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "no point of %s has a metric %.100s; `oversub list metrics` "
				    "says what there is",
				    data->directory, name);
	return OVERSUB_OK;
}

const struct plot_picture plot_generic = {
	.name = "generic",
	.help = "requests/s, or what --metric names, where there is none of the above",
	.needs = "a sweep that has the metric",
	.applies = applies,
	.by_default = by_default,
	.write = write,
};
