/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oversub status DIR: how far it is, from its journals. */
#define _GNU_SOURCE
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/cli/command.h"
#include "sim/output/files.h"
#include "sim/output/json_writer.h"
#include "sim/output/replication_store.h"
#include "sim/output/sweep_json.h"

struct progress_found {
	const char *directory;
	bool is_sweep;
	size_t nr_points, nr_complete; /* of a sweep; 1 and whether there is a result of a run */
	uint64_t nr_wanted, nr_found;  /* replications; nr_wanted of a run is not known: 0 */
	double cpu_s;		       /* that those found have taken */
	struct journal_damage damage;
	struct text writers; /* "process 17 on host", one after another */
};

static enum oversub_status count_replications(struct progress_found *found,
					      struct oversub_error *error)
{
	struct replication_store store;
	enum oversub_status status = store_read(&store, found->directory, error);

	if (status)
		return status;
	found->nr_found = store.nr_found;
	found->cpu_s = store.cpu_s;
	found->damage = store.damage;
	store_close(&store);
	return OVERSUB_OK;
}

static enum oversub_status count_points(struct progress_found *found, struct oversub_error *error)
{
	struct sweep_grid grid;
	enum oversub_status status;

	found->is_sweep = output_exists(found->directory, "sweep.json");
	if (!found->is_sweep) {
		found->nr_points = 1;
		found->nr_complete = output_exists(found->directory, "result.json");
		return OVERSUB_OK;
	}
	status = sweep_json_read(found->directory, &grid, error);
	if (!status)
		status = sweep_json_replications(found->directory, &found->nr_wanted, error);
	for (size_t i = 0; !status && i < grid.nr_points; i++) {
		char name[SWEEP_POINT_NAME];
		char *path = output_path(found->directory,
					 sweep_point_directory(i, grid.nr_points, name));

		found->nr_complete += path && output_exists(path, "result.json");
		free(path);
	}
	found->nr_points = grid.nr_points;
	sweep_grid_free(&grid);
	return status;
}

static void find_writers(struct progress_found *found)
{
	DIR *directory = opendir(found->directory);
	const struct dirent *entry;
	char who[128];

	while (directory && (entry = readdir(directory))) {
		char *path = output_path(found->directory, entry->d_name);

		if (path && journal_is_name(entry->d_name) && journal_is_locked(path))
			text_join(&found->writers, ", ", "%s", store_writer(path, who));
		free(path);
	}
	if (directory)
		closedir(directory);
}

static double cpu_left(const struct progress_found *found)
{
	if (!found->nr_found || found->nr_found >= found->nr_wanted)
		return 0;
	return found->cpu_s / (double)found->nr_found *
	       (double)(found->nr_wanted - found->nr_found);
}

static void show(const struct progress_found *found)
{
	printf("%s: ", found->directory);
	if (found->nr_wanted)
		printf("%" PRIu64 " of %" PRIu64 " replications", found->nr_found,
		       found->nr_wanted);
	else
		printf("%" PRIu64 " replication%s", found->nr_found,
		       found->nr_found == 1 ? "" : "s");
	if (found->is_sweep)
		printf(", %zu of %zu points complete", found->nr_complete, found->nr_points);
	else
		printf(", %s", found->nr_complete ? "complete" : "no result yet");
	printf("; %.3g s CPU taken", found->cpu_s);
	if (cpu_left(found) > 0)
		printf(", about %.3g s left", cpu_left(found));
	printf("\n%s%s\n", found->writers.at ? "being written by " : "nobody writes there",
	       found->writers.at ? found->writers.at : "");
	if (found->damage.nr_bad)
		printf("%zu damaged lines; --resume does again what they held\n",
		       found->damage.nr_bad);
}

static void show_json(const struct progress_found *found)
{
	struct json_writer writer;

	json_start(&writer, stdout);
	json_object(&writer, NULL, false);
	json_string(&writer, "directory", found->directory);
	json_integer(&writer, "replications", (int64_t)found->nr_found);
	if (found->nr_wanted)
		json_integer(&writer, "of_replications", (int64_t)found->nr_wanted);
	json_integer(&writer, "points", (int64_t)found->nr_complete);
	json_integer(&writer, "of_points", (int64_t)found->nr_points);
	json_number(&writer, "cpu_s", found->cpu_s);
	json_number(&writer, "cpu_s_left", cpu_left(found));
	json_integer(&writer, "damaged_lines", (int64_t)found->damage.nr_bad);
	json_string(&writer, "writers", found->writers.at);
	json_end(&writer);
	json_finish(&writer);
}

enum oversub_status cmd_status(const struct cli_options *options, struct oversub_error *error)
{
	struct progress_found found = {.directory = options->arguments[0]};
	enum oversub_status status;

	if (!store_is_in(found.directory))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s has no " OUTPUT_JOURNAL ": name a directory that `oversub "
				    "run` or `oversub sweep` writes, or has written",
				    found.directory);
	status = count_replications(&found, error);
	if (!status)
		status = count_points(&found, error);
	if (!status) {
		find_writers(&found);
		if (options->json)
			show_json(&found);
		else
			show(&found);
	}
	free(found.writers.at);
	return status;
}
