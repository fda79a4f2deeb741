/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The curve over ipi_window_ns, and why it is as it is: throughput and waits above, below them how
 * often the yields were right and how many came from a tracked IPI. Columns: EOIs that KVM sees,
 * and EOIs that it does not.
 */
#include <math.h>
#include <string.h>

#include "sim/plot/plot_measure.h"
#include "sim/plot/plot_pictures.h"

static bool applies(const struct plot_data *data, const struct plot_options *options)
{
	return plot_axis_with(data, PLOT_ROLE_WINDOW) >= 0 &&
	       plot_scope_with(data, "hint.precision") != NULL;
}

/* The wait for an IPI that there was most of: for TLB flushes, else for any call. */
static const char *wait_of(const struct plot_data *data, const char *scope)
{
	static const char *const waits[] = {"tlb_flush", "ipi_response", "lock_wait"};

	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.count_per_s", waits[i]);
		if (aggregate_mean(&data->first->file.aggregate, scope, name) > 0)
			return waits[i];
	}
	return NULL;
}

static void write_rows(struct plot_script *script, const struct plot_layout *layout,
		       const char *scope)
{
	const char *wait = wait_of(layout->data, scope);
	char name[64], unit[64];
	struct plot_measure measure = {.scope = scope, .scale = 1};

	measure.name = "requests_per_s";
	plot_measure_unit("1/s", "requests/s", plot_measure_largest(&measure, layout),
			  &measure.scale, unit, sizeof(unit));
	plot_script_string(script, "UNIT_REQUESTS", unit);
	plot_measure_write_all(script, layout, &measure, "throughput");

	snprintf(name, sizeof(name), "%s.p99", wait ? wait : "request");
	measure = (struct plot_measure){.scope = scope, .name = name, .scale = 1};
	plot_measure_unit("ns", "", plot_measure_largest(&measure, layout), &measure.scale, unit,
			  sizeof(unit));
	plot_script_string(script, "UNIT_WAIT", unit);
	plot_script_string(script, "WAIT", wait ? wait : "");
	plot_measure_write_all(script, layout, &measure, "wait");

	measure = (struct plot_measure){.scope = scope, .name = "hint.precision", .scale = 100};
	plot_measure_write_all(script, layout, &measure, "precision");
	measure.name = "yield.by.ipi_receiver_per_s";
	measure.of = "yield.by.";
	plot_measure_write_all(script, layout, &measure, "tracked");
	measure.name = "hint.stale";
	measure.of = NULL;
	plot_measure_write_all(script, layout, &measure, "stale");
}

static enum oversub_status draw(const struct plot_data *data, const char *directory,
				const struct plot_options *options, struct oversub_error *error)
{
	const char *scope = plot_scope_with(data, "hint.precision");
	int facet = plot_axis_with(data, PLOT_ROLE_EOI);
	struct plot_layout layout;
	struct plot_script script;
	enum oversub_status status;

	status = plot_layout_make(data, plot_axis_with(data, PLOT_ROLE_WINDOW), facet, &layout,
				  error);
	if (status)
		return status;
	status = plot_script_open(&script, "window", data, directory, options, error);
	if (!status) {
		size_t columns = plot_layout_facets(&layout);

		plot_script_layout(&script, &layout);
		plot_script_string(&script, "FIXED", layout.fixed);
		plot_script_string(&script, "SCOPE", plot_scope_label(scope));
		plot_script_number(&script, "NR_COLUMNS", (double)columns);
		plot_script_begin_array(&script, "COLUMN", columns);
		for (size_t f = 0; f < columns; f++) {
			char label[96] = "";

			if (facet >= 0)
				plot_value_label(data, (size_t)facet,
						 data->grid.axes[facet].values[f], label,
						 sizeof(label));
			plot_script_element(&script, "COLUMN", f, label);
		}
		write_rows(&script, &layout, scope);
		status = plot_script_draw(&script, error);
	}
	plot_layout_free(&layout);
	return status;
}

const struct plot_picture plot_window = {
	.name = "window",
	.needs = "a sweep over ipi_window_ns with a VM that yields",
	.applies = applies,
	.draw = draw,
};
