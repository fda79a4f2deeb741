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

static bool is_help(const char *argument)
{
	return !strcmp(argument, "--help") || !strcmp(argument, "-h");
}

int main(int argc, char **argv)
{
	const struct command *command;

	gsl_set_error_handler_off();
	if (argc < 2) {
		help_overview(stderr);
		return OVERSUB_BAD_INPUT;
	}
	if (is_help(argv[1])) {
		help_overview(stdout);
		return end(OVERSUB_OK);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("oversub %s\n", OVERSUB_VERSION);
		return end(OVERSUB_OK);
	}
	command = command_find(argv[1]);
	if (!command)
		return message_unknown_command(argv[1]);
	/* A command without options of its own reads its arguments itself. */
	if (!command->options && argc > 2 && is_help(argv[2])) {
		help_command(stdout, command);
		return end(OVERSUB_OK);
	}
	return end(command->run(argc - 1, argv + 1));
}
