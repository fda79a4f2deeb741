/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/policy_registry.h"

#include <string.h>

const struct policy_registry policy_registry_builtin = {.policies = oversub_policies};

const struct policy_kind policy_kinds[OVERSUB_POLICY_KINDS] = {
	[OVERSUB_CANDIDATE] = {OVERSUB_CANDIDATE, "yield", "candidate", "yield.candidate",
			       "mainline", .always_named = true},
	[OVERSUB_SCHED] = {OVERSUB_SCHED, "yield", "sched", "yield.sched", "mainline",
			   .always_named = true},
	[OVERSUB_WINDOW] = {OVERSUB_WINDOW, "yield", "window", "yield.window", "mainline"},
	[OVERSUB_COSCHED] = {OVERSUB_COSCHED, "host", "cosched", "host.cosched", "none"},
};

const char *policy_named(const struct oversub_policy *policy)
{
	const struct policy_kind *kind = &policy_kinds[policy->kind];

	return kind->always_named || strcmp(policy->name, kind->default_name) ? policy->name : NULL;
}

const struct oversub_policy *policy_registry_at(const struct policy_registry *registry,
						enum oversub_policy_kind kind, int index)
{
	const struct oversub_policy *const *policy = registry->policies;

	while (*policy && ((*policy)->kind != kind || index-- > 0))
		policy++;
	return *policy;
}

const struct oversub_policy *policy_registry_find(const struct policy_registry *registry,
						  enum oversub_policy_kind kind, const char *name)
{
	const struct oversub_policy *const *policy = registry->policies;

	while (*policy && ((*policy)->kind != kind || strcmp((*policy)->name, name)))
		policy++;
	return *policy;
}

const struct oversub_param *policy_params(const struct oversub_policy *policy)
{
	static const struct oversub_param none[] = {OVERSUB_PARAM_END};

	return policy->params ? policy->params : none;
}
