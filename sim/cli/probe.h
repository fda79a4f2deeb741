/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which metrics a scenario has, found out before anything that takes long is begun for them. */
#ifndef SIM_CLI_PROBE_H
#define SIM_CLI_PROBE_H

#include <oversub/error.h>

#include "sim/scenario/scenario.h"

/*
 * Whether scenario has a metric that pattern, wildcards of "SCOPE:NAME" or "NAME", stands for:
 * names do not depend on what happens, so it is simulated for an instant. OVERSUB_BAD_INPUT: it has
 * none; the message begins with option. scenario is as before when this returns.
 */
enum oversub_status probe_metric(struct scenario *scenario, const char *option, const char *pattern,
				 struct oversub_error *error);
/* Whether pattern stands for the metric. */
bool probe_matches(const char *pattern, const char *scope, const char *name);

#endif
