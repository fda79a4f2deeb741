/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_REPORT_SUMMARY_YIELD_H
#define SIM_REPORT_SUMMARY_YIELD_H

#include <stdio.h>

#include "sim/run/aggregate.h"
#include "sim/scenario/scenario.h"

/* What the pause-loop exits and directed yields of all VMs came to; nothing if there were none. */
void summary_write_yields(FILE *stream, const struct scenario *scenario,
			  const struct aggregate *aggregate);

#endif
