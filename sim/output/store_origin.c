/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program, with which plug-ins, computes a replication. */
#include <stdlib.h>
#include <string.h>

#include "sim/output/digest.h"
#include "sim/output/replication_store.h"
#include "sim/output/run_json.h"

/*
 * Two programs that were built from the same commit compute the same. Of one that was changed since
 * only its own bytes tell what it is.
 */
static enum oversub_status add_program(cJSON *origin, struct oversub_error *error)
{
	const char *source = run_source_state();
	char hex[DIGEST_HEX];
	enum oversub_status status;

	cJSON_AddNumberToObject(origin, "format", RESULT_FORMAT);
	cJSON_AddStringToObject(origin, "source", source);
	if (!strstr(source, "-dirty"))
		return OVERSUB_OK;
	status = digest_file("/proc/self/exe", hex, error);
	if (!status)
		cJSON_AddStringToObject(origin, "program", hex);
	return status;
}

static enum oversub_status add_plugins(cJSON *origin, const struct policy_registry *policies,
				       struct oversub_error *error)
{
	cJSON *list = policies->nr_plugins ? cJSON_AddArrayToObject(origin, "plugins") : NULL;
	enum oversub_status status = OVERSUB_OK;
	char hex[DIGEST_HEX];

	for (size_t i = 0; !status && i < policies->nr_plugins; i++) {
		status = digest_file(policies->plugins[i].path, hex, error);
		if (!status)
			cJSON_AddItemToArray(list, cJSON_CreateString(hex));
	}
	return status;
}

enum oversub_status store_origin_of(const struct policy_registry *policies,
				    struct store_origin *origin, struct oversub_error *error)
{
	cJSON *json = cJSON_CreateObject();
	enum oversub_status status = add_program(json, error);

	*origin = (struct store_origin){NULL};
	if (!status)
		status = add_plugins(json, policies, error);
	if (!status) {
		origin->text = cJSON_PrintUnformatted(json);
		if (!origin->text)
			status = oversub_fail(error, OVERSUB_FAILED, "out of memory");
	}
	cJSON_Delete(json);
	return status;
}

void store_origin_free(struct store_origin *origin)
{
	cJSON_free(origin->text);
	*origin = (struct store_origin){NULL};
}
