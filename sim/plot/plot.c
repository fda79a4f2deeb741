/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/plot/plot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/output/files.h"
#include "sim/plot/plot_data.h"
#include "sim/plot/plot_pictures.h"
#include "sim/plot/plot_script.h"

static const struct plot_picture *const pictures[] = {
	&plot_throughput, &plot_load,	 &plot_latency_cdf, &plot_window,  &plot_accuracy,
	&plot_matrix,	  &plot_generic, &plot_timeline,    &plot_journey, NULL,
};

const char *const plot_names[] = {"throughput", "load",	   "latency_cdf", "window",  "accuracy",
				  "matrix",	"generic", "timeline",	  "journey", NULL};

static enum oversub_status find_picture(const char *name, const struct plot_picture **picture,
					struct oversub_error *error)
{
	for (size_t i = 0; pictures[i]; i++)
		if (!strcmp(pictures[i]->name, name)) {
			*picture = pictures[i];
			return OVERSUB_OK;
		}
	return oversub_fail(
		error, OVERSUB_BAD_INPUT,
		"there is no picture \"%s\": throughput, load, latency_cdf, window, accuracy, "
		"matrix, generic, timeline and journey are there",
		name);
}

static enum oversub_status draw_one(const struct plot_data *data, const char *directory,
				    const struct plot_options *options, struct oversub_error *error)
{
	const struct plot_picture *picture = NULL;
	enum oversub_status status = find_picture(options->only, &picture, error);

	if (status)
		return status;
	if (!picture->applies(data, options))
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s has no data for %s: it needs %s",
				    data->directory, picture->name, picture->needs);
	return picture->draw(data, directory, options, error);
}

static enum oversub_status draw_all(const struct plot_data *data, const char *directory,
				    const struct plot_options *options, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	size_t nr = 0;

	for (size_t i = 0; !status && pictures[i]; i++) {
		const struct plot_picture *picture = pictures[i];

		if (!picture->applies(data, options) ||
		    (picture->by_default && !picture->by_default(data, options)))
			continue;
		status = picture->draw(data, directory, options, error);
		nr++;
	}
	if (!status && nr == 0)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "the results in %s have nothing to draw: no requests, no "
				      "waits, no trace",
				      data->directory);
	return status;
}

static enum oversub_status draw(const struct plot_data *data, const struct plot_options *options,
				struct oversub_error *error)
{
	char *directory = output_path(data->directory, "plots");
	enum oversub_status status;

	if (!directory)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	status = options->metric ? plot_generic_check(data, options, error) : OVERSUB_OK;
	if (!status)
		status = options->only ? draw_one(data, directory, options, error)
				       : draw_all(data, directory, options, error);
	free(directory);
	return status;
}

enum oversub_status plot_directory(const char *dir, const struct plot_options *options,
				   struct oversub_error *error)
{
	const struct plot_picture *picture;
	enum oversub_status status = OVERSUB_OK;
	struct plot_data data;

	if (options->only)
		status = find_picture(options->only, &picture, error);
	if (!status)
		status = plot_data_load(dir, &data, error);
	if (status)
		return status;
	/* Is there a gnuplot? Ask before anything is written or replaced. */
	status = plot_gnuplot(".", "--version", error);
	if (!status)
		status = draw(&data, options, error);
	plot_data_free(&data);
	return status;
}
