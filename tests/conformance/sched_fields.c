/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/sched_fields.h"

#include <stddef.h>

QUEUE(load, load)
QUEUE(nr_queued, nr_queued)
QUEUE(h_nr_queued, h_nr_queued)
QUEUE(h_nr_runnable, h_nr_runnable)
QUEUE(load_sum, pelt.avg.load_sum)
QUEUE(runnable_sum, pelt.avg.runnable_sum)
QUEUE(util_sum, pelt.avg.util_sum)
QUEUE(period_contrib, pelt.avg.period_contrib)
QUEUE(load_avg, pelt.avg.load_avg)
QUEUE(runnable_avg, pelt.avg.runnable_avg)
QUEUE(util_avg, pelt.avg.util_avg)
QUEUE(last_update_time, pelt.avg.last_update_time)
QUEUE(util_est, pelt.avg.util_est)
QUEUE(contrib, pelt.contrib)
QUEUE(last_tg_update, pelt.last_tg_update)
QUEUE(propagate, pelt.propagate)
QUEUE(prop_runnable_sum, pelt.prop_runnable_sum)
QUEUE(removed_nr, pelt.removed_nr)
QUEUE(removed_load, pelt.removed_load)
QUEUE(removed_util, pelt.removed_util)
QUEUE(removed_runnable, pelt.removed_runnable)

const struct sched_field sched_queue_load_fields[] = {
	{"load", queue_load, false},
	{"nr_queued", queue_nr_queued, false},
	{"h_nr_queued", queue_h_nr_queued, false},
	{"h_nr_runnable", queue_h_nr_runnable, false},
	{"load_sum", queue_load_sum, false},
	{"runnable_sum", queue_runnable_sum, false},
	{"util_sum", queue_util_sum, false},
	{"period_contrib", queue_period_contrib, false},
	{"load_avg", queue_load_avg, false},
	{"runnable_avg", queue_runnable_avg, false},
	{"util_avg", queue_util_avg, false},
	{"last_update_time", queue_last_update_time, false},
	{"util_est", queue_util_est, false},
	{"contrib", queue_contrib, false},
	{"last_tg_update", queue_last_tg_update, false},
	{"propagate", queue_propagate, false},
	{"prop_runnable_sum", queue_prop_runnable_sum, false},
	{"removed_nr", queue_removed_nr, false},
	{"removed_load", queue_removed_load, false},
	{"removed_util", queue_removed_util, false},
	{"removed_runnable", queue_removed_runnable, false},
	{NULL, NULL, false},
};

ENTITY(weight, weight)
ENTITY(on_rq, on_rq)
ENTITY(delayed, delayed)
ENTITY(runnable_weight, runnable_weight)
ENTITY(load_sum, avg.load_sum)
ENTITY(runnable_sum, avg.runnable_sum)
ENTITY(util_sum, avg.util_sum)
ENTITY(period_contrib, avg.period_contrib)
ENTITY(load_avg, avg.load_avg)
ENTITY(runnable_avg, avg.runnable_avg)
ENTITY(util_avg, avg.util_avg)
ENTITY(last_update_time, avg.last_update_time)
ENTITY(util_est, avg.util_est)

const struct sched_field sched_entity_load_fields[] = {
	{"weight", entity_weight, false},     {"on_rq", entity_on_rq, false},
	{"delayed", entity_delayed, false},   {"runnable_weight", entity_runnable_weight, false},
	{"load_sum", entity_load_sum, false}, {"runnable_sum", entity_runnable_sum, false},
	{"util_sum", entity_util_sum, false}, {"period_contrib", entity_period_contrib, false},
	{"load_avg", entity_load_avg, false}, {"runnable_avg", entity_runnable_avg, false},
	{"util_avg", entity_util_avg, false}, {"last_update_time", entity_last_update_time, false},
	{"util_est", entity_util_est, false}, {NULL, NULL, false},
};

GETTER(group_load_avg, struct eevdf_group, o->load_avg)

const struct sched_field sched_group_load_fields[] = {
	{"load_avg", group_load_avg, false},
	{NULL, NULL, false},
};

GETTER(rq_curr, struct eevdf_rq, (uintptr_t)o->curr)

const struct sched_field sched_curr_fields[] = {
	{"curr", rq_curr, true},
	{NULL, NULL, false},
};
