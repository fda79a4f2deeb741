/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/workload.h"
#include "sim/scenario/data_directory.h"
#include "sim/scenario/list.h"
#include "sim/scenario/param_json.h"
#include "sim/scenario/policy_needs.h"
#include "sim/scenario/scenario_internal.h"
#include "sim/scenario/policy_registry.h"
#include "sim/scenario/units.h"
#include "sim/scenario/workload_file.h"

/* ---- Parameters --------------------------------------------------------------------------- */

static const char *type_name(enum oversub_param_type type)
{
	switch (type) {
	case OVERSUB_PARAM_BOOL: return "bool";
	case OVERSUB_PARAM_INT: return "integer";
	case OVERSUB_PARAM_DURATION: return "duration";
	case OVERSUB_PARAM_REAL: return "number";
	case OVERSUB_PARAM_ENUM: return "choice";
	}
	return "";
}

/* "cpus   integer  16   1..4096 CPUs   Physical CPUs." */
static void print_param(FILE *out, const char *indent, const struct oversub_param *param,
			bool required)
{
	bool show_unit = param->unit && param->type != OVERSUB_PARAM_DURATION;
	char range[PARAM_RANGE_TEXT_MAX];
	char value[UNITS_TEXT_MAX];
	int width = fprintf(out, "%s%-*s %-8s  %-8s  %s%s%s", indent, 28 - (int)strlen(indent),
			    param->name, type_name(param->type),
			    required ? "required" : param_default_text(param, value, sizeof(value)),
			    param_range_text(param, range, sizeof(range)), show_unit ? " " : "",
			    show_unit ? param->unit : "");

	fprintf(out, "%*s  %s\n", width < 72 ? 72 - width : 0, "", param->help ? param->help : "");
}

static void print_table(FILE *out, const char *indent, const struct oversub_param *table)
{
	for (; table->name; table++)
		print_param(out, indent, table, false);
}

static void print_needs(FILE *out, uint32_t needs)
{
	char text[POLICY_NEEDS_TEXT_MAX];

	if (needs)
		fprintf(out, "    %-24s %s\n", "needs:", policy_needs_text(needs, text));
}

static void print_axis(FILE *out, const struct policy_kind *axis,
		       const struct policy_registry *policies)
{
	const struct oversub_policy *policy;

	fprintf(out, "%s.policy (default %s)\n", axis->path, axis->default_name);
	for (int k = 0; (policy = policy_registry_at(policies, axis->kind, k)); k++) {
		fprintf(out, "  %-26s %s\n", policy->name, policy->help);
		print_needs(out, policy->needs);
		print_table(out, "    ", policy_params(policy));
	}
	fputc('\n', out);
}

void list_policies(FILE *out, const struct policy_registry *policies)
{
	for (int i = 0; i < OVERSUB_POLICY_KINDS; i++)
		print_axis(out, &policy_kinds[i], policies);
}

/* What stands where parameters have their type. */
static const char *const kind_names[] = {
	[GRAMMAR_OBJECT] = "object",   [GRAMMAR_MAP] = "objects",	[GRAMMAR_PROGRAM] = "ops",
	[GRAMMAR_VERSION] = "integer", [GRAMMAR_TEXT] = "text",		[GRAMMAR_NAMES] = "names",
	[GRAMMAR_NAME] = "name",       [GRAMMAR_CGROUP] = "path",	[GRAMMAR_CPUS] = "CPUs",
	[GRAMMAR_PIN] = "CPUs",	       [GRAMMAR_DISTRIBUTION] = "time", [GRAMMAR_RATE] = "rate",
	[GRAMMAR_VALUES] = "values",   [GRAMMAR_VALUE] = "value",	[GRAMMAR_FILE] = "path",
};

/* The keys of an object itself, under its path. */
static void print_keys(FILE *out, const char *path, const struct grammar_object *type)
{
	int lines = 0;

	for (const struct grammar_member *member = type->members; member->kind; member++) {
		if (!member->help && member->key)
			continue;
		if (!lines++ && *path)
			fprintf(out, "%s\n", path);
		if (member->help)
			fprintf(out, "  %-26s %-8s  %-8s%25s  %s\n", member->key,
				kind_names[member->kind], member->missing ? "required" : "", "",
				member->help);
		else
			print_table(out, "  ", member->params);
	}
	if (lines)
		fputc('\n', out);
}

static void print_object(FILE *out, const char *path, const struct grammar_object *type,
			 const struct policy_registry *policies)
{
	char inner[128];

	print_keys(out, path, type);
	for (const struct grammar_member *member = type->members; member->kind; member++) {
		/* What has a line of its own is like something else, which that line names. */
		if (!member->key || member->help)
			continue;
		snprintf(inner, sizeof(inner), "%s%s%s%s", path, *path ? "." : "", member->key,
			 member->kind == GRAMMAR_MAP ? ".NAME" : "");
		if (member->kind == GRAMMAR_POLICY) {
			print_axis(out, &policy_kinds[member->number], policies);
		} else if (member->kind == GRAMMAR_PARAMS) {
			fprintf(out, "%s\n", inner);
			print_table(out, "  ", member->params);
			fputc('\n', out);
		} else {
			print_object(out, inner, member->object, policies);
		}
	}
}

void list_params(FILE *out, const struct policy_registry *policies)
{
	print_object(out, "", &grammar_document, policies);
}

/* ---- Ops ---------------------------------------------------------------------------------- */

/* A parameter that all ops have is shown once. */
#define COMMON_PARAM "probability"

/* Those of either runner, each once. */
static void print_op_params(FILE *out, const struct op_description *op)
{
	for (int runner = 0; runner < WORKLOAD_RUNNERS; runner++) {
		const struct oversub_param *other = runner ? op->params[0] : NULL;

		for (const struct oversub_param *param = op->params[runner]; param && param->name;
		     param++)
			if (strcmp(param->name, COMMON_PARAM) != 0 &&
			    !(other && param_find(other, param->name)))
				print_param(out, "    ", param, false);
	}
}

static void print_names(FILE *out, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		fprintf(out, "%s %s", i ? "," : "", names[i]);
	fputc('\n', out);
}

static void print_members(FILE *out, const struct grammar_object *type)
{
	for (const struct grammar_member *member = type->members; member->kind; member++)
		fprintf(out, "    %-22s %s\n", member->key, member->help);
}

void list_ops(FILE *out, const struct policy_registry *policies)
{
	fputs("Ops of a program: { \"OP\": ARGUMENT, \"PARAMETER\": VALUE, ... }\n", out);
	for (int kind = 0; kind < OP_KINDS; kind++) {
		const struct op_description *op = &op_descriptions[kind];

		if (!op->name)
			continue;
		fprintf(out, "  %-10s %-13s %s%s%s%s\n", op->name, op_argument_names[op->argument],
			op->help, op->has_body ? " With a \"body\"." : "",
			op->params[WORKLOAD_OF_HOST] ? "" : " (VMs only)",
			op->params[WORKLOAD_OF_VM] ? "" : " (host only)");
		print_op_params(out, op);
	}
	fputs("  any op\n", out);
	print_param(out, "    ", param_find(*op_descriptions[OP_RUN].params, COMMON_PARAM), false);
	fputs("\nDistributions: a duration, or { \"NAME\": { \"PARAMETER\": VALUE, ... } }\n", out);
	for (int kind = 0; kind < SIM_DISTRIBUTION_KINDS; kind++) {
		const struct sim_distribution_type *type = &sim_distribution_types[kind];

		fprintf(out, "  %-24s %s\n", type->name, type->help);
		for (const struct oversub_param *param = type->params; param->name; param++)
			print_param(out, "    ", param, distribution_param_required(kind, param));
		if (kind == SIM_EMPIRICAL)
			print_members(out, &grammar_empirical);
	}
	fputs("\nTargets: the number of a vCPU,", out);
	print_names(out, op_target_names);
	fputs("  self is for irq_work only.\n", out);
	fputs("Locks, events, barriers and sources are declared by their workload:\n"
	      "  \"locks\": { \"NAME\": {}, \"NAME\": \"KIND\", ... }, of kind",
	      out);
	print_names(out, lock_kind_names);
	fputs("    spinlock, the default, is what a Linux guest has on such a VM: tas\n"
	      "    (test-and-set) without pv_unhalt, pv (PV qspinlock) with it, queued (native,\n"
	      "    first in first out) with realtime_hint or one vCPU; in host threads it is tas.\n"
	      "    Other kinds insist. mutex and rwsem sleep. The summary of a run says what they "
	      "are.\n"
	      "  \"events\": [ \"NAME\", ... ]\n"
	      "  \"barriers\": { \"NAME\": PARTIES, ... }\n"
	      "  \"arrivals\": { \"NAME\": { \"interarrival\": DISTRIBUTION }, ... }\n"
	      "     or, for exponential interarrival times, { \"rate\": \"5000/s\" }\n"
	      "`oversub help scenario` shows an example.\n",
	      out);
}

/* ---- Scenarios ---------------------------------------------------------------------------- */

static int is_scenario(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && !strcmp(entry->d_name + length - 5, ".json");
}

/* Some directory before number index has a scenario of that name, which is found first. */
static bool is_hidden(const char *name, int index)
{
	char *file = NULL;
	char directory[SCENARIO_PATH_MAX];
	bool hidden = false;

	if (!scenario_find(name, &file, NULL)) {
		scenario_directory(index, directory);
		hidden = strncmp(file, directory, strlen(directory)) != 0;
	}
	free(file);
	return hidden;
}

static void print_scenario(FILE *out, const char *name)
{
	struct oversub_error error;
	cJSON *document = NULL;
	char *file = NULL;

	if (scenario_read(name, &document, &file, &error)) {
		fprintf(out, "  %-20s %s\n", name, error.message);
		return;
	}
	const cJSON *title = cJSON_GetObjectItemCaseSensitive(document, "title");

	fprintf(out, "  %-20s %s\n", name, cJSON_IsString(title) ? title->valuestring : "");
	cJSON_Delete(document);
	free(file);
}

/* ---- Workloads ---------------------------------------------------------------------------- */

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(text) ? text->valuestring : "";
}

/* A parameter of a workload's file: "hold_median  1us  Time for which ...". */
static void print_declaration(FILE *out, const cJSON *declaration)
{
	char *value =
		cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(declaration, "default"));

	fprintf(out, "    %-24s %-10s  %s\n", declaration->string, value ? value : "",
		text_of(declaration, "help"));
	cJSON_free(value);
}

static void print_workload(FILE *out, const char *path, const char *name)
{
	struct oversub_error error;
	const cJSON *parameters, *each;
	cJSON *workload;

	if (workload_file_read(path, NULL, &workload, &error)) {
		fprintf(out, "  %-20s %s\n", name, error.message);
		return;
	}
	fprintf(out, "  %-26s %s\n", name, text_of(workload, "title"));
	parameters = cJSON_GetObjectItemCaseSensitive(workload, "parameters");
	cJSON_ArrayForEach(each, parameters) print_declaration(out, each);
	cJSON_Delete(workload);
}

void list_workloads(FILE *out, const struct policy_registry *policies)
{
	char directory[SCENARIO_PATH_MAX], path[SCENARIO_PATH_MAX + 300];
	bool found = false;

	/* The first place that has some is where names are looked up. */
	for (int i = 0; !found && scenario_directory(i, directory); i++) {
		struct dirent **entries = NULL;
		int nr;

		snprintf(path, sizeof(path), "%s/workloads", directory);
		nr = scandir(path, &entries, is_scenario, alphasort);
		if (nr > 0)
			fprintf(out, "%s/\n", path);
		for (int k = 0; k < nr; k++) {
			char *name = entries[k]->d_name;

			found = true;
			snprintf(path, sizeof(path), "%s/workloads/%s", directory, name);
			name[strlen(name) - 5] = '\0';
			print_workload(out, path, name);
			free(entries[k]);
		}
		free(entries);
	}
}

void list_scenarios(FILE *out, const struct policy_registry *policies)
{
	char directory[SCENARIO_PATH_MAX];

	for (int i = 0; scenario_directory(i, directory); i++) {
		struct dirent **entries = NULL;
		int nr = scandir(directory, &entries, is_scenario, alphasort);
		int shown = 0;

		for (int k = 0; k < nr; k++) {
			char *name = entries[k]->d_name;

			name[strlen(name) - 5] = '\0';
			if (!is_hidden(name, i)) {
				if (!shown++)
					fprintf(out, "%s/\n", directory);
				print_scenario(out, name);
			}
			free(entries[k]);
		}
		free(entries);
	}
}
