/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Those that ask to stop, but not one that whoever started us wants to be deaf to, as nohup does.
 */
static void make_set(sigset_t *set)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (!sigaction(signals[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(set, signals[i]);
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
