/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a summary. */
#define _GNU_SOURCE
#include "sim/report/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/base/wrap.h"
#include "sim/report/format.h"
#include "sim/report/measure.h"
#include "sim/report/summary_notes.h"
#include "sim/report/summary_time.h"
#include "sim/report/summary_yield.h"
#include "sim/run/overload.h"

enum { NAME_WIDTH = 10, RATE_WIDTH = 17, WAITS_WIDTH = 55 };

/* What a thread can wait for, as results call it. */
static const char *const waits[] = {"tlb_flush", "ipi_response", "ipi_delivery", "lock_wait",
				    "io_wait",	 "wakeup_wait",	 "runqueue_wait"};

/* The largest value that any replication had. */
static double largest_of(const struct aggregate *aggregate, const struct aggregate_metric *metric)
{
	double largest = NAN;

	for (size_t r = 0; metric && r < aggregate->nr_replications; r++)
		largest = fmax(largest, metric->values[r]); /* of a NAN and a number, the number */
	return largest;
}

/* What a row is about; a long label has a line of its own. */
static void write_label(FILE *stream, const char *indent, const char *label)
{
	int width = fprintf(stream, "%s%s", indent, label);

	if (width > NAME_WIDTH) {
		fputc('\n', stream);
		width = 0;
	}
	fprintf(stream, "%*s", NAME_WIDTH - width, "");
}

/* "  41 210 +-1.1%"; RATE_WIDTH wide */
static void write_rate(FILE *stream, struct sim_interval rate)
{
	struct format_buffer number, width;

	fprintf(stream, " %8s %-7s", format_grouped(rate.mean, &number),
		format_relative_width(rate.mean, rate.half_width, &width));
}

static const char *const parts[] = {"p50", "p99", "p99.9"};
enum { NR_PARTS = sizeof(parts) / sizeof(*parts) };

/* Of the column of a percentile: room for ">=" where any is a lower bound. */
static int latency_width(const struct aggregate *aggregate)
{
	struct overload overload;
	size_t position = 0;

	return overload_next(aggregate, &position, &overload) ? 10 : 8;
}

static void write_latencies(FILE *stream, const struct aggregate *aggregate, const char *scope,
			    const char *request)
{
	bool is_bound = request && overload_in(aggregate, scope);
	int width = latency_width(aggregate);
	struct format_buffer b[2];

	for (int i = 0; i < NR_PARTS; i++) {
		double ns = measure_interval(aggregate, scope, "%s.%s", request ? request : "",
					     parts[i])
				    .mean;

		fprintf(stream, "%*s", width, format_bound(format_ns(ns, &b[0]), is_bound, &b[1]));
	}
}

/* Where requests and times do not fit in one line, times have a table of their own. */
static bool is_split(const struct aggregate *aggregate)
{
	int width = NAME_WIDTH + RATE_WIDTH + NR_PARTS * latency_width(aggregate) + 2;

	return width + summary_time_width(aggregate) > WRAP_WIDTH;
}

/* Below a row with percentiles, their intervals; nothing if there are none. */
static void write_intervals(FILE *stream, const struct aggregate *aggregate, const char *scope,
			    const char *request)
{
	int width = latency_width(aggregate);
	char line[32 * NR_PARTS + 1];
	struct text text = TEXT_IN(line);
	bool any = false;

	for (int i = 0; i < NR_PARTS; i++) {
		struct sim_interval part =
			measure_interval(aggregate, scope, "%s.%s", request, parts[i]);
		struct format_buffer buffer;

		format_short_width(part.mean, part.half_width, &buffer);
		text_add(&text, "%*.14s", width, buffer.text);
		any |= buffer.text[0] != '\0';
	}
	if (any)
		fprintf(stream, "%*s%s%s\n", NAME_WIDTH + RATE_WIDTH, "", line,
			is_split(aggregate) ? "" : " |");
}

/* A row for each kind of request of a class that serves several. */
static void write_requests(FILE *stream, const struct aggregate *aggregate, const char *scope)
{
	char request[MEASURE_NAME_MAX];
	size_t position = 0;

	while (measure_next_request(aggregate, scope, &position, request)) {
		write_label(stream, "  ", request + strlen(MEASURE_REQUEST));
		write_rate(stream, measure_interval(aggregate, scope, "%s.count_per_s", request));
		write_latencies(stream, aggregate, scope, request);
		fputs(is_split(aggregate) ? "\n" : " |\n", stream);
		write_intervals(stream, aggregate, scope, request);
	}
}

static void write_class(FILE *stream, const struct aggregate *aggregate,
			const struct measure_class *class)
{
	const char *scope = class->scope;
	char request[MEASURE_NAME_MAX];
	size_t position = 0, nr = 0;

	while (measure_next_request(aggregate, scope, &position, request))
		nr++;
	write_label(stream, "", class->label);
	write_rate(stream, measure_interval(aggregate, scope, "requests_per_s"));
	/* The only request is the last one that was met. */
	write_latencies(stream, aggregate, scope, nr == 1 ? request : NULL);
	if (is_split(aggregate)) {
		fputc('\n', stream);
	} else {
		fputs(" |", stream);
		summary_write_times(stream, aggregate, scope);
	}
	if (nr == 1)
		write_intervals(stream, aggregate, scope, request);
	if (nr > 1)
		write_requests(stream, aggregate, scope);
}

static void write_classes(FILE *stream, const struct scenario *scenario,
			  const struct aggregate *aggregate)
{
	bool split = is_split(aggregate);
	int width = latency_width(aggregate);
	struct measure_class class;

	fprintf(stream, "%*s%9s %-7s", NAME_WIDTH, "", "req/s", "");
	for (int i = 0; i < NR_PARTS; i++)
		fprintf(stream, "%*s", width, parts[i]);
	if (split) {
		fputc('\n', stream);
	} else {
		fputs(" |", stream);
		summary_write_time_titles(stream, aggregate);
	}
	for (int at = 0; measure_next_class(scenario, aggregate, &at, &class);)
		write_class(stream, aggregate, &class);
	if (!split)
		return;
	fprintf(stream, "%-*s", NAME_WIDTH + 2, "time");
	summary_write_time_titles(stream, aggregate);
	for (int at = 0; measure_next_class(scenario, aggregate, &at, &class);) {
		write_label(stream, "", class.label);
		fputs("  ", stream);
		summary_write_times(stream, aggregate, class.scope);
	}
}

/* "  7.17ms+-4%" */
static void write_percentile(FILE *stream, struct sim_interval percentile)
{
	struct format_buffer b[2];

	fprintf(stream, " %6s%-6s", format_ns(percentile.mean, &b[0]),
		format_short_width(percentile.mean, percentile.half_width, &b[1]));
}

/* The waits of one class, under its name if there are several; those that never happened not. */
static void write_class_waits(FILE *stream, const struct aggregate *aggregate, const char *scope,
			      const char *title)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		const char *wait = waits[i];
		double rate = measure_interval(aggregate, scope, "%s.count_per_s", wait).mean;
		double largest =
			largest_of(aggregate, measure_find(aggregate, scope, "%s.max", wait));
		struct format_buffer b[2];

		if (!(rate > 0))
			continue;
		if (title)
			fprintf(stream, "%.*s\n", WAITS_WIDTH, title);
		title = NULL;
		fprintf(stream, " %-13s %5s/s", wait, format_short(rate, &b[0]));
		write_percentile(stream, measure_interval(aggregate, scope, "%s.p50", wait));
		write_percentile(stream, measure_interval(aggregate, scope, "%s.p99", wait));
		fprintf(stream, " %6s\n", format_ns(largest, &b[1]));
	}
}

/* All waits; nothing if there were none. */
static void write_waits(FILE *stream, const struct scenario *scenario,
			const struct aggregate *aggregate)
{
	struct measure_class class;
	int nr = 0;

	for (int at = 0; measure_next_class(scenario, aggregate, &at, &class);)
		nr++;
	for (int at = 0; measure_next_class(scenario, aggregate, &at, &class);)
		write_class_waits(stream, aggregate, class.scope, nr > 1 ? class.name : NULL);
}

/* Print two texts side by side, line by line, with a bar between them if there are two. */
static void write_beside(FILE *stream, const char *left, const char *right)
{
	bool two = *right;

	while (*left || *right) {
		size_t left_length = strcspn(left, "\n"), right_length = strcspn(right, "\n");

		fprintf(stream, "%-*.*s%s%.*s\n", two ? WAITS_WIDTH : 0, (int)left_length, left,
			two ? " |" : "", (int)right_length, right);
		left += left_length + (left[left_length] == '\n');
		right += right_length + (right[right_length] == '\n');
	}
}

static void write_waits_and_yields(FILE *stream, const struct scenario *scenario,
				   const struct aggregate *aggregate)
{
	char *left = NULL, *right = NULL;
	size_t size;
	FILE *memory = open_memstream(&left, &size);

	if (memory) {
		write_waits(memory, scenario, aggregate);
		fclose(memory);
	}
	memory = open_memstream(&right, &size);
	if (memory) {
		summary_write_yields(memory, scenario, aggregate);
		fclose(memory);
	}
	if (left && right && (*left || *right)) {
		fprintf(stream, "%-14s %7s %6s%-6s %6s%-6s %6s%s\n", "waits", "count", "p50", "",
			"p99", "", "max", *right ? "  | directed yields" : "");
		write_beside(stream, left, right);
	}
	free(left);
	free(right);
}

static void write_host(FILE *stream, const struct aggregate *aggregate)
{
	double jain = aggregate_mean(aggregate, "host", "jain");
	double stacking = aggregate_mean(aggregate, "host", "stacking");
	struct wrap wrap = {.stream = stream, .indent = 2};
	struct format_buffer buffer;

	summary_write_cpus(&wrap, aggregate);
	wrap_piece(&wrap, "  ", "switches %s/s",
		   format_short(aggregate_mean(aggregate, "host", "switches_per_s"), &buffer));
	wrap_piece(&wrap, "  ", "migrations %s/s",
		   format_short(aggregate_mean(aggregate, "host", "migrations_per_s"), &buffer));
	if (!isnan(jain))
		wrap_piece(&wrap, "  ", "Jain's index %s", format_ratio(jain, &buffer));
	if (!isnan(stacking))
		wrap_piece(&wrap, "  ", "stacking %s", format_percent(stacking, &buffer));
	wrap_end(&wrap);
}

static void write_limit(FILE *stream, const struct aggregate *aggregate, const char *label,
			const char *scope)
{
	double periods = aggregate_mean(aggregate, scope, "cpu_stat.nr_periods_per_s");
	double throttled = aggregate_mean(aggregate, scope, "cpu_stat.nr_throttled_per_s");
	struct format_buffer b[3];

	if (!(periods > 0))
		return;
	fprintf(stream,
		"cpu.max of %s: throttled %s of the time, at the end of %s of %s periods/s\n",
		label, format_percent(aggregate_mean(aggregate, scope, "time.throttled"), &b[0]),
		format_short(throttled, &b[1]), format_short(periods, &b[2]));
}

/* Whoever has a limit of its own. */
static void write_limits(FILE *stream, const struct scenario *scenario,
			 const struct aggregate *aggregate)
{
	struct measure_class class;

	for (int at = 0; measure_next_class(scenario, aggregate, &at, &class);)
		write_limit(stream, aggregate, class.name, class.scope);
}

/* Waits that had not ended when the simulation did; their number is that of all replications. */
static void write_unfinished(FILE *stream, const struct aggregate *aggregate)
{
	double nr = 0, oldest = 0;
	struct format_buffer buffer;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];

		if (!strcmp(metric->name, "unfinished_oldest"))
			oldest = fmax(oldest, largest_of(aggregate, metric));
		if (strcmp(metric->name, "unfinished_waits"))
			continue;
		for (size_t r = 0; r < aggregate->nr_replications; r++)
			nr += isnan(metric->values[r]) ? 0 : metric->values[r];
	}
	if (nr > 0)
		fprintf(stream,
			"! %.0f wait%s still unfinished at the end of the %zu rep%s "
			"(oldest %s)\n",
			nr, nr == 1 ? "" : "s", aggregate->nr_replications,
			aggregate->nr_replications == 1 ? "" : "s", format_ns(oldest, &buffer));
}

void summary_write(FILE *stream, const struct scenario *scenario, const struct aggregate *aggregate)
{
	summary_write_head(stream, scenario, aggregate->nr_replications);
	write_classes(stream, scenario, aggregate);
	write_waits_and_yields(stream, scenario, aggregate);
	write_host(stream, aggregate);
	write_limits(stream, scenario, aggregate);
	write_unfinished(stream, aggregate);
	summary_write_overload(stream, aggregate);
	summary_write_explained(stream, scenario, aggregate);
	summary_write_placement(stream, scenario, aggregate);
	summary_write_drift(stream, aggregate, 1);
}

void summary_write_tail(FILE *stream, const struct aggregate *aggregate, double wall_s,
			const char *directory)
{
	double simulated_s = (double)aggregate->simulated_ns / 1e9;
	struct wrap wrap = {.stream = stream};
	struct format_buffer b[3];

	wrap_piece(&wrap, "", "%s events/s, %sx real time, %s",
		   format_short(wall_s > 0 ? (double)aggregate->events / wall_s : NAN, &b[0]),
		   format_short(wall_s > 0 ? simulated_s / wall_s : NAN, &b[1]),
		   format_ns(wall_s * 1e9, &b[2]));
	if (directory) {
		wrap_piece(&wrap, "   ", "%s/result.json", directory);
		wrap_piece(&wrap, "   ", "next: oversub plot %s", directory);
	}
	wrap_end(&wrap);
}
