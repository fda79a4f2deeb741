/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/policy_registry.h"

#include <string.h>

const struct policy_registry policy_registry_builtin = {.policies = oversub_policies};

#define KIND(kind_, section_, key_, default_)                                                      \
	.kind = (kind_), .section = (section_), .key = (key_), .path = section_ "." key_,          \
	.selection = section_ "." key_ ".policy", .default_name = (default_)

const struct policy_kind policy_kinds[OVERSUB_POLICY_KINDS] = {
	[OVERSUB_CANDIDATE] = {KIND(OVERSUB_CANDIDATE, "yield", "candidate", "mainline"),
			       .always_named = true},
	[OVERSUB_SCHED] = {KIND(OVERSUB_SCHED, "yield", "sched", "mainline"), .always_named = true},
	[OVERSUB_WINDOW] = {KIND(OVERSUB_WINDOW, "yield", "window", "mainline")},
	[OVERSUB_COSCHED] = {KIND(OVERSUB_COSCHED, "host", "cosched", "none")},
};

const struct policy_kind *policy_kind_around(const char *path)
{
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++) {
		size_t length = strlen(policy_kinds[i].path);

		if (!strncmp(path, policy_kinds[i].path, length) && path[length] == '.')
			return &policy_kinds[i];
	}
	return NULL;
}

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
