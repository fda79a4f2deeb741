/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The curve over ipi_window_ns, and why it is as it is: throughput and waits above, below them how
 * often the yields were right and how many came from a tracked IPI. Columns: EOIs that KVM sees,
 * and EOIs that it does not.
 */

#include "sim/plot/plot_measure.h"
#include "sim/plot/plot_pictures.h"
#include "sim/report/axis.h"

int plot_window_x(const struct plot_data *data)
{
	return axis_with(&data->grid, AXIS_WINDOW);
}

bool plot_window_applies(const struct plot_data *data, const struct plot_options *options)
{
	return plot_window_x(data) >= 0 && plot_scope_with(data, "hint.precision");
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

static void write(struct plot_script *script, const struct plot_layout *layout)
{
	const char *scope = plot_scope_with(layout->data, "hint.precision");
	const char *wait = wait_of(layout->data, scope);
	char name[64], unit[64];
	struct plot_measure measure = {.scope = scope, .scale = 1};

	plot_text(script, "SCOPE", "%s", plot_scope_label(scope));
	measure.name = "requests_per_s";
	plot_measure_unit("1/s", "requests/s", plot_measure_largest(&measure, layout),
			  &measure.scale, unit, sizeof(unit));
	plot_text(script, "UNIT_REQUESTS", "%s", unit);
	plot_measure_write_all(script, layout, &measure, "throughput");

	snprintf(name, sizeof(name), "%s.p99", wait ? wait : "request");
	measure = (struct plot_measure){.scope = scope, .name = name, .scale = 1};
	plot_measure_unit("ns", "", plot_measure_largest(&measure, layout), &measure.scale, unit,
			  sizeof(unit));
	plot_text(script, "UNIT_WAIT", "%s", unit);
	plot_text(script, "WAIT", "%s", wait ? wait : "");
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

const struct plot_picture plot_window = {
	.name = "window",
	.help = "throughput, waits and right yields over the window",
	.needs = "a sweep over ipi_window_ns with a VM that yields",
	.applies = plot_window_applies,
	.x_axis = plot_window_x,
	.by_eoi = true,
	.write = write,
};
