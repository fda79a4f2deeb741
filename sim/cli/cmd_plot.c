/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub plot DIR: pictures of what is in a result directory. */
#include <stdio.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/plot/plot.h"

static enum oversub_status choose_format(const char *name, enum plot_format *format,
					 struct oversub_error *error)
{
	*format = PLOT_PNG;
	if (name && !strcmp(name, "svg"))
		*format = PLOT_SVG;
	else if (name && strcmp(name, "png"))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--format %.100s: expected png or svg", name);
	return OVERSUB_OK;
}

enum oversub_status cmd_plot(const struct cli_options *options, struct oversub_error *error)
{
	struct plot_options plot = {
		.force = options->force,
		.quiet = options->quiet,
		.only = options->only,
		.metric = options->metric,
		.from_ns = options->from_ns,
		.length_ns = options->length_ns,
	};
	enum oversub_status status = choose_format(options->format, &plot.format, error);

	return status ? status : plot_directory(options->arguments[0], &plot, error);
}
