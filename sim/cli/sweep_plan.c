/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_plan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/idle_settings.h"
#include "sim/cli/message.h"
#include "sim/output/files.h"
#include "sim/output/result_directory.h"
#include "sim/output/result_json.h"
#include "sim/output/replication_store.h"
#include "sim/output/sweep_json.h"
#include "sim/scenario/policy_bundle.h"

enum { MAX_NOTES = 20 };

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the points of the sweep");
}

static enum oversub_status allocate(struct sweep_plan *plan, struct oversub_error *error)
{
	size_t nr = plan->grid.nr_points;

	plan->scenarios = calloc(nr, sizeof(struct scenario *));
	plan->aggregates = calloc(nr, sizeof(*plan->aggregates));
	if (!plan->scenarios || !plan->aggregates)
		return out_of_memory(error);
	return OVERSUB_OK;
}

static bool is_bundle(const struct sweep_axis *axis)
{
	return !strcmp(axis->path, POLICY_BUNDLE_PATH);
}

static bool is_design(const struct sweep_axis *axis)
{
	return !strcmp(axis->path, SWEEP_DESIGN_PATH);
}

/* The axis whose values are bundles of policies; -1 if there is none. */
static int bundle_axis(const struct sweep_grid *grid)
{
	for (size_t a = 0; a < grid->nr_axes; a++)
		if (is_bundle(&grid->axes[a]))
			return (int)a;
	return -1;
}

/* What all points are made of. */
struct source {
	const struct cli_options *options;
	cJSON *document;
	char *file; /* that document is from */
};

/*
 * Load the scenario of point, without --set number left_out (-1: with all). strict: what a policy
 * does not have is an error, not left out.
 */
static enum oversub_status load(const struct sweep_plan *plan, const struct source *source,
				size_t point, bool strict, int left_out, struct scenario **scenario,
				struct oversub_error *error)
{
	const struct cli_options *options = source->options;
	const struct sweep_design *design = &plan->grid.design;
	size_t nr_set = (size_t)options->nr_overrides, nr_axes = plan->grid.nr_axes;
	struct scenario_override *list =
		calloc(nr_set + nr_axes + design->nr_factors + OVERSUB_POLICY_KINDS, sizeof(*list));
	struct scenario_overrides overrides = {
		.list = list, .drop_inapplicable = !strict, .policies = &options->policies};
	struct policy_bundle bundle = {.nr = 0};
	int bundled = bundle_axis(&plan->grid);
	enum oversub_status status = OVERSUB_OK;

	if (!list)
		return out_of_memory(error);
	for (int i = 0; i < options->nr_overrides; i++)
		if (i != left_out)
			list[overrides.nr++] = options->overrides[i];
	if (bundled >= 0)
		status = policy_bundle_parse(sweep_grid_value(&plan->grid, point, (size_t)bundled),
					     &options->policies, &bundle, error);
	for (int i = 0; i < bundle.nr; i++)
		list[overrides.nr++] = bundle.list[i];
	for (size_t i = 0; i < nr_axes; i++)
		if ((int)i != bundled && !is_design(&plan->grid.axes[i]))
			list[overrides.nr++] = (struct scenario_override){
				.path = plan->grid.axes[i].path,
				.value = sweep_grid_value(&plan->grid, point, i)};
	for (size_t i = 0; i < design->nr_factors; i++)
		list[overrides.nr++] = (struct scenario_override){
			.path = design->factors[i].path,
			.value = sweep_design_value(design, sweep_grid_row(&plan->grid, point), i)};
	if (!status)
		status = scenario_from_json(source->document, source->file, &overrides, scenario,
					    error);
	policy_bundle_free(&bundle);
	free(list);
	return status;
}

static enum oversub_status load_points(struct sweep_plan *plan, const struct source *source,
				       struct oversub_error *error)
{
	for (size_t i = 0; i < plan->grid.nr_points; i++) {
		struct oversub_error inner;
		enum oversub_status status =
			load(plan, source, i, false, -1, &plan->scenarios[i], &inner);
		char *label;

		if (!status)
			continue;
		label = sweep_grid_label(&plan->grid, i);
		oversub_fail(error, status, "point %zu (%.200s): %.700s", i, label ? label : "",
			     inner.message);
		free(label);
		return status;
	}
	return OVERSUB_OK;
}

/*
 * *full becomes the full path of a parameter that some point has, for free(). If none has it, what
 * was left out everywhere was meant to matter: OVERSUB_BAD_INPUT.
 */
static enum oversub_status find_in_points(const struct sweep_plan *plan,
					  const struct source *source, const char *option,
					  const char *path, char **full,
					  struct oversub_error *error)
{
	struct oversub_error inner = {""};
	struct scenario *scenario = NULL;

	*full = NULL;
	for (size_t i = 0; !*full && i < plan->grid.nr_points; i++)
		scenario_resolve_path(plan->scenarios[i]->json, source->file,
				      plan->scenarios[i]->policies, path, full, NULL);
	if (*full)
		return OVERSUB_OK;
	if (!load(plan, source, 0, true, -1, &scenario, &inner))
		scenario_free(scenario);
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s %.200s has no effect at any point: %.700s; select one with "
			    "--set or --vary",
			    option, path, inner.message);
}

static enum oversub_status check_overrides(const struct sweep_plan *plan,
					   const struct source *source, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	char *full;

	for (int i = 0; !status && i < source->options->nr_overrides; i++) {
		status = find_in_points(plan, source, "--set", source->options->overrides[i].path,
					&full, error);
		free(full);
	}
	return status;
}

static enum oversub_status given_twice(const char *path, struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "--vary %s is given twice; put all values into one", path);
}

/*
 * Results name axes by their full paths. A parameter may be one that only some points have, so
 * each is asked until one knows it.
 */
static enum oversub_status resolve_axes(struct sweep_plan *plan, const struct source *source,
					struct oversub_error *error)
{
	for (size_t a = 0; a < plan->grid.nr_axes; a++) {
		struct sweep_axis *axis = &plan->grid.axes[a];
		enum oversub_status status;
		char *full;

		if (is_bundle(axis) || is_design(axis))
			continue;
		status = find_in_points(plan, source, "--vary", axis->path, &full, error);
		if (status)
			return status;
		free(axis->path);
		axis->path = full;
		for (size_t b = 0; b < a; b++)
			if (!strcmp(plan->grid.axes[b].path, full))
				return given_twice(full, error);
	}
	for (size_t i = 0; i < plan->grid.design.nr_factors; i++) {
		struct sweep_factor *factor = &plan->grid.design.factors[i];
		enum oversub_status status;
		char *full;

		status = find_in_points(plan, source, "--vary", factor->path, &full, error);
		if (status)
			return status;
		free(factor->path);
		factor->path = full;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(plan->grid.design.factors[k].path, full))
				return given_twice(full, error);
		for (size_t a = 0; a < plan->grid.nr_axes; a++)
			if (!strcmp(plan->grid.axes[a].path, full))
				return given_twice(full, error);
	}
	return OVERSUB_OK;
}

/* A point by what it is computed from. */
struct identity {
	uint64_t id;
	size_t point;
};

static int by_identity(const void *a, const void *b)
{
	const struct identity *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->point < y->point ? -1 : x->point > y->point;
}

/* identities are sorted: chain those that are the same, and number the runs by first points. */
static void number_runs(struct sweep_plan *plan, const struct identity *identities)
{
	size_t nr = plan->grid.nr_points;

	/* first_point serves as a mark for now: whether another point comes before this one. */
	for (size_t i = 0; i < nr; i++) {
		bool again = i + 1 < nr && identities[i + 1].id == identities[i].id;

		plan->next_same[identities[i].point] = again ? identities[i + 1].point : nr;
		if (again)
			plan->first_point[identities[i + 1].point] = 1;
	}
	for (size_t i = 0; i < nr; i++) {
		if (plan->first_point[i])
			continue;
		/* No mark at or behind i is overwritten: nr_runs <= i. */
		plan->runs[plan->nr_runs] = plan->scenarios[i];
		plan->first_point[plan->nr_runs++] = i;
		for (size_t same = i; same < nr; same = plan->next_same[same])
			plan->same_as[same] = i;
	}
}

enum oversub_status sweep_plan_find_runs(struct sweep_plan *plan, struct oversub_error *error)
{
	size_t nr = plan->grid.nr_points;
	struct identity *identities = calloc(nr, sizeof(*identities));
	enum oversub_status status = OVERSUB_OK;

	plan->runs = calloc(nr, sizeof(struct scenario *));
	plan->first_point = calloc(nr, sizeof(*plan->first_point));
	plan->next_same = calloc(nr, sizeof(*plan->next_same));
	plan->same_as = calloc(nr, sizeof(*plan->same_as));
	if (!identities || !plan->runs || !plan->first_point || !plan->next_same || !plan->same_as)
		status = out_of_memory(error);
	for (size_t i = 0; !status && i < nr; i++) {
		identities[i].point = i;
		status = store_point_id(plan->scenarios[i], &identities[i].id, error);
	}
	if (!status) {
		qsort(identities, nr, sizeof(*identities), by_identity);
		number_runs(plan, identities);
	}
	free(identities);
	return status;
}

size_t *sweep_plan_runs_of_points(const struct sweep_plan *plan)
{
	size_t nr = plan->grid.nr_points;
	size_t *run_of = calloc(nr + 1, sizeof(*run_of));

	for (size_t run = 0; run_of && run < plan->nr_runs; run++)
		for (size_t point = plan->first_point[run]; point < nr;
		     point = plan->next_same[point])
			run_of[point] = run;
	return run_of;
}

/* Whether every point means the same without --set number set. */
static bool is_idle(const struct sweep_plan *plan, const struct source *source, int set)
{
	bool same = true;

	for (size_t point = 0; same && point < plan->grid.nr_points; point++) {
		struct scenario *scenario = NULL;

		same = !load(plan, source, point, false, set, &scenario, NULL) &&
		       override_is_idle(&source->options->overrides[set], plan->scenarios[point],
					scenario);
		scenario_free(scenario);
	}
	return same;
}

static enum oversub_status find_idle(struct sweep_plan *plan, const struct source *source,
				     struct oversub_error *error)
{
	int nr = source->options->nr_overrides;

	plan->idle = calloc((size_t)nr + 1, sizeof(*plan->idle));
	if (!plan->idle)
		return out_of_memory(error);
	for (int i = 0; i < nr; i++)
		plan->idle[i] = is_idle(plan, source, i);
	return OVERSUB_OK;
}

enum oversub_status sweep_plan_make(struct sweep_plan *plan, const struct cli_options *options,
				    struct oversub_error *error)
{
	struct source source = {.options = options};
	enum oversub_status status = OVERSUB_OK;

	*plan = (struct sweep_plan){0};
	if (!options->nr_vary)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "sweep needs at least one --vary PATH=V1,V2,...; without one, "
				    "use oversub run");
	if (options->design)
		status = sweep_design_parse(options->design, &plan->grid.design, error);
	for (int i = 0; !status && i < options->nr_vary; i++)
		status = sweep_grid_add(&plan->grid, options->vary[i], error);
	if (!status)
		status = sweep_grid_close(&plan->grid, error);
	if (!status)
		status =
			scenario_read(options->arguments[0], &source.document, &source.file, error);
	if (!status)
		status = allocate(plan, error);
	if (!status)
		status = load_points(plan, &source, error);
	if (!status)
		status = check_overrides(plan, &source, error);
	if (!status)
		status = find_idle(plan, &source, error);
	/* Points are loaded by the paths that the user wrote. */
	if (!status)
		status = resolve_axes(plan, &source, error);
	cJSON_Delete(source.document);
	free(source.file);
	return status;
}

void sweep_plan_show_notes(const struct sweep_plan *plan, const struct cli_options *options)
{
	const char *shown[MAX_NOTES];
	int nr_shown = 0;

	for (size_t i = 0; i < plan->grid.nr_points; i++) {
		const struct scenario *scenario = plan->scenarios[i];

		for (int n = 0; n < scenario->nr_notes && nr_shown < MAX_NOTES; n++) {
			bool is_new = true;

			for (int s = 0; s < nr_shown; s++)
				is_new &= strcmp(shown[s], scenario->notes[n]) != 0;
			if (!is_new)
				continue;
			message_note("%s", scenario->notes[n]);
			shown[nr_shown++] = scenario->notes[n];
		}
	}
	for (int i = 0; i < options->nr_overrides; i++)
		if (plan->idle[i])
			message_idle_override(&options->overrides[i]);
	note_idle_axes(plan);
}

void sweep_plan_free(struct sweep_plan *plan)
{
	for (size_t i = 0; i < plan->grid.nr_points; i++) {
		if (plan->scenarios)
			scenario_free(plan->scenarios[i]);
		if (plan->aggregates)
			aggregate_free(&plan->aggregates[i]);
	}
	free(plan->scenarios);
	free(plan->aggregates);
	free(plan->idle);
	free(plan->runs);
	free(plan->first_point);
	free(plan->next_same);
	free(plan->same_as);
	sweep_grid_free(&plan->grid);
	*plan = (struct sweep_plan){0};
}
