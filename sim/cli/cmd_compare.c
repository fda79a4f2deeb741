/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub compare BASE OTHER... | SWEEP: paired differences. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/base/text.h"
#include "sim/cli/command.h"
#include "sim/cli/compare_group.h"
#include "sim/cli/message.h"
#include "sim/report/axis.h"
#include "sim/report/compact.h"
#include "sim/report/comparison.h"
#include "sim/output/files.h"
#include "sim/output/json_writer.h"
#include "sim/report/scenario_diff.h"
#include "sim/output/sweep_json.h"
#include "sim/run/overload.h"

enum { MAX_DIFFERENCES = 8 };

struct compare {
	const struct cli_options *options;
	struct comparison_filter filter;
	struct sweep_grid grid; /* of a sweep; empty if single results are compared */
	enum compact_format format;
	struct compare_group *groups; /* owned */
	size_t nr_groups;
	size_t nr_tests; /* that are corrected for each other: those of all rows shown */
	FILE *out;	 /* what is shown at the end */
	struct json_writer writer;
	int nr_shown; /* comparisons that were shown */
	int nr_rows;  /* metrics that were */
};

static void note_left_out(const struct comparison *comparison)
{
	if (comparison->nr_base != comparison->nr_other)
		message_note("%s has %zu replications and %s %zu: only the first %zu are compared",
			     comparison->base_label, comparison->nr_base, comparison->other_label,
			     comparison->nr_other, comparison->nr_pairs);
	if (comparison->nr_missing)
		message_note("%zu of the %zu metrics of %s are not in %s and are left out",
			     comparison->nr_missing,
			     comparison->nr_missing + comparison->nr_metrics,
			     comparison->base_label, comparison->other_label);
	if (comparison->nr_pairs < 2)
		message_note("one pair of replications has no interval; run more with --reps");
}

/* Survivors are compared with survivors where arrivals outran service. */
static void warn_of_overloads(const struct compare *compare, const struct compare_group *group)
{
	for (size_t i = 0; i < group->nr; i++) {
		struct overload overload;
		size_t position = 0;

		while (overload_next(&group->files[i].aggregate, &position, &overload))
			message_note("%s: arrivals outrun service at %s of %s: latencies there "
				     "are lower bounds",
				     group->labels[i], overload.name, overload.scope);
	}
}

/* Comparison i of group, or its regret i. */
static void show_view(struct compare *compare, const struct compare_group *group, size_t i,
		      const struct comparison_view *view)
{
	const struct comparison *comparison = view->comparison;

	if (compare->options->json) {
		compare->nr_rows += comparison_write_json(&compare->writer, view, compare->nr_tests,
							  &compare->filter);
		return;
	}
	if (view->is_regret) {
		fprintf(compare->out, "\nregret of %s against the oracle, %s\n",
			comparison->other_label, comparison->base_label);
	} else {
		fprintf(compare->out, "%s%s against %s, %zu pair%s of replications\n",
			compare->nr_shown++ ? "\n" : "", comparison->other_label,
			comparison->base_label, comparison->nr_pairs,
			comparison->nr_pairs == 1 ? "" : "s");
		if (group->place)
			fprintf(compare->out, "   %s\n", group->place);
		scenario_diff(compare->out, "  ", group->files[0].info.scenario,
			      group->files[i + 1].info.scenario, MAX_DIFFERENCES);
	}
	compare->nr_rows += comparison_write(compare->out, view, &compare->filter);
}

static void show_group(struct compare *compare, const struct compare_group *group)
{
	bool quiet = compare->options->quiet;

	if (!quiet)
		warn_of_overloads(compare, group);
	for (size_t i = 0; i + 1 < group->nr; i++) {
		if (!quiet)
			note_left_out(&group->comparisons[i]);
		show_view(compare, group, i,
			  &(struct comparison_view){&group->comparisons[i], false});
	}
	for (size_t i = 0; i < group->nr_regrets; i++)
		show_view(compare, group, i, &(struct comparison_view){&group->regrets[i], true});
}

/* Small tables of a sweep have no regrets. */
static bool is_compact(const struct compare *compare)
{
	return compare->grid.nr_axes && !compare->options->json && !compare->options->all;
}

static size_t nr_regrets(const struct compare *compare, size_t group)
{
	return is_compact(compare) ? 0 : compare->groups[group].nr_regrets;
}

/* Who reads all of it has that many chances to see a false alarm. */
static enum oversub_status correct(struct compare *compare, struct oversub_error *error)
{
	struct comparison_view *views;
	enum oversub_status status;
	size_t nr = 0;

	for (size_t i = 0; i < compare->nr_groups; i++)
		nr += compare->groups[i].nr - 1 + nr_regrets(compare, i);
	views = calloc(nr + 1, sizeof(*views));
	if (!views)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	nr = 0;
	for (size_t i = 0; i < compare->nr_groups; i++) {
		const struct compare_group *group = &compare->groups[i];

		for (size_t k = 0; k + 1 < group->nr; k++)
			views[nr++] = (struct comparison_view){&group->comparisons[k], false};
		for (size_t k = 0; k < nr_regrets(compare, i); k++)
			views[nr++] = (struct comparison_view){&group->regrets[k], true};
	}
	status = comparison_correct(views, nr, &compare->filter, &compare->nr_tests, error);
	free(views);
	return status;
}

static void show(struct compare *compare)
{
	if (compare->options->json) {
		json_start(&compare->writer, compare->out);
		json_array(&compare->writer, NULL, false);
	} else {
		comparison_write_star(compare->out, compare->nr_tests, &compare->filter);
		fputc('\n', compare->out);
	}
	for (size_t i = 0; i < compare->nr_groups; i++)
		show_group(compare, &compare->groups[i]);
	if (compare->options->json) {
		json_end(&compare->writer);
		json_finish(&compare->writer);
	}
}

static enum oversub_status add_group(struct compare *compare, const char *const *labels, size_t nr,
				     struct oversub_error *error)
{
	struct compare_group *group = array_add(compare->groups, compare->nr_groups);

	if (!group)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	return compare_group_make(group, labels, nr, error);
}

/* The values that point has on all axes but the first; NULL if there are none, or without memory.
 */
static char *place_of(const struct sweep_grid *grid, size_t point)
{
	struct text text = {0};

	for (size_t axis = 1; axis < grid->nr_axes; axis++)
		text_join(&text, ", ", "%s %s", sweep_grid_name(grid, axis),
			  sweep_grid_value(grid, point, axis));
	return text.used ? text_take(&text) : NULL;
}

/* The results at one place of a sweep, which differ in their value on the first axis. */
struct place {
	char **labels;	  /* directories of those that are there, the base first; owned */
	size_t *variants; /* their values on that axis; owned */
	size_t nr;
};

static void free_place(struct place *place)
{
	for (size_t i = 0; place->labels && i < place->nr; i++)
		free(place->labels[i]);
	free(place->labels);
	free(place->variants);
	*place = (struct place){0};
}

/* Find them; *missing counts those that are not there. */
static enum oversub_status find_place(const char *directory, const struct sweep_grid *grid,
				      size_t rest, struct place *place, size_t *missing,
				      struct oversub_error *error)
{
	size_t nr = grid->axes[0].nr_values, stride = grid->nr_points / nr;

	*place = (struct place){.labels = calloc(nr, sizeof(*place->labels)),
				.variants = calloc(nr, sizeof(*place->variants))};
	for (size_t i = 0; place->labels && place->variants && i < nr; i++) {
		char name[SWEEP_POINT_NAME];
		char *path = output_path(
			directory, sweep_point_directory(i * stride + rest, grid->nr_points, name));

		if (!path)
			return oversub_fail(error, OVERSUB_FAILED, "out of memory");
		if (output_exists(path, "result.json")) {
			place->variants[place->nr] = i;
			place->labels[place->nr++] = path;
		} else {
			free(path);
			++*missing;
		}
	}
	if (!place->labels || !place->variants)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	return OVERSUB_OK;
}

/* For each place, its results against that with the first value, if that is there. */
static enum oversub_status compare_points(struct compare *compare, const char *directory,
					  const struct sweep_grid *grid,
					  struct oversub_error *error)
{
	size_t nr_places = grid->nr_points / grid->axes[0].nr_values, missing = 0;
	enum oversub_status status = OVERSUB_OK;

	for (size_t rest = 0; !status && rest < nr_places; rest++) {
		struct place place;

		status = find_place(directory, grid, rest, &place, &missing, error);
		if (!status && place.nr > 1 && place.variants[0] == 0) {
			status = add_group(compare, (const char *const *)place.labels, place.nr,
					   error);
			if (!status) {
				struct compare_group *group =
					&compare->groups[compare->nr_groups - 1];

				group->place = place_of(grid, rest);
				group->variants = place.variants;
				place.variants = NULL;
			}
		}
		free_place(&place);
	}
	if (!status && !compare->nr_groups)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "the sweep in %s is not complete, and has nothing to compare "
				    "yet; `oversub sweep --resume` runs the rest",
				    directory);
	if (!status && missing && !compare->options->quiet)
		message_note("%zu of the %zu points of %s are missing: the sweep is not complete",
			     missing, grid->nr_points, directory);
	return status;
}

/* ---- Small tables -----------------------------------------------------------------------------
 */

/* What the values of the first axis are called. */
static char **variant_names(const struct sweep_grid *grid)
{
	char **names = calloc(grid->axes[0].nr_values, sizeof(*names)), words[128];

	for (size_t i = 0; names && i < grid->axes[0].nr_values; i++) {
		if (axis_is_policy(grid, 0))
			axis_setting(grid, 0, i, words, sizeof(words));
		else
			snprintf(words, sizeof(words), "%s %s", sweep_grid_name(grid, 0),
				 grid->axes[0].values[i]);
		names[i] = strdup(words);
	}
	return names;
}

static void show_compact(struct compare *compare)
{
	const struct sweep_grid *grid = &compare->grid;
	size_t nr = grid->axes[0].nr_values;
	char **names = variant_names(grid);
	struct compact_row *rows = calloc(compare->nr_groups, sizeof(*rows));
	const struct comparison **cells =
		calloc(compare->nr_groups * nr, sizeof(struct comparison *));
	struct compact_table table = {.variants = (const char *const *)names + 1,
				      .nr_variants = nr - 1,
				      .rows = rows,
				      .nr_rows = compare->nr_groups,
				      .filter = &compare->filter,
				      .nr_tests = compare->nr_tests};

	for (size_t g = 0; names && rows && cells && g < compare->nr_groups; g++) {
		const struct compare_group *group = &compare->groups[g];

		rows[g] = (struct compact_row){group->place ? group->place : "", cells + g * nr};
		for (size_t i = 1; i < group->nr; i++)
			cells[g * nr + group->variants[i] - 1] = &group->comparisons[i - 1];
	}
	if (names && rows && cells) {
		table.base = names[0];
		compare->nr_rows = compact_write(compare->out, &table, compare->format);
	}
	for (size_t i = 0; names && i < nr; i++)
		free(names[i]);
	free(names);
	free(rows);
	free(cells);
}

static enum oversub_status compare_sweep(struct compare *compare, const char *directory,
					 struct oversub_error *error)
{
	const struct sweep_grid *grid = &compare->grid;
	enum oversub_status status = sweep_json_read(directory, &compare->grid, error);

	if (status)
		return status;
	compare->filter.compact = true;
	if (grid->axes[0].nr_values < 2)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: the first axis, %s, has one value only: there is "
				    "nothing to compare",
				    directory, grid->axes[0].path);
	return compare_points(compare, directory, grid, error);
}

static enum oversub_status compare_arguments(struct compare *compare, struct oversub_error *error)
{
	const struct cli_options *options = compare->options;
	enum oversub_status status;

	if (options->nr_arguments == 1 && output_exists(options->arguments[0], "sweep.json"))
		status = compare_sweep(compare, options->arguments[0], error);
	else if (options->nr_arguments == 1)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "compare needs the directories of two results or more, or "
				      "that of a sweep");
	else
		status = add_group(compare, (const char *const *)options->arguments,
				   (size_t)options->nr_arguments, error);
	return status;
}

/* Nothing is shown of a comparison that fails in the middle. */
static enum oversub_status compare_all(struct compare *compare, struct oversub_error *error)
{
	enum oversub_status status;
	char *text = NULL;
	size_t size;

	compare->out = open_memstream(&text, &size);
	if (!compare->out)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = compare_arguments(compare, error);
	if (!status)
		status = correct(compare, error);
	if (!status && is_compact(compare))
		show_compact(compare);
	else if (!status)
		show(compare);
	if (!status && compare->options->metric && !compare->nr_rows)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "no metric is called %.200s; --all shows all of them",
				      compare->options->metric);
	if (fclose(compare->out))
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (!status)
		fputs(text, stdout);
	free(text);
	for (size_t i = 0; i < compare->nr_groups; i++)
		compare_group_free(&compare->groups[i]);
	free(compare->groups);
	sweep_grid_free(&compare->grid);
	return status;
}

static enum oversub_status choose_format(struct compare *compare, struct oversub_error *error)
{
	const char *wanted = compare->options->format;

	for (int i = 0; wanted && compact_formats[i]; i++) {
		if (strcmp(wanted, compact_formats[i]) != 0)
			continue;
		compare->format = (enum compact_format)i;
		return OVERSUB_OK;
	}
	if (!wanted)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--format %.100s: expected text, md, csv or latex", wanted);
}

enum oversub_status cmd_compare(const struct cli_options *options, struct oversub_error *error)
{
	struct compare compare = {.options = options,
				  .filter = {.metrics = options->metrics,
					     .nr_metrics = (size_t)options->nr_metrics,
					     .all = options->all}};
	enum oversub_status status = choose_format(&compare, error);

	return status ? status : compare_all(&compare, error);
}
