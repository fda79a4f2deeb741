/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/run/sweep.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "sim/base/array.h"
#include "sim/base/text.h"

/* Where a walk through the text of a value is: depth of brackets, and inside a string or not. */
struct nesting {
	int depth;
	bool in_string;
	bool escaped;
};

/* Step over c; true if c is a comma that separates values. */
static bool is_separator(struct nesting *nesting, char c)
{
	if (nesting->in_string) {
		if (nesting->escaped)
			nesting->escaped = false;
		else if (c == '\\')
			nesting->escaped = true;
		else if (c == '"')
			nesting->in_string = false;
		return false;
	}
	if (c == '"')
		nesting->in_string = true;
	else if (c == '[' || c == '{')
		nesting->depth++;
	else if (c == ']' || c == '}')
		nesting->depth--;
	return c == ',' && nesting->depth == 0;
}

static void free_axis(struct sweep_axis *axis)
{
	for (size_t i = 0; i < axis->nr_values; i++)
		free(axis->values[i]);
	free(axis->values);
	free(axis->path);
}

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the points of the sweep");
}

static enum oversub_status add_value(struct sweep_axis *axis, const char *text, size_t length,
				     struct oversub_error *error)
{
	char **value;

	while (length && *text == ' ') {
		text++;
		length--;
	}
	while (length && text[length - 1] == ' ')
		length--;
	if (!length)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--vary %s: value number %zu is empty; write PATH=V1,V2,...",
				    axis->path, axis->nr_values + 1);
	for (size_t i = 0; i < axis->nr_values; i++)
		if (strlen(axis->values[i]) == length && !strncmp(axis->values[i], text, length))
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "--vary %s: the value %s is given twice", axis->path,
					    axis->values[i]);
	value = array_add(axis->values, axis->nr_values);
	if (value)
		*value = strndup(text, length);
	return value && *value ? OVERSUB_OK : out_of_memory(error);
}

static const char *value_of(const struct sweep_range *range, size_t i, int digits,
			    char value[SWEEP_VALUE_MAX])
{
	return sweep_range_value(range, (double)i / (double)(range->nr - 1), digits, value);
}

/* As few digits as a person would write, but so many that no two values are the same. */
static int digits_of(const struct sweep_range *range)
{
	char value[SWEEP_VALUE_MAX], before[SWEEP_VALUE_MAX];
	int digits = range->log ? 2 : 3;

	for (size_t i = 1; i < range->nr && digits < 15; i++)
		while (digits < 15 && !strcmp(value_of(range, i - 1, digits, before),
					      value_of(range, i, digits, value)))
			digits++;
	return digits;
}

/* What stands between two commas: a value, or a range of them. */
static enum oversub_status add_values(struct sweep_axis *axis, const char *text, size_t length,
				      struct oversub_error *error)
{
	char *copy = strndup(text, length);
	enum oversub_status status = OVERSUB_OK;
	struct sweep_range range;
	char value[SWEEP_VALUE_MAX];
	int digits;

	if (!copy)
		return out_of_memory(error);
	if (!sweep_range_is(copy)) {
		free(copy);
		return add_value(axis, text, length, error);
	}
	status = sweep_range_parse(copy, axis->path, &range, error);
	if (!status && !range.nr)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "--vary %s: how many values of %s? Write %s:5, %s:log5, or "
				      "choose a --design",
				      axis->path, copy, copy, copy);
	digits = status ? 0 : digits_of(&range);
	for (size_t i = 0; !status && i < range.nr; i++) {
		value_of(&range, i, digits, value);
		status = add_value(axis, value, strlen(value), error);
	}
	free(copy);
	return status;
}

static enum oversub_status split_values(struct sweep_axis *axis, const char *text,
					struct oversub_error *error)
{
	struct nesting nesting = {0};
	const char *start = text;

	for (;; text++) {
		enum oversub_status status;

		if (*text && !is_separator(&nesting, *text)) {
			if (nesting.depth < 0)
				break;
			continue;
		}
		if (!*text && (nesting.depth || nesting.in_string))
			break;
		status = add_values(axis, start, (size_t)(text - start), error);
		if (status || !*text)
			return status;
		start = text + 1;
	}
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--vary %s: brackets, braces or quotes do not match in %s", axis->path,
			    start);
}

static enum oversub_status parse_axis(struct sweep_axis *axis, const char *spec,
				      struct oversub_error *error)
{
	const char *equals = strchr(spec, '=');

	if (!equals || equals == spec)
		return oversub_fail(
			error, OVERSUB_BAD_INPUT,
			"--vary %s: write PATH=V1,V2,..., for example ipi_window_ns=1ms,50ms",
			spec);
	axis->path = strndup(spec, (size_t)(equals - spec));
	if (!axis->path)
		return out_of_memory(error);
	return split_values(axis, equals + 1, error);
}

static enum oversub_status append_axis(struct sweep_grid *grid, const struct sweep_axis *axis,
				       struct oversub_error *error)
{
	size_t points = grid->nr_axes ? grid->nr_points : 1;
	struct sweep_axis *added;

	for (size_t i = 0; i < grid->nr_axes; i++)
		if (!strcmp(grid->axes[i].path, axis->path))
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "--vary %s is given twice; put all values into one",
					    axis->path);
	if (axis->nr_values > SWEEP_MAX_POINTS / points)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "the sweep has more than %d points; vary fewer values",
				    SWEEP_MAX_POINTS);
	added = array_add(grid->axes, grid->nr_axes);
	if (!added)
		return out_of_memory(error);
	*added = *axis;
	grid->nr_points = points * axis->nr_values;
	return OVERSUB_OK;
}

/* Whether spec is PATH=RANGE with a range for the design to choose from. */
static bool is_for_design(const struct sweep_grid *grid, const char *spec)
{
	const char *equals = strchr(spec, '=');
	struct sweep_range range;

	return grid->design.kind && equals && equals > spec && sweep_range_is(equals + 1) &&
	       !sweep_range_parse(equals + 1, "", &range, NULL) && !range.nr;
}

static enum oversub_status add_factor(struct sweep_grid *grid, const char *spec,
				      struct oversub_error *error)
{
	const char *equals = strchr(spec, '=');
	char *path = strndup(spec, (size_t)(equals - spec));
	enum oversub_status status = path ? sweep_design_add(&grid->design, path, equals + 1, error)
					  : out_of_memory(error);

	free(path);
	return status;
}

enum oversub_status sweep_grid_add(struct sweep_grid *grid, const char *spec,
				   struct oversub_error *error)
{
	struct sweep_axis axis = {0};
	enum oversub_status status;

	if (is_for_design(grid, spec))
		return add_factor(grid, spec, error);
	status = parse_axis(&axis, spec, error);

	if (!status)
		status = append_axis(grid, &axis, error);
	if (status)
		free_axis(&axis);
	return status;
}

enum oversub_status sweep_grid_close(struct sweep_grid *grid, struct oversub_error *error)
{
	struct sweep_axis axis = {0};
	enum oversub_status status = OVERSUB_OK;
	char number[24];

	if (!grid->design.kind)
		return OVERSUB_OK;
	status = sweep_design_make(&grid->design, error);
	axis.path = status ? NULL : strdup(SWEEP_DESIGN_PATH);
	if (!status && !axis.path)
		status = out_of_memory(error);
	for (size_t i = 0; !status && i < grid->design.nr_rows; i++) {
		char **value = array_add(axis.values, axis.nr_values);

		snprintf(number, sizeof(number), "%zu", i);
		if (value)
			*value = strdup(number);
		if (!value || !*value)
			status = out_of_memory(error);
	}
	if (!status)
		status = append_axis(grid, &axis, error);
	if (status)
		free_axis(&axis);
	return status;
}

size_t sweep_grid_row(const struct sweep_grid *grid, size_t point)
{
	return point % grid->design.nr_rows;
}

size_t sweep_grid_first(const struct sweep_grid *grid, size_t point, size_t axis)
{
	size_t stride = 1;

	for (size_t a = axis + 1; a < grid->nr_axes; a++)
		stride *= grid->axes[a].nr_values;
	return point - point / stride % grid->axes[axis].nr_values * stride;
}

size_t sweep_grid_index(const struct sweep_grid *grid, size_t point, size_t axis)
{
	for (size_t i = grid->nr_axes - 1; i > axis; i--)
		point /= grid->axes[i].nr_values;
	return point % grid->axes[axis].nr_values;
}

const char *sweep_grid_value(const struct sweep_grid *grid, size_t point, size_t axis)
{
	return grid->axes[axis].values[sweep_grid_index(grid, point, axis)];
}

static bool ends_with_parts(const char *path, const char *parts)
{
	size_t length = strlen(path), n = strlen(parts);

	return length >= n && !strcmp(path + length - n, parts) &&
	       (length == n || path[length - n - 1] == '.');
}

const char *sweep_grid_name(const struct sweep_grid *grid, size_t axis)
{
	const char *path = grid->axes[axis].path, *name = path + strlen(path);
	bool shared = true;

	while (shared && name > path) {
		for (name--; name > path && name[-1] != '.';)
			name--;
		shared = false;
		for (size_t i = 0; i < grid->nr_axes; i++)
			shared |= i != axis && ends_with_parts(grid->axes[i].path, name);
	}
	return name;
}

/* Add "name value"; of true only the name, "name off" of false, and of a policy only its name. */
static void add_member(struct text *words, const cJSON *member)
{
	const char *name = member->string ? member->string : "";
	char *json;

	if (cJSON_IsObject(member)) {
		for (const cJSON *child = member->child; child; child = child->next)
			add_member(words, child);
	} else if (cJSON_IsBool(member)) {
		text_join(words, ", ", "%s%s", name, cJSON_IsTrue(member) ? "" : " off");
	} else if (cJSON_IsString(member)) {
		bool is_policy = !strcmp(name, "policy");

		text_join(words, ", ", "%s%s%s", is_policy ? "" : name, is_policy ? "" : " ",
			  member->valuestring);
	} else {
		json = cJSON_PrintUnformatted(member);
		text_join(words, ", ", "%s ", name);
		/* Lists without their brackets and quotes. */
		for (const char *at = json; at && *at; at++)
			if (!strchr("[]\"", *at))
				text_add(words, "%c", *at);
		free(json);
	}
}

bool sweep_value_words(const char *value, char *buffer, size_t size)
{
	cJSON *json = *value == '{' ? cJSON_Parse(value) : NULL;
	bool told = cJSON_IsObject(json) && json->child;
	struct text words = text_in(buffer, size);

	if (told)
		add_member(&words, json);
	cJSON_Delete(json);
	return told;
}

char *sweep_grid_label(const struct sweep_grid *grid, size_t point)
{
	struct text label = {0};

	for (size_t i = 0; i < grid->nr_axes; i++) {
		const char *value = sweep_grid_value(grid, point, i);
		char words[256];

		text_join(&label, " ", "%s=%s", sweep_grid_name(grid, i),
			  sweep_value_words(value, words, sizeof(words)) ? words : value);
	}
	return text_take(&label);
}

void sweep_grid_free(struct sweep_grid *grid)
{
	for (size_t i = 0; i < grid->nr_axes; i++)
		free_axis(&grid->axes[i]);
	free(grid->axes);
	sweep_design_free(&grid->design);
	*grid = (struct sweep_grid){0};
}
