/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal shows of a sweep: a row for each point and VM class. */
#ifndef SIM_REPORT_SUMMARY_SWEEP_H
#define SIM_REPORT_SUMMARY_SWEEP_H

#include <stdio.h>

#include "sim/run/aggregate.h"
#include "sim/run/sweep.h"

/* aggregates has one for each point of grid. */
void summary_write_sweep(FILE *stream, const struct sweep_grid *grid,
			 const struct aggregate *aggregates);

#endif
