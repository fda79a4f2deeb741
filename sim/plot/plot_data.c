/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a result directory for the pictures. */
#define _GNU_SOURCE
#include "sim/plot/plot_data.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/output/files.h"
#include "sim/output/sweep_json.h"
#include "sim/scenario/sections.h"

static enum oversub_status no_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
}

/* ---- Axes ----------------------------------------------------------------------------------- */

/* "arrivals.NAME.rate", "arrivals.NAME.interarrival", constant or the mean of a distribution. */
static bool is_rate(const char *path)
{
	const char *dot = strrchr(path, '.'), *last = dot ? dot + 1 : path;
	bool is_mean = !strcmp(last, "mean") && strstr(path, ".interarrival.");

	return strstr(path, "arrivals.") &&
	       (!strcmp(last, "rate") || !strcmp(last, "interarrival") || is_mean);
}

enum plot_role plot_role_of(const char *path)
{
	static const struct {
		const char *ending;
		enum plot_role role;
	} endings[] = {
		{"candidate.policy", PLOT_ROLE_CANDIDATE},
		{"sched.policy", PLOT_ROLE_SCHED},
		{"window.policy", PLOT_ROLE_POLICIES},
		{"cosched.policy", PLOT_ROLE_POLICIES},
		{"policies", PLOT_ROLE_POLICIES},
		{"yield", PLOT_ROLE_POLICIES},
		{"yield.candidate", PLOT_ROLE_POLICIES},
		{"yield.sched", PLOT_ROLE_POLICIES},
		{"host.cosched", PLOT_ROLE_POLICIES},
		{"count", PLOT_ROLE_COUNT},
		{"ipi_window_ns", PLOT_ROLE_WINDOW},
		{"enable_relaxed_boost", PLOT_ROLE_RELAXED},
		{"apicv", PLOT_ROLE_EOI},
		{"pv_eoi", PLOT_ROLE_EOI},
	};
	size_t length = strlen(path);

	if (is_rate(path))
		return PLOT_ROLE_RATE;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t n = strlen(endings[i].ending);

		if (length < n || strcmp(path + length - n, endings[i].ending))
			continue;
		if (length == n || path[length - n - 1] == '.')
			/* Threads have a count too. */
			return endings[i].role == PLOT_ROLE_COUNT && strstr(path, "threads.")
				       ? PLOT_ROLE_OTHER
				       : endings[i].role;
	}
	return PLOT_ROLE_OTHER;
}

int plot_axis_with(const struct plot_data *data, enum plot_role role)
{
	for (size_t i = 0; i < data->grid.nr_axes; i++)
		if (data->roles[i] == role)
			return (int)i;
	return -1;
}

bool plot_axis_is_policy(const struct plot_data *data, size_t axis)
{
	return data->roles[axis] == PLOT_ROLE_CANDIDATE || data->roles[axis] == PLOT_ROLE_SCHED ||
	       data->roles[axis] == PLOT_ROLE_POLICIES;
}

bool plot_has_policies(const struct plot_data *data)
{
	for (size_t i = 0; i < data->grid.nr_axes; i++)
		if (plot_axis_is_policy(data, i))
			return true;
	return false;
}

size_t plot_nr_policies(const struct plot_data *data)
{
	size_t nr = 1;

	for (size_t i = 0; i < data->grid.nr_axes; i++)
		if (plot_axis_is_policy(data, i))
			nr *= data->grid.axes[i].nr_values;
	return nr;
}

/* The path is in a section of the scenario that says which policy it is for. */
static bool is_of_policy(const char *path)
{
	char section[SCENARIO_AXIS_PATH_MAX];

	for (int i = 0; i < SCENARIO_AXES; i++) {
		size_t length = strlen(scenario_axis_path(&scenario_axes[i], section));

		if (!strncmp(path, section, length) && path[length] == '.')
			return true;
	}
	return false;
}

bool plot_point_has(const struct plot_data *data, size_t point, size_t axis)
{
	const cJSON *at = data->points[point].file.info.scenario;
	const char *part = data->grid.axes[axis].path;

	/* Only policies differ in what they have. */
	if (!at || !is_of_policy(part))
		return true;
	while (at && part) {
		char name[128];
		size_t length = strcspn(part, ".");

		if (length >= sizeof(name))
			return true;
		memcpy(name, part, length);
		name[length] = '\0';
		at = cJSON_GetObjectItemCaseSensitive(at, name);
		part = part[length] ? part + length + 1 : NULL;
	}
	return at != NULL;
}

/* ---- Loading -------------------------------------------------------------------------------- */

static enum oversub_status load_point(struct plot_point *point, struct oversub_error *error)
{
	enum oversub_status status = result_json_read(point->directory, &point->file, error);

	if (status)
		return status;
	cJSON_DeleteItemFromObjectCaseSensitive(point->file.json, "metrics");
	cJSON_DeleteItemFromObjectCaseSensitive(point->file.json, "histograms");
	point->present = true;
	if (asprintf(&point->policy, "%s+%s%s%s%s%s", point->file.info.candidate,
		     point->file.info.sched, point->file.info.window ? "+" : "",
		     point->file.info.window ? point->file.info.window : "",
		     point->file.info.cosched ? "+" : "",
		     point->file.info.cosched ? point->file.info.cosched : "") < 0) {
		point->policy = NULL;
		return no_memory(error);
	}
	return OVERSUB_OK;
}

static bool has_result(const char *directory)
{
	char *path = output_path(directory, "result.json");
	bool found = path && !access(path, F_OK);

	free(path);
	return found;
}

static enum oversub_status load_sweep(struct plot_data *data, struct oversub_error *error)
{
	enum oversub_status status = sweep_json_read(data->directory, &data->grid, error);

	if (status)
		return status;
	data->nr_points = data->grid.nr_points;
	data->roles = calloc(data->grid.nr_axes, sizeof(*data->roles));
	data->points = calloc(data->nr_points, sizeof(*data->points));
	if (!data->roles || !data->points)
		return no_memory(error);
	for (size_t i = 0; i < data->grid.nr_axes; i++)
		data->roles[i] = plot_role_of(data->grid.axes[i].path);
	for (size_t i = 0; !status && i < data->nr_points; i++) {
		struct plot_point *point = &data->points[i];
		char name[SWEEP_POINT_NAME];

		sweep_point_directory(i, data->nr_points, name);
		point->directory = output_path(data->directory, name);
		if (!point->directory)
			return no_memory(error);
		if (has_result(point->directory))
			status = load_point(point, error);
	}
	return status;
}

static enum oversub_status load_run(struct plot_data *data, struct oversub_error *error)
{
	data->nr_points = 1;
	data->points = calloc(1, sizeof(*data->points));
	if (!data->points)
		return no_memory(error);
	data->points[0].directory = strdup(data->directory);
	if (!data->points[0].directory)
		return no_memory(error);
	return load_point(&data->points[0], error);
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
	char *sweep = output_path(directory, "sweep.json");
	enum oversub_status status;

	*data = (struct plot_data){.directory = strdup(directory)};
	if (!sweep || !data->directory) {
		status = no_memory(error);
	} else if (access(directory, F_OK)) {
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "there is no directory %s",
				      directory);
	} else if (!access(sweep, F_OK)) {
		data->is_sweep = true;
		status = load_sweep(data, error);
	} else if (has_result(directory)) {
		status = load_run(data, error);
	} else {
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s has neither result.json nor sweep.json: name a directory "
				      "that `oversub run` or `oversub sweep` wrote",
				      directory);
	}
	if (!status)
		status = find_first(data, error);
	free(sweep);
	if (status)
		plot_data_free(data);
	return status;
}

void plot_data_free(struct plot_data *data)
{
	for (size_t i = 0; data->points && i < data->nr_points; i++) {
		free(data->points[i].directory);
		free(data->points[i].policy);
		result_file_free(&data->points[i].file);
	}
	free(data->points);
	free(data->roles);
	free(data->directory);
	sweep_grid_free(&data->grid);
	*data = (struct plot_data){0};
}
