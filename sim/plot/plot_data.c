/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a result directory for the pictures. */
#define _GNU_SOURCE
#include "sim/plot/plot_data.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/output/files.h"
#include "sim/output/sweep_json.h"
#include "sim/report/axis.h"
#include "sim/scenario/override_paths.h"
#include "sim/scenario/policy_registry.h"

static const char result[] = "result.json";

static enum oversub_status no_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
}

bool plot_point_has(const struct plot_data *data, const struct plot_point *point, size_t axis)
{
	const cJSON *scenario = point->file.info.scenario;
	const char *path = data->grid.axes[axis].path;

	/* Only policies differ in what they have. */
	return !scenario || !policy_kind_around(path) || path_find((cJSON *)scenario, path);
}

bool plot_point_is_mainline(const struct plot_point *point)
{
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++) {
		const char *name = point->file.info.policies[i];

		if (name && strcmp(name, policy_kinds[i].default_name) != 0)
			return false;
	}
	return true;
}

/* ---- Loading --------------------------------------------------------------------------------- */

static enum oversub_status load_point(struct plot_point *point, struct oversub_error *error)
{
	enum oversub_status status = result_json_read(point->directory, &point->file, error);

	if (status)
		return status;
	cJSON_DeleteItemFromObjectCaseSensitive(point->file.json, "metrics");
	cJSON_DeleteItemFromObjectCaseSensitive(point->file.json, "histograms");
	point->present = true;
	return OVERSUB_OK;
}

static enum oversub_status load_sweep(struct plot_data *data, struct oversub_error *error)
{
	enum oversub_status status = sweep_json_read(data->directory, &data->grid, error);

	if (status)
		return status;
	data->nr_points = data->grid.nr_points;
	data->points = calloc(data->nr_points, sizeof(*data->points));
	if (!data->points)
		return no_memory(error);
	for (size_t i = 0; !status && i < data->nr_points; i++) {
		struct plot_point *point = &data->points[i];
		char name[SWEEP_POINT_NAME];

		sweep_point_directory(i, data->nr_points, name);
		point->directory = output_path(data->directory, name);
		if (!point->directory)
			return no_memory(error);
		if (output_exists(point->directory, result))
			status = load_point(point, error);
		else
			data->nr_missing++;
	}
	return status;
}

static enum oversub_status load_run(struct plot_data *data, struct oversub_error *error)
{
	data->nr_points = 1;
	data->points = calloc(1, sizeof(*data->points));
	if (data->points)
		data->points->directory = strdup(data->directory);
	return data->points && data->points->directory ? load_point(data->points, error)
						       : no_memory(error);
}

static enum oversub_status find_first(struct plot_data *data, struct oversub_error *error)
{
	for (size_t i = 0; i < data->nr_points; i++)
		if (data->points[i].present) {
			data->first = &data->points[i];
			return OVERSUB_OK;
		}
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "no point of the sweep in %s has a result.json yet", data->directory);
}

enum oversub_status plot_data_load(const char *directory, struct plot_data *data,
				   struct oversub_error *error)
{
	enum oversub_status status;

	*data = (struct plot_data){.directory = strdup(directory),
				   .is_sweep = output_exists(directory, "sweep.json")};
	if (!data->directory)
		status = no_memory(error);
	else if (access(directory, F_OK))
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "there is no directory %s",
				      directory);
	else if (data->is_sweep)
		status = load_sweep(data, error);
	else if (output_exists(directory, result))
		status = load_run(data, error);
	else
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s has neither result.json nor sweep.json: name a directory "
				      "that `oversub run` or `oversub sweep` wrote",
				      directory);
	if (!status)
		status = find_first(data, error);
	if (status)
		plot_data_free(data);
	return status;
}

void plot_data_free(struct plot_data *data)
{
	for (size_t i = 0; data->points && i < data->nr_points; i++) {
		free(data->points[i].directory);
		result_file_free(&data->points[i].file);
	}
	free(data->points);
	free(data->directory);
	sweep_grid_free(&data->grid);
	*data = (struct plot_data){0};
}

/* ---- What is told about them ----------------------------------------------------------------- */

const char *plot_scope_label(const char *scope)
{
	if (!strncmp(scope, "vm.", 3))
		return scope + 3;
	return !strcmp(scope, "host_threads") ? "host threads" : scope;
}

/* The first scope of VMs, or of others, that has metric name. */
static const char *scope_in(const struct plot_point *point, const char *name, bool vms)
{
	const struct aggregate *aggregate = &point->file.aggregate;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		if (!strcmp(metric->name, name) && metric->interval.n &&
		    vms == !strncmp(metric->scope, "vm.", 3))
			return metric->scope;
	}
	return NULL;
}

const char *plot_scope_with(const struct plot_data *data, const char *name)
{
	const char *scope = NULL;

	/* A point that is missing has no metrics. */
	for (int vms = 1; !scope && vms >= 0; vms--)
		for (size_t i = 0; !scope && i < data->nr_points; i++)
			scope = scope_in(&data->points[i], name, vms);
	return scope;
}

const char *plot_title(const struct plot_data *data)
{
	const struct result_info *info = &data->first->file.info;

	return *info->title ? info->title : info->name;
}

void plot_caption(const struct plot_data *data, char *buffer, size_t size)
{
	const struct result_file *file = &data->first->file;
	size_t nr = file->aggregate.nr_replications;
	char measured[32];

	snprintf(buffer, size, "%zu replication%s × %s, seed %s", nr, nr == 1 ? "" : "s",
		 axis_format_ns((double)file->info.measure_ns, measured, sizeof(measured)),
		 file->info.seed);
}
