/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep over policies and over conditions as a matrix: a row for each policy, a column for each
 * combination of the conditions. A cell says what the policy changes there, against mainline on all
 * axes under the same conditions, replication by replication.
 */
#ifndef SIM_PLOT_MATRIX_H
#define SIM_PLOT_MATRIX_H

#include <stdbool.h>
#include <stdio.h>

#include <oversub/error.h>

#include "sim/plot/plot_data.h"
#include "sim/stats/paired.h"

/* Share drift of more than so many per cent is flagged. */
#define MATRIX_DRIFT_LIMIT 2.0

/* A change against the base of a column, or a loss against its oracle. */
struct matrix_change {
	struct sim_relative relative; /* n is 0 if there is nothing to compare with */
	double p;		      /* of no change; NAN: no test, as nothing differs */
	double p_holm;		      /* after correction over the table; NAN: no test */
	bool significant;	      /* p_holm < 0.05 */
};

struct matrix_cell {
	const struct plot_point *point; /* NULL: the sweep has not got there; belongs to the data */
	double throughput;		/* requests/s of class matrix.scope */
	struct matrix_change change;	/* of throughput; 0 if it is the base */
	double share;			/* CPU time over entitlement of class matrix.bystander */
	struct matrix_change drift;	/* of share, likewise */
	double precision, recall;	/* of hints, 0..1; NAN if there are none */
	struct sim_relative regret;	/* throughput that the best oracle of the column has more,
					 * over the oracle's; n is 0 if there is none */
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
	size_t nr_tests;       /* changes and drifts that are corrected for each other */
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
/* Whether drift is beyond the limit and significant. */
bool matrix_is_unfair(const struct matrix_change *drift);

/* matrix_text.c: a matrix, for output_file_write(). Errors stay in the stream. */

/* For people, about 120 columns: a block for each column of the matrix. */
void matrix_write_text(FILE *stream, const void *context);
/* A row for each cell, with a line of names first. */
void matrix_write_csv(FILE *stream, const void *context);

#endif
