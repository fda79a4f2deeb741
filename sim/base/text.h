/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text that is put together piece by piece, in a buffer of the caller's or in one that grows. For
 * what is written with a FILE, open_memstream() does the same.
 */
#ifndef SIM_BASE_TEXT_H
#define SIM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* {0}: an empty text that grows; TEXT_IN(array): an empty one bounded by array. */
struct text {
	char *at;    /* ends with 0; NULL while nothing is in a text that grows */
	size_t size; /* bytes at at */
	size_t used; /* bytes of text, without the 0; set it to 0 to begin again */
	bool bounded;
	bool cut; /* something had no room, or no memory */
};

/* A text in size bytes (at least 1) of the caller's at buffer, which become "". */
struct text text_in(char *buffer, size_t size);
#define TEXT_IN(array) text_in((array), sizeof(array))

/*
 * Add to the end. A bounded text is cut where its buffer ends; a text that grows stays as it is
 * without memory.
 */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Add to the end, behind separator unless the text is empty. */
void text_join(struct text *text, const char *separator, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * Add what is left of stream, but at most one byte more than most, which is enough to know that
 * there is too much. The text, which must be one that grows, is cut without memory; ferror() tells
 * what else went wrong.
 */
void text_read(struct text *text, FILE *stream, size_t most);
/*
 * What a text that grows has become: the caller's to free(), and the text is empty again. NULL,
 * and nothing to free, if memory was missing on the way.
 */
char *text_take(struct text *text);

#endif
