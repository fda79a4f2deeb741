/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/run/sweep_design.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_qrng.h>
#include <gsl/gsl_randist.h>

#include "sim/base/array.h"
#include "sim/engine/random.h"
#include "sim/scenario/units.h"

/* Digits of a value: enough for a thousand rows to differ. */
enum { DIGITS = 5, MAX_ROWS = 100000, MORRIS_LEVELS = 4, MAX_FACTORS = 20 };

const char *const sweep_design_names[] = {"", "lhs", "sobol", "morris", NULL};

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the points of the sweep");
}

enum oversub_status sweep_design_parse(const char *text, struct sweep_design *design,
				       struct oversub_error *error)
{
	const char *colon = strchr(text, ':');
	char *end = NULL;

	*design = (struct sweep_design){0};
	for (int kind = SWEEP_LHS; colon && kind <= SWEEP_MORRIS; kind++)
		if (strlen(sweep_design_names[kind]) == (size_t)(colon - text) &&
		    !strncmp(text, sweep_design_names[kind], (size_t)(colon - text)))
			design->kind = (enum sweep_design_kind)kind;
	if (design->kind && colon[1] >= '0' && colon[1] <= '9')
		design->size = strtoull(colon + 1, &end, 10);
	if (!end || *end || design->size < 2 || design->size > MAX_ROWS)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--design %.100s: expected lhs:N, sobol:N or morris:R, N and R "
				    "from 2 to %d",
				    text, MAX_ROWS);
	return OVERSUB_OK;
}

enum oversub_status sweep_design_add(struct sweep_design *design, const char *path,
				     const char *text, struct oversub_error *error)
{
	struct sweep_factor *factor = array_add(design->factors, design->nr_factors);
	enum oversub_status status;

	if (factor)
		factor->path = strdup(path);
	if (!factor || !factor->path)
		return out_of_memory(error);
	status = sweep_range_parse(text, path, &factor->range, error);
	if (!status && factor->range.nr)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "--vary %s: with --design a range has no number of values: "
				      "write LOW..HIGH or LOW..HIGH:log",
				      path);
	for (size_t i = 0; !status && i + 1 < design->nr_factors; i++)
		if (!strcmp(design->factors[i].path, path))
			status = oversub_fail(error, OVERSUB_BAD_INPUT,
					      "--vary %s is given twice; put all values into one",
					      path);
	return status;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static bool put(struct sweep_design *design, size_t row, size_t factor, double fraction)
{
	char text[SWEEP_VALUE_MAX];
	char **value = &design->values[row * design->nr_factors + factor];

	*value = strdup(sweep_range_value(&design->factors[factor].range, fraction, DIGITS, text));
	return *value;
}

static bool make_lhs(struct sweep_design *design)
{
	size_t *order = calloc(design->size, sizeof(*order));
	struct sim_stream stream;
	bool good = order;

	sim_stream_init(&stream, 1, 0, "sweep", "lhs");
	for (size_t k = 0; good && k < design->nr_factors; k++) {
		for (size_t i = 0; i < design->size; i++)
			order[i] = i;
		gsl_ran_shuffle(sim_stream_rng(&stream), order, design->size, sizeof(*order));
		for (size_t i = 0; good && i < design->size; i++)
			good = put(design, i, k,
				   ((double)order[i] + sim_stream_uniform(&stream)) /
					   (double)design->size);
	}
	free(order);
	return good;
}

size_t sweep_sobol_a(const struct sweep_design *design, size_t i)
{
	return i * (design->nr_factors + 2);
}

size_t sweep_sobol_b(const struct sweep_design *design, size_t i)
{
	return sweep_sobol_a(design, i) + 1;
}

size_t sweep_sobol_ab(const struct sweep_design *design, size_t i, size_t factor)
{
	return sweep_sobol_a(design, i) + 2 + factor;
}

static bool make_sobol(struct sweep_design *design)
{
	size_t nr = design->nr_factors;
	gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned int)(2 * nr));
	double *both = calloc(2 * nr, sizeof(*both));
	bool good = sequence && both;

	for (size_t i = 0; good && i < design->size; i++) {
		gsl_qrng_get(sequence, both);
		for (size_t k = 0; good && k < nr; k++)
			good = put(design, sweep_sobol_a(design, i), k, both[k]) &&
			       put(design, sweep_sobol_b(design, i), k, both[nr + k]);
		for (size_t changed = 0; good && changed < nr; changed++)
			for (size_t k = 0; good && k < nr; k++)
				good = put(design, sweep_sobol_ab(design, i, changed), k,
					   both[k == changed ? nr + k : k]);
	}
	if (sequence)
		gsl_qrng_free(sequence);
	free(both);
	return good;
}

/* One trajectory: where it starts, in which order parameters change, and which way. */
struct trajectory {
	double start[MAX_FACTORS], step[MAX_FACTORS];
	size_t order[MAX_FACTORS];
};

/* Of levels 0, 1/3, 2/3 and 1, a step is two thirds; it starts where there is room for it. */
static void draw_trajectory(const struct sweep_design *design, size_t i,
			    struct trajectory *trajectory)
{
	const double delta = MORRIS_LEVELS / (2.0 * (MORRIS_LEVELS - 1));
	struct sim_stream stream;

	sim_stream_init(&stream, 1, (uint32_t)i, "sweep", "morris");
	for (size_t k = 0; k < design->nr_factors; k++) {
		bool up = sim_stream_below(&stream, 2);
		double level =
			(double)sim_stream_below(&stream, MORRIS_LEVELS / 2) / (MORRIS_LEVELS - 1);

		trajectory->start[k] = up ? level : level + delta;
		trajectory->step[k] = up ? delta : -delta;
		trajectory->order[k] = k;
	}
	gsl_ran_shuffle(sim_stream_rng(&stream), trajectory->order, design->nr_factors,
			sizeof(*trajectory->order));
}

static bool make_morris(struct sweep_design *design)
{
	struct trajectory trajectory;
	size_t nr = design->nr_factors;
	bool good = true;

	for (size_t i = 0; good && i < design->size; i++) {
		draw_trajectory(design, i, &trajectory);
		for (size_t row = 0; good && row <= nr; row++) {
			for (size_t k = 0; good && k < nr; k++)
				good = put(design, i * (nr + 1) + row, k, trajectory.start[k]);
			if (row < nr)
				trajectory.start[trajectory.order[row]] +=
					trajectory.step[trajectory.order[row]];
		}
	}
	return good;
}

double sweep_morris_step(const struct sweep_design *design, size_t i, size_t factor, size_t *from,
			 size_t *to)
{
	struct trajectory trajectory;
	size_t at = 0;

	draw_trajectory(design, i, &trajectory);
	while (trajectory.order[at] != factor)
		at++;
	*from = i * (design->nr_factors + 1) + at;
	*to = *from + 1;
	return trajectory.step[factor];
}

size_t sweep_design_rows(const struct sweep_design *design)
{
	switch (design->kind) {
	case SWEEP_SOBOL: return design->size * (design->nr_factors + 2);
	case SWEEP_MORRIS: return design->size * (design->nr_factors + 1);
	default: return design->size;
	}
}

enum oversub_status sweep_design_make(struct sweep_design *design, struct oversub_error *error)
{
	size_t nr = design->nr_factors;
	bool good = false;

	if (nr < 1 || nr > MAX_FACTORS)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--design: give 1 to %d ranges with --vary PATH=LOW..HIGH",
				    MAX_FACTORS);
	design->nr_rows = sweep_design_rows(design);
	if (design->nr_rows > MAX_ROWS)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--design: %zu points are more than %d", design->nr_rows,
				    MAX_ROWS);
	design->values = calloc(design->nr_rows * nr, sizeof(*design->values));
	if (!design->values)
		return out_of_memory(error);
	switch (design->kind) {
	case SWEEP_NO_DESIGN: break;
	case SWEEP_LHS: good = make_lhs(design); break;
	case SWEEP_SOBOL: good = make_sobol(design); break;
	case SWEEP_MORRIS: good = make_morris(design); break;
	}
	return good ? OVERSUB_OK : out_of_memory(error);
}

const char *sweep_design_value(const struct sweep_design *design, size_t row, size_t factor)
{
	return design->values[row * design->nr_factors + factor];
}

double sweep_design_number(const struct sweep_design *design, size_t row, size_t factor)
{
	const char *text = sweep_design_value(design, row, factor);
	int64_t ns;

	return units_parse_duration(text, &ns) ? (double)ns : strtod(text, NULL);
}

void sweep_design_free(struct sweep_design *design)
{
	for (size_t i = 0; design->values && i < design->nr_rows * design->nr_factors; i++)
		free(design->values[i]);
	for (size_t i = 0; i < design->nr_factors; i++)
		free(design->factors[i].path);
	free(design->values);
	free(design->factors);
	*design = (struct sweep_design){0};
}
