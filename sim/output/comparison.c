/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/output/comparison.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

#include "sim/output/format.h"
#include "sim/run/regret.h"

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
				      "yield.remote_exits_for_nothing_per_s",
				      "hint.precision*",
				      "hint.recall*",
				      "hint.stale",
				      "hint.polluted",
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

/* The relative difference, its interval, and what says how likely it is chance. */
static void write_difference(FILE *stream, const struct compared_metric *metric, double relative,
			     double half_width)
{
	struct format_buffer b[2];

	fprintf(stream, " %9s %-8s %c", format_signed_percent(relative, &b[0]),
		format_percent_width(half_width, &b[1]), metric->significant ? '*' : ' ');
	if (isfinite(metric->p_holm))
		fprintf(stream, " %6.4f", metric->p_holm);
	else
		fprintf(stream, " %6s", "-");
}

static void write_values(FILE *stream, const struct compared_metric *metric, int name_width)
{
	struct format_buffer b[2];
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%s:%s", metric->scope, metric->name);
	fprintf(stream, "%-*s %9s %9s", name_width, name,
		format_value(metric->base, metric->unit, &b[0]),
		format_value(metric->other, metric->unit, &b[1]));
}

static void write_row(FILE *stream, const struct compared_metric *metric, int name_width)
{
	struct format_buffer buffer;

	write_values(stream, metric, name_width);
	write_difference(stream, metric, metric->relative, metric->relative_half_width);
	fprintf(stream, " %6s\n", format_percent(metric->paired.variance_reduction, &buffer));
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

/* Whether regret is about metric, filter lets it pass, and there is something to say. */
static bool regrets(const struct comparison_filter *filter, const struct compared_metric *metric,
		    struct regret *regret)
{
	return regret_of(metric, regret) && !isnan(regret->lost) &&
	       (!filter->metric || comparison_shows(filter, metric->scope, metric->name));
}

int comparison_write_regret(FILE *stream, const struct comparison *comparison,
			    const struct comparison_filter *filter)
{
	int nr = 0;

	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		const struct compared_metric *metric = &comparison->metrics[i];
		struct regret regret;

		if (!regrets(filter, metric, &regret))
			continue;
		if (!nr++)
			fprintf(stream, "%-*s %9s %9s %9s %-8s   %6s\n", NAME_WIDTH, "", "oracle",
				"other", "lost", "95 %", comparison->corrected ? "p Holm" : "p");
		write_values(stream, metric, NAME_WIDTH);
		write_difference(stream, metric, regret.relative, regret.relative_half_width);
		fputc('\n', stream);
	}
	return nr;
}

/* Writes metric, if there is anything to write of it; returns how many were written. */
typedef int json_metric_writer(struct json_writer *writer, const struct compared_metric *metric,
			       const struct comparison_filter *filter);

static int write_json_metric(struct json_writer *writer, const struct compared_metric *metric,
			     const struct comparison_filter *filter)
{
	if (!comparison_shows(filter, metric->scope, metric->name))
		return 0;
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
	return 1;
}

static int write_json_regret(struct json_writer *writer, const struct compared_metric *metric,
			     const struct comparison_filter *filter)
{
	struct regret regret;

	if (!regrets(filter, metric, &regret))
		return 0;
	json_object(writer, metric->name, true);
	json_string(writer, "unit", metric->unit);
	json_integer(writer, "pairs", (int64_t)metric->paired.difference.n);
	json_number(writer, "oracle", metric->base);
	json_number(writer, "other", metric->other);
	json_number(writer, "lost", regret.lost);
	json_number(writer, "ci95", regret.half_width);
	json_number(writer, "relative", regret.relative);
	json_number(writer, "p", metric->paired.p);
	json_number(writer, "p_holm", metric->p_holm);
	json_bool(writer, "significant", metric->significant);
	json_end(writer);
	return 1;
}

static bool is_first_of_scope(const struct comparison *comparison, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(comparison->metrics[j].scope, comparison->metrics[i].scope))
			return false;
	return true;
}

/* The metrics of a scope from number first on, which is its first. */
static int write_json_scope(struct json_writer *writer, const struct comparison *comparison,
			    size_t first, const struct comparison_filter *filter,
			    json_metric_writer *write)
{
	const char *scope = comparison->metrics[first].scope;
	int nr = 0;

	json_object(writer, scope, false);
	for (size_t i = first; i < comparison->nr_metrics; i++)
		if (!strcmp(comparison->metrics[i].scope, scope))
			nr += write(writer, &comparison->metrics[i], filter);
	json_end(writer);
	return nr;
}

static int write_json_metrics(struct json_writer *writer, const char *name,
			      const struct comparison *comparison,
			      const struct comparison_filter *filter, json_metric_writer *write)
{
	int nr = 0;

	json_integer(writer, "pairs", (int64_t)comparison->nr_pairs);
	json_bool(writer, "holm", comparison->corrected);
	json_object(writer, name, false);
	for (size_t i = 0; i < comparison->nr_metrics; i++)
		if (is_first_of_scope(comparison, i))
			nr += write_json_scope(writer, comparison, i, filter, write);
	json_end(writer);
	return nr;
}

int comparison_write_json(struct json_writer *writer, const struct comparison *comparison,
			  const struct comparison_filter *filter)
{
	int nr;

	json_object(writer, NULL, false);
	json_string(writer, "base", comparison->base_label);
	json_string(writer, "other", comparison->other_label);
	nr = write_json_metrics(writer, "metrics", comparison, filter, write_json_metric);
	json_end(writer);
	return nr;
}

int comparison_write_regret_json(struct json_writer *writer, const struct comparison *comparison,
				 const struct comparison_filter *filter)
{
	int nr;

	json_object(writer, NULL, false);
	json_string(writer, "oracle", comparison->base_label);
	json_string(writer, "other", comparison->other_label);
	nr = write_json_metrics(writer, "regret", comparison, filter, write_json_regret);
	json_end(writer);
	return nr;
}
