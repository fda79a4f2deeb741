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

/* What oversub writes into a directory, points and plots with all that is in them. */
static const char *const own_names[] = {"result.json", "run.json",   "scenario.json", "metrics.csv",
					"*.hgrm",      "sweep.json", "sweep.csv",     "points",
					"plots",       NULL};

/* True if the directory at path has an entry; false also if it cannot be read. */
static bool has_entries(const char *path)
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
	char *probe = output_path(path, ".oversub.XXXXXX");
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
	if (!force && has_entries(path))
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
	if (!directory->path ||
	    asprintf(&directory->temporary, stat(path, &info) ? "%s.XXXXXX" : "%s/.oversub.XXXXXX",
		     directory->path) < 0) {
		directory->temporary = NULL;
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

static void remove_tree(const char *path)
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

void output_directory_clear(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		char *full;

		if (!is_own_name(entry->d_name))
			continue;
		full = output_path(path, entry->d_name);
		if (full)
			remove_tree(full);
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

/* path was there before, and so what is to be in it is made inside. */
static bool is_inside(const struct output_directory *directory)
{
	return directory->temporary[strlen(directory->path)] == '/';
}

enum oversub_status output_directory_close(struct output_directory *directory,
					   struct oversub_error *error)
{
	enum oversub_status status = OVERSUB_OK;
	int failure = 0;

	if (!is_inside(directory)) {
		if (rename(directory->temporary, directory->path))
			failure = errno;
	} else {
		output_directory_clear(directory->path);
		failure = move_entries(directory->temporary, directory->path);
	}
	if (failure || is_inside(directory))
		remove_tree(directory->temporary);
	if (failure)
		status = oversub_fail(error, OVERSUB_FAILED, "cannot write to directory %s: %s",
				      directory->path, strerror(failure));
	forget(directory);
	return status;
}

void output_directory_abandon(struct output_directory *directory)
{
	if (directory->temporary)
		remove_tree(directory->temporary);
	forget(directory);
}
