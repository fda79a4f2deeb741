/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON Schema of a scenario, made from the tables of parameters, ops and policies. */
#ifndef SIM_SCENARIO_SCHEMA_H
#define SIM_SCENARIO_SCHEMA_H

#include <cjson/cJSON.h>

#include "sim/scenario/policy_registry.h"

/* Draft 2020-12; for cJSON_Delete(). NULL without memory. */
cJSON *scenario_schema(const struct policy_registry *policies);

#endif
