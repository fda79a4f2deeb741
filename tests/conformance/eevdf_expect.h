/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state that an eevdf-conformance vector expects, accumulated from its deltas, and its
 * comparison with a run queue.
 */
#ifndef TESTS_CONFORMANCE_EEVDF_EXPECT_H
#define TESTS_CONFORMANCE_EEVDF_EXPECT_H

#include <cjson/cJSON.h>

#include "models/sched/eevdf.h"

enum eevdf_expect_limits {
	EEVDF_EXPECT_QUEUE_FIELDS = 8,
	EEVDF_EXPECT_ENTITY_FIELDS = 9,
	EEVDF_EXPECT_LINE_FIELDS = 6,
	EEVDF_EXPECT_ALWAYS = 4,
};

/* An expected or actual value: an integer, an entity (its index), or null. */
struct eevdf_value {
	bool null;
	int64_t number;
};

struct eevdf_expect_entity {
	char *name;
	struct eevdf_entity *entity;
	bool seen; /* the vector has mentioned it */
	struct eevdf_value fields[EEVDF_EXPECT_ENTITY_FIELDS];
};

struct eevdf_expect_queue {
	char *name;
	struct eevdf_queue *queue;
	bool seen;
	struct eevdf_value fields[EEVDF_EXPECT_QUEUE_FIELDS];
};

struct eevdf_expect {
	const struct eevdf_rq *rq;
	struct eevdf_expect_queue *queues;    /* 0: the root, then one per group in order */
	struct eevdf_expect_entity *entities; /* one per group and task */
	int nr_queues;
	int nr_entities;
	/* What the last line says of itself, and whether it does. */
	struct eevdf_value line[EEVDF_EXPECT_LINE_FIELDS];
	bool on_line[EEVDF_EXPECT_LINE_FIELDS];
};

/* What an operation did beside changing the state. */
struct eevdf_actual {
	bool resched;
	bool has_ret;
	int ret;
};

struct eevdf_mismatch {
	char field[128];
	char expected[64];
	char actual[64];
};

/* Room for nr_groups groups and nr_tasks tasks of rq. False: out of memory. */
bool eevdf_expect_init(struct eevdf_expect *expect, struct eevdf_rq *rq, size_t nr_groups,
		       size_t nr_tasks);
void eevdf_expect_destroy(struct eevdf_expect *expect);
/* Name an entity, and its queue if it is a group. False: out of memory. */
bool eevdf_expect_add(struct eevdf_expect *expect, const char *name, struct eevdf_entity *entity,
		      struct eevdf_queue *queue);
/* Index of a name, -1 if unknown. The root queue is called "root". */
int eevdf_expect_queue(const struct eevdf_expect *expect, const char *name);
int eevdf_expect_entity(const struct eevdf_expect *expect, const char *name);

/* Bring the expected state up to date with the delta of one line. False: ill-formed. */
bool eevdf_expect_merge(struct eevdf_expect *expect, const cJSON *line);
/* Compare; false: *mismatch says where the first difference is. */
bool eevdf_expect_compare(const struct eevdf_expect *expect, const struct eevdf_actual *actual,
			  struct eevdf_mismatch *mismatch);

#endif
