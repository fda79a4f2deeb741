/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/sched_fields.h"

const struct sched_field sched_queue_load_fields[] = {
	QUEUE_FIELD("load", load),
	QUEUE_FIELD("nr_queued", nr_queued),
	QUEUE_FIELD("h_nr_queued", h_nr_queued),
	QUEUE_FIELD("h_nr_runnable", h_nr_runnable),
	QUEUE_FIELD("load_sum", pelt.avg.load_sum),
	QUEUE_FIELD("runnable_sum", pelt.avg.runnable_sum),
	QUEUE_FIELD("util_sum", pelt.avg.util_sum),
	QUEUE_FIELD("period_contrib", pelt.avg.period_contrib),
	QUEUE_FIELD("load_avg", pelt.avg.load_avg),
	QUEUE_FIELD("runnable_avg", pelt.avg.runnable_avg),
	QUEUE_FIELD("util_avg", pelt.avg.util_avg),
	QUEUE_FIELD("last_update_time", pelt.avg.last_update_time),
	QUEUE_FIELD("util_est", pelt.avg.util_est),
	QUEUE_FIELD("contrib", pelt.contrib),
	QUEUE_FIELD("last_tg_update", pelt.last_tg_update),
	QUEUE_FIELD("propagate", pelt.propagate),
	QUEUE_FIELD("prop_runnable_sum", pelt.prop_runnable_sum),
	QUEUE_FIELD("removed_nr", pelt.removed_nr),
	QUEUE_FIELD("removed_load", pelt.removed_load),
	QUEUE_FIELD("removed_util", pelt.removed_util),
	QUEUE_FIELD("removed_runnable", pelt.removed_runnable),
	{.name = NULL},
};

const struct sched_field sched_entity_load_fields[] = {
	ENTITY_FIELD("weight", weight),
	ENTITY_FIELD("on_rq", on_rq),
	ENTITY_FIELD("delayed", delayed),
	ENTITY_FIELD("runnable_weight", runnable_weight),
	ENTITY_FIELD("load_sum", avg.load_sum),
	ENTITY_FIELD("runnable_sum", avg.runnable_sum),
	ENTITY_FIELD("util_sum", avg.util_sum),
	ENTITY_FIELD("period_contrib", avg.period_contrib),
	ENTITY_FIELD("load_avg", avg.load_avg),
	ENTITY_FIELD("runnable_avg", avg.runnable_avg),
	ENTITY_FIELD("util_avg", avg.util_avg),
	ENTITY_FIELD("last_update_time", avg.last_update_time),
	ENTITY_FIELD("util_est", avg.util_est),
	{.name = NULL},
};

const struct sched_field sched_group_load_fields[] = {
	GROUP_FIELD("load_avg", load_avg),
	{.name = NULL},
};

const struct sched_field sched_curr_fields[] = {
	{.name = "curr", .offset = offsetof(struct eevdf_rq, curr), .is_entity = true},
	{.name = NULL},
};
