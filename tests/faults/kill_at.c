// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs a program and kills it at the n-th system call of its first thread, before the call is done;
 * with n = 0, lets it end and prints how many there were. Of oversub, all files are written by that
 * thread.
 *	kill_at N PROGRAM ARGUMENT...
 * Exit status: 137 if it was killed, else the program's.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 125;
}

int main(int argc, char **argv)
{
	long n = argc > 2 ? atol(argv[1]) : -1, calls = 0;
	int status, inside = 0, deliver = 0;
	pid_t child;

	if (n < 0) {
		fprintf(stderr, "usage: kill_at N PROGRAM ARGUMENT...\n");
		return 125;
	}
	child = fork();
	if (child < 0)
		return fail("fork");
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (waitpid(child, &status, 0) < 0 || WIFEXITED(status))
		return fail("cannot start or trace the program");
	ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, (void *)(long)deliver))
			return fail("ptrace");
		if (waitpid(child, &status, 0) < 0)
			return fail("waitpid");
		deliver = 0;
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			deliver = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
			continue;
		}
		inside = !inside;
		if (inside && ++calls == n) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return 137;
		}
	}
	if (n == 0)
		printf("%ld\n", calls);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
