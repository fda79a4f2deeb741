/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/help.h"

#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/help_text.h"

enum { OPTION_WIDTH = 27 };

static void write_option(FILE *out, const struct cli_option_spec *spec)
{
	const char *line = spec->help;
	int width = 0;

	if (spec->letter)
		width += fprintf(out, "  -%c, ", spec->letter);
	else
		width += fprintf(out, "      ");
	width += fprintf(out, "--%s", spec->name);
	if (spec->argument)
		width += fprintf(out, *spec->argument == '=' ? "[%s]" : " %s", spec->argument);
	if (width > OPTION_WIDTH - 2) {
		fputc('\n', out);
		width = 0;
	}
	for (; *line; width = 0) {
		int length = (int)strcspn(line, "\n");

		fprintf(out, "%*s%.*s\n", OPTION_WIDTH - width, "", length, line);
		line += length + (line[length] == '\n');
	}
}

void help_overview(FILE *out, const struct command *table)
{
	const char *page = help_text("overview"), *colon = strchr(page, ':');
	const char *rest = strchr(strstr(page, "usage:"), '\n');

	fprintf(out, "%.*s %s%.*s\n\n", (int)(colon - page), page, OVERSUB_VERSION,
		(int)(rest - colon), colon);
	for (const struct command *command = table; command->name; command++) {
		struct help_part summary = help_summary(help_text(command->name));

		fprintf(out, "  %-12s %.*s\n", command->name, summary.length, summary.at);
	}
	fputs(rest + 1, out);
}

void help_command(FILE *out, const struct command *command)
{
	const char *page = help_text(command->name), *sections = help_sections(page);
	struct help_part exit_status = help_section("\nexit status:\n");

	fprintf(out, "%.*s", (int)(sections - page), page);
	if (command->list) {
		fputc('\n', out);
		command->list(out);
	}
	fputs("\noptions:\n", out);
	for (int i = 0; i < CLI_OPTIONS; i++)
		if (command->options >> i & 1)
			write_option(out, &cli_option_specs[i]);
	fputs(sections, out);
	fprintf(out, "%.*s\n", exit_status.length, exit_status.at);
}
