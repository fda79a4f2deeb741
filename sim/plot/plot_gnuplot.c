/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the templates, and running gnuplot on a script. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/output/files.h"
#include "sim/plot/plot_script.h"
#include "sim/scenario/data_directory.h"

extern char **environ;

enum oversub_status plot_read_template(const char *name, char **text, struct oversub_error *error)
{
	char directory[4096], path[sizeof(directory) + 64];

	*text = NULL;
	for (enum data_place place = 0; !*text && place < DATA_PLACES; place++)
		if (data_directory(place, "plots", directory, sizeof(directory))) {
			snprintf(path, sizeof(path), "%s/%s.gp", directory, name);
			*text = output_read(path);
		}
	if (*text)
		return OVERSUB_OK;
	return oversub_fail(error, OVERSUB_FAILED,
			    "the template %s.gp is neither in ./plots nor where the program was "
			    "installed; set OVERSUB_DATA to the directory that has plots/%s.gp",
			    name, name);
}

static enum oversub_status spawn(const char *directory, const char *script, int report, pid_t *pid,
				 struct oversub_error *error)
{
	char *argv[] = {(char *)"gnuplot", (char *)script, NULL};
	posix_spawn_file_actions_t actions;
	int failure;

	failure = posix_spawn_file_actions_init(&actions);
	if (!failure) {
		posix_spawn_file_actions_addchdir_np(&actions, directory);
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
		posix_spawn_file_actions_adddup2(&actions, report, STDERR_FILENO);
		failure = posix_spawnp(pid, "gnuplot", &actions, NULL, argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	if (failure == ENOENT)
		return oversub_fail(error, OVERSUB_FAILED,
				    "gnuplot is missing: install it (Debian: apt install "
				    "gnuplot-nox) and run `oversub plot` again");
	if (failure)
		return oversub_fail(error, OVERSUB_FAILED, "cannot run gnuplot: %s",
				    strerror(failure));
	return OVERSUB_OK;
}

/* The message is the last line that is not blank; before it comes the line that was wrong. */
static const char *last_line(char *text)
{
	char *end = text + strlen(text);

	while (end > text && (end[-1] == '\n' || end[-1] == ' '))
		*--end = '\0';
	while (end > text && end[-1] != '\n')
		end--;
	return end;
}

enum oversub_status plot_gnuplot(const char *directory, const char *script,
				 struct oversub_error *error)
{
	FILE *report = tmpfile();
	enum oversub_status status;
	char said[2048];
	int result;
	pid_t pid;

	if (!report)
		return oversub_fail(error, OVERSUB_FAILED, "cannot run gnuplot: %s",
				    strerror(errno));
	status = spawn(directory, script, fileno(report), &pid, error);
	while (!status && waitpid(pid, &result, 0) < 0)
		if (errno != EINTR)
			status = oversub_fail(error, OVERSUB_FAILED, "cannot wait for gnuplot: %s",
					      strerror(errno));
	if (!status && (!WIFEXITED(result) || WEXITSTATUS(result))) {
		rewind(report);
		said[fread(said, 1, sizeof(said) - 1, report)] = '\0';
		status = oversub_fail(error, OVERSUB_FAILED, "gnuplot failed on %s/%s: %.300s",
				      directory, script, last_line(said));
	}
	fclose(report);
	return status;
}
