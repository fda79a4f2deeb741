/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/json_writer.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void json_format_number(double value, char text[32])
{
	if (!isfinite(value)) {
		snprintf(text, 32, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, 32, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			return;
	}
}

static void write_string(FILE *stream, const char *text)
{
	fputc('"', stream);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(stream, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", stream);
		else if (c == '\t')
			fputs("\\t", stream);
		else if (c < 0x20)
			fprintf(stream, "\\u%04x", c);
		else
			fputc(c, stream);
	}
	fputc('"', stream);
}

static bool on_one_line(const struct json_writer *writer)
{
	return writer->inline_depth && writer->depth >= writer->inline_depth;
}

static void new_line(struct json_writer *writer)
{
	fputc('\n', writer->stream);
	for (int i = 0; i < writer->depth; i++)
		fputs("  ", writer->stream);
}

/* What comes before an element: comma, line, key. */
static void begin_element(struct json_writer *writer, const char *key)
{
	if (writer->depth) {
		if (writer->has_elements[writer->depth])
			fputs(on_one_line(writer) ? ", " : ",", writer->stream);
		if (!on_one_line(writer))
			new_line(writer);
		writer->has_elements[writer->depth] = true;
	}
	if (key) {
		write_string(writer->stream, key);
		fputs(": ", writer->stream);
	}
}

static void begin_container(struct json_writer *writer, const char *key, char opener, char closer,
			    bool one_line)
{
	begin_element(writer, key);
	fputc(opener, writer->stream);
	writer->depth++;
	assert(writer->depth < JSON_WRITER_DEPTH);
	writer->has_elements[writer->depth] = false;
	writer->closer[writer->depth] = closer;
	if (one_line && !writer->inline_depth)
		writer->inline_depth = writer->depth;
}

void json_start(struct json_writer *writer, FILE *stream)
{
	*writer = (struct json_writer){.stream = stream};
}

void json_finish(struct json_writer *writer)
{
	assert(writer->depth == 0);
	fputc('\n', writer->stream);
}

void json_object(struct json_writer *writer, const char *key, bool one_line)
{
	begin_container(writer, key, '{', '}', one_line);
}

void json_array(struct json_writer *writer, const char *key, bool one_line)
{
	begin_container(writer, key, '[', ']', one_line);
}

void json_end(struct json_writer *writer)
{
	bool one_line = on_one_line(writer), empty = !writer->has_elements[writer->depth];
	char closer = writer->closer[writer->depth];

	if (writer->inline_depth == writer->depth)
		writer->inline_depth = 0;
	writer->depth--;
	if (!one_line && !empty)
		new_line(writer);
	fputc(closer, writer->stream);
}

void json_string(struct json_writer *writer, const char *key, const char *value)
{
	begin_element(writer, key);
	if (value)
		write_string(writer->stream, value);
	else
		fputs("null", writer->stream);
}

void json_number(struct json_writer *writer, const char *key, double value)
{
	char text[32];

	begin_element(writer, key);
	json_format_number(value, text);
	fputs(text, writer->stream);
}

void json_integer(struct json_writer *writer, const char *key, int64_t value)
{
	begin_element(writer, key);
	fprintf(writer->stream, "%" PRId64, value);
}

void json_bool(struct json_writer *writer, const char *key, bool value)
{
	begin_element(writer, key);
	fputs(value ? "true" : "false", writer->stream);
}

void json_value(struct json_writer *writer, const char *key, const cJSON *value)
{
	const cJSON *child;

	if (cJSON_IsObject(value) || cJSON_IsArray(value)) {
		begin_container(writer, key, cJSON_IsObject(value) ? '{' : '[',
				cJSON_IsObject(value) ? '}' : ']', false);
		cJSON_ArrayForEach(child, value) json_value(writer, child->string, child);
		json_end(writer);
	} else if (cJSON_IsString(value)) {
		json_string(writer, key, value->valuestring);
	} else if (cJSON_IsNumber(value)) {
		json_number(writer, key, value->valuedouble);
	} else if (cJSON_IsBool(value)) {
		json_bool(writer, key, cJSON_IsTrue(value));
	} else {
		json_string(writer, key, NULL);
	}
}

void json_document(FILE *stream, const cJSON *document)
{
	struct json_writer writer;

	json_start(&writer, stream);
	json_value(&writer, NULL, document);
	json_finish(&writer);
}

/* What element i of an array begins with. */
static const char *scope_of(const void *elements, size_t i, size_t size)
{
	return *(const char *const *)((const char *)elements + i * size);
}

/* From the end: the one before is the likely one, and there may be a million. */
static bool was_met(const void *elements, size_t i, size_t size)
{
	for (size_t j = i; j-- > 0;)
		if (!strcmp(scope_of(elements, j, size), scope_of(elements, i, size)))
			return true;
	return false;
}

void json_scopes(struct json_writer *writer, const char *key, const void *elements, size_t nr,
		 size_t size,
		 void (*write)(struct json_writer *writer, const void *element, void *context),
		 void *context)
{
	json_object(writer, key, false);
	for (size_t i = 0; i < nr; i++) {
		const char *scope = scope_of(elements, i, size);

		if (was_met(elements, i, size))
			continue;
		json_object(writer, scope, false);
		for (size_t j = i; j < nr; j++)
			if (!strcmp(scope_of(elements, j, size), scope))
				write(writer, (const char *)elements + j * size, context);
		json_end(writer);
	}
	json_end(writer);
}
