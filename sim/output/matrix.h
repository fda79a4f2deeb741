/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep over policies and over conditions as a matrix: a row for each policy, a column for each
 * combination of the conditions. A cell says what the policy changes there, against mainline on all
 * axes under the same conditions, replication by replication.
 */
#ifndef SIM_OUTPUT_MATRIX_H
#define SIM_OUTPUT_MATRIX_H

#include <stdbool.h>
#include <stdio.h>

#include <oversub/error.h>

#include "sim/output/plot_data.h"
#include "sim/stats/interval.h"

/* Share drift of more than so many per cent is flagged. */
#define MATRIX_DRIFT_LIMIT 2.0

struct matrix_cell {
	const struct plot_point *point; /* NULL: the sweep has not got there; belongs to the data */
	double throughput;		/* requests/s of class matrix.scope */
	struct sim_interval change;	/* of throughput, % of the base's; 0 if it is the base */
	double share;			/* CPU time over entitlement of class matrix.bystander */
	struct sim_interval drift;	/* of share, % of the base's */
	double precision, recall;	/* of hints, 0..1; NAN if there are none */
	struct sim_interval regret; /* throughput that the best oracle of the column has more, % of
				     * the oracle's; n is 0 if there is none */
};

struct matrix {
	const struct plot_data *data;
	size_t nr_rows, nr_columns;
	char **rows, **columns; /* labels; owned */
	struct matrix_cell
		*cells;	       /* cell of row r in column c is number r * nr_columns + c; owned */
	size_t *bases;	       /* for each column, the row that it is compared with; owned */
	const char *scope;     /* whose throughput: of VMs with requests, those that spin most */
	const char *bystander; /* whose share: those that spin least; NULL if there is one class */
};

/* Whether data has policies, conditions and throughput to make a matrix of. */
bool matrix_applies(const struct plot_data *data);
/*
 * Make the matrix of data, which outlives it. Free it with matrix_free().
 */
enum oversub_status matrix_make(const struct plot_data *data, struct matrix *matrix,
				struct oversub_error *error);
void matrix_free(struct matrix *matrix);

const struct matrix_cell *matrix_cell(const struct matrix *matrix, size_t row, size_t column);
bool matrix_is_base(const struct matrix *matrix, size_t row, size_t column);
/* Whether the interval excludes 0. */
bool matrix_excludes_zero(const struct sim_interval *interval);
/* Whether drift is beyond the limit for certain enough: its interval excludes 0. */
bool matrix_is_unfair(const struct sim_interval *drift);

/* matrix_text.c: errors stay in the stream. */

/* For people, about 110 columns: a block for each column of the matrix. */
void matrix_write_text(FILE *stream, const struct matrix *matrix);
/* A row for each cell, with a line of names first. */
void matrix_write_csv(FILE *stream, const struct matrix *matrix);

#endif
