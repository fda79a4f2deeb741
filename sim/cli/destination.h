/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a command writes its results: what --out, --force, --resume and --json say together. */
#ifndef SIM_CLI_DESTINATION_H
#define SIM_CLI_DESTINATION_H

#include <oversub/error.h>

#include "sim/cli/options.h"
#include "sim/output/directory_claim.h"
#include "sim/output/directory_replace.h"

struct destination {
	char *path;	  /* the directory; NULL: write nothing; owned */
	const char *work; /* where to write until destination_finish(): usually path */
	struct output_claim claim;
	struct output_replacement replacement; /* of what is there, with --force */
};

/* The files by which --resume knows a directory: the first that is written, and the last. */
struct destination_files {
	const char *first, *last;
};

/*
 * Choose the directory, and say so if it is neither what --out names nor the usual one,
 * "out/" name suffix. One that --out names must be empty or new, unless --force or --resume is
 * given; without --out, it is the usual one or the first free of the same name with .2, .3, ...
 * --force without --out takes the usual one, --resume that of such a name which, by its files, was
 * begun last and is unfinished, or was begun last. OVERSUB_BAD_INPUT if there can be no results.
 * Free it with destination_free(), which leaves nothing behind if nothing was written.
 */
enum oversub_status destination_choose(struct destination *destination,
				       const struct cli_options *options, const char *name,
				       const char *suffix, const struct destination_files *files,
				       struct oversub_error *error);
/* All is written: what --force replaces is replaced. */
enum oversub_status destination_finish(struct destination *destination,
				       struct oversub_error *error);
void destination_free(struct destination *destination);

#endif
