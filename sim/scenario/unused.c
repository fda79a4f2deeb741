/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/unused.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/suggest.h"
#include "sim/scenario/scenario_internal.h"

/* A used object of the same kind with a name that is near, or the only one there is; or NULL. */
static const char *meant(const struct workload *workload, enum op_argument kind, const char *wrong)
{
	struct suggestion suggestion = {.wrong = wrong};
	const char *name, *only = NULL;
	int nr = 0;

	for (int i = 0; (name = workload_object_name(workload, kind, i)); i++) {
		if (!workload_object_used(workload, kind, i))
			continue;
		suggest(&suggestion, name);
		/* "mmap" is far from "mmap_lock" in letters, and near in meaning. */
		if (strstr(name, wrong) || strstr(wrong, name))
			return name;
		only = name;
		nr++;
	}
	return suggestion.nearest ? suggestion.nearest : nr == 1 ? only : NULL;
}

static enum oversub_status note_objects(struct scenario *scenario, const char *path,
					const struct workload *workload,
					struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	const char *name;

	for (int kind = 0; kind < WORKLOAD_OBJECTS; kind++)
		for (int i = 0; !status && (name = workload_object_name(workload, kind, i)); i++) {
			const char *other = meant(workload, kind, name);

			if (workload_object_used(workload, kind, i))
				continue;
			status = scenario_note(scenario, error,
					       "%s.%s: %s \"%s\" is not used by any program%s%s%s",
					       path, workload_object_keys[kind],
					       op_argument_names[kind], name,
					       other ? "; did you mean \"" : "", other ? other : "",
					       other ? "\"?" : "");
		}
	for (int i = 0; i < workload->nr_events && !status; i++)
		if (workload_object_used(workload, OP_ARGUMENT_EVENT, i) &&
		    !workload_awaits(workload, i))
			status = scenario_note(
				scenario, error,
				"%s.events: event \"%s\" is signalled, but no program "
				"waits for it",
				path, workload->events[i]);
	return status;
}

static bool is_run(const struct scenario *scenario, const struct workload *workload)
{
	for (int i = 0; i < scenario->nr_vms; i++)
		if (scenario->vms[i].workload == workload)
			return true;
	return false;
}

static enum oversub_status note_workloads(struct scenario *scenario, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	char path[128];

	for (int i = 0; i < scenario->nr_workloads && !status; i++) {
		const struct workload *workload = &scenario->workloads[i];

		snprintf(path, sizeof(path), "workloads.%s", workload->name);
		status = is_run(scenario, workload)
				 ? note_objects(scenario, path, workload, error)
				 : scenario_note(scenario, error, "%s: no VM runs it", path);
	}
	if (!status && scenario->host_workload)
		status = note_objects(scenario, "host_workload", scenario->host_workload, error);
	return status;
}

/* Whether a VM, a class of host threads or a used cgroup is in cgroup number. */
static bool is_inhabited(const struct scenario *scenario, int number)
{
	const struct workload *host = scenario->host_workload;

	for (int i = 0; i < scenario->nr_vms; i++)
		if (scenario->vms[i].cgroup == number)
			return true;
	for (int i = 0; host && i < host->nr_classes; i++)
		if (host->classes[i].cgroup == number)
			return true;
	for (int i = 0; i < scenario->nr_cgroups; i++)
		if (scenario->cgroups[i].parent == number && is_inhabited(scenario, i + 1))
			return true;
	return false;
}

static enum oversub_status note_cgroups(struct scenario *scenario, struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < scenario->nr_cgroups && !status; i++)
		if (!is_inhabited(scenario, i + 1))
			status = scenario_note(scenario, error,
					       "host.cgroups: nobody is in cgroup \"%s\"",
					       scenario->cgroups[i].path);
	return status;
}

static const cJSON *scheduler_in(const cJSON *vm)
{
	return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(vm, "guest"),
						"scheduler");
}

/* A guest with more threads than vCPUs has a scheduler, whatever the document asks for. */
static enum oversub_status note_schedulers(struct scenario *scenario, struct oversub_error *error)
{
	const cJSON *vms = cJSON_GetObjectItemCaseSensitive(scenario->json, "vms");
	const cJSON *defaults = cJSON_GetObjectItemCaseSensitive(scenario->json, "vm_defaults");
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < scenario->nr_vms && !status; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		const cJSON *own = scheduler_in(cJSON_GetObjectItemCaseSensitive(vms, vm->name));
		int threads =
			vm->workload ? workload_nr_threads(vm->workload, (int)vm->size.vcpus) : 0;

		if (!cJSON_IsFalse(own ? own : scheduler_in(defaults)) || threads <= vm->size.vcpus)
			continue;
		status = scenario_note(scenario, error,
				       "vms.%s: guest.scheduler is false, but %d threads on %d "
				       "vCPUs need one: it is on",
				       vm->name, threads, (int)vm->size.vcpus);
	}
	return status;
}

/* VMs of a class that are not started before all is over. */
static enum oversub_status note_starts(struct scenario *scenario, struct oversub_error *error)
{
	int64_t end = scenario->run.warmup_ns + scenario->run.measure_ns;
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < scenario->nr_vms && !status; i++) {
		const struct scenario_vm_size *size = &scenario->vms[i].size;
		int64_t never = 0;

		for (int64_t vm = 0; vm < size->count; vm++)
			never += size->start_ns + vm * size->start_step_ns >= end;
		if (never)
			status = scenario_note(scenario, error,
					       "vms.%s: %" PRId64 " of %" PRId64
					       " are to start after the end of the run",
					       scenario->vms[i].name, never, size->count);
	}
	return status;
}

enum oversub_status scenario_note_unused(struct scenario *scenario, struct oversub_error *error)
{
	enum oversub_status status = note_workloads(scenario, error);

	if (!status)
		status = note_cgroups(scenario, error);
	if (!status)
		status = note_schedulers(scenario, error);
	if (!status)
		status = note_starts(scenario, error);
	return status;
}
