/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Did the measured window begin before its classes had reached their level? Then its first half
 * differs from its second in more than chance does, which is what differs between replications.
 */
#ifndef SIM_RUN_DRIFT_H
#define SIM_RUN_DRIFT_H

#include <stddef.h>

#include <oversub/error.h>

#include "sim/run/aggregate.h"

struct drift {
	size_t point;	   /* which of the aggregates */
	const char *scope; /* "vm.calc"; belongs to the aggregate */
	const char *what;  /* "requests/s"; static */
	double mean;	   /* second half less first, over the mean of both */
	double p;	   /* that there is none, corrected for all that were looked at */
};

/*
 * Look at requests/s and CPU time of every class of nr aggregates, which are told together: *found
 * becomes the number of those that drift (p < 0.05 by Holm, and by more than half a percent, below
 * which nobody minds), and *worst the one among them that drifts most. OVERSUB_FAILED without
 * memory.
 */
enum oversub_status drift_find(const struct aggregate *aggregates, size_t nr, size_t *found,
			       struct drift *worst, struct oversub_error *error);

#endif
