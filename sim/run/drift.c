/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "sim/run/series.h"
#include "sim/stats/holm.h"

static const double significance_level = 0.05, least_drift = 0.005;

/* What is looked at, and what a message calls it. */
static const struct {
	const char *metric;
	enum series_quantity quantity;
} kinds[] = {{"drift.requests", SERIES_REQUESTS}, {"drift.cpu", SERIES_CPU_TIME}};

/* Two-sided probability of a mean at least so far from 0, if the true one is 0. */
static double p_of_no_drift(const struct sim_interval *drift)
{
	double error = drift->sd / sqrt((double)drift->n);

	if (drift->n < 2)
		return NAN;
	if (error == 0)
		return drift->mean == 0 ? 1 : 0;
	return 2 * gsl_cdf_tdist_Q(fabs(drift->mean) / error, (double)(drift->n - 1));
}

static const char *kind_of(const struct aggregate_metric *metric)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(metric->name, kinds[i].metric))
			return series_quantity_names[kinds[i].quantity];
	return NULL;
}

/* All that drifts or might, into list and p; they may be NULL. Returns how many. */
static size_t collect(const struct aggregate *aggregates, size_t nr, struct drift *list, double *p)
{
	size_t count = 0;

	for (size_t i = 0; i < nr; i++) {
		for (size_t m = 0; m < aggregates[i].nr_metrics; m++) {
			const struct aggregate_metric *metric = &aggregates[i].metrics[m];
			const char *what = kind_of(metric);

			if (!what)
				continue;
			if (list) {
				list[count] = (struct drift){.point = i,
							     .scope = metric->scope,
							     .what = what,
							     .mean = metric->interval.mean};
				p[count] = p_of_no_drift(&metric->interval);
			}
			count++;
		}
	}
	return count;
}

enum oversub_status drift_find(const struct aggregate *aggregates, size_t nr, size_t *found,
			       struct drift *worst, struct oversub_error *error)
{
	size_t count = collect(aggregates, nr, NULL, NULL);
	struct drift *list = calloc(count + 1, sizeof(*list));
	double *p = calloc(count + 1, sizeof(*p));

	bool ok = list && p;

	*found = 0;
	*worst = (struct drift){0};
	if (ok)
		collect(aggregates, nr, list, p);
	ok = ok && sim_holm(p, NULL, p, count);
	for (size_t i = 0; ok && i < count; i++) {
		list[i].p = p[i];
		if (!(p[i] < significance_level) || fabs(list[i].mean) < least_drift)
			continue;
		(*found)++;
		if (fabs(list[i].mean) > fabs(worst->mean))
			*worst = list[i];
	}
	free(list);
	free(p);
	if (!ok)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory looking for drifts");
	return OVERSUB_OK;
}
