/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a reader must know before believing the tables of a summary: lines that begin with "!". */
#ifndef SIM_REPORT_SUMMARY_NOTES_H
#define SIM_REPORT_SUMMARY_NOTES_H

#include <stddef.h>
#include <stdio.h>

#include "sim/run/aggregate.h"
#include "sim/scenario/scenario.h"

/*
 * If classes of the nr aggregates, which are shown together, had not reached their level when
 * measuring began: the worst of them. Aggregates are called points if there are several.
 */
void summary_write_drift(FILE *stream, const struct aggregate *aggregates, size_t nr);

/*
 * How much of the variance of requests/s of each class over replications stacking and work per
 * request explain, where it is half or more: what their intervals are made of.
 */
void summary_write_explained(FILE *stream, const struct scenario *scenario,
			     const struct aggregate *aggregate);

/*
 * If more vCPUs than CPUs stayed where they were for all of the measured window, in some or all
 * replications: how many, and what follows.
 */
void summary_write_placement(FILE *stream, const struct scenario *scenario,
			     const struct aggregate *aggregate);

/*
 * A warning for each source and event whose arrivals outran service; nothing if there is none. Of
 * such a class, latencies of requests are lower bounds, and shown as ">=".
 */
void summary_write_overload(FILE *stream, const struct aggregate *aggregate);

#endif
