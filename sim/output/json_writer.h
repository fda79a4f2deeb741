/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes JSON as it goes, indented, with numbers that read back as the same double. The bytes are
 * a function of the calls alone. Errors stay in the stream.
 */
#ifndef SIM_OUTPUT_JSON_WRITER_H
#define SIM_OUTPUT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

enum { JSON_WRITER_DEPTH = 128 };

struct json_writer {
	FILE *stream;
	int depth;	  /* containers that are open */
	int inline_depth; /* containers from this depth on are on one line; 0: none is */
	bool has_elements[JSON_WRITER_DEPTH];
	char closer[JSON_WRITER_DEPTH];
};

/* Start to write to stream, which the caller owns. */
void json_start(struct json_writer *writer, FILE *stream);
/* End the text with a newline once all containers are closed. */
void json_finish(struct json_writer *writer);

/*
 * Elements. key is NULL in arrays and at the top. A container is ended by json_end(); one that is
 * on one_line has all it contains there.
 */
void json_object(struct json_writer *writer, const char *key, bool one_line);
void json_array(struct json_writer *writer, const char *key, bool one_line);
void json_end(struct json_writer *writer);
void json_string(struct json_writer *writer, const char *key, const char *value); /* NULL: null */
void json_number(struct json_writer *writer, const char *key, double value); /* NAN, inf: null */
void json_integer(struct json_writer *writer, const char *key, int64_t value);
void json_bool(struct json_writer *writer, const char *key, bool value);
/* A parsed document; value may be NULL: null. */
void json_value(struct json_writer *writer, const char *key, const cJSON *value);

/* A text that is one parsed document. */
void json_document(FILE *stream, const cJSON *document);

/*
 * An object, key, of objects for scopes, in the order in which these are first met among nr
 * elements of the given size; each element begins with a pointer to the name of its scope. write
 * adds what is to be told of an element, and has context.
 */
void json_scopes(struct json_writer *writer, const char *key, const void *elements, size_t nr,
		 size_t size,
		 void (*write)(struct json_writer *writer, const void *element, void *context),
		 void *context);

/* The shortest of %.15g, %.16g and %.17g that reads back as value; "null" if it is not finite. */
void json_format_number(double value, char text[32]);

#endif
