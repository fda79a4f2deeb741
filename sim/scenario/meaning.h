/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether two scenarios would be simulated alike, however they are written. */
#ifndef SIM_SCENARIO_MEANING_H
#define SIM_SCENARIO_MEANING_H

#include <stdbool.h>

#include "sim/scenario/scenario.h"

/*
 * True only if a and b yield the same results: the same policies, and the same values of all
 * parameters of hosts, VMs and runs, wherever they came from ("vm_defaults" or "vms"); what nothing
 * uses does not count. Programs that are written differently count as different. Titles and names
 * of files do not count.
 */
bool scenario_means_same(const struct scenario *a, const struct scenario *b);

#endif
