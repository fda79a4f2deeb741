/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/destination.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/message.h"
#include "sim/output/files.h"

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

/* A directory that was named, by --out or as the usual one. */
static enum oversub_status take(struct destination *destination, const char *path, bool reuse,
				struct oversub_error *error)
{
	destination->path = strdup(path);
	if (!destination->path)
		return out_of_memory(error);
	return output_directory_check(path, reuse, error);
}

/*
 * A new one. It is said even with --quiet: a script that reads the usual one afterwards would read
 * old results.
 */
static enum oversub_status claim(struct destination *destination, const char *usual,
				 struct oversub_error *error)
{
	enum oversub_status status = output_claim_make(&destination->claim, usual, error);

	if (status)
		return status;
	destination->path = strdup(destination->claim.path);
	if (!destination->path)
		return out_of_memory(error);
	if (!destination->claim.is_usual)
		message_note("%s is there already: results go to %s", usual, destination->path);
	return OVERSUB_OK;
}

/* The sweep that --resume means; if there is none, a new one. */
static enum oversub_status resume(struct destination *destination, const char *usual,
				  const struct destination_files *files,
				  struct oversub_error *error)
{
	char *path = output_claim_find(usual, files->first, files->last);
	enum oversub_status status;

	if (!path)
		return claim(destination, usual, error);
	if (strcmp(path, usual))
		message_note("resuming %s", path);
	status = take(destination, path, true, error);
	free(path);
	return status;
}

static enum oversub_status choose(struct destination *destination,
				  const struct cli_options *options, const char *name,
				  const char *suffix, const struct destination_files *files,
				  struct oversub_error *error)
{
	enum oversub_status status;
	char *usual;

	if (options->out)
		return take(destination, options->out,
			    options->force || options->resume || options->shard.of, error);
	if (options->json)
		return OVERSUB_OK;
	if (asprintf(&usual, "out/%s%s", name, suffix) < 0)
		return out_of_memory(error);
	if (options->force)
		status = take(destination, usual, true, error);
	else if (options->resume)
		status = resume(destination, usual, files, error);
	else
		status = claim(destination, usual, error);
	free(usual);
	return status;
}

enum oversub_status destination_choose(struct destination *destination,
				       const struct cli_options *options, const char *name,
				       const char *suffix, const struct destination_files *files,
				       struct oversub_error *error)
{
	enum oversub_status status;

	*destination = (struct destination){.replacement.earlier = JOURNAL_CLOSED};
	if (options->shard.of && (options->force || !options->out))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "--shard: name the directory that all shares have in common "
				    "with --out; none of them may replace it with --force");
	status = choose(destination, options, name, suffix, files, error);
	destination->work = destination->path;
	if (!status && options->force && destination->path &&
	    output_replace_needed(destination->path)) {
		status = output_replace_begin(&destination->replacement, destination->path,
					      options->resume, error);
		destination->work = destination->replacement.work;
	}
	return status;
}

enum oversub_status destination_finish(struct destination *destination, struct oversub_error *error)
{
	if (!destination->replacement.path)
		return OVERSUB_OK;
	destination->work = destination->path;
	return output_replace_finish(&destination->replacement, error);
}

void destination_free(struct destination *destination)
{
	output_replace_end(&destination->replacement);
	free(destination->path);
	output_claim_free(&destination->claim);
	*destination = (struct destination){0};
}
