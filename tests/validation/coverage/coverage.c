/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Do the intervals cover as often as they say, and are there as few false alarms?
 *
 *	coverage		all cases; exit status 1 unless every one is decided and right
 *	coverage --quick	a few seconds; exit status 1 if one is certainly wrong
 *	coverage --only TEXT	the cases whose quantity has TEXT in it
 *
 * Seeds are fixed, so the verdicts are the same everywhere.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "tests/validation/coverage/coverage.h"

static const struct coverage_table coverage_tables[] = {
	{"Means: Student's interval", "intervals that cover", coverage_means},
	{"--until: the interval at the last look", "intervals that cover", coverage_looks},
	{"Changes in per cent: Fieller's interval", "intervals that cover", coverage_changes},
	{"What an interval must not do", "intervals that do", coverage_impossible},
	{"Stars where nothing differs", "tables with one", coverage_stars},
	{"Percentiles: the share below, over replications", "intervals that cover",
	 coverage_quantiles},
	{"Warm-ups called too short: halves of the window", "false alarms", coverage_drifts},
};

enum { NR_TABLES = sizeof(coverage_tables) / sizeof(*coverage_tables) };

/* How likely a verdict may be chance. */
static const double doubt = 0.01;

enum verdict {
	VERDICT_HOLDS,	   /* the interval of the true rate is within what must be */
	VERDICT_UNDECIDED, /* it is partly */
	VERDICT_WRONG,	   /* it is outside */
	VERDICTS
};

static const char *const verdict_names[VERDICTS] = {"holds", "undecided", "WRONG"};

struct rate {
	int hits, trials;
	double low, high; /* Wilson's interval of the true rate */
};

struct options {
	bool quick;
	const char *only; /* NULL: all */
};

static struct rate rate_of(const struct coverage_case *claim, int trials)
{
	struct rate rate = {.trials = trials};
	double z = gsl_cdf_ugaussian_Qinv(doubt / 2), n = trials, p, middle, width;

	for (int i = 0; i < trials; i++)
		rate.hits += claim->trial(claim, (uint32_t)i);
	p = rate.hits / n;
	middle = p + z * z / (2 * n);
	width = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
	rate.low = fmax(0, (middle - width) / (1 + z * z / n));
	rate.high = fmin(1, (middle + width) / (1 + z * z / n));
	return rate;
}

static enum verdict judge(const struct coverage_case *claim, const struct rate *rate)
{
	if (rate->low > claim->high || rate->high < claim->low)
		return VERDICT_WRONG;
	if (rate->low >= claim->low && rate->high <= claim->high)
		return VERDICT_HOLDS;
	return VERDICT_UNDECIDED;
}

/* A quick run has too few trials to decide; it finds what is far off. */
static bool is_failure(const struct coverage_case *claim, enum verdict verdict, bool quick)
{
	if (claim->is_control)
		return quick ? verdict == VERDICT_HOLDS : verdict != VERDICT_WRONG;
	return quick ? verdict == VERDICT_WRONG : verdict != VERDICT_HOLDS;
}

static void report(const struct coverage_case *claim, const struct rate *rate, enum verdict verdict,
		   bool failure)
{
	printf("  %-46s %6.1f %7.2f  %5.2f..%-6.2f %6.1f..%-5.1f %7d  %s%s%s\n", claim->quantity,
	       100 * claim->nominal, 100.0 * rate->hits / rate->trials, 100 * rate->low,
	       100 * rate->high, 100 * claim->low, 100 * claim->high, rate->trials,
	       verdict_names[verdict], claim->is_control ? ", as it must be" : "",
	       failure ? "  <-- FAILURE" : "");
}

static bool wanted(const struct coverage_case *claim, const struct options *options)
{
	return (options->quick ? claim->quick_trials : claim->trials) > 0 &&
	       (!options->only || strstr(claim->quantity, options->only));
}

/* Returns how many cases failed, and counts in *nr all that were put to the test. */
static int run_table(const struct coverage_table *table, const struct options *options, int *nr)
{
	int failed = 0, before = *nr;

	for (const struct coverage_case *claim = table->cases; claim->quantity; claim++) {
		struct rate rate;
		enum verdict verdict;
		bool failure;

		if (!wanted(claim, options))
			continue;
		if ((*nr)++ == before)
			printf("%s%s (%s, %%)\n  %-46s %6s %7s  %-13s %-13s %7s  %s\n",
			       before ? "\n" : "", table->title, table->rate, "quantity", "says",
			       "is", "99 % interval", " must be in", "trials", "verdict");
		rate = rate_of(claim, options->quick ? claim->quick_trials : claim->trials);
		verdict = judge(claim, &rate);
		failure = is_failure(claim, verdict, options->quick);
		failed += failure;
		report(claim, &rate, verdict, failure);
		fflush(stdout);
	}
	return failed;
}

static bool parse(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--quick"))
			options->quick = true;
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			options->only = argv[++i];
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	int failed = 0, nr = 0;

	if (!parse(argc, argv, &options)) {
		fputs("usage: coverage [--quick] [--only TEXT]\n", stderr);
		return 2;
	}
	for (int i = 0; i < NR_TABLES; i++)
		failed += run_table(&coverage_tables[i], &options, &nr);
	printf("\n%d passed, %d failed\n", nr - failed, failed);
	return failed || !nr;
}
