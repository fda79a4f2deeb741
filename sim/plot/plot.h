/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures of what is in a result directory, drawn by gnuplot from the templates in plots/. Their
 * numbers and scripts go to DIR/plots with them, so that a picture can be redrawn anywhere and its
 * numbers be looked at.
 */
#ifndef SIM_PLOT_PLOT_H
#define SIM_PLOT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <oversub/error.h>

enum plot_format {
	PLOT_PNG,
	PLOT_SVG,
};

struct plot_options {
	bool force;		 /* replace pictures that are there already */
	bool quiet;		 /* do not name the pictures on stdout */
	enum plot_format format; /* PLOT_PNG unless the user says otherwise */
	const char *only;	 /* the name of a picture, or NULL: all that the directory allows */
	const char
		*metric; /* of the generic picture, "SCOPE:NAME" or "NAME"; NULL: requests_per_s */
	int64_t from_ns; /* start of the timeline on the trace's clock; < 0: choose one */
	int64_t length_ns; /* of the timeline; 0: 5 ms, or less where yields are dense */
};

/* A line or more for each picture: what it shows, and of which results. */
void plot_help(FILE *out);

/*
 * Draw the pictures of directory dir into dir/plots.
 * OVERSUB_BAD_INPUT: no results in dir, a result file that cannot be read, a picture that exists
 * without force, an unknown name in only or one that dir has no data for.
 * OVERSUB_FAILED: gnuplot is missing or failed, a template is missing, a file cannot be written.
 */
enum oversub_status plot_directory(const char *dir, const struct plot_options *options,
				   struct oversub_error *error);

#endif
