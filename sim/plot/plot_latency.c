/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The distribution of latencies, one curve a policy: requests, and the waits that make them long.
 * Of a sweep with a further axis, the last value of it is shown: most VMs, as they are usually
 * given.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_pictures.h"
#include "sim/report/axis.h"
#include "sim/report/measure.h"
#include "sim/stats/quantile.h"

enum { MAX_PANELS = 4 };

/* Of the values: the rarest that are shown, a bit beyond 99.9 %, if there are enough of them. */
#define LEAST_SHARE 0.0007

/* The results of the curves, with their histograms, and what is shown of them. */
struct curves {
	const struct plot_data *data;
	struct plot_layout layout;
	size_t x;		   /* the value of the x axis that is shown */
	struct result_file *files; /* one for each series; owned */
	const char *scope;
	const char *panels[MAX_PANELS]; /* names of histograms */
	size_t nr_panels;
};

static const cJSON *histograms_of(const struct curves *curves, size_t series)
{
	const cJSON *all =
		cJSON_GetObjectItemCaseSensitive(curves->files[series].json, "histograms");

	return cJSON_GetObjectItemCaseSensitive(all, curves->scope);
}

static double number_in(const cJSON *number)
{
	return cJSON_IsNumber(number) ? number->valuedouble : NAN;
}

/* 0 if there is none. */
static double count_of(const cJSON *histogram)
{
	double count = number_in(cJSON_GetObjectItemCaseSensitive(histogram, "count"));

	return isnan(count) ? 0 : count;
}

/* ---- Which panels ---------------------------------------------------------------------------- */

static const char *request_of(const char *name)
{
	size_t length = strlen(MEASURE_REQUEST);

	return strncmp(name, MEASURE_REQUEST, length) ? NULL : name + length;
}

static void add_panel(struct curves *curves, const cJSON *histogram)
{
	if (curves->nr_panels < MAX_PANELS && count_of(histogram) > 0)
		curves->panels[curves->nr_panels++] = histogram->string;
}

/* Two kinds of request at most that the series has, then the waits. */
static void choose_panels(struct curves *curves, size_t series)
{
	static const char *const waits[] = {"tlb_flush",   "ipi_response", "lock_wait",
					    "wakeup_wait", "sync_wait",	   "runqueue_wait"};
	const cJSON *own = histograms_of(curves, series), *histogram;

	cJSON_ArrayForEach(histogram, own)
	{
		if (curves->nr_panels < 2 && request_of(histogram->string))
			add_panel(curves, histogram);
	}
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++)
		add_panel(curves, cJSON_GetObjectItemCaseSensitive(own, waits[i]));
}

/* ---- Loading --------------------------------------------------------------------------------- */

static void free_curves(struct curves *curves)
{
	for (size_t i = 0; curves->files && i < curves->layout.nr_series; i++)
		result_file_free(&curves->files[i]);
	free(curves->files);
	plot_layout_free(&curves->layout);
}

static enum oversub_status load_files(struct curves *curves, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	size_t nr = curves->layout.nr_series;

	curves->files = calloc(nr + 1, sizeof(*curves->files));
	if (!curves->files)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	for (size_t s = 0; !status && s < nr; s++) {
		const struct plot_point *point = plot_layout_get(&curves->layout, 0, s, curves->x);

		if (point)
			status = result_json_read(point->directory, &curves->files[s], error);
	}
	for (size_t s = 0; !status && s < nr && curves->nr_panels == 0; s++)
		choose_panels(curves, s);
	return status;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/*
 * Rows "ns, share of the values that are longer", as far as percentiles exist and down to
 * LEAST_SHARE; buckets that would draw on one spot are left out. Returns where it ends.
 */
static double write_curve(struct plot_script *script, const cJSON *histogram)
{
	const cJSON *bucket;
	double total = count_of(histogram), done = 0, last = 1, end = 0, at = 0;
	double least = fmin(fmax(LEAST_SHARE, SIM_QUANTILE_MIN_BEYOND / total), 0.5);

	cJSON_ArrayForEach(bucket, cJSON_GetObjectItemCaseSensitive(histogram, "buckets"))
	{
		double low = number_in(cJSON_GetArrayItem(bucket, 0));
		double high = number_in(cJSON_GetArrayItem(bucket, 1));
		double count = number_in(cJSON_GetArrayItem(bucket, 2));
		double share;

		if (isnan(low + high + count))
			continue;
		if (done == 0)
			plot_row(script, "%.10g 1", fmax(1, low));
		else if (low > 1.05 * at)
			/* Nothing took so long: the curve is flat. */
			plot_row(script, "%.10g %.10g", low, 1 - done / total);
		at = high;
		done += count;
		share = fmax(1 - done / total, LEAST_SHARE / 10);
		if (share > 0.98 * last && share > least)
			continue;
		end = fmax(1, high);
		plot_row(script, "%.10g %.10g", end, share);
		last = share;
		if (share < least)
			break;
	}
	if (end == 0)
		plot_row(script, "NaN NaN");
	return end;
}

/* The least time that matters: what a fiftieth of the values took no longer than. */
static double shortest_of(const cJSON *histogram)
{
	const cJSON *bucket;
	double total = count_of(histogram), done = 0;

	cJSON_ArrayForEach(bucket, cJSON_GetObjectItemCaseSensitive(histogram, "buckets"))
	{
		done += fmax(0, number_in(cJSON_GetArrayItem(bucket, 2)));
		if (done >= 0.02 * total)
			return number_in(cJSON_GetArrayItem(bucket, 0));
	}
	return NAN;
}

static void write_panel(struct plot_script *script, const struct curves *curves, size_t index)
{
	const char *panel = curves->panels[index], *request = request_of(panel);
	double longest = 0, shortest = NAN;
	char name[32];

	for (size_t s = 0; s < curves->layout.nr_series; s++) {
		const cJSON *histogram =
			cJSON_GetObjectItemCaseSensitive(histograms_of(curves, s), panel);

		plot_block(script, "[latency %zu %zu] %s", index, s + 1,
			   curves->layout.series[s].label);
		longest = fmax(longest, write_curve(script, histogram));
		shortest = fmin(shortest, shortest_of(histogram));
	}
	plot_element(script, "PANEL", index, "%s: %s%s", plot_scope_label(curves->scope),
		     request ? "request " : "", request ? request : panel);
	snprintf(name, sizeof(name), "PANEL_MIN_%zu", index + 1);
	plot_number(script, name, shortest > 0 ? shortest : 1000);
	snprintf(name, sizeof(name), "PANEL_MAX_%zu", index + 1);
	plot_number(script, name, longest > shortest ? 1.15 * longest : 1e6);
}

/* SHOWN: what of the grid it is, "VMs db: 4". */
static void write_shown(struct plot_script *script, const struct curves *curves)
{
	const struct sweep_grid *grid = &curves->data->grid;
	size_t axis = (size_t)curves->layout.x_axis;
	char name[96], value[64];

	if (curves->layout.x_axis < 0)
		plot_text(script, "SHOWN", "%s", curves->layout.fixed);
	else
		plot_text(script, "SHOWN", "%s: %s%s%s", axis_label(grid, axis, name, sizeof(name)),
			  axis_value_label(grid, axis, curves->x, value, sizeof(value)),
			  curves->layout.fixed[0] ? ", " : "", curves->layout.fixed);
}

static enum oversub_status draw_curves(const struct curves *curves, const char *directory,
				       const struct plot_options *options,
				       struct oversub_error *error)
{
	struct plot_script script;
	enum oversub_status status;

	if (curves->nr_panels == 0) {
		if (!options->quiet)
			fprintf(stderr, "note: no request and no wait ended, so there is no "
					"latency_cdf\n");
		return OVERSUB_OK;
	}
	status = plot_script_open(&script, "latency_cdf", curves->data, directory, options, error);
	if (status)
		return status;
	plot_script_layout(&script, &curves->layout);
	write_shown(&script, curves);
	plot_number(&script, "LEAST", LEAST_SHARE);
	plot_number(&script, "NR_PANELS", (double)curves->nr_panels);
	plot_array(&script, "PANEL", curves->nr_panels);
	for (size_t i = 0; i < curves->nr_panels; i++)
		write_panel(&script, curves, i);
	return plot_script_draw(&script, error);
}

static bool applies(const struct plot_data *data, const struct plot_options *options)
{
	return plot_scope_with(data, "requests_per_s") != NULL;
}

/* Curves over ipi_window_ns hardly differ; without policies there is nothing else to tell apart. */
static bool by_default(const struct plot_data *data, const struct plot_options *options)
{
	if (axis_with(&data->grid, AXIS_POLICIES) >= 0 &&
	    axis_combinations(&data->grid, true) > PLOT_MAX_SERIES)
		return false;
	return axis_any_policy(&data->grid) || axis_with(&data->grid, AXIS_WINDOW) < 0;
}

static enum oversub_status draw(const struct plot_data *data, const char *directory,
				const struct plot_options *options, struct oversub_error *error)
{
	int x_axis = axis_any_policy(&data->grid) ? plot_layout_default_x(data) : -1;
	struct curves curves = {.data = data, .scope = plot_scope_with(data, "requests_per_s")};
	enum oversub_status status = plot_layout_make(data, x_axis, -1, &curves.layout, error);

	if (status)
		return status;
	curves.x = curves.layout.nr_x - 1;
	status = load_files(&curves, error);
	if (!status)
		status = draw_curves(&curves, directory, options, error);
	free_curves(&curves);
	return status;
}

const struct plot_picture plot_latency_cdf = {
	.name = "latency_cdf",
	.help = "the distributions of latencies of requests and of waits",
	.needs = "any result with requests",
	.applies = applies,
	.by_default = by_default,
	.draw = draw,
};
