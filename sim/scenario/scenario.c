/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole document: from its top-level keys to a struct scenario. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/unused.h"
#include "sim/scenario/override.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/policy_needs.h"
#include "sim/scenario/scenario_cgroup.h"
#include "sim/scenario/scenario_internal.h"
#include "sim/scenario/scenario_vm.h"
#include "sim/scenario/workload_json.h"

const char *const scenario_keys[] = {
	"oversub_scenario", "title",	     "description", "host", "yield", "vm_defaults", "vms",
	"workloads",	    "host_workload", "run",	    NULL,
};

static const struct param_section no_sections[] = {{NULL, NULL, 0}};

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

enum oversub_status scenario_note(struct scenario *scenario, struct oversub_error *error,
				  const char *format, ...)
{
	char text[512];
	va_list arguments;
	char **larger;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	larger = realloc(scenario->notes, ((size_t)scenario->nr_notes + 1) * sizeof(*larger));
	if (larger) {
		scenario->notes = larger;
		larger[scenario->nr_notes] = strdup(text);
	}
	if (!larger || !larger[scenario->nr_notes])
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	scenario->nr_notes++;
	return OVERSUB_OK;
}

/* ---- The parts of a document -------------------------------------------------------------- */

static enum oversub_status read_version(struct json_reader *reader, const cJSON *document)
{
	const struct oversub_param param = {
		.name = "oversub_scenario", .type = OVERSUB_PARAM_INT, .min = 0, .max = INT64_MAX};
	const cJSON *version = member(document, param.name);
	enum oversub_status status;
	int64_t number;
	size_t place;

	if (!version)
		return json_fail(reader, "not a scenario: it has no \"oversub_scenario\": %d",
				 SCENARIO_VERSION);
	place = json_enter(reader, param.name);
	status = json_read_param(reader, version, &param, &number);
	if (!status && number != SCENARIO_VERSION)
		return json_fail(reader, "version %lld, but this program reads version %d",
				 (long long)number, SCENARIO_VERSION);
	if (!status)
		json_leave(reader, place);
	return status;
}

/* A string member; "" if it is not there. */
static enum oversub_status read_text(struct json_reader *reader, const cJSON *document,
				     const char *key, char **text)
{
	const cJSON *value = member(document, key);
	size_t place = json_enter(reader, key);
	enum oversub_status status = value ? json_expect_string(reader, value) : OVERSUB_OK;

	if (status)
		return status;
	*text = strdup(value ? value->valuestring : "");
	if (!*text)
		return json_no_memory(reader);
	json_leave(reader, place);
	return OVERSUB_OK;
}

/* A member that has parameter tables, and keys in others that are left to the caller. */
static enum oversub_status read_section(struct json_reader *reader, const cJSON *document,
					const char *key, const struct param_section *sections,
					const char *const *others, void *values)
{
	const cJSON *object = member(document, key);
	enum oversub_status status = OVERSUB_OK;
	size_t place = json_enter(reader, key);

	json_object_defaults(sections, values);
	if (object)
		status = json_read_object(reader, object, sections, others, values);
	if (!status)
		json_leave(reader, place);
	return status;
}

/* Which policy the object of an axis selects; the reader is at the object. */
static enum oversub_status read_policy_name(struct json_reader *reader, const cJSON *object,
					    const struct scenario_axis *axis,
					    const struct policy_registry *policies, int *policy)
{
	const cJSON *name = member(object, "policy");
	const char *wanted = axis->default_name;
	struct json_names names = {0};
	enum oversub_status status = OVERSUB_OK;
	size_t place = json_enter(reader, "policy");
	char text[JSON_NAMES_TEXT_MAX];

	if (name) {
		status = json_expect_string(reader, name);
		if (status)
			return status;
		wanted = name->valuestring;
	}
	*policy = scenario_axis_find(axis, policies, wanted);
	if (*policy < 0) {
		names.suggestion.wrong = wanted;
		for (int i = 0; axis->name(policies, i); i++)
			json_names_add(&names, axis->name(policies, i));
		return json_fail(reader, "no policy has the name \"%.64s\"%s%s", wanted,
				 json_names_text(&names, text),
				 names.suggestion.nearest ? "" : "; --plugin loads others");
	}
	json_leave(reader, place);
	return OVERSUB_OK;
}

/* Which policy of axis document selects, and its parameters. */
static enum oversub_status read_axis(struct json_reader *reader, const cJSON *document,
				     const struct scenario_axis *axis,
				     const struct policy_registry *policies, int *policy,
				     void **params)
{
	static const char *const keys[] = {"policy", NULL};
	struct param_section sections[] = {{NULL, NULL, 0}, {NULL, NULL, 0}};
	const cJSON *object = member(member(document, axis->section), axis->key);
	size_t place = json_enter(reader, axis->section);
	enum oversub_status status = OVERSUB_OK;

	json_enter(reader, axis->key);
	if (object)
		status = json_expect_object(reader, object);
	if (!status)
		status = read_policy_name(reader, object, axis, policies, policy);
	if (status)
		return status;
	if (axis->params_size(policies, *policy)) {
		*params = calloc(1, axis->params_size(policies, *policy));
		if (!*params)
			return json_no_memory(reader);
	}
	sections[0].params = axis->params(policies, *policy);
	json_object_defaults(sections, *params);
	if (object)
		status = json_read_object(reader, object, sections, keys, *params);
	if (!status)
		json_leave(reader, place);
	return status;
}

/* "yield" and "host.cosched". */
static enum oversub_status read_policies(struct json_reader *reader, const cJSON *document,
					 struct scenario *scenario)
{
	static const char *const keys[] = {"candidate", "sched", "window", NULL};
	void **const params[SCENARIO_AXES] = {
		[SCENARIO_AXIS_CANDIDATE] = &scenario->candidate_params,
		[SCENARIO_AXIS_SCHED] = &scenario->sched_params,
		[SCENARIO_AXIS_WINDOW] = &scenario->window_params,
		[SCENARIO_AXIS_COSCHED] = &scenario->cosched_params,
	};
	const struct policy_registry *policies = scenario->policies;
	int policy[SCENARIO_AXES];
	const cJSON *yield = member(document, "yield");
	size_t place = json_enter(reader, "yield");
	enum oversub_status status = OVERSUB_OK;

	if (yield)
		status = json_read_object(reader, yield, no_sections, keys, NULL);
	if (!status)
		json_leave(reader, place);
	for (int i = 0; i < SCENARIO_AXES && !status; i++)
		status = read_axis(reader, document, &scenario_axes[i], policies, &policy[i],
				   params[i]);
	if (status)
		return status;
	scenario->candidate = policies->candidates[policy[SCENARIO_AXIS_CANDIDATE]];
	scenario->sched = policies->scheds[policy[SCENARIO_AXIS_SCHED]];
	scenario->window = policies->windows[policy[SCENARIO_AXIS_WINDOW]];
	scenario->cosched = policies->coscheds[policy[SCENARIO_AXIS_COSCHED]];
	return OVERSUB_OK;
}

static enum oversub_status read_workloads(struct json_reader *reader, const cJSON *document,
					  struct scenario *scenario)
{
	const struct workload_place in_vm = {WORKLOAD_OF_VM, scenario};
	const cJSON *workloads = member(document, "workloads");
	size_t place = json_enter(reader, "workloads");
	enum oversub_status status = OVERSUB_OK;

	if (workloads)
		status = json_expect_object(reader, workloads);
	if (status)
		return status;
	scenario->workloads =
		calloc((size_t)cJSON_GetArraySize(workloads) + 1, sizeof(*scenario->workloads));
	if (!scenario->workloads)
		return json_no_memory(reader);
	for (const cJSON *child = workloads ? workloads->child : NULL; child; child = child->next) {
		size_t inner;

		status = json_expect_name(reader, child->string);
		if (status)
			return status;
		inner = json_enter(reader, child->string);
		status = workload_read(reader, child, child->string, in_vm,
				       &scenario->workloads[scenario->nr_workloads++]);
		if (status)
			return status;
		json_leave(reader, inner);
	}
	json_leave(reader, place);
	return OVERSUB_OK;
}

static enum oversub_status read_host_workload(struct json_reader *reader, const cJSON *document,
					      struct scenario *scenario)
{
	const struct workload_place on_host = {WORKLOAD_OF_HOST, scenario};
	const struct param_section costs[] = {{NULL, thread_params, 0}, {NULL, NULL, 0}};
	const cJSON *object = member(document, "host_workload");
	enum oversub_status status;
	size_t place;

	json_object_defaults(costs, &scenario->host_threads);
	if (!object)
		return OVERSUB_OK;
	scenario->host_workload = calloc(1, sizeof(*scenario->host_workload));
	if (!scenario->host_workload)
		return json_no_memory(reader);
	place = json_enter(reader, "host_workload");
	status = workload_read(reader, object, "host", on_host, scenario->host_workload);
	if (!status)
		status =
			read_section(reader, object, "costs", costs, NULL, &scenario->host_threads);
	if (!status)
		json_leave(reader, place);
	return status;
}

/* What no range of a single parameter can tell. */
static enum oversub_status check_host(struct json_reader *reader, const struct host_config *config)
{
	struct oversub_error error;

	if (host_config_check(config, &error) == OVERSUB_OK)
		return OVERSUB_OK;
	json_enter(reader, "host");
	return json_fail(reader, "%s", error.message);
}

static enum oversub_status read_document(struct json_reader *reader, const cJSON *document,
					 struct scenario *scenario)
{
	enum oversub_status status = json_expect_object(reader, document);

	if (!status)
		status = read_version(reader, document);
	if (!status)
		status = json_read_object(reader, document, no_sections, scenario_keys, NULL);
	if (!status)
		status = read_text(reader, document, "title", &scenario->title);
	if (!status)
		status = read_text(reader, document, "description", &scenario->description);
	if (!status)
		status = read_section(reader, document, "host", scenario_host_sections,
				      scenario_host_keys, &scenario->host);
	if (!status)
		status = scenario_read_cgroups(reader, document, scenario);
	if (!status)
		status = check_host(reader, &scenario->host);
	if (!status)
		status = read_policies(reader, document, scenario);
	if (!status)
		status = read_workloads(reader, document, scenario);
	if (!status)
		status = scenario_read_vms(reader, document, scenario);
	if (!status)
		status = read_host_workload(reader, document, scenario);
	if (!status)
		status = read_section(reader, document, "run", scenario_run_sections, NULL,
				      &scenario->run);
	if (!status && !scenario->nr_vms && !scenario->host_workload)
		return json_fail(reader, "nothing to simulate: neither \"vms\" nor "
					 "\"host_workload\"");
	if (!status)
		status = scenario_note_needs(scenario, reader->error);
	if (!status)
		status = scenario_note_unused(scenario, reader->error);
	return status;
}

/* ---- Loading ------------------------------------------------------------------------------ */

/* An error at or below the path of an override says that the override is to blame. */
static void blame_override(const struct json_reader *reader,
			   const struct scenario_overrides *overrides, char *const *full_paths)
{
	for (int i = overrides ? overrides->nr - 1 : -1; i >= 0; i--) {
		size_t length = full_paths[i] ? strlen(full_paths[i]) : 0;
		size_t used = strlen(reader->error->message);

		if (!length || strncmp(reader->wrong, full_paths[i], length) != 0 ||
		    (reader->wrong[length] && !strchr(".[", reader->wrong[length])))
			continue;
		snprintf(reader->error->message + used, sizeof(reader->error->message) - used,
			 " (set by %.100s=%.100s)", overrides->list[i].path,
			 overrides->list[i].value);
		return;
	}
}

static enum oversub_status load(struct scenario *scenario,
				const struct scenario_overrides *overrides,
				struct oversub_error *error)
{
	size_t nr = overrides ? (size_t)overrides->nr : 0;
	struct json_reader reader = {.file = scenario->file, .error = error};
	char **full_paths = calloc(nr + 1, sizeof(*full_paths));
	enum oversub_status status;

	if (!full_paths)
		return json_no_memory(&reader);
	status = json_check_tree(&reader, scenario->json, SCENARIO_MAX_DEPTH);
	if (!status && nr) {
		status = override_apply(scenario->json, scenario->file, overrides, scenario,
					full_paths, error);
		if (!status)
			status = json_check_tree(&reader, scenario->json, SCENARIO_MAX_DEPTH);
	}
	if (!status) {
		status = read_document(&reader, scenario->json, scenario);
		if (status == OVERSUB_BAD_INPUT)
			blame_override(&reader, overrides, full_paths);
	}
	for (size_t i = 0; i < nr; i++)
		free(full_paths[i]);
	free(full_paths);
	return status;
}

/* "dedup3" out of "scenarios/dedup3.json". */
static char *stem(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	size_t length = strlen(name);

	if (length > 5 && !strcmp(name + length - 5, ".json"))
		length -= 5;
	return strndup(name, length);
}

enum oversub_status scenario_from_json(const cJSON *document, const char *file,
				       const struct scenario_overrides *overrides,
				       struct scenario **out, struct oversub_error *error)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	struct oversub_error unwanted;
	enum oversub_status status;

	*out = NULL;
	if (!error)
		error = &unwanted;
	if (scenario) {
		scenario->file = strdup(file);
		scenario->name = stem(file);
		scenario->json = cJSON_Duplicate(document, true);
		scenario->policies = overrides && overrides->policies ? overrides->policies
								      : &policy_registry_builtin;
	}
	if (!scenario || !scenario->file || !scenario->name || !scenario->json) {
		scenario_free(scenario);
		return oversub_fail(error, OVERSUB_FAILED, "%s: out of memory", file);
	}
	status = load(scenario, overrides, error);
	if (status)
		scenario_free(scenario);
	else
		*out = scenario;
	return status;
}

enum oversub_status scenario_load(const char *path_or_name,
				  const struct scenario_overrides *overrides, struct scenario **out,
				  struct oversub_error *error)
{
	cJSON *document;
	char *file;
	enum oversub_status status = scenario_read(path_or_name, &document, &file, error);

	*out = NULL;
	if (status)
		return status;
	status = scenario_from_json(document, file, overrides, out, error);
	cJSON_Delete(document);
	free(file);
	return status;
}

void scenario_free(struct scenario *scenario)
{
	if (!scenario)
		return;
	for (int i = 0; i < scenario->nr_vms; i++) {
		free(scenario->vms[i].name);
		free(scenario->vms[i].cpus);
		free(scenario->vms[i].cpus_bits);
	}
	for (int i = 0; i < scenario->nr_workloads; i++)
		workload_free(&scenario->workloads[i]);
	if (scenario->host_workload)
		workload_free(scenario->host_workload);
	for (int i = 0; i < scenario->nr_cgroups; i++)
		free(scenario->cgroups[i].path);
	free(scenario->cgroups);
	for (int i = 0; i < scenario->nr_notes; i++)
		free(scenario->notes[i]);
	free(scenario->vms);
	free(scenario->workloads);
	free(scenario->host_workload);
	free(scenario->notes);
	free(scenario->candidate_params);
	free(scenario->sched_params);
	free(scenario->window_params);
	free(scenario->cosched_params);
	free(scenario->name);
	free(scenario->file);
	free(scenario->title);
	free(scenario->description);
	cJSON_Delete(scenario->json);
	free(scenario);
}

int scenario_nr_vms(const struct scenario *scenario)
{
	int nr = 0;

	for (int i = 0; i < scenario->nr_vms; i++)
		nr += (int)scenario->vms[i].size.count;
	return nr;
}

int scenario_nr_vcpus(const struct scenario *scenario)
{
	int nr = 0;

	for (int i = 0; i < scenario->nr_vms; i++)
		nr += (int)(scenario->vms[i].size.count * scenario->vms[i].size.vcpus);
	return nr;
}
