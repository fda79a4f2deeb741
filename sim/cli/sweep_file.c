/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/sweep_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/array.h"
#include "sim/base/suggest.h"
#include "sim/base/text.h"
#include "sim/output/files.h"

enum { VERSION = 1 };

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory reading a sweep file");
}

/* text, which may be NULL, becomes owned by file. */
static bool own(struct sweep_file *file, char *text)
{
	char **kept = text ? array_add(file->texts, file->nr_texts) : NULL;

	if (kept)
		*kept = text;
	else
		free(text);
	return kept;
}

/* A value as --set and --vary take it: strings without their quotes; for free(). */
static char *value_text(const cJSON *value)
{
	char *printed, *copy;

	if (cJSON_IsString(value))
		return strdup(value->valuestring);
	printed = cJSON_PrintUnformatted(value);
	copy = printed ? strdup(printed) : NULL;
	cJSON_free(printed);
	return copy;
}

static enum oversub_status wrong(const char *path, const char *key, const char *what,
				 struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: %s: expected %s", path, key, what);
}

/* ---- What a file can have ----------------------------------------------------------------------
 */

typedef enum oversub_status take_fn(struct sweep_file *file, const char *path, const cJSON *value,
				    struct oversub_error *error);

/* Relative to the file, if it is a path and not a name. */
static enum oversub_status take_scenario(struct sweep_file *file, const char *path,
					 const cJSON *value, struct oversub_error *error)
{
	char *parent, *text;

	if (!cJSON_IsString(value))
		return wrong(path, "scenario", "a name or a path", error);
	parent = output_parent(path);
	if (!strchr(value->valuestring, '/') || *value->valuestring == '/')
		text = strdup(value->valuestring);
	else
		text = parent ? output_path(parent, value->valuestring) : NULL;
	free(parent);
	if (!own(file, text))
		return out_of_memory(error);
	file->arguments[0] = text;
	return OVERSUB_OK;
}

static enum oversub_status add_override(struct sweep_file *file, const char *path,
					const char *value, struct oversub_error *error)
{
	struct scenario_override *added =
		array_add(file->options.overrides, file->options.nr_overrides);
	char *owned_path = strdup(path), *owned_value = strdup(value);
	bool good = own(file, owned_path);

	good &= own(file, owned_value);
	if (!added || !good)
		return out_of_memory(error);
	*added = (struct scenario_override){.path = owned_path, .value = owned_value};
	return OVERSUB_OK;
}

static enum oversub_status take_set(struct sweep_file *file, const char *path, const cJSON *value,
				    struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	const cJSON *member;

	if (!cJSON_IsObject(value))
		return wrong(path, "set", "an object of paths and values", error);
	for (member = value->child; !status && member; member = member->next) {
		char *text = value_text(member);

		status = text ? add_override(file, member->string, text, error)
			      : out_of_memory(error);
		free(text);
	}
	return status;
}

static enum oversub_status take_vary(struct sweep_file *file, const char *path, const cJSON *value,
				     struct oversub_error *error)
{
	const cJSON *member, *element;

	if (!cJSON_IsObject(value))
		return wrong(path, "vary", "an object of paths and lists of values", error);
	for (member = value->child; member; member = member->next) {
		const char **vary = array_add(file->options.vary, file->options.nr_vary);
		struct text spec = {0};
		char *text;

		text_add(&spec, "%s=", member->string);
		if (!cJSON_IsArray(member) && !cJSON_IsString(member))
			return wrong(path, "vary", "a list of values, or a range as a string",
				     error);
		if (cJSON_IsString(member))
			text_add(&spec, "%s", member->valuestring);
		cJSON_ArrayForEach(element, member)
		{
			text = value_text(element);
			text_add(&spec, "%s%s", element == member->child ? "" : ",",
				 text ? text : "");
			free(text);
		}
		text = text_take(&spec);
		if (!vary || !own(file, text))
			return out_of_memory(error);
		*vary = text;
	}
	return OVERSUB_OK;
}

static enum oversub_status take_design(struct sweep_file *file, const char *path,
				       const cJSON *value, struct oversub_error *error)
{
	char *text;

	if (!cJSON_IsString(value))
		return wrong(path, "design", "lhs:N, sobol:N or morris:R", error);
	text = strdup(value->valuestring);
	if (!own(file, text))
		return out_of_memory(error);
	if (!file->options.design)
		file->options.design = text;
	return OVERSUB_OK;
}

static enum oversub_status take_number(struct sweep_file *file, const char *path,
				       const cJSON *value, const char *key, const char *target,
				       struct oversub_error *error)
{
	char text[32];

	if (!cJSON_IsNumber(value) || value->valuedouble < 0 || value->valuedouble > 1e15 ||
	    value->valuedouble != (double)(int64_t)value->valuedouble)
		return wrong(path, key, "a whole number", error);
	snprintf(text, sizeof(text), "\"%" PRId64 "\"", (int64_t)value->valuedouble);
	/* A seed is a string, a number of replications is not. */
	if (!strcmp(key, "reps"))
		snprintf(text, sizeof(text), "%" PRId64, (int64_t)value->valuedouble);
	return add_override(file, target, text, error);
}

static enum oversub_status take_reps(struct sweep_file *file, const char *path, const cJSON *value,
				     struct oversub_error *error)
{
	return take_number(file, path, value, "reps", "run.replications", error);
}

static enum oversub_status take_seed(struct sweep_file *file, const char *path, const cJSON *value,
				     struct oversub_error *error)
{
	return take_number(file, path, value, "seed", "run.seed", error);
}

static enum oversub_status take_metrics(struct sweep_file *file, const char *path,
					const cJSON *value, struct oversub_error *error)
{
	const cJSON *element;

	if (!cJSON_IsArray(value))
		return wrong(path, "metrics", "a list of names", error);
	cJSON_ArrayForEach(element, value)
	{
		const char **metric = array_add(file->options.metrics, file->options.nr_metrics);
		char *text = cJSON_IsString(element) ? strdup(element->valuestring) : NULL;

		if (!cJSON_IsString(element))
			return wrong(path, "metrics", "a list of names", error);
		if (!metric || !own(file, text))
			return out_of_memory(error);
		*metric = text;
		if (!file->options.metric)
			file->options.metric = text;
	}
	return OVERSUB_OK;
}

static enum oversub_status take_nothing(struct sweep_file *file, const char *path,
					const cJSON *value, struct oversub_error *error)
{
	return OVERSUB_OK;
}

static const struct {
	const char *key;
	take_fn *take;
} keys[] = {
	{"oversub_sweep", take_nothing}, {"$schema", take_nothing}, {"title", take_nothing},
	{"scenario", take_scenario},	 {"set", take_set},	    {"vary", take_vary},
	{"design", take_design},	 {"reps", take_reps},	    {"seed", take_seed},
	{"metrics", take_metrics},
};

static enum oversub_status take_member(struct sweep_file *file, const char *path,
				       const cJSON *member, struct oversub_error *error)
{
	struct suggestion suggestion = {.wrong = member->string};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (!strcmp(keys[i].key, member->string))
			return keys[i].take(file, path, member, error);
		suggest(&suggestion, keys[i].key);
	}
	return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: a sweep has no \"%.100s\"%s%s%s", path,
			    member->string, suggestion.nearest ? "; did you mean \"" : "",
			    suggestion.nearest ? suggestion.nearest : "",
			    suggestion.nearest ? "\"?" : "");
}

/* What the command line says comes behind. */
static bool append_given(struct sweep_file *file, const struct cli_options *given)
{
	for (int i = 0; i < given->nr_overrides; i++) {
		struct scenario_override *added =
			array_add(file->options.overrides, file->options.nr_overrides);

		if (!added)
			return false;
		*added = given->overrides[i];
	}
	for (int i = 0; i < given->nr_metrics; i++) {
		const char **metric = array_add(file->options.metrics, file->options.nr_metrics);

		if (!metric)
			return false;
		*metric = given->metrics[i];
	}
	for (int i = 0; i < given->nr_vary; i++) {
		const char **vary = array_add(file->options.vary, file->options.nr_vary);

		if (!vary)
			return false;
		*vary = given->vary[i];
	}
	return true;
}

static enum oversub_status read_document(struct sweep_file *file, const struct cli_options *given,
					 const cJSON *document, const char *path,
					 struct oversub_error *error)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(document, "oversub_sweep"), *member;
	enum oversub_status status = OVERSUB_OK;

	if (!cJSON_IsNumber(version) || version->valuedouble != VERSION)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: oversub_sweep: this oversub reads version %d", path,
				    VERSION);
	file->is_file = true;
	file->options.overrides = NULL;
	file->options.vary = NULL;
	file->options.metrics = NULL;
	file->options.nr_overrides = file->options.nr_vary = file->options.nr_metrics = 0;
	for (member = document->child; !status && member; member = member->next)
		status = take_member(file, path, member, error);
	if (!status && !file->arguments[0])
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "%s: it names no \"scenario\"",
				      path);
	if (!status && !append_given(file, given))
		status = out_of_memory(error);
	file->options.arguments = file->arguments;
	return status;
}

enum oversub_status sweep_file_read(struct sweep_file *file, const struct cli_options *options,
				    struct oversub_error *error)
{
	cJSON *document = NULL;
	char *path = NULL;
	enum oversub_status status = scenario_read(options->arguments[0], &document, &path, error);

	*file = (struct sweep_file){.options = *options};
	if (!status && cJSON_HasObjectItem(document, "oversub_sweep"))
		status = read_document(file, options, document, path, error);
	cJSON_Delete(document);
	free(path);
	return status;
}

void sweep_file_free(struct sweep_file *file)
{
	/* Without a file all of it belongs to the command line. */
	if (file->is_file) {
		free(file->options.overrides);
		free(file->options.vary);
		free(file->options.metrics);
	}
	for (size_t i = 0; i < file->nr_texts; i++)
		free(file->texts[i]);
	free(file->texts);
	*file = (struct sweep_file){0};
}
