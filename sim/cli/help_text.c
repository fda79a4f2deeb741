/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/help_text.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *text;
} texts[] = {
#include "help_texts.h" /* made by make of sim/cli/help/NAME.txt */
};

const char *help_text(const char *name)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!strcmp(texts[i].name, name))
			return texts[i].text;
	return NULL;
}

/* Where text begins in page, or its end. */
static const char *find(const char *page, const char *text)
{
	const char *at = strstr(page, text);

	return at ? at : page + strlen(page);
}

struct help_part help_line(const char *page, const char *what)
{
	const char *at = strstr(page, what);

	at = at ? at + strlen(what) : "";
	return (struct help_part){at, (int)strcspn(at, "\n")};
}

struct help_part help_summary(const char *page)
{
	return help_line(page, ": ");
}

struct help_part help_body(const char *page, const char *what, const char *end)
{
	const char *at = find(find(page, what), "\n\n");

	at += strspn(at, "\n");
	return (struct help_part){at, (int)(end - at)};
}

const char *help_sections(const char *page)
{
	const char *examples = find(page, "\nexamples:\n"), *files = find(page, "\nfiles:\n");

	return examples < files ? examples : files;
}

struct help_part help_section(const char *title)
{
	const char *at = find(help_text("overview"), title);

	return (struct help_part){at, (int)(find(at + 1, "\n\n") - at)};
}
