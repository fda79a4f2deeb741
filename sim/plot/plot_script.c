/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/plot/plot_script.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/text.h"
#include "sim/report/axis.h"

static const char *const extensions[] = {[PLOT_PNG] = "png", [PLOT_SVG] = "svg"};

/* ---- Variables and blocks -------------------------------------------------------------------- */

/* A gnuplot string in single quotes, in which only the quote is special. */
static void write_string(FILE *stream, const char *format, va_list arguments)
{
	char *value = NULL;

	if (vasprintf(&value, format, arguments) < 0)
		value = NULL;
	fputc('\'', stream);
	for (const char *at = value; at && *at; at++) {
		if (*at == '\'')
			fputc('\'', stream);
		fputc((unsigned char)*at < ' ' ? ' ' : *at, stream);
	}
	fputs("'\n", stream);
	free(value);
}

void plot_text(struct plot_script *script, const char *name, const char *format, ...)
{
	va_list arguments;

	fprintf(script->script.stream, "%s = ", name);
	va_start(arguments, format);
	write_string(script->script.stream, format, arguments);
	va_end(arguments);
}

void plot_number(struct plot_script *script, const char *name, double value)
{
	if (isnan(value))
		fprintf(script->script.stream, "%s = NaN\n", name);
	else
		fprintf(script->script.stream, "%s = %.10g\n", name, value);
}

void plot_array(struct plot_script *script, const char *name, size_t nr)
{
	fprintf(script->script.stream, "array %s[%zu]\n", name, nr);
}

void plot_element(struct plot_script *script, const char *name, size_t index, const char *format,
		  ...)
{
	va_list arguments;

	fprintf(script->script.stream, "%s[%zu] = ", name, index + 1);
	va_start(arguments, format);
	write_string(script->script.stream, format, arguments);
	va_end(arguments);
}

static void write_line(struct plot_script *script, const char *begin, const char *format,
		       va_list arguments)
{
	fputs(begin, script->data.stream);
	vfprintf(script->data.stream, format, arguments);
	fputc('\n', script->data.stream);
}

static void end_block(struct plot_script *script)
{
	if (script->in_block)
		fputs("\n\n", script->data.stream);
	script->in_block = false;
}

void plot_block(struct plot_script *script, const char *format, ...)
{
	va_list arguments;

	end_block(script);
	va_start(arguments, format);
	write_line(script, "# ", format, arguments);
	va_end(arguments);
	script->in_block = true;
}

void plot_row(struct plot_script *script, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(script, "", format, arguments);
	va_end(arguments);
}

/* ---- The x axis and the series --------------------------------------------------------------- */

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
	plot_text(script, "X_TICS", "%s", tics.at ? tics.at : "()");
	plot_text(script, "X_PLACES", "%s", places.at ? places.at : "()");
	plot_number(script, "X_ROOM", room);
	*label = '\0';
	if (layout->x_axis >= 0)
		axis_label(&layout->data->grid, (size_t)layout->x_axis, label, 120);
	if (told)
		strcat(label, " (vCPUs : CPUs)");
	plot_text(script, "X_LABEL", "%s", label);
	free(tics.at);
	free(places.at);
}

static void write_facets(struct plot_script *script, const struct plot_layout *layout)
{
	char label[96] = "";

	plot_array(script, "COLUMN", layout->nr_facets);
	for (size_t f = 0; f < layout->nr_facets; f++) {
		if (layout->facet_axis >= 0)
			axis_value_label(&layout->data->grid, (size_t)layout->facet_axis, f, label,
					 sizeof(label));
		plot_element(script, "COLUMN", f, "%s", label);
	}
}

void plot_script_layout(struct plot_script *script, const struct plot_layout *layout)
{
	double least = INFINITY, most = -INFINITY, margin;

	plot_number(script, "NR_SERIES", (double)layout->nr_series);
	plot_array(script, "LABEL", layout->nr_series);
	plot_array(script, "POLICY", layout->nr_series);
	for (size_t s = 0; s < layout->nr_series; s++) {
		plot_element(script, "LABEL", s, "%s", layout->series[s].label);
		plot_element(script, "POLICY", s, "%s", layout->series[s].policy);
	}
	plot_text(script, "FIXED", "%s", layout->fixed);
	plot_number(script, "NR_COLUMNS", (double)layout->nr_facets);
	write_facets(script, layout);
	for (size_t x = 0; x < layout->nr_x; x++) {
		least = fmin(least, layout->x[x]);
		most = fmax(most, layout->x[x]);
	}
	margin = layout->categorical || most <= least ? 0.5 : 0.04 * (most - least);
	plot_number(script, "X_MIN", least - margin);
	plot_number(script, "X_MAX", most + margin);
	plot_number(script, "X_CATEGORICAL", layout->categorical);
	plot_number(script, "NR_X", (double)layout->nr_x);
	write_x_axis(script, layout, most - least + 2 * margin);
}

/* ---- Opening and drawing --------------------------------------------------------------------- */

static enum oversub_status open_file(const struct plot_script *script, const char *extension,
				     struct output_file *file, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_FAILED;
	char *path;

	if (asprintf(&path, "%s/%s.%s", script->directory, script->name, extension) < 0)
		return oversub_fail(error, status, "out of memory for the pictures");
	status = output_file_open(file, path, error);
	free(path);
	return status;
}

static void write_head(struct plot_script *script, const struct plot_data *data)
{
	const char *extension = extensions[script->options->format];
	char caption[256];

	fputs("# Drawn by `oversub plot`; again by `gnuplot` with this file and its data, wherever "
	      "they are.\n",
	      script->script.stream);
	plot_text(script, "DATA", "%s.dat", script->name);
	plot_text(script, "OUTPUT", "%s.%s", script->name, extension);
	plot_text(script, "FORMAT", "%s", extension);
	plot_text(script, "TITLE", "%s", plot_title(data));
	plot_caption(data, caption, sizeof(caption));
	plot_text(script, "CAPTION", "%s", caption);
}

enum oversub_status plot_script_open(struct plot_script *script, const char *name,
				     const struct plot_data *data, const char *directory,
				     const struct plot_options *options,
				     struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	*script = (struct plot_script){.options = options, .directory = directory, .name = name};
	if (asprintf(&script->picture, "%s/%s.%s", directory, name, extensions[options->format]) <
	    0)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for the pictures");
	if (!options->force && !access(script->picture, F_OK))
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s exists: use --force to draw it again", script->picture);
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
	free(script->picture);
	*script = (struct plot_script){0};
}

/* The template is part of the script, which so needs nothing but its data. */
static enum oversub_status write_template(struct plot_script *script, const char *name,
					  struct oversub_error *error)
{
	char *template;
	enum oversub_status status = plot_read_template(name, &template, error);

	if (!status)
		fprintf(script->script.stream, "\n%s", template);
	free(template);
	return status;
}

/* An older picture must not be taken for this one; and without one gnuplot has failed. */
static enum oversub_status run_gnuplot(const struct plot_script *script,
				       struct oversub_error *error)
{
	enum oversub_status status;
	char name[64];

	unlink(script->picture);
	snprintf(name, sizeof(name), "%s.gp", script->name);
	status = plot_gnuplot(script->directory, name, error);
	if (status)
		unlink(script->picture);
	else if (access(script->picture, F_OK))
		status = oversub_fail(error, OVERSUB_FAILED, "gnuplot drew no %s", script->picture);
	return status;
}

enum oversub_status plot_script_draw(struct plot_script *script, struct oversub_error *error)
{
	enum oversub_status status = write_template(script, "style", error);

	if (!status)
		status = write_template(script, script->name, error);
	end_block(script);
	if (!status)
		status = output_file_close(&script->data, error);
	if (!status)
		status = output_file_close(&script->script, error);
	if (!status)
		status = run_gnuplot(script, error);
	if (!status && !script->options->quiet)
		printf("%s\n", script->picture);
	plot_script_abandon(script);
	return status;
}
