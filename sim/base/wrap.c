/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/wrap.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SMALLEST_WIDTH = 40 };

/* Where the last column of a line begins. */
static int last_column(const char *line, int length)
{
	for (int i = length - 1; i > 1; i--)
		if (line[i] != ' ' && line[i - 1] == ' ' && line[i - 2] == ' ')
			return i;
	return 0;
}

/* How many of length bytes of text fit into width columns; a word too long for it goes whole. */
static int piece_of(const char *text, int length, int width)
{
	if (length <= width)
		return length;
	for (int i = width; i > 0; i--)
		if (text[i] == ' ')
			return i;
	width = (int)strcspn(text, " \n");
	return width < length ? width : length;
}

/* Write length bytes of text without the blanks at their end. */
static void write_trimmed(FILE *out, int indent, const char *text, int length)
{
	while (length && text[length - 1] == ' ')
		length--;
	fprintf(out, "%*s%.*s\n", indent, "", length, text);
}

static void write_line(FILE *out, const char *line, int length, int width)
{
	int indent = last_column(line, length), column = 0;
	const char *end = line + length;

	/* A last column that would be squeezed begins a line of its own. */
	if (indent > width / 2) {
		int first = indent;

		indent = (int)strspn(line, " ") + 4;
		if (first <= width) {
			write_trimmed(out, 0, line, first);
			line += first;
			column = indent;
		}
	}
	while (line < end) {
		int piece = piece_of(line, (int)(end - line), width - column);

		write_trimmed(out, column, line, piece);
		for (line += piece; line < end && *line == ' '; line++)
			;
		column = indent;
	}
}

void wrap_write(FILE *out, const char *text, int width)
{
	while (*text) {
		int length = (int)strcspn(text, "\n");

		if (length > width)
			write_line(out, text, length, width);
		else
			fprintf(out, "%.*s\n", length, text);
		text += length + (text[length] == '\n');
	}
}

int wrap_width(FILE *stream)
{
	struct winsize size;

	if (!isatty(fileno(stream)) || ioctl(fileno(stream), TIOCGWINSZ, &size) ||
	    size.ws_col < SMALLEST_WIDTH)
		return 0;
	return size.ws_col;
}
