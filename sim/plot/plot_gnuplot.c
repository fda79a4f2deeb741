/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the templates, and running gnuplot on a script. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/plot/plot_script.h"
#include "sim/scenario/data_directory.h"

extern char **environ;

/* ---- Templates ----------------------------------------------------------------------------------
 */

enum oversub_status plot_open_template(const char *name, FILE **stream, struct oversub_error *error)
{
	char directory[4096], path[4096 + 64];

	*stream = NULL;
	for (enum data_place place = 0; place < DATA_PLACES; place++) {
		if (!data_directory(place, "plots", directory, sizeof(directory)))
			continue;
		snprintf(path, sizeof(path), "%s/%s.gp", directory, name);
		*stream = fopen(path, "r");
		if (*stream)
			return OVERSUB_OK;
	}
	return oversub_fail(error, OVERSUB_FAILED,
			    "the template %s.gp is neither in ./plots nor where the program was "
			    "installed; set OVERSUB_DATA to the directory that has plots/%s.gp",
			    name, name);
}

/* ---- gnuplot ------------------------------------------------------------------------------------
 */

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

/* What gnuplot says, until it has no more to say; what does not fit is thrown away. */
static void read_report(int fd, char *text, size_t size)
{
	char rest[512];
	size_t used = 0;
	ssize_t got;

	for (;;) {
		bool full = used + 1 >= size;

		got = read(fd, full ? rest : text + used, full ? sizeof(rest) : size - used - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		if (!full)
			used += (size_t)got;
	}
	text[used] = '\0';
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
	enum oversub_status status;
	char report[2048];
	int ends[2], result;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return oversub_fail(error, OVERSUB_FAILED, "cannot run gnuplot: %s",
				    strerror(errno));
	status = spawn(directory, script, ends[1], &pid, error);
	close(ends[1]);
	if (!status)
		read_report(ends[0], report, sizeof(report));
	close(ends[0]);
	if (status)
		return status;
	while (waitpid(pid, &result, 0) < 0)
		if (errno != EINTR)
			return oversub_fail(error, OVERSUB_FAILED, "cannot wait for gnuplot: %s",
					    strerror(errno));
	if (!WIFEXITED(result) || WEXITSTATUS(result))
		return oversub_fail(error, OVERSUB_FAILED, "gnuplot failed on %s/%s: %.300s",
				    directory, script, last_line(report));
	return OVERSUB_OK;
}
