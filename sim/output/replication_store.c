/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/output/replication_store.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/array.h"
#include "sim/output/digest.h"
#include "sim/output/files.h"
#include "sim/output/replication_json.h"

enum { BUSY_TRIES = 20 };
static const struct timespec busy_pause = {.tv_nsec = 10000000};

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the journal");
}

bool store_is_in(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	bool found = false;

	while (directory && !found && (entry = readdir(directory)))
		found = journal_is_name(entry->d_name);
	if (directory)
		closedir(directory);
	return found;
}

static uint64_t id_of(const char *text)
{
	char hex[DIGEST_HEX];

	digest_bytes(text, strlen(text), hex);
	hex[16] = '\0';
	return strtoull(hex, NULL, 16);
}

enum oversub_status store_point_id(const struct scenario *scenario, uint64_t *id,
				   struct oversub_error *error)
{
	cJSON *document = cJSON_Duplicate(scenario->json, true);
	char *json = NULL, *text = NULL;

	cJSON_DeleteItemFromObjectCaseSensitive(cJSON_GetObjectItemCaseSensitive(document, "run"),
						"replications");
	if (document)
		json = cJSON_PrintUnformatted(document);
	/* Documents say of times and seeds what a user wrote; the last word is what it came to. */
	if (json &&
	    asprintf(&text, "%s\n%s\n%" PRIu64 " %" PRId64 " %" PRId64 "\n", scenario->name, json,
		     scenario->run.seed, scenario->run.warmup_ns, scenario->run.measure_ns) < 0)
		text = NULL;
	if (text)
		*id = id_of(text);
	cJSON_Delete(document);
	cJSON_free(json);
	free(text);
	return text ? OVERSUB_OK : out_of_memory(error);
}

/* ---- What is there -------------------------------------------------------------------------- */

/* One journal while it is read. */
struct reading {
	struct replication_store *store;
	const struct store_origin *origin; /* NULL: any will do */
	uint32_t journal;		   /* its number */
	bool ours;			   /* it is the one that is written */
};

static const struct stored_names *find_names(const struct replication_store *store, uint64_t id)
{
	for (size_t i = store->nr_names; i-- > 0;)
		if (store->names[i].id == id)
			return &store->names[i];
	return NULL;
}

static enum oversub_status note_written(struct replication_store *store, uint64_t id,
					struct oversub_error *error)
{
	uint64_t *written = array_add(store->written_names, store->nr_written_names);

	if (!written)
		return out_of_memory(error);
	*written = id;
	return OVERSUB_OK;
}

static enum oversub_status take_names(struct reading *reading, uint64_t id, const char *text,
				      struct oversub_error *error)
{
	struct replication_store *store = reading->store;
	struct stored_names *names;
	cJSON *json;

	if (reading->ours && note_written(store, id, error))
		return OVERSUB_FAILED;
	if (find_names(store, id))
		return OVERSUB_OK;
	json = cJSON_Parse(text);
	names = json ? array_add(store->names, store->nr_names) : NULL;
	if (!names) {
		cJSON_Delete(json);
		return out_of_memory(error);
	}
	*names = (struct stored_names){id, json};
	return OVERSUB_OK;
}

static enum oversub_status take_origin(const struct reading *reading, const char *text,
				       struct oversub_error *error)
{
	const char *ours = reading->origin ? reading->origin->text : NULL;
	cJSON *json = cJSON_Parse(text);
	const cJSON *there = cJSON_GetObjectItemCaseSensitive(json, "origin");
	char *theirs = there ? cJSON_PrintUnformatted(there) : NULL;
	enum oversub_status status = OVERSUB_OK;

	if (ours && (!theirs || strcmp(ours, theirs)))
		status = oversub_fail(
			error, OVERSUB_BAD_INPUT,
			"%s was computed by another program or other plug-ins: there %.300s, here "
			"%.300s; --resume=mixed goes on all the same, or name another --out",
			reading->store->directory, theirs ? theirs : "nothing", ours);
	cJSON_free(theirs);
	cJSON_Delete(json);
	return status;
}

static enum oversub_status take_line(void *context, const char *text, struct journal_place place,
				     struct oversub_error *error)
{
	struct reading *reading = context;
	struct stored_replication found = {.journal = reading->journal, .line = place}, *kept;
	const char *wall;
	uint64_t names;

	if (!strncmp(text, "{\"origin\"", 9))
		return take_origin(reading, text, error);
	if (sscanf(text, "{\"names\": \"%16" SCNx64, &names) == 1)
		return take_names(reading, names, text, error);
	if (sscanf(text,
		   "{\"point\": \"%16" SCNx64 "\", \"replication\": %" SCNu32
		   ", \"names\": \"%16" SCNx64,
		   &found.point, &found.replication, &found.names) != 3)
		return OVERSUB_OK; /* of a later version: not ours to read, and not to lose */
	kept = array_add(reading->store->found, reading->store->nr_found);
	if (!kept)
		return out_of_memory(error);
	*kept = found;
	if ((wall = strstr(text, "\"wall_s\": ")))
		reading->store->cpu_s += strtod(wall + strlen("\"wall_s\": "), NULL);
	return OVERSUB_OK;
}

static enum oversub_status read_journal(struct replication_store *store, const char *name,
					const struct store_origin *origin,
					struct oversub_error *error)
{
	char *path = output_path(store->directory, name), **kept;
	struct reading reading = {store, origin, (uint32_t)store->nr_journals};
	struct journal_damage damage;
	enum oversub_status status;

	if (!path)
		return out_of_memory(error);
	kept = array_add(store->journals, store->nr_journals);
	if (!kept) {
		free(path);
		return out_of_memory(error);
	}
	*kept = path;
	reading.ours = store->journal.path && !strcmp(store->journal.path, path);
	if (reading.ours)
		store->own = reading.journal;
	status = journal_read(path, take_line, &reading, &damage, error);
	store->damage.nr_bad += damage.nr_bad;
	store->damage.torn |= damage.torn;
	return status;
}

static int by_point(const void *a, const void *b)
{
	const struct stored_replication *x = a, *y = b;

	if (x->point != y->point)
		return x->point < y->point ? -1 : 1;
	if (x->replication != y->replication)
		return x->replication < y->replication ? -1 : 1;
	return 0;
}

/* Without its names, which may stand on a damaged line, a replication says nothing. */
static void drop_nameless(struct replication_store *store)
{
	size_t nr = 0;

	for (size_t i = 0; i < store->nr_found; i++)
		if (find_names(store, store->found[i].names))
			store->found[nr++] = store->found[i];
	store->nr_found = nr;
}

static enum oversub_status read_journals(struct replication_store *store,
					 const struct store_origin *origin,
					 struct oversub_error *error)
{
	DIR *directory = opendir(store->directory);
	enum oversub_status status = OVERSUB_OK;
	const struct dirent *entry;

	if (!directory)
		return oversub_fail(error, OVERSUB_BAD_INPUT, "cannot read %s: %s",
				    store->directory, strerror(errno));
	while (!status && (entry = readdir(directory)))
		if (journal_is_name(entry->d_name))
			status = read_journal(store, entry->d_name, origin, error);
	closedir(directory);
	drop_nameless(store);
	if (store->nr_found)
		qsort(store->found, store->nr_found, sizeof(*store->found), by_point);
	return status;
}

const struct stored_replication *store_find(const struct replication_store *store, uint64_t point,
					    uint32_t replication)
{
	struct stored_replication wanted = {.point = point, .replication = replication};

	if (!store->nr_found)
		return NULL;
	return bsearch(&wanted, store->found, store->nr_found, sizeof(wanted), by_point);
}

enum oversub_status store_recall(const struct replication_store *store,
				 const struct stored_replication *which,
				 struct replication_result *result, struct oversub_error *error)
{
	const char *path = store->journals[which->journal];
	const struct stored_names *names = find_names(store, which->names);
	char *line = journal_line(path, which->line);
	cJSON *json = line ? cJSON_Parse(line) : NULL;
	enum oversub_status status;

	if (json && names)
		status = replication_read(cJSON_GetObjectItemCaseSensitive(names->json, "of"),
					  cJSON_GetObjectItemCaseSensitive(json, "of"), result,
					  error);
	else
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s has changed while it was in use: try again", path);
	cJSON_Delete(json);
	free(line);
	return status;
}

/* ---- Opening and closing ---------------------------------------------------------------------*/

enum oversub_status store_read(struct replication_store *store, const char *directory,
			       struct oversub_error *error)
{
	enum oversub_status status;

	*store = (struct replication_store){.directory = strdup(directory),
					    .journal = JOURNAL_CLOSED};
	status = store->directory ? read_journals(store, NULL, error) : out_of_memory(error);
	if (status)
		store_close(store);
	return status;
}

enum oversub_status store_begin(struct replication_store *store, const struct store_origin *origin,
				struct oversub_error *error)
{
	char host[256] = "";
	struct journal_place place;
	char *line;
	enum oversub_status status;

	gethostname(host, sizeof(host) - 1);
	for (char *c = host; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.')
			*c = '-';
	if (asprintf(&line, "{\"origin\": %s, \"host\": \"%s\", \"pid\": %d}", origin->text, host,
		     (int)getpid()) < 0)
		return out_of_memory(error);
	status = journal_add(&store->journal, line, &place, error);
	free(line);
	return status;
}

/* The last of the writers that a journal names. */
struct writer {
	char host[64];
	int pid;
};

static enum oversub_status take_writer(void *context, const char *text, struct journal_place place,
				       struct oversub_error *error)
{
	struct writer *writer = context;
	const char *at = strncmp(text, "{\"origin\"", 9) ? NULL : strstr(text, ", \"host\": \"");

	if (at)
		sscanf(at, ", \"host\": \"%63[^\"]\", \"pid\": %d", writer->host, &writer->pid);
	return OVERSUB_OK;
}

const char *store_writer(const char *path, char text[128])
{
	struct writer writer = {"?", 0};
	struct journal_damage damage;
	struct oversub_error error;

	if (!journal_read(path, take_writer, &writer, &damage, &error) && writer.pid)
		snprintf(text, 128, "process %d on %s", writer.pid, writer.host);
	else
		snprintf(text, 128, "another oversub");
	return text;
}

/* Who keeps us out. */
static enum oversub_status busy(const char *directory, const char *path,
				struct oversub_error *error)
{
	char who[128];

	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s is being written by %s: wait until it has ended, or name another "
			    "--out",
			    directory, store_writer(path, who));
}

static enum oversub_status open_journal(struct replication_store *store, const char *name,
					struct oversub_error *error)
{
	char *path = output_path(store->directory, name);
	enum oversub_status status;
	bool is_busy;

	if (!path)
		return out_of_memory(error);
	status = journal_open(&store->journal, path, &is_busy, error);
	/* A child between fork() and exec() keeps the lock of a program that was killed. */
	for (int i = 0; is_busy && i < BUSY_TRIES; i++) {
		nanosleep(&busy_pause, NULL);
		status = journal_open(&store->journal, path, &is_busy, error);
	}
	if (is_busy)
		status = busy(store->directory, path, error);
	store->is_new = !status && !store->journal.end;
	free(path);
	return status;
}

enum oversub_status store_open(struct replication_store *store, const char *directory,
			       const char *name, enum store_use use,
			       const struct store_origin *origin, struct oversub_error *error)
{
	enum oversub_status status;

	*store = (struct replication_store){.directory = strdup(directory),
					    .journal = JOURNAL_CLOSED};
	status = store->directory ? open_journal(store, name, error) : out_of_memory(error);
	if (!status)
		status = read_journals(store, use == STORE_RESUME ? origin : NULL, error);
	if (!status && use == STORE_NEW && store->nr_found)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "output directory %s is not empty: name another one with "
				      "--out, or replace the results in it with --force",
				      directory);
	if (status)
		store_close(store);
	return status;
}

void store_close(struct replication_store *store)
{
	if (store->journal.path && store->is_new && !store->nr_added)
		unlink(store->journal.path);
	if (store->directory)
		journal_close(&store->journal);
	for (size_t i = 0; i < store->nr_journals; i++)
		free(store->journals[i]);
	for (size_t i = 0; i < store->nr_names; i++)
		cJSON_Delete(store->names[i].json);
	free(store->directory);
	free(store->journals);
	free(store->found);
	free(store->names);
	free(store->written_names);
	free(store->fresh);
	*store = (struct replication_store){.journal = JOURNAL_CLOSED};
}

/* ---- Adding --------------------------------------------------------------------------------- */

/* Add a line "{head, "of": what}"; *place becomes where it is. */
static enum oversub_status add_line(struct replication_store *store, const char *head,
				    const char *of, struct journal_place *place,
				    struct oversub_error *error)
{
	enum oversub_status status;
	char *line;

	if (asprintf(&line, "{%s, \"of\": %s}", head, of) < 0)
		return out_of_memory(error);
	status = journal_add(&store->journal, line, place, error);
	free(line);
	return status;
}

static enum oversub_status add_names(struct replication_store *store, uint64_t id,
				     const char *names, struct oversub_error *error)
{
	struct journal_place place;
	enum oversub_status status;
	char head[64];

	for (size_t i = store->nr_written_names; i-- > 0;)
		if (store->written_names[i] == id)
			return OVERSUB_OK;
	snprintf(head, sizeof(head), "\"names\": \"%016" PRIx64 "\"", id);
	status = add_line(store, head, names, &place, error);
	return status ? status : note_written(store, id, error);
}

/* Names are read back as they will be from the file. */
static enum oversub_status keep_names(struct replication_store *store, uint64_t id,
				      const char *names, struct oversub_error *error)
{
	struct reading reading = {.store = store};
	enum oversub_status status;
	char *line;

	if (find_names(store, id))
		return OVERSUB_OK;
	if (asprintf(&line, "{\"of\": %s}", names) < 0)
		return out_of_memory(error);
	status = take_names(&reading, id, line, error);
	free(line);
	return status;
}

enum oversub_status store_add(struct replication_store *store, uint64_t point, uint32_t replication,
			      const struct replication_result *result, struct oversub_error *error)
{
	char *names = replication_names(result), *values = replication_values(result);
	struct stored_replication *fresh = array_add(store->fresh, store->nr_fresh);
	enum oversub_status status = OVERSUB_OK;
	uint64_t id = names ? id_of(names) : 0;
	char head[128];

	if (!names || !values || !fresh)
		status = out_of_memory(error);
	if (!status)
		status = add_names(store, id, names, error);
	if (!status)
		status = keep_names(store, id, names, error);
	snprintf(head, sizeof(head),
		 "\"point\": \"%016" PRIx64 "\", \"replication\": %" PRIu32
		 ", \"names\": \"%016" PRIx64 "\"",
		 point, replication, id);
	if (!status) {
		*fresh = (struct stored_replication){.point = point,
						     .replication = replication,
						     .journal = store->own,
						     .names = id};
		status = add_line(store, head, values, &fresh->line, error);
	}
	store->nr_added += !status;
	free(names);
	free(values);
	return status;
}

enum oversub_status store_refresh(struct replication_store *store, struct oversub_error *error)
{
	if (!array_make_room(&store->found, store->nr_found, store->nr_found + store->nr_fresh,
			     sizeof(*store->found)))
		return out_of_memory(error);
	if (store->nr_fresh)
		memcpy(store->found + store->nr_found, store->fresh,
		       store->nr_fresh * sizeof(*store->fresh));
	store->nr_found += store->nr_fresh;
	store->nr_fresh = 0;
	if (store->nr_found)
		qsort(store->found, store->nr_found, sizeof(*store->found), by_point);
	return OVERSUB_OK;
}

enum oversub_status store_sync(struct replication_store *store, struct oversub_error *error)
{
	return journal_sync(&store->journal, error);
}
