/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/base/wrap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SMALLEST_WIDTH = 40 };

/* ---- Lines that are being filled ------------------------------------------------------------ */

static void break_line(struct wrap *wrap, const char *separator, int length)
{
	while (length && separator[length - 1] == ' ')
		length--;
	fprintf(wrap->stream, "%.*s\n%*s", length, separator, wrap->indent, "");
	wrap->column = wrap->indent;
}

static void add_piece(struct wrap *wrap, const char *separator, int separator_length,
		      const char *text, int length)
{
	int width = wrap->width ? wrap->width : WRAP_WIDTH;

	if (wrap->column > wrap->indent && wrap->column + separator_length + length > width)
		break_line(wrap, separator, separator_length);
	else if (wrap->column)
		wrap->column += fprintf(wrap->stream, "%.*s", separator_length, separator);
	wrap->column += fprintf(wrap->stream, "%.*s", length, text);
}

void wrap_piece(struct wrap *wrap, const char *separator, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	add_piece(wrap, separator, (int)strlen(separator), text, length);
	free(text);
}

void wrap_words(struct wrap *wrap, const char *text)
{
	for (;;) {
		int blanks = (int)strspn(text, " ");
		int length = (int)strcspn(text + blanks, " \n");

		if (!length)
			return;
		add_piece(wrap, text, blanks, text + blanks, length);
		text += blanks + length;
	}
}

void wrap_end(struct wrap *wrap)
{
	fputc('\n', wrap->stream);
	wrap->column = 0;
}

/* ---- Tables --------------------------------------------------------------------------------- */

/* Where the last column of a line begins. */
static int last_column(const char *line, int length)
{
	for (int i = length - 1; i > 1; i--)
		if (line[i] != ' ' && line[i - 1] == ' ' && line[i - 2] == ' ')
			return i;
	return 0;
}

static void write_line(FILE *stream, const char *line, int length, int width)
{
	int last = last_column(line, length), margin = (int)strspn(line, " ");
	struct wrap wrap = {.stream = stream, .width = width, .indent = last, .column = margin};

	fprintf(stream, "%*s", margin, "");
	line += margin;
	/* A last column that would be squeezed begins a line of its own. */
	if (last > width / 2) {
		wrap.indent = margin + 4;
		if (last <= width) {
			int end = last - margin;

			while (end && line[end - 1] == ' ')
				end--;
			fprintf(stream, "%.*s\n%*s", end, line, wrap.indent, "");
			line += last - margin;
			wrap.column = wrap.indent;
		}
	}
	wrap_words(&wrap, line);
	wrap_end(&wrap);
}

void wrap_table(FILE *stream, const char *text, int width)
{
	while (*text) {
		int length = (int)strcspn(text, "\n");

		if (length > width)
			write_line(stream, text, length, width);
		else
			fprintf(stream, "%.*s\n", length, text);
		text += length + (text[length] == '\n');
	}
}

int wrap_terminal_width(FILE *stream)
{
	struct winsize size;

	if (!isatty(fileno(stream)) || ioctl(fileno(stream), TIOCGWINSZ, &size) ||
	    size.ws_col < SMALLEST_WIDTH)
		return 0;
	return size.ws_col;
}
