/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole document: from its top-level keys to a struct scenario. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/scenario/override.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/policy_needs.h"
#include "sim/scenario/scenario_parts.h"
#include "sim/scenario/scenario_internal.h"
#include "sim/scenario/policy_registry.h"
#include "sim/scenario/unused.h"
#include "sim/scenario/workload_file.h"
#include "sim/scenario/workload_parameters.h"

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* ---- The parts of a document -------------------------------------------------------------- */

static enum oversub_status read_version(struct json_reader *reader, const cJSON *version,
					void *context)
{
	const struct oversub_param param = {.type = OVERSUB_PARAM_INT, .min = 0, .max = INT64_MAX};
	int64_t number;
	enum oversub_status status = json_read_param(reader, version, &param, &number);

	if (!status && number != SCENARIO_VERSION)
		return json_fail(reader, "version %lld, but this program reads version %d",
				 (long long)number, SCENARIO_VERSION);
	return status;
}

/* Which policy the object of an axis selects; the reader is at the object. */
static enum oversub_status read_policy_name(struct json_reader *reader, const cJSON *object,
					    const struct policy_kind *axis,
					    const struct policy_registry *policies,
					    const struct oversub_policy **policy)
{
	const cJSON *name = member(object, "policy");
	const char *wanted = name ? name->valuestring : axis->default_name;
	struct json_names names = {.suggestion.wrong = wanted};
	enum oversub_status status = OVERSUB_OK;
	size_t place = json_enter(reader, "policy");
	char text[JSON_NAMES_TEXT_MAX];

	if (name)
		status = json_expect_string(reader, name);
	if (status)
		return status;
	*policy = policy_registry_find(policies, axis->kind, wanted);
	if (!*policy) {
		const struct oversub_policy *other;

		for (int i = 0; (other = policy_registry_at(policies, axis->kind, i)); i++)
			json_names_add(&names, other->name);
		return json_fail(reader, "no policy has the name \"%.64s\"%s%s", wanted,
				 json_names_text(&names, text),
				 names.suggestion.nearest ? "" : "; --plugin loads others");
	}
	json_leave(reader, place);
	return OVERSUB_OK;
}

/* Which policy of axis document selects, and its parameters. */
static enum oversub_status read_axis(struct json_reader *reader, const cJSON *document,
				     const struct policy_kind *axis,
				     const struct policy_registry *policies,
				     struct scenario_policy *chosen)
{
	struct grammar_member members[] = {{NULL, GRAMMAR_PARAMS}, {"policy", GRAMMAR_NAME}, {0}};
	const struct grammar_object type = {members};
	const cJSON *object = member(member(document, axis->section), axis->key);
	size_t place = json_enter(reader, axis->section);
	enum oversub_status status = OVERSUB_OK;

	json_enter(reader, axis->key);
	if (object)
		status = json_expect_object(reader, object);
	if (!status)
		status = read_policy_name(reader, object, axis, policies, &chosen->policy);
	if (status)
		return status;
	if (chosen->policy->params_size) {
		chosen->params = calloc(1, chosen->policy->params_size);
		if (!chosen->params)
			return json_no_memory(reader);
	}
	members[0].params = policy_params(chosen->policy);
	json_object_defaults(&type, chosen->params);
	if (object)
		status = json_read_object(reader, object, &type, chosen->params);
	json_leave(reader, place);
	return status;
}

static enum oversub_status read_policies(struct json_reader *reader, const cJSON *document,
					 struct scenario *scenario)
{
	enum oversub_status status = OVERSUB_OK;

	for (int i = 0; i < OVERSUB_POLICY_KINDS && !status; i++)
		status = read_axis(reader, document, &policy_kinds[i], scenario->policies,
				   &scenario->chosen[i]);
	return status;
}

/* Their values are where the program names them. What a file of samples says stays in the copy. */
static enum oversub_status read_parameters(struct json_reader *reader, const cJSON *object,
					   const cJSON *values, cJSON **copy)
{
	size_t place = json_enter(reader, "parameters");
	enum oversub_status status = json_expect_object(reader, values);

	json_leave(reader, place);
	if (!status && cJSON_IsObject(object))
		status = workload_substitute(reader, object, values, copy);
	return status;
}

static enum oversub_status read_workload(struct json_reader *reader, const cJSON *object,
					 void *context)
{
	struct scenario *scenario = context;
	struct workload *workload = array_add(scenario->workloads, scenario->nr_workloads);
	const cJSON *values = member(object, "parameters");
	char path[JSON_PATH_MAX];
	enum oversub_status status;
	cJSON *copy = NULL;

	if (!workload)
		return json_no_memory(reader);
	snprintf(path, sizeof(path), "%s", reader->path);
	if (values) {
		status = read_parameters(reader, object, values, &copy);
		if (status)
			return status;
	}
	status = json_read_object(reader, values ? copy : object, &grammar_workload[WORKLOAD_OF_VM],
				  NULL);
	if (!status)
		status = workload_read(reader, values ? copy : object, object->string,
				       WORKLOAD_OF_VM, scenario, workload);
	if (status && values)
		workload_blame_parameter(reader, object, path);
	cJSON_Delete(copy);
	return status;
}

static enum oversub_status read_host_workload(struct json_reader *reader, const cJSON *object,
					      void *context)
{
	struct scenario *scenario = context;

	scenario->host_workload = calloc(1, sizeof(*scenario->host_workload));
	if (!scenario->host_workload)
		return json_no_memory(reader);
	return workload_read(reader, object, "host", WORKLOAD_OF_HOST, scenario,
			     scenario->host_workload);
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

/* What is left to this file's friends, each of whom needs what was read before. */
static enum oversub_status read_parts(struct json_reader *reader, const cJSON *document,
				      struct scenario *scenario)
{
	enum oversub_status status = scenario_read_cgroups(reader, document, scenario);

	if (!status)
		status = check_host(reader, &scenario->host);
	if (!status)
		status = read_policies(reader, document, scenario);
	if (!status)
		status = json_read_map(reader, document, "workloads", read_workload, scenario);
	if (!status)
		status = scenario_read_vms(reader, document, scenario);
	if (!status)
		status = json_read_member(reader, document, "host_workload", read_host_workload,
					  scenario);
	if (!status && !scenario->nr_vms && !scenario->host_workload)
		return json_fail(reader, "nothing to simulate: neither \"vms\" nor "
					 "\"host_workload\"");
	return status;
}

static enum oversub_status read_document(struct json_reader *reader, const cJSON *document,
					 struct scenario *scenario)
{
	enum oversub_status status = json_expect_object(reader, document);

	if (!status)
		status = json_check_missing(reader, document, &grammar_document);
	if (!status)
		status = json_read_member(reader, document, "oversub_scenario", read_version, NULL);
	json_object_defaults(&grammar_document, scenario);
	if (!status)
		status = json_read_object(reader, document, &grammar_document, scenario);
	if (!status)
		status = read_parts(reader, document, scenario);
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
	struct json_reader reader = {
		.file = scenario->file, .error = error, .measurements = &scenario->measurements};
	char **full_paths = calloc(nr + 1, sizeof(*full_paths));
	enum oversub_status status;

	if (!full_paths)
		return json_no_memory(&reader);
	status = json_check_tree(&reader, scenario->json, SCENARIO_MAX_DEPTH);
	if (!status)
		status = workload_files_embed(scenario->json, scenario->file, error);
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
		scenario->title = strdup("");
		scenario->description = strdup("");
		scenario->json = cJSON_Duplicate(document, true);
		scenario->policies = overrides && overrides->policies ? overrides->policies
								      : &policy_registry_builtin;
	}
	if (!scenario || !scenario->file || !scenario->name || !scenario->title ||
	    !scenario->description || !scenario->json) {
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
	for (int i = 0; i < scenario->measurements.nr; i++)
		sim_empirical_free(scenario->measurements.list[i]);
	free(scenario->measurements.list);
	for (int i = 0; i < scenario->nr_cgroups; i++)
		free(scenario->cgroups[i].path);
	free(scenario->cgroups);
	for (int i = 0; i < scenario->nr_notes; i++)
		free(scenario->notes[i]);
	free(scenario->vms);
	free(scenario->workloads);
	free(scenario->host_workload);
	free(scenario->notes);
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
		free(scenario->chosen[i].params);
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
