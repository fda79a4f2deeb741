/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns that say where time went. */
#include "sim/report/summary_time.h"

#include <math.h>
#include <string.h>

#include "sim/report/format.h"
#include "sim/report/measure.h"

/* What is shown as more than "0.0%". */
#define LEAST_SHOWN 0.0005

/*
 * Where the time of vCPUs, or of host threads, went: together the columns are all of it. Some are
 * shown only where any class has spent time so.
 */
static const struct {
	const char *title;
	int width;
	const char *of_vms[2]; /* metrics whose sum it is */
	const char *of_threads;
	bool where_any;
} time_columns[] = {
	{"work", 6, {"time.work"}, "time.work", false},
	{"spin", 6, {"time.spin"}, "time.spin", false},
	{"refill", 7, {"time.refill"}, "time.refill", false},
	{"exit", 6, {"time.exit"}, "time.kernel", false},
	{"steal", 6, {"time.steal"}, "time.steal", false},
	{"thrott", 7, {"time.throttled"}, "time.throttled", true},
	{"poll", 6, {"time.poll", "time.guest_poll"}, NULL, true},
	{"idle", 6, {"time.halt"}, "time.sleep", false},
};

enum {
	TIME_COLUMNS = sizeof(time_columns) / sizeof(*time_columns),
	DUE_WIDTH = 10,
};

static double time_in_column(const struct aggregate *aggregate, const char *scope, int column)
{
	const char *const *of_vms = time_columns[column].of_vms;
	const char *of_threads = time_columns[column].of_threads;

	if (!strcmp(scope, MEASURE_HOST_THREADS))
		return of_threads ? aggregate_mean(aggregate, scope, of_threads) : NAN;
	return aggregate_mean(aggregate, scope, of_vms[0]) +
	       (of_vms[1] ? aggregate_mean(aggregate, scope, of_vms[1]) : 0);
}

static bool shows_column(const struct aggregate *aggregate, int column)
{
	for (size_t i = 0; i < aggregate->nr_metrics; i++)
		if (!strcmp(aggregate->metrics[i].name, "time.work") &&
		    time_in_column(aggregate, aggregate->metrics[i].scope, column) >= LEAST_SHOWN)
			return true;
	return !time_columns[column].where_any;
}

int summary_time_width(const struct aggregate *aggregate)
{
	int width = DUE_WIDTH;

	for (int i = 0; i < TIME_COLUMNS; i++)
		if (shows_column(aggregate, i))
			width += time_columns[i].width;
	return width;
}

void summary_write_time_titles(FILE *stream, const struct aggregate *aggregate)
{
	for (int i = 0; i < TIME_COLUMNS; i++)
		if (shows_column(aggregate, i))
			fprintf(stream, "%*s", time_columns[i].width, time_columns[i].title);
	fprintf(stream, " | %*s\n", DUE_WIDTH - 3, "cpu/due");
}

void summary_write_times(FILE *stream, const struct aggregate *aggregate, const char *scope)
{
	struct format_buffer buffer;

	for (int i = 0; i < TIME_COLUMNS; i++)
		if (shows_column(aggregate, i))
			fprintf(stream, "%*s", time_columns[i].width,
				format_percent(time_in_column(aggregate, scope, i), &buffer));
	fprintf(stream, " | %*s\n", DUE_WIDTH - 3,
		format_ratio(aggregate_mean(aggregate, scope, "cpu_over_entitlement"), &buffer));
}

void summary_write_cpus(struct wrap *wrap, const struct aggregate *aggregate)
{
	static const char *const names[][2] = {{"busy", "cpu.busy"},
					       {"switching", "cpu.switch"},
					       {"polling", "cpu.poll"},
					       {"idle", "cpu.idle"}};

	wrap_piece(wrap, "", "host");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		double share = aggregate_mean(aggregate, "host", names[i][1]);
		struct format_buffer buffer;

		if (share >= LEAST_SHOWN || i == 0 || !strcmp(names[i][0], "idle"))
			wrap_piece(wrap, i ? "  " : " ", "%s %s", names[i][0],
				   format_percent(share, &buffer));
	}
}
