/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replications on disk: journals in a directory of results, of which this program writes one and
 * reads all. A replication is known by what it was computed from, so a sweep finds its replications
 * again whatever number its point has now, and nothing of something else is taken for one.
 *
 *	{"origin": {...}}	where the lines that follow come from: program, plug-ins, and who
 *wrote
 *	{"names": "ID", "of": {...}}	names of metrics, see replication_json.h
 *	{"point": "ID", "replication": 3, "names": "ID", "of": {...}}	one replication
 */
#ifndef SIM_OUTPUT_REPLICATION_STORE_H
#define SIM_OUTPUT_REPLICATION_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include <oversub/error.h>

#include "sim/output/journal.h"
#include "sim/run/result.h"
#include "sim/scenario/scenario.h"

/*
 * What tells scenario, with its seed and whatever number of replications, from all others: the
 * beginning of a SHA-256. OVERSUB_FAILED without memory.
 */
enum oversub_status store_point_id(const struct scenario *scenario, uint64_t *id,
				   struct oversub_error *error);

/* Which program computes: replications of two origins are not mixed unasked. */
struct store_origin {
	char *text; /* JSON: format, source and the digests of plug-ins; owned */
};

/* Of this program with the plug-ins of policies. OVERSUB_BAD_INPUT: a plug-in cannot be read. */
enum oversub_status store_origin_of(const struct policy_registry *policies,
				    struct store_origin *origin, struct oversub_error *error);
void store_origin_free(struct store_origin *origin);

struct stored_replication {
	uint64_t point;
	uint32_t replication;
	uint32_t journal;	   /* index into journals */
	uint64_t names;		   /* id of its names */
	struct journal_place line; /* where it stands */
};

struct stored_names {
	uint64_t id;
	cJSON *json; /* owned */
};

struct replication_store {
	char *directory; /* owned */
	char **journals; /* paths of those that were read; owned */
	size_t nr_journals;
	struct stored_replication *found; /* by point and replication; owned */
	size_t nr_found;
	struct stored_names *names; /* owned */
	size_t nr_names;
	uint64_t *written_names; /* those in the journal that is written; owned */
	size_t nr_written_names;
	struct journal_damage damage;	  /* of all that were read */
	double cpu_s;			  /* that all found have taken */
	struct journal journal;		  /* that is written */
	uint32_t own;			  /* its number among journals */
	bool is_new;			  /* it was empty */
	size_t nr_added;		  /* replications, since it was opened */
	struct stored_replication *fresh; /* those that store_refresh() has not seen; owned */
	size_t nr_fresh;
};

/* What may be in the directory already. */
enum store_use {
	STORE_NEW,    /* nothing */
	STORE_RESUME, /* replications of the same origin */
	STORE_MIXED,  /* of any */
};

/*
 * Open the journal name in directory, which exists, to write to it, and find what it and the other
 * journals there hold. OVERSUB_BAD_INPUT: another program writes it, or use does not allow what is
 * there; the message says what. Else close it with store_close().
 */
enum oversub_status store_open(struct replication_store *store, const char *directory,
			       const char *name, enum store_use use,
			       const struct store_origin *origin, struct oversub_error *error);
/* Say in the journal what the lines that follow come from, and who writes them. */
enum oversub_status store_begin(struct replication_store *store, const struct store_origin *origin,
				struct oversub_error *error);
/*
 * The same as store_open() to read alone, without a lock and without regard to origins: what is
 * there at this time.
 */
enum oversub_status store_read(struct replication_store *store, const char *directory,
			       struct oversub_error *error);

/* Where a replication is, if it was there when the store was opened; NULL: it was not. */
const struct stored_replication *store_find(const struct replication_store *store, uint64_t point,
					    uint32_t replication);
/*
 * Read it. *result is for result_free(), and before store_close(). OVERSUB_BAD_INPUT: it has
 * changed since.
 */
enum oversub_status store_recall(const struct replication_store *store,
				 const struct stored_replication *which,
				 struct replication_result *result, struct oversub_error *error);
/* Add one. It counts after store_sync(). */
enum oversub_status store_add(struct replication_store *store, uint64_t point, uint32_t replication,
			      const struct replication_result *result, struct oversub_error *error);
/* What was added is found from now on. OVERSUB_FAILED without memory. */
enum oversub_status store_refresh(struct replication_store *store, struct oversub_error *error);
enum oversub_status store_sync(struct replication_store *store, struct oversub_error *error);
/* Close it; a new journal without a replication is removed. Harmless on one that is zeroed. */
void store_close(struct replication_store *store);

/* Who wrote, or writes, the journal at path last: "process 17 on host". Returns text. */
const char *store_writer(const char *path, char text[128]);
/* Whether directory has a journal. */
bool store_is_in(const char *directory);

#endif
