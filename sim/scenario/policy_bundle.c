/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/scenario/policy_bundle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The kind that has a policy of that name; -1: none, or the one that has it is taken. */
static int kind_with(const char *name, bool first, const char *const *taken,
		     const struct policy_registry *policies)
{
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
		if (first == (i == OVERSUB_CANDIDATE) && !taken[i] &&
		    policy_registry_find(policies, i, name))
			return i;
	return -1;
}

static enum oversub_status refuse(const char *text, const char *name, bool first,
				  struct oversub_error *error)
{
	if (first)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "policies %.100s: \"%.60s\" is no candidate policy; write "
				    "CANDIDATE, CANDIDATE+SCHED or so, of `oversub list policies`",
				    text, name);
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "policies %.100s: \"%.60s\" is neither a sched nor a window nor a "
			    "cosched policy, or another one of its kind is there already; "
			    "`oversub list policies` shows them",
			    text, name);
}

enum oversub_status policy_bundle_parse(const char *text, const struct policy_registry *policies,
					struct policy_bundle *bundle, struct oversub_error *error)
{
	const char *names[OVERSUB_POLICY_KINDS] = {NULL};
	char *name, *rest;

	if (!policies)
		policies = &policy_registry_builtin;
	*bundle = (struct policy_bundle){.text = strdup(text)};
	rest = bundle->text;
	if (!rest)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	for (bool first = true; (name = strsep(&rest, "+")); first = false) {
		int kind = kind_with(name, first, names, policies);

		if (kind < 0) {
			enum oversub_status status = refuse(text, name, first, error);

			policy_bundle_free(bundle);
			return status;
		}
		names[kind] = name;
	}
	if (!names[OVERSUB_SCHED])
		names[OVERSUB_SCHED] = policy_kinds[OVERSUB_SCHED].default_name;
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
		if (names[i])
			bundle->list[bundle->nr++] =
				(struct scenario_override){policy_kinds[i].selection, names[i]};
	return OVERSUB_OK;
}

void policy_bundle_free(struct policy_bundle *bundle)
{
	free(bundle->text);
	*bundle = (struct policy_bundle){.text = NULL};
}
