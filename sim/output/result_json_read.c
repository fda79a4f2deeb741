/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/output/files.h"
#include "sim/output/result_json.h"
#include "sim/run/metric.h"
#include "sim/scenario/policy_registry.h"

#define MAX_REPLICATIONS 1e7

static enum oversub_status malformed(struct oversub_error *error, const char *path,
				     const char *what)
{
	return oversub_fail(error, OVERSUB_BAD_INPUT, "%s is not a result of oversub: %s", path,
			    what);
}

static const char *string_of(const cJSON *object, const char *key)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(value) ? value->valuestring : NULL;
}

static double number_of(const cJSON *object, const char *key)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNumber(value) ? value->valuedouble : NAN;
}

/* A number that should be a count; 0 if it is not one. */
static int64_t count_of(const cJSON *object, const char *key)
{
	double value = number_of(object, key);

	return value > 0 && value < 9e18 ? (int64_t)value : 0;
}

static enum oversub_status parse_metric(const cJSON *json, const char *scope, const char *path,
					struct aggregate *aggregate, struct oversub_error *error)
{
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(json, "values"), *value;
	const char *unit = string_of(json, "unit");
	struct aggregate_metric *metric;
	size_t i = 0;

	if (!unit || !cJSON_IsArray(values) ||
	    (size_t)cJSON_GetArraySize(values) != aggregate->nr_replications)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: metrics.%s.%s needs a unit and one value for each of the "
				    "%zu replications",
				    path, scope, json->string, aggregate->nr_replications);
	metric = aggregate_add_metric(aggregate, scope, json->string, unit);
	if (!metric)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory reading %s", path);
	cJSON_ArrayForEach(value, values) metric->values[i++] =
		cJSON_IsNumber(value) ? value->valuedouble : NAN;
	aggregate_compute(metric, aggregate->nr_replications);
	if (metric_is_percentile(metric->name)) {
		metric->interval.mean = number_of(json, "mean");
		metric->interval.half_width = number_of(json, "ci95");
	}
	return OVERSUB_OK;
}

static enum oversub_status parse_metrics(const char *path, struct result_file *file,
					 struct oversub_error *error)
{
	const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(file->json, "metrics");
	enum oversub_status status;
	const cJSON *scope, *metric;

	if (!cJSON_IsObject(metrics))
		return malformed(error, path, "it has no \"metrics\"");
	for (scope = metrics->child; scope; scope = scope->next) {
		for (metric = scope->child; metric; metric = metric->next) {
			if (!metric->string)
				return malformed(error, path, "\"metrics\" should hold objects");
			status = parse_metric(metric, scope->string, path, &file->aggregate, error);
			if (status)
				return status;
		}
	}
	return OVERSUB_OK;
}

static enum oversub_status parse_info(const char *path, struct result_file *file,
				      struct oversub_error *error)
{
	const cJSON *json = file->json;
	const cJSON *policies = cJSON_GetObjectItemCaseSensitive(json, "policies");
	double format = number_of(json, "format"), replications = number_of(json, "replications");
	bool complete = true;

	if (isnan(format))
		return malformed(error, path, "it has no \"format\"");
	if (format != RESULT_FORMAT)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s has format %g; this oversub reads format %d: run the "
				    "scenario again",
				    path, format, RESULT_FORMAT);
	file->info = (struct result_info){
		.name = string_of(json, "name"),
		.title = string_of(json, "title"),
		.seed = string_of(json, "seed"),
		.warmup_ns = count_of(json, "warmup_ns"),
		.measure_ns = count_of(json, "measure_ns"),
		.scenario = cJSON_GetObjectItemCaseSensitive(json, "scenario"),
	};
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++) {
		file->info.policies[i] = string_of(policies, policy_kinds[i].key);
		complete &= file->info.policies[i] || !policy_kinds[i].always_named;
	}
	if (!file->info.name || !file->info.title || !complete || !file->info.seed)
		return malformed(error, path, "name, title, policies and seed should be strings");
	if (!(replications >= 1 && replications <= MAX_REPLICATIONS))
		return malformed(error, path, "\"replications\" should be a number from 1");
	file->aggregate.nr_replications = (size_t)replications;
	file->aggregate.events = (uint64_t)count_of(json, "events");
	file->aggregate.simulated_ns = count_of(json, "simulated_ns");
	return OVERSUB_OK;
}

enum oversub_status result_json_parse(const char *text, const char *path, struct result_file *file,
				      struct oversub_error *error)
{
	enum oversub_status status;

	*file = (struct result_file){.json = cJSON_ParseWithOpts(text, NULL, true)};
	if (!file->json)
		status = malformed(error, path, "it is no JSON");
	else
		status = parse_info(path, file, error);
	if (!status)
		status = parse_metrics(path, file, error);
	if (status)
		result_file_free(file);
	return status;
}

enum oversub_status result_json_read(const char *path, struct result_file *file,
				     struct oversub_error *error)
{
	enum oversub_status status;
	struct stat info;
	char *inside = NULL, *text;

	*file = (struct result_file){0};
	if (!stat(path, &info) && S_ISDIR(info.st_mode)) {
		inside = output_path(path, "result.json");
		if (!inside)
			return oversub_fail(error, OVERSUB_FAILED, "out of memory");
		if (stat(inside, &info) && errno == ENOENT) {
			free(inside);
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "%s has no result.json: name the directory of a run "
					    "or of one point of a sweep",
					    path);
		}
		path = inside;
	}
	text = output_read(path);
	if (text)
		status = result_json_parse(text, path, file, error);
	else
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "cannot read %s: %s", path,
				      strerror(errno));
	free(text);
	free(inside);
	return status;
}

void result_file_free(struct result_file *file)
{
	cJSON_Delete(file->json);
	aggregate_free(&file->aggregate);
	*file = (struct result_file){0};
}
