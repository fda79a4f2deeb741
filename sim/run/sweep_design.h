/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Designs: points spread over ranges of many parameters at once, where a grid would have too many.
 *
 *	lhs:N	 N points of a Latin hypercube: each parameter has one value in each N-th of its
 *		 range (McKay, Beckman and Conover 1979)
 *	sobol:N	 N (k + 2) points for k parameters, from which the share of the variance that each
 *		 of them explains can be estimated (Saltelli 2010), on a Sobol sequence
 *	morris:R R trajectories of k + 1 points, each a step of one parameter: its elementary
 *effects (Morris 1991)
 *
 * The rows of a design are the values of one axis of the grid, SWEEP_DESIGN_PATH, which are their
 * numbers. Rows depend on nothing but the design and the ranges.
 */
#ifndef SIM_RUN_SWEEP_DESIGN_H
#define SIM_RUN_SWEEP_DESIGN_H

#include <stddef.h>

#include <oversub/error.h>

#include "sim/run/sweep_range.h"

/* The path of the axis of rows. */
#define SWEEP_DESIGN_PATH "design"

enum sweep_design_kind { SWEEP_NO_DESIGN, SWEEP_LHS, SWEEP_SOBOL, SWEEP_MORRIS };

/* As they are written: "", "lhs", "sobol", "morris". */
extern const char *const sweep_design_names[];

struct sweep_factor {
	char *path; /* as the user wrote it, later the full one; owned */
	struct sweep_range range;
};

struct sweep_design {
	enum sweep_design_kind kind;
	size_t size;		      /* N or R */
	struct sweep_factor *factors; /* owned */
	size_t nr_factors;
	char **values; /* nr_rows x nr_factors texts; owned */
	size_t nr_rows;
};

/* Read "lhs:N", "sobol:N" or "morris:R". OVERSUB_BAD_INPUT if it is none. */
enum oversub_status sweep_design_parse(const char *text, struct sweep_design *design,
				       struct oversub_error *error);
/* Add a parameter, PATH=LOW..HIGH with or without ":log". */
enum oversub_status sweep_design_add(struct sweep_design *design, const char *path,
				     const char *text, struct oversub_error *error);
/* How many rows a design of its kind, size and number of parameters has. */
size_t sweep_design_rows(const struct sweep_design *design);
/* Make the rows. OVERSUB_BAD_INPUT: too few parameters or too many points. */
enum oversub_status sweep_design_make(struct sweep_design *design, struct oversub_error *error);
/* The value of a parameter in a row. */
const char *sweep_design_value(const struct sweep_design *design, size_t row, size_t factor);
/* The same as a number, in ns if it is a duration. */
double sweep_design_number(const struct sweep_design *design, size_t row, size_t factor);
void sweep_design_free(struct sweep_design *design);

/* ---- Which rows belong together -------------------------------------------------------------- */

/* sobol: rows of A and of B, and of A with the column factor of B; i of size. */
size_t sweep_sobol_a(const struct sweep_design *design, size_t i);
size_t sweep_sobol_b(const struct sweep_design *design, size_t i);
size_t sweep_sobol_ab(const struct sweep_design *design, size_t i, size_t factor);

/*
 * morris: the step of factor in trajectory i goes from row *from to row *to; the return value is
 * its length in fractions of the range, which may be negative.
 */
double sweep_morris_step(const struct sweep_design *design, size_t i, size_t factor, size_t *from,
			 size_t *to);

#endif
