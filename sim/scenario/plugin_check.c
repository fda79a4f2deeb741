/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is checked of a plug-in before anything of it is used. It is code and could do anything;
 * this is about mistakes, which should be told here and not crash a run an hour later.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/policy_registry.h"

/* A list or table without its end goes on for ever. */
enum { MAX_POLICIES = 256, MAX_PARAMS = 256, MAX_CHOICES = 256 };
/* Private bytes and parameters beyond this are a mistake. */
#define MAX_BYTES ((size_t)16 << 20)
/* Every type of parameter has a field of eight bytes. */
#define FIELD_BYTES sizeof(int64_t)

#define ALL_NEEDS                                                                                  \
	(OVERSUB_NEEDS_FLAGS | OVERSUB_NEEDS_IPI_SOFT | OVERSUB_NEEDS_IPI_ALL |                    \
	 OVERSUB_NEEDS_EOI | OVERSUB_NEEDS_GUEST_HINT | OVERSUB_NEEDS_ORACLE)

/* What kinds of policy have in common, once version and size are known to be right. */
struct policy_view {
	const char *name, *help;
	const struct oversub_param *params;
	size_t params_size;
	size_t private_size; /* the largest of its kinds */
	uint32_t needs;
	const char *missing; /* a function that it lacks, or NULL */
};

/* One list of a plug-in, and the list that the registry has of that kind. */
struct policy_kind {
	const char *axis; /* "yield.candidate" */
	const void *const *offered;
	const void *const *known;
	uint32_t size; /* of the struct */
	struct policy_view (*view)(const void *policy);
	uint32_t all_needs;
};

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static struct policy_view view_candidate(const void *policy)
{
	const struct oversub_candidate_policy *candidate = policy;

	return (struct policy_view){
		candidate->name,
		candidate->help,
		candidate->params,
		candidate->params_size,
		larger(candidate->vm_private_size, candidate->vcpu_private_size),
		candidate->needs,
		candidate->on_spin ? NULL : "on_spin",
	};
}

static struct policy_view view_sched(const void *policy)
{
	const struct oversub_sched_policy *sched = policy;

	return (struct policy_view){
		sched->name,
		sched->help,
		sched->params,
		sched->params_size,
		sched->rq_private_size,
		0,
		sched->yield_to ? NULL : "yield_to",
	};
}

static struct policy_view view_window(const void *policy)
{
	const struct oversub_window_policy *window = policy;

	/* The built-in mainline, which leaves it to KVM, has none either. */
	return (struct policy_view){
		window->name,
		window->help,
		window->params,
		window->params_size,
		window->vcpu_private_size,
		0,
		window->next_window ? NULL : "next_window",
	};
}

static struct policy_view view_cosched(const void *policy)
{
	const struct oversub_cosched_policy *cosched = policy;

	return (struct policy_view){
		cosched->name,
		cosched->help,
		cosched->params,
		cosched->params_size,
		larger(larger(cosched->host_private_size, cosched->cpu_private_size),
		       larger(cosched->vm_private_size, cosched->vcpu_private_size)),
		cosched->needs,
		NULL,
	};
}

/* Where a message is about. */
struct place {
	const char *path;
	char policy[80]; /* "yield.candidate policy mine" */
	struct oversub_error *error;
};

#define REFUSE(place_, format_, ...)                                                               \
	oversub_fail((place_)->error, OVERSUB_BAD_INPUT, "plug-in %s: %s: " format_,               \
		     (place_)->path, (place_)->policy, __VA_ARGS__)

static bool is_name(const char *text)
{
	return text && *text && strlen(text) <= 64 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

/* ---- Parameters ----------------------------------------------------------------------------- */

static enum oversub_status check_choices(const struct place *place,
					 const struct oversub_param *param)
{
	int nr = 0;

	while (param->choices && nr < MAX_CHOICES && param->choices[nr])
		nr++;
	if (!nr || nr == MAX_CHOICES)
		return REFUSE(place,
			      "parameter %s needs choices: names, then NULL, at most %d of them",
			      param->name, MAX_CHOICES - 1);
	if (param->def < 0 || param->def >= nr)
		return REFUSE(place, "parameter %s: default %lld is none of its %d choices",
			      param->name, (long long)param->def, nr);
	return OVERSUB_OK;
}

static enum oversub_status check_range(const struct place *place, const struct oversub_param *param)
{
	switch (param->type) {
	case OVERSUB_PARAM_BOOL:
	case OVERSUB_PARAM_INT:
	case OVERSUB_PARAM_DURATION:
		if (param->min <= param->def && param->def <= param->max)
			return OVERSUB_OK;
		return REFUSE(place, "parameter %s: default %lld is outside its range %lld..%lld",
			      param->name, (long long)param->def, (long long)param->min,
			      (long long)param->max);
	case OVERSUB_PARAM_REAL:
		if (isfinite(param->real_min) && isfinite(param->real_max) &&
		    param->real_min <= param->real_def && param->real_def <= param->real_max)
			return OVERSUB_OK;
		return REFUSE(place, "parameter %s: default %g is outside its range %g..%g",
			      param->name, param->real_def, param->real_min, param->real_max);
	case OVERSUB_PARAM_ENUM: return check_choices(place, param);
	}
	return REFUSE(place, "parameter %s has the unknown type %d", param->name, (int)param->type);
}

static enum oversub_status check_param(const struct place *place, const struct oversub_param *table,
				       int index, size_t params_size)
{
	const struct oversub_param *param = &table[index];

	if (!is_name(param->name) || !strcmp(param->name, "policy"))
		return REFUSE(place,
			      "parameter number %d: a name has letters a to z, digits and _, and "
			      "is not \"policy\"",
			      index);
	if (!param->help)
		return REFUSE(place, "parameter %s has no help", param->name);
	if (param->offset % FIELD_BYTES || params_size < FIELD_BYTES ||
	    param->offset > params_size - FIELD_BYTES)
		return REFUSE(place,
			      "parameter %s is at offset %zu, which is no place for an int64_t or "
			      "double in a struct of %zu bytes (params_size)",
			      param->name, param->offset, params_size);
	for (int i = 0; i < index; i++) {
		if (!strcmp(table[i].name, param->name))
			return REFUSE(place, "two parameters have the name %s", param->name);
		if (table[i].offset == param->offset)
			return REFUSE(place, "parameters %s and %s have the same offset",
				      table[i].name, param->name);
	}
	return check_range(place, param);
}

static enum oversub_status check_params(const struct place *place, const struct policy_view *view)
{
	if (view->params_size > MAX_BYTES)
		return REFUSE(place, "params_size of %zu bytes is too much", view->params_size);
	for (int i = 0; view->params && view->params[i].name; i++) {
		enum oversub_status status =
			i == MAX_PARAMS
				? REFUSE(place,
					 "more than %d parameters; the table should end with "
					 "OVERSUB_PARAM_END",
					 MAX_PARAMS)
				: check_param(place, view->params, i, view->params_size);

		if (status)
			return status;
	}
	return OVERSUB_OK;
}

/* ---- Policies ------------------------------------------------------------------------------- */

/* The first two fields of each kind of policy, and of the plug-in itself. */
struct prefix {
	uint32_t version, size;
};

static enum oversub_status check_prefix(const struct place *place, const void *object,
					uint32_t size)
{
	const struct prefix *prefix = object;

	if (prefix->version != OVERSUB_POLICY_VERSION)
		return REFUSE(place,
			      "made for version %u of the policy interface, and this oversub has "
			      "version %d: compile it again with the headers of this oversub",
			      prefix->version, OVERSUB_POLICY_VERSION);
	if (prefix->size != size)
		return REFUSE(place,
			      "its size is %u, but in version %d it should be %u: .size is the "
			      "sizeof of the struct",
			      prefix->size, OVERSUB_POLICY_VERSION, size);
	return OVERSUB_OK;
}

/* Who has policy already. */
static const char *owner_of(const struct policy_registry *registry, const void *policy)
{
	for (size_t i = 0; i < registry->nr_plugins; i++) {
		const struct oversub_plugin *plugin = registry->plugins[i].plugin;
		const void *const *const lists[] = {(const void *const *)plugin->candidates,
						    (const void *const *)plugin->scheds,
						    (const void *const *)plugin->windows,
						    (const void *const *)plugin->coscheds};

		for (size_t l = 0; l < sizeof(lists) / sizeof(*lists); l++)
			for (size_t k = 0; lists[l] && lists[l][k]; k++)
				if (lists[l][k] == policy)
					return registry->plugins[i].path;
	}
	return "oversub itself";
}

static enum oversub_status check_name(const struct place *place,
				      const struct policy_registry *registry,
				      const struct policy_kind *kind, int index, const char *name)
{
	for (int i = 0; kind->known[i]; i++)
		if (!strcmp(kind->view(kind->known[i]).name, name))
			return REFUSE(place, "%s has a policy of that name already",
				      owner_of(registry, kind->known[i]));
	for (int i = 0; i < index; i++)
		if (!strcmp(kind->view(kind->offered[i]).name, name))
			return REFUSE(place, "it is number %d and number %d of the list", i, index);
	return OVERSUB_OK;
}

static enum oversub_status check_policy(struct place *place, const struct policy_registry *registry,
					const struct policy_kind *kind, int index)
{
	const void *policy = kind->offered[index];
	struct policy_view view;
	enum oversub_status status;

	snprintf(place->policy, sizeof(place->policy), "%s policy number %d", kind->axis, index);
	status = check_prefix(place, policy, kind->size);
	if (status)
		return status;
	view = kind->view(policy);
	if (!is_name(view.name))
		return REFUSE(place, "%s",
			      "its name should have letters a to z, digits and _, up to 64");
	snprintf(place->policy, sizeof(place->policy), "%s policy %.64s", kind->axis, view.name);
	status = check_name(place, registry, kind, index, view.name);
	if (status)
		return status;
	if (!view.help)
		return REFUSE(place, "%s", "it has no help, one sentence for `oversub list`");
	if (view.missing)
		return REFUSE(place, "it has no function %s", view.missing);
	if (view.needs & ~kind->all_needs)
		return REFUSE(place, "it needs 0x%x, which nobody knows",
			      view.needs & ~kind->all_needs);
	if (view.private_size > MAX_BYTES)
		return REFUSE(place, "private state of %zu bytes is too much", view.private_size);
	return check_params(place, &view);
}

static enum oversub_status check_kind(struct place *place, const struct policy_registry *registry,
				      const struct policy_kind *kind)
{
	for (int i = 0; kind->offered && kind->offered[i]; i++) {
		enum oversub_status status =
			i == MAX_POLICIES
				? oversub_fail(place->error, OVERSUB_BAD_INPUT,
					       "plug-in %s: more than %d %s policies; the list "
					       "should end with NULL",
					       place->path, MAX_POLICIES, kind->axis)
				: check_policy(place, registry, kind, i);

		if (status)
			return status;
	}
	return OVERSUB_OK;
}

#define KIND(axis_, list_, known_, type_, view_, needs_)                                           \
	{                                                                                          \
		(axis_), (const void *const *)plugin->list_,                                       \
			(const void *const *)registry->known_, sizeof(struct type_), (view_),      \
			(needs_)                                                                   \
	}

enum oversub_status plugin_check(const struct policy_registry *registry, const char *path,
				 const struct oversub_plugin *plugin, struct oversub_error *error)
{
	struct place place = {.path = path, .policy = "oversub_plugin", .error = error};
	enum oversub_status status = check_prefix(&place, plugin, sizeof(*plugin));
	bool offers = false;

	if (status)
		return status;
	const struct policy_kind kinds[] = {
		KIND("yield.candidate", candidates, candidates, oversub_candidate_policy,
		     view_candidate, ALL_NEEDS),
		KIND("yield.sched", scheds, scheds, oversub_sched_policy, view_sched, 0),
		KIND("yield.window", windows, windows, oversub_window_policy, view_window, 0),
		KIND("host.cosched", coscheds, coscheds, oversub_cosched_policy, view_cosched,
		     ALL_NEEDS | OVERSUB_NEEDS_GUEST_CODE),
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !status; i++) {
		offers |= kinds[i].offered && kinds[i].offered[0];
		status = check_kind(&place, registry, &kinds[i]);
	}
	if (!status && !offers)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "plug-in %s offers no policy", path);
	return status;
}
