/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/result_json.h"

#include <stdbool.h>
#include <string.h>

#include "sim/output/json_writer.h"
#include "sim/run/overload.h"
#include "sim/stats/quantile.h"
#include "sim/scenario/policy_registry.h"

static const struct {
	const char *key;
	double percentile;
} percentiles[] = {{"50", 50}, {"75", 75},     {"90", 90},	 {"95", 95},
		   {"99", 99}, {"99.9", 99.9}, {"99.99", 99.99}, {"99.999", 99.999}};

static void write_metric(struct json_writer *writer, const void *element, void *context)
{
	const struct aggregate_metric *metric = element;
	const struct aggregate *aggregate = context;

	json_object(writer, metric->name, true);
	json_string(writer, "unit", metric->unit);
	if (overload_bounds(aggregate, metric->scope, metric->name, metric->unit))
		json_bool(writer, "lower_bound", true);
	json_number(writer, "mean", metric->interval.mean);
	json_number(writer, "ci95", metric->interval.half_width);
	json_number(writer, "sd", metric->interval.sd);
	json_array(writer, "values", true);
	for (size_t i = 0; i < aggregate->nr_replications; i++)
		json_number(writer, NULL, metric->values[i]);
	json_end(writer);
	json_end(writer);
}

static void write_percentiles(struct json_writer *writer, const struct sim_histogram *histogram)
{
	json_object(writer, "percentiles", true);
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(*percentiles); i++)
		json_number(writer, percentiles[i].key,
			    sim_quantile_value(histogram, percentiles[i].percentile));
	json_end(writer);
}

static void write_buckets(struct json_writer *writer, const struct sim_histogram *histogram)
{
	struct sim_histogram_bucket bucket = SIM_HISTOGRAM_BEGIN;

	json_array(writer, "buckets", true);
	while (sim_histogram_next(histogram, &bucket)) {
		json_array(writer, NULL, true);
		json_integer(writer, NULL, bucket.low);
		/* The last bucket is open: the largest value is all that is known of its end. */
		json_integer(writer, NULL,
			     bucket.high < histogram->max ? bucket.high : histogram->max);
		json_integer(writer, NULL, (int64_t)bucket.count);
		json_end(writer);
	}
	json_end(writer);
}

static void write_histogram(struct json_writer *writer, const void *element, void *context)
{
	const struct result_histogram *named = element;
	const struct sim_histogram *histogram = &named->histogram;

	json_object(writer, named->name, false);
	json_string(writer, "unit", "ns");
	json_integer(writer, "count", (int64_t)histogram->count);
	if (histogram->count) {
		json_integer(writer, "min", histogram->min);
		json_number(writer, "mean", sim_histogram_mean(histogram));
		json_integer(writer, "max", histogram->max);
		write_percentiles(writer, histogram);
	}
	write_buckets(writer, histogram);
	json_end(writer);
}

void result_json_write_metrics(struct json_writer *writer, const struct aggregate *aggregate)
{
	json_scopes(writer, "metrics", aggregate->metrics, aggregate->nr_metrics,
		    sizeof(*aggregate->metrics), write_metric, (void *)aggregate);
}

static void write_overloads(struct json_writer *writer, const struct aggregate *aggregate)
{
	struct overload overload;
	size_t position = 0;

	json_array(writer, "overloaded", false);
	while (overload_next(aggregate, &position, &overload)) {
		json_object(writer, NULL, true);
		json_string(writer, "scope", overload.scope);
		json_string(writer, "name", overload.name);
		json_end(writer);
	}
	json_end(writer);
}

void result_json_write_policies(struct json_writer *writer, const struct result_info *info)
{
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
		if (info->policies[i])
			json_string(writer, policy_kinds[i].key, info->policies[i]);
}

void result_json_write(FILE *stream, const struct result_info *info,
		       const struct aggregate *aggregate)
{
	struct json_writer writer;

	json_start(&writer, stream);
	json_object(&writer, NULL, false);
	json_integer(&writer, "format", RESULT_FORMAT);
	json_string(&writer, "oversub", OVERSUB_VERSION);
	json_string(&writer, "name", info->name);
	json_string(&writer, "title", info->title);
	json_object(&writer, "policies", true);
	result_json_write_policies(&writer, info);
	json_end(&writer);
	json_string(&writer, "seed", info->seed);
	json_integer(&writer, "replications", (int64_t)aggregate->nr_replications);
	json_integer(&writer, "warmup_ns", info->warmup_ns);
	json_integer(&writer, "measure_ns", info->measure_ns);
	json_integer(&writer, "events", (int64_t)aggregate->events);
	json_integer(&writer, "simulated_ns", aggregate->simulated_ns);
	json_value(&writer, "scenario", info->scenario);
	write_overloads(&writer, aggregate);
	result_json_write_metrics(&writer, aggregate);
	json_scopes(&writer, "histograms", aggregate->histograms, aggregate->nr_histograms,
		    sizeof(*aggregate->histograms), write_histogram, NULL);
	json_end(&writer);
	json_finish(&writer);
}
