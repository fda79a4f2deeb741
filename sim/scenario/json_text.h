/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON text in, cJSON tree out, with everything refused that cJSON would let pass: trailing junk,
 * NUL bytes, bad UTF-8, line breaks inside strings, endless nesting, files that are no files.
 * Comments (two slashes to the end of the line, or slash-star to star-slash) are allowed.
 */
#ifndef SIM_SCENARIO_JSON_TEXT_H
#define SIM_SCENARIO_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include <oversub/error.h>

/*
 * Read at most max_bytes of file. *text is the caller's to free() and has a NUL behind its *size
 * bytes. Errors: OVERSUB_BAD_INPUT for a file that is missing, forbidden, a directory or too big.
 */
enum oversub_status json_text_read(const char *file, size_t max_bytes, char **text, size_t *size,
				   struct oversub_error *error);
/*
 * Parse text of size bytes with a NUL behind them; comments in it become spaces. Objects and arrays
 * nest at most max_depth deep. file is for messages: "file:line:column: what is wrong".
 */
enum oversub_status json_text_parse(const char *file, char *text, size_t size, int max_depth,
				    cJSON **out, struct oversub_error *error);

/* text is well-formed UTF-8. */
bool json_text_is_utf8(const char *text);

#endif
