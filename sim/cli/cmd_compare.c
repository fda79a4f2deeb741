/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub compare BASE OTHER... | SWEEP: paired differences. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/message.h"
#include "sim/output/comparison.h"
#include "sim/output/files.h"
#include "sim/output/json_writer.h"
#include "sim/output/result_json.h"
#include "sim/output/scenario_diff.h"
#include "sim/output/sweep_json.h"
#include "sim/run/compare.h"
#include "sim/run/overload.h"
#include "sim/run/regret.h"

enum { MAX_DIFFERENCES = 8 };

struct compare {
	const struct cli_options *options;
	struct comparison_filter filter;
	FILE *out; /* what is shown at the end */
	struct json_writer writer;
	int nr_shown; /* comparisons that were shown */
	int nr_rows;  /* metrics that were */
};

/* One base and what is compared with it. */
struct group {
	const char *const *labels; /* directories; the first is the base */
	size_t nr;
	struct result_file *files;	/* nr of them; owned */
	struct compare_side *sides;	/* nr of them; owned */
	struct comparison *comparisons; /* nr - 1 of them; owned */
};

static void group_free(struct group *group)
{
	for (size_t i = 0; i < group->nr; i++) {
		if (group->files)
			result_file_free(&group->files[i]);
		if (group->comparisons && i)
			comparison_free(&group->comparisons[i - 1]);
	}
	free(group->files);
	free(group->sides);
	free(group->comparisons);
}

static enum oversub_status group_load(struct group *group, struct oversub_error *error)
{
	group->files = calloc(group->nr, sizeof(*group->files));
	group->sides = calloc(group->nr, sizeof(*group->sides));
	group->comparisons = calloc(group->nr, sizeof(*group->comparisons));
	if (!group->files || !group->sides || !group->comparisons)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory for %zu results",
				    group->nr);
	for (size_t i = 0; i < group->nr; i++) {
		enum oversub_status status =
			result_json_read(group->labels[i], &group->files[i], error);

		if (status)
			return status;
		group->sides[i] = (struct compare_side){.label = group->labels[i],
							.seed = group->files[i].info.seed,
							.aggregate = &group->files[i].aggregate};
	}
	return OVERSUB_OK;
}

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
static void warn_of_overloads(const struct compare *compare, const struct group *group)
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

static void show(struct compare *compare, const struct group *group)
{
	if (!compare->options->quiet)
		warn_of_overloads(compare, group);
	for (size_t i = 0; i + 1 < group->nr; i++) {
		const struct comparison *comparison = &group->comparisons[i];

		if (!compare->options->quiet)
			note_left_out(comparison);
		if (compare->options->json) {
			compare->nr_rows += comparison_write_json(&compare->writer, comparison,
								  &compare->filter);
			continue;
		}
		fprintf(compare->out, "%s%s against %s, %zu pair%s of replications\n",
			compare->nr_shown++ ? "\n" : "", comparison->other_label,
			comparison->base_label, comparison->nr_pairs,
			comparison->nr_pairs == 1 ? "" : "s");
		scenario_diff(compare->out, "  ", group->files[0].info.scenario,
			      group->files[i + 1].info.scenario, MAX_DIFFERENCES);
		compare->nr_rows += comparison_write(compare->out, comparison, &compare->filter);
	}
}

static bool is_oracle(const struct group *group, size_t i)
{
	return !strcmp(group->files[i].info.candidate, REGRET_ORACLE);
}

/* The first result of an oracle; group->nr if there is none. */
static size_t find_oracle(const struct group *group)
{
	size_t i = 0;

	while (i < group->nr && !is_oracle(group, i))
		i++;
	return i;
}

static void show_regret_of(struct compare *compare, const struct comparison *comparison)
{
	if (compare->options->json) {
		comparison_write_regret_json(&compare->writer, comparison, &compare->filter);
		return;
	}
	fprintf(compare->out, "\nregret of %s against the oracle, %s\n", comparison->other_label,
		comparison->base_label);
	comparison_write_regret(compare->out, comparison, &compare->filter);
}

/* What all without the truth lost against the one that had it, if there is one. */
static enum oversub_status show_regret(struct compare *compare, const struct group *group,
				       struct oversub_error *error)
{
	struct compare_side *others = calloc(group->nr, sizeof(*others));
	struct comparison *regrets = calloc(group->nr, sizeof(*regrets));
	size_t oracle = find_oracle(group), nr = 0;
	enum oversub_status status = OVERSUB_OK;

	if (!others || !regrets) {
		free(others);
		free(regrets);
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	}
	for (size_t i = 0; i < group->nr; i++)
		if (!is_oracle(group, i))
			others[nr++] = group->sides[i];
	if (oracle < group->nr && nr)
		status = compare_results(&group->sides[oracle], others, nr, regrets, error);
	for (size_t i = 0; !status && oracle < group->nr && i < nr; i++) {
		show_regret_of(compare, &regrets[i]);
		comparison_free(&regrets[i]);
	}
	free(others);
	free(regrets);
	return status;
}

static enum oversub_status compare_group(struct compare *compare, const char *const *labels,
					 size_t nr, struct oversub_error *error)
{
	struct group group = {.labels = labels, .nr = nr};
	enum oversub_status status = group_load(&group, error);

	if (!status)
		status = compare_results(&group.sides[0], &group.sides[1], nr - 1,
					 group.comparisons, error);
	if (!status)
		show(compare, &group);
	if (!status)
		status = show_regret(compare, &group, error);
	group_free(&group);
	return status;
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
			status = compare_group(compare, (const char *const *)labels, nr, error);
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

static bool is_sweep(const char *directory)
{
	char *path = output_path(directory, "sweep.json");
	bool found = path && !access(path, F_OK);

	free(path);
	return found;
}

static enum oversub_status compare_arguments(struct compare *compare, struct oversub_error *error)
{
	const struct cli_options *options = compare->options;
	enum oversub_status status;

	if (options->nr_arguments == 1 && is_sweep(options->arguments[0]))
		status = compare_sweep(compare, options->arguments[0], error);
	else if (options->nr_arguments == 1)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "compare needs the directories of two results or more, or "
				      "that of a sweep");
	else
		status = compare_group(compare, (const char *const *)options->arguments,
				       (size_t)options->nr_arguments, error);
	if (!status && options->metric && !compare->nr_rows)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "no metric is called %.200s; --all shows all of them",
				      options->metric);
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
	if (compare->options->json) {
		json_start(&compare->writer, compare->out);
		json_array(&compare->writer, NULL, false);
	}
	status = compare_arguments(compare, error);
	if (!status && compare->options->json) {
		json_end(&compare->writer);
		json_finish(&compare->writer);
	}
	if (fclose(compare->out))
		status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (!status)
		fputs(text, stdout);
	free(text);
	return status;
}

int cmd_compare(int argc, char **argv)
{
	struct cli_options options;
	struct compare compare = {.options = &options};
	struct oversub_error error;
	bool helped;
	enum oversub_status status = cli_options_parse(command_find("compare"), argc, argv, 1,
						       INT_MAX, &options, &helped, &error);

	compare.filter = (struct comparison_filter){.metric = options.metric, .all = options.all};
	if (!status && !helped)
		status = compare_all(&compare, &error);
	if (status)
		message_error("%s", error.message);
	cli_options_free(&options);
	return status;
}
