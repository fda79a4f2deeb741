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

/* The tasks with the most of one kind of ns, most first, NULL where there are no more. */
enum { REPORT_MOST = 3 };
void report_most(const struct wait_table *table, bool in_the_way,
		 const struct explain_task *most[REPORT_MOST]);
/* That ns of task: it was in the way, or awaited. */
int64_t report_ns_of(const struct explain_task *task, bool in_the_way);

/* What reports call a cause. */
extern const struct report_cause {
	const char *name;  /* in JSON */
	const char *row;   /* of a table: "in another interrupt handler" */
	const char *step;  /* of who is waited for: "is in another interrupt handler" */
	const char *claim; /* in a sentence: "it was in another handler" */
} report_causes[WAIT_CAUSES];
/* And who has a CPU. */
extern const struct report_occupant {
	const char *name, *row, *claim;
} report_occupants[OCCUPANTS];

#endif
