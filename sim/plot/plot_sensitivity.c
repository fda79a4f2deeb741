/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a design says of its parameters: bars with intervals, longest first, one panel a study. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_pictures.h"
#include "sim/plot/study.h"

/* More would leave no room for bars. */
enum { MAX_PANELS = 6 };

static bool applies(const struct plot_data *data, const struct plot_options *options)
{
	return data->is_sweep && data->grid.design.kind;
}

/* Parameters by what they weigh in the first study. */
struct order {
	size_t factor;
	double weight;
};

static int by_weight(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	return x->weight < y->weight ? 1 : x->weight > y->weight ? -1 : 0;
}

static struct order *order_of(const struct studies *studies, bool totals)
{
	size_t nr = studies->data->grid.design.nr_factors;
	struct order *order = calloc(nr, sizeof(*order));

	for (size_t k = 0; order && k < nr; k++) {
		const struct sensitivity *found = &studies->list[0].factors[k];

		order[k] =
			(struct order){k, fabs(totals ? found->total.value : found->first.value)};
	}
	if (order)
		qsort(order, nr, sizeof(*order), by_weight);
	return order;
}

static void write_rows(struct plot_script *script, const struct study *study,
		       const struct order *order, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		const struct sensitivity *found = &study->factors[order[i].factor];

		plot_row(script, "%zu %.6g %.6g %.6g %.6g %.6g %.6g", i, found->first.value,
			 found->first.low, found->first.high, found->total.value, found->total.low,
			 found->total.high);
	}
}

/* The last two parts of a path: count alone could be anybody's. */
static const char *short_path(const char *path)
{
	const char *at = path + strlen(path);

	for (int parts = 2; at > path && parts > 0;)
		parts -= *--at == '.';
	return at > path ? at + 1 : at;
}

static void write_script(struct plot_script *script, const struct studies *studies,
			 const struct order *order)
{
	const struct sweep_design *design = &studies->data->grid.design;
	size_t nr_panels = studies->nr < MAX_PANELS ? studies->nr : MAX_PANELS;
	const char *total = sensitivity_name(design->kind, true);

	plot_number(script, "NR_SERIES", 0);
	plot_number(script, "NR_FACTORS", (double)design->nr_factors);
	plot_number(script, "NR_PANELS", (double)nr_panels);
	plot_text(script, "METRIC", "%s", studies->metric);
	plot_text(script, "SCOPE", "%s", plot_scope_label(studies->scope));
	plot_text(script, "DESIGN", "%s:%zu", sweep_design_names[design->kind], design->size);
	plot_text(script, "FIRST", "%s", sensitivity_name(design->kind, false));
	plot_text(script, "TOTAL", "%s", total ? total : "");
	plot_array(script, "FACTOR", design->nr_factors);
	for (size_t i = 0; i < design->nr_factors; i++) {
		plot_element(script, "FACTOR", i, "%s",
			     short_path(design->factors[order[i].factor].path));
	}
	plot_array(script, "PANEL", nr_panels);
	for (size_t i = 0; i < nr_panels; i++) {
		const struct study *study = &studies->list[i];

		plot_element(script, "PANEL", i, "%s: %s%.3g ± %.2g", study->label,
			     study->relative ? "change in % " : "", study->mean, study->sd);
		plot_block(script, "[study %zu 1] %s", i, study->label);
		write_rows(script, study, order, design->nr_factors);
	}
}

static enum oversub_status draw(const struct plot_data *data, const char *directory,
				const struct plot_options *options, struct oversub_error *error)
{
	struct plot_script script;
	struct studies studies;
	struct order *order;
	enum oversub_status status = studies_make(data, options->metric, &studies, error);

	if (status)
		return status;
	order = order_of(&studies, sensitivity_name(data->grid.design.kind, true) != NULL);
	status = order ? plot_script_open(&script, "sensitivity", data, directory, options, error)
		       : oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	if (!status) {
		write_script(&script, &studies, order);
		status = plot_script_draw(&script, error);
	}
	free(order);
	studies_free(&studies);
	return status;
}

const struct plot_picture plot_sensitivity = {
	.name = "sensitivity",
	.help = "which parameters of a design matter, with intervals",
	.needs = "a sweep with a --design",
	.applies = applies,
	.of_design = true,
	.draw = draw,
};
