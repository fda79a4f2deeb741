/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of the command line that change nothing, which is seldom what was meant. */
#ifndef SIM_CLI_IDLE_SETTINGS_H
#define SIM_CLI_IDLE_SETTINGS_H

#include <stdbool.h>

#include "sim/cli/options.h"
#include "sim/cli/sweep_plan.h"
#include "sim/scenario/scenario.h"

/*
 * Whether with, which has the override, means the same as without, which lacks it, although the
 * document says something else now. Asked of VMs and workloads only: for a policy or a host it is
 * common to say what would be so anyway.
 */
bool override_is_idle(const struct scenario_override *override, const struct scenario *with,
		      const struct scenario *without);

/* Note each --set without which scenario, which was loaded by name, would mean the same. */
void note_idle_overrides(const char *name, const struct cli_options *options,
			 const struct scenario *scenario);

/* Note each axis all of whose values mean the same, whatever the others are. */
void note_idle_axes(const struct sweep_plan *plan);

#endif
