/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The policies that a scenario can choose from: the built-in ones, and those of plug-ins that were
 * loaded with --plugin. Whoever reads the command line owns a registry and hands it down; it is
 * constant once scenarios are loaded, and outlives them.
 */
#ifndef SIM_SCENARIO_POLICY_REGISTRY_H
#define SIM_SCENARIO_POLICY_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#include <oversub/error.h>
#include <oversub/policy.h>

/* A loaded shared object; its members are owned. */
struct policy_plugin {
	char *path;   /* absolute */
	void *handle; /* of dlopen(); NULL if policy_registry_add() was called without one */
	const struct oversub_plugin *plugin;
};

struct policy_registry {
	const struct oversub_policy *const *policies; /* of all kinds; then NULL */
	struct policy_plugin *plugins; /* in the order in which they were loaded; owned */
	size_t nr_plugins;
	void *owned; /* memory behind policies; NULL: those are the built-in ones alone */
};

/* A kind of policy, and where a scenario says which. */
struct policy_kind {
	enum oversub_policy_kind kind;
	const char *section;	  /* object at the top of the document: "yield", "host" */
	const char *key;	  /* in there: "candidate", "sched", "window", "cosched" */
	const char *path;	  /* both: "yield.candidate" */
	const char *default_name; /* the policy if the document does not say */
	bool always_named;	  /* in results, too; the others only if they are not the default */
};
extern const struct policy_kind policy_kinds[OVERSUB_POLICY_KINDS];

/* The name that results give to policy; NULL if they do not name it. */
const char *policy_named(const struct oversub_policy *policy);

/* Policy number index of that kind; NULL behind the last one. */
const struct oversub_policy *policy_registry_at(const struct policy_registry *registry,
						enum oversub_policy_kind kind, int index);
/* The policy of that kind and name; NULL: there is none. */
const struct oversub_policy *policy_registry_find(const struct policy_registry *registry,
						  enum oversub_policy_kind kind, const char *name);
/* The parameter table of policy, without entries if it has none. */
const struct oversub_param *policy_params(const struct oversub_policy *policy);

/* The built-in policies alone. A registry that is to grow begins as a copy of it. */
extern const struct policy_registry policy_registry_builtin;

/*
 * Load the shared object at path, check what it offers and add it. OVERSUB_BAD_INPUT: the message
 * says what is wrong with it; then registry is as before.
 */
enum oversub_status policy_registry_load(struct policy_registry *registry, const char *path,
					 struct oversub_error *error);
/* The same for a plug-in that is in memory already; handle is closed with the registry, or NULL. */
enum oversub_status policy_registry_add(struct policy_registry *registry, const char *path,
					void *handle, const struct oversub_plugin *plugin,
					struct oversub_error *error);
/* Unload all plug-ins. The registry has the built-in policies only again. */
void policy_registry_free(struct policy_registry *registry);

/* plugin_check.c */

/*
 * Whether plugin is fit to be added: made for this interface, complete, with parameter tables that
 * make sense, and with names that registry does not have yet. path is for messages.
 */
enum oversub_status plugin_check(const struct policy_registry *registry, const char *path,
				 const struct oversub_plugin *plugin, struct oversub_error *error);

#endif
