/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const double show_after_s = 0.5; /* what is short needs no line */
static const double show_every_s = 0.2, show_json_every_s = 1;

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

const char *const progress_modes[] = {"auto", "always", "never", "json", NULL};

void progress_start(struct progress *progress, enum progress_mode mode, bool quiet)
{
	if (mode == PROGRESS_AUTO)
		mode = !quiet && isatty(STDERR_FILENO) ? PROGRESS_AUTO : PROGRESS_NEVER;
	*progress = (struct progress){.mode = mode, .started = now_s()};
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

static void show_line(const struct progress *progress, double fraction, double elapsed)
{
	fprintf(stderr, "\r%3.0f %%", 100 * fraction);
	if (progress->of_points > 1)
		fprintf(stderr, "  %zu of %zu points", progress->points, progress->of_points);
	fprintf(stderr, "  %" PRIu64 " of %" PRIu64 " replications", progress->replications,
		progress->of_replications);
	if (progress->events && elapsed > 0)
		fprintf(stderr, "  %.3gM events/s", (double)progress->events / elapsed / 1e6);
	if (fraction > 0 && fraction < 1) {
		fputs("  ", stderr);
		write_time(elapsed * (1 - fraction) / fraction);
		fputs(" left", stderr);
	}
	fputs("\033[K", stderr);
}

static void show_json(const struct progress *progress, double fraction, double elapsed)
{
	fprintf(stderr,
		"{\"fraction\": %.4f, \"points\": %zu, \"of_points\": %zu, \"replications\": "
		"%" PRIu64 ", \"of_replications\": %" PRIu64 ", \"events\": %" PRIu64
		", \"elapsed_s\": %.1f, \"left_s\": ",
		fraction, progress->points, progress->of_points, progress->replications,
		progress->of_replications, progress->events, elapsed);
	if (fraction > 0)
		fprintf(stderr, "%.1f}\n", elapsed * (1 - fraction) / fraction);
	else
		fputs("null}\n", stderr);
}

void progress_show(struct progress *progress, int64_t done_ns, int64_t total_ns)
{
	double now = now_s(), elapsed = now - progress->started;
	double fraction = total_ns > 0 ? fmin((double)done_ns / (double)total_ns, 1) : 0;
	bool json = progress->mode == PROGRESS_JSON;

	if (progress->mode == PROGRESS_NEVER ||
	    (progress->mode == PROGRESS_AUTO && elapsed < show_after_s) ||
	    now - progress->last_shown < (json ? show_json_every_s : show_every_s))
		return;
	progress->last_shown = now;
	progress->shown = !json;
	if (json)
		show_json(progress, fraction, elapsed);
	else
		show_line(progress, fraction, elapsed);
	fflush(stderr);
}

double progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
	return now_s() - progress->started;
}
