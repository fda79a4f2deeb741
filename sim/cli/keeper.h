/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a command keeps what it has simulated: each replication goes into the journal of the
 * directory of results before it counts, and --resume finds it there.
 */
#ifndef SIM_CLI_KEEPER_H
#define SIM_CLI_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <oversub/error.h>

#include "sim/cli/destination.h"
#include "sim/cli/options.h"
#include "sim/output/replication_store.h"

struct keeper {
	const char *directory; /* NULL: nothing is kept; borrowed */
	const char *place;     /* where results will be in the end, for messages; borrowed */
	char *made;	       /* the first directory that was made for it; NULL: none; owned */
	struct replication_store store;
	uint64_t *ids;	    /* of points; owned */
	uint32_t *nr_there; /* by point: replications that the store had; owned */
	size_t nr_points;
	struct shard shard;
	uint64_t *first_pair; /* of each point, counting the replications of all; owned */
	/* Replications of all points or of this share, and of those that are there already. */
	uint64_t nr_wanted, nr_found;
};

/* Whether a directory may hold replications of other points than a command has at the time. */
enum keeper_points { KEEPER_THESE_ALONE, KEEPER_AND_OTHERS };

/*
 * Make the directory of destination, which may have none, and open its journal. scenarios are the
 * points. What is there must be of them: OVERSUB_BAD_INPUT otherwise, or if it is in use or must
 * not be there.
 */
enum oversub_status keeper_open(struct keeper *keeper, const struct destination *destination,
				const struct cli_options *options,
				struct scenario *const *scenarios, size_t nr_points,
				enum keeper_points allowed, struct oversub_error *error);
/*
 * What was added is there, and numbers of replications of the scenarios may be others.
 * OVERSUB_FAILED without memory.
 */
enum oversub_status keeper_refresh(struct keeper *keeper, struct scenario *const *scenarios,
				   struct oversub_error *error);
/* Close it. A directory that was made for nothing goes. Harmless on one that is zeroed. */
void keeper_close(struct keeper *keeper);

/* Whether replication of point is there already. */
bool keeper_has(const struct keeper *keeper, size_t point, uint32_t replication);
/* Whether it is there, or in the share of another program. */
bool keeper_skips(const struct keeper *keeper, size_t point, uint32_t replication);
/* Whether all replications of point were there. */
bool keeper_had_all(const struct keeper *keeper, size_t point, const struct scenario *scenario);
/* Say what is there already, and what was damaged. */
void keeper_tell(const struct keeper *keeper);

/*
 * Say how to go on after an interruption: with the same command line and --resume. nr_done: how
 * many replications this command has added.
 */
void keeper_tell_rest(const struct keeper *keeper, const struct cli_options *options,
		      uint64_t nr_done);

/* Say that this share is complete, and how to make results of all. */
void keeper_tell_share(const struct keeper *keeper, const struct cli_options *options);

#endif
