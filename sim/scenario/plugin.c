/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plug-ins: loaded, checked (plugin_check.c) and added to what a scenario can choose from. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/base/array.h"
#include "sim/scenario/policy_registry.h"

#define PLUGIN_SYMBOL "oversub_plugin"

static size_t length(const struct oversub_policy *const *list)
{
	size_t nr = 0;

	while (list && list[nr])
		nr++;
	return nr;
}

/* Both lists in one, for free(); NULL without memory. */
static const struct oversub_policy **joined(const struct oversub_policy *const *first,
					    const struct oversub_policy *const *second)
{
	size_t nr = length(first), more = length(second);
	const struct oversub_policy **list = calloc(nr + more + 1, sizeof(*list));

	if (!list)
		return NULL;
	memcpy(list, first, nr * sizeof(*list));
	if (more)
		memcpy(list + nr, second, more * sizeof(*list));
	return list;
}

static enum oversub_status out_of_memory(const char *path, struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "%s: out of memory", path);
}

enum oversub_status policy_registry_add(struct policy_registry *registry, const char *path,
					void *handle, const struct oversub_plugin *plugin,
					struct oversub_error *error)
{
	enum oversub_status status = plugin_check(registry, path, plugin, error);
	const struct oversub_policy **policies;
	struct policy_plugin *loaded;
	char *copy;

	if (status)
		return status;
	copy = strdup(path);
	policies = joined(registry->policies, plugin->policies);
	loaded = copy && policies ? array_add(registry->plugins, registry->nr_plugins) : NULL;
	if (!loaded) {
		free(policies);
		free(copy);
		return out_of_memory(path, error);
	}
	*loaded = (struct policy_plugin){.path = copy, .handle = handle, .plugin = plugin};
	free(registry->owned);
	registry->owned = policies;
	registry->policies = policies;
	return OVERSUB_OK;
}

/* dlopen() says "PATH: what is wrong"; path is said already. */
static const char *loader_message(const char *path)
{
	const char *message = dlerror();
	size_t used = strlen(path);

	if (!message)
		return "unknown error";
	if (!strncmp(message, path, used) && !strncmp(message + used, ": ", 2))
		return message + used + 2;
	return message;
}

static enum oversub_status load(struct policy_registry *registry, const char *path,
				struct oversub_error *error)
{
	const struct oversub_plugin *plugin;
	enum oversub_status status;
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s cannot be loaded as a plug-in: %s; it should be a shared "
				    "object (cc -shared -fPIC) that uses <oversub/policy.h> only",
				    path, loader_message(path));
	plugin = dlsym(handle, PLUGIN_SYMBOL);
	if (!plugin)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s has no symbol " PLUGIN_SYMBOL
				      ": a plug-in defines `const struct oversub_plugin "
				      "oversub_plugin`, see <oversub/policy.h>",
				      path);
	else
		status = policy_registry_add(registry, path, handle, plugin, error);
	if (status)
		dlclose(handle);
	return status;
}

enum oversub_status policy_registry_load(struct policy_registry *registry, const char *path,
					 struct oversub_error *error)
{
	char *absolute = realpath(path, NULL);
	enum oversub_status status;
	struct stat state;

	if (!absolute || stat(absolute, &state)) {
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "plug-in %s: %s", path,
				      strerror(errno));
		free(absolute);
		return status;
	}
	for (size_t i = 0; i < registry->nr_plugins; i++)
		if (!strcmp(registry->plugins[i].path, absolute)) {
			free(absolute);
			return oversub_fail(error, OVERSUB_BAD_INPUT, "plug-in %s is given twice",
					    path);
		}
	if (S_ISREG(state.st_mode))
		status = load(registry, absolute, error);
	else
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "plug-in %s is not a file, but should be a shared object",
				      path);
	free(absolute);
	return status;
}

void policy_registry_free(struct policy_registry *registry)
{
	for (size_t i = registry->nr_plugins; i-- > 0;) {
		if (registry->plugins[i].handle)
			dlclose(registry->plugins[i].handle);
		free(registry->plugins[i].path);
	}
	free(registry->owned);
	free(registry->plugins);
	*registry = policy_registry_builtin;
}
