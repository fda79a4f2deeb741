/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct text text_in(char *buffer, size_t size)
{
	*buffer = '\0';
	return (struct text){.at = buffer, .size = size, .bounded = true};
}

/* Room for length more bytes and a 0. */
static bool make_room(struct text *text, size_t length)
{
	size_t wanted = text->used + length + 1;
	size_t size = text->size ? text->size : 64;
	char *larger;

	if (wanted <= text->size)
		return true;
	if (text->bounded)
		return false;
	while (size < wanted)
		size *= 2;
	larger = realloc(text->at, size);
	if (!larger)
		return false;
	text->at = larger;
	text->size = size;
	return true;
}

static void add(struct text *text, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (!make_room(text, (size_t)length)) {
		text->cut = true;
		if (!text->bounded)
			return;
		length = (int)(text->size - text->used) - 1;
	}
	vsnprintf(text->at + text->used, text->size - text->used, format, arguments);
	text->used += (size_t)length;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(text, format, arguments);
	va_end(arguments);
}

void text_join(struct text *text, const char *separator, const char *format, ...)
{
	va_list arguments;

	if (text->used)
		text_add(text, "%s", separator);
	va_start(arguments, format);
	add(text, format, arguments);
	va_end(arguments);
}

void text_read(struct text *text, FILE *stream, size_t most)
{
	size_t got = 1;

	while (got && text->used <= most) {
		size_t wanted = most - text->used < 65536 ? most - text->used + 1 : 65536;

		if (!make_room(text, wanted)) {
			text->cut = true;
			return;
		}
		got = fread(text->at + text->used, 1, wanted, stream);
		text->used += got;
		text->at[text->used] = '\0';
	}
}

char *text_take(struct text *text)
{
	char *taken = text->cut ? NULL : text->at ? text->at : strdup("");

	if (text->cut)
		free(text->at);
	*text = (struct text){0};
	return taken;
}
