/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * New results in the place of earlier ones. They are made in a directory of their own beside that
 * place, PATH.replacing, and the two change places in one step once all is there: a kill leaves
 * either the earlier results or the new ones, whole. Files in PATH that are not ours come along.
 * Where the program itself runs inside PATH the new journal takes the place of the earlier one in
 * one step, and the other files follow: if that is cut short, --resume makes them from the journal.
 */
#ifndef SIM_OUTPUT_DIRECTORY_REPLACE_H
#define SIM_OUTPUT_DIRECTORY_REPLACE_H

#include <stdbool.h>

#include <oversub/error.h>

#include "sim/output/journal.h"

struct output_replacement {
	char *path;    /* what is replaced; NULL: nothing is; owned */
	char *work;    /* where to write until then; owned */
	bool in_place; /* this program runs inside path, whose directory must stay what it is */
	struct journal earlier; /* lock of the results that are replaced, if they have a journal */
};

/*
 * Whether path holds anything to be replaced.
 */
bool output_replace_needed(const char *path);

/*
 * Begin to replace what is at path. What an earlier such command has left unfinished goes, or stays
 * to be gone on with if resume is set. OVERSUB_BAD_INPUT: somebody writes there.
 */
enum oversub_status output_replace_begin(struct output_replacement *replacement, const char *path,
					 bool resume, struct oversub_error *error);
/* Put the new results in their place and remove the earlier ones. OVERSUB_FAILED: those stay. */
enum oversub_status output_replace_finish(struct output_replacement *replacement,
					  struct oversub_error *error);
/* Forget it; an empty work directory goes. Harmless on one that is finished or zeroed. */
void output_replace_end(struct output_replacement *replacement);

#endif
