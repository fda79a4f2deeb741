/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/sweep_json.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/base/text.h"
#include "sim/output/files.h"
#include "sim/output/json_writer.h"
#include "sim/output/result_directory.h"
#include "sim/output/result_json.h"

const char *sweep_point_directory(size_t point, size_t nr_points, char name[SWEEP_POINT_NAME])
{
	bool wide = nr_points > 1000;

	snprintf(name, SWEEP_POINT_NAME, wide ? "points/%06zu" : "points/%03zu", point);
	return name;
}

/* Whether name, in the directory of points, is that of one of them. */
static bool is_point(const char *name, size_t nr_points)
{
	char expected[SWEEP_POINT_NAME];
	size_t point = strtoull(name, NULL, 10);

	return point < nr_points &&
	       !strcmp(strchr(sweep_point_directory(point, nr_points, expected), '/') + 1, name);
}

void sweep_points_tidy(const char *directory, size_t nr_points)
{
	char *points = output_path(directory, "points");
	DIR *stream = points ? opendir(points) : NULL;
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		const char *name = entry->d_name;
		char *path = output_path(points, name);

		if (path && strspn(name, "0123456789") == strlen(name) &&
		    !is_point(name, nr_points))
			output_tree_remove(path);
		free(path);
	}
	if (stream)
		closedir(stream);
	free(points);
}

static void write_axes(struct json_writer *writer, const struct sweep_grid *grid)
{
	json_array(writer, "axes", false);
	for (size_t i = 0; i < grid->nr_axes; i++) {
		json_object(writer, NULL, true);
		json_string(writer, "path", grid->axes[i].path);
		json_array(writer, "values", true);
		for (size_t v = 0; v < grid->axes[i].nr_values; v++)
			json_string(writer, NULL, grid->axes[i].values[v]);
		json_end(writer);
		json_end(writer);
	}
	json_end(writer);
}

static void write_design(struct json_writer *writer, const struct sweep_design *design)
{
	if (!design->kind)
		return;
	json_object(writer, "design", false);
	json_string(writer, "kind", sweep_design_names[design->kind]);
	json_integer(writer, "size", (int64_t)design->size);
	json_array(writer, "factors", true);
	for (size_t k = 0; k < design->nr_factors; k++)
		json_string(writer, NULL, design->factors[k].path);
	json_end(writer);
	json_array(writer, "rows", false);
	for (size_t row = 0; row < design->nr_rows; row++) {
		json_array(writer, NULL, true);
		for (size_t k = 0; k < design->nr_factors; k++)
			json_string(writer, NULL, sweep_design_value(design, row, k));
		json_end(writer);
	}
	json_end(writer);
	json_end(writer);
}

static void write_points(struct json_writer *writer, const struct sweep_grid *grid,
			 struct scenario *const *scenarios, const size_t *same_as,
			 const struct aggregate *aggregates)
{
	char name[SWEEP_POINT_NAME], seed[24];
	struct result_info info;

	json_array(writer, "points", false);
	for (size_t i = 0; i < grid->nr_points; i++) {
		json_object(writer, NULL, !aggregates);
		json_string(writer, "directory", sweep_point_directory(i, grid->nr_points, name));
		json_array(writer, "values", true);
		for (size_t a = 0; a < grid->nr_axes; a++)
			json_string(writer, NULL, sweep_grid_value(grid, i, a));
		json_end(writer);
		info = result_info_of(scenarios[i], seed);
		result_json_write_policies(writer, &info);
		json_integer(writer, "replications", scenarios[i]->run.replications);
		if (same_as && same_as[i] != i)
			json_integer(writer, "same_as", (int64_t)same_as[i]);
		if (aggregates)
			result_json_write_metrics(writer, &aggregates[i]);
		json_end(writer);
	}
	json_end(writer);
}

void sweep_json_write(FILE *stream, const struct sweep_grid *grid,
		      struct scenario *const *scenarios, const size_t *same_as,
		      const struct aggregate *aggregates)
{
	struct json_writer writer;
	char seed[24];
	struct result_info info = result_info_of(scenarios[0], seed);

	json_start(&writer, stream);
	json_object(&writer, NULL, false);
	json_integer(&writer, "format", RESULT_FORMAT);
	json_string(&writer, "oversub", OVERSUB_VERSION);
	json_string(&writer, "name", info.name);
	json_string(&writer, "title", info.title);
	json_string(&writer, "seed", info.seed);
	write_axes(&writer, grid);
	write_design(&writer, &grid->design);
	write_points(&writer, grid, scenarios, same_as, aggregates);
	json_end(&writer);
	json_finish(&writer);
}

/* "PATH=V1,V2,..." of the axis that json describes, for free(); NULL if it describes none. */
static char *axis_spec(const cJSON *json)
{
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(json, "path");
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(json, "values"), *value;
	struct text spec = {0};
	bool good = cJSON_IsString(path) && cJSON_IsArray(values);

	if (good)
		text_add(&spec, "%s", path->valuestring);
	cJSON_ArrayForEach(value, values)
	{
		good &= cJSON_IsString(value);
		text_add(&spec, "%s%s", value == values->child ? "=" : ",",
			 cJSON_IsString(value) ? value->valuestring : "");
	}
	if (good)
		return text_take(&spec);
	free(spec.at);
	return NULL;
}

static enum oversub_status parse(const cJSON *json, const char *path, struct sweep_grid *grid,
				 struct oversub_error *error)
{
	const cJSON *axes = cJSON_GetObjectItemCaseSensitive(json, "axes"), *axis;
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(json, "format");

	if (cJSON_IsNumber(format) && format->valuedouble != RESULT_FORMAT)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s has format %g; this oversub reads format %d: run the sweep "
				    "again",
				    path, format->valuedouble, RESULT_FORMAT);
	if (!cJSON_IsNumber(format) || !cJSON_IsArray(axes) || !axes->child)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s does not describe a sweep: it needs \"format\" and "
				    "\"axes\"",
				    path);
	cJSON_ArrayForEach(axis, axes)
	{
		char *spec = axis_spec(axis);
		enum oversub_status status;

		if (!spec)
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "%s: every axis needs a \"path\" and \"values\"", path);
		status = sweep_grid_add(grid, spec, error);
		free(spec);
		if (status)
			return status;
	}
	return OVERSUB_OK;
}

static bool read_factors(const cJSON *factors, struct sweep_design *design)
{
	const cJSON *path;

	cJSON_ArrayForEach(path, factors)
	{
		struct sweep_factor *factor = array_add(design->factors, design->nr_factors);

		if (!factor || !cJSON_IsString(path))
			return false;
		factor->path = strdup(path->valuestring);
		if (!factor->path)
			return false;
	}
	return design->nr_factors > 0;
}

static bool read_rows(const cJSON *rows, struct sweep_design *design)
{
	size_t nr = (size_t)cJSON_GetArraySize(rows), i = 0;
	const cJSON *row, *value;

	design->values = calloc(nr * design->nr_factors + 1, sizeof(*design->values));
	if (!design->values)
		return false;
	design->nr_rows = nr;
	cJSON_ArrayForEach(row, rows)
	{
		if ((size_t)cJSON_GetArraySize(row) != design->nr_factors)
			return false;
		cJSON_ArrayForEach(value, row)
		{
			if (!cJSON_IsString(value))
				return false;
			design->values[i++] = strdup(value->valuestring);
		}
	}
	return nr > 0;
}

/* The design that json may have; what its kind says of the number of rows must be so. */
static enum oversub_status parse_design(const cJSON *json, const char *path,
					struct sweep_design *design, struct oversub_error *error)
{
	const cJSON *there = cJSON_GetObjectItemCaseSensitive(json, "design");
	const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(there, "kind"));
	const cJSON *size = cJSON_GetObjectItemCaseSensitive(there, "size");
	bool good = true;

	if (!there)
		return OVERSUB_OK;
	for (int i = SWEEP_LHS; kind && i <= SWEEP_MORRIS; i++)
		if (!strcmp(kind, sweep_design_names[i]))
			design->kind = (enum sweep_design_kind)i;
	if (cJSON_IsNumber(size) && size->valuedouble >= 1 && size->valuedouble <= SWEEP_MAX_POINTS)
		design->size = (size_t)size->valuedouble;
	good = design->kind && design->size &&
	       read_factors(cJSON_GetObjectItemCaseSensitive(there, "factors"), design) &&
	       read_rows(cJSON_GetObjectItemCaseSensitive(there, "rows"), design) &&
	       design->nr_rows == sweep_design_rows(design);
	if (good)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: its \"design\" is none", path);
}

enum oversub_status sweep_json_replications(const char *directory, uint64_t *nr,
					    struct oversub_error *error)
{
	char *path = output_path(directory, "sweep.json");
	char *text = path ? output_read(path) : NULL;
	cJSON *json = text ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
	const cJSON *points = cJSON_GetObjectItemCaseSensitive(json, "points"), *point;

	*nr = 0;
	cJSON_ArrayForEach(point, points)
	{
		const cJSON *count = cJSON_GetObjectItemCaseSensitive(point, "replications");

		if (cJSON_IsNumber(count) && count->valuedouble >= 1 && count->valuedouble < 1e9 &&
		    !cJSON_HasObjectItem(point, "same_as"))
			*nr += (uint64_t)count->valuedouble;
	}
	cJSON_Delete(json);
	free(text);
	free(path);
	if (*nr)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT, "%s/sweep.json has no points", directory);
}

enum oversub_status sweep_json_read(const char *directory, struct sweep_grid *grid,
				    struct oversub_error *error)
{
	char *path = output_path(directory, "sweep.json");
	char *text = path ? output_read(path) : NULL;
	cJSON *json = text ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
	enum oversub_status status;

	*grid = (struct sweep_grid){0};
	if (!text)
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "cannot read %s/sweep.json: %s",
				      directory, strerror(errno));
	else
		status = parse(json, path, grid, error);
	if (!status)
		status = parse_design(json, path, &grid->design, error);
	if (status)
		sweep_grid_free(grid);
	cJSON_Delete(json);
	free(text);
	free(path);
	return status;
}
