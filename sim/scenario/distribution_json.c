/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distributions in a document: those with parameters, and those that were measured. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/scenario/measured_file.h"
#include "sim/scenario/param_json.h"

/* ---- What was measured -------------------------------------------------------------------- */

/* Samples or quantiles that are read. */
struct reading {
	double *values;	       /* ns */
	double *probabilities; /* of quantiles */
	int nr;
};

static enum oversub_status read_ns(struct json_reader *reader, const cJSON *value, double *ns)
{
	static const struct oversub_param duration = {.type = OVERSUB_PARAM_DURATION,
						      .max = SIM_VARIATE_MAX_NS};
	int64_t whole = 0;
	enum oversub_status status = json_read_param(reader, value, &duration, &whole);

	*ns = (double)whole;
	return status;
}

static enum oversub_status read_sample(struct json_reader *reader, const cJSON *value,
				       void *context)
{
	struct reading *reading = context;

	return read_ns(reader, value, &reading->values[reading->nr++]);
}

static enum oversub_status read_quantile(struct json_reader *reader, const cJSON *value,
					 void *context)
{
	static const struct oversub_param probability = {.type = OVERSUB_PARAM_REAL, .real_max = 1};
	struct reading *reading = context;
	double *p = &reading->probabilities[reading->nr], *ns = &reading->values[reading->nr];
	bool is_first = !reading->nr++;
	enum oversub_status status = OVERSUB_OK;

	if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 2)
		return json_fail(reader,
				 "expected a probability and a duration: [ 0.5, \"10us\" ]");
	status = json_read_param(reader, value->child, &probability, p);
	if (!status)
		status = read_ns(reader, value->child->next, ns);
	if (status || is_first)
		return status;
	if (!(*p > p[-1]))
		return json_fail(reader, "the probability %g is not above the one before, %g", *p,
				 p[-1]);
	if (*ns < ns[-1])
		return json_fail(reader, "the duration is below the one before, of %.0f ns",
				 ns[-1]);
	return OVERSUB_OK;
}

static enum oversub_status keep(struct json_reader *reader, struct sim_empirical *measured,
				struct sim_distribution *distribution)
{
	struct measurements *all = reader->measurements;
	struct sim_empirical **place = measured ? array_add(all->list, all->nr) : NULL;

	distribution->empirical = measured;
	if (place) {
		*place = measured;
		return OVERSUB_OK;
	}
	sim_empirical_free(measured);
	return json_no_memory(reader);
}

/* The reader is at the array. */
static enum oversub_status read_array(struct json_reader *reader, const cJSON *array,
				      bool is_quantiles, struct sim_distribution *distribution)
{
	size_t nr = cJSON_IsArray(array) ? (size_t)cJSON_GetArraySize(array) : 0;
	struct reading reading = {.values = calloc(nr + 1, sizeof(double)),
				  .probabilities = calloc(nr + 1, sizeof(double))};
	enum oversub_status status;

	if (!reading.values || !reading.probabilities)
		status = json_no_memory(reader);
	else if (cJSON_IsArray(array) && nr < (is_quantiles ? 2 : 1))
		status = json_fail(reader, is_quantiles ? "expected two quantiles or more"
							: "there is no sample");
	else if (nr > MEASURED_MAX)
		status = json_fail(reader, "%zu are more than %d", nr, MEASURED_MAX);
	else
		status = json_read_array(reader, array, is_quantiles ? read_quantile : read_sample,
					 &reading);
	if (!status)
		status = keep(reader,
			      is_quantiles ? sim_empirical_quantiles(reading.probabilities,
								     reading.values, nr)
					   : sim_empirical_samples(reading.values, nr),
			      distribution);
	free(reading.values);
	free(reading.probabilities);
	return status;
}

/* A file is beside the document that names it. */
static char *path_beside(const char *document, const char *name)
{
	const char *slash = strrchr(document, '/');
	char *path;

	if (!slash || *name == '/')
		return strdup(name);
	return asprintf(&path, "%.*s/%s", (int)(slash - document), document, name) < 0 ? NULL
										       : path;
}

/*
 * What the file says takes its place, so that a result, which holds its document, can be had again
 * whatever became of the file. The reader is at object.
 */
static enum oversub_status take_in(struct json_reader *reader, cJSON *object)
{
	cJSON *file = cJSON_GetObjectItemCaseSensitive(object, "file"), *array;
	size_t place = json_enter(reader, "file");
	enum oversub_status status = json_expect_string(reader, file);
	struct oversub_error error;
	bool is_quantiles;
	char *path;

	if (status)
		return status;
	path = path_beside(reader->file, file->valuestring);
	if (!path)
		return json_no_memory(reader);
	status = measured_file_read(path, &array, &is_quantiles, &error);
	free(path);
	if (status)
		return json_fail(reader, "%s", error.message);
	json_leave(reader, place);
	cJSON_DeleteItemFromObjectCaseSensitive(object, "from");
	cJSON_AddStringToObject(object, "from", file->valuestring);
	cJSON_DeleteItemFromObjectCaseSensitive(object, "file");
	cJSON_AddItemToObject(object, is_quantiles ? "quantiles" : "samples", array);
	return OVERSUB_OK;
}

/* The reader is at object, whose key is the name of the distribution. */
static enum oversub_status read_empirical(struct json_reader *reader, cJSON *object,
					  struct sim_distribution *distribution)
{
	static const char *const keys[] = {"file", "samples", "quantiles"};
	enum oversub_status status = json_read_object(reader, object, &grammar_empirical, NULL);
	const cJSON *array;
	bool is_quantiles;
	int nr = 0;

	if (status)
		return status;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		nr += cJSON_HasObjectItem(object, keys[i]);
	if (nr != 1)
		return json_fail(reader,
				 "expected one of \"samples\": [ durations ], \"quantiles\": "
				 "[ [ probability, duration ], ... ] and \"file\": \"NAME\"");
	if (cJSON_HasObjectItem(object, "file"))
		status = take_in(reader, object);
	if (status)
		return status;
	is_quantiles = cJSON_HasObjectItem(object, "quantiles");
	array = cJSON_GetObjectItemCaseSensitive(object, is_quantiles ? "quantiles" : "samples");
	json_enter(reader, array->string);
	return read_array(reader, array, is_quantiles, distribution);
}

/* ---- All distributions -------------------------------------------------------------------- */

bool distribution_param_required(enum sim_distribution_kind kind, const struct oversub_param *param)
{
	if (kind == SIM_LOGNORMAL || kind == SIM_PARETO)
		return param->type == OVERSUB_PARAM_DURATION && strcmp(param->name, "max") != 0;
	return param->type == OVERSUB_PARAM_DURATION;
}

static enum oversub_status check_distribution(struct json_reader *reader, const cJSON *object,
					      const struct sim_distribution *distribution)
{
	const struct oversub_param *param = sim_distribution_types[distribution->kind].params;

	for (; param->name; param++)
		if (distribution_param_required(distribution->kind, param) &&
		    !cJSON_GetObjectItemCaseSensitive(object, param->name))
			return json_fail(reader, "\"%s\" is missing", param->name);
	if (distribution->kind == SIM_UNIFORM && distribution->max_ns < distribution->min_ns)
		return json_fail(reader, "max is below min");
	if (distribution->kind == SIM_PARETO && distribution->max_ns &&
	    distribution->max_ns < distribution->min_ns)
		return json_fail(reader, "max is below min");
	return OVERSUB_OK;
}

static const char *distribution_name(const void *context, int index)
{
	return index < SIM_DISTRIBUTION_KINDS ? sim_distribution_types[index].name : NULL;
}

enum oversub_status json_read_distribution(struct json_reader *reader, const cJSON *value,
					   struct sim_distribution *distribution)
{
	const struct oversub_param *params = sim_distribution_types[SIM_CONSTANT].params;
	char text[JSON_NAMES_TEXT_MAX];
	enum oversub_status status;
	struct json_names names;
	size_t place;
	int kind;

	memset(distribution, 0, sizeof(*distribution));
	if (!cJSON_IsObject(value))
		return json_read_param(reader, value, params, distribution);
	if (!value->child || value->child->next)
		return json_fail(reader, "expected one key, the name of a distribution");
	place = json_enter(reader, value->child->string);
	kind = json_names_find(&names, value->child->string, distribution_name, NULL);
	if (kind < 0)
		return json_fail(reader, "unknown distribution%s", json_names_text(&names, text));
	if (kind == SIM_EMPIRICAL) {
		distribution->kind = SIM_EMPIRICAL;
		status = read_empirical(reader, value->child, distribution);
		json_leave(reader, place);
		return status;
	}
	params = sim_distribution_types[kind].params;
	oversub_param_defaults(params, distribution);
	distribution->kind = kind;
	status = json_read_params(reader, value->child, params, distribution);
	if (!status)
		status = check_distribution(reader, value->child, distribution);
	json_leave(reader, place);
	return status;
}
