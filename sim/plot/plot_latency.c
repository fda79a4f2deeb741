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
#include "sim/stats/quantile.h"

enum {
	MAX_PANELS = 4,
	NAME_SIZE = 128,
};

/* Of the values: the rarest that are shown, a bit beyond 99.9 %, if there are enough of them. */
#define LEAST_SHARE 0.0007

struct panel {
	char scope[NAME_SIZE], name[NAME_SIZE];
};

/* The results of the curves, with their histograms. */
struct curves {
	const struct plot_data *data;
	struct plot_layout layout;
	size_t x; /* the value of the x axis that is shown */
	struct result_file *files;
	size_t nr;
};

static const cJSON *histogram_of(const struct result_file *file, const struct panel *panel)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(file->json, "histograms");

	at = cJSON_GetObjectItemCaseSensitive(at, panel->scope);
	return cJSON_GetObjectItemCaseSensitive(at, panel->name);
}

static double count_of(const cJSON *histogram)
{
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(histogram, "count");

	return cJSON_IsNumber(count) ? count->valuedouble : 0;
}

/* ---- Which panels -------------------------------------------------------------------------------
 */

static void add_panel(struct panel *panels, size_t *nr, const char *scope, const char *name)
{
	if (*nr == MAX_PANELS)
		return;
	snprintf(panels[*nr].scope, NAME_SIZE, "%s", scope);
	snprintf(panels[*nr].name, NAME_SIZE, "%s", name);
	(*nr)++;
}

/* Every kind of request of scope that the file has, then the waits. */
static size_t choose_panels(const struct result_file *file, const char *scope, struct panel *panels)
{
	static const char *const waits[] = {"tlb_flush",   "ipi_response", "lock_wait",
					    "wakeup_wait", "sync_wait",	   "runqueue_wait"};
	const cJSON *all = cJSON_GetObjectItemCaseSensitive(file->json, "histograms"), *histogram;
	const cJSON *own = cJSON_GetObjectItemCaseSensitive(all, scope);
	size_t nr = 0;

	cJSON_ArrayForEach(histogram, own)
	{
		if (nr < 2 && !strncmp(histogram->string, "request.", strlen("request.")) &&
		    count_of(histogram) > 0)
			add_panel(panels, &nr, scope, histogram->string);
	}
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		histogram = cJSON_GetObjectItemCaseSensitive(own, waits[i]);
		if (count_of(histogram) > 0)
			add_panel(panels, &nr, scope, waits[i]);
	}
	return nr;
}

/* ---- Loading ------------------------------------------------------------------------------------
 */

static void free_curves(struct curves *curves)
{
	for (size_t i = 0; curves->files && i < curves->nr; i++)
		result_file_free(&curves->files[i]);
	free(curves->files);
	plot_layout_free(&curves->layout);
	*curves = (struct curves){0};
}

static enum oversub_status load_curves(const struct plot_data *data, struct curves *curves,
				       struct oversub_error *error)
{
	bool has_policy = axis_any_policy(&data->grid);
	int x_axis = has_policy ? plot_layout_default_x(data) : -1;
	enum oversub_status status;

	*curves = (struct curves){.data = data};
	status = plot_layout_make(data, x_axis, -1, &curves->layout, error);
	if (status)
		return status;
	curves->x = curves->layout.nr_x - 1;
	curves->nr = curves->layout.nr_series;
	curves->files = calloc(curves->nr + 1, sizeof(*curves->files));
	if (!curves->files)
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	for (size_t s = 0; !status && s < curves->nr; s++) {
		const struct plot_point *point = plot_layout_get(&curves->layout, 0, s, curves->x);

		if (point)
			status = result_json_read(point->directory, &curves->files[s], error);
	}
	if (status)
		free_curves(curves);
	return status;
}

/* ---- Writing ------------------------------------------------------------------------------------
 */

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
		const cJSON *low = cJSON_GetArrayItem(bucket, 0);
		const cJSON *high = cJSON_GetArrayItem(bucket, 1);
		const cJSON *count = cJSON_GetArrayItem(bucket, 2);
		double share;

		if (!cJSON_IsNumber(low) || !cJSON_IsNumber(high) || !cJSON_IsNumber(count))
			continue;
		if (done == 0)
			plot_row(script, "%.10g 1", fmax(1, low->valuedouble));
		else if (low->valuedouble > 1.05 * at)
			/* Nothing took so long: the curve is flat. */
			plot_row(script, "%.10g %.10g", low->valuedouble, 1 - done / total);
		at = high->valuedouble;
		done += count->valuedouble;
		share = fmax(1 - done / total, LEAST_SHARE / 10);
		if (share > 0.98 * last && share > least)
			continue;
		end = fmax(1, high->valuedouble);
		plot_row(script, "%.10g %.10g", end, share);
		last = share;
		if (share < least)
			break;
	}
	if (end == 0)
		plot_row(script, "NaN NaN");
	return end;
}

/* The least time that matters: that of the first tenth. */
static double first_decile(const cJSON *histogram)
{
	const cJSON *bucket;
	double total = count_of(histogram), done = 0;

	cJSON_ArrayForEach(bucket, cJSON_GetObjectItemCaseSensitive(histogram, "buckets"))
	{
		const cJSON *low = cJSON_GetArrayItem(bucket, 0);
		const cJSON *count = cJSON_GetArrayItem(bucket, 2);

		done += cJSON_IsNumber(count) ? count->valuedouble : 0;
		if (done >= 0.02 * total && cJSON_IsNumber(low))
			return low->valuedouble;
	}
	return NAN;
}

static void write_panel(struct plot_script *script, const struct curves *curves,
			const struct panel *panel, size_t index)
{
	double longest = 0, shortest = NAN;
	char title[2 * NAME_SIZE], name[32];
	bool request = !strncmp(panel->name, "request.", strlen("request."));

	for (size_t s = 0; s < curves->nr; s++) {
		const cJSON *histogram = histogram_of(&curves->files[s], panel);

		plot_block(script, "[latency %zu %zu] %s", index, s + 1,
			   curves->layout.series[s].label);
		longest = fmax(longest, write_curve(script, histogram));
		if (histogram)
			shortest = fmin(shortest, first_decile(histogram));
	}
	snprintf(title, sizeof(title), "%s: %s%s", plot_scope_label(panel->scope),
		 request ? "request " : "",
		 request ? panel->name + strlen("request.") : panel->name);
	plot_element(script, "PANEL", index, "%s", title);
	snprintf(name, sizeof(name), "PANEL_MIN_%zu", index + 1);
	plot_number(script, name, shortest > 0 ? shortest : 1000);
	snprintf(name, sizeof(name), "PANEL_MAX_%zu", index + 1);
	plot_number(script, name, longest > shortest ? 1.15 * longest : 1e6);
}

/* What of the grid is shown: "VMs db: 4". */
static void describe_shown(const struct curves *curves, char *text, size_t size)
{
	const struct plot_data *data = curves->data;
	int axis = curves->layout.x_axis;
	char name[96], value[64];

	text[0] = '\0';
	if (axis >= 0)
		snprintf(text, size, "%s: %s%s",
			 axis_label(&data->grid, (size_t)axis, name, sizeof(name)),
			 axis_value_label(&data->grid, (size_t)axis, curves->x, value,
					  sizeof(value)),
			 curves->layout.fixed[0] ? ", " : "");
	snprintf(text + strlen(text), size - strlen(text), "%s", curves->layout.fixed);
}

static enum oversub_status draw_curves(const struct curves *curves, const char *directory,
				       const struct plot_options *options,
				       struct oversub_error *error)
{
	const char *scope = plot_scope_with(curves->data, "requests_per_s");
	struct panel panels[MAX_PANELS];
	struct plot_script script;
	enum oversub_status status;
	char shown[512];
	size_t nr = 0;

	for (size_t s = 0; s < curves->nr && nr == 0; s++)
		nr = choose_panels(&curves->files[s], scope, panels);
	if (nr == 0) {
		if (!options->quiet)
			fprintf(stderr, "note: no request and no wait ended, so there is no "
					"latency_cdf\n");
		return OVERSUB_OK;
	}
	status = plot_script_open(&script, "latency_cdf", curves->data, directory, options, error);
	if (status)
		return status;
	plot_script_layout(&script, &curves->layout);
	describe_shown(curves, shown, sizeof(shown));
	plot_text(&script, "SHOWN", "%s", shown);
	plot_number(&script, "LEAST", LEAST_SHARE);
	plot_number(&script, "NR_PANELS", (double)nr);
	plot_array(&script, "PANEL", nr);
	for (size_t i = 0; i < nr; i++)
		write_panel(&script, curves, &panels[i], i);
	return plot_script_draw(&script, error);
}

static bool applies(const struct plot_data *data, const struct plot_options *options)
{
	return plot_scope_with(data, "requests_per_s") != NULL;
}

/* Curves over ipi_window_ns hardly differ; without policies there is nothing else to tell apart. */
static bool by_default(const struct plot_data *data, const struct plot_options *options)
{
	bool has_policy = axis_any_policy(&data->grid);

	if (axis_with(&data->grid, AXIS_POLICIES) >= 0 &&
	    axis_combinations(&data->grid, true) > PLOT_MAX_SERIES)
		return false;
	return applies(data, options) && (has_policy || axis_with(&data->grid, AXIS_WINDOW) < 0);
}

static enum oversub_status draw(const struct plot_data *data, const char *directory,
				const struct plot_options *options, struct oversub_error *error)
{
	struct curves curves;
	enum oversub_status status = load_curves(data, &curves, error);

	if (status)
		return status;
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
