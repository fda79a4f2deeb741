/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Regret: what a policy loses because it does not know the truth, in throughput and in time spent
 * waiting, against a run in which the candidate policy was an oracle.
 */
#ifndef SIM_RUN_REGRET_H
#define SIM_RUN_REGRET_H

#include <stdbool.h>

#include "sim/run/compare.h"

/* The candidate policy against which regret is taken. */
#define REGRET_ORACLE "oracle"

/* What is lost in one metric; positive is worse than the oracle. */
struct regret {
	double lost, half_width; /* in the unit of the metric: less throughput, or longer waits */
	struct sim_relative relative; /* the same over the oracle's mean */
};

/*
 * The regret in a metric of a comparison whose base is the oracle. False: the metric is neither
 * throughput nor a wait that yields are meant to shorten.
 */
bool regret_of(const struct compared_metric *metric, struct regret *regret);

#endif
