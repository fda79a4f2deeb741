/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/overload.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "models/workload/backlog.h"
#include "sim/run/metric.h"

/* Chance that a backlog that does not grow is said to. */
#define LEVEL 0.01
/* A growth in the second half of the window that is worth a word: of what arrives, in items. */
#define LEAST_PART 0.001
#define LEAST	   5

/* The part of the backlog whose growth name is: "source.net", if it is one. */
static bool is_growth(const char *name, char *backlog, enum metric *first)
{
	static const enum metric firsts[] = {METRIC_SOURCE, METRIC_EVENT};
	static const char end[] = ".growth_per_s";
	size_t length = strlen(name);

	if (length < sizeof(end) || strcmp(name + length - strlen(end), end) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		const char *pattern = metric_descriptions[firsts[i]].name;
		size_t prefix = strcspn(pattern, "*");

		if (strncmp(name, pattern, prefix) != 0)
			continue;
		*first = firsts[i];
		snprintf(backlog, OVERLOAD_NAME_MAX, "%.*s", (int)(length - strlen(end)), name);
		return true;
	}
	return false;
}

static const struct aggregate_metric *part_of(const struct aggregate *aggregate,
					      const struct overload *overload, enum metric first,
					      enum metric_backlog part)
{
	const char *dot = strrchr(metric_descriptions[first + part].name, '.');
	char name[OVERLOAD_NAME_MAX + 32];

	snprintf(name, sizeof(name), "%s%s", overload->name, dot);
	return aggregate_find(aggregate, overload->scope, name);
}

static double mean_of(const struct aggregate_metric *metric)
{
	return metric ? metric->interval.mean : NAN;
}

/*
 * Each replication brings the mean of its parts' growths and its standard error; together they have
 * as many degrees of freedom as the spreads within replications. The window's length follows from
 * what growth means: items that are left in half of it.
 */
static bool grows(const struct aggregate *aggregate, const struct aggregate_metric *growth,
		  const struct aggregate_metric *error, double offered)
{
	double n = 0, sum = 0, squares = 0, mean, spread, freedom;

	for (size_t r = 0; error && r < aggregate->nr_replications; r++) {
		if (isnan(growth->values[r]) || isnan(error->values[r]))
			continue;
		n++;
		sum += growth->values[r];
		squares += error->values[r] * error->values[r];
	}
	if (n == 0)
		return false;
	mean = sum / n;
	spread = sqrt(squares) / n;
	freedom = n * (BACKLOG_PARTS / 2 - 1);
	return mean > LEAST_PART * offered && mean > spread * gsl_cdf_tdist_Qinv(LEVEL, freedom);
}

static double largest(const struct aggregate *aggregate, const struct aggregate_metric *metric)
{
	double value = NAN;

	for (size_t r = 0; metric && r < aggregate->nr_replications; r++)
		value = fmax(value, metric->values[r]);
	return value;
}

bool overload_next(const struct aggregate *aggregate, size_t *position, struct overload *overload)
{
	while (*position < aggregate->nr_metrics) {
		const struct aggregate_metric *growth = &aggregate->metrics[(*position)++];
		enum metric first;

		if (!is_growth(growth->name, overload->name, &first))
			continue;
		overload->scope = growth->scope;
		overload->offered = mean_of(part_of(aggregate, overload, first, METRIC_OFFERED));
		overload->served = mean_of(part_of(aggregate, overload, first, METRIC_SERVED));
		overload->backlog = mean_of(part_of(aggregate, overload, first, METRIC_BACKLOG));
		overload->oldest = largest(
			aggregate, part_of(aggregate, overload, first, METRIC_BACKLOG_OLDEST));
		if (overload->backlog >= LEAST &&
		    grows(aggregate, growth,
			  part_of(aggregate, overload, first, METRIC_GROWTH_ERROR),
			  overload->offered))
			return true;
	}
	return false;
}

bool overload_in(const struct aggregate *aggregate, const char *scope)
{
	struct overload overload;
	size_t position = 0;

	while (overload_next(aggregate, &position, &overload))
		if (!strcmp(overload.scope, scope))
			return true;
	return false;
}

bool overload_bounds(const struct aggregate *aggregate, const char *scope, const char *metric,
		     const char *unit)
{
	return !strncmp(metric, "request.", strlen("request.")) && !strcmp(unit, "ns") &&
	       overload_in(aggregate, scope);
}
