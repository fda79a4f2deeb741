/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files and directories that appear complete or not at all. What is written goes to a temporary
 * name beside its place and is renamed at the end; a full disk is an error, never a short file.
 */
#ifndef SIM_OUTPUT_FILES_H
#define SIM_OUTPUT_FILES_H

#include <stdbool.h>
#include <stdio.h>

#include <oversub/error.h>

/* One file on its way. */
struct output_file {
	FILE *stream;	 /* to write to; errors may be left to output_file_close() */
	char *path;	 /* where it will appear; owned */
	char *temporary; /* its name until then; NULL: path is a device or a pipe; owned */
};

/*
 * Begin to write path. A path that exists and is no regular file (/dev/stdout, a pipe) is written
 * directly. OVERSUB_BAD_INPUT if it cannot be created.
 */
enum oversub_status output_file_open(struct output_file *file, const char *path,
				     struct oversub_error *error);
/* Complete the file. OVERSUB_FAILED, and no file, if anything could not be written. */
enum oversub_status output_file_close(struct output_file *file, struct oversub_error *error);
/* Give up: remove what was written. Harmless on a file that is closed or zeroed. */
void output_file_abandon(struct output_file *file);

/* A directory on its way. */
struct output_directory {
	char *path;	 /* where it will appear; owned */
	char *temporary; /* where to write until then; owned */
};

/*
 * Whether results may go to path: it does not exist, is empty, or force is set; and it can be
 * written to, or made. Leaves nothing behind. OVERSUB_BAD_INPUT otherwise.
 */
enum oversub_status output_directory_check(const char *path, bool force,
					   struct oversub_error *error);
/* Create path and what is missing above it. */
enum oversub_status output_directory_create(const char *path, struct oversub_error *error);
/* Create the directory that path is in and what is missing above it. */
enum oversub_status output_parent_create(const char *path, struct oversub_error *error);
/* Begin a directory: make an empty one beside path or, if that exists, inside. */
enum oversub_status output_directory_open(struct output_directory *directory, const char *path,
					  struct oversub_error *error);
/*
 * Complete it. If path exists, earlier results in it are removed and the new files move in; files
 * that oversub did not write stay, and so do journals. *renewed (may be NULL): something changed.
 */
enum oversub_status output_directory_close(struct output_directory *directory, bool *renewed,
					   struct oversub_error *error);
/* Give up: remove what was written. Harmless on a directory that is closed or zeroed. */
void output_directory_abandon(struct output_directory *directory);

/* Whether name is that of something that oversub writes into a directory of results. */
bool output_is_ours(const char *name);
/* True if the directory at path has an entry; false also if it cannot be read. */
bool output_has_entries(const char *path);
/*
 * Remove the results in the directory to, but for journals, and move all that is in from there. 0
 * or an errno.
 */
int output_entries_replace(const char *from, const char *to);
/* Whether directory holds name and nothing else. */
bool output_directory_holds_only(const char *directory, const char *name);
/* Remove path with all that is in it. */
void output_tree_remove(const char *path);
/*
 * Remove from directory what is left of files of ours, and of points, whose writer was killed. For
 * whoever alone writes there.
 */
void output_temporaries_remove(const char *directory);

/* The journal of a directory of results, see replication_store.h. */
#define OUTPUT_JOURNAL "journal"
/* In a directory of results that are to replace others, see directory_replace.h. */
#define OUTPUT_REPLACES ".oversub-replaces"
/* What the name of a temporary file or directory begins with. */
#define OUTPUT_TEMPORARY ".oversub."
/* A template for mkstemp() or mkdtemp() beside path, for free(); NULL without memory. */
char *output_temporary(const char *path);
/* "directory/name" for free(); NULL without memory. */
char *output_path(const char *directory, const char *name);
/* The directory that path is in, "." if it has none, for free(); NULL without memory. */
char *output_parent(const char *path);
/* Whether there is a file of that name in directory. */
bool output_exists(const char *directory, const char *name);
/* All of the file at path as a string for free(); NULL with errno set. */
char *output_read(const char *path);

/*
 * Write the file name in a directory of ours; write has context, and leaves errors in the stream.
 * OVERSUB_FAILED, and no file, if anything could not be written: nobody's input is at fault.
 */
enum oversub_status output_file_write(const char *directory, const char *name,
				      void (*write)(FILE *stream, const void *context),
				      const void *context, struct oversub_error *error);

#endif
