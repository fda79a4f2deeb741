/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/plot_pictures.h"

static bool applies(const struct plot_data *data)
{
	return false;
}

const struct plot_picture plot_timeline = {
	.name = "timeline",
	.needs = "a trace",
	.applies = applies,
};
