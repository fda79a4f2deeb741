/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/comparison.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/format.h"
#include "sim/run/regret.h"

enum { NAME_SIZE = 512, NAME_WIDTH = 30, MAX_NAME_WIDTH = 42 };

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

/*
 * The relative difference, its interval, and what says how likely it is chance. The interval is
 * that of this difference alone, so it says what p is before the correction.
 */
static void write_difference(FILE *stream, const struct compared_metric *metric,
			     const struct sim_relative *relative)
{
	struct format_buffer b[2];

	fprintf(stream, " %7s %-*s %c", format_signed_percent(relative->mean, &b[0]),
		FORMAT_CHANGE_WIDTH, format_change_interval(relative, &b[1]),
		metric->significant ? '*' : ' ');
	if (isfinite(metric->p_holm))
		fprintf(stream, " %6.4f", metric->p_holm);
	else
		fprintf(stream, " %6s", "-");
}

static void write_titles(FILE *stream, int name_width, const char *base, const char *difference)
{
	fprintf(stream, "%-*s %8s %8s %7s %-*s   %6s", name_width, "", base, "other", difference,
		FORMAT_CHANGE_WIDTH, "95 %", "p Holm");
}

static void write_values(FILE *stream, const struct compared_metric *metric, int name_width)
{
	struct format_buffer b[2];
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%s:%s", metric->scope, metric->name);
	fprintf(stream, "%-*s %8s %8s", name_width, name,
		format_value(metric->base, metric->unit, &b[0]),
		format_value(metric->other, metric->unit, &b[1]));
}

static void write_row(FILE *stream, const struct compared_metric *metric, int name_width)
{
	struct format_buffer buffer;

	write_values(stream, metric, name_width);
	write_difference(stream, metric, &metric->paired.relative);
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

	write_titles(stream, width, "base", "diff");
	fprintf(stream, " %6s\n", "var-");
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

/* ---- Significance --------------------------------------------------------------------------- */

static bool is_shown(const struct comparison_view *view, size_t i,
		     const struct comparison_filter *filter)
{
	const struct compared_metric *metric = &view->comparison->metrics[i];
	struct regret regret;

	return view->is_regret ? regrets(filter, metric, &regret) : has_row(filter, metric);
}

/* Calls for the tests of all rows, in order: take them from the metrics, or give them back. */
static size_t visit(const struct comparison_view *views, size_t nr,
		    const struct comparison_filter *filter, struct compare_test *tests,
		    bool give_back)
{
	size_t used = 0;

	for (size_t v = 0; v < nr; v++)
		for (size_t i = 0; i < views[v].comparison->nr_metrics; i++) {
			struct compared_metric *metric = &views[v].comparison->metrics[i];

			if (!is_shown(&views[v], i, filter))
				continue;
			if (give_back) {
				metric->p_holm = tests[used].p_holm;
				metric->significant = tests[used].significant;
			} else {
				tests[used] = compare_test_of(metric);
			}
			used++;
		}
	return used;
}

enum oversub_status comparison_correct(const struct comparison_view *views, size_t nr,
				       const struct comparison_filter *filter, size_t *nr_tests,
				       struct oversub_error *error)
{
	struct compare_test *tests;
	enum oversub_status status;
	size_t room = 1;

	for (size_t v = 0; v < nr; v++)
		room += views[v].comparison->nr_metrics;
	tests = calloc(room, sizeof(*tests));
	if (!tests)
		return oversub_fail(error, OVERSUB_FAILED, "out of memory comparing results");
	status = compare_correct(tests, visit(views, nr, filter, tests, false), nr_tests, error);
	if (!status)
		visit(views, nr, filter, tests, true);
	free(tests);
	return status;
}

void comparison_write_star(FILE *stream, size_t nr_tests, const struct comparison_filter *filter)
{
	fputs("*: p < 0.05", stream);
	if (nr_tests > 1)
		fprintf(stream, " after Holm's correction over all %zu differences shown",
			nr_tests);
	/* Who asks for metrics knows which. */
	if (nr_tests > 1 && !filter->metric)
		fputs(", of which those in\n   " COMPARE_PRIMARY " have half of the risk", stream);
	fputc('\n', stream);
}

/* ---- Regret --------------------------------------------------------------------------------- */

int comparison_write_regret(FILE *stream, const struct comparison *comparison,
			    const struct comparison_filter *filter)
{
	int nr = 0;

	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		const struct compared_metric *metric = &comparison->metrics[i];
		struct regret regret;

		if (!regrets(filter, metric, &regret))
			continue;
		if (!nr++) {
			write_titles(stream, NAME_WIDTH, "oracle", "lost");
			fputc('\n', stream);
		}
		write_values(stream, metric, NAME_WIDTH);
		write_difference(stream, metric, &regret.relative);
		fputc('\n', stream);
	}
	return nr;
}

/* Writes metric, if there is anything to write of it; returns how many were written. */
typedef int json_metric_writer(struct json_writer *writer, const struct compared_metric *metric,
			       const struct comparison_filter *filter);

/* A bound that does not exist is null. */
static void write_json_relative(struct json_writer *writer, const struct sim_relative *relative)
{
	json_number(writer, "relative", relative->mean);
	json_number(writer, "relative_low", relative->low);
	json_number(writer, "relative_high", relative->high);
}

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
	write_json_relative(writer, &metric->paired.relative);
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
	write_json_relative(writer, &regret.relative);
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
			      const struct comparison *comparison, size_t nr_tests,
			      const struct comparison_filter *filter, json_metric_writer *write)
{
	int nr = 0;

	json_integer(writer, "pairs", (int64_t)comparison->nr_pairs);
	json_integer(writer, "tests", (int64_t)nr_tests);
	json_object(writer, name, false);
	for (size_t i = 0; i < comparison->nr_metrics; i++)
		if (is_first_of_scope(comparison, i))
			nr += write_json_scope(writer, comparison, i, filter, write);
	json_end(writer);
	return nr;
}

int comparison_write_json(struct json_writer *writer, const struct comparison *comparison,
			  size_t nr_tests, const struct comparison_filter *filter)
{
	int nr;

	json_object(writer, NULL, false);
	json_string(writer, "base", comparison->base_label);
	json_string(writer, "other", comparison->other_label);
	nr = write_json_metrics(writer, "metrics", comparison, nr_tests, filter, write_json_metric);
	json_end(writer);
	return nr;
}

int comparison_write_regret_json(struct json_writer *writer, const struct comparison *comparison,
				 size_t nr_tests, const struct comparison_filter *filter)
{
	int nr;

	json_object(writer, NULL, false);
	json_string(writer, "oracle", comparison->base_label);
	json_string(writer, "other", comparison->other_label);
	nr = write_json_metrics(writer, "regret", comparison, nr_tests, filter, write_json_regret);
	json_end(writer);
	return nr;
}
