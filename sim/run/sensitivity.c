/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/sensitivity.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "sim/engine/random.h"

enum { RESAMPLES = 500 };

/* One resampling of a design: which rows, trajectories or quartets take part. */
struct sample {
	const struct sweep_design *design;
	const double *y;
	const size_t *chosen; /* nr indices below design->size */
	size_t nr;
	double *scratch; /* 4 x nr */
};

/* first and total of one parameter. */
struct pair {
	double first, total;
};

static struct pair of_sobol(const struct sample *sample, size_t factor)
{
	double *outcomes = sample->scratch, first = 0, total = 0, variance;

	for (size_t n = 0; n < sample->nr; n++) {
		size_t i = sample->chosen[n];
		double a = sample->y[sweep_sobol_a(sample->design, i)];
		double b = sample->y[sweep_sobol_b(sample->design, i)];
		double ab = sample->y[sweep_sobol_ab(sample->design, i, factor)];

		outcomes[2 * n] = a;
		outcomes[2 * n + 1] = b;
		first += b * (ab - a);
		total += (a - ab) * (a - ab);
	}
	variance = gsl_stats_variance(outcomes, 1, 2 * sample->nr);
	if (!(variance > 0))
		return (struct pair){NAN, NAN};
	return (struct pair){first / (double)sample->nr / variance,
			     total / (2 * (double)sample->nr) / variance};
}

static struct pair of_morris(const struct sample *sample, size_t factor)
{
	double *effects = sample->scratch, sum = 0;

	for (size_t n = 0; n < sample->nr; n++) {
		size_t from, to;
		double step =
			sweep_morris_step(sample->design, sample->chosen[n], factor, &from, &to);

		effects[n] = (sample->y[to] - sample->y[from]) / step;
		sum += fabs(effects[n]);
	}
	return (struct pair){sum / (double)sample->nr, gsl_stats_sd(effects, 1, sample->nr)};
}

static struct pair of_lhs(const struct sample *sample, size_t factor)
{
	double *x = sample->scratch, *y = x + sample->nr;

	for (size_t n = 0; n < sample->nr; n++) {
		x[n] = sweep_design_number(sample->design, sample->chosen[n], factor);
		y[n] = sample->y[sample->chosen[n]];
	}
	return (struct pair){gsl_stats_spearman(x, 1, y, 1, sample->nr, y + sample->nr), NAN};
}

static struct pair estimate(const struct sample *sample, size_t factor)
{
	switch (sample->design->kind) {
	case SWEEP_SOBOL: return of_sobol(sample, factor);
	case SWEEP_MORRIS: return of_morris(sample, factor);
	default: return of_lhs(sample, factor);
	}
}

/* The middle 95 % of nr values. */
static void set_interval(double *values, size_t nr, struct sensitivity_estimate *estimate)
{
	estimate->low = estimate->high = NAN;
	for (size_t i = 0; i < nr; i++)
		if (!isfinite(values[i]))
			return;
	gsl_sort(values, 1, nr);
	estimate->low = gsl_stats_quantile_from_sorted_data(values, 1, nr, 0.025);
	estimate->high = gsl_stats_quantile_from_sorted_data(values, 1, nr, 0.975);
}

static void bootstrap(struct sample *sample, size_t *drawn, double *firsts, double *totals,
		      struct sensitivity *sensitivities)
{
	const struct sweep_design *design = sample->design;

	for (size_t k = 0; k < design->nr_factors; k++) {
		struct sim_stream stream;
		struct pair all;

		for (size_t n = 0; n < sample->nr; n++)
			drawn[n] = n;
		all = estimate(sample, k);
		sim_stream_init(&stream, 1, (uint32_t)k, "sensitivity", "bootstrap");
		for (size_t r = 0; r < RESAMPLES; r++) {
			struct pair one;

			for (size_t n = 0; n < sample->nr; n++)
				drawn[n] = sim_stream_below(&stream, sample->nr);
			one = estimate(sample, k);
			firsts[r] = one.first;
			totals[r] = one.total;
		}
		sensitivities[k] = (struct sensitivity){{.value = all.first}, {.value = all.total}};
		set_interval(firsts, RESAMPLES, &sensitivities[k].first);
		set_interval(totals, RESAMPLES, &sensitivities[k].total);
	}
}

/*
 * The mean of the results taken away: the estimate of a first-order share is a difference of large
 * numbers otherwise.
 */
static double *centred(const struct sweep_design *design, const double *y)
{
	double *copy = calloc(design->nr_rows, sizeof(*copy));
	double mean = gsl_stats_mean(y, 1, design->nr_rows);

	for (size_t i = 0; copy && i < design->nr_rows; i++)
		copy[i] = y[i] - mean;
	return copy;
}

enum oversub_status sensitivity_estimate(const struct sweep_design *design, const double *y,
					 struct sensitivity *sensitivities,
					 struct oversub_error *error)
{
	size_t nr = design->size;
	size_t *drawn = calloc(nr, sizeof(*drawn));
	double *room = calloc(2 * RESAMPLES + 4 * nr, sizeof(*room)), *copy = centred(design, y);
	struct sample sample = {.design = design, .y = copy, .chosen = drawn, .nr = nr};
	enum oversub_status status = OVERSUB_OK;

	for (size_t i = 0; i < design->nr_rows; i++)
		if (!isfinite(y[i]))
			status = oversub_fail(error, OVERSUB_BAD_INPUT,
					      "row %zu of the design has no such result", i);
	if (!drawn || !room || !copy)
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (!status) {
		sample.scratch = room + 2 * RESAMPLES;
		bootstrap(&sample, drawn, room, room + RESAMPLES, sensitivities);
	}
	free(copy);
	free(drawn);
	free(room);
	return status;
}

const char *sensitivity_name(enum sweep_design_kind kind, bool total)
{
	switch (kind) {
	case SWEEP_SOBOL: return total ? "total" : "first order";
	case SWEEP_MORRIS: return total ? "sigma" : "mu*";
	default: return total ? NULL : "rank correlation";
	}
}
