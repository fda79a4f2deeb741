/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the event shell asks a co-scheduling policy; host->cosched is set. */
#ifndef MODELS_HOST_COSCHED_INTERNAL_H
#define MODELS_HOST_COSCHED_INTERNAL_H

#include "models/host/host_internal.h"

void host_cosched_init_cpu(struct pcpu *cpu);

/* Take task, which is runnable, off its run queue with its lag, and queue it on its CPU again. */
void host_cosched_detach(struct host_task *task);
void host_cosched_attach(struct host_task *task);

/* Where task goes instead of proposed. */
struct pcpu *host_cosched_place(struct host_task *task, struct pcpu *proposed);
bool host_cosched_may_move(const struct host_task *task, const struct pcpu *to);
/* In schedule(): take the running task off the queue if it is to stop or to move. */
void host_cosched_remove_current(struct pcpu *cpu);
/*
 * In schedule(): who runs instead of proposed. may_keep: the running task has not blocked. Returns
 * NULL for idle.
 */
struct eevdf_entity *host_cosched_pick(struct pcpu *cpu, struct eevdf_entity *proposed,
				       bool may_keep);
/* schedule() is over. */
void host_cosched_switched(struct pcpu *cpu, struct host_task *prev);
/* task was asleep, and is queued now; whatever runs on by did it. */
void host_cosched_woken(struct host_task *task, struct pcpu *by);
/* PCPU_GRANT_OVER: what somebody was granted on cpu is used up. */
void host_cosched_grant_over(struct pcpu *cpu);
void host_cosched_tick(struct pcpu *cpu);

#endif
