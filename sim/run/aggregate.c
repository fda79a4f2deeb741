/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/run/aggregate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/run/metric.h"
#include "sim/stats/quantile.h"

static void free_metric(struct aggregate_metric *metric)
{
	free(metric->scope);
	free(metric->name);
	free(metric->unit);
	free(metric->values);
}

struct aggregate_metric *aggregate_add_metric(struct aggregate *aggregate, const char *scope,
					      const char *name, const char *unit)
{
	struct aggregate_metric *metric = array_add(aggregate->metrics, aggregate->nr_metrics);

	if (!metric)
		return NULL;
	metric->scope = strdup(scope);
	metric->name = strdup(name);
	metric->unit = strdup(unit ? unit : "");
	metric->values = calloc(aggregate->nr_replications + 1, sizeof(*metric->values));
	if (!metric->scope || !metric->name || !metric->unit || !metric->values) {
		free_metric(metric);
		aggregate->nr_metrics--;
		return NULL;
	}
	for (size_t i = 0; i < aggregate->nr_replications; i++)
		metric->values[i] = NAN;
	metric->interval = sim_interval_of(NULL, 0);
	return metric;
}

void aggregate_compute(struct aggregate_metric *metric, size_t nr)
{
	double *existing = malloc((nr + 1) * sizeof(*existing));
	size_t count = 0;

	metric->interval = sim_interval_of(NULL, 0);
	if (!existing)
		return;
	for (size_t i = 0; i < nr; i++)
		if (!isnan(metric->values[i]))
			existing[count++] = metric->values[i];
	metric->interval = sim_interval_of(existing, count);
	free(existing);
}

/* All replications have the metrics, and so the histograms, of the first, in its order. */
static bool same_shape(const struct replication_result *a, const struct replication_result *b)
{
	if (a->nr_metrics != b->nr_metrics || a->nr_histograms != b->nr_histograms)
		return false;
	for (size_t i = 0; i < a->nr_metrics; i++)
		if (strcmp(a->metrics[i].scope, b->metrics[i].scope) ||
		    strcmp(a->metrics[i].name, b->metrics[i].name))
			return false;
	return true;
}

static bool combine_metrics(const struct replication_result *replications, size_t nr,
			    struct aggregate *aggregate)
{
	for (size_t i = 0; i < replications[0].nr_metrics; i++) {
		const struct result_metric *first = &replications[0].metrics[i];
		struct aggregate_metric *metric =
			aggregate_add_metric(aggregate, first->scope, first->name, first->unit);

		if (!metric)
			return false;
		for (size_t r = 0; r < nr; r++)
			metric->values[r] = replications[r].metrics[i].value;
		aggregate_compute(metric, nr);
	}
	return true;
}

static struct aggregate_metric *find_metric(const struct aggregate *aggregate, const char *scope,
					    const char *name)
{
	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		struct aggregate_metric *metric = &aggregate->metrics[i];

		if (!strcmp(metric->name, name) && !strcmp(metric->scope, scope))
			return metric;
	}
	return NULL;
}

/* The percentiles of one merged histogram: of all values, not means of each replication's. */
static bool pool_percentiles(struct aggregate *aggregate, const struct result_histogram *merged,
			     const struct sim_histogram *const *parts, size_t nr)
{
	for (int i = 0; i < LATENCY_PARTS; i++) {
		const struct latency_part *part = &latency_parts[i];
		struct aggregate_metric *metric;
		struct sim_quantile quantile;
		char *name;

		if (part->kind != LATENCY_PERCENTILE)
			continue;
		if (asprintf(&name, "%s.%s", merged->name, part->suffix) < 0)
			return false;
		metric = find_metric(aggregate, merged->scope, name);
		free(name);
		if (!metric)
			continue;
		quantile = sim_quantile_of(&merged->histogram, parts, nr, part->percentile);
		metric->interval.mean = quantile.value;
		metric->interval.half_width = quantile.half_width;
	}
	return true;
}

/* The histogram of that index, and its percentiles; parts has room for one of each replication. */
static bool combine_histogram(const struct replication_result *replications, size_t nr,
			      size_t index, struct aggregate *aggregate,
			      const struct sim_histogram **parts)
{
	const struct result_histogram *first = &replications[0].histograms[index];
	struct result_histogram *merged =
		array_add(aggregate->histograms, aggregate->nr_histograms);

	if (!merged)
		return false;
	merged->scope = strdup(first->scope);
	merged->name = strdup(first->name);
	if (!merged->scope || !merged->name)
		return false;
	for (size_t r = 0; r < nr; r++) {
		parts[r] = &replications[r].histograms[index].histogram;
		sim_histogram_merge(&merged->histogram, parts[r]);
	}
	return pool_percentiles(aggregate, merged, parts, nr);
}

static bool combine_histograms(const struct replication_result *replications, size_t nr,
			       struct aggregate *aggregate)
{
	const struct sim_histogram **parts = calloc(nr, sizeof(*parts));
	bool complete = parts != NULL;

	for (size_t i = 0; complete && i < replications[0].nr_histograms; i++)
		complete = combine_histogram(replications, nr, i, aggregate, parts);
	free(parts);
	return complete;
}

static bool combine_series(const struct replication_result *replications, size_t nr,
			   struct aggregate *aggregate)
{
	/* What was recalled from a file has none. */
	for (size_t r = 1; r < nr; r++)
		if (replications[r].nr_series != replications[0].nr_series)
			return true;
	for (size_t i = 0; i < replications[0].nr_series; i++) {
		struct result_series *mean = array_add(aggregate->series, aggregate->nr_series);

		if (!mean)
			return false;
		mean->quantity = replications[0].series[i].quantity;
		mean->scope = strdup(replications[0].series[i].scope);
		if (!mean->scope)
			return false;
		for (size_t r = 0; r < nr; r++)
			for (int k = 0; k < RESULT_SLICES; k++)
				mean->values[k] += replications[r].series[i].values[k] / (double)nr;
	}
	return true;
}

enum oversub_status aggregate_of(const struct replication_result *replications, size_t nr,
				 struct aggregate *aggregate, struct oversub_error *error)
{
	*aggregate = (struct aggregate){.nr_replications = nr};
	for (size_t r = 0; r < nr; r++) {
		if (!same_shape(&replications[0], &replications[r]))
			return oversub_fail(error, OVERSUB_FAILED,
					    "replications 0 and %zu do not have the same metrics: "
					    "this is a bug of oversub",
					    r);
		aggregate->events += replications[r].events;
		aggregate->simulated_ns += replications[r].simulated_ns;
		aggregate->wall_s += replications[r].wall_s;
	}
	if (!combine_metrics(replications, nr, aggregate) ||
	    !combine_histograms(replications, nr, aggregate) ||
	    !combine_series(replications, nr, aggregate)) {
		aggregate_free(aggregate);
		return oversub_fail(error, OVERSUB_FAILED, "out of memory combining replications");
	}
	return OVERSUB_OK;
}

const struct aggregate_metric *aggregate_find(const struct aggregate *aggregate, const char *scope,
					      const char *name)
{
	return find_metric(aggregate, scope, name);
}

const struct result_histogram *aggregate_find_histogram(const struct aggregate *aggregate,
							const char *scope, const char *name)
{
	for (size_t i = 0; i < aggregate->nr_histograms; i++) {
		const struct result_histogram *histogram = &aggregate->histograms[i];

		if (!strcmp(histogram->name, name) && !strcmp(histogram->scope, scope))
			return histogram;
	}
	return NULL;
}

double aggregate_mean(const struct aggregate *aggregate, const char *scope, const char *name)
{
	const struct aggregate_metric *metric = aggregate_find(aggregate, scope, name);

	return metric ? metric->interval.mean : NAN;
}

static bool copy_metrics(const struct aggregate *aggregate, struct aggregate *copy)
{
	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *from = &aggregate->metrics[i];
		struct aggregate_metric *to =
			aggregate_add_metric(copy, from->scope, from->name, from->unit);

		if (!to)
			return false;
		memcpy(to->values, from->values, copy->nr_replications * sizeof(*to->values));
		to->interval = from->interval;
	}
	return true;
}

static bool copy_histograms(const struct aggregate *aggregate, struct aggregate *copy)
{
	for (size_t i = 0; i < aggregate->nr_histograms; i++) {
		const struct result_histogram *from = &aggregate->histograms[i];
		struct result_histogram *to = array_add(copy->histograms, copy->nr_histograms);

		if (!to)
			return false;
		*to = (struct result_histogram){strdup(from->scope), strdup(from->name),
						from->histogram};
		if (!to->scope || !to->name)
			return false;
	}
	return true;
}

enum oversub_status aggregate_copy(const struct aggregate *aggregate, struct aggregate *copy,
				   struct oversub_error *error)
{
	*copy = (struct aggregate){.nr_replications = aggregate->nr_replications,
				   .events = aggregate->events,
				   .simulated_ns = aggregate->simulated_ns,
				   .wall_s = aggregate->wall_s};
	if (copy_metrics(aggregate, copy) && copy_histograms(aggregate, copy))
		return OVERSUB_OK;
	aggregate_free(copy);
	return oversub_fail(error, OVERSUB_FAILED, "out of memory copying a result");
}

void aggregate_drop_histograms(struct aggregate *aggregate)
{
	for (size_t i = 0; i < aggregate->nr_histograms; i++) {
		free(aggregate->histograms[i].scope);
		free(aggregate->histograms[i].name);
	}
	free(aggregate->histograms);
	aggregate->histograms = NULL;
	aggregate->nr_histograms = 0;
}

void aggregate_free(struct aggregate *aggregate)
{
	for (size_t i = 0; i < aggregate->nr_metrics; i++)
		free_metric(&aggregate->metrics[i]);
	free(aggregate->metrics);
	for (size_t i = 0; i < aggregate->nr_series; i++)
		free(aggregate->series[i].scope);
	free(aggregate->series);
	aggregate_drop_histograms(aggregate);
	*aggregate = (struct aggregate){0};
}
