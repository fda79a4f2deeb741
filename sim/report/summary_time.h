/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the time of VM classes, of host threads and of physical CPUs went: columns that sum to 100
 * %.
 */
#ifndef SIM_REPORT_SUMMARY_TIME_H
#define SIM_REPORT_SUMMARY_TIME_H

#include <stdio.h>

#include "sim/base/wrap.h"
#include "sim/run/aggregate.h"

/* Letters that the columns take in a line; some are shown only where any class has such time. */
int summary_time_width(const struct aggregate *aggregate);
/* Their titles, or those of scope, and cpu/due, to the end of the line. */
void summary_write_time_titles(FILE *stream, const struct aggregate *aggregate);
void summary_write_times(FILE *stream, const struct aggregate *aggregate, const char *scope);

/* "host busy 99.0%  idle 1.0%": the time of the physical CPUs. */
void summary_write_cpus(struct wrap *wrap, const struct aggregate *aggregate);

#endif
