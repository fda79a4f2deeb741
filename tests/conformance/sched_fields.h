/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of the model's objects under the names of the format sched-conformance. */
#ifndef TESTS_CONFORMANCE_SCHED_FIELDS_H
#define TESTS_CONFORMANCE_SCHED_FIELDS_H

#include <stddef.h>

#include "models/sched/eevdf.h"
#include "tests/conformance/sched_expect.h"

/* Rows of tables of struct sched_field: a number that is a member, called label in the vectors. */
#define FIELD(type, label, member)                                                                 \
	{                                                                                          \
		.name = label, .offset = offsetof(type, member),                                   \
		.size = sizeof(((type *)NULL)->member),                                            \
		.is_signed =                                                                       \
			(typeof(((type *)NULL)->member))-1 < (typeof(((type *)NULL)->member))1     \
	}
#define QUEUE_FIELD(label, member)  FIELD(struct eevdf_queue, label, member)
#define ENTITY_FIELD(label, member) FIELD(struct eevdf_entity, label, member)
#define GROUP_FIELD(label, member)  FIELD(struct eevdf_group, label, member)

extern const struct sched_field sched_queue_load_fields[];  /* of a struct eevdf_queue */
extern const struct sched_field sched_entity_load_fields[]; /* of a struct eevdf_entity */
extern const struct sched_field sched_group_load_fields[];  /* of a struct eevdf_group */
extern const struct sched_field sched_curr_fields[];	    /* of a struct eevdf_rq */

#endif
