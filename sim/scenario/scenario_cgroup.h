/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of control groups out of JSON: "host.cgroups", and references to its nodes. */
#ifndef SIM_SCENARIO_SCENARIO_CGROUP_H
#define SIM_SCENARIO_SCENARIO_CGROUP_H

#include <cjson/cJSON.h>

#include "sim/scenario/param_json.h"
#include "sim/scenario/scenario.h"

/*
 * Fill scenario->cgroups from the document, parents before their children. What a failure leaves is
 * scenario_free()'s.
 */
enum oversub_status scenario_read_cgroups(struct json_reader *reader, const cJSON *document,
					  struct scenario *scenario);
/* The number of the cgroup of all VMs in libvirt's layout, "machine"; added if need be. */
enum oversub_status cgroup_add_machine_slice(struct json_reader *reader, struct scenario *scenario,
					     int *number);
/* The number of the cgroup that value names by its path; the reader is at value. */
enum oversub_status cgroup_find(struct json_reader *reader, const cJSON *value,
				const struct scenario *scenario, int *number);

#endif
