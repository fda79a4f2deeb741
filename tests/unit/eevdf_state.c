/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/eevdf_state.h"

#include "models/sched/eevdf_internal.h"

void eevdf_state_zero(struct eevdf_queue *queue, int64_t zero_vruntime)
{
	queue->zero_vruntime = (uint64_t)zero_vruntime;
}

static void count(struct eevdf_entity *entity)
{
	struct eevdf_queue *queue = entity->queue;

	if (!entity->own_queue) {
		queue->rq->nr_running++;
		for (struct eevdf_entity *e = entity; e; e = e->parent) {
			e->queue->h_nr_queued++;
			e->queue->h_nr_runnable++;
		}
	}
	entity->on_rq = true;
	queue->nr_queued++;
	eevdf_queue_set_load(queue, queue->load + entity->weight);
}

static void set(struct eevdf_entity *entity, int64_t vruntime, int64_t deadline)
{
	if (!entity->slice)
		entity->slice = entity->queue->rq->config->base_slice_ns;
	entity->vruntime = (uint64_t)vruntime;
	entity->deadline = (uint64_t)deadline;
	count(entity);
}

void eevdf_state_wait(struct eevdf_entity *entity, int64_t vruntime, int64_t deadline)
{
	set(entity, vruntime, deadline);
	eevdf_queue_insert(entity->queue, entity);
}

void eevdf_state_run(struct eevdf_entity *entity, int64_t vruntime, int64_t deadline, int64_t vprot)
{
	struct eevdf_rq *rq = entity->queue->rq;

	set(entity, vruntime, deadline);
	entity->vprot = (uint64_t)vprot;
	entity->exec_start = rq->clock;
	entity->queue->curr = entity;
	if (!entity->own_queue)
		rq->curr = entity;
}
