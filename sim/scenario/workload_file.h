/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of workloads: programs with parameters, which scenarios name. They take their place in the
 * document before anything else looks at it, so a result is complete without them.
 */
#ifndef SIM_SCENARIO_WORKLOAD_FILE_H
#define SIM_SCENARIO_WORKLOAD_FILE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include <oversub/error.h>

/* Version of the format of a workload's file. */
#define WORKLOAD_FILE_VERSION 1

/*
 * Each of document's workloads that has a "file" and no threads gets what the file says, and of
 * its parameters those that it does not set itself. file is the document's, for messages, and
 * because names are looked up beside it first. What is wrong otherwise with a document is left to
 * those who read it.
 */
enum oversub_status workload_files_embed(cJSON *document, const char *file,
					 struct oversub_error *error);
/*
 * The value at path of document says which file a workload is: then it is to be said before
 * anything of the workload is.
 */
bool workload_file_path(const char *path);
/* Forget all that the workload at the path of its "file" has besides. */
void workload_file_forget(cJSON *document, const char *path);

/*
 * Read and check one: *workload for cJSON_Delete(). name is a path if it has a '/' or ends in
 * ".json"; beside is the file it is named in, or NULL.
 */
enum oversub_status workload_file_read(const char *name, const char *beside, cJSON **workload,
				       struct oversub_error *error);

#endif
