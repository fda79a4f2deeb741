/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub plot DIR: pictures of what is in a result directory. */
#include <stdio.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/message.h"
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

int cmd_plot(int argc, char **argv)
{
	struct cli_options options;
	struct oversub_error error;
	bool helped;
	enum oversub_status status = cli_options_parse(command_find("plot"), argc, argv, 1, 1,
						       &options, &helped, &error);
	struct plot_options plot = {
		.force = options.force,
		.quiet = options.quiet,
		.only = options.only,
		.metric = options.metric,
		.from_ns = options.from_ns,
		.length_ns = options.length_ns,
	};

	if (!status && !helped)
		status = choose_format(options.format, &plot.format, &error);
	if (!status && !helped)
		status = plot_directory(options.arguments[0], &plot, &error);
	if (status)
		message_error("%s", error.message);
	cli_options_free(&options);
	return status;
}
