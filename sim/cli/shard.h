/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The share of a command's replications that one of several programs runs, on as many machines as
 * one likes. Shares are of (point, replication) pairs in turn, so they are alike though points are
 * not; what they yield does not depend on them.
 */
#ifndef SIM_CLI_SHARD_H
#define SIM_CLI_SHARD_H

#include <stdbool.h>
#include <stdint.h>

#include <oversub/error.h>

struct shard {
	int64_t number, of; /* 1 .. of; of 0: there are none, all is one share */
};

/* More than this are taken for a mistake. */
#define SHARD_MAX 100000

/*
 * Read "I/N", or "auto": the rank that Slurm, Open MPI or another launcher put into the
 * environment. OVERSUB_BAD_INPUT if text is neither, or if there is no rank.
 */
enum oversub_status shard_parse(const char *text, struct shard *shard, struct oversub_error *error);
/* Whether pair number pair, from 0, is in the share. */
bool shard_has(struct shard shard, uint64_t pair);
/* "journal.2-of-4", or OUTPUT_JOURNAL if there are no shards. */
const char *shard_journal(struct shard shard, char name[64]);

#endif
