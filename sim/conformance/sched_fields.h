/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of the model's objects under the names of the format sched-conformance. */
#ifndef SIM_CONFORMANCE_SCHED_FIELDS_H
#define SIM_CONFORMANCE_SCHED_FIELDS_H

#include "sim/conformance/sched_expect.h"

extern const struct sched_field sched_queue_load_fields[];  /* of a struct eevdf_queue */
extern const struct sched_field sched_entity_load_fields[]; /* of a struct eevdf_entity */
extern const struct sched_field sched_group_load_fields[];  /* of a struct eevdf_group */
extern const struct sched_field sched_curr_fields[];	    /* of a struct eevdf_rq */

#endif
