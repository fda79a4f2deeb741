/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/idle_settings.h"

#include <stdlib.h>
#include <string.h>

#include "sim/cli/message.h"
#include "sim/scenario/meaning.h"
#include "sim/scenario/override_paths.h"

static bool is_of_vms(const char *path)
{
	return !strncmp(path, "vm_defaults", strlen("vm_defaults")) ||
	       !strncmp(path, "workloads.", strlen("workloads.")) ||
	       !strncmp(path, "host_workload.", strlen("host_workload."));
}

bool override_is_idle(const struct scenario_override *override, const struct scenario *with,
		      const struct scenario *without)
{
	const cJSON *now, *before;
	char *path = NULL;
	bool idle = false;

	/* A path of a policy's parameter that was left out cannot be resolved: that is noted. */
	if (scenario_resolve_path(with->json, with->file, with->policies, override->path, &path,
				  NULL))
		return false;
	now = path_find(with->json, path);
	before = path_find(without->json, path);
	if (is_of_vms(path) && !(now && before && cJSON_Compare(now, before, true)))
		idle = scenario_means_same(with, without);
	free(path);
	return idle;
}

/* Whether scenario would mean the same without override number left_out. */
static bool is_idle(const char *name, const struct cli_options *options,
		    const struct scenario *scenario, int left_out)
{
	struct scenario_override *list = calloc((size_t)options->nr_overrides, sizeof(*list));
	struct scenario_overrides overrides = {
		.list = list, .drop_inapplicable = true, .policies = &options->policies};
	struct scenario *other = NULL;
	bool same = false;

	if (!list)
		return false;
	for (int i = 0; i < options->nr_overrides; i++)
		if (i != left_out)
			list[overrides.nr++] = options->overrides[i];
	/* What cannot be read without it is certainly not the same. */
	if (!scenario_load(name, &overrides, &other, NULL))
		same = override_is_idle(&options->overrides[left_out], scenario, other);
	scenario_free(other);
	free(list);
	return same;
}

void note_idle_overrides(const char *name, const struct cli_options *options,
			 const struct scenario *scenario)
{
	for (int i = 0; i < options->nr_overrides; i++)
		if (is_idle(name, options, scenario, i))
			message_idle_override(&options->overrides[i]);
}

/* The points along axis through each other point mean the same as the first of them. */
static bool is_idle_axis(const struct sweep_plan *plan, size_t axis)
{
	for (size_t point = 0; point < plan->grid.nr_points; point++)
		if (!scenario_means_same(
			    plan->scenarios[point],
			    plan->scenarios[sweep_grid_first(&plan->grid, point, axis)]))
			return false;
	return true;
}

void note_idle_axes(const struct sweep_plan *plan)
{
	for (size_t a = 0; a < plan->grid.nr_axes; a++)
		if (plan->grid.axes[a].nr_values > 1 && is_idle_axis(plan, a))
			message_note("--vary %s changes nothing: its values mean the same, or "
				     "nothing uses it",
				     plan->grid.axes[a].path);
}
