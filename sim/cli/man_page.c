/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The man page oversub(1), as roff: all pages of help, and the listings. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "sim/base/wrap.h"
#include "sim/cli/command.h"
#include "sim/cli/help.h"
#include "sim/cli/help_text.h"
#include "sim/cli/list_metrics.h"
#include "sim/scenario/list.h"

enum { MAN_WIDTH = 72 };

/* Text for roff: backslashes and dashes escaped, no line that looks like a request. */
static void write_roff(FILE *out, struct help_part part)
{
	bool line_begins = true;

	for (; part.length > 0; part.at++, part.length--) {
		char c = *part.at;

		if (line_begins && (c == '.' || c == '\''))
			fputs("\\&", out);
		if (c == '\\')
			fputs("\\e", out);
		else if (c == '-')
			fputs("\\-", out);
		else if (line_begins && c == '\n')
			fputs(".PP", out);
		if (c != '\\' && c != '-')
			fputc(c, out);
		line_begins = c == '\n';
	}
	if (!line_begins)
		fputc('\n', out);
}

static struct help_part whole(const char *text)
{
	return (struct help_part){text, (int)strlen(text)};
}

static void write_verbatim(FILE *out, struct help_part part)
{
	if (!part.length)
		return;
	fputs(".PP\n.nf\n", out);
	write_roff(out, part);
	fputs(".fi\n", out);
}

/* A section of the overview below its title. */
static void write_roff_section(FILE *out, const char *title)
{
	struct help_part section = help_section(title);
	int length = (int)strlen(title);

	write_verbatim(out, (struct help_part){section.at + length, section.length - length});
}

static void write_roff_option(FILE *out, const struct cli_option_spec *spec)
{
	fputs(".TP\n", out);
	if (spec->letter)
		fprintf(out, "\\fB\\-%c\\fR, ", spec->letter);
	fprintf(out, "\\fB\\-\\-%s\\fR", spec->name);
	if (spec->argument)
		fprintf(out, *spec->argument == '=' ? "[\\fI%s\\fR]" : " \\fI%s\\fR",
			spec->argument);
	fputc('\n', out);
	write_roff(out, whole(spec->help));
}

/* What a listing shows, folded to the width of a page. */
static void write_listing(FILE *out, const char *title,
			  void (*write)(FILE *out, const struct policy_registry *policies))
{
	char *text = NULL, *folded = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (stream) {
		write(stream, &policy_registry_builtin);
		fclose(stream);
		stream = open_memstream(&folded, &size);
	}
	if (stream) {
		wrap_table(stream, text, MAN_WIDTH);
		fclose(stream);
		fprintf(out, ".SH %s\n", title);
		write_verbatim(out, whole(folded));
	}
	free(text);
	free(folded);
}

static void write_roff_list(FILE *out, void (*write)(FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (stream) {
		write(stream);
		fclose(stream);
		write_verbatim(out, whole(text));
	}
	free(text);
}

static void write_roff_command(FILE *out, const struct command *command)
{
	const char *page = help_text(command->name), *sections = help_sections(page);

	fprintf(out, ".SH \"oversub %s\"\n", command->name);
	write_roff(out, help_body(page, "usage:", sections));
	if (command->list)
		write_roff_list(out, command->list);
	for (int i = 0; i < CLI_OPTIONS; i++)
		if (command->options >> i & 1)
			write_roff_option(out, &cli_option_specs[i]);
	write_verbatim(out, whole(sections + strspn(sections, "\n")));
}

void help_man(FILE *out, const struct command *table)
{
	const char *page = help_text("overview");
	struct help_part summary = help_summary(page);

	fprintf(out, ".TH OVERSUB 1 \"\" \"oversub %s\"\n.SH NAME\noversub \\- %.*s\n",
		OVERSUB_VERSION, summary.length, summary.at);
	fputs(".SH SYNOPSIS\n", out);
	for (const struct command *command = table; command->name; command++) {
		struct help_part usage = help_line(help_text(command->name), "usage: oversub ");
		int name = (int)strlen(command->name) + 1;

		fprintf(out, "\\fBoversub %s\\fR %.*s\n.br\n", command->name, usage.length - name,
			usage.at + name);
	}
	fputs(".SH DESCRIPTION\n", out);
	write_roff(out, help_body(page, "oversub", strstr(page, "\nusage:")));
	for (const struct command *command = table; command->name; command++)
		write_roff_command(out, command);
	fputs(".SH SCENARIOS\n", out);
	write_verbatim(out, whole(help_text("scenario")));
	write_listing(out, "OPS", list_ops);
	write_listing(out, "PARAMETERS", list_params);
	write_listing(out, "METRICS", list_metrics);
	fputs(".SH \"EXIT STATUS\"\n", out);
	write_roff_section(out, "\nexit status:\n");
	fputs(".SH ENVIRONMENT\n", out);
	write_roff_section(out, "\nenvironment:\n");
}
