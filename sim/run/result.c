/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/result.h"

#include <stdlib.h>
#include <string.h>

/*
 * Make room for one more element of the given size. Returns the array, or NULL with the old one
 * untouched.
 */
static void *grow(void *array, size_t used, size_t *capacity, size_t size)
{
	size_t wanted;
	void *larger;

	if (used < *capacity)
		return array;
	wanted = *capacity ? *capacity * 2 : 16;
	larger = realloc(array, wanted * size);
	if (larger)
		*capacity = wanted;
	return larger;
}

void result_add(struct replication_result *result, const char *scope, const char *name,
		const char *unit, double value)
{
	struct result_metric metric = {.unit = unit, .value = value};
	struct result_metric *metrics = grow(result->metrics, result->nr_metrics,
					     &result->metrics_capacity, sizeof(*metrics));

	if (!metrics) {
		result->failed = true;
		return;
	}
	result->metrics = metrics;
	metric.scope = strdup(scope);
	metric.name = strdup(name);
	if (!metric.scope || !metric.name) {
		free(metric.scope);
		free(metric.name);
		result->failed = true;
		return;
	}
	metrics[result->nr_metrics++] = metric;
}

void result_add_histogram(struct replication_result *result, const char *scope, const char *name,
			  const struct sim_histogram *histogram)
{
	struct result_histogram *histograms, *added;

	histograms = grow(result->histograms, result->nr_histograms, &result->histograms_capacity,
			  sizeof(*histograms));
	if (!histograms) {
		result->failed = true;
		return;
	}
	result->histograms = histograms;
	added = &histograms[result->nr_histograms];
	added->scope = strdup(scope);
	added->name = strdup(name);
	if (!added->scope || !added->name) {
		free(added->scope);
		free(added->name);
		result->failed = true;
		return;
	}
	added->histogram = *histogram;
	result->nr_histograms++;
}

void result_add_series(struct replication_result *result, const char *scope, const char *quantity,
		       const double *values)
{
	struct result_series *series =
		grow(result->series, result->nr_series, &result->series_capacity, sizeof(*series));
	char *copy = strdup(scope);

	if (series)
		result->series = series;
	if (!series || !copy) {
		free(copy);
		result->failed = true;
		return;
	}
	series += result->nr_series++;
	series->scope = copy;
	series->quantity = quantity;
	memcpy(series->values, values, sizeof(series->values));
}

const struct result_metric *result_find(const struct replication_result *result, const char *scope,
					const char *name)
{
	for (size_t i = 0; i < result->nr_metrics; i++) {
		const struct result_metric *metric = &result->metrics[i];

		if (!strcmp(metric->scope, scope) && !strcmp(metric->name, name))
			return metric;
	}
	return NULL;
}

void result_free(struct replication_result *result)
{
	for (size_t i = 0; i < result->nr_metrics; i++) {
		free(result->metrics[i].scope);
		free(result->metrics[i].name);
	}
	for (size_t i = 0; i < result->nr_histograms; i++) {
		free(result->histograms[i].scope);
		free(result->histograms[i].name);
	}
	for (size_t i = 0; i < result->nr_series; i++)
		free(result->series[i].scope);
	free(result->metrics);
	free(result->histograms);
	free(result->series);
	*result = (struct replication_result){0};
}
