/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all replayers of conformance vectors share. A vector is a file of JSON lines: a header
 * object, then one operation per line with what the real code made of it. A replayer feeds the
 * operations to the model and compares.
 */
#ifndef TESTS_CONFORMANCE_VECTOR_H
#define TESTS_CONFORMANCE_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include <oversub/error.h>

/* What came out of one vector. */
struct conformance_result {
	uint64_t operations; /* replayed */
	uint64_t mismatches; /* operations whose outcome differs */
	char first[512];     /* the first mismatch: where, expected, actual; empty if none */
};

/* No operation has happened yet. */
#define CONFORMANCE_NO_TIME (-1)
#define CONFORMANCE_TIME_RULE                                                                      \
	"t is in ns, not before the t of the line above, and at most an hour after it"

/*
 * Called for each line in order. cJSON keeps numbers as doubles, so integers of 16 digits and more
 * arrive as strings of their digits: read integers through conformance_int() or
 * conformance_is_int(); number is the line number from 1, line the parsed object, freed
 * afterwards. Anything but OVERSUB_OK ends the reading.
 */
typedef enum oversub_status (*conformance_line)(void *context, uint64_t number, const cJSON *line,
						struct oversub_error *error);

/*
 * Read the vector at path. Returns OVERSUB_BAD_INPUT if it cannot be opened or a line is not a JSON
 * object, else what the callback ended with.
 */
enum oversub_status conformance_read(const char *path, conformance_line callback, void *context,
				     struct oversub_error *error);

/* item is an exact signed 64-bit integer; *value gets it. item may be NULL. */
bool conformance_is_int(const cJSON *item, int64_t *value);
/* The integer member name of object, absent if there is none or it is no integer. */
int64_t conformance_int(const cJSON *object, const char *name, int64_t absent);
/* The integer member name of object if it is 0 or more and below limit, else -1. */
int conformance_index(const cJSON *object, const char *name, int limit);
/*
 * Move *now, CONFORMANCE_NO_TIME before the first, to the time "t" (ns) of an operation; one
 * without it happens now. False: t is before *now or more than an hour after it, which no machine's
 * scheduler does.
 */
bool conformance_time(const cJSON *operation, int64_t *now);
/* The member "nice" of object, 0 if there is none; false: it is none of -20 to 19. */
bool conformance_nice(const cJSON *object, int *nice);
/* The string member name of object, "" if there is none. */
const char *conformance_string(const cJSON *object, const char *name);

#endif
