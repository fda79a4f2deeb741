/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `oversub list` shows, made from the tables of parameters, ops and policies. */
#ifndef SIM_SCENARIO_LIST_H
#define SIM_SCENARIO_LIST_H

#include <stdio.h>

#include "sim/scenario/policy_registry.h"

/* Policies of all axes with what they do, what they need and their parameters. */
void list_policies(FILE *out, const struct policy_registry *policies);
/* Ops with their argument, their parameters, and where they may be used; and distributions. */
void list_ops(FILE *out, const struct policy_registry *policies);
/* Every parameter with its path, type, unit, default, range and help. */
void list_params(FILE *out, const struct policy_registry *policies);
/* Scenarios that a bare name finds, with their titles. */
void list_scenarios(FILE *out, const struct policy_registry *policies);
/* Workloads that a scenario can name, with their parameters. */
void list_workloads(FILE *out, const struct policy_registry *policies);

#endif
