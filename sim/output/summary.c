/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a summary. */
#define _GNU_SOURCE
#include "sim/output/summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/output/format.h"
#include "sim/output/summary_yield.h"

enum { NAME_WIDTH = 12, WAITS_WIDTH = 58, SCOPE_SIZE = 256 };

#define HOST_THREADS "host_threads"

/* What a thread can wait for, as collect.c calls it. */
static const char *const waits[] = {"tlb_flush", "ipi_response", "ipi_delivery",
				    "lock_wait", "wakeup_wait",	 "runqueue_wait"};

/* The mean of metric "NAME.PART" of scope; NAN if there is none. */
static double mean_of_part(const struct aggregate *aggregate, const char *scope, const char *name,
			   const char *part)
{
	char metric[SCOPE_SIZE];

	snprintf(metric, sizeof(metric), "%s.%s", name, part);
	return aggregate_mean(aggregate, scope, metric);
}

bool summary_next_request(const struct aggregate *aggregate, const char *scope, size_t *position,
			  char *buffer, size_t size)
{
	static const char end[] = ".p50";

	while (*position < aggregate->nr_metrics) {
		const struct aggregate_metric *metric = &aggregate->metrics[(*position)++];
		size_t length = strlen(metric->name);

		if (strcmp(metric->scope, scope) || length <= strlen(end) ||
		    strncmp(metric->name, SUMMARY_REQUEST_PREFIX, strlen(SUMMARY_REQUEST_PREFIX)) ||
		    strcmp(metric->name + length - strlen(end), end))
			continue;
		snprintf(buffer, size, "%.*s", (int)(length - strlen(end)), metric->name);
		return true;
	}
	return false;
}

/* "  41 210 +-1.1% " */
static void write_rate(FILE *stream, const struct aggregate_metric *metric)
{
	struct format_buffer number, width;
	double mean = metric ? metric->interval.mean : NAN;

	fprintf(stream, "%10s %-8s", format_grouped(mean, &number),
		format_relative_width(mean, metric ? metric->interval.half_width : NAN, &width));
}

static void write_latencies(FILE *stream, const struct aggregate *aggregate, const char *scope,
			    const char *request)
{
	static const char *const parts[] = {"p50", "p99", "p99.9"};
	struct format_buffer buffer;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		fprintf(stream, " %8s",
			format_ns(request ? mean_of_part(aggregate, scope, request, parts[i]) : NAN,
				  &buffer));
}

/* Where the time of the vCPUs of a class went; polling counts as idle. */
static void write_times(FILE *stream, const struct aggregate *aggregate, const char *scope)
{
	double idle = aggregate_mean(aggregate, scope, "time.halt") +
		      aggregate_mean(aggregate, scope, "time.poll");
	struct format_buffer b[7];

	fprintf(stream, " | %6s %6s %6s %6s %6s %6s | %7s",
		format_percent(aggregate_mean(aggregate, scope, "time.work"), &b[0]),
		format_percent(aggregate_mean(aggregate, scope, "time.spin"), &b[1]),
		format_percent(aggregate_mean(aggregate, scope, "time.refill"), &b[2]),
		format_percent(aggregate_mean(aggregate, scope, "time.exit"), &b[3]),
		format_percent(aggregate_mean(aggregate, scope, "time.steal"), &b[4]),
		format_percent(idle, &b[5]),
		format_ratio(aggregate_mean(aggregate, scope, "cpu_over_entitlement"), &b[6]));
}

/* One row for the class, and one more for each further kind of request that it serves. */
static void write_class(FILE *stream, const struct aggregate *aggregate, const char *label,
			const char *scope)
{
	char request[SCOPE_SIZE];
	size_t position = 0, nr = 0, probe = 0;
	bool several;

	while (summary_next_request(aggregate, scope, &probe, request, sizeof(request)))
		nr++;
	several = nr > 1;
	fprintf(stream, "%-*s", NAME_WIDTH, label);
	write_rate(stream, aggregate_find(aggregate, scope, "requests_per_s"));
	if (several || !summary_next_request(aggregate, scope, &position, request, sizeof(request)))
		write_latencies(stream, aggregate, scope, NULL);
	else
		write_latencies(stream, aggregate, scope, request);
	write_times(stream, aggregate, scope);
	fputc('\n', stream);
	while (several &&
	       summary_next_request(aggregate, scope, &position, request, sizeof(request))) {
		fprintf(stream, "  %-*s%18s", NAME_WIDTH - 1,
			request + strlen(SUMMARY_REQUEST_PREFIX), "");
		write_latencies(stream, aggregate, scope, request);
		fputs(" |\n", stream);
	}
}

static bool has_scope(const struct aggregate *aggregate, const char *scope)
{
	for (size_t i = 0; i < aggregate->nr_metrics; i++)
		if (!strcmp(aggregate->metrics[i].scope, scope))
			return true;
	return false;
}

static void write_classes(FILE *stream, const struct scenario *scenario,
			  const struct aggregate *aggregate)
{
	fprintf(stream, "%-*s%10s %-8s %8s %8s %8s | %6s %6s %6s %6s %6s %6s | %7s\n", NAME_WIDTH,
		"", "requests/s", "", "p50", "p99", "p99.9", "work", "spin", "refill", "exit",
		"steal", "idle", "cpu/due");
	for (int i = 0; i < scenario->nr_vms; i++) {
		const struct scenario_vm *vm = &scenario->vms[i];
		char label[SCOPE_SIZE], scope[SCOPE_SIZE];

		snprintf(scope, sizeof(scope), "vm.%s", vm->name);
		if (vm->size.count > 1)
			snprintf(label, sizeof(label), "%s x%" PRId64, vm->name, vm->size.count);
		else
			snprintf(label, sizeof(label), "%s", vm->name);
		write_class(stream, aggregate, label, scope);
	}
	if (has_scope(aggregate, HOST_THREADS))
		write_class(stream, aggregate, "host", HOST_THREADS);
}

/* The waits of one class; those that never happened are left out. */
static void write_class_waits(FILE *stream, const struct aggregate *aggregate, const char *scope,
			      const char *prefix)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		double rate = mean_of_part(aggregate, scope, waits[i], "count_per_s");
		struct format_buffer b[4];
		char label[SCOPE_SIZE];

		if (!(rate > 0))
			continue;
		snprintf(label, sizeof(label), "%s%s", prefix, waits[i]);
		fprintf(stream, " %-20s %8s/s %7s %7s %7s\n", label, format_short(rate, &b[0]),
			format_ns(mean_of_part(aggregate, scope, waits[i], "p50"), &b[1]),
			format_ns(mean_of_part(aggregate, scope, waits[i], "p99"), &b[2]),
			format_ns(mean_of_part(aggregate, scope, waits[i], "max"), &b[3]));
	}
}

static void write_waits(FILE *stream, const struct scenario *scenario,
			const struct aggregate *aggregate)
{
	bool several = scenario->nr_vms + has_scope(aggregate, HOST_THREADS) > 1;

	fprintf(stream, "%-20s %10s %8s %7s %7s\n", "waits", "count", "p50", "p99", "max");
	for (int i = 0; i < scenario->nr_vms; i++) {
		char scope[SCOPE_SIZE], prefix[SCOPE_SIZE] = "";

		snprintf(scope, sizeof(scope), "vm.%s", scenario->vms[i].name);
		if (several)
			snprintf(prefix, sizeof(prefix), "%s ", scenario->vms[i].name);
		write_class_waits(stream, aggregate, scope, prefix);
	}
	write_class_waits(stream, aggregate, HOST_THREADS, several ? "host " : "");
}

/* Print two texts side by side, line by line. */
static void write_beside(FILE *stream, const char *left, const char *right)
{
	while (*left || *right) {
		size_t left_length = strcspn(left, "\n"), right_length = strcspn(right, "\n");

		if (right_length)
			fprintf(stream, "%-*.*s | %.*s\n", WAITS_WIDTH, (int)left_length, left,
				(int)right_length, right);
		else
			fprintf(stream, "%.*s\n", (int)left_length, left);
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
	if (left && right)
		write_beside(stream, left, right);
	free(left);
	free(right);
}

static void write_host(FILE *stream, const struct aggregate *aggregate)
{
	struct format_buffer b[5];

	fprintf(stream, "host idle %s  switches %s/s  migrations %s/s  jain %s  stacking %s\n",
		format_percent(aggregate_mean(aggregate, "host", "cpu.idle"), &b[0]),
		format_short(aggregate_mean(aggregate, "host", "switches_per_s"), &b[1]),
		format_short(aggregate_mean(aggregate, "host", "migrations_per_s"), &b[2]),
		format_ratio(aggregate_mean(aggregate, "host", "jain"), &b[3]),
		format_percent(aggregate_mean(aggregate, "host", "stacking"), &b[4]));
}

/* Waits that had not ended when the simulation did; their number is that of all replications. */
static void write_unfinished(FILE *stream, const struct aggregate *aggregate)
{
	double nr = 0, oldest = 0;
	struct format_buffer buffer;

	for (size_t i = 0; i < aggregate->nr_metrics; i++) {
		const struct aggregate_metric *metric = &aggregate->metrics[i];
		bool is_count = !strcmp(metric->name, "unfinished_waits");

		if (!is_count && strcmp(metric->name, "unfinished_oldest"))
			continue;
		for (size_t r = 0; r < aggregate->nr_replications; r++) {
			if (isnan(metric->values[r]))
				continue;
			if (is_count)
				nr += metric->values[r];
			else
				oldest = fmax(oldest, metric->values[r]);
		}
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
	write_unfinished(stream, aggregate);
}

void summary_write_tail(FILE *stream, const struct aggregate *aggregate, double wall_s,
			const char *directory)
{
	double simulated_s = (double)aggregate->simulated_ns / 1e9;
	struct format_buffer b[3];

	fprintf(stream, "%s events/s, %sx real time, %s",
		format_short(wall_s > 0 ? (double)aggregate->events / wall_s : NAN, &b[0]),
		format_short(wall_s > 0 ? simulated_s / wall_s : NAN, &b[1]),
		format_ns(wall_s * 1e9, &b[2]));
	if (directory)
		fprintf(stream, "   %s/result.json   next: oversub plot %s", directory, directory);
	fputc('\n', stream);
}
