/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One picture on its way: NAME.dat with its numbers, NAME.gp that sets what the template needs and
 * is followed by it, and gnuplot, which is run in the directory of the pictures. So a picture can
 * be drawn again wherever these two files are: gnuplot NAME.gp
 */
#ifndef SIM_PLOT_PLOT_SCRIPT_H
#define SIM_PLOT_PLOT_SCRIPT_H

#include <stdio.h>

#include <oversub/error.h>

#include "sim/output/files.h"
#include "sim/plot/plot.h"
#include "sim/plot/plot_layout.h"

struct plot_script {
	const struct plot_options *options;
	char *directory;  /* of the pictures; owned */
	const char *name; /* "throughput" */
	struct output_file script, data;
};

/*
 * Begin picture name of the results in data in directory. OVERSUB_BAD_INPUT if it exists and is
 * not to be replaced. End with plot_script_draw() or plot_script_abandon().
 */
enum oversub_status plot_script_open(struct plot_script *script, const char *name,
				     const struct plot_data *data, const char *directory,
				     const struct plot_options *options,
				     struct oversub_error *error);
/* Complete the files and let gnuplot draw. */
enum oversub_status plot_script_draw(struct plot_script *script, struct oversub_error *error);
/* Remove what was begun. */
void plot_script_abandon(struct plot_script *script);

/* Variables of the template. Errors stay in the streams. */
void plot_script_string(struct plot_script *script, const char *name, const char *value);
void plot_script_number(struct plot_script *script, const char *name, double value);
/*
 * A block of rows in the data, which plot_script_end_block() ends. Templates find it by a name:
 * what the line "# text" before it begins with. The second one writes "# [what place curve] text",
 * which block() in style.gp knows; panels count from 0 and curves from 1.
 */
void plot_script_begin_block(struct plot_script *script, const char *text);
void plot_script_begin_curve(struct plot_script *script, const char *what, size_t place,
			     size_t curve, const char *text);
void plot_script_end_block(struct plot_script *script);

/* An array of strings, 1 .. nr: at once, or element by element with index 0 .. nr - 1. */
void plot_script_array(struct plot_script *script, const char *name, const char *const *list,
		       size_t nr);
void plot_script_begin_array(struct plot_script *script, const char *name, size_t nr);
void plot_script_element(struct plot_script *script, const char *name, size_t index,
			 const char *value);

/*
 * What all pictures of series share: NR_SERIES, the arrays LABEL and POLICY; FIXED; for the facets
 * NR_COLUMNS and the array COLUMN; and for the x axis NR_X, X_TICS, X_PLACES, X_LABEL, X_MIN,
 * X_MAX, X_ROOM and X_CATEGORICAL.
 */
void plot_script_layout(struct plot_script *script, const struct plot_layout *layout);

/*
 * Run gnuplot on `script` in directory. OVERSUB_FAILED with the package to install if there is
 * none, or with the first line of what it said.
 */
enum oversub_status plot_gnuplot(const char *directory, const char *script,
				 struct oversub_error *error);
/* The template NAME.gp, to read; the caller closes it. */
enum oversub_status plot_open_template(const char *name, FILE **stream,
				       struct oversub_error *error);

#endif
