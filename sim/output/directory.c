/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/output/files.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What oversub writes into a directory but journals, points and plots with all that is in them. */
static const char *const own_names[] = {
	"result.json", "run.json",  "scenario.json", "metrics.csv", "*.hgrm", "sweep.json",
	"sweep.csv",   "tune.json", "points",	     "plots",	    NULL};

bool output_has_entries(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	bool found = false;

	while (directory && !found && (entry = readdir(directory)))
		found = strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	if (directory)
		closedir(directory);
	return found;
}

/* Whether files can be made in the directory path: nobody shall wait for results to be lost. */
static enum oversub_status check_writable(const char *path, struct oversub_error *error)
{
	char *probe = output_path(path, OUTPUT_TEMPORARY "XXXXXX");
	enum oversub_status status = OVERSUB_OK;

	if (!probe)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	if (mkdtemp(probe))
		rmdir(probe);
	else
		status = oversub_fail(error, OVERSUB_BAD_INPUT,
				      "cannot write results into directory %s: %s", path,
				      strerror(errno));
	free(probe);
	return status;
}

/* path does not exist: look at the directory in which it, or its first missing parent, would be. */
static enum oversub_status check_parent(const char *path, struct oversub_error *error)
{
	char *parent = output_parent(path);
	enum oversub_status status;
	struct stat info;

	while (parent && stat(parent, &info) && strcmp(parent, "/") && strcmp(parent, ".")) {
		char *above = output_parent(parent);

		free(parent);
		parent = above;
	}
	if (!parent)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = check_writable(parent, error);
	free(parent);
	return status;
}

enum oversub_status output_directory_check(const char *path, bool force,
					   struct oversub_error *error)
{
	struct stat info;

	if (!*path)
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "the name of the output directory is empty");
	if (stat(path, &info)) {
		if (errno == ENOENT)
			return check_parent(path, error);
		return oversub_fail(error, OVERSUB_BAD_INPUT, "output directory %s: %s", path,
				    strerror(errno));
	}
	if (!S_ISDIR(info.st_mode))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s is in the way of the output directory: it is a file", path);
	if (!force && output_has_entries(path))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "output directory %s is not empty: name another one with "
				    "--out, or replace the results in it with --force",
				    path);
	return check_writable(path, error);
}

enum oversub_status output_directory_create(const char *path, struct oversub_error *error)
{
	char *copy = strdup(path), *slash = copy;
	int failure = copy ? 0 : ENOMEM;

	while (slash && !failure) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			failure = errno;
		if (slash)
			*slash = '/';
	}
	free(copy);
	if (failure)
		return oversub_fail(error, OVERSUB_FAILED, "cannot create directory %s: %s", path,
				    strerror(failure));
	return OVERSUB_OK;
}

enum oversub_status output_parent_create(const char *path, struct oversub_error *error)
{
	char *parent = output_parent(path);
	enum oversub_status status;

	if (!parent)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	status = output_directory_create(parent, error);
	free(parent);
	return status;
}

static void forget(struct output_directory *directory)
{
	free(directory->path);
	free(directory->temporary);
	*directory = (struct output_directory){0};
}

/* Make a directory from the template; its mode is that of any new one, not mkdtemp's 0700. */
static int make_temporary(char *template)
{
	mode_t mask = umask(0);

	umask(mask);
	if (!mkdtemp(template))
		return -1;
	return chmod(template, 0777 & ~mask);
}

enum oversub_status output_directory_open(struct output_directory *directory, const char *path,
					  struct oversub_error *error)
{
	enum oversub_status status;
	size_t length = strlen(path);
	struct stat info;

	while (length > 1 && path[length - 1] == '/')
		length--;
	*directory = (struct output_directory){.path = strndup(path, length)};
	if (directory->path)
		directory->temporary = stat(path, &info)
					       ? output_temporary(directory->path)
					       : output_path(path, OUTPUT_TEMPORARY "XXXXXX");
	if (!directory->temporary) {
		forget(directory);
		return oversub_fail(error, OVERSUB_FAILED, "out of memory");
	}
	status = output_parent_create(directory->path, error);
	if (!status && make_temporary(directory->temporary))
		status = oversub_fail(error, OVERSUB_FAILED, "cannot create a directory %s: %s",
				      directory->temporary, strerror(errno));
	if (status)
		forget(directory);
	return status;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
	return remove(path);
}

void output_tree_remove(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static bool is_own_name(const char *name)
{
	for (const char *const *own = own_names; *own; own++)
		if (!fnmatch(*own, name, 0))
			return true;
	return false;
}

bool output_is_ours(const char *name)
{
	return is_own_name(name) || !strcmp(name, OUTPUT_JOURNAL) ||
	       !strcmp(name, OUTPUT_REPLACES) || !fnmatch(OUTPUT_JOURNAL ".*-of-*", name, 0) ||
	       !strncmp(name, OUTPUT_TEMPORARY, strlen(OUTPUT_TEMPORARY));
}

bool output_directory_holds_only(const char *path, const char *name)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	bool found = false, other = false;

	while (directory && (entry = readdir(directory))) {
		found |= !strcmp(entry->d_name, name);
		other |= strcmp(entry->d_name, name) && strcmp(entry->d_name, ".") &&
			 strcmp(entry->d_name, "..");
	}
	if (directory)
		closedir(directory);
	return found && !other;
}

/* Remove the results that an earlier run left in path, but for its journal. */
static void clear(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		char *full;

		if (!is_own_name(entry->d_name))
			continue;
		full = output_path(path, entry->d_name);
		if (full)
			output_tree_remove(full);
		free(full);
	}
	if (directory)
		closedir(directory);
}

void output_temporaries_remove(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		char *full = output_path(path, entry->d_name);

		if (full && !strncmp(entry->d_name, OUTPUT_TEMPORARY, strlen(OUTPUT_TEMPORARY)))
			output_tree_remove(full);
		else if (full && !strcmp(entry->d_name, "points"))
			output_temporaries_remove(full);
		free(full);
	}
	if (directory)
		closedir(directory);
}

/* Move every entry of from into the existing directory to; 0 or an errno. */
static int move_entries(const char *from, const char *to)
{
	DIR *directory = opendir(from);
	const struct dirent *entry;
	int failure = directory ? 0 : errno;

	while (directory && !failure && (entry = readdir(directory))) {
		char *source, *target;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		source = output_path(from, entry->d_name);
		target = output_path(to, entry->d_name);
		if (!source || !target)
			failure = ENOMEM;
		else if (rename(source, target))
			failure = errno;
		free(source);
		free(target);
	}
	if (directory)
		closedir(directory);
	return failure;
}

int output_entries_replace(const char *from, const char *to)
{
	clear(to);
	return move_entries(from, to);
}

/* path was there before, and so what is to be in it is made inside. */
static bool is_inside(const struct output_directory *directory)
{
	return directory->temporary[strlen(directory->path)] == '/';
}

static bool same_bytes(const char *a, const char *b)
{
	FILE *first = fopen(a, "r"), *second = fopen(b, "r");
	bool same = first && second;
	int c = 0;

	while (same && c != EOF) {
		c = fgetc(first);
		same = c == fgetc(second);
	}
	if (first)
		fclose(first);
	if (second)
		fclose(second);
	return same;
}

/* Whether the directory path has just the results that new has, byte for byte. */
static bool has_same_results(const char *path, const char *new)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	size_t nr_there = 0, nr_new = 0;
	bool same = directory;

	while (same && (entry = readdir(directory)))
		nr_there += is_own_name(entry->d_name) && strcmp(entry->d_name, "plots");
	if (directory)
		closedir(directory);
	directory = opendir(new);
	same &= directory != NULL;
	while (same && (entry = readdir(directory))) {
		char *here, *there;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		nr_new++;
		here = output_path(new, entry->d_name);
		there = output_path(path, entry->d_name);
		same = here && there && same_bytes(here, there);
		free(here);
		free(there);
	}
	if (directory)
		closedir(directory);
	return same && nr_there == nr_new;
}

enum oversub_status output_directory_close(struct output_directory *directory, bool *renewed,
					   struct oversub_error *error)
{
	bool inside = is_inside(directory);
	bool same = inside && has_same_results(directory->path, directory->temporary);
	enum oversub_status status = OVERSUB_OK;
	int failure = 0;

	if (renewed)
		*renewed = !same;
	if (!inside) {
		if (rename(directory->temporary, directory->path))
			failure = errno;
	} else if (!same) {
		clear(directory->path);
		failure = move_entries(directory->temporary, directory->path);
	}
	if (failure || inside)
		output_tree_remove(directory->temporary);
	if (failure)
		status = oversub_fail(error, OVERSUB_FAILED, "cannot write to directory %s: %s",
				      directory->path, strerror(failure));
	forget(directory);
	return status;
}

void output_directory_abandon(struct output_directory *directory)
{
	if (directory->temporary)
		output_tree_remove(directory->temporary);
	forget(directory);
}
