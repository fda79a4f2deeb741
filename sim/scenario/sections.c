/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/scenario/scenario.h"
#include "sim/scenario/sections.h"

const struct oversub_param scenario_no_params[] = {OVERSUB_PARAM_END};

/* ---- Policies ----------------------------------------------------------------------------- */

/* The lists of the registry are alike but for the type of what they hold. */
#define AXIS_FUNCTIONS(axis_, list_)                                                               \
	static const char *axis_##_axis_name(const struct policy_registry *policies, int index)    \
	{                                                                                          \
		return policies->list_[index] ? policies->list_[index]->name : NULL;               \
	}                                                                                          \
	static const char *axis_##_axis_help(const struct policy_registry *policies, int index)    \
	{                                                                                          \
		return policies->list_[index]->help;                                               \
	}                                                                                          \
	static const struct oversub_param *axis_##_axis_params(                                    \
		const struct policy_registry *policies, int index)                                 \
	{                                                                                          \
		return policies->list_[index]->params ? policies->list_[index]->params             \
						      : scenario_no_params;                        \
	}                                                                                          \
	static size_t axis_##_axis_params_size(const struct policy_registry *policies, int index)  \
	{                                                                                          \
		return policies->list_[index]->params_size;                                        \
	}

AXIS_FUNCTIONS(candidate, candidates)
AXIS_FUNCTIONS(sched, scheds)
AXIS_FUNCTIONS(window, windows)
AXIS_FUNCTIONS(cosched, coscheds)

static uint32_t candidate_axis_needs(const struct policy_registry *policies, int index)
{
	return policies->candidates[index]->needs;
}

static uint32_t cosched_axis_needs(const struct policy_registry *policies, int index)
{
	return policies->coscheds[index]->needs;
}

const struct scenario_axis scenario_axes[SCENARIO_AXES] = {
	[SCENARIO_AXIS_CANDIDATE] = {"yield", "candidate", "mainline", candidate_axis_name,
				     candidate_axis_help, candidate_axis_params,
				     candidate_axis_params_size, candidate_axis_needs},
	[SCENARIO_AXIS_SCHED] = {"yield", "sched", "mainline", sched_axis_name, sched_axis_help,
				 sched_axis_params, sched_axis_params_size, NULL},
	[SCENARIO_AXIS_WINDOW] = {"yield", "window", "mainline", window_axis_name, window_axis_help,
				  window_axis_params, window_axis_params_size, NULL},
	[SCENARIO_AXIS_COSCHED] = {"host", "cosched", "none", cosched_axis_name, cosched_axis_help,
				   cosched_axis_params, cosched_axis_params_size,
				   cosched_axis_needs},
};

const char *scenario_axis_path(const struct scenario_axis *axis,
			       char buffer[SCENARIO_AXIS_PATH_MAX])
{
	snprintf(buffer, SCENARIO_AXIS_PATH_MAX, "%s.%s", axis->section, axis->key);
	return buffer;
}

int scenario_axis_find(const struct scenario_axis *axis, const struct policy_registry *policies,
		       const char *name)
{
	for (int i = 0; axis->name(policies, i); i++)
		if (!strcmp(axis->name(policies, i), name))
			return i;
	return -1;
}
