/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The percentile text of HdrHistogram (.hgrm), which latency plotters read: Value, Percentile,
 * TotalCount, 1/(1-Percentile), five steps for each halving of the distance to 100 %.
 */
#ifndef SIM_OUTPUT_HGRM_H
#define SIM_OUTPUT_HGRM_H

#include <stdio.h>

#include "sim/stats/histogram.h"

/* Write it, values in ns. Errors stay in the stream. */
void hgrm_write(FILE *stream, const struct sim_histogram *histogram);
/*
 * "SCOPE.NAME.hgrm" for free(), with '_' for what does not belong into a file's name; NULL
 * without memory.
 */
char *hgrm_file_name(const char *scope, const char *name);

#endif
