/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help: every command has a page, and the man page has all of them. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/help.h"
#include "sim/cli/help_text.h"

enum { PAGE_WIDTH = 82 };

static void every_command_has_a_page_with_its_name_and_usage(void **state)
{
	for (const struct command *command = commands; command->name; command++) {
		const char *page = help_text(command->name);
		char begin[64], usage[64];

		assert_non_null(page);
		snprintf(begin, sizeof(begin), "oversub %s: ", command->name);
		snprintf(usage, sizeof(usage), "\n\nusage: oversub %s ", command->name);
		assert_ptr_equal(strstr(page, begin), page);
		assert_non_null(strstr(page, usage));
	}
}

static void pages_fit_on_terminals(void **state)
{
	for (const struct command *command = commands; command->name; command++)
		for (const char *line = help_text(command->name); *line;) {
			size_t length = strcspn(line, "\n");

			assert_in_range(length, 0, PAGE_WIDTH);
			line += length + 1;
		}
}

static void help_tells_the_options_that_a_command_takes_and_no_others(void **state)
{
	for (const struct command *command = commands; command->name; command++) {
		char *text = NULL;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		assert_non_null(stream);
		help_command(stream, command);
		fclose(stream);
		for (int i = 0; i < CLI_OPTIONS; i++) {
			const struct cli_option_spec *spec = &cli_option_specs[i];
			char line[64];

			snprintf(line, sizeof(line), "%s--%s%s", spec->letter ? ", " : "      ",
				 spec->name,
				 !spec->argument	  ? ""
				 : *spec->argument == '=' ? "["
							  : " ");
			assert_int_equal(strstr(text, line) != NULL, command->options >> i & 1);
		}
		assert_non_null(strstr(text, "\nexit status:\n"));
		free(text);
	}
}

static void the_man_page_has_a_section_for_each_command(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	help_man(stream, commands);
	fclose(stream);
	for (const struct command *command = commands; command->name; command++) {
		char title[64];

		snprintf(title, sizeof(title), "\n.SH \"oversub %s\"\n", command->name);
		assert_non_null(strstr(text, title));
	}
	assert_non_null(strstr(text, "\n.SH ENVIRONMENT\n"));
	free(text);
}

static void a_mistyped_command_is_guessed(void **state)
{
	struct oversub_error error;

	assert_null(command_find(commands, "swep", &error));
	assert_non_null(strstr(error.message, "did you mean sweep?"));
	assert_null(command_find(commands, "frobnicate", &error));
	assert_non_null(strstr(error.message, "oversub help"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_has_a_page_with_its_name_and_usage),
		cmocka_unit_test(pages_fit_on_terminals),
		cmocka_unit_test(help_tells_the_options_that_a_command_takes_and_no_others),
		cmocka_unit_test(the_man_page_has_a_section_for_each_command),
		cmocka_unit_test(a_mistyped_command_is_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
