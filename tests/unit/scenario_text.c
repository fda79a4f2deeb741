/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "scenario_text.h"
#include "sim/scenario/json_text.h"

const char *const small_scenario =
	"{ 'oversub_scenario': 1, 'title': 'small',\n"
	"  'host': { 'cpus': 4 },\n"
	"  'yield': { 'candidate': { 'policy': 'v3', 'ipi_window_ns': '20ms' } },\n"
	"  'vms': { 'vm': { 'count': 2, 'vcpus': 2, 'workload': 'w' } },\n"
	"  'workloads': { 'w': {\n"
	"    'locks': { 'l': 'tas' }, 'events': ['e'], 'barriers': { 'b': 2 },\n"
	"    'threads': { 't': { 'count': 2, 'program': [\n"
	"      { 'loop': 'forever', 'body': [ { 'request': 'r', 'body': [\n"
	"        { 'lock': 'l' }, { 'run': '10us' }, { 'unlock': 'l' },\n"
	"        { 'smp_call': 'random_other', 'wait': true } ] } ] },\n"
	"      { 'barrier': 'b' }, { 'wake': 'e' }, { 'wait': 'e' } ] } } } },\n"
	"  'run': { 'measure': '1s', 'seed': '7' } }\n";

char *double_quoted(const char *text)
{
	char *copy = strdup(text);

	for (char *c = copy; c && *c; c++)
		if (*c == '\'')
			*c = '"';
	return copy;
}

static enum oversub_status load(char *text, size_t size, const struct scenario_overrides *overrides,
				struct scenario **out, struct oversub_error *error)
{
	cJSON *document;
	enum oversub_status status =
		json_text_parse("test.json", text, size, SCENARIO_MAX_DEPTH, &document, error);

	*out = NULL;
	if (!status)
		status = scenario_from_json(document, "test.json", overrides, out, error);
	cJSON_Delete(document);
	free(text);
	return status;
}

enum oversub_status load_text(const char *text, const struct scenario_overrides *overrides,
			      struct scenario **out, struct oversub_error *error)
{
	return load(double_quoted(text), strlen(text), overrides, out, error);
}

enum oversub_status load_bytes(const char *bytes, size_t size, struct scenario **out,
			       struct oversub_error *error)
{
	char *copy = calloc(1, size + 1);

	memcpy(copy, bytes, size);
	return load(copy, size, NULL, out, error);
}
