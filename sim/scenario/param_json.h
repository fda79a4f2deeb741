/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading JSON values into structs with the help of parameter tables, and saying where in the
 * document something is wrong.
 */
#ifndef SIM_SCENARIO_PARAM_JSON_H
#define SIM_SCENARIO_PARAM_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include <oversub/error.h>
#include <oversub/param.h>

#include "sim/base/suggest.h"
#include "sim/engine/distribution.h"
#include "sim/scenario/grammar.h"

enum { JSON_PATH_MAX = 512, JSON_VALUE_TEXT_MAX = 64, PARAM_RANGE_TEXT_MAX = 96 };

/* A walk through a document: knows where it is. Start with path "" and length 0. */
struct json_reader {
	const char *file;
	struct oversub_error *error;
	char path[JSON_PATH_MAX]; /* of the current value, "vms.db.vcpus"; cut if too long */
	size_t length;
	char wrong[JSON_PATH_MAX];	   /* path of the value that json_fail() was about */
	struct measurements *measurements; /* where what was measured is kept; outlives the walk */
};

/* All that distributions of a document say was measured; sim_empirical_free() each, then list. */
struct measurements {
	struct sim_empirical **list;
	int nr;
};

/* Go down to a member or an element. Returns what json_leave() needs to come back up. */
size_t json_enter(struct json_reader *reader, const char *key);
size_t json_enter_index(struct json_reader *reader, int index);
void json_leave(struct json_reader *reader, size_t length);

/* Say that the current value is wrong: "FILE: PATH: message". Returns OVERSUB_BAD_INPUT. */
enum oversub_status json_fail(struct json_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Say that memory has run out. Returns OVERSUB_FAILED. */
enum oversub_status json_no_memory(struct json_reader *reader);

/* value for a message: `"fast"`, `3.5`, `an object`. Returns buffer of JSON_VALUE_TEXT_MAX. */
const char *json_value_text(const cJSON *value, char *buffer);

/* Fails unless value is of the kind that the name says. */
enum oversub_status json_expect_object(struct json_reader *reader, const cJSON *value);
enum oversub_status json_expect_array(struct json_reader *reader, const cJSON *value);
enum oversub_status json_expect_string(struct json_reader *reader, const cJSON *value);
/*
 * A name that a path can hold and a trace can show: 1 to 63 letters, digits, '_' and '-', not
 * beginning with '-'.
 */
enum oversub_status json_expect_name(struct json_reader *reader, const char *name);

/* Names that would have been right, for a message about one that is not. */
struct json_names {
	struct suggestion suggestion; /* wrong is set by who makes it */
	char list[400];		      /* all of them, separated by commas; cut if too long */
};
enum { JSON_NAMES_TEXT_MAX = 512 };

void json_names_add(struct json_names *names, const char *right);
/* End of a sentence: `; did you mean "x"?` or `; known: a, b`. Returns buffer of
 * JSON_NAMES_TEXT_MAX bytes. */
const char *json_names_text(const struct json_names *names, char *buffer);

/* Name number index of a list that context is, NULL behind the last one. */
typedef const char *json_name_fn(const void *context, int index);
/* The number that wanted has in a list; -1: none, and *names has what there is. */
int json_names_find(struct json_names *names, const char *wanted, json_name_fn *name_of,
		    const void *context);
/*
 * value is the name of something, whose number goes into *index. If nothing has it the message is
 * missing, "no workload has the name", then the name and what may have been meant.
 */
enum oversub_status json_read_name(struct json_reader *reader, const cJSON *value,
				   const char *missing, json_name_fn *name_of, const void *context,
				   int *index);

/* Read value into the field of values that param describes. */
enum oversub_status json_read_param(struct json_reader *reader, const cJSON *value,
				    const struct oversub_param *param, void *values);
/*
 * Read an object: its tables, texts and objects into the struct at values, whose parameters stay as
 * they are if they are not there. Members of other kinds are left to the caller; a key that the
 * grammar does not have is an error.
 */
enum oversub_status json_read_object(struct json_reader *reader, const cJSON *object,
				     const struct grammar_object *type, void *values);
/* Read an object that has one table and nothing else. */
enum oversub_status json_read_params(struct json_reader *reader, const cJSON *object,
				     const struct oversub_param *params, void *values);
/* Whether object has all that it must have. */
enum oversub_status json_check_missing(struct json_reader *reader, const cJSON *object,
				       const struct grammar_object *type);
/* Defaults of all tables into values. */
void json_object_defaults(const struct grammar_object *type, void *values);

/* Reads value, which the reader is at. */
typedef enum oversub_status json_member_fn(struct json_reader *reader, const cJSON *value,
					   void *context);
/* Read the member of object that has that key, if there is one. */
enum oversub_status json_read_member(struct json_reader *reader, const cJSON *object,
				     const char *key, json_member_fn *read, void *context);
/* Read each element of an array. */
enum oversub_status json_read_array(struct json_reader *reader, const cJSON *array,
				    json_member_fn *read, void *context);
/* Read each member of the object at key, if it is there. Their keys must be names. */
enum oversub_status json_read_map(struct json_reader *reader, const cJSON *object, const char *key,
				  json_member_fn *read, void *context);

/* The member "cpu_max" of the current object was read into max: do its values fit together? */
enum oversub_status json_check_cpu_max(struct json_reader *reader, const struct host_cpu_max *max);

/*
 * A duration (then it is constant), or an object with the name of a distribution as its key. A file
 * of measurements is read, and its contents take its place in value, which then needs no file.
 */
enum oversub_status json_read_distribution(struct json_reader *reader, const cJSON *value,
					   struct sim_distribution *distribution);
/* Parameter param of a distribution of that kind has no default that makes sense. */
bool distribution_param_required(enum sim_distribution_kind kind,
				 const struct oversub_param *param);

/* Range of param for people: "1..1024", "0 or more", "off, on". Returns buffer. */
const char *param_range_text(const struct oversub_param *param, char *buffer, size_t size);
/* Default of param for people: "50ms", "true", "lazy". Returns buffer. */
const char *param_default_text(const struct oversub_param *param, char *buffer, size_t size);

/*
 * No object has the same key twice, all numbers are finite, nothing nests deeper than max_depth:
 * what must hold anywhere in a document.
 */
enum oversub_status json_check_tree(struct json_reader *reader, const cJSON *value, int max_depth);

#endif
