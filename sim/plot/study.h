/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the points of a design say of its parameters. Where the sweep crosses the design with a list
 * of values (policies, above all), it is the change that each of these makes against the first, so
 * that the study says where a gain comes from.
 */
#ifndef SIM_PLOT_STUDY_H
#define SIM_PLOT_STUDY_H

#include <stdio.h>

#include <oversub/error.h>

#include "sim/plot/plot_data.h"
#include "sim/run/sensitivity.h"

struct study {
	char *label;	 /* "v3 against mainline", at which values of further axes; owned */
	bool relative;	 /* results are changes in per cent */
	double mean, sd; /* of the results of all rows */
	struct sensitivity *factors; /* one for each parameter; owned */
};

struct studies {
	const struct plot_data *data;
	const char *scope, *metric; /* borrowed from data */
	struct study *list;	    /* owned */
	size_t nr;
};

/*
 * Make the studies of data, which outlives them, of metric: "NAME" or "SCOPE:NAME"; NULL: of
 * requests/s. OVERSUB_BAD_INPUT: data has no design, points are missing, or there is no such
 * metric. Free them with studies_free().
 */
enum oversub_status studies_make(const struct plot_data *data, const char *metric,
				 struct studies *studies, struct oversub_error *error);
void studies_free(struct studies *studies);

/* The table, and the same as JSON. */
void studies_write(FILE *stream, const struct studies *studies);
void studies_write_json(FILE *stream, const struct studies *studies);

#endif
