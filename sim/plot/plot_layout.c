/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/plot/plot_layout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A numeric axis that spans more than this is logarithmic. */
static const double log_span = 30;
/* Places of an axis' zero left of its least other value, in decades. */
static const double zero_gap = 0.7;

int plot_layout_default_x(const struct plot_data *data)
{
	static const enum plot_role roles[] = {PLOT_ROLE_RATE,	PLOT_ROLE_COUNT,   PLOT_ROLE_WINDOW,
					       PLOT_ROLE_OTHER, PLOT_ROLE_RELAXED, PLOT_ROLE_EOI};
	int axis = -1;

	for (size_t i = 0; axis < 0 && i < sizeof(roles) / sizeof(*roles); i++)
		axis = plot_axis_with(data, roles[i]);
	return axis;
}

/* ---- Points -----------------------------------------------------------------------------------
 */

size_t plot_layout_facets(const struct plot_layout *layout)
{
	return layout->facet_axis < 0 ? 1 : layout->data->grid.axes[layout->facet_axis].nr_values;
}

size_t plot_layout_point(const struct plot_layout *layout, size_t facet, size_t series, size_t x)
{
	const struct sweep_grid *grid = &layout->data->grid;
	size_t point = 0;

	for (size_t i = 0; i < grid->nr_axes; i++) {
		size_t value = layout->series[series].value[i];

		if ((int)i == layout->facet_axis)
			value = facet;
		else if ((int)i == layout->x_axis)
			value = x;
		point = point * grid->axes[i].nr_values + value;
	}
	return point;
}

const struct plot_point *plot_layout_get(const struct plot_layout *layout, size_t facet,
					 size_t series, size_t x)
{
	const struct plot_point *point =
		&layout->data->points[plot_layout_point(layout, facet, series, x)];

	return point->present ? point : NULL;
}

/* Any point of a series that is there, NULL if none is. */
static const struct plot_point *any_point(const struct plot_layout *layout, size_t series)
{
	for (size_t f = 0; f < plot_layout_facets(layout); f++)
		for (size_t x = 0; x < layout->nr_x; x++)
			if (plot_layout_get(layout, f, series, x))
				return plot_layout_get(layout, f, series, x);
	return NULL;
}

size_t plot_layout_baseline(const struct plot_layout *layout)
{
	for (size_t s = 0; s < layout->nr_series; s++) {
		const struct plot_point *point = any_point(layout, s);

		if (point && !strcmp(point->policy, "mainline+mainline"))
			return s;
	}
	return 0;
}

/* Whether base has the policies of reference, and else stands where series does. */
static bool is_base_of(const struct plot_layout *layout, size_t base, size_t reference,
		       size_t series)
{
	const struct plot_data *data = layout->data;
	const struct plot_point *point = any_point(layout, base);

	for (size_t i = 0; point && i < data->grid.nr_axes; i++) {
		bool is_policy = plot_axis_is_policy(data, i);
		size_t like = is_policy ? reference : series;

		/* A policy without the parameter has but one series for all of its values. */
		if (layout->series[base].value[i] != layout->series[like].value[i] &&
		    (is_policy || plot_point_has(data, (size_t)(point - data->points), i)))
			return false;
	}
	return point != NULL;
}

size_t plot_layout_base_of(const struct plot_layout *layout, size_t series)
{
	size_t reference = plot_layout_baseline(layout);

	for (size_t s = 0; s < layout->nr_series; s++)
		if (is_base_of(layout, s, reference, series))
			return s;
	return PLOT_NO_SERIES;
}

/* Whether bases differ on axis; a missing one does not count. */
static bool bases_differ(const struct plot_layout *layout, size_t axis)
{
	size_t reference = plot_layout_baseline(layout);

	for (size_t s = 0; s < layout->nr_series; s++) {
		size_t base = plot_layout_base_of(layout, s);

		if (base != PLOT_NO_SERIES &&
		    layout->series[base].value[axis] != layout->series[reference].value[axis])
			return true;
	}
	return false;
}

bool plot_layout_has_bases(const struct plot_layout *layout)
{
	for (size_t i = 0; i < layout->data->grid.nr_axes; i++)
		if (bases_differ(layout, i))
			return true;
	return false;
}

/* ---- The x axis --------------------------------------------------------------------------------
 */

static void place_values(const struct sweep_axis *axis, bool is_rate, struct plot_layout *layout)
{
	double least = INFINITY, most = 0;
	bool numeric = true;

	for (size_t i = 0; i < axis->nr_values; i++) {
		double number = is_rate ? plot_value_rate(axis->values[i])
					: plot_value_number(axis->values[i]);

		layout->x[i] = number;
		numeric = numeric && number >= 0;
		if (number > 0)
			least = fmin(least, number);
		most = fmax(most, number);
	}
	layout->categorical = !numeric;
	for (size_t i = 0; i < axis->nr_values; i++) {
		if (!numeric)
			layout->x[i] = (double)i;
		else if (most > log_span * least)
			layout->x[i] =
				layout->x[i] > 0 ? log10(layout->x[i]) : log10(least) - zero_gap;
	}
}

static bool make_x(struct plot_layout *layout)
{
	layout->nr_x = layout->x_axis < 0 ? 1 : layout->data->grid.axes[layout->x_axis].nr_values;
	layout->x = calloc(layout->nr_x, sizeof(*layout->x));
	if (layout->x && layout->x_axis >= 0)
		place_values(&layout->data->grid.axes[layout->x_axis],
			     layout->data->roles[layout->x_axis] == PLOT_ROLE_RATE, layout);
	return layout->x != NULL;
}

void plot_layout_make_categorical(struct plot_layout *layout)
{
	layout->categorical = true;
	for (size_t i = 0; i < layout->nr_x; i++)
		layout->x[i] = (double)i;
}

/* ---- Series ------------------------------------------------------------------------------------
 */

struct text {
	char *at;
	size_t size;
};

static void append(struct text *text, const char *separator, const char *part)
{
	size_t used = strlen(text->at);

	snprintf(text->at + used, text->size - used, "%s%s", used ? separator : "", part);
}

/* Append "ipi_window_ns 5 ms", or what says it all: "relaxed pass on". */
static void append_setting(struct text *text, const struct plot_data *data, size_t axis,
			   size_t value)
{
	bool clear = data->roles[axis] == PLOT_ROLE_RELAXED || data->roles[axis] == PLOT_ROLE_EOI;
	char label[96], setting[192];

	plot_value_label(data, axis, data->grid.axes[axis].values[value], label, sizeof(label));
	snprintf(setting, sizeof(setting), "%.90s%s%s",
		 clear ? "" : sweep_grid_name(&data->grid, axis), clear ? "" : " ", label);
	append(text, ", ", setting);
}

void plot_layout_base_label(const struct plot_layout *layout, char *buffer, size_t size)
{
	const struct plot_series *base = &layout->series[plot_layout_baseline(layout)];
	const struct sweep_grid *grid = &layout->data->grid;
	struct text text = {buffer, size};
	bool several = plot_layout_has_bases(layout) && base->policies_length;
	const char *separator = " with the same ";

	snprintf(buffer, size, "%.*s",
		 several ? (int)base->policies_length : (int)sizeof(base->label), base->label);
	for (size_t i = 0; i < grid->nr_axes; i++) {
		if (!bases_differ(layout, i))
			continue;
		append(&text, separator, sweep_grid_name(grid, i));
		separator = " and ";
	}
}

/* The colour of v3 without its relaxed pass is that of v3_strict, which is the same. */
static void set_policy(const struct plot_layout *layout, struct plot_series *series,
		       const struct plot_point *point)
{
	int axis = plot_axis_with(layout->data, PLOT_ROLE_RELAXED);
	const char *candidate = point->file.info.candidate;

	if (axis >= 0 && (!strcmp(candidate, "v3") || !strcmp(candidate, "v3_strict"))) {
		char label[64];

		plot_value_label(layout->data, (size_t)axis,
				 layout->data->grid.axes[axis].values[series->value[axis]], label,
				 sizeof(label));
		candidate = strstr(label, "off") ? "v3_strict" : "v3";
	}
	snprintf(series->policy, sizeof(series->policy), "%.40s+%.40s", candidate,
		 point->file.info.sched);
}

/*
 * Name a series after what sets it apart. False if it repeats an earlier one: it differs only in a
 * parameter that its policy does not have.
 */
static bool name_series(const struct plot_layout *layout, const bool *in_series,
			struct plot_series *series, const struct plot_point *point, size_t index)
{
	const struct plot_data *data = layout->data;
	struct text label = {series->label, sizeof(series->label)};
	bool has_policy = false, has_bundle = false, series_axes = false;

	for (size_t i = 0; i < data->grid.nr_axes; i++) {
		has_policy = has_policy || (in_series[i] && plot_axis_is_policy(data, i));
		has_bundle = has_bundle || (in_series[i] && data->roles[i] == PLOT_ROLE_POLICIES);
		series_axes = series_axes || in_series[i];
	}
	series->label[0] = '\0';
	for (size_t i = 0; has_bundle && i < data->grid.nr_axes; i++) {
		char part[96];

		if (in_series[i] && plot_axis_is_policy(data, i))
			append(&label, " + ",
			       plot_value_label(data, i,
						data->grid.axes[i].values[series->value[i]], part,
						sizeof(part)));
	}
	if (has_policy && !has_bundle) {
		append(&label, "", point->file.info.candidate);
		append(&label, " + ", point->file.info.sched);
	}
	series->policies_length = strlen(series->label);
	for (size_t i = 0; i < data->grid.nr_axes; i++) {
		if (!in_series[i] || plot_axis_is_policy(data, i))
			continue;
		if (!plot_point_has(data, index, i)) {
			if (series->value[i])
				return false;
			continue;
		}
		append_setting(&label, data, i, series->value[i]);
	}
	if (!series->label[0]) {
		append(&label, "", point->file.info.candidate);
		append(&label, " + ", point->file.info.sched);
	}
	if (has_policy || !series_axes)
		set_policy(layout, series, point);
	return true;
}

/* Step value to the next combination of the axes in series; false after the last. */
static bool next_combination(const struct sweep_grid *grid, const bool *in_series, size_t *value)
{
	for (size_t i = grid->nr_axes; i-- > 0;) {
		if (!in_series[i])
			continue;
		if (++value[i] < grid->axes[i].nr_values)
			return true;
		value[i] = 0;
	}
	return false;
}

static void make_series(struct plot_layout *layout, const bool *in_series)
{
	size_t value[PLOT_MAX_AXES] = {0};

	do {
		struct plot_series *series = &layout->series[layout->nr_series];
		const struct plot_point *point;

		memset(series, 0, sizeof(*series));
		memcpy(series->value, value, sizeof(value));
		point = any_point(layout, layout->nr_series);
		if (point && name_series(layout, in_series, series, point,
					 (size_t)(point - layout->data->points)))
			layout->nr_series++;
	} while (layout->nr_series < PLOT_MAX_SERIES &&
		 next_combination(&layout->data->grid, in_series, value));
}

/* Two series with one colour say nothing: then all take theirs from the palette. */
static void check_colours(struct plot_layout *layout)
{
	for (size_t i = 0; i < layout->nr_series; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(layout->series[i].policy, layout->series[j].policy)) {
				for (size_t k = 0; k < layout->nr_series; k++)
					layout->series[k].policy[0] = '\0';
				return;
			}
}

/* Which axes make series: the policies first, then the others while there is room. */
static void choose_axes(struct plot_layout *layout, bool *in_series)
{
	const struct plot_data *data = layout->data;
	struct text fixed = {layout->fixed, sizeof(layout->fixed)};
	size_t nr = 1;

	for (int policies = 1; policies >= 0; policies--)
		for (size_t i = 0; i < data->grid.nr_axes; i++) {
			const struct sweep_axis *axis = &data->grid.axes[i];

			if ((int)i == layout->x_axis || (int)i == layout->facet_axis ||
			    policies != plot_axis_is_policy(data, i))
				continue;
			in_series[i] = nr == 1 || nr * axis->nr_values <= PLOT_MAX_SERIES;
			if (in_series[i]) {
				nr *= axis->nr_values;
				continue;
			}
			append_setting(&fixed, data, i, 0);
		}
}

enum oversub_status plot_layout_make(const struct plot_data *data, int x_axis, int facet_axis,
				     struct plot_layout *layout, struct oversub_error *error)
{
	bool in_series[PLOT_MAX_AXES] = {false};

	*layout = (struct plot_layout){.data = data, .x_axis = x_axis, .facet_axis = facet_axis};
	if (data->grid.nr_axes > PLOT_MAX_AXES)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "the sweep in %s varies more than %d things: no picture of it "
				    "could be read",
				    data->directory, PLOT_MAX_AXES);
	if (!make_x(layout))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	choose_axes(layout, in_series);
	make_series(layout, in_series);
	check_colours(layout);
	return OVERSUB_OK;
}

void plot_layout_free(struct plot_layout *layout)
{
	free(layout->x);
	*layout = (struct plot_layout){0};
}
