/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void make_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

int interrupt_open(void)
{
	sigset_t set;
	int fd;

	make_set(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	return fd;
}

void interrupt_close(int fd)
{
	struct signalfd_siginfo info;
	sigset_t set;

	if (fd < 0)
		return;
	/* The signal that ended the experiment has done its work. */
	while (read(fd, &info, sizeof(info)) > 0)
		;
	close(fd);
	make_set(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
