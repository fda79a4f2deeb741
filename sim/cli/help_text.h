/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pages of help, as they are in sim/cli/help. That of a command begins with "oversub NAME: what
 * it does" and "usage: oversub NAME ARGUMENTS"; its options are told between the description and
 * the sections "examples:" and "files:".
 */
#ifndef SIM_CLI_HELP_TEXT_H
#define SIM_CLI_HELP_TEXT_H

/* A part of a text, which need not end where it does. */
struct help_part {
	const char *at;
	int length;
};

/* The text of sim/cli/help/NAME.txt; NULL if there is none. */
const char *help_text(const char *name);
/* What follows what in page, to the end of the line; empty if what is not there. */
struct help_part help_line(const char *page, const char *what);

/* What a page begins with: "oversub run: this". */
struct help_part help_summary(const char *page);
/* The paragraphs behind the line that begins with what, to end. */
struct help_part help_body(const char *page, const char *what, const char *end);
/* The sections behind a description, each with its title; "" if there are none. */
const char *help_sections(const char *page);
/* A section of the overview, with its title. */
struct help_part help_section(const char *title);

#endif
