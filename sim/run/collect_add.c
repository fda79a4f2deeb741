/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the functions of metric_table and the walk of it have in common: how counters are read and
 * metrics added.
 */
#include <math.h>
#include <stdio.h>

#include "sim/run/collect.h"
#include "sim/stats/quantile.h"

double collect_ratio(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

const void *collect_member(const struct counters_part *part, size_t offset)
{
	if (offset < part->offset || offset >= part->offset + part->size)
		return NULL;
	return (const char *)part->data + (offset - part->offset);
}

double collect_sum(const struct collection *to, size_t offset)
{
	uint64_t sum = 0;

	for (int i = 0; i < to->nr_parts; i++) {
		const uint64_t *counter = collect_member(&to->parts[i], offset);

		sum += counter ? *counter : 0;
	}
	return (double)sum;
}

void collect_add(struct collection *to, const struct metric *metric, const char *member,
		 double value)
{
	char name[COLLECT_NAME_SIZE];

	result_add(to->result, to->scope, metric_name(metric->name, member, name, sizeof(name)),
		   metric->unit, to->nobody ? NAN : value);
}

void collect_add_group(struct collection *to, const struct metric *first, const char *member,
		       const void *values)
{
	const struct metric *metric = first;

	do {
		collect_add(to, metric, member,
			    *(const double *)((const char *)values + metric->offset));
		metric++;
	} while (metric->name && metric->kind == METRIC_GROUP && !metric->add);
}

/* What a run tells of a latency; NAN where nothing was measured. */
static double latency_value(const struct collection *to, const struct latency_part *part,
			    const struct sim_histogram *histogram)
{
	bool any = histogram->count > 0;

	switch (part->kind) {
	case LATENCY_COUNT: return (double)histogram->count / to->elapsed_s;
	case LATENCY_MEAN: return any ? sim_histogram_mean(histogram) : NAN;
	case LATENCY_PERCENTILE: return sim_quantile_value(histogram, part->percentile);
	case LATENCY_MAX: return any ? (double)histogram->max : NAN;
	}
	return NAN;
}

void collect_add_latency(struct collection *to, const char *name,
			 const struct sim_histogram *histogram)
{
	char full[COLLECT_NAME_SIZE + 16];

	for (int i = 0; i < LATENCY_PARTS; i++) {
		const struct latency_part *part = &latency_parts[i];

		snprintf(full, sizeof(full), "%s.%s", name, part->suffix);
		result_add(to->result, to->scope, full, part->unit,
			   to->nobody ? NAN : latency_value(to, part, histogram));
	}
	result_add_histogram(to->result, to->scope, name, histogram);
}
