/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of costs, and what its sums come to. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/validation/validation_report.h"

enum { NAME_SIZE = 64 };

/* ---- Sums --------------------------------------------------------------------------------- */

/* The parameter called name, or name_ns. NAN if table has none. */
static double parameter(const struct oversub_param *table, const void *values, const char *name)
{
	size_t length = strlen(name);

	for (; table->name; table++) {
		const char *rest = table->name + length;

		if (!strncmp(table->name, name, length) && (!*rest || !strcmp(rest, "_ns")))
			return (double)*(const int64_t *)((const char *)values + table->offset);
	}
	return NAN;
}

/* A cost of the host, of KVM or of the guest; "refill" is what the tracer makes of row 20. */
static double cost(const struct scenario *scenario, const struct aggregate *results,
		   const char *name)
{
	const struct scenario_vm *vm = &scenario->vms[0];
	double value = parameter(kvm_costs_params, &vm->kvm.costs, name);

	if (isnan(value))
		value = parameter(host_costs_params, &scenario->host.costs, name);
	if (isnan(value))
		value = parameter(guest_params, &vm->guest, name);
	if (isnan(value) && !strcmp(name, "refill"))
		value = aggregate_mean(results, "observed", "vcpu1.refill");
	return value;
}

/* "3*a/2" */
static double term(const struct scenario *scenario, const struct aggregate *results,
		   const char *text, size_t length)
{
	char copy[NAME_SIZE], *name = copy, *end;
	double value = 1;

	snprintf(copy, sizeof(copy), "%.*s", (int)length, text);
	end = strchr(copy, '/');
	if (end) {
		value /= strtod(end + 1, NULL);
		*end = '\0';
	}
	end = strchr(copy, '*');
	if (end) {
		value *= strtod(copy, NULL);
		name = end + 1;
	}
	if (*name >= '0' && *name <= '9')
		return value * strtod(name, NULL);
	return value * cost(scenario, results, name);
}

/* Terms with " + " between them. NAN if a name is unknown. */
static double sum_of(const struct scenario *scenario, const struct aggregate *results,
		     const char *text)
{
	double sum = 0;

	for (const char *next; text; text = next ? next + 3 : NULL) {
		next = strstr(text, " + ");
		sum += term(scenario, results, text, next ? (size_t)(next - text) : strlen(text));
	}
	return sum;
}

/* ---- Rows --------------------------------------------------------------------------------- */

/* Into text of 40 bytes; returns text. */
static const char *row_text(const struct validation_check *check, char *text)
{
	if (check->high > 0)
		snprintf(text, 40, "%.0f (%.0f-%.0f)", check->reference, check->low, check->high);
	else if (check->reference != 0)
		snprintf(text, 40, "%.0f", check->reference);
	else
		snprintf(text, 40, "-");
	return text;
}

/* What the row says: a range, or one number, met within 1 %, or nothing. */
static bool is_of_row(const struct validation_check *check, double simulated)
{
	if (check->high > 0)
		return simulated >= check->low && simulated <= check->high;
	return check->reference == 0 ||
	       fabs(simulated - check->reference) <= 0.01 * check->reference;
}

static double measured(const struct validation_check *check, const struct aggregate *results)
{
	const char *slash = strchr(check->metric, '/');
	char scope[NAME_SIZE];

	snprintf(scope, sizeof(scope), "%.*s", (int)(slash - check->metric), check->metric);
	return aggregate_mean(results, scope, slash + 1);
}

/* A sum, in as many lines as it needs. */
static void print_sum(const char *sum)
{
	int column = printf("       =");

	for (const char *next; sum; sum = next) {
		size_t length;

		next = strstr(sum, " + ");
		next = next ? next + 3 : NULL;
		length = next ? (size_t)(next - sum) : strlen(sum) + 1;
		if (column + (int)length > 99)
			column = printf("\n        ") - 1;
		column += printf(" %.*s", (int)length - 1, sum);
	}
	printf("\n");
}

static void report_row(const struct validation_check *check, const char *hardware,
		       const struct scenario *scenario, const struct aggregate *results,
		       const char **notes, int *nr_notes, struct validation_count *count)
{
	double wanted = check->theory ? check->theory(scenario, check->argument)
				      : sum_of(scenario, results, check->sum);
	double simulated = measured(check, results);
	/* Times are whole ns, and these do not vary. */
	bool agrees = fabs(simulated - wanted) < 0.5;
	char row[40], verdict[16] = "";

	if (agrees && is_of_row(check, simulated)) {
		count->agree++;
	} else if (agrees && check->explanation) {
		count->explained++;
		snprintf(verdict, sizeof(verdict), " [%d]",
			 report_note_number(notes, nr_notes, check->explanation));
	} else {
		count->differ++;
		snprintf(verdict, sizeof(verdict), " DIFFERS");
	}
	printf("%-4s %-40s %-6s %8.0f %9.0f %5.0f  %s%s\n", check->row, check->what, hardware,
	       wanted, simulated, simulated - wanted, row_text(check, row), verdict);
	print_sum(check->sum);
}

void report_costs(const struct validation_table *table, struct validation_count *count)
{
	const char *notes[REPORT_NOTES];
	int nr_notes = 0;

	printf("Costs, ns: what a step takes, against the sum of the parameters that it consists "
	       "of and\n"
	       "against its row of the table in models/kvm/README.md, Costs; -: of no row of it\n\n"
	       "%-4s %-40s %-6s %8s %9s %5s  %s\n",
	       "row", "step", "apicv", "expected", "simulated", "diff", "row (range)");
	for (int i = 0; table->cases[i].name; i++) {
		const struct validation_case *this = &table->cases[i];

		if (!table->results[i].nr_replications)
			continue;
		for (int c = 0; c < CASE_CHECKS && this->checks[c].what; c++)
			report_row(&this->checks[c], this->hardware, table->scenarios[i],
				   &table->results[i], notes, &nr_notes, count);
	}
	printf("\n");
	for (int i = 0; i < nr_notes; i++)
		printf("[%d] %s\n", i + 1, notes[i]);
	for (int i = 0; cost_remarks[i]; i++)
		printf("%s\n", cost_remarks[i]);
}
