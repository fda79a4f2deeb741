/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How right hints are over ipi_window_ns: precision, recall, and stale and polluted ones, and below
 * them, for the first series that yields to tracked receivers, precision and recall by kind of
 * wait. Columns: EOIs that KVM sees, and EOIs that it does not.
 */
#include <float.h>
#include <stdio.h>

#include "models/kvm/truth.h"
#include "sim/plot/plot_measure.h"
#include "sim/plot/plot_pictures.h"

/* A kind of wait is left out if fewer exits than this are of that kind, wherever one looks. */
static const double least_share = 0.01;

/* What the lower rows show: kinds of wait of one series. */
struct kinds {
	size_t series;
	enum vcpu_wait list[VCPU_WAITS];
	size_t nr;
};

/* The metric is at least this somewhere in a series. */
static bool reaches(const struct plot_layout *layout, size_t series, const char *scope,
		    const char *name, double least)
{
	for (size_t f = 0; f < layout->nr_facets; f++)
		for (size_t x = 0; x < layout->nr_x; x++) {
			const struct plot_point *point = plot_layout_get(layout, f, series, x);

			if (point && aggregate_mean(&point->file.aggregate, scope, name) >= least)
				return true;
		}
	return false;
}

/* The first series that the window matters to, or else that has hints at all. */
static size_t find_series(const struct plot_layout *layout, const char *scope)
{
	for (size_t s = 0; s < layout->nr_series; s++)
		if (reaches(layout, s, scope, "yield.by.ipi_receiver_per_s", DBL_MIN))
			return s;
	for (size_t s = 0; s < layout->nr_series; s++)
		if (reaches(layout, s, scope, "hint.precision", 0))
			return s;
	return 0;
}

/* Spins for nobody in particular have no right target. */
static struct kinds find_kinds(const struct plot_layout *layout, const char *scope)
{
	struct kinds kinds = {.series = find_series(layout, scope)};

	for (int kind = 0; kind < VCPU_WAITS; kind++) {
		char name[64];

		snprintf(name, sizeof(name), "hint.exits.%s", vcpu_wait_names[kind]);
		if (kind != VCPU_WAIT_OTHER &&
		    reaches(layout, kinds.series, scope, name, least_share))
			kinds.list[kinds.nr++] = kind;
	}
	return kinds;
}

/* For each column, each series. */
static void write_row(struct plot_script *script, const struct plot_layout *layout,
		      const char *scope, const char *part)
{
	char name[64];
	const struct plot_measure measure = {.scope = scope, .name = name, .scale = 100};

	snprintf(name, sizeof(name), "hint.%s", part);
	plot_measure_write_all(script, layout, &measure, part);
}

/* For each column, each kind of wait. */
static void write_kinds(struct plot_script *script, const struct plot_layout *layout,
			const char *scope, const char *part, const struct kinds *kinds)
{
	char what[64], name[64];
	const struct plot_measure measure = {.scope = scope, .name = name, .scale = 100};

	snprintf(what, sizeof(what), "kind_%s", part);
	for (size_t f = 0; f < layout->nr_facets; f++)
		for (size_t k = 0; k < kinds->nr; k++) {
			snprintf(name, sizeof(name), "hint.%s.%s", part,
				 vcpu_wait_names[kinds->list[k]]);
			plot_measure_write(script, layout, &measure,
					   &(struct plot_curve){f, kinds->series, what, f, k + 1});
		}
}

static void write(struct plot_script *script, const struct plot_layout *layout)
{
	const char *scope = plot_scope_with(layout->data, "hint.precision");
	struct kinds kinds = find_kinds(layout, scope);

	plot_text(script, "SCOPE", "%s", plot_scope_label(scope));
	plot_number(script, "NR_KINDS", (double)kinds.nr);
	plot_text(script, "KINDS_OF", "%s",
		  layout->nr_series > 1 ? layout->series[kinds.series].label : "");
	plot_array(script, "KIND", kinds.nr);
	for (size_t k = 0; k < kinds.nr; k++)
		plot_element(script, "KIND", k, "%s", vcpu_wait_names[kinds.list[k]]);
	write_row(script, layout, scope, "precision");
	write_row(script, layout, scope, "recall");
	write_row(script, layout, scope, "stale");
	write_row(script, layout, scope, "polluted");
	write_kinds(script, layout, scope, "precision", &kinds);
	write_kinds(script, layout, scope, "recall", &kinds);
}

const struct plot_picture plot_accuracy = {
	.name = "accuracy",
	.help = "how often hints were right, by kind of wait",
	.needs = "a sweep over ipi_window_ns with a VM that yields",
	.applies = plot_window_applies,
	.x_axis = plot_window_x,
	.by_eoi = true,
	.write = write,
};
