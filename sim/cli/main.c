/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program: find the subcommand and let it work. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "sim/cli/command.h"
#include "sim/cli/help.h"
#include "sim/cli/message.h"

/* What a command printed may have met a full disk or a closed pipe. */
static int end(int status)
{
	bool bad = ferror(stdout);

	errno = 0;
	if ((fflush(stdout) || bad) && !status) {
		message_error("cannot write to standard output: %s",
			      errno ? strerror(errno) : "disk full or device error");
		return OVERSUB_FAILED;
	}
	return status;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct cli_options options;
	struct oversub_error error = {""};
	enum oversub_status status = cli_options_parse(command, argc, argv, &options, &error);
	int signal = 0;

	options.commands = commands;
	options.ended_by = &signal;
	if (!status && options.help)
		help_command(stdout, command);
	else if (!status)
		status = command->run(&options, &error);
	if (status && *error.message)
		message_error("%s", error.message);
	cli_options_free(&options);
	return signal ? 128 + signal : (int)status;
}

static bool is_help(const char *argument)
{
	return !strcmp(argument, "--help") || !strcmp(argument, "-h");
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct oversub_error error;

	gsl_set_error_handler_off();
	if (argc < 2) {
		help_overview(stderr, commands);
		return OVERSUB_BAD_INPUT;
	}
	if (is_help(argv[1])) {
		help_overview(stdout, commands);
		return end(OVERSUB_OK);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("oversub %s\n", OVERSUB_VERSION);
		return end(OVERSUB_OK);
	}
	command = command_find(commands, argv[1], &error);
	if (!command) {
		message_error("%s", error.message);
		return OVERSUB_BAD_INPUT;
	}
	return end(run_command(command, argc - 1, argv + 1));
}
