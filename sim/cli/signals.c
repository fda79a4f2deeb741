/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "sim/cli/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

/* Those that ask to stop, but not one that whoever started us wants to be deaf to, as nohup does.
 */
static void make_set(sigset_t *set)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
	struct sigaction action;

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (!sigaction(signals[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(set, signals[i]);
}

/* Warm-ups and looks are runs, too: the time is that of the whole command. */
static void arm(int64_t after_ns)
{
	struct itimerval timer = {0};
	int64_t left;

	if (after_ns <= 0)
		return;
	getitimer(ITIMER_REAL, &timer);
	if (timer.it_value.tv_sec || timer.it_value.tv_usec)
		return;
	left = after_ns / 1000 + 1;
	timer = (struct itimerval){
		.it_value = {.tv_sec = left / 1000000, .tv_usec = left % 1000000}};
	setitimer(ITIMER_REAL, &timer, NULL);
}

int interrupt_open(int64_t after_ns)
{
	sigset_t set;
	int fd;

	make_set(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	arm(after_ns);
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
