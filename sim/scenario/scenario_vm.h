/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VMs out of JSON: "vm_defaults" and "vms". */
#ifndef SIM_SCENARIO_SCENARIO_VM_H
#define SIM_SCENARIO_SCENARIO_VM_H

#include <cjson/cJSON.h>

#include "sim/scenario/param_json.h"
#include "sim/scenario/scenario.h"

/*
 * Fill scenario->vms from the document. scenario->host and scenario->workloads are complete. What a
 * failure leaves is scenario_free()'s.
 */
enum oversub_status scenario_read_vms(struct json_reader *reader, const cJSON *document,
				      struct scenario *scenario);

#endif
