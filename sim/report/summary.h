/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal shows of a result: who got what, what it waited for, and what yields did. */
#ifndef SIM_REPORT_SUMMARY_H
#define SIM_REPORT_SUMMARY_H

#include <stdio.h>

#include "sim/run/aggregate.h"
#include "sim/scenario/scenario.h"

/* What was simulated, some lines: host and VMs, locks, policies and replications. */
void summary_write_head(FILE *stream, const struct scenario *scenario, size_t nr_replications);

/* The whole summary but the last line. Metrics that aggregate lacks are shown as "-". */
void summary_write(FILE *stream, const struct scenario *scenario,
		   const struct aggregate *aggregate);

/*
 * The last line: speed, and where the results are; directory may be NULL. wall_s is the time that
 * the user waited.
 */
void summary_write_tail(FILE *stream, const struct aggregate *aggregate, double wall_s,
			const char *directory);

#endif
