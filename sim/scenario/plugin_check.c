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

#define STRUCT(kind_)		   struct oversub_##kind_##_policy
#define PRIVATE(kind_, whose_)	   offsetof(STRUCT(kind_), whose_##_private_size)
#define FUNCTION(kind_, function_) #function_, offsetof(STRUCT(kind_), function_)

/* What is different from one kind of policy to another. Offsets of 0 stand for nothing. */
static const struct {
	uint32_t size, needs; /* of the struct; all that may be needed */
	const char *function; /* a policy cannot do without */
	size_t function_offset;
	size_t private_offsets[5]; /* of the sizes of private bytes */
} kinds[OVERSUB_POLICY_KINDS] = {
	[OVERSUB_CANDIDATE] = {sizeof(STRUCT(candidate)),
			       ALL_NEEDS,
			       FUNCTION(candidate, on_spin),
			       {PRIVATE(candidate, vm), PRIVATE(candidate, vcpu)}},
	[OVERSUB_SCHED] = {sizeof(STRUCT(sched)),
			   0,
			   FUNCTION(sched, yield_to),
			   {PRIVATE(sched, rq)}},
	/* The built-in mainline, which leaves it to KVM, has no next_window. */
	[OVERSUB_WINDOW] = {sizeof(STRUCT(window)),
			    0,
			    FUNCTION(window, next_window),
			    {PRIVATE(window, vcpu)}},
	[OVERSUB_COSCHED] = {sizeof(STRUCT(cosched)),
			     ALL_NEEDS | OVERSUB_NEEDS_GUEST_CODE,
			     NULL,
			     0,
			     {PRIVATE(cosched, host), PRIVATE(cosched, cpu), PRIVATE(cosched, vm),
			      PRIVATE(cosched, vcpu)}},
};

static bool lacks_function(const struct oversub_policy *policy)
{
	size_t offset = kinds[policy->kind].function_offset;
	void (*function)(void) = NULL;

	if (!offset)
		return false;
	memcpy(&function, (const char *)policy + offset, sizeof(function));
	return !function;
}

/* The largest of its kinds of private bytes. */
static size_t private_size(const struct oversub_policy *policy)
{
	const size_t *offset = kinds[policy->kind].private_offsets;
	size_t most = 0, size;

	for (; *offset; offset++) {
		memcpy(&size, (const char *)policy + *offset, sizeof(size));
		most = size > most ? size : most;
	}
	return most;
}

/* Where a message is about. */
struct place {
	const char *path;
	char policy[96]; /* "yield.candidate policy mine" */
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

static enum oversub_status check_params(const struct place *place,
					const struct oversub_policy *policy)
{
	if (policy->params_size > MAX_BYTES)
		return REFUSE(place, "params_size of %zu bytes is too much", policy->params_size);
	for (int i = 0; policy->params && policy->params[i].name; i++) {
		enum oversub_status status =
			i == MAX_PARAMS
				? REFUSE(place,
					 "more than %d parameters; the table should end with "
					 "OVERSUB_PARAM_END",
					 MAX_PARAMS)
				: check_param(place, policy->params, i, policy->params_size);

		if (status)
			return status;
	}
	return OVERSUB_OK;
}

/* ---- Policies ------------------------------------------------------------------------------- */

static enum oversub_status check_version(const struct place *place, uint32_t version)
{
	if (version != OVERSUB_POLICY_VERSION)
		return REFUSE(place,
			      "made for version %u of the policy interface, and this oversub has "
			      "version %d: compile it again with the headers of this oversub",
			      version, OVERSUB_POLICY_VERSION);
	return OVERSUB_OK;
}

static enum oversub_status check_size(const struct place *place, uint32_t size, uint32_t wanted)
{
	if (size != wanted)
		return REFUSE(place,
			      "its size is %u, but in version %d it should be %u: .size is the "
			      "sizeof of the struct",
			      size, OVERSUB_POLICY_VERSION, wanted);
	return OVERSUB_OK;
}

/* Who has policy already. */
static const char *owner_of(const struct policy_registry *registry,
			    const struct oversub_policy *policy)
{
	for (size_t i = 0; i < registry->nr_plugins; i++) {
		const struct oversub_plugin *plugin = registry->plugins[i].plugin;

		for (size_t k = 0; plugin->policies[k]; k++)
			if (plugin->policies[k] == policy)
				return registry->plugins[i].path;
	}
	return "oversub itself";
}

static enum oversub_status check_name(const struct place *place,
				      const struct policy_registry *registry,
				      const struct oversub_policy *const *list, int index)
{
	const struct oversub_policy *policy = list[index];
	const struct oversub_policy *known =
		policy_registry_find(registry, policy->kind, policy->name);

	if (known)
		return REFUSE(place, "%s has a policy of that name already",
			      owner_of(registry, known));
	for (int i = 0; i < index; i++)
		if (list[i]->kind == policy->kind && !strcmp(list[i]->name, policy->name))
			return REFUSE(place, "it is number %d and number %d of the list", i, index);
	return OVERSUB_OK;
}

static enum oversub_status check_policy(struct place *place, const struct policy_registry *registry,
					const struct oversub_policy *const *list, int index)
{
	const struct oversub_policy *policy = list[index];
	enum oversub_status status;
	const char *path;

	snprintf(place->policy, sizeof(place->policy), "policy number %d", index);
	status = check_version(place, policy->version);
	if (status)
		return status;
	if (policy->kind >= OVERSUB_POLICY_KINDS)
		return REFUSE(place, "it is of kind %u, which nobody knows", policy->kind);
	path = policy_kinds[policy->kind].path;
	snprintf(place->policy, sizeof(place->policy), "%s policy number %d", path, index);
	status = check_size(place, policy->size, kinds[policy->kind].size);
	if (status)
		return status;
	if (!is_name(policy->name))
		return REFUSE(place, "%s",
			      "its name should have letters a to z, digits and _, up to 64");
	snprintf(place->policy, sizeof(place->policy), "%s policy %.64s", path, policy->name);
	status = check_name(place, registry, list, index);
	if (status)
		return status;
	if (!policy->help)
		return REFUSE(place, "%s", "it has no help, one sentence for `oversub list`");
	if (lacks_function(policy))
		return REFUSE(place, "it has no function %s", kinds[policy->kind].function);
	if (policy->needs & ~kinds[policy->kind].needs)
		return REFUSE(place, "it needs 0x%x, which nobody knows",
			      policy->needs & ~kinds[policy->kind].needs);
	if (private_size(policy) > MAX_BYTES)
		return REFUSE(place, "private state of %zu bytes is too much",
			      private_size(policy));
	return check_params(place, policy);
}

enum oversub_status plugin_check(const struct policy_registry *registry, const char *path,
				 const struct oversub_plugin *plugin, struct oversub_error *error)
{
	struct place place = {.path = path, .policy = "oversub_plugin", .error = error};
	enum oversub_status status = check_version(&place, plugin->version);

	if (!status)
		status = check_size(&place, plugin->size, sizeof(*plugin));
	if (status)
		return status;
	if (!plugin->policies || !plugin->policies[0])
		return oversub_fail(error, OVERSUB_BAD_INPUT, "plug-in %s offers no policy", path);
	for (int i = 0; plugin->policies[i] && !status; i++) {
		if (i == MAX_POLICIES)
			return oversub_fail(error, OVERSUB_BAD_INPUT,
					    "plug-in %s: more than %d policies; the list should "
					    "end with NULL",
					    path, MAX_POLICIES);
		status = check_policy(&place, registry, plugin->policies, i);
	}
	return status;
}
