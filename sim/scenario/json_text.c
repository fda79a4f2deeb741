/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/scenario/json_text.h"

/* ---- Reading ------------------------------------------------------------------------------ */

static enum oversub_status cannot_open(const char *file, int reason, struct oversub_error *error)
{
	switch (reason) {
	case ENOENT:
	case ENOTDIR: return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: no such file", file);
	case EACCES:
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: no permission to read it", file);
	case ENAMETOOLONG:
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%.100s...: the name is too long",
				    file);
	default:
		return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: cannot be opened (errno %d)",
				    file, reason);
	}
}

/* fread() everything; one byte more than max_bytes is enough to know that it is too big. */
static enum oversub_status read_stream(FILE *stream, const char *file, size_t max_bytes,
				       char **text, size_t *size, struct oversub_error *error)
{
	size_t capacity = 64 * 1024;
	size_t used = 0;
	char *buffer = malloc(capacity + 1);

	while (buffer) {
		char *larger;

		used += fread(buffer + used, 1, capacity - used, stream);
		if (used < capacity || used > max_bytes)
			break;
		capacity *= 2;
		larger = realloc(buffer, capacity + 1);
		if (!larger)
			free(buffer);
		buffer = larger;
	}
	if (!buffer)
		return oversub_fail(error, OVERSUB_FAILED, "%s: out of memory", file);
	if (ferror(stream) || used > max_bytes) {
		free(buffer);
		if (used <= max_bytes)
			return oversub_fail(error, OVERSUB_BAD_INPUT, "%s: cannot be read", file);
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: larger than %zu MiB, the limit for a scenario", file,
				    max_bytes >> 20);
	}
	buffer[used] = '\0';
	*text = buffer;
	*size = used;
	return OVERSUB_OK;
}

enum oversub_status json_text_read(const char *file, size_t max_bytes, char **text, size_t *size,
				   struct oversub_error *error)
{
	enum oversub_status status;
	struct stat info;
	FILE *stream;

	if (stat(file, &info))
		return cannot_open(file, errno, error);
	if (S_ISDIR(info.st_mode))
		return oversub_fail(error, OVERSUB_BAD_INPUT,
				    "%s: a directory, but a scenario is a JSON file", file);
	stream = fopen(file, "rb");
	if (!stream)
		return cannot_open(file, errno, error);
	status = read_stream(stream, file, max_bytes, text, size, error);
	fclose(stream);
	return status;
}

/* ---- Looking over the text before cJSON sees it ------------------------------------------- */

struct scan {
	const char *file;
	char *text;
	size_t size;
	size_t at;
	int depth;
	int max_depth;
	struct oversub_error *error;
};

/* "file:line:column: message"; columns count characters. */
static enum oversub_status fail_at(const struct scan *scan, size_t at, const char *message)
{
	int line = 1;
	int column = 1;

	for (size_t i = 0; i < at; i++) {
		if (scan->text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)scan->text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return oversub_fail(scan->error, OVERSUB_BAD_INPUT, "%s:%d:%d: %s", scan->file, line,
			    column, message);
}

/* Length of the well-formed UTF-8 sequence at bytes (RFC 3629), 0 if there is none. */
static size_t utf8_length(const unsigned char *bytes, size_t left)
{
	static const struct {
		unsigned char first_low, first_high, second_low, second_high;
		size_t length;
	} forms[] = {
		{0x00, 0x7f, 0, 0, 1},	     {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t length = forms[i].length;

		if (*bytes < forms[i].first_low || *bytes > forms[i].first_high || length > left)
			continue;
		if (length > 1 &&
		    (bytes[1] < forms[i].second_low || bytes[1] > forms[i].second_high))
			continue;
		for (size_t k = 2; k < length; k++)
			if ((bytes[k] & 0xc0) != 0x80)
				return 0;
		return length;
	}
	return 0;
}

bool json_text_is_utf8(const char *text)
{
	for (size_t left = strlen(text); left;) {
		size_t length = utf8_length((const unsigned char *)text, left);

		if (!length)
			return false;
		text += length;
		left -= length;
	}
	return true;
}

/* Every byte is UTF-8 and none is NUL. */
static enum oversub_status check_encoding(const struct scan *scan)
{
	for (size_t at = 0; at < scan->size;) {
		size_t length =
			utf8_length((const unsigned char *)scan->text + at, scan->size - at);

		if (!length)
			return fail_at(scan, at, "not UTF-8; a scenario is UTF-8 text");
		if (!scan->text[at])
			return fail_at(scan, at, "a NUL byte; a scenario is UTF-8 text");
		at += length;
	}
	return OVERSUB_OK;
}

/* From an opening quote to behind the closing one. */
static enum oversub_status skip_string(struct scan *scan)
{
	size_t start = scan->at++;

	for (; scan->at < scan->size; scan->at++) {
		const char *c = scan->text + scan->at;

		if (*c == '"') {
			scan->at++;
			return OVERSUB_OK;
		}
		if (*c == '\n')
			break;
		if ((unsigned char)*c < ' ')
			return fail_at(scan, scan->at,
				       "a control character in a string; write it as \\u00XX");
		if (*c == '\\') {
			/* The text ends with a NUL, so strncmp() stays inside. */
			if (!strncmp(c, "\\u0000", 6))
				return fail_at(scan, scan->at, "a NUL in a string");
			if (scan->at + 1 < scan->size && c[1] != '\n')
				scan->at++;
		}
	}
	return fail_at(scan, start, "a string that does not end on its line");
}

/* Overwrite a comment with spaces; its line breaks stay, so that positions stay right. */
static enum oversub_status blank_comment(struct scan *scan)
{
	size_t start = scan->at;
	bool block = scan->text[start + 1] == '*';
	char *end = block ? strstr(scan->text + start + 2, "*/") : strchr(scan->text + start, '\n');

	if (!end && block)
		return fail_at(scan, start, "a comment that does not end");
	scan->at = end ? (size_t)(end - scan->text) + (block ? 2 : 0) : scan->size;
	for (size_t i = start; i < scan->at; i++)
		if (scan->text[i] != '\n')
			scan->text[i] = ' ';
	return OVERSUB_OK;
}

static enum oversub_status check_text(struct scan *scan)
{
	enum oversub_status status = check_encoding(scan);

	while (!status && scan->at < scan->size) {
		const char *c = scan->text + scan->at;

		if (*c == '"') {
			status = skip_string(scan);
			continue;
		}
		if (*c == '/' && (c[1] == '/' || c[1] == '*')) {
			status = blank_comment(scan);
			continue;
		}
		if ((*c == '{' || *c == '[') && ++scan->depth > scan->max_depth)
			return fail_at(scan, scan->at, "nested too deeply");
		if (*c == '}' || *c == ']')
			scan->depth--;
		scan->at++;
	}
	return status;
}

/* ---- Parsing ------------------------------------------------------------------------------ */

/* The last character before at that is not white space, NUL if there is none. */
static char character_before(const struct scan *scan, size_t at)
{
	while (at > 0 && strchr(" \t\r\n", scan->text[at - 1]))
		at--;
	return at > 0 ? scan->text[at - 1] : '\0';
}

static enum oversub_status syntax_error(const struct scan *scan, size_t at, bool complete)
{
	char message[128];
	char before = character_before(scan, at ? at - 1 : 0);
	char c;

	/* Where cJSON wants a key and finds none, it points behind the character. */
	if (at > 1 && !strchr(" \t\r\n\"0123456789", scan->text[at - 1]) &&
	    (before == '{' || before == ','))
		at--;
	while (at < scan->size && strchr(" \t\r\n", scan->text[at]))
		at++;
	if (at >= scan->size)
		return fail_at(scan, scan->size, "the document ends before it is complete");
	c = scan->text[at];
	before = character_before(scan, at);
	if (complete)
		return fail_at(scan, at, "something follows the end of the document");
	if ((c == '}' || c == ']') && before == ',')
		return fail_at(scan, at, "a comma before a closing bracket");
	if (c == '\'')
		return fail_at(scan, at, "strings and keys have double quotes");
	if (c == '"' && before != ',' && before != ':' && before != '{' && before != '[')
		return fail_at(scan, at, "a comma or a colon is missing before this string");
	if (before == '{' || (before == ',' && c != '"' && strchr("}_", c)))
		return fail_at(scan, at, "expected a key in double quotes");
	if ((unsigned char)c < 0x80)
		snprintf(message, sizeof(message), "not JSON: unexpected '%c'", c);
	else
		snprintf(message, sizeof(message), "not JSON: unexpected character");
	return fail_at(scan, at, message);
}

enum oversub_status json_text_parse(const char *file, char *text, size_t size, int max_depth,
				    cJSON **out, struct oversub_error *error)
{
	struct scan scan = {file, text, size, 0, 0, max_depth, error};
	enum oversub_status status = check_text(&scan);
	const char *end = text;

	*out = NULL;
	if (status)
		return status;
	*out = cJSON_ParseWithLengthOpts(text, size + 1, &end, true);
	if (!*out) {
		cJSON *first = cJSON_ParseWithLengthOpts(text, size + 1, NULL, false);
		bool complete = first != NULL;

		cJSON_Delete(first);
		return syntax_error(&scan, (size_t)(end - text), complete);
	}
	return OVERSUB_OK;
}
