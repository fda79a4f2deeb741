/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schema, paths of --set, loader and run say the same of what a scenario can hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/workload/workload.h"
#include "scenario_text.h"
#include "sim/run/world.h"
#include "sim/scenario/override_paths.h"
#include "sim/scenario/schema.h"

/* One of everything that a document can have. */
static const char everything[] =
	"{ 'oversub_scenario': 1, 'title': 't', 'description': 'd',\n"
	"  'host': { 'cpus': 4, 'cgroups': { 'a': { 'children': { 'b': {} } } },\n"
	"            'cosched': { 'policy': 'gang' } },\n"
	"  'yield': { 'candidate': { 'policy': 'v3' }, 'sched': { 'policy': 'lag_credit' } },\n"
	"  'vm_defaults': { 'vcpus': 2, 'cgroup': 'a', 'pin': { 'pool': [0, '1-3'] } },\n"
	"  'vms': { 'vm': { 'workload': 'w', 'pin': '1:1', 'cgroup': 'a/b' } },\n"
	"  'workloads': { 'w': {\n"
	"    'locks': { 'k': 'tas', 'l': {} }, 'events': ['e'], 'barriers': { 'b': 2 },\n"
	"    'arrivals': { 's': { 'rate': 9 }, 'i': { 'interarrival': { 'exponential': {\n"
	"      'mean': '1ms' } } } },\n"
	"    'threads': { 't': { 'program': [ %s ] } } } },\n"
	"  'host_workload': { 'locks': { 'l': {} }, 'threads': { 'h': {\n"
	"    'cpus': [0], 'cgroup': 'a', 'program': [ %s ] } } } }\n";

/* { 'op': argument } */
static void print_op(FILE *out, const struct op_description *op)
{
	static const char *const arguments[OP_ARGUMENTS] = {
		[OP_ARGUMENT_LOCK] = "'l'",	      [OP_ARGUMENT_EVENT] = "'e'",
		[OP_ARGUMENT_BARRIER] = "'b'",	      [OP_ARGUMENT_SOURCE] = "'s'",
		[OP_ARGUMENT_REQUEST] = "'r'",	      [OP_ARGUMENT_COUNT] = "2",
		[OP_ARGUMENT_DISTRIBUTION] = "'1us'", [OP_ARGUMENT_TARGET] = "'next'",
		[OP_ARGUMENT_PERIOD] = "'1ms'",	      [OP_ARGUMENT_TRUE] = "true",
	};

	fprintf(out, "{ '%s': %s%s }", op->name, arguments[op->argument],
		op->has_body ? ", 'body': [ { 'run': 1 } ]" : "");
}

/* Each op that runner can do. */
static void print_ops(FILE *out, enum workload_runner runner)
{
	int nr = 0;

	for (int kind = 0; kind < OP_KINDS; kind++) {
		const struct op_description *op = &op_descriptions[kind];
		bool declared = op->argument < WORKLOAD_OBJECTS;

		/* The host's workload has a lock, and no other objects. */
		if (!op->name || !op->params[runner] || op->argument == OP_ARGUMENT_SOURCE ||
		    (declared && runner == WORKLOAD_OF_HOST && op->argument != OP_ARGUMENT_LOCK))
			continue;
		if (nr++)
			fputs(", ", out);
		print_op(out, op);
	}
}

static cJSON *document_of_everything(void)
{
	char *ops[WORKLOAD_RUNNERS], *text, *json;
	cJSON *document;
	size_t size;

	for (int runner = 0; runner < WORKLOAD_RUNNERS; runner++) {
		FILE *out = open_memstream(&ops[runner], &size);

		print_ops(out, runner);
		fclose(out);
	}
	text = malloc(sizeof(everything) + strlen(ops[0]) + strlen(ops[1]));
	sprintf(text, everything, ops[WORKLOAD_OF_VM], ops[WORKLOAD_OF_HOST]);
	json = double_quoted(text);
	document = cJSON_Parse(json);
	assert_non_null(document);
	free(ops[0]);
	free(ops[1]);
	free(text);
	free(json);
	return document;
}

/* ---- Walking the schema along a document -------------------------------------------------- */

static const cJSON *member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/*
 * Told of a path that the schema has, whether or not the document has it; is_leaf: the schema has
 * none below it.
 */
typedef void path_fn(const char *path, bool is_leaf, void *context);

struct walk {
	const cJSON *schema;
	path_fn *tell;
	void *context;
	int told; /* so often */
};

static const cJSON *resolved(struct walk *walk, const cJSON *schema)
{
	const cJSON *to = member(schema, "$ref");

	return to ? member(member(walk->schema, "$defs"), strrchr(to->valuestring, '/') + 1)
		  : schema;
}

/*
 * Whether value, which may be absent, has or could have members of this one of several alternatives
 * by setting them one by one: not if it is no object, selects another policy, or is another op or
 * distribution. A source has what it lacks as well: then the loader says that both are there.
 */
static bool is_possible(const cJSON *alternative, const cJSON *value, const char *path)
{
	const cJSON *selects = member(member(alternative, "properties"), "policy");
	const cJSON *selected = member(value, "policy");
	const cJSON *required = member(alternative, "required");
	const char *map = strstr(path, "arrivals.");
	bool is_source = map && !strpbrk(map + strlen("arrivals."), ".[");

	if (!value)
		return selects && !required; /* the default policy */
	if (!cJSON_IsObject(value))
		return false;
	if (selects && selected)
		return cJSON_Compare(member(selects, "const"), selected, true);
	if (selects)
		return !required;
	return is_source || !required || member(value, required->child->valuestring);
}

static void walk_schema(struct walk *walk, const cJSON *schema, const cJSON *value,
			const char *path);

static void walk_members(struct walk *walk, const cJSON *schema, const cJSON *value,
			 const char *path)
{
	const cJSON *properties = member(schema, "properties");
	const cJSON *others = member(schema, "additionalProperties");
	char inner[256];

	for (const cJSON *one = properties ? properties->child : NULL; one; one = one->next) {
		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", one->string);
		walk_schema(walk, one, member(value, one->string), inner);
	}
	for (const cJSON *child = cJSON_IsObject(others) && value ? value->child : NULL; child;
	     child = child->next) {
		snprintf(inner, sizeof(inner), "%s.%s", path, child->string);
		walk_schema(walk, others, child, inner);
	}
}

static void walk_items(struct walk *walk, const cJSON *items, const cJSON *array, const char *path)
{
	char inner[256];
	int index = 0;

	for (const cJSON *child = array->child; child; child = child->next) {
		snprintf(inner, sizeof(inner), "%s[%d]", path, index++);
		walk_schema(walk, items, child, inner);
	}
}

static void walk_schema(struct walk *walk, const cJSON *schema, const cJSON *value,
			const char *path)
{
	int told = walk->told;
	const cJSON *list;
	bool is_leaf;

	schema = resolved(walk, schema);
	list = member(schema, "anyOf");
	for (const cJSON *one = list ? list->child : NULL; one; one = one->next)
		if (is_possible(one, value, path))
			walk_members(walk, one, value, path);
	walk_members(walk, schema, value, path);
	if (cJSON_IsArray(value))
		walk_items(walk, member(schema, "items"), value, path);
	if (!*path)
		return;
	is_leaf = walk->told++ == told && !cJSON_IsObject(member(schema, "additionalProperties"));
	walk->tell(path, is_leaf, walk->context);
}

static void walk_everything(path_fn *tell, const cJSON *document, void *context)
{
	cJSON *schema = scenario_schema(&policy_registry_builtin);
	struct walk walk = {schema, tell, context, 0};

	walk_schema(&walk, schema, document, "");
	cJSON_Delete(schema);
}

/* ---- Properties --------------------------------------------------------------------------- */

struct resolution {
	const cJSON *document;
	struct known_paths known;
	int nr;
};

static bool is_known(const struct known_paths *known, const char *path)
{
	for (int i = 0; i < known->nr; i++)
		if (!known->list[i].elsewhere && !strcmp(known->list[i].path, path))
			return true;
	return false;
}

static void must_resolve(const char *path, bool is_leaf, void *context)
{
	struct resolution *resolution = context;
	struct oversub_error error;
	char *full = NULL;

	if (scenario_resolve_path(resolution->document, "f", NULL, path, &full, &error))
		fail_msg("the schema has %s, but: %s", path, error.message);
	assert_string_equal(full, path);
	free(full);
	/* Its end stands for it, too; the version cannot be meant. */
	if (is_leaf && strcmp(path, "oversub_scenario") != 0 && !is_known(&resolution->known, path))
		fail_msg("the schema has %s, and --set does not know it", path);
	resolution->nr++;
}

static void every_path_that_the_schema_has_can_be_set(void **state)
{
	cJSON *document = document_of_everything();
	struct resolution resolution = {.document = document};

	known_paths_collect(&resolution.known, document, &policy_registry_builtin);
	walk_everything(must_resolve, document, &resolution);
	/* Parameters of one host, one VM, their defaults and all ops are many. */
	assert_true(resolution.nr > 300);
	known_paths_free(&resolution.known);
	cJSON_Delete(document);
}

struct search {
	const char *path;
	bool found;
};

static void compare(const char *path, bool is_leaf, void *context)
{
	struct search *search = context;
	size_t length = strlen(path);

	/* Elements of a list of CPUs are beyond what this walk follows. */
	search->found |= !strncmp(search->path, path, length) &&
			 (!search->path[length] || (is_leaf && strchr(".[", search->path[length])));
}

static void every_path_that_can_be_set_is_in_the_schema(void **state)
{
	cJSON *document = document_of_everything();
	struct known_paths paths;

	known_paths_collect(&paths, document, &policy_registry_builtin);
	assert_false(paths.failed);
	assert_true(paths.nr > 300);
	for (int i = 0; i < paths.nr; i++) {
		struct search search = {paths.list[i].path, false};

		if (paths.list[i].elsewhere)
			continue;
		walk_everything(compare, document, &search);
		if (!search.found)
			fail_msg("%s can be set, but the schema lacks it", search.path);
	}
	known_paths_free(&paths);
	cJSON_Delete(document);
}

static void a_document_with_everything_in_it_loads(void **state)
{
	cJSON *document = document_of_everything();
	struct oversub_error error = {""};
	struct scenario *scenario;

	if (scenario_from_json(document, "test.json", NULL, &scenario, &error))
		fail_msg("%s", error.message);
	assert_string_equal(scenario->description, "d");
	assert_int_equal(scenario->vms[0].cgroup, 2);
	assert_int_equal(scenario->workloads[0].locks[0].kind, LOCK_TAS);
	scenario_free(scenario);
	cJSON_Delete(document);
}

/* ---- What loads can begin ----------------------------------------------------------------- */

/* A host with threads that do op sooner or later, and VMs that do it, beside a lock of that kind.
 */
static char *scenario_with(const struct op_description *op, const char *lock,
			   enum workload_runner runner)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("{ 'oversub_scenario': 1, 'host': { 'cpus': 2, 'start': 'boot' },\n", out);
	fputs("'run': { 'warmup': 0, 'measure': '1us' },\n", out);
	if (runner == WORKLOAD_OF_VM)
		fputs("'vms': { 'v': { 'vcpus': 2, 'workload': 'w' } }, 'workloads': { 'w': ", out);
	else
		fputs("'host_workload': ", out);
	fprintf(out, "{ 'locks': { 'l': '%s' }, 'events': ['e'], 'barriers': { 'b': 2 },\n", lock);
	fputs("'arrivals': { 's': { 'rate': 9 } }, 'threads': { 't': { 'program': [\n", out);
	fputs("{ 'run': '1s' }, { 'lock': 'l', 'probability': 0.5 },\n", out);
	fputs("{ 'request': 'r', 'body': [ ", out);
	print_op(out, op);
	fprintf(out, " ] } ] } } }%s }\n", runner == WORKLOAD_OF_VM ? " }" : "");
	fclose(out);
	return text;
}

/* Returns whether it loads. */
static bool loads_and_begins(const struct op_description *op, const char *lock,
			     enum workload_runner runner)
{
	char *text = scenario_with(op, lock, runner);
	const struct world_options options = {0};
	struct oversub_error error = {""};
	struct replication_result result;
	struct scenario *scenario;
	bool loads = !load_text(text, NULL, &scenario, &error);

	if (loads) {
		if (world_run(scenario, 0, &options, &result, &error))
			fail_msg("%s\nloads, but: %s", text, error.message);
		result_free(&result);
		scenario_free(scenario);
	} else if (!strstr(error.message, ".t.") && !strstr(error.message, "locks.l") &&
		   !strstr(error.message, "pv_unhalt")) {
		fail_msg("%s\nis refused elsewhere: %s", text, error.message);
	}
	free(text);
	return loads;
}

static void what_loads_can_begin_whoever_runs_it(void **state)
{
	int nr_loading = 0, nr_refused = 0;

	for (int runner = 0; runner < WORKLOAD_RUNNERS; runner++)
		for (const char *const *lock = lock_kind_names; *lock; lock++)
			for (int kind = 0; kind < OP_KINDS; kind++) {
				const struct op_description *op = &op_descriptions[kind];

				if (!op->name)
					continue;
				if (loads_and_begins(op, *lock, runner))
					nr_loading++;
				else
					nr_refused++;
			}
	assert_true(nr_loading > 50 && nr_refused > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_with_everything_in_it_loads),
		cmocka_unit_test(every_path_that_the_schema_has_can_be_set),
		cmocka_unit_test(every_path_that_can_be_set_is_in_the_schema),
		cmocka_unit_test(what_loads_can_begin_whoever_runs_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
