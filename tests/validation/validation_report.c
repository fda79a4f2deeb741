/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validation/validation_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum verdict {
	AGREES,
	EXPLAINED, /* it does not, and the table says why */
	OPEN,	   /* its interval is partly within the tolerance: nothing is shown */
	DIFFERS	   /* none of it is */
};

/* A check, and what came out. */
struct outcome {
	double wanted;
	struct sim_interval simulated;
	const char *unit;
	enum verdict verdict;
};

/* ---- Values ------------------------------------------------------------------------------- */

/* "SCOPE/NAME" */
static struct sim_interval find(const struct aggregate *results, const char *metric,
				const char **unit)
{
	const char *slash = strchr(metric, '/');
	const struct aggregate_metric *found;
	char scope[64];

	snprintf(scope, sizeof(scope), "%.*s", (int)(slash - metric), metric);
	found = aggregate_find(results, scope, slash + 1);
	*unit = found ? found->unit : "";
	return found ? found->interval : sim_interval_of(NULL, 0);
}

/* The values that agree. */
static void limits_of(const struct validation_check *check, double wanted, double *low,
		      double *high)
{
	double width = check->tolerance * (check->absolute ? 1 : fabs(wanted));

	*low = check->factor ? wanted / check->tolerance : wanted - width;
	*high = check->factor ? wanted * check->tolerance : wanted + width;
}

/*
 * A simulation agrees if it is shown to: all of its interval must be within the tolerance. One that
 * is too wide to tell does not, and one that holds the value by being wide least of all.
 */
static enum verdict judge(const struct validation_check *check, double wanted,
			  const struct sim_interval *simulated)
{
	/* Replications that agree to the last bit, or a single one of what does not vary. */
	double half = isnan(simulated->half_width) ? 0 : simulated->half_width;
	double low, high;

	limits_of(check, wanted, &low, &high);
	if (simulated->mean - half >= low && simulated->mean + half <= high)
		return AGREES;
	if (check->explanation)
		return EXPLAINED;
	if (simulated->mean + half < low || simulated->mean - half > high || isnan(simulated->mean))
		return DIFFERS;
	return OPEN;
}

static struct outcome examine(const struct validation_check *check, const struct scenario *scenario,
			      const struct aggregate *results, struct validation_count *count)
{
	double scale = check->scale != 0 ? check->scale : 1;
	struct outcome outcome = {
		.wanted =
			check->theory ? check->theory(scenario, check->argument) : check->reference,
	};

	outcome.simulated = find(results, check->metric, &outcome.unit);
	outcome.simulated.mean *= scale;
	outcome.simulated.half_width *= scale;
	outcome.verdict = judge(check, outcome.wanted, &outcome.simulated);
	switch (outcome.verdict) {
	case AGREES: count->agree++; break;
	case EXPLAINED: count->explained++; break;
	case OPEN: count->open++; break;
	case DIFFERS: count->differ++; break;
	}
	return outcome;
}

/* ---- Text --------------------------------------------------------------------------------- */

/* Into text of 32 bytes; returns text. */
static const char *value_text(double value, const char *unit, char *text)
{
	if (isnan(value))
		snprintf(text, 32, "-");
	else if (strcmp(unit, "ns"))
		snprintf(text, 32, fabs(value) < 100 ? "%.4f" : "%.0f", value);
	else if (value < 1e6)
		snprintf(text, 32, "%.2f us", value / 1e3);
	else
		snprintf(text, 32, "%.4f ms", value / 1e6);
	return text;
}

static const char *interval_text(const struct sim_interval *interval, const char *unit, char *text)
{
	char mean[32], half_width[32];

	value_text(interval->mean, unit, mean);
	if (isnan(interval->half_width) || interval->half_width == 0)
		snprintf(text, 80, "%s", mean);
	else
		snprintf(text, 80, "%s +- %s", mean,
			 value_text(interval->half_width, unit, half_width));
	return text;
}

static const char *tolerance_text(const struct validation_check *check, char *text)
{
	if (check->factor)
		snprintf(text, 32, "x %g", check->tolerance);
	else if (check->absolute)
		snprintf(text, 32, "%g abs", check->tolerance);
	else
		snprintf(text, 32, "%g %%", check->tolerance * 100);
	return text;
}

static bool was_run(const struct validation_table *table, int index)
{
	return table->results[index].nr_replications > 0;
}

/* ---- Tables ------------------------------------------------------------------------------- */

void report_theory(const struct validation_table *table, struct validation_count *count)
{
	static const char *const verdicts[] = {"agrees", "explained", "not shown", "DIFFERS"};

	printf("Theory: closed forms against simulation, with 95 %% intervals of independent "
	       "replications,\nall of which must be within the tolerance\n\n"
	       "%-45s  %-22s  %12s  %-26s  %8s  %-9s  %s\n",
	       "case", "quantity", "theory", "simulated", "diff", "tolerance", "verdict");
	for (int i = 0; table->cases[i].name; i++) {
		const struct validation_case *this = &table->cases[i];

		if (!was_run(table, i))
			continue;
		for (int c = 0; c < CASE_CHECKS && this->checks[c].what; c++) {
			struct outcome outcome = examine(&this->checks[c], table->scenarios[i],
							 &table->results[i], count);
			char wanted[32], simulated[80], tolerance[32];

			printf("%-45s  %-22s  %12s  %-26s  %+7.2f%%  %-9s  %s\n",
			       c ? "" : this->name, this->checks[c].what,
			       value_text(outcome.wanted, outcome.unit, wanted),
			       interval_text(&outcome.simulated, outcome.unit, simulated),
			       (outcome.simulated.mean / outcome.wanted - 1) * 100,
			       tolerance_text(&this->checks[c], tolerance),
			       verdicts[outcome.verdict]);
		}
	}
}

int report_note_number(const char **notes, int *nr, const char *note)
{
	for (int i = 0; i < *nr; i++)
		if (!strcmp(notes[i], note))
			return i + 1;
	notes[(*nr)++] = note;
	return *nr;
}

void report_kernel(const struct validation_table *table, struct validation_count *count)
{
	const char *notes[REPORT_NOTES];
	int nr_notes = 0;

	printf("A real kernel: measurements of Linux 6.18 against simulation\n\n"
	       "%-39s  %-29s  %12s  %-26s  %6s  %-9s  %s\n",
	       "case", "quantity", "measured", "simulated", "ratio", "tolerance", "verdict");
	for (int i = 0; table->cases[i].name; i++) {
		const struct validation_case *this = &table->cases[i];

		if (!was_run(table, i))
			continue;
		for (int c = 0; c < CASE_CHECKS && this->checks[c].what; c++) {
			const struct validation_check *check = &this->checks[c];
			struct outcome outcome =
				examine(check, table->scenarios[i], &table->results[i], count);
			char wanted[32], simulated[80], tolerance[32], verdict[32] = "agrees";

			if (outcome.verdict == EXPLAINED)
				snprintf(verdict, sizeof(verdict), "no [%d]",
					 report_note_number(notes, &nr_notes, check->explanation));
			else if (outcome.verdict != AGREES)
				snprintf(verdict, sizeof(verdict), "%s",
					 outcome.verdict == OPEN ? "not shown" : "DIFFERS");
			printf("%-39s  %-29s  %12s  %-26s  %6.3f  %-9s  %s\n", c ? "" : this->name,
			       check->what, value_text(outcome.wanted, outcome.unit, wanted),
			       interval_text(&outcome.simulated, outcome.unit, simulated),
			       outcome.simulated.mean / outcome.wanted,
			       tolerance_text(check, tolerance), verdict);
		}
	}
	if (nr_notes)
		printf("\nWhere they do not agree:\n");
	for (int i = 0; i < nr_notes; i++)
		printf("[%d] %s\n", i + 1, notes[i]);
}
