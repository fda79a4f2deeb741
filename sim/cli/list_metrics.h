/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `oversub list metrics` shows. */
#ifndef SIM_CLI_LIST_METRICS_H
#define SIM_CLI_LIST_METRICS_H

#include <stdio.h>

#include "sim/scenario/policy_registry.h"

void list_metrics(FILE *out, const struct policy_registry *policies);

#endif
