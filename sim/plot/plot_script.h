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
	const char *directory; /* of the pictures */
	const char *name;      /* "throughput" */
	char *picture;	       /* path of what is drawn; owned */
	struct output_file script, data;
	bool in_block;
};

/*
 * Begin picture name of the results in data in directory; both, and options, outlive it.
 * OVERSUB_BAD_INPUT if it exists and is not to be replaced. End with plot_script_draw() or
 * plot_script_abandon().
 */
enum oversub_status plot_script_open(struct plot_script *script, const char *name,
				     const struct plot_data *data, const char *directory,
				     const struct plot_options *options,
				     struct oversub_error *error);
/* Complete the files and let gnuplot draw. */
enum oversub_status plot_script_draw(struct plot_script *script, struct oversub_error *error);
/* Remove what was begun. */
void plot_script_abandon(struct plot_script *script);

/* Variables of the template: a string, a number. Errors stay in the streams. */
void plot_text(struct plot_script *script, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void plot_number(struct plot_script *script, const char *name, double value);
/* An array of strings, 1 .. nr, and its element with index 0 .. nr - 1. */
void plot_array(struct plot_script *script, const char *name, size_t nr);
void plot_element(struct plot_script *script, const char *name, size_t index, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));

/*
 * Begin a block of rows in the data. Templates find it by a name: what the line "# text" before it
 * begins with. That of a curve is "# [what place curve] text", which block() in style.gp knows;
 * panels count from 0 and curves from 1.
 */
void plot_block(struct plot_script *script, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A row of the block, without the line feed. */
void plot_row(struct plot_script *script, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * What all pictures of series share: NR_SERIES, the arrays LABEL and POLICY; FIXED; for the facets
 * NR_COLUMNS and the array COLUMN; and for the x axis NR_X, X_TICS, X_PLACES, X_LABEL, X_MIN,
 * X_MAX, X_ROOM and X_CATEGORICAL.
 */
void plot_script_layout(struct plot_script *script, const struct plot_layout *layout);

/*
 * plot_gnuplot.c: run gnuplot on `script` in directory. OVERSUB_FAILED with the package to install
 * if there is none, or with the last line of what it said.
 */
enum oversub_status plot_gnuplot(const char *directory, const char *script,
				 struct oversub_error *error);
/* The text of the template NAME.gp, for free(). */
enum oversub_status plot_read_template(const char *name, char **text, struct oversub_error *error);

#endif
