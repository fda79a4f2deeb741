/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state that a sched-conformance vector expects, accumulated from its deltas, and its
 * comparison with the objects of the model.
 */
#ifndef TESTS_CONFORMANCE_SCHED_EXPECT_H
#define TESTS_CONFORMANCE_SCHED_EXPECT_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#define SCHED_EXPECT_FIELDS 32

/* A number of an object as the vectors name it; tables end with a name of NULL. */
struct sched_field {
	const char *name;
	size_t offset, size; /* of a member, bytes */
	bool is_signed;
	/* The member is a pointer to an object of the section ents; null is NULL. */
	bool is_entity;
	int64_t (*get)(const void *object); /* NULL: the value is that of the member */
};

/* One object of one section; a member that is no JSON object stands for its first field. */
struct sched_expect_entry {
	const char *section;
	char name[32];
	const void *object;
	const struct sched_field *fields;
	int64_t expected[SCHED_EXPECT_FIELDS];
	bool seen[SCHED_EXPECT_FIELDS];
};

/* All zero is empty. */
struct sched_expect {
	struct sched_expect_entry *entries;
	int nr_entries;
	int capacity;
};

struct sched_mismatch {
	char field[80];
	int64_t expected;
	int64_t actual;
};

/* The section, object and fields are kept. False: out of memory. */
bool sched_expect_add(struct sched_expect *expect, const char *section, const char *name,
		      const void *object, const struct sched_field *fields);
void sched_expect_destroy(struct sched_expect *expect);

/* Bring the expected state up to date with the member expect of a line. False: ill-formed. */
bool sched_expect_merge(struct sched_expect *expect, const cJSON *delta);
/* False: *mismatch says where the first difference is. */
bool sched_expect_compare(const struct sched_expect *expect, struct sched_mismatch *mismatch);

#endif
