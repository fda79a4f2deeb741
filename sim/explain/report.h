/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An explanation for people, in up to 100 columns, and for programs. */
#ifndef SIM_EXPLAIN_REPORT_H
#define SIM_EXPLAIN_REPORT_H

#include <stdio.h>

#include "sim/explain/explain.h"
#include "sim/run/result.h"
#include "sim/scenario/scenario.h"

/* What was explained. */
struct explain_subject {
	const char *name;     /* of the scenario */
	const char *origin;   /* "all 312 metrics are as in out/demo": how it was checked */
	uint32_t replication; /* from 0 */
	const struct scenario *scenario;
	const struct replication_result *metrics;
};

/* The heading, conclusions and totals. */
void report_totals(FILE *stream, const struct explain_subject *subject,
		   const struct explain *explain);
/* The longest waits and their courses. */
void report_waits(FILE *stream, const struct explanation *explanation);
/* All of it as JSON. */
void report_json(FILE *stream, const struct explain_subject *subject,
		 const struct explain *explain);

/* Some sentences that follow from the totals; steal: that share of the vCPUs' time. */
void report_conclusion(FILE *stream, const struct explanation *explanation, double steal);
/*
 * Print text, broken between words into lines of up to 100 columns, of which the first has `used`
 * already, and the others begin at column indent.
 */
void report_wrap(FILE *stream, const char *text, int used, int indent);

/* The tasks with the most of one kind of blame, most first, NULL where there are no more. */
enum { REPORT_BLAMED = 3 };
void report_blamed(const struct mirror *mirror, bool in_the_way,
		   const struct explain_task *blamed[REPORT_BLAMED]);

/* What a cause is called in JSON. */
extern const char *const wait_cause_names[WAIT_CAUSES];
extern const char *const culprit_names[CULPRITS];

#endif
