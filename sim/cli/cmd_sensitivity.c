/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub sensitivity DIR: which parameters of a design matter. */
#include <stdio.h>

#include "sim/cli/command.h"
#include "sim/plot/study.h"

enum oversub_status cmd_sensitivity(const struct cli_options *options, struct oversub_error *error)
{
	struct plot_data data;
	struct studies studies;
	enum oversub_status status = plot_data_load(options->arguments[0], &data, error);

	if (status)
		return status;
	status = studies_make(&data, options->metric, &studies, error);
	if (!status && options->json)
		studies_write_json(stdout, &studies);
	else if (!status)
		studies_write(stdout, &studies);
	if (!status)
		studies_free(&studies);
	plot_data_free(&data);
	return status;
}
