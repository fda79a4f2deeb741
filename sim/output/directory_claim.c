/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/output/directory_claim.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/output/files.h"

/* More than anybody keeps; the search ends somewhere. */
enum { MAX_NUMBER = 9999 };

/* "usual", "usual.2", ...; for free(). */
static char *numbered(const char *usual, int number)
{
	char *path;

	if (number == 1)
		return strdup(usual);
	return asprintf(&path, "%s.%d", usual, number) < 0 ? NULL : path;
}

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

/* mkdir() alone decides whose a name is: it fails for all but one, even of those who ask at once.
 */
static enum oversub_status claim_number(struct output_claim *claim, const char *usual, int number,
					struct oversub_error *error)
{
	char *path = numbered(usual, number);
	int failure;

	if (!path)
		return out_of_memory(error);
	if (!mkdir(path, 0777)) {
		claim->path = path;
		claim->is_usual = number == 1;
		return OVERSUB_OK;
	}
	failure = errno;
	free(path);
	if (failure == EEXIST)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_BAD_INPUT, "cannot write results into directory %s: %s",
			    claim->parent, strerror(failure));
}

enum oversub_status output_claim_make(struct output_claim *claim, const char *usual,
				      struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;

	*claim = (struct output_claim){.parent = output_parent(usual)};
	if (!claim->parent)
		return out_of_memory(error);
	claim->made_parent = !mkdir(claim->parent, 0777);
	for (int number = 1; !status && !claim->path && number <= MAX_NUMBER; number++)
		status = claim_number(claim, usual, number, error);
	if (!status && !claim->path)
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "%s to %s.%d are there already: name a directory with --out",
				      usual, usual, MAX_NUMBER);
	if (status)
		output_claim_free(claim);
	return status;
}

void output_claim_free(struct output_claim *claim)
{
	/* rmdir() leaves alone what holds something. */
	if (claim->path)
		rmdir(claim->path);
	if (claim->made_parent)
		rmdir(claim->parent);
	free(claim->path);
	free(claim->parent);
	*claim = (struct output_claim){0};
}

/* Whether name is that of a claim on usual, the last part of a path: "usual" or "usual.N". */
static bool is_claim_on(const char *usual, const char *name)
{
	size_t length = strlen(usual);

	if (strncmp(name, usual, length))
		return false;
	name += length;
	if (!*name)
		return true;
	return name[0] == '.' && isdigit((unsigned char)name[1]) &&
	       strspn(name + 1, "0123456789") == strlen(name + 1);
}

static bool newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* How far the results in a directory are. */
enum progress { NOT_BEGUN, COMPLETE, UNFINISHED };

/* Its progress by the files that are there, and in *since the time when it was begun. */
static enum progress progress_of(const char *path, const char *first, const char *last,
				 struct timespec *since)
{
	char *begin = output_path(path, first);
	enum progress progress = NOT_BEGUN;
	struct stat info;

	if (begin && !stat(begin, &info)) {
		*since = info.st_mtim;
		progress = output_exists(path, last) ? COMPLETE : UNFINISHED;
	}
	free(begin);
	return progress;
}

char *output_claim_find(const char *usual, const char *first, const char *last)
{
	const char *slash = strrchr(usual, '/'), *name = slash ? slash + 1 : usual;
	char *parent = output_parent(usual), *found = NULL;
	DIR *directory = parent ? opendir(parent) : NULL;
	enum progress best = NOT_BEGUN;
	struct timespec best_since = {0};
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		struct timespec since = {0};
		enum progress progress;
		char *path;

		if (!is_claim_on(name, entry->d_name))
			continue;
		path = slash ? output_path(parent, entry->d_name) : strdup(entry->d_name);
		progress = path ? progress_of(path, first, last, &since) : NOT_BEGUN;
		if (progress > best ||
		    (progress && progress == best && newer(&since, &best_since))) {
			free(found);
			found = path;
			best = progress;
			best_since = since;
		} else {
			free(path);
		}
	}
	if (directory)
		closedir(directory);
	free(parent);
	return found;
}
