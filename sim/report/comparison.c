/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/comparison.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/format.h"
#include "sim/report/table.h"
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

/* What decides. */
static const char *const primary[] = {"requests_per_s", "request.*.p99", NULL};

bool comparison_shows(const struct comparison_filter *filter, const char *scope, const char *name)
{
	char full[NAME_SIZE];

	if (filter->all)
		return true;
	snprintf(full, sizeof(full), "%s:%s", scope, name);
	for (size_t i = 0; i < filter->nr_metrics; i++)
		if (!fnmatch(filter->metrics[i], name, 0) || !fnmatch(filter->metrics[i], full, 0))
			return true;
	if (filter->nr_metrics)
		return false;
	for (const char *const *pattern = filter->compact ? primary : telling; *pattern; pattern++)
		if (!fnmatch(*pattern, name, 0))
			return true;
	return false;
}

bool comparison_has_row(const struct comparison_filter *filter,
			const struct compared_metric *metric)
{
	return comparison_shows(filter, metric->scope, metric->name) &&
	       (filter->nr_metrics || filter->all || !isnan(metric->base));
}

/* Whether regret is about metric, filter lets it pass, and there is something to say. */
static bool regrets(const struct comparison_filter *filter, const struct compared_metric *metric,
		    struct regret *regret)
{
	return regret_of(metric, regret) && !isnan(regret->lost) &&
	       (!filter->nr_metrics || comparison_shows(filter, metric->scope, metric->name));
}

/* ---- Significance --------------------------------------------------------------------------- */

/* Whether view has a row of metric; *regret is set if the view is one of regrets. */
static bool is_shown(const struct comparison_view *view, const struct compared_metric *metric,
		     const struct comparison_filter *filter, struct regret *regret)
{
	return view->is_regret ? regrets(filter, metric, regret)
			       : comparison_has_row(filter, metric);
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
			struct regret regret;

			if (!is_shown(&views[v], metric, filter, &regret))
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
	if (nr_tests > 1 && !filter->nr_metrics)
		fputs(", of which those in\n   " COMPARE_PRIMARY " have half of the risk", stream);
	fputc('\n', stream);
}

/* ---- Text ----------------------------------------------------------------------------------- */

enum { NAME, BASE, OTHER, DIFFERENCE, INTERVAL, STAR, P, VARIANCE, COLUMNS };

static const struct table_column columns[COLUMNS] = {
	[NAME] = {"", 0, -NAME_WIDTH},
	[BASE] = {"base", 1, 8},
	[OTHER] = {"other", 1, 8},
	[DIFFERENCE] = {"diff", 1, 7},
	[INTERVAL] = {"95 %", 1, -FORMAT_CHANGE_WIDTH},
	[STAR] = {"", 1, 1},
	[P] = {"p Holm", 1, 6},
	[VARIANCE] = {"var-", 1, 6},
};

/* So that numbers stand below each other. */
static int name_width(const struct comparison *comparison, const struct comparison_filter *filter)
{
	size_t width = NAME_WIDTH;

	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		const struct compared_metric *metric = &comparison->metrics[i];
		size_t length = strlen(metric->scope) + 1 + strlen(metric->name);

		if (length > width && comparison_has_row(filter, metric))
			width = length;
	}
	return width < MAX_NAME_WIDTH ? (int)width : MAX_NAME_WIDTH;
}

/*
 * The relative difference, its interval, and what says how likely it is chance. The interval is
 * that of this difference alone, so it says what p is before the correction.
 */
static void write_row(FILE *stream, const struct table_column *table, int nr_columns,
		      const struct compared_metric *metric, const struct sim_relative *relative)
{
	struct format_buffer b[5];
	char name[NAME_SIZE], p[16] = "-";

	snprintf(name, sizeof(name), "%s:%s", metric->scope, metric->name);
	if (isfinite(metric->p_holm))
		snprintf(p, sizeof(p), "%6.4f", metric->p_holm);
	table_cells(stream, table, nr_columns,
		    (const char *const[COLUMNS]){
			    [NAME] = name,
			    [BASE] = format_value(metric->base, metric->unit, &b[0]),
			    [OTHER] = format_value(metric->other, metric->unit, &b[1]),
			    [DIFFERENCE] = format_signed_percent(relative->mean, &b[2]),
			    [INTERVAL] = format_change_interval(relative, &b[3]),
			    [STAR] = metric->significant ? "*" : "",
			    [P] = p,
			    [VARIANCE] = format_percent(metric->paired.variance_reduction, &b[4]),
		    });
	fputc('\n', stream);
}

static void write_titles(FILE *stream, const struct table_column *table, int nr_columns)
{
	table_titles(stream, table, nr_columns);
	fputc('\n', stream);
}

int comparison_write(FILE *stream, const struct comparison_view *view,
		     const struct comparison_filter *filter)
{
	const struct comparison *comparison = view->comparison;
	int nr_columns = view->is_regret ? VARIANCE : COLUMNS, nr = 0;
	struct table_column table[COLUMNS];

	memcpy(table, columns, sizeof(table));
	if (view->is_regret) {
		table[BASE].title = "oracle";
		table[DIFFERENCE].title = "lost";
	} else {
		table[NAME].width = -name_width(comparison, filter);
		write_titles(stream, table, nr_columns);
	}
	for (size_t i = 0; i < comparison->nr_metrics; i++) {
		const struct compared_metric *metric = &comparison->metrics[i];
		struct regret regret = {.relative = metric->paired.relative};

		if (!is_shown(view, metric, filter, &regret))
			continue;
		if (!nr++ && view->is_regret)
			write_titles(stream, table, nr_columns);
		write_row(stream, table, nr_columns, metric, &regret.relative);
	}
	return nr;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

struct json_view {
	const struct comparison_view *view;
	const struct comparison_filter *filter;
	int nr; /* metrics written */
};

static void write_json_metric(struct json_writer *writer, const void *element, void *context)
{
	const struct compared_metric *metric = element;
	struct json_view *to = context;
	bool is_regret = to->view->is_regret;
	struct regret regret = {.lost = metric->paired.difference.mean,
				.half_width = metric->paired.difference.half_width,
				.relative = metric->paired.relative};

	if (is_regret ? !regrets(to->filter, metric, &regret)
		      : !comparison_shows(to->filter, metric->scope, metric->name))
		return;
	to->nr++;
	json_object(writer, metric->name, true);
	json_string(writer, "unit", metric->unit);
	json_integer(writer, "pairs", (int64_t)metric->paired.difference.n);
	json_number(writer, is_regret ? "oracle" : "base", metric->base);
	json_number(writer, "other", metric->other);
	json_number(writer, is_regret ? "lost" : "difference", regret.lost);
	json_number(writer, "ci95", regret.half_width);
	/* A bound that does not exist is null. */
	json_number(writer, "relative", regret.relative.mean);
	json_number(writer, "relative_low", regret.relative.low);
	json_number(writer, "relative_high", regret.relative.high);
	json_number(writer, "p", metric->paired.p);
	json_number(writer, "p_holm", metric->p_holm);
	json_bool(writer, "significant", metric->significant);
	if (!is_regret)
		json_number(writer, "variance_reduction", metric->paired.variance_reduction);
	json_end(writer);
}

int comparison_write_json(struct json_writer *writer, const struct comparison_view *view,
			  size_t nr_tests, const struct comparison_filter *filter)
{
	const struct comparison *comparison = view->comparison;
	struct json_view to = {view, filter, 0};

	json_object(writer, NULL, false);
	json_string(writer, view->is_regret ? "oracle" : "base", comparison->base_label);
	json_string(writer, "other", comparison->other_label);
	json_integer(writer, "pairs", (int64_t)comparison->nr_pairs);
	json_integer(writer, "tests", (int64_t)nr_tests);
	json_scopes(writer, view->is_regret ? "regret" : "metrics", comparison->metrics,
		    comparison->nr_metrics, sizeof(*comparison->metrics), write_json_metric, &to);
	json_end(writer);
	return to.nr;
}
