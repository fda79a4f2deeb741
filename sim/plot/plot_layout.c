/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/plot/plot_layout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/report/axis.h"

/* A numeric axis that spans more than this is logarithmic. */
static const double log_span = 30;
/* Places of an axis' zero left of its least other value, in decades. */
static const double zero_gap = 0.7;

int plot_layout_default_x(const struct plot_data *data)
{
	static const enum axis_role roles[] = {AXIS_RATE,  AXIS_COUNT,	 AXIS_WINDOW,
					       AXIS_OTHER, AXIS_RELAXED, AXIS_EOI};
	int axis = -1;

	for (size_t i = 0; axis < 0 && i < sizeof(roles) / sizeof(*roles); i++)
		axis = axis_with(&data->grid, roles[i]);
	return axis;
}

/* ---- Points ---------------------------------------------------------------------------------- */

const struct plot_point *plot_layout_get(const struct plot_layout *layout, size_t facet,
					 size_t series, size_t x)
{
	const struct sweep_grid *grid = &layout->data->grid;
	const struct plot_point *point;
	size_t index = 0;

	for (size_t i = 0; i < grid->nr_axes; i++) {
		size_t value = layout->series[series].value[i];

		if ((int)i == layout->facet_axis)
			value = facet;
		else if ((int)i == layout->x_axis)
			value = x;
		index = index * grid->axes[i].nr_values + value;
	}
	point = &layout->data->points[index];
	return point->present ? point : NULL;
}

/* Any point of a series that is there, NULL if none is. */
static const struct plot_point *any_point(const struct plot_layout *layout, size_t series)
{
	for (size_t f = 0; f < layout->nr_facets; f++)
		for (size_t x = 0; x < layout->nr_x; x++)
			if (plot_layout_get(layout, f, series, x))
				return plot_layout_get(layout, f, series, x);
	return NULL;
}

/* ---- The x axis ------------------------------------------------------------------------------ */

static void place_values(const struct sweep_axis *axis, enum axis_role role,
			 struct plot_layout *layout)
{
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < axis->nr_values; i++) {
		double number = axis_number(role, axis->values[i]);

		layout->x[i] = number;
		layout->categorical |= !(number >= 0);
		if (number > 0)
			least = fmin(least, number);
		most = fmax(most, number);
	}
	if (layout->categorical)
		plot_layout_make_categorical(layout);
	else if (most > log_span * least)
		for (size_t i = 0; i < axis->nr_values; i++)
			layout->x[i] =
				layout->x[i] > 0 ? log10(layout->x[i]) : log10(least) - zero_gap;
}

static bool make_x(struct plot_layout *layout)
{
	const struct sweep_grid *grid = &layout->data->grid;
	int axis = layout->x_axis;

	layout->nr_x = axis < 0 ? 1 : grid->axes[axis].nr_values;
	layout->x = calloc(layout->nr_x, sizeof(*layout->x));
	if (layout->x && axis >= 0)
		place_values(&grid->axes[axis], axis_role(grid, (size_t)axis), layout);
	return layout->x != NULL;
}

void plot_layout_make_categorical(struct plot_layout *layout)
{
	layout->categorical = true;
	for (size_t i = 0; i < layout->nr_x; i++)
		layout->x[i] = (double)i;
}

/* ---- Series ---------------------------------------------------------------------------------- */

/* The axes whose combinations are series. */
struct choice {
	bool chosen[PLOT_MAX_AXES];
	bool any, any_policy;
	bool any_bundle; /* candidate and sched do not say it all */
};

/* The policies first, then the others while there is room. */
static void choose_axes(struct plot_layout *layout, struct choice *choice)
{
	const struct sweep_grid *grid = &layout->data->grid;
	struct text fixed = TEXT_IN(layout->fixed);
	size_t nr = 1;
	char setting[192];

	for (int policies = 1; policies >= 0; policies--)
		for (size_t i = 0; i < grid->nr_axes; i++) {
			size_t nr_values = grid->axes[i].nr_values;

			if ((int)i == layout->x_axis || (int)i == layout->facet_axis ||
			    policies != axis_is_policy(grid, i))
				continue;
			if (nr > 1 && nr * nr_values > PLOT_MAX_SERIES) {
				text_join(&fixed, ", ", "%s",
					  axis_setting(grid, i, 0, setting, sizeof(setting)));
				continue;
			}
			nr *= nr_values;
			choice->chosen[i] = choice->any = true;
			choice->any_policy |= policies;
			choice->any_bundle |= axis_role(grid, i) == AXIS_POLICIES;
		}
}

/* The colour of v3 without its relaxed pass is that of v3_strict, which is the same. */
static void set_policy(const struct plot_layout *layout, struct plot_series *series,
		       const struct plot_point *point)
{
	const struct sweep_grid *grid = &layout->data->grid;
	const char *candidate = point->file.info.policies[OVERSUB_CANDIDATE];
	int axis = axis_with(grid, AXIS_RELAXED);

	if (axis >= 0 && (!strcmp(candidate, "v3") || !strcmp(candidate, "v3_strict")))
		candidate = axis_is_on(grid->axes[axis].values[series->value[axis]]) ? "v3"
										     : "v3_strict";
	snprintf(series->policy, sizeof(series->policy), "%.40s+%.40s", candidate,
		 point->file.info.policies[OVERSUB_SCHED]);
}

static void name_policies(const struct plot_layout *layout, const struct choice *choice,
			  const struct plot_series *series, const struct plot_point *point,
			  struct text *label)
{
	const struct sweep_grid *grid = &layout->data->grid;
	char part[96];

	if (!choice->any_bundle) {
		text_add(label, "%s + %s", point->file.info.policies[OVERSUB_CANDIDATE],
			 point->file.info.policies[OVERSUB_SCHED]);
		return;
	}
	for (size_t i = 0; i < grid->nr_axes; i++)
		if (choice->chosen[i] && axis_is_policy(grid, i))
			text_join(label, " + ", "%s",
				  axis_value_label(grid, i, series->value[i], part, sizeof(part)));
}

/*
 * Name a series after what sets it apart. False if it repeats an earlier one: it differs only in a
 * parameter that its policy does not have.
 */
static bool name_series(const struct plot_layout *layout, const struct choice *choice,
			struct plot_series *series, const struct plot_point *point)
{
	const struct plot_data *data = layout->data;
	struct text label = TEXT_IN(series->label);
	char setting[192];

	if (choice->any_policy)
		name_policies(layout, choice, series, point, &label);
	series->policies_length = label.used;
	for (size_t i = 0; i < data->grid.nr_axes; i++) {
		if (!choice->chosen[i] || axis_is_policy(&data->grid, i))
			continue;
		if (plot_point_has(data, point, i))
			text_join(&label, ", ", "%s",
				  axis_setting(&data->grid, i, series->value[i], setting,
					       sizeof(setting)));
		else if (series->value[i])
			return false;
	}
	if (!label.used)
		name_policies(layout, &(struct choice){{0}}, series, point, &label);
	if (choice->any_policy || !choice->any)
		set_policy(layout, series, point);
	return true;
}

/* Step value to the next combination of the chosen axes; false after the last. */
static bool next_combination(const struct sweep_grid *grid, const struct choice *choice,
			     size_t *value)
{
	for (size_t i = grid->nr_axes; i-- > 0;) {
		if (!choice->chosen[i])
			continue;
		if (++value[i] < grid->axes[i].nr_values)
			return true;
		value[i] = 0;
	}
	return false;
}

static void make_series(struct plot_layout *layout, const struct choice *choice)
{
	size_t value[PLOT_MAX_AXES] = {0};

	do {
		struct plot_series *series = &layout->series[layout->nr_series];
		const struct plot_point *point;

		memset(series, 0, sizeof(*series));
		memcpy(series->value, value, sizeof(value));
		point = any_point(layout, layout->nr_series);
		if (point && name_series(layout, choice, series, point))
			layout->nr_series++;
	} while (layout->nr_series < PLOT_MAX_SERIES &&
		 next_combination(&layout->data->grid, choice, value));
}

/* Two series with one colour say nothing: then all take theirs from the palette. */
static void check_colours(struct plot_layout *layout)
{
	bool shared = false;

	for (size_t i = 0; i < layout->nr_series; i++)
		for (size_t j = 0; j < i; j++)
			shared |= !strcmp(layout->series[i].policy, layout->series[j].policy);
	for (size_t i = 0; shared && i < layout->nr_series; i++)
		layout->series[i].policy[0] = '\0';
}

/* ---- Bases ----------------------------------------------------------------------------------- */

/* Whether base has the policies of the baseline, and else stands where series does. */
static bool is_base_of(const struct plot_layout *layout, size_t base, size_t series)
{
	const struct plot_data *data = layout->data;
	const struct plot_point *point = any_point(layout, base);

	for (size_t i = 0; i < data->grid.nr_axes; i++) {
		bool is_policy = axis_is_policy(&data->grid, i);
		size_t like = is_policy ? layout->baseline : series;

		/* A policy without the parameter has but one series for all of its values. */
		if (layout->series[base].value[i] != layout->series[like].value[i] &&
		    (is_policy || plot_point_has(data, point, i)))
			return false;
	}
	return true;
}

/* Whether bases differ on axis; a missing one does not count. */
static bool bases_differ(const struct plot_layout *layout, size_t axis)
{
	for (size_t s = 0; s < layout->nr_series; s++) {
		size_t base = layout->series[s].base;

		if (base != PLOT_NO_SERIES && layout->series[base].value[axis] !=
						      layout->series[layout->baseline].value[axis])
			return true;
	}
	return false;
}

static void find_bases(struct plot_layout *layout)
{
	while (layout->baseline < layout->nr_series &&
	       !plot_point_is_mainline(any_point(layout, layout->baseline)))
		layout->baseline++;
	layout->baseline %= layout->nr_series ? layout->nr_series : 1;
	for (size_t s = 0; s < layout->nr_series; s++) {
		size_t base = 0;

		while (base < layout->nr_series && !is_base_of(layout, base, s))
			base++;
		layout->series[s].base = base < layout->nr_series ? base : PLOT_NO_SERIES;
	}
}

static void name_bases(struct plot_layout *layout)
{
	const struct plot_series *baseline = &layout->series[layout->baseline];
	const struct sweep_grid *grid = &layout->data->grid;
	struct text same = {0}, label = TEXT_IN(layout->base_label);

	for (size_t i = 0; i < grid->nr_axes; i++)
		if (bases_differ(layout, i))
			text_join(&same, " and ", "%s", sweep_grid_name(grid, i));
	layout->several_bases = same.used > 0;
	text_add(&label, "%.*s",
		 layout->several_bases && baseline->policies_length ? (int)baseline->policies_length
								    : (int)sizeof(baseline->label),
		 baseline->label);
	if (layout->several_bases)
		text_join(&label, " with the same ", "%s", same.at);
	free(same.at);
}

/* ---- The whole ------------------------------------------------------------------------------- */

enum oversub_status plot_layout_make(const struct plot_data *data, int x_axis, int facet_axis,
				     struct plot_layout *layout, struct oversub_error *error)
{
	struct choice choice = {.any = false};

	*layout = (struct plot_layout){
		.data = data, .x_axis = x_axis, .facet_axis = facet_axis, .nr_facets = 1};
	if (data->grid.nr_axes > PLOT_MAX_AXES)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "the sweep in %s varies more than %d things: no picture of it "
				    "could be read",
				    data->directory, PLOT_MAX_AXES);
	if (facet_axis >= 0)
		layout->nr_facets = data->grid.axes[facet_axis].nr_values;
	if (!make_x(layout))
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	choose_axes(layout, &choice);
	make_series(layout, &choice);
	check_colours(layout);
	find_bases(layout);
	name_bases(layout);
	return OVERSUB_OK;
}

void plot_layout_free(struct plot_layout *layout)
{
	free(layout->x);
	*layout = (struct plot_layout){0};
}
