/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a design says of its parameters: how much of the variation of a result each of them is
 * behind. By kind of design:
 *
 *	sobol	first: share of the variance that the parameter explains alone; total: with all that
 *		it does together with others (Saltelli and others 2010, Jansen 1999)
 *	morris	first: mean of the absolute elementary effects (mu*), total: their standard
 *deviation (sigma), which is large where the effect depends on the others; both in units of the
 *		result over the whole range (Campolongo, Cariboni and Saltelli 2007)
 *	lhs	first: Spearman's rank correlation with the result; total: none
 *
 * Intervals are those of the bootstrap over rows, or trajectories: 95 %.
 */
#ifndef SIM_RUN_SENSITIVITY_H
#define SIM_RUN_SENSITIVITY_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>

#include "sim/run/sweep_design.h"

struct sensitivity_estimate {
	double value, low, high; /* NAN: does not exist */
};

struct sensitivity {
	struct sensitivity_estimate first, total;
};

/*
 * Of the results y of the rows of design, one for each of its parameters into sensitivities.
 * OVERSUB_BAD_INPUT if a result is not finite; OVERSUB_FAILED without memory.
 */
enum oversub_status sensitivity_estimate(const struct sweep_design *design, const double *y,
					 struct sensitivity *sensitivities,
					 struct oversub_error *error);
/* What first and total are called for a kind of design; the second is NULL if there is none. */
const char *sensitivity_name(enum sweep_design_kind kind, bool total);

#endif
