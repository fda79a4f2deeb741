/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/plot/plot_script.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/text.h"
#include "sim/report/axis.h"

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

void plot_script_array(struct plot_script *script, const char *name, const char *const *list,
		       size_t nr)
{
	plot_script_begin_array(script, name, nr);
	for (size_t i = 0; i < nr; i++)
		plot_script_element(script, name, i, list[i]);
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

static double number_at(const cJSON *object, const char *name, double otherwise)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(number) ? number->valuedouble : otherwise;
}

/* All VMs of point against the CPUs of its host: 2.5; NAN if the document does not tell. */
static double overcommit(const struct plot_point *point)
{
	const cJSON *scenario = point->file.info.scenario, *vm;
	const cJSON *host = cJSON_GetObjectItemCaseSensitive(scenario, "host");
	const cJSON *defaults = cJSON_GetObjectItemCaseSensitive(scenario, "vm_defaults");
	double vcpus = 0;

	cJSON_ArrayForEach(vm, cJSON_GetObjectItemCaseSensitive(scenario, "vms"))
	{
		vcpus += number_at(vm, "count", 1) *
			 number_at(vm, "vcpus", number_at(defaults, "vcpus", NAN));
	}
	return vcpus / number_at(host, "cpus", NAN);
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
	const struct sweep_grid *grid = &layout->data->grid;
	size_t axis = (size_t)layout->x_axis, used;
	const struct plot_point *point = point_at(layout, x);
	double vcpus = NAN;

	axis_value_label(grid, axis, x, label, size / 2);
	if (axis_role(grid, axis) == AXIS_COUNT && point)
		vcpus = overcommit(point);
	*told = isfinite(vcpus);
	used = strlen(label);
	if (*told)
		snprintf(label + used, size - used, " (%.3g:1)", vcpus);
	/* It becomes a gnuplot string inside the argument of `set xtics (...)`. */
	for (; *label; label++)
		if (strchr("\"\\", *label) || (unsigned char)*label < ' ')
			*label = ' ';
}

/*
 * X_TICS, and X_PLACES without what is written there. X_ROOM: the part of the axis that a character
 * of the labels has, where they stand closest, for templates that turn labels which would touch.
 */
static void write_x_axis(struct plot_script *script, const struct plot_layout *layout, double span)
{
	struct text tics = {0}, places = {0};
	size_t length, last_length = 0;
	char label[160] = "";
	bool told = false;
	double room = 1;

	for (size_t x = 0; x < layout->nr_x; x++) {
		if (layout->x_axis >= 0)
			tic_label(layout, x, label, sizeof(label), &told);
		text_add(&tics, "%s\"%s\" %.10g", x ? ", " : "(", label, layout->x[x]);
		text_add(&places, "%s%.10g", x ? ", " : "(", layout->x[x]);
		length = strlen(label) + 2;
		if (x > 0)
			room = fmin(room, fabs(layout->x[x] - layout->x[x - 1]) / span * 2 /
						  (double)(length + last_length));
		last_length = length;
	}
	text_add(&tics, ")");
	text_add(&places, ")");
	plot_script_string(script, "X_TICS", tics.at ? tics.at : "()");
	plot_script_string(script, "X_PLACES", places.at ? places.at : "()");
	plot_script_number(script, "X_ROOM", room);
	*label = '\0';
	if (layout->x_axis >= 0)
		axis_label(&layout->data->grid, (size_t)layout->x_axis, label, 120);
	if (told)
		strcat(label, " (vCPUs : CPUs)");
	plot_script_string(script, "X_LABEL", label);
	free(tics.at);
	free(places.at);
}

static void write_facets(struct plot_script *script, const struct plot_layout *layout)
{
	char label[96] = "";

	plot_script_begin_array(script, "COLUMN", layout->nr_facets);
	for (size_t f = 0; f < layout->nr_facets; f++) {
		if (layout->facet_axis >= 0)
			axis_value_label(&layout->data->grid, (size_t)layout->facet_axis, f, label,
					 sizeof(label));
		plot_script_element(script, "COLUMN", f, label);
	}
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
	plot_script_string(script, "FIXED", layout->fixed);
	plot_script_number(script, "NR_COLUMNS", (double)layout->nr_facets);
	write_facets(script, layout);
	for (size_t x = 0; x < layout->nr_x; x++) {
		least = fmin(least, layout->x[x]);
		most = fmax(most, layout->x[x]);
	}
	margin = layout->categorical || most <= least ? 0.5 : 0.04 * (most - least);
	plot_script_number(script, "X_MIN", least - margin);
	plot_script_number(script, "X_MAX", most + margin);
	plot_script_number(script, "X_CATEGORICAL", layout->categorical);
	plot_script_number(script, "NR_X", (double)layout->nr_x);
	write_x_axis(script, layout, most - least + 2 * margin);
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
