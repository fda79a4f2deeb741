/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub list policies|ops|params|metrics|scenarios|workloads|schema */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/list_metrics.h"
#include "sim/base/suggest.h"
#include "sim/base/wrap.h"
#include "sim/output/json_writer.h"
#include "sim/scenario/list.h"
#include "sim/scenario/schema.h"

static void list_schema(FILE *out, const struct policy_registry *policies)
{
	cJSON *schema = scenario_schema(policies);

	json_document(out, schema);
	cJSON_Delete(schema);
}

static const struct {
	const char *name;
	void (*write)(FILE *out, const struct policy_registry *policies);
} lists[] = {
	{"policies", list_policies},   {"ops", list_ops},
	{"params", list_params},       {"metrics", list_metrics},
	{"scenarios", list_scenarios}, {"workloads", list_workloads},
	{"schema", list_schema},
};

enum { NR_LISTS = sizeof(lists) / sizeof(*lists) };

/* One line for each thing, for grep, unless a terminal has no room for that. */
static enum oversub_status show(void (*write)(FILE *out, const struct policy_registry *policies),
				const struct policy_registry *policies, struct oversub_error *error)
{
	int width = wrap_terminal_width(stdout);
	char *text = NULL;
	size_t size;
	FILE *stream = width ? open_memstream(&text, &size) : stdout;

	if (!stream)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	write(stream, policies);
	if (!width)
		return OVERSUB_OK;
	fclose(stream);
	wrap_table(stdout, text, width);
	free(text);
	return OVERSUB_OK;
}

enum oversub_status cmd_list(const struct cli_options *options, struct oversub_error *error)
{
	const char *name = options->arguments[0];
	struct suggestion suggestion = {.wrong = name};

	for (int i = 0; i < NR_LISTS; i++) {
		if (!strcmp(lists[i].name, name))
			return show(lists[i].write, &options->policies, error);
		suggest(&suggestion, lists[i].name);
	}
	if (suggestion.nearest)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "there is no list of %.100s; did you mean %s?", name,
				    suggestion.nearest);
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "there is no list of %.100s; see `oversub help list`", name);
}
