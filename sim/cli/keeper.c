/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/keeper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/text.h"
#include "sim/cli/message.h"
#include "sim/output/files.h"

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory for the points of the sweep");
}

/* ---- The directory -------------------------------------------------------------------------- */

/* The part of path, from its beginning, that is missing; NULL: it is there, or no memory. */
static char *first_missing(const char *path)
{
	char *missing = NULL, *at = strdup(path);

	while (at && access(at, F_OK)) {
		free(missing);
		missing = at;
		at = output_parent(missing);
	}
	free(at);
	return missing;
}

/* Remove what is empty, from directory up to made. rmdir() leaves alone what holds something. */
static void remove_made(const char *directory, const char *made)
{
	char *at = strdup(directory);

	while (at && !rmdir(at) && strcmp(at, made)) {
		char *above = output_parent(at);

		free(at);
		at = above;
	}
	free(at);
}

/* ---- What is there -------------------------------------------------------------------------- */

static void count(struct keeper *keeper, struct scenario *const *scenarios)
{
	keeper->nr_wanted = keeper->nr_found = 0;
	for (size_t i = 0; i < keeper->nr_points; i++) {
		uint32_t nr = (uint32_t)scenarios[i]->run.replications;

		keeper->nr_there[i] = 0;
		keeper->first_pair[i + 1] = keeper->first_pair[i] + nr;
		for (uint32_t r = 0; r < nr; r++) {
			bool there = keeper_has(keeper, i, r);
			bool ours = shard_has(keeper->shard, keeper->first_pair[i] + r);

			keeper->nr_there[i] += there;
			keeper->nr_wanted += ours;
			keeper->nr_found += ours && there;
		}
	}
}

static enum oversub_status identify(struct keeper *keeper, struct scenario *const *scenarios,
				    struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	keeper->ids = calloc(keeper->nr_points + 1, sizeof(*keeper->ids));
	keeper->nr_there = calloc(keeper->nr_points + 1, sizeof(*keeper->nr_there));
	keeper->first_pair = calloc(keeper->nr_points + 1, sizeof(*keeper->first_pair));
	if (!keeper->ids || !keeper->nr_there || !keeper->first_pair)
		return out_of_memory(error);
	for (size_t i = 0; !status && i < keeper->nr_points; i++)
		status = store_point_id(scenarios[i], &keeper->ids[i], error);
	if (!status)
		count(keeper, scenarios);
	return status;
}

enum oversub_status keeper_refresh(struct keeper *keeper, struct scenario *const *scenarios,
				   struct oversub_error *error)
{
	enum oversub_status status = store_refresh(&keeper->store, error);

	if (!status)
		count(keeper, scenarios);
	return status;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* How many replications of the store belong to none of the points. */
static size_t count_strangers(const struct keeper *keeper)
{
	size_t size = keeper->nr_points * sizeof(uint64_t), nr = 0;
	uint64_t *sorted = malloc(size + 1);

	if (!sorted)
		return 0;
	memcpy(sorted, keeper->ids, size);
	qsort(sorted, keeper->nr_points, sizeof(uint64_t), by_value);
	for (size_t i = 0; i < keeper->store.nr_found; i++)
		nr += !bsearch(&keeper->store.found[i].point, sorted, keeper->nr_points,
			       sizeof(uint64_t), by_value);
	free(sorted);
	return nr;
}

static enum oversub_status check_strangers(const struct keeper *keeper,
					   const struct cli_options *options,
					   struct oversub_error *error)
{
	size_t strangers = options->mixed ? 0 : count_strangers(keeper);

	if (!strangers)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s cannot be resumed: %zu of its %zu replications were made from "
			    "another scenario, seed or value; --force replaces them, "
			    "--resume=mixed leaves them there, or name another --out",
			    keeper->directory, strangers, keeper->store.nr_found);
}

/* Results whose replications nobody can check. */
static enum oversub_status check_journal(const char *directory, const struct cli_options *options,
					 struct oversub_error *error)
{
	bool results = output_exists(directory, "result.json") ||
		       output_exists(directory, "points") || output_exists(directory, "sweep.csv");

	if (!options->resume || !results || store_is_in(directory))
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT,
			    "%s cannot be resumed: it has results, but no " OUTPUT_JOURNAL
			    " that says what they come from; --force replaces them, or name "
			    "another --out",
			    directory);
}

static enum oversub_status open_store(struct keeper *keeper, const struct cli_options *options,
				      struct scenario *const *scenarios, enum keeper_points allowed,
				      struct oversub_error *error)
{
	/* What other shares have done is there in time. */
	enum store_use use = options->mixed			    ? STORE_MIXED
			     : options->resume || options->shard.of ? STORE_RESUME
								    : STORE_NEW;
	char name[64];
	struct store_origin origin;
	enum oversub_status status = store_origin_of(&options->policies, &origin, error);

	if (!status)
		status = store_open(&keeper->store, keeper->directory,
				    shard_journal(keeper->shard, name), use, &origin, error);
	if (!status)
		status = identify(keeper, scenarios, error);
	if (!status && allowed == KEEPER_THESE_ALONE)
		status = check_strangers(keeper, options, error);
	if (!status && keeper->shard.of && !options->resume && !keeper->store.is_new)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s has replications of this share already: go on with "
				      "--resume, or name another --out",
				      keeper->directory);
	if (!status)
		status = store_begin(&keeper->store, &origin, error);
	store_origin_free(&origin);
	return status;
}

enum oversub_status keeper_open(struct keeper *keeper, const struct destination *destination,
				const struct cli_options *options,
				struct scenario *const *scenarios, size_t nr_points,
				enum keeper_points allowed, struct oversub_error *error)
{
	enum oversub_status status;
	const char *directory = destination->work;

	*keeper = (struct keeper){.directory = directory,
				  .place = destination->path,
				  .shard = options->shard,
				  .nr_points = nr_points};
	if (!directory)
		return OVERSUB_OK;
	keeper->made = first_missing(directory);
	status = check_journal(directory, options, error);
	if (!status)
		status = output_directory_create(directory, error);
	if (!status)
		status = open_store(keeper, options, scenarios, allowed, error);
	/* Those of other shares may be in use. */
	if (!status && !keeper->shard.of)
		output_temporaries_remove(directory);
	return status;
}

void keeper_close(struct keeper *keeper)
{
	store_close(&keeper->store);
	if (keeper->made)
		remove_made(keeper->directory, keeper->made);
	free(keeper->made);
	free(keeper->ids);
	free(keeper->nr_there);
	free(keeper->first_pair);
	*keeper = (struct keeper){NULL};
}

bool keeper_has(const struct keeper *keeper, size_t point, uint32_t replication)
{
	return store_find(&keeper->store, keeper->ids[point], replication);
}

bool keeper_skips(const struct keeper *keeper, size_t point, uint32_t replication)
{
	return !shard_has(keeper->shard, keeper->first_pair[point] + replication) ||
	       keeper_has(keeper, point, replication);
}

bool keeper_had_all(const struct keeper *keeper, size_t point, const struct scenario *scenario)
{
	return keeper->nr_there && keeper->nr_there[point] == scenario->run.replications;
}

/* ---- What the user is told ------------------------------------------------------------------ */

void keeper_tell(const struct keeper *keeper)
{
	const struct journal_damage *damage = &keeper->store.damage;

	if (!keeper->directory)
		return;
	if (damage->nr_bad)
		message_note("%zu damaged line%s of the journal in %s: what %s held is done again",
			     damage->nr_bad, damage->nr_bad == 1 ? "" : "s", keeper->directory,
			     damage->nr_bad == 1 ? "it" : "they");
	if (keeper->nr_found)
		message_note("%" PRIu64 " of %" PRIu64 " replications are there already",
			     keeper->nr_found, keeper->nr_wanted);
}

/* Add argument as a shell wants it. */
static void add_quoted(struct text *text, const char *argument)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=./,:@%";

	if (*argument && strspn(argument, plain) == strlen(argument)) {
		text_add(text, " %s", argument);
		return;
	}
	text_add(text, " '");
	for (; *argument; argument++)
		text_add(text, *argument == '\'' ? "'\\''" : "%c", *argument);
	text_add(text, "'");
}

/* The command line again, with --resume, for free(); share: of this share alone. */
static char *resume_command(const struct keeper *keeper, const struct cli_options *options,
			    bool share)
{
	struct text line = {0};

	text_add(&line, "oversub");
	for (int i = 0; i < options->argc; i++) {
		const char *argument = options->typed[i];

		if (!share && !strncmp(argument, "--shard=", 8))
			continue;
		if (!share && !strcmp(argument, "--shard"))
			i++;
		else
			add_quoted(&line, argument);
	}
	if (!options->out) {
		text_add(&line, " --out");
		add_quoted(&line, keeper->place);
	}
	if (!options->resume)
		text_add(&line, " --resume");
	return text_take(&line);
}

void keeper_tell_rest(const struct keeper *keeper, const struct cli_options *options,
		      uint64_t nr_done)
{
	char *command;

	if (!keeper->directory || keeper->nr_found + nr_done == 0)
		return;
	command = resume_command(keeper, options, true);
	message_note("%" PRIu64 " of %" PRIu64 " replications are complete in %s; to go on: %s",
		     keeper->nr_found + nr_done, keeper->nr_wanted, keeper->directory,
		     command ? command : "");
	free(command);
}

void keeper_tell_share(const struct keeper *keeper, const struct cli_options *options)
{
	char *command = resume_command(keeper, options, false);

	if (!options->quiet)
		printf("share %" PRId64 " of %" PRId64 ": %" PRIu64
		       " replications in %s\nwhen all shares are there: %s\n",
		       keeper->shard.number, keeper->shard.of, keeper->nr_wanted, keeper->place,
		       command ? command : "");
	free(command);
}
