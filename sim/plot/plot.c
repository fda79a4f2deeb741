/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/plot/plot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/base/wrap.h"
#include "sim/output/files.h"
#include "sim/plot/plot_pictures.h"
#include "sim/report/axis.h"

enum { HELP_WIDTH = 78, HELP_INDENT = 15 };

#define PICTURE(name) &plot_##name,
static const struct plot_picture *const pictures[] = {PLOT_PICTURES(PICTURE)};
enum { NR_PICTURES = sizeof(pictures) / sizeof(*pictures) };

void plot_help(FILE *out)
{
	for (size_t i = 0; i < NR_PICTURES; i++) {
		struct wrap wrap = {.stream = out, .width = HELP_WIDTH, .indent = HELP_INDENT};
		char text[400];

		snprintf(text, sizeof(text), "%s: of %s", pictures[i]->help, pictures[i]->needs);
		wrap_piece(&wrap, "", "  %-*s", HELP_INDENT - 2, pictures[i]->name);
		wrap_words(&wrap, text);
		wrap_end(&wrap);
	}
}

static enum oversub_status find_picture(const char *name, const struct plot_picture **picture,
					struct oversub_error *error)
{
	char names[256];
	struct text text = TEXT_IN(names);

	for (size_t i = 0; i < NR_PICTURES; i++) {
		if (!strcmp(pictures[i]->name, name)) {
			*picture = pictures[i];
			return OVERSUB_OK;
		}
		text_join(&text, i + 1 < NR_PICTURES ? ", " : " and ", "%s", pictures[i]->name);
	}
	return oversub_fail(error, OVERSUB_BAD_INPUT, "there is no picture \"%s\": %s are there",
			    name, names);
}

static enum oversub_status draw_series(const struct plot_picture *picture,
				       const struct plot_data *data, const char *directory,
				       const struct plot_options *options,
				       struct oversub_error *error)
{
	int x = picture->x_axis ? picture->x_axis(data) : plot_layout_default_x(data);
	int facet = picture->by_eoi ? axis_with(&data->grid, AXIS_EOI) : -1;
	struct plot_layout layout;
	struct plot_script script;
	enum oversub_status status = plot_layout_make(data, x, facet, &layout, error);

	if (status)
		return status;
	if (picture->categorical)
		plot_layout_make_categorical(&layout);
	status = plot_script_open(&script, picture->name, data, directory, options, error);
	if (!status) {
		plot_script_layout(&script, &layout);
		picture->write(&script, &layout);
		status = plot_script_draw(&script, error);
	}
	plot_layout_free(&layout);
	return status;
}

/* Whether a picture is drawn without being asked for. */
static bool is_unasked(const struct plot_picture *picture, const struct plot_data *data,
		       const struct plot_options *options)
{
	return picture->applies(data, options) &&
	       picture->of_design == (data->grid.design.kind != SWEEP_NO_DESIGN) &&
	       (!picture->by_default || picture->by_default(data, options));
}

/* Only one picture, or, if only is NULL, all that are drawn unasked. */
static enum oversub_status draw_into(const char *directory, const struct plot_data *data,
				     const struct plot_picture *only,
				     const struct plot_options *options,
				     struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	size_t nr = 0;

	for (size_t i = 0; !status && i < NR_PICTURES; i++) {
		const struct plot_picture *picture = pictures[i];
		bool applies = picture->applies(data, options);

		if (only ? picture != only : !is_unasked(picture, data, options))
			continue;
		if (!applies)
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "%s has no data for %s: it needs %s", data->directory,
					    picture->name, picture->needs);
		status = picture->draw ? picture->draw(data, directory, options, error)
				       : draw_series(picture, data, directory, options, error);
		nr++;
	}
	if (!status && nr == 0)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "the results in %s have nothing to draw: no requests, no "
				      "waits, no trace",
				      data->directory);
	return status;
}

static enum oversub_status draw(const struct plot_data *data, const struct plot_picture *only,
				const struct plot_options *options, struct oversub_error *error)
{
	char *directory = output_path(data->directory, "plots");
	enum oversub_status status;

	if (!directory)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	/* Is there a gnuplot? Ask before anything is written or replaced. */
	status = plot_gnuplot(".", "--version", error);
	if (!status && options->metric)
		status = plot_generic_check(data, options, error);
	if (!status)
		status = draw_into(directory, data, only, options, error);
	free(directory);
	return status;
}

enum oversub_status plot_directory(const char *dir, const struct plot_options *options,
				   struct oversub_error *error)
{
	const struct plot_picture *only = NULL;
	enum oversub_status status = OVERSUB_OK;
	struct plot_data data;

	if (options->only)
		status = find_picture(options->only, &only, error);
	if (!status)
		status = plot_data_load(dir, &data, error);
	if (!status && data.nr_missing && !options->quiet)
		fprintf(stderr, "note: %zu of the %zu points of %s are missing\n", data.nr_missing,
			data.nr_points, dir);
	if (status)
		return status;
	status = draw(&data, only, options, error);
	plot_data_free(&data);
	return status;
}
