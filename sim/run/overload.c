/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/overload.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "models/workload/backlog.h"

/* Chance that a backlog that does not grow is said to. */
#define LEVEL 0.01
/* A growth in the second half of the window that is worth a word: of what arrives, in items. */
#define LEAST_PART 0.001
#define LEAST	   5

/* If name is the growth of a backlog: whose, "source.net". */
static bool is_growth(const char *name, char *backlog)
{
	static const char end[] = ".growth_per_s";
	size_t length = strlen(name);

	if (strncmp(name, "source.", 7) && strncmp(name, "event.", 6))
		return false;
	if (length < sizeof(end) || strcmp(name + length - strlen(end), end))
		return false;
	snprintf(backlog, OVERLOAD_NAME_MAX, "%.*s", (int)(length - strlen(end)), name);
	return true;
}

/* A metric of the same backlog. */
static const struct aggregate_metric *part_of(const struct aggregate *aggregate,
					      const struct overload *overload, const char *part)
{
	char name[OVERLOAD_NAME_MAX + 32];

	snprintf(name, sizeof(name), "%s.%s", overload->name, part);
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

		if (!is_growth(growth->name, overload->name))
			continue;
		overload->scope = growth->scope;
		overload->offered = mean_of(part_of(aggregate, overload, "offered_per_s"));
		overload->served = mean_of(part_of(aggregate, overload, "served_per_s"));
		overload->backlog = mean_of(part_of(aggregate, overload, "backlog"));
		overload->oldest =
			largest(aggregate, part_of(aggregate, overload, "backlog_oldest"));
		if (overload->backlog >= LEAST &&
		    grows(aggregate, growth, part_of(aggregate, overload, "growth_error_per_s"),
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
