/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/plot/plot_script.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const extensions[] = {[PLOT_PNG] = "png", [PLOT_SVG] = "svg"};

/* "DIRECTORY/NAMESUFFIX" for free(). */
static char *beside(const char *directory, const char *name, const char *suffix)
{
	char *path;

	return asprintf(&path, "%s/%s%s%s", directory, name, *suffix ? "." : "", suffix) < 0 ? NULL
											     : path;
}

static char *picture_path(const struct plot_script *script)
{
	return beside(script->directory, script->name, extensions[script->options->format]);
}

/* ---- Variables ---------------------------------------------------------------------------------
 */

/* A gnuplot string in single quotes, in which only the quote is special. */
static void write_string(FILE *stream, const char *value)
{
	fputc('\'', stream);
	for (; *value; value++) {
		if (*value == '\'')
			fputc('\'', stream);
		fputc((unsigned char)*value < ' ' ? ' ' : *value, stream);
	}
	fputc('\'', stream);
}

void plot_script_string(struct plot_script *script, const char *name, const char *value)
{
	fprintf(script->script.stream, "%s = ", name);
	write_string(script->script.stream, value);
	fputc('\n', script->script.stream);
}

void plot_script_number(struct plot_script *script, const char *name, double value)
{
	if (isnan(value))
		fprintf(script->script.stream, "%s = NaN\n", name);
	else
		fprintf(script->script.stream, "%s = %.10g\n", name, value);
}

void plot_script_begin_array(struct plot_script *script, const char *name, size_t nr)
{
	fprintf(script->script.stream, "array %s[%zu]\n", name, nr);
}

void plot_script_element(struct plot_script *script, const char *name, size_t index,
			 const char *value)
{
	fprintf(script->script.stream, "%s[%zu] = ", name, index + 1);
	write_string(script->script.stream, value);
	fputc('\n', script->script.stream);
}

void plot_script_begin_block(struct plot_script *script, const char *text)
{
	fprintf(script->data.stream, "# %s\n", text);
}

void plot_script_begin_curve(struct plot_script *script, const char *what, size_t place,
			     size_t curve, const char *text)
{
	fprintf(script->data.stream, "# [%s %zu %zu] %s\n", what, place, curve, text);
}

void plot_script_end_block(struct plot_script *script)
{
	fputs("\n\n", script->data.stream);
}

/* ---- The x axis and the series ------------------------------------------------------------------
 */

/* Text for a gnuplot string inside the argument of `set xtics (...)`. */
static void append_tic(FILE *stream, const char *label, double at, bool first)
{
	fputs(first ? "(\"" : ", \"", stream);
	for (; *label; label++)
		fputc(*label == '"' || *label == '\\' || (unsigned char)*label < ' ' ? ' ' : *label,
		      stream);
	fprintf(stream, "\" %.10g", at);
}

/* All VMs of point against the CPUs of its host, "2.5:1"; false if the document does not tell. */
static bool overcommit(const struct plot_point *point, char *buffer, size_t size)
{
	const cJSON *scenario = point->file.info.scenario;
	const cJSON *host = cJSON_GetObjectItemCaseSensitive(scenario, "host");
	const cJSON *cpus = cJSON_GetObjectItemCaseSensitive(host, "cpus");
	const cJSON *defaults = cJSON_GetObjectItemCaseSensitive(scenario, "vm_defaults");
	const cJSON *vm;
	double vcpus = 0;

	cJSON_ArrayForEach(vm, cJSON_GetObjectItemCaseSensitive(scenario, "vms"))
	{
		const cJSON *count = cJSON_GetObjectItemCaseSensitive(vm, "count");
		const cJSON *each = cJSON_GetObjectItemCaseSensitive(vm, "vcpus");

		if (!each)
			each = cJSON_GetObjectItemCaseSensitive(defaults, "vcpus");
		if (!cJSON_IsNumber(each))
			return false;
		vcpus += each->valuedouble * (cJSON_IsNumber(count) ? count->valuedouble : 1);
	}
	if (!cJSON_IsNumber(cpus) || !(cpus->valuedouble > 0))
		return false;
	snprintf(buffer, size, "%.3g:1", vcpus / cpus->valuedouble);
	return true;
}

/* The places of X_TICS without what is written there. */
static void write_places(struct plot_script *script, const struct plot_layout *layout)
{
	FILE *stream = script->script.stream;

	fputs("X_PLACES = '", stream);
	for (size_t x = 0; x < layout->nr_x; x++)
		fprintf(stream, "%s%.10g", x ? ", " : "(", layout->x[x]);
	fputs(")'\n", stream);
}

static const struct plot_point *point_at(const struct plot_layout *layout, size_t x)
{
	for (size_t s = 0; s < layout->nr_series; s++)
		if (plot_layout_get(layout, 0, s, x))
			return plot_layout_get(layout, 0, s, x);
	return NULL;
}

/* What is written at value x of the axis; *told: the overcommit stands behind it. */
static void tic_label(const struct plot_layout *layout, size_t x, char *label, size_t size,
		      bool *told)
{
	const struct plot_data *data = layout->data;
	size_t axis = (size_t)layout->x_axis;
	const struct plot_point *point = point_at(layout, x);
	char vcpus[32];

	plot_value_label(data, axis, data->grid.axes[axis].values[x], label, size / 2);
	*told = data->roles[axis] == PLOT_ROLE_COUNT && point &&
		overcommit(point, vcpus, sizeof(vcpus));
	if (*told) {
		size_t used = strlen(label);

		snprintf(label + used, size - used, " (%s)", vcpus);
	}
}

/*
 * X_ROOM: the part of the axis that a character of the labels has, where they stand closest, for
 * templates that turn labels which would touch.
 */
static void write_x_axis(struct plot_script *script, const struct plot_layout *layout, double span)
{
	char label[160], *tics = NULL;
	double room = 1;
	size_t size, last_length = 0;
	bool told = false;
	FILE *stream = open_memstream(&tics, &size);

	if (!stream)
		return;
	for (size_t x = 0; x < layout->nr_x; x++) {
		size_t length;

		tic_label(layout, x, label, sizeof(label), &told);
		append_tic(stream, label, layout->x[x], x == 0);
		length = strlen(label) + 2;
		if (x > 0)
			room = fmin(room, fabs(layout->x[x] - layout->x[x - 1]) / span * 2 /
						  (double)(length + last_length));
		last_length = length;
	}
	fputc(')', stream);
	if (!fclose(stream))
		plot_script_string(script, "X_TICS", tics);
	free(tics);
	plot_script_number(script, "X_ROOM", room);
	plot_axis_label(layout->data, (size_t)layout->x_axis, label, 120);
	if (told)
		strcat(label, " (vCPUs : CPUs)");
	plot_script_string(script, "X_LABEL", label);
}

void plot_script_layout(struct plot_script *script, const struct plot_layout *layout)
{
	double least = INFINITY, most = -INFINITY, margin;

	plot_script_number(script, "NR_SERIES", (double)layout->nr_series);
	plot_script_begin_array(script, "LABEL", layout->nr_series);
	plot_script_begin_array(script, "POLICY", layout->nr_series);
	for (size_t s = 0; s < layout->nr_series; s++) {
		plot_script_element(script, "LABEL", s, layout->series[s].label);
		plot_script_element(script, "POLICY", s, layout->series[s].policy);
	}
	for (size_t x = 0; x < layout->nr_x; x++) {
		least = fmin(least, layout->x[x]);
		most = fmax(most, layout->x[x]);
	}
	margin = layout->categorical || most <= least ? 0.5 : 0.04 * (most - least);
	plot_script_number(script, "X_MIN", least - margin);
	plot_script_number(script, "X_MAX", most + margin);
	plot_script_number(script, "X_CATEGORICAL", layout->categorical);
	plot_script_number(script, "NR_X", (double)layout->nr_x);
	write_places(script, layout);
	if (layout->x_axis >= 0) {
		write_x_axis(script, layout, most - least + 2 * margin);
	} else {
		plot_script_string(script, "X_TICS", "(\"\" 0)");
		plot_script_string(script, "X_LABEL", "");
		plot_script_number(script, "X_ROOM", 1);
	}
}

/* ---- Opening and drawing ------------------------------------------------------------------------
 */

static enum oversub_status open_file(const struct plot_script *script, const char *extension,
				     struct output_file *file, struct oversub_error *error)
{
	char *path = beside(script->directory, script->name, extension);
	enum oversub_status status =
		path ? output_file_open(file, path, error)
		     : oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");

	free(path);
	return status;
}

static enum oversub_status check_picture(const struct plot_script *script,
					 struct oversub_error *error)
{
	char *path = picture_path(script);
	enum oversub_status status = OVERSUB_OK;

	if (!path)
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	else if (!script->options->force && !access(path, F_OK))
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s exists: use --force to draw it again", path);
	free(path);
	return status;
}

static void write_head(struct plot_script *script, const struct plot_data *data)
{
	char caption[256], name[64];

	fputs("# Drawn by `oversub plot`; again by `gnuplot` with this file and its data, wherever "
	      "they are.\n",
	      script->script.stream);
	snprintf(name, sizeof(name), "%s.dat", script->name);
	plot_script_string(script, "DATA", name);
	snprintf(name, sizeof(name), "%s.%s", script->name, extensions[script->options->format]);
	plot_script_string(script, "OUTPUT", name);
	plot_script_string(script, "FORMAT", extensions[script->options->format]);
	plot_script_string(script, "TITLE", plot_title(data));
	plot_caption(data, caption, sizeof(caption));
	plot_script_string(script, "CAPTION", caption);
}

enum oversub_status plot_script_open(struct plot_script *script, const char *name,
				     const struct plot_data *data, const char *directory,
				     const struct plot_options *options,
				     struct oversub_error *error)
{
	enum oversub_status status;

	*script = (struct plot_script){
		.options = options, .directory = strdup(directory), .name = name};
	if (!script->directory)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	status = check_picture(script, error);
	if (!status)
		status = output_directory_create(directory, error);
	if (!status)
		status = open_file(script, "gp", &script->script, error);
	if (!status)
		status = open_file(script, "dat", &script->data, error);
	if (status)
		plot_script_abandon(script);
	else
		write_head(script, data);
	return status;
}

void plot_script_abandon(struct plot_script *script)
{
	output_file_abandon(&script->script);
	output_file_abandon(&script->data);
	free(script->directory);
	*script = (struct plot_script){0};
}

/* The template is part of the script, which so needs nothing but its data. */
static enum oversub_status write_template(struct plot_script *script, const char *name,
					  struct oversub_error *error)
{
	FILE *template;
	enum oversub_status status = plot_open_template(name, &template, error);
	int c;

	if (status)
		return status;
	fputc('\n', script->script.stream);
	while ((c = getc(template)) != EOF)
		putc(c, script->script.stream);
	if (ferror(template))
		status =
			oversub_fail(error, OVERSUB_FAILED, "cannot read the template %s.gp", name);
	fclose(template);
	return status;
}

/* Without a picture gnuplot has failed, whatever it says. */
static enum oversub_status check_drawn(const struct plot_script *script,
				       struct oversub_error *error)
{
	char *path = picture_path(script);
	enum oversub_status status = OVERSUB_OK;

	if (!path || access(path, F_OK))
		status = oversub_fail(error, OVERSUB_FAILED, "gnuplot drew no %s.%s in %s",
				      script->name, extensions[script->options->format],
				      script->directory);
	else if (!script->options->quiet)
		printf("%s\n", path);
	free(path);
	return status;
}

static void remove_picture(const struct plot_script *script)
{
	char *path = picture_path(script);

	if (path)
		unlink(path);
	free(path);
}

enum oversub_status plot_script_draw(struct plot_script *script, struct oversub_error *error)
{
	enum oversub_status status = write_template(script, "style", error);
	char name[64];

	snprintf(name, sizeof(name), "%s.gp", script->name);
	if (!status)
		status = write_template(script, script->name, error);
	if (!status)
		status = output_file_close(&script->data, error);
	if (!status)
		status = output_file_close(&script->script, error);
	if (!status) {
		remove_picture(script);
		status = plot_gnuplot(script->directory, name, error);
	}
	if (status)
		remove_picture(script);
	else
		status = check_drawn(script, error);
	plot_script_abandon(script);
	return status;
}
