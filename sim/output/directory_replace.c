/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/output/directory_replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/output/files.h"

/* In a work directory: it is one that is unfinished, not results that were replaced. */
#define MARKER OUTPUT_REPLACES

static enum oversub_status out_of_memory(struct oversub_error *error)
{
	return oversub_fail(error, OVERSUB_FAILED, "out of memory");
}

/* path with suffix behind it, but for slashes at its end; for free(). */
static char *with_suffix(const char *path, const char *suffix)
{
	size_t length = strlen(path);
	char *text;

	while (length > 1 && path[length - 1] == '/')
		length--;
	return asprintf(&text, "%.*s%s", (int)length, path, suffix) < 0 ? NULL : text;
}

/* ---- What is not ours comes along ----------------------------------------------------------- */

/* Make target the same as source: a second name, or for a directory one with all that is in it. */
static int carry(const char *source, const char *target)
{
	DIR *directory;
	const struct dirent *entry;
	struct stat info;
	int failure = 0;

	if (lstat(source, &info))
		return errno;
	if (!S_ISDIR(info.st_mode))
		return linkat(AT_FDCWD, source, AT_FDCWD, target, 0) && errno != EEXIST ? errno : 0;
	if (mkdir(target, info.st_mode & 07777) && errno != EEXIST)
		return errno;
	directory = opendir(source);
	if (!directory)
		return errno;
	while (!failure && (entry = readdir(directory))) {
		char *from, *to;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		from = output_path(source, entry->d_name);
		to = output_path(target, entry->d_name);
		failure = from && to ? carry(from, to) : ENOMEM;
		free(from);
		free(to);
	}
	closedir(directory);
	return failure;
}

static enum oversub_status carry_others(const struct output_replacement *replacement,
					struct oversub_error *error)
{
	DIR *directory = opendir(replacement->path);
	enum oversub_status status = OVERSUB_OK;
	const struct dirent *entry;

	while (directory && !status && (entry = readdir(directory))) {
		char *from, *to;
		int failure;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    output_is_ours(entry->d_name))
			continue;
		from = output_path(replacement->path, entry->d_name);
		to = output_path(replacement->work, entry->d_name);
		failure = from && to ? carry(from, to) : ENOMEM;
		if (failure)
			status = oversub_fail(error, OVERSUB_FAILED,
					      "cannot carry %s/%s over into the new results, which "
					      "are in %s: %s",
					      replacement->path, entry->d_name, replacement->work,
					      strerror(failure));
		free(from);
		free(to);
	}
	if (directory)
		closedir(directory);
	return status;
}

/* ---- Changing places ------------------------------------------------------------------------ */

/* Where the earlier results are for a moment if the file system cannot exchange directories. */
static char *aside_of(const char *path)
{
	return with_suffix(path, ".replaced");
}

static int in_two_steps(const struct output_replacement *replacement)
{
	char *aside = aside_of(replacement->path);
	int failure = aside ? 0 : ENOMEM;

	if (!failure && rename(replacement->path, aside))
		failure = errno;
	if (!failure && rename(replacement->work, replacement->path)) {
		failure = errno;
		rename(aside, replacement->path);
	} else if (!failure) {
		rename(aside, replacement->work);
	}
	free(aside);
	return failure;
}

/* path and work change places; 0 or an errno. */
static int exchange(const struct output_replacement *replacement)
{
	if (!renameat2(AT_FDCWD, replacement->work, AT_FDCWD, replacement->path, RENAME_EXCHANGE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
		return errno;
	return in_two_steps(replacement);
}

/* A kill came between the two steps: do the second. */
static void finish_second_step(const struct output_replacement *replacement)
{
	char *aside = aside_of(replacement->path);

	if (aside && access(replacement->path, F_OK) && !access(aside, F_OK) &&
	    rename(replacement->work, replacement->path))
		rename(aside, replacement->path);
	if (aside && !access(aside, F_OK) && access(replacement->work, F_OK))
		rename(aside, replacement->work);
	free(aside);
}

/* ---- Beginning and end ---------------------------------------------------------------------- */

bool output_replace_needed(const char *path)
{
	struct output_replacement there = {.path = (char *)path,
					   .work = with_suffix(path, ".replacing")};
	bool needed;

	if (there.work)
		finish_second_step(&there);
	needed = output_has_entries(path);
	free(there.work);
	return needed;
}

/* Lock the journal of directory, if it has one. */
static enum oversub_status lock(const char *directory, struct journal *journal,
				struct oversub_error *error)
{
	char *path = output_path(directory, OUTPUT_JOURNAL);
	enum oversub_status status = OVERSUB_OK;
	bool busy;

	*journal = JOURNAL_CLOSED;
	if (!path)
		return out_of_memory(error);
	if (!access(path, F_OK))
		status = journal_open(journal, path, &busy, error);
	free(path);
	return status;
}

/* Shares have journals of their own; that of all is locked by lock(). */
static enum oversub_status check_shares(const char *path, struct oversub_error *error)
{
	DIR *directory = opendir(path);
	enum oversub_status status = OVERSUB_OK;
	const struct dirent *entry;

	while (directory && !status && (entry = readdir(directory))) {
		char *journal = output_path(path, entry->d_name);

		if (journal && journal_is_name(entry->d_name) &&
		    strcmp(entry->d_name, OUTPUT_JOURNAL) != 0 && journal_is_locked(journal))
			status = oversub_fail(error, OVERSUB_BAD_INPUT,
					      "%s is being written by another program", journal);
		free(journal);
	}
	if (directory)
		closedir(directory);
	return status;
}

/*
 * path without links, as it is what they lead to that is replaced; for free(). *inside: this
 * program runs in there.
 */
static enum oversub_status resolve(const char *path, char **resolved, bool *inside,
				   struct oversub_error *error)
{
	char *here = getcwd(NULL, 0);
	enum oversub_status status = OVERSUB_OK;
	size_t length;

	*resolved = realpath(path, NULL);
	length = *resolved ? strlen(*resolved) : 0;
	if (!*resolved)
		status = oversub_fail(error, OVERSUB_BAD_INPUT, "output directory %s: %s", path,
				      strerror(errno));
	*inside = here && !strncmp(here, *resolved ? *resolved : "", length) && length &&
		  (here[length] == '/' || !here[length]);
	free(here);
	return status;
}

/* Remove what was left at work, unless somebody writes it. */
static enum oversub_status clear_work(const char *work, struct oversub_error *error)
{
	struct journal journal;
	enum oversub_status status = lock(work, &journal, error);

	if (!status)
		status = check_shares(work, error);
	if (!status)
		output_tree_remove(work);
	journal_close(&journal);
	return status;
}

static void write_nothing(FILE *stream, const void *context)
{
}

enum oversub_status output_replace_begin(struct output_replacement *replacement, const char *path,
					 bool resume, struct oversub_error *error)
{
	enum oversub_status status;

	*replacement = (struct output_replacement){.earlier = JOURNAL_CLOSED};
	status = resolve(path, &replacement->path, &replacement->in_place, error);
	if (status)
		return status;
	replacement->work = with_suffix(replacement->path, ".replacing");
	if (!replacement->work)
		return out_of_memory(error);
	status = lock(replacement->path, &replacement->earlier, error);
	if (!status)
		status = check_shares(replacement->path, error);
	if (!status && !access(replacement->work, F_OK) &&
	    !(resume && output_exists(replacement->work, MARKER)))
		status = clear_work(replacement->work, error);
	if (!status)
		status = output_directory_create(replacement->work, error);
	if (!status)
		status = output_file_write(replacement->work, MARKER, write_nothing, NULL, error);
	return status;
}

/* Everything of the file system that directory is on gets to the disk. */
static void sync_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		syncfs(fd);
		close(fd);
	}
}

/* The journal decides which results these are: it goes first. */
static int replace_in_place(const struct output_replacement *replacement)
{
	char *from = output_path(replacement->work, OUTPUT_JOURNAL);
	char *to = output_path(replacement->path, OUTPUT_JOURNAL);
	int failure = from && to ? 0 : ENOMEM;

	if (!failure && rename(from, to))
		failure = errno;
	if (!failure)
		failure = output_entries_replace(replacement->work, replacement->path);
	free(from);
	free(to);
	return failure;
}

enum oversub_status output_replace_finish(struct output_replacement *replacement,
					  struct oversub_error *error)
{
	enum oversub_status status = check_shares(replacement->path, error);
	char *marker;
	int failure;

	if (!status && !replacement->in_place)
		status = carry_others(replacement, error);

	if (status)
		return status;
	sync_directory(replacement->work);
	failure = replacement->in_place ? replace_in_place(replacement) : exchange(replacement);
	if (failure)
		return oversub_fail(error, OVERSUB_FAILED, "cannot put %s in the place of %s: %s",
				    replacement->work, replacement->path, strerror(failure));
	marker = output_path(replacement->path, MARKER);
	if (marker)
		unlink(marker);
	free(marker);
	output_tree_remove(replacement->work);
	output_replace_end(replacement);
	return OVERSUB_OK;
}

void output_replace_end(struct output_replacement *replacement)
{
	char *marker;

	if (!replacement->path)
		return;
	/* With nothing but its marker in it, work is no use to anybody. */
	marker = replacement->work ? output_path(replacement->work, MARKER) : NULL;
	if (marker && output_directory_holds_only(replacement->work, MARKER)) {
		unlink(marker);
		rmdir(replacement->work);
	}
	free(marker);
	journal_close(&replacement->earlier);
	free(replacement->path);
	free(replacement->work);
	*replacement = (struct output_replacement){.earlier = JOURNAL_CLOSED};
}
