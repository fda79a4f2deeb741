/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which file a scenario's name means, and reading it. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/scenario/data_directory.h"
#include "sim/scenario/json_text.h"
#include "sim/base/suggest.h"
#include "sim/scenario/scenario_internal.h"
#include "sim/scenario/workload_file.h"

static bool is_path(const char *text)
{
	size_t length = strlen(text);

	return strchr(text, '/') || (length >= 5 && !strcmp(text + length - 5, ".json"));
}

static bool is_file(const char *path)
{
	struct stat info;

	return !stat(path, &info) && !S_ISDIR(info.st_mode);
}

static enum oversub_status found(const char *path, char **file, struct oversub_error *error)
{
	*file = strdup(path);
	return *file ? OVERSUB_OK : oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

/* The nearest of the names in directory without their ".json", into near, if one is nearer yet. */
static void look_near(struct suggestion *suggestion, const char *directory, char *near, size_t size)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		size_t length = strlen(entry->d_name);
		char name[NAME_MAX + 1];

		if (length <= 5 || strcmp(entry->d_name + length - 5, ".json") != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)length - 5, entry->d_name);
		suggest(suggestion, name);
		if (suggestion->nearest != name)
			continue;
		snprintf(near, size, "%s", name);
		suggestion->nearest = near;
	}
	if (stream)
		closedir(stream);
}

/* What may have been meant by a name that there is not: into near. */
static bool find_near(const char *name, char *near, size_t size)
{
	struct suggestion suggestion = {.wrong = name};
	char directory[SCENARIO_PATH_MAX];

	snprintf(near, size, "%.200s.json", name);
	if (is_file(near))
		return true;
	for (int i = 0; scenario_directory(i, directory); i++)
		look_near(&suggestion, directory, near, size);
	return suggestion.nearest != NULL;
}

enum oversub_status scenario_find(const char *path_or_name, char **file,
				  struct oversub_error *error)
{
	char directory[SCENARIO_PATH_MAX];
	char path[SCENARIO_PATH_MAX + 512];
	char looked[600] = "", near[NAME_MAX + 1];

	if (is_path(path_or_name) || is_file(path_or_name))
		return found(path_or_name, file, error);
	for (int i = 0; scenario_directory(i, directory); i++) {
		size_t used = strlen(looked);

		snprintf(path, sizeof(path), "%s/%.255s.json", directory, path_or_name);
		if (is_file(path))
			return found(path, file, error);
		snprintf(looked + used, sizeof(looked) - used, "%s%.200s/", used ? ", " : "",
			 directory);
	}
	if (find_near(path_or_name, near, sizeof(near)))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "no scenario \"%.100s\"; did you mean %s?", path_or_name, near);
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "no scenario \"%.100s\": looked for a file of that name, and for "
			    "%.100s.json in %s; `oversub list scenarios` shows what there is",
			    path_or_name, path_or_name, looked);
}

enum oversub_status scenario_read(const char *path_or_name, cJSON **document, char **file,
				  struct oversub_error *error)
{
	enum oversub_status status;
	size_t size;
	char *text;

	*document = NULL;
	status = scenario_find(path_or_name, file, error);
	if (status)
		return status;
	status = json_text_read(*file, SCENARIO_MAX_BYTES, &text, &size, error);
	if (!status) {
		status = json_text_parse(*file, text, size, SCENARIO_MAX_DEPTH, document, error);
		free(text);
	}
	if (!status)
		status = workload_files_embed(*document, *file, error);
	if (status) {
		cJSON_Delete(*document);
		*document = NULL;
		free(*file);
		*file = NULL;
	}
	return status;
}
