/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts a run queue into a given state, so that a test can start from a worked example. */
#ifndef TESTS_UNIT_EEVDF_STATE_H
#define TESTS_UNIT_EEVDF_STATE_H

#include "models/sched/eevdf.h"

/* Give queue a reference point. Before anything is put into it. */
void eevdf_state_zero(struct eevdf_queue *queue, int64_t zero_vruntime);
/* Queue entity (a bound task, or a group entity whose queue is filled), waiting in the tree. */
void eevdf_state_wait(struct eevdf_entity *entity, int64_t vruntime, int64_t deadline);
/* Queue entity as the running one of its queue; a task becomes the one on the CPU. */
void eevdf_state_run(struct eevdf_entity *entity, int64_t vruntime, int64_t deadline,
		     int64_t vprot);

#endif
