/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of the model's objects under the names of the format sched-conformance. */
#ifndef TESTS_CONFORMANCE_SCHED_FIELDS_H
#define TESTS_CONFORMANCE_SCHED_FIELDS_H

#include "models/sched/eevdf.h"
#include "tests/conformance/sched_expect.h"

/* Define the getter of one field; for tables of struct sched_field, whose getters are static. */
#define GETTER(name, type, expression)                                                             \
	static int64_t name(const void *object)                                                    \
	{                                                                                          \
		const type *o = object;                                                            \
                                                                                                   \
		return (int64_t)(expression);                                                      \
	}

#define QUEUE(name, expression)	 GETTER(queue_##name, struct eevdf_queue, o->expression)
#define ENTITY(name, expression) GETTER(entity_##name, struct eevdf_entity, o->expression)

extern const struct sched_field sched_queue_load_fields[];  /* of a struct eevdf_queue */
extern const struct sched_field sched_entity_load_fields[]; /* of a struct eevdf_entity */
extern const struct sched_field sched_group_load_fields[];  /* of a struct eevdf_group */
extern const struct sched_field sched_curr_fields[];	    /* of a struct eevdf_rq */

#endif
