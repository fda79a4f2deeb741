/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/help.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/wrap.h"
#include "sim/cli/command.h"
#include "sim/cli/help_text.h"
#include "sim/cli/list_metrics.h"
#include "sim/scenario/list.h"

enum { MAN_WIDTH = 72, OPTION_WIDTH = 27 };

/* ---- Pages ---------------------------------------------------------------------------------- */

/* Where text begins in page, or its end. */
static const char *find(const char *page, const char *text)
{
	const char *at = strstr(page, text);

	return at ? at : page + strlen(page);
}

static struct help_part part_between(const char *at, const char *end)
{
	return (struct help_part){at, (int)(end - at)};
}

/* What a page begins with: "oversub run: this". */
static struct help_part summary_of(const char *page)
{
	return help_line(page, ": ");
}

/* The paragraphs behind the line that begins with what. */
static struct help_part body_of(const char *page, const char *what, const char *end)
{
	const char *at = find(find(page, what), "\n\n");

	return part_between(at + strspn(at, "\n"), end);
}

/* The sections behind a description, each with its title; "" if there are none. */
static const char *sections_of(const char *page)
{
	const char *examples = find(page, "\nexamples:\n"), *files = find(page, "\nfiles:\n");

	return examples < files ? examples : files;
}

/* A section of the overview, with its title. */
static struct help_part section_of(const char *title)
{
	const char *at = find(help_text("overview"), title);

	return part_between(at, find(at + 1, "\n\n"));
}

static void write_part(FILE *out, struct help_part part)
{
	fprintf(out, "%.*s", part.length, part.at);
}

/* ---- Plain text ----------------------------------------------------------------------------- */

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
		width += fprintf(out, " %s", spec->argument);
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
	const char *page = help_text("overview"), *colon = find(page, ":");
	const char *rest = find(find(page, "usage:"), "\n");

	fprintf(out, "%.*s %s%.*s\n\n", (int)(colon - page), page, OVERSUB_VERSION,
		(int)(rest - colon), colon);
	for (const struct command *command = table; command->name; command++) {
		struct help_part summary = summary_of(help_text(command->name));

		fprintf(out, "  %-12s %.*s\n", command->name, summary.length, summary.at);
	}
	fputs(rest + 1, out);
}

void help_command(FILE *out, const struct command *command)
{
	const char *page = help_text(command->name), *sections = sections_of(page);

	write_part(out, part_between(page, sections));
	if (command->list) {
		fputc('\n', out);
		command->list(out);
	}
	fputs("\noptions:\n", out);
	for (int i = 0; i < CLI_OPTIONS; i++)
		if (command->options & 1u << i)
			write_option(out, &cli_option_specs[i]);
	fputs(sections, out);
	write_part(out, section_of("\nexit status:\n"));
	fputc('\n', out);
}

/* ---- Man page ------------------------------------------------------------------------------- */

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
	return part_between(text, text + strlen(text));
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
	struct help_part section = section_of(title);
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
		fprintf(out, " \\fI%s\\fR", spec->argument);
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

static void list_help(FILE *out, const struct policy_registry *policies)
{
	help_scenario(out);
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
	const char *page = help_text(command->name), *sections = sections_of(page);

	fprintf(out, ".SH \"oversub %s\"\n", command->name);
	write_roff(out, body_of(page, "usage:", sections));
	if (command->list)
		write_roff_list(out, command->list);
	for (int i = 0; i < CLI_OPTIONS; i++)
		if (command->options & 1u << i)
			write_roff_option(out, &cli_option_specs[i]);
	write_verbatim(out, whole(sections + strspn(sections, "\n")));
}

void help_man(FILE *out, const struct command *table)
{
	const char *page = help_text("overview");
	struct help_part summary = summary_of(page);

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
	write_roff(out, body_of(page, "oversub", find(page, "\nusage:")));
	for (const struct command *command = table; command->name; command++)
		write_roff_command(out, command);
	write_listing(out, "SCENARIOS", list_help);
	write_listing(out, "OPS", list_ops);
	write_listing(out, "PARAMETERS", list_params);
	write_listing(out, "METRICS", list_metrics);
	fputs(".SH \"EXIT STATUS\"\n", out);
	write_roff_section(out, "\nexit status:\n");
	fputs(".SH ENVIRONMENT\n", out);
	write_roff_section(out, "\nenvironment:\n");
}
