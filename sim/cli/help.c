/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/help.h"

#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/list_metrics.h"
#include "sim/base/wrap.h"
#include "sim/scenario/list.h"

enum { MAN_WIDTH = 72 };

static const char summary[] = "simulate oversubscribed KVM hosts";

static const char about[] =
	"oversub simulates hosts with more virtual CPUs than real ones: the scheduler\n"
	"(EEVDF), KVM with its pause-loop exits and directed yields, and the guests'\n"
	"locks and IPIs. It says, with error bars, what happens to latency and throughput\n"
	"if KVM yields to others, or if the scheduler treats them otherwise.\n";

static const char exit_status[] =
	"0   all is well\n"
	"1   the run or the machine failed: deadlock in a guest, disk full,\n"
	"    interrupted\n"
	"2   wrong command line or scenario; nothing was run or written\n";

static const char environment[] =
	"OVERSUB_DATA   where scenarios/ and plots/ are looked for after the current\n"
	"               directory and before share/oversub beside the program\n";

/* ---- Plain text --------------------------------------------------------------------------- */

/* Write text with indent before each line; the first line may have begun already. */
static void write_lines(FILE *out, const char *text, int indent, bool first_is_indented)
{
	while (*text) {
		int length = (int)strcspn(text, "\n");

		if (first_is_indented || !length)
			fprintf(out, "%.*s\n", length, text);
		else
			fprintf(out, "%*s%.*s\n", indent, "", length, text);
		first_is_indented = false;
		text += length + (text[length] == '\n');
	}
}

static void write_section(FILE *out, const char *title, const char *text)
{
	if (!text)
		return;
	fprintf(out, "\n%s:\n", title);
	write_lines(out, text, 2, false);
}

static void write_option(FILE *out, const struct cli_option_spec *spec)
{
	int width = 0;

	if (spec->letter)
		width += fprintf(out, "  -%c, ", spec->letter);
	else
		width += fprintf(out, "      ");
	width += fprintf(out, "--%s", spec->name);
	if (spec->argument)
		width += fprintf(out, " %s", spec->argument);
	if (width > 25) {
		fputc('\n', out);
		width = 0;
	}
	fprintf(out, "%*s", 27 - width, "");
	write_lines(out, spec->help, 27, true);
}

void help_overview(FILE *out)
{
	fprintf(out, "oversub %s: %s\n\n%s\nusage: oversub COMMAND [ARGUMENT]...\n\n",
		OVERSUB_VERSION, summary, about);
	for (const struct command *command = commands; command->name; command++)
		fprintf(out, "  %-12s %s\n", command->name, command->help);
	fputs("\n`oversub help COMMAND` says all about one of them, `oversub help scenario` how "
	      "to\n"
	      "write one, `oversub --version` which version this is.\n\n"
	      "A first try:\n"
	      "  oversub run demo\n"
	      "  oversub sweep demo --vary yield.candidate.policy=mainline,v3 --reps 3\n"
	      "  oversub plot out/demo-sweep\n",
	      out);
	write_section(out, "exit status", exit_status);
	write_section(out, "environment", environment);
}

void help_command(FILE *out, const struct command *command)
{
	fprintf(out, "oversub %s: %s\n\nusage: oversub %s %s\n\n%s", command->name, command->help,
		command->name, command->synopsis, command->description);
	if (command->options)
		fputs("\noptions:\n", out);
	for (int i = 0; i < CLI_OPTIONS; i++)
		if (command->options & 1u << i)
			write_option(out, &cli_option_specs[i]);
	write_section(out, "examples", command->examples);
	write_section(out, "files", command->files);
	write_section(out, "exit status", exit_status);
}

/* ---- Man page ----------------------------------------------------------------------------- */

/* Text for roff: backslashes and dashes escaped, no line that looks like a request. */
static void write_roff(FILE *out, const char *text)
{
	bool line_begins = true;

	for (; *text; text++) {
		if (line_begins && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else if (line_begins && *text == '\n')
			fputs(".PP", out);
		if (*text != '\\' && *text != '-')
			fputc(*text, out);
		line_begins = *text == '\n';
	}
	if (!line_begins)
		fputc('\n', out);
}

static void write_verbatim(FILE *out, const char *text)
{
	if (!text)
		return;
	fputs(".PP\n.nf\n", out);
	write_roff(out, text);
	fputs(".fi\n", out);
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
	write_roff(out, spec->help);
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
		write_verbatim(out, folded);
	}
	free(text);
	free(folded);
}

static void list_help(FILE *out, const struct policy_registry *policies)
{
	help_scenario(out);
}

void help_man(FILE *out)
{
	fprintf(out, ".TH OVERSUB 1 \"\" \"oversub %s\"\n.SH NAME\noversub \\- %s\n",
		OVERSUB_VERSION, summary);
	fputs(".SH SYNOPSIS\n", out);
	for (const struct command *command = commands; command->name; command++)
		fprintf(out, "\\fBoversub %s\\fR %s\n.br\n", command->name, command->synopsis);
	fputs(".SH DESCRIPTION\n", out);
	write_roff(out, about);
	for (const struct command *command = commands; command->name; command++) {
		fprintf(out, ".SH \"oversub %s\"\n", command->name);
		write_roff(out, command->description);
		for (int i = 0; i < CLI_OPTIONS; i++)
			if (command->options & 1u << i)
				write_roff_option(out, &cli_option_specs[i]);
		write_verbatim(out, command->examples);
		write_verbatim(out, command->files);
	}
	write_listing(out, "SCENARIOS", list_help);
	write_listing(out, "OPS", list_ops);
	write_listing(out, "PARAMETERS", list_params);
	write_listing(out, "METRICS", list_metrics);
	fputs(".SH \"EXIT STATUS\"\n", out);
	write_verbatim(out, exit_status);
	fputs(".SH ENVIRONMENT\n", out);
	write_verbatim(out, environment);
}
