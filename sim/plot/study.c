/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/plot/study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "sim/base/array.h"
#include "sim/base/text.h"
#include "sim/output/json_writer.h"
#include "sim/report/axis.h"
#include "sim/report/table.h"

static const char usual[] = "requests_per_s";

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the study");
}

/* Which metric, as the first point has it. */
static enum oversub_status choose_metric(struct studies *studies, const char *wanted,
					 struct oversub_error *error)
{
	const struct aggregate *aggregate = &studies->data->first->file.aggregate;
	const char *colon = wanted ? strchr(wanted, ':') : NULL;
	const char *name = !wanted ? usual : colon ? colon + 1 : wanted;
	size_t length = colon ? (size_t)(colon - wanted) : 0;

	for (size_t i = 0; i < aggregate->nr_metrics && !studies->metric; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		if (strcmp(metric->name, name) != 0 ||
		    (colon && (strlen(metric->scope) != length ||
			       strncmp(metric->scope, wanted, length) != 0)))
			continue;
		studies->scope = metric->scope;
		studies->metric = metric->name;
	}
	if (studies->metric)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "no metric is called %.200s; `oversub list metrics` has their names",
			    wanted ? wanted : usual);
}

static double value_at(const struct studies *studies, size_t point)
{
	return aggregate_mean(&studies->data->points[point].file.aggregate, studies->scope,
			      studies->metric);
}

/* What the rows yield at the values of the other axes that point number at has for row 0. */
static void collect(const struct studies *studies, struct study *study, size_t base, size_t at,
		    double *y)
{
	size_t nr = studies->data->grid.design.nr_rows;

	for (size_t row = 0; row < nr; row++) {
		y[row] = value_at(studies, at + row);
		if (study->relative)
			y[row] = 100 * (y[row] / value_at(studies, base + row) - 1);
	}
	study->mean = gsl_stats_mean(y, 1, nr);
	study->sd = gsl_stats_sd(y, 1, nr);
}

static char *label_of(const struct studies *studies, size_t base, size_t at)
{
	const struct sweep_grid *grid = &studies->data->grid;
	struct text label = {0};
	char words[128], other[128];

	for (size_t a = 0; a + 1 < grid->nr_axes; a++) {
		axis_setting(grid, a, sweep_grid_index(grid, at, a), words, sizeof(words));
		if (a == 0 && base != at) {
			axis_setting(grid, a, sweep_grid_index(grid, base, a), other,
				     sizeof(other));
			text_join(&label, ", ", "%s against %s", words, other);
		} else {
			text_join(&label, ", ", "%s", words);
		}
	}
	if (!label.used)
		text_add(&label, "all points");
	return text_take(&label);
}

static enum oversub_status add_study(struct studies *studies, size_t base, size_t at, double *y,
				     struct oversub_error *error)
{
	const struct sweep_design *design = &studies->data->grid.design;
	struct study *study = array_add(studies->list, studies->nr);

	if (!study)
		return out_of_memory(error);
	study->relative = base != at;
	study->label = label_of(studies, base, at);
	study->factors = calloc(design->nr_factors, sizeof(*study->factors));
	if (!study->label || !study->factors)
		return out_of_memory(error);
	collect(studies, study, base, at, y);
	return sensitivity_estimate(design, y, study->factors, error);
}

static enum oversub_status check(const struct plot_data *data, struct oversub_error *error)
{
	size_t missing = 0;

	if (!data->is_sweep || !data->grid.design.kind)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s is no sweep with a --design: its points say nothing of "
				    "whole ranges",
				    data->directory);
	for (size_t i = 0; i < data->nr_points; i++)
		missing += !data->points[i].present;
	if (!missing)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%zu of the %zu points in %s are missing: --resume runs them", missing,
			    data->nr_points, data->directory);
}

enum oversub_status studies_make(const struct plot_data *data, const char *metric,
				 struct studies *studies, struct oversub_error *error)
{
	const struct sweep_grid *grid = &data->grid;
	size_t nr_rows = grid->design.nr_rows, per_value, nr_values;
	double *y = calloc(nr_rows + 1, sizeof(*y));
	enum oversub_status status = y ? check(data, error) : out_of_memory(error);

	*studies = (struct studies){.data = data};
	if (!status)
		status = choose_metric(studies, metric, error);
	nr_values = grid->nr_axes > 1 ? grid->axes[0].nr_values : 1;
	per_value = nr_values ? grid->nr_points / nr_values : 0;
	/* Without anything to compare with, it is the metric itself. */
	for (size_t value = nr_values > 1; !status && value < nr_values; value++)
		for (size_t rest = 0; !status && rest < per_value; rest += nr_rows)
			status = add_study(studies, rest, value * per_value + rest, y, error);
	if (status)
		studies_free(studies);
	free(y);
	return status;
}

void studies_free(struct studies *studies)
{
	for (size_t i = 0; i < studies->nr; i++) {
		free(studies->list[i].label);
		free(studies->list[i].factors);
	}
	free(studies->list);
	*studies = (struct studies){0};
}

/* ---- What is shown ----------------------------------------------------------------------------
 */

static const char *format_estimate(const struct sensitivity_estimate *estimate, char buffer[64])
{
	if (isfinite(estimate->value))
		snprintf(buffer, 64, "%.3g [%.3g, %.3g]", estimate->value, estimate->low,
			 estimate->high);
	else
		snprintf(buffer, 64, "-");
	return buffer;
}

static void write_study(FILE *stream, const struct studies *studies, const struct study *study)
{
	const struct sweep_design *design = &studies->data->grid.design;
	const char *total_name = sensitivity_name(design->kind, true);
	const struct table_column columns[] = {
		{"parameter", 2, -46},
		{sensitivity_name(design->kind, false), 2, -22},
		{total_name ? total_name : "", 2, -22},
	};
	char first[64], total[64];

	fprintf(stream, "\n%s: %s%.4g on average, standard deviation %.3g%s\n", study->label,
		study->relative ? "change in %, " : "", study->mean, study->sd,
		study->relative ? " points" : "");
	table_titles(stream, columns, 3);
	fputc('\n', stream);
	for (size_t k = 0; k < design->nr_factors; k++) {
		const char *cells[] = {
			design->factors[k].path, format_estimate(&study->factors[k].first, first),
			total_name ? format_estimate(&study->factors[k].total, total) : ""};

		table_cells(stream, columns, 3, cells);
		fputc('\n', stream);
	}
}

void studies_write(FILE *stream, const struct studies *studies)
{
	const struct sweep_design *design = &studies->data->grid.design;

	fprintf(stream, "%s of %s over %zu parameters, %s:%zu, %zu rows; intervals are 95 %%\n",
		studies->metric, plot_scope_label(studies->scope), design->nr_factors,
		sweep_design_names[design->kind], design->size, design->nr_rows);
	for (size_t i = 0; i < studies->nr; i++)
		write_study(stream, studies, &studies->list[i]);
}

static void write_estimate(struct json_writer *writer, const char *key,
			   const struct sensitivity_estimate *estimate)
{
	json_object(writer, key, true);
	json_number(writer, "value", estimate->value);
	json_number(writer, "low", estimate->low);
	json_number(writer, "high", estimate->high);
	json_end(writer);
}

void studies_write_json(FILE *stream, const struct studies *studies)
{
	const struct sweep_design *design = &studies->data->grid.design;
	struct json_writer writer;

	json_start(&writer, stream);
	json_object(&writer, NULL, false);
	json_string(&writer, "scope", studies->scope);
	json_string(&writer, "metric", studies->metric);
	json_string(&writer, "design", sweep_design_names[design->kind]);
	json_array(&writer, "studies", false);
	for (size_t i = 0; i < studies->nr; i++) {
		const struct study *study = &studies->list[i];

		json_object(&writer, NULL, false);
		json_string(&writer, "of", study->label);
		json_bool(&writer, "change_in_percent", study->relative);
		json_number(&writer, "mean", study->mean);
		json_number(&writer, "sd", study->sd);
		json_object(&writer, "parameters", false);
		for (size_t k = 0; k < design->nr_factors; k++) {
			json_object(&writer, design->factors[k].path, false);
			write_estimate(&writer, "first", &study->factors[k].first);
			write_estimate(&writer, "total", &study->factors[k].total);
			json_end(&writer);
		}
		json_end(&writer);
		json_end(&writer);
	}
	json_end(&writer);
	json_end(&writer);
	json_finish(&writer);
}
