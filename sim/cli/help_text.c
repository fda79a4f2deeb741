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

struct help_part help_line(const char *page, const char *what)
{
	const char *at = strstr(page, what);

	at = at ? at + strlen(what) : "";
	return (struct help_part){at, (int)strcspn(at, "\n")};
}
