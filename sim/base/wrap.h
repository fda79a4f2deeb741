/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on lines of limited width. */
#ifndef SIM_BASE_WRAP_H
#define SIM_BASE_WRAP_H

#include <stdio.h>

/* Columns of a line that nothing else limits: as wide as anything that a terminal is shown. */
#define WRAP_WIDTH 100

/* Lines that are being filled. Begin with zeroes but for stream and what differs. */
struct wrap {
	FILE *stream;
	int width;  /* columns of a line; 0: WRAP_WIDTH */
	int indent; /* blanks before the lines after the first */
	int column; /* where the line ends by now */
};

/*
 * Write separator and the formatted text, which begins a line of its own if the present one has no
 * room; separator then stays behind, without the blanks that it ends with. A piece is never broken.
 */
void wrap_piece(struct wrap *wrap, const char *separator, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Write the words of text, up to a line feed in it, with the blanks between them. */
void wrap_words(struct wrap *wrap, const char *text);
/* End the last line. */
void wrap_end(struct wrap *wrap);

/*
 * Write the lines of text to stream. Those of more than width columns are broken between words;
 * what follows is indented to where the last column began, that is behind the last two blanks in a
 * row. If less than half of the width is left there, that column goes to lines of its own.
 */
void wrap_table(FILE *stream, const char *text, int width);
/* The columns of the terminal that stream is; 0 if it is none, or too narrow to wrap anything. */
int wrap_terminal_width(FILE *stream);

#endif
