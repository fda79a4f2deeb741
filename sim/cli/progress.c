/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const double show_after_s = 0.5; /* what is short needs no line */
static const double show_every_s = 0.2;

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_start(struct progress *progress, bool quiet)
{
	*progress =
		(struct progress){.enabled = !quiet && isatty(STDERR_FILENO), .started = now_s()};
}

/* "1:05" or "12 s" */
static void write_time(double seconds)
{
	if (seconds < 60)
		fprintf(stderr, "%.0f s", seconds);
	else if (seconds < 3600)
		fprintf(stderr, "%d:%02d", (int)seconds / 60, (int)seconds % 60);
	else
		fprintf(stderr, "%.1f h", seconds / 3600);
}

void progress_show(void *context, int64_t done_ns, int64_t total_ns)
{
	struct progress *progress = context;
	double now = now_s(), elapsed = now - progress->started;
	double fraction = total_ns > 0 ? (double)done_ns / (double)total_ns : 0;

	if (!progress->enabled || elapsed < show_after_s ||
	    now - progress->last_shown < show_every_s)
		return;
	progress->last_shown = now;
	progress->shown = true;
	fprintf(stderr, "\r%3.0f %%  %.3g of %.3g s simulated", 100 * fraction,
		(double)done_ns / 1e9, (double)total_ns / 1e9);
	if (fraction > 0 && fraction < 1) {
		fputs(", ", stderr);
		write_time(elapsed * (1 - fraction) / fraction);
		fputs(" left", stderr);
	}
	fputs("\033[K", stderr);
	fflush(stderr);
}

double progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
	return now_s() - progress->started;
}
