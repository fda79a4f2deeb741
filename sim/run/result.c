/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/result.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"

void result_add(struct replication_result *result, const char *scope, const char *name,
		const char *unit, double value)
{
	struct result_metric *metric = array_add(result->metrics, result->nr_metrics);

	if (metric)
		*metric = (struct result_metric){strdup(scope), strdup(name), unit, value};
	if (!metric || !metric->scope || !metric->name)
		result->failed = true;
}

void result_add_histogram(struct replication_result *result, const char *scope, const char *name,
			  const struct sim_histogram *histogram)
{
	struct result_histogram *added = array_add(result->histograms, result->nr_histograms);

	if (added)
		*added = (struct result_histogram){strdup(scope), strdup(name), *histogram};
	if (!added || !added->scope || !added->name)
		result->failed = true;
}

void result_add_series(struct replication_result *result, const char *scope, const char *quantity,
		       const double *values)
{
	struct result_series *series = array_add(result->series, result->nr_series);

	if (series) {
		series->scope = strdup(scope);
		series->quantity = quantity;
		memcpy(series->values, values, sizeof(series->values));
	}
	if (!series || !series->scope)
		result->failed = true;
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
