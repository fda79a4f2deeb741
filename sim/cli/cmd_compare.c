/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub compare BASE OTHER... | SWEEP: paired differences. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/array.h"
#include "sim/base/text.h"
#include "sim/cli/command.h"
#include "sim/cli/compare_group.h"
#include "sim/cli/message.h"
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

/* Who reads all of it has that many chances to see a false alarm. */
static enum oversub_status correct(struct compare *compare, struct oversub_error *error)
{
	struct comparison_view *views;
	enum oversub_status status;
	size_t nr = 0;

	for (size_t i = 0; i < compare->nr_groups; i++)
		nr += compare->groups[i].nr - 1 + compare->groups[i].nr_regrets;
	views = calloc(nr + 1, sizeof(*views));
	if (!views)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	nr = 0;
	for (size_t i = 0; i < compare->nr_groups; i++) {
		const struct compare_group *group = &compare->groups[i];

		for (size_t k = 0; k + 1 < group->nr; k++)
			views[nr++] = (struct comparison_view){&group->comparisons[k], false};
		for (size_t k = 0; k < group->nr_regrets; k++)
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

/* A sweep that was interrupted has a sweep.json, but not all points. */
static enum oversub_status check_point(const char *directory, const char *point,
				       struct oversub_error *error)
{
	if (!access(point, F_OK))
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s is missing: the sweep in %s is not complete; `oversub sweep "
			    "--resume` runs the rest",
			    point, directory);
}

/* The values that point has on all axes but the first; NULL if there are none, or without memory.
 */
static char *place_of(const struct sweep_grid *grid, size_t point)
{
	struct text text = {0};

	for (size_t axis = 1; axis < grid->nr_axes; axis++)
		text_join(&text, ", ", "%s %s", grid->axes[axis].path,
			  sweep_grid_value(grid, point, axis));
	return text.used ? text_take(&text) : NULL;
}

/* The points of a sweep that differ only in their value on the first axis, for each of these. */
static enum oversub_status compare_points(struct compare *compare, const char *directory,
					  const struct sweep_grid *grid,
					  struct oversub_error *error)
{
	size_t nr = grid->axes[0].nr_values, stride = grid->nr_points / nr;
	char **labels = calloc(nr, sizeof(*labels));
	enum oversub_status status = OVERSUB_OK;

	if (!labels)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	for (size_t rest = 0; !status && rest < stride; rest++) {
		for (size_t i = 0; i < nr; i++) {
			char name[SWEEP_POINT_NAME];

			labels[i] = output_path(
				directory,
				sweep_point_directory(i * stride + rest, grid->nr_points, name));
			if (!labels[i])
				status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
			else if (!status)
				status = check_point(directory, labels[i], error);
		}
		if (!status)
			status = add_group(compare, (const char *const *)labels, nr, error);
		if (!status)
			compare->groups[compare->nr_groups - 1].place = place_of(grid, rest);
		for (size_t i = 0; i < nr; i++) {
			free(labels[i]);
			labels[i] = NULL;
		}
	}
	free(labels);
	return status;
}

static enum oversub_status compare_sweep(struct compare *compare, const char *directory,
					 struct oversub_error *error)
{
	struct sweep_grid grid;
	enum oversub_status status = sweep_json_read(directory, &grid, error);

	if (status)
		return status;
	if (grid.axes[0].nr_values < 2)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s: the first axis, %s, has one value only: there is "
				      "nothing to compare",
				      directory, grid.axes[0].path);
	else
		status = compare_points(compare, directory, &grid, error);
	sweep_grid_free(&grid);
	return status;
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
	if (!status)
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
	return status;
}

enum oversub_status cmd_compare(const struct cli_options *options, struct oversub_error *error)
{
	struct compare compare = {.options = options,
				  .filter = {.metric = options->metric, .all = options->all}};

	return compare_all(&compare, error);
}
