/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/comparison.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

#include "sim/output/format.h"

enum { NAME_SIZE = 512, NAME_WIDTH = 30, MAX_NAME_WIDTH = 46 };

/* What most comparisons are about. */
static const char *const telling[] = {"requests_per_s",
				      "request.*.p50",
				      "request.*.p99",
				      "request.*.p99.9",
				      "time.spin",
				      "time.steal",
				      "time.exit",
				      "cpu_over_entitlement",
				      "ple_exits_per_s",
				      "yield.tried_per_s",
				      "yield.honoured_per_s",
				      "yield.futile_per_s",
				      "hint.precision",
				      "hint.recall",
				      "ipi_response.p99",
				      "tlb_flush.p99",
				      "lock_wait.p99",
				      "wakeup_wait.p99",
				      "switches_per_s",
				      "migrations_per_s",
				      "jain",
				      "stacking",
				      "cpu.idle",
				      NULL};

bool comparison_shows(const struct comparison_filter *filter, const char *scope, const char *name)
{
	char full[NAME_SIZE];

	if (filter->all)
		return true;
	if (filter->metric) {
		snprintf(full, sizeof(full), "%s:%s", scope, name);
		return !fnmatch(filter->metric, name, 0) || !fnmatch(filter->metric, full, 0);
	}
	for (const char *const *pattern = telling; *pattern; pattern++)
		if (!fnmatch(*pattern, name, 0))
			return true;
	return false;
}

/* "+1.9%" of a fraction that may be small or large. */
static const char *signed_percent(double fraction, struct format_buffer *buffer)
{
	double percent = 100 * fraction;

	if (!isfinite(fraction))
		return strcpy(buffer->text, "-");
	snprintf(buffer->text, sizeof(buffer->text), fabs(percent) < 99.95 ? "%+.1f%%" : "%+.0f%%",
		 percent);
	return buffer->text;
}

static const char *width_percent(double fraction, struct format_buffer *buffer)
{
	if (!isfinite(fraction))
		return strcpy(buffer->text, "");
	snprintf(buffer->text, sizeof(buffer->text),
		 100 * fraction < 99.95 ? "+-%.1f%%" : "+-%.0f%%", 100 * fraction);
	return buffer->text;
}

static void write_row(FILE *stream, const struct compared_metric *metric, int name_width)
{
	struct format_buffer b[6];
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%s:%s", metric->scope, metric->name);
	fprintf(stream, "%-*s %9s %9s %9s %-8s %c", name_width, name,
		format_value(metric->base, metric->unit, &b[0]),
		format_value(metric->other, metric->unit, &b[1]),
		signed_percent(metric->relative, &b[2]),
		width_percent(metric->relative_half_width, &b[3]), metric->significant ? '*' : ' ');
	if (isfinite(metric->p_holm))
		fprintf(stream, " %6.4f", metric->p_holm);
	else
		fprintf(stream, " %6s", "-");
	fprintf(stream, " %6s\n", format_percent(metric->paired.variance_reduction, &b[4]));
}

/* Only what was asked for is shown if it does not exist. */
static bool has_row(const struct comparison_filter *filter, const struct compared_metric *metric)
{
	return comparison_shows(filter, metric->scope, metric->name) &&
	       (filter->metric || filter->all || !isnan(metric->base));
}

/* So that numbers stand below each other. */
static int name_width(const struct comparison *comparison, const struct comparison_filter *filter)
{
	size_t width = NAME_WIDTH;

	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		const struct compared_metric *metric = &comparison->metrics[i];
		size_t length = strlen(metric->scope) + 1 + strlen(metric->name);

		if (length > width && has_row(filter, metric))
			width = length;
	}
	return width < MAX_NAME_WIDTH ? (int)width : MAX_NAME_WIDTH;
}

int comparison_write(FILE *stream, const struct comparison *comparison,
		     const struct comparison_filter *filter)
{
	int width = name_width(comparison, filter), nr = 0;

	fprintf(stream, "%-*s %9s %9s %9s %-8s   %6s %6s\n", width, "", "base", "other", "diff",
		"95 %", comparison->corrected ? "p Holm" : "p", "var-");
	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		if (!has_row(filter, &comparison->metrics[i]))
			continue;
		write_row(stream, &comparison->metrics[i], width);
		nr++;
	}
	return nr;
}

static void write_json_metric(struct json_writer *writer, const struct compared_metric *metric)
{
	json_object(writer, metric->name, true);
	json_string(writer, "unit", metric->unit);
	json_integer(writer, "pairs", (int64_t)metric->paired.difference.n);
	json_number(writer, "base", metric->base);
	json_number(writer, "other", metric->other);
	json_number(writer, "difference", metric->paired.difference.mean);
	json_number(writer, "ci95", metric->paired.difference.half_width);
	json_number(writer, "relative", metric->relative);
	json_number(writer, "p", metric->paired.p);
	json_number(writer, "p_holm", metric->p_holm);
	json_bool(writer, "significant", metric->significant);
	json_number(writer, "variance_reduction", metric->paired.variance_reduction);
	json_end(writer);
}

static bool is_first_of_scope(const struct comparison *comparison, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(comparison->metrics[j].scope, comparison->metrics[i].scope))
			return false;
	return true;
}

int comparison_write_json(struct json_writer *writer, const struct comparison *comparison,
			  const struct comparison_filter *filter)
{
	int nr = 0;

	json_object(writer, NULL, false);
	json_string(writer, "base", comparison->base_label);
	json_string(writer, "other", comparison->other_label);
	json_integer(writer, "pairs", (int64_t)comparison->nr_pairs);
	json_bool(writer, "holm", comparison->corrected);
	json_object(writer, "metrics", false);
	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		const char *scope = comparison->metrics[i].scope;

		if (!is_first_of_scope(comparison, i))
			continue;
		json_object(writer, scope, false);
		for (size_t j = i; j < comparison->nr_metrics; j++) {
			const struct compared_metric *metric = &comparison->metrics[j];

			if (strcmp(metric->scope, scope) ||
			    !comparison_shows(filter, scope, metric->name))
				continue;
			write_json_metric(writer, metric);
			nr++;
		}
		json_end(writer);
	}
	json_end(writer);
	json_end(writer);
	return nr;
}
